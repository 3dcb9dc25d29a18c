diagrams::diagrams! {
    pub spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    /// A comment.
    diagram documented = root(a);
    pub(crate) set chosen = { documented };
    pub predictor Fine: test_loss in OneEpoch = chosen;
}

fn main() {}
