#![deny(dead_code)]

diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Steps    = gd(train: N, steps: N);
    predictor Sgd: test_loss in OneEpoch = all(edges <= 2);
    predictor Gd: test_loss in Steps = all(edges <= 2);
    predictor Used = Gd - Sgd;
    predictor Forgotten: test_loss in OneEpoch = all(edges <= 1);
    predictor Near: test_loss in OneEpoch = resummed all(edges <= 2);
    predictor _Kept: test_loss in OneEpoch = all(edges <= 1);
    network Net = input(2) -> dense(1) -> binary_logistic;
    #[allow(dead_code)]
    predictor Allowed: test_loss in OneEpoch = all(edges <= 1);
}

fn main() {
    let _ = Used;
}
