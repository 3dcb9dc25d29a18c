//! Compares a re-summed predictor, which holds near a minimum for any number of updates, with a power series in η, which does not.
//!
//! ```text
//! cargo run --release --example 05_resummed_predictor
//! ```

use diagrams::prelude::*;
use diagrams::runtime::data::normal_quantiles;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Series: test_loss in OneEpoch   = all(edges <= 3);
    pub predictor Resummed: test_loss in OneEpoch = resummed all(edges <= 3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The initial weight of this fit of a Gaussian is the minimum of the test loss.
    let population = normal_quantiles::<f64>(100);
    let local = Named::GaussianFit.local(&[0.0], &population)?;
    let series = Series::values(&local, &Options::population())?;
    let resummed = Resummed::values(&local, Modes::All)?;
    let eta = 0.05;
    let start = Series::series(&series, &Series::parameters(1)?)?
        .at(0.0)
        .value;
    println!("how much SGD at η = {eta} raises the test loss, after T updates");
    println!("        T  power series    re-summed   in continuous time");
    for updates in [1, 10, 100, 1_000, 1_000_000] {
        let curve = Series::series(&series, &Series::parameters(updates)?)?;
        let course = Resummed::course(&Resummed::parameters(updates)?)?;
        let exact = resummed.curve(&course).at(eta)?;
        let continuum = resummed.continuum(&course)?.at(eta)?;
        println!(
            "{updates:9}  {:12.3e}  {:11.7}  {:11.7}",
            curve.at(eta).value - start,
            exact.total() - start,
            continuum.total() - start,
        );
    }
    println!("Exact sums take no longer for a million updates than for ten.");
    Ok(())
}
