//! Compares STIC, the stabilized form of Takeuchi's information criterion (TIC), with the measured generalization gap after several times ηT. Unlike
//! TIC, STIC depends on the time and stays finite where the Hessian vanishes (section 5.5 of the paper).
//!
//! ```text
//! cargo run --release --example 06_stic
//! ```

use diagrams::prelude::*;
use diagrams::runtime::criteria::{CovarianceOf, Curvature};
use diagrams::runtime::data::normal_quantiles;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The initial weight is the minimum. There the Hessian and the variance of the gradients are 1.
    let population = normal_quantiles::<f64>(100);
    let local = Named::MeanEstimation.local(&[0.0], &population)?;
    let curvature = Curvature::new(&*local, CovarianceOf::Population)?;
    let train = 10;
    println!("TIC {:.4}, whatever the time", curvature.tic(train)?);
    println!("  ηT    STIC  measured gap");
    for steps in [5, 20, 50, 200] {
        let eta = 0.02;
        let simulation = Simulation {
            trials: 20_000,
            seed: 1,
            train_loss: true,
            ..Simulation::new(
                &Named::MeanEstimation,
                &[0.0],
                &population,
                Schedule::gradient_descent(train, steps)?,
                &[eta],
            )
        };
        let measured = simulation.summarize()?.rates[0].estimate(Measure::GeneralizationGap);
        let gap = measured.ok_or("both losses were measured")?;
        let time = eta * steps as f64;
        let stic = curvature.stic(train, time)?;
        println!(
            "{time:4.1}  {stic:.4}  {:.4} ± {:.4}",
            gap.mean, gap.standard_error
        );
    }
    Ok(())
}
