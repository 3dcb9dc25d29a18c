use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 1);
    pub predictor Near: test_loss in OneEpoch = resummed all(edges <= 2);
    pub network Small = input(2) -> dense(1) -> binary_logistic;
}

// One error for each name.
diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 1);
    pub predictor Near: test_loss in OneEpoch = resummed all(edges <= 2);
    pub network Small = input(2) -> dense(1) -> binary_logistic;
}

fn main() {
    let _ = (Vanilla::parameters(10), Near::NAME, Small::network());
}
