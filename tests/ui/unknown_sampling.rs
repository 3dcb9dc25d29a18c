diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, steps: T, sampling: replacement);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
