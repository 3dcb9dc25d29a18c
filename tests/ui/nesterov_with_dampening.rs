diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, epochs: 1, momentum: 9/10, nesterov, dampening: 1/10);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
