diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, epochs: 1);
    spacetime M = sgd(train: N, batch: 1, epochs: 1, momentum: 9/10);
    pub predictor P: test_loss in S = all(edges <= 2);
    pub predictor Q: test_loss in M = all(edges <= 2);
    pub predictor D = P - Q;
}

fn main() {}
