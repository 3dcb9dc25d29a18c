//! Writes an optimizer once; predicts what it does, and simulates it.
//!
//! ```text
//! cargo run --release --example 12_own_optimizer
//! ```

use diagrams::calculus::measure::diagrams_for;
use diagrams::calculus::optimizer::{Linear, Number, Program, Sampling, Slot, Training};
use diagrams::prelude::*;
use diagrams::runtime::{landscapes::GaussianFit, optimized};

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

/// Momentum 1/2 that is forgotten after every fourth update.
struct Restarts;

impl Program for Restarts {
    fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
        let (mut theta, mut velocity) = (start.clone(), start.zero());
        for batch in 0..batches {
            velocity.scale(&Number::new(u8::from(batch % 4 > 0).into(), 2.into()));
            velocity.add(&step(&theta, Slot::Batch(batch)));
            theta.add(&velocity);
        }
        theta
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // On symbols the program gives its kernel: r(s) is how much of the step on batch s is in the result.
    let training = Training::from_program(Sampling::epochs(8, 1, 1, false)?, &Restarts)?;
    let (_, r) = training.kernel::<Number>().tables();
    let r: Vec<String> = r.iter().map(Number::to_string).collect();
    println!("r = {}", r.join(" "));
    // The values of the diagrams are those of SGD; the kernel changes their weights.
    let (population, theta) = (Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?, [0.5]);
    let local = PointDerivatives::new(&GaussianFit, &theta, &population)?;
    let values = Vanilla::values(&local, &Options::population())?;
    let diagrams = diagrams_for(Measure::TestLoss, 3);
    let curve = optimized::series(&values, Measure::TestLoss, &diagrams, &training)?;
    // On weights it is what training runs do.
    let (schedule, etas) = (Schedule::new(8, 1, 1, Shuffle::Never)?, [0.005, 0.01, 0.02]);
    let measured = Simulation {
        trials: 100_000,
        ..Simulation::new(&GaussianFit, &theta, &population, schedule, &etas)
    };
    println!("test loss after 8 updates\n    η  predicted  measured");
    for rate in measured.summarize_program(&Restarts)?.rates {
        let (eta, predicted) = (rate.eta, curve.at(rate.eta).value);
        let measured = rate.estimate(Measure::TestLoss).ok_or("it was measured")?;
        println!("{eta:5.3}  {predicted:9.5}  {:.5}", measured.mean);
    }
    Ok(())
}
