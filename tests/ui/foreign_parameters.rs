//! The sizes of one predictor's schedule do not serve another, even if they are as many.

use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Descent = gd(train: 10, steps: T);
    predictor A: test_loss in OneEpoch = all(edges <= 1);
    predictor B: test_loss in Descent = all(edges <= 1);
}

fn mix(values: &Values<f64>) -> Result<Series<f64>, Box<dyn std::error::Error>> {
    Ok(A::series(values, &B::parameters(10)?)?)
}

fn main() {
    let _ = mix;
}
