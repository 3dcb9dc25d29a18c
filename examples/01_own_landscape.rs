//! Defines a landscape by its loss function, predicts its learning curve, and compares it with training runs.
//!
//! ```text
//! cargo run --release --example 01_own_landscape
//! ```

use diagrams::prelude::*;

/// Fits the growth curve a (1 - exp(-b t)) to pairs (t, y) by least squares. The weights are (a, b).
struct Growth;

impl Landscape for Growth {
    fn dimension(&self) -> usize {
        2
    }
    fn input_width(&self) -> usize {
        2
    }
    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let missing = (-theta[1].clone()).scale(&x[0]).exp();
        let grown = theta[0].clone() * (-missing).plus(1.0);
        grown.minus_base(&x[1]).square().times(0.5)
    }
}

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let points = (0..16).map(|i| (0.25 * f64::from(i), f64::from(i % 3) - 1.0));
    let pairs = points.flat_map(|(t, noise)| [t, 1.0 - (-t).exp() + 0.3 * noise]);
    let (population, theta) = (Samples::new(2, pairs.collect())?, [0.6, 1.6]);
    let local = PointDerivatives::new(&Growth, &theta, &population)?;
    let values = Vanilla::values(&local, &Options::population())?;
    let curve = Vanilla::series(&values, &Vanilla::parameters(10)?)?;
    let measured = Simulation {
        trials: 20_000,
        seed: 1,
        ..Simulation::new(
            &Growth,
            &theta,
            &population,
            Schedule::new(10, 1, 1, Shuffle::Never)?,
            &[0.01, 0.02, 0.05, 0.1],
        )
    };
    println!("test loss after 10 updates\n   η  predicted  measured");
    for rate in measured.run()?.rates {
        let (eta, predicted) = (rate.eta, curve.at(rate.eta).value);
        let measured = rate.estimate(Measure::TestLoss).ok_or("it was measured")?;
        println!("{eta:4.2}  {predicted:9.5}  {:.5}", measured.mean);
    }
    Ok(())
}
