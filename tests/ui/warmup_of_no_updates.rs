diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, epochs: 1, schedule: warmup(0));
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
