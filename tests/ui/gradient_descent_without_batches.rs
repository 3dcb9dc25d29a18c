diagrams::diagrams! {
    spacetime S = gd(train: N, steps: T, sampling: with_replacement);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
