//! Predicts and measures the displacement of weights by noise, along a valley of minima in which the mean gradient is 0.
//!
//! ```text
//! cargo run --release --example 03_displacement
//! ```

use diagrams::prelude::*;
use diagrams::runtime::data::normal_quantiles;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Moved: displacement in OneEpoch = all(edges <= 4);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Every point of the z axis is a minimum of the test loss of the linear screw.
    let (theta, upward) = ([0.0; 3], [0.0, 0.0, 1.0]);
    let population = normal_quantiles::<f64>(100);
    let local = Named::LinearScrew.local(&theta, &population)?;
    let values = Moved::values(&local, &Options::population())?;

    let train = 12;
    // A displacement is a vector, so that there is a series for each weight.
    let series = Moved::series(&values, &Moved::parameters(train)?)?;
    let along = series.along(&upward);
    for order in 3..=along.order() {
        println!(
            "coefficient of η^{order}: {:.1}",
            along.coefficients[order][0]
        );
    }
    let simulation = Simulation {
        trials: 200_000,
        seed: 1,
        probe: Some(&upward),
        test_points: TestPoints::None,
        ..Simulation::new(
            &Named::LinearScrew,
            &theta,
            &population,
            Schedule::new(train as usize, 1, 1, Shuffle::Never)?,
            &[0.005, 0.01, 0.02],
        )
    };
    println!("displacement along z after {train} updates\n    η  predicted  measured");
    for rate in simulation.summarize()?.rates {
        let measured = rate.estimate(Measure::Displacement).ok_or("a probe")?;
        let predicted = along.at(rate.eta).value;
        let (mean, error) = (measured.mean, measured.standard_error);
        println!(
            "{:5.3}  {predicted:.2e}  {mean:.3e} ± {error:.0e}",
            rate.eta
        );
    }
    Ok(())
}
