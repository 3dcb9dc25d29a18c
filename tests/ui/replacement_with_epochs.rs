diagrams::diagrams! {
    spacetime S = sgd(train: N, batch: 1, epochs: E, steps: T, sampling: with_replacement, shuffle: each_epoch);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
