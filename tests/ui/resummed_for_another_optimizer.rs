diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, epochs: 1, momentum: 9/10);
    pub predictor P: test_loss in S = resummed all(edges <= 2);
}

fn main() {}
