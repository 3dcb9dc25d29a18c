diagrams::diagrams! {
    spacetime M = sgd(batch: 1, steps: T, sampling: fresh);
    pub predictor P: generalization_gap in M = all(edges <= 2);
}

fn main() {}
