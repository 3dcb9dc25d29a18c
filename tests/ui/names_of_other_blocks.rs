use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram chain = root(b(a));
    set chains = { chain };
    pub predictor Vanilla: test_loss in OneEpoch = chains;
}

// A block does not know what another one declares.
diagrams! {
    pub predictor Again: test_loss in OneEpoch = { chain };
    pub predictor Chains: test_loss in OneEpoch = chains;
    pub predictor Holds: test_loss in OneEpoch = all(edges <= 1) where contains(chain);
    pub predictor Twice = 2 * Vanilla;
}

fn main() {}
