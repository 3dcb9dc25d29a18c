//! Uses learning rates η M with a matrix M: every edge of a diagram contracts its two indices with M.
//!
//! ```text
//! cargo run --release --example 04_matrix_learning_rate
//! ```

use diagrams::prelude::*;
use diagrams::runtime::data::normal_quantiles;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let theta = [1.0, 0.5, 0.2];
    let population = normal_quantiles::<f64>(100);
    let local = Named::LinearScrew.local(&theta, &population)?;
    let rates = [
        ("the identity", LearningRate::scalar()),
        ("diagonal", LearningRate::diagonal(vec![2.0, 1.0, 0.5])?),
        (
            "full",
            LearningRate::matrix(&[
                vec![1.0, 0.8, 0.0],
                vec![0.8, 1.0, 0.0],
                vec![0.0, 0.0, 1.0],
            ])?,
        ),
    ];
    println!("test loss at η = 0.01 after 10 updates by η M\n  M             predicted  measured");
    for (name, rate) in rates {
        // Both the derivatives and the simulation are given M. The series is a power series in the number η.
        let preconditioned = rate.on(&*local)?;
        let values = Vanilla::values(&preconditioned, &Options::population())?;
        let curve = Vanilla::series(&values, &Vanilla::parameters(10)?)?;
        let landscape = rate.descent_on(&Named::LinearScrew)?;
        let simulation = Simulation {
            trials: 20_000,
            seed: 1,
            ..Simulation::new(
                &landscape,
                &theta,
                &population,
                Schedule::new(10, 1, 1, Shuffle::Never)?,
                &[0.01],
            )
        };
        let measured = simulation.summarize()?.rates[0].estimate(Measure::TestLoss);
        let measured = measured.ok_or("the test loss was measured")?;
        let (predicted, mean) = (curve.at(0.01).value, measured.mean);
        let error = measured.standard_error;
        println!("  {name:12}  {predicted:.5}    {mean:.5} ± {error:.5}");
    }
    Ok(())
}
