//! Simulates thousands of training runs, one in each SIMD lane, and prints averages of their losses.
//!
//! ```text
//! cargo run --release --example 07_simulation
//! ```

use diagrams::prelude::*;
use diagrams::runtime::data::embedded_fashion;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Logistic regression on images of clothes, in single precision, which has twice as many SIMD lanes as double precision.
    let population = embedded_fashion::<f32>().first(64);
    let weights = initialization(Named::FashionLogistic.dimension(), 1);
    let theta0: Vec<f32> = weights.iter().map(|weight| *weight as f32).collect();
    let simulation = Simulation {
        trials: 2_000,
        seed: 1,
        test_points: TestPoints::Subset(16),
        train_loss: true,
        ..Simulation::new(
            &Named::FashionLogistic,
            &theta0,
            &population,
            Schedule::new(20, 5, 2, Shuffle::EachEpoch)?,
            &[0.001, 0.01, 0.1],
        )
    };
    println!("20 training points in batches of 5, two epochs, 2,000 training sets");
    println!("    η  test loss           generalization gap");
    // `summarize` takes memory that does not grow with the number of trials. Every learning rate trains on the same training sets.
    for rate in simulation.summarize()?.rates {
        let measured = |measure| rate.estimate(measure).ok_or("both losses were measured");
        let test = measured(Measure::TestLoss)?;
        let gap = measured(Measure::GeneralizationGap)?;
        println!(
            "{:5.3}  {:7.4} ± {:.4}  {:7.4} ± {:.4}",
            rate.eta, test.mean, test.standard_error, gap.mean, gap.standard_error
        );
    }
    Ok(())
}
