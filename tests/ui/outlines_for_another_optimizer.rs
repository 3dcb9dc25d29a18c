diagrams::diagrams! {
    spacetime M = sgd(train: N, batch: 1, epochs: 1, momentum: 9/10);
    diagram entropic = root(c(a, b)) where a ~~ b;
    pub predictor P: test_loss in M = { entropic };
}

fn main() {}
