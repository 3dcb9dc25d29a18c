diagrams::diagrams! {
    spacetime S = gd(train: N, steps: T, momentum: 1/2, dampening: 3/2);
    pub predictor P: test_loss in S = all(edges <= 2);
}

fn main() {}
