//! Declares a network, predicts how it learns to tell penguins apart, and compares with training runs.
//!
//! ```text
//! cargo run --release --example 10_own_network
//! ```

use diagrams::prelude::*;
use diagrams::runtime::data::{Description, Standardize, load_bytes};

diagrams! {
    // Four measurements of a penguin, and its species.
    network Penguins = input(4) -> dense(8) -> softplus -> dense(3) -> cross_entropy + l2(1/1000);

    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{}\n", Penguins::layout());
    let description = Description {
        standardize: Standardize::ByOwnMoments,
        ..Description::classes("species")
    };
    let table = include_bytes!("data/penguins.csv");
    let penguins = load_bytes::<f64>("penguins.csv", table, &description)?;
    println!(
        "{} penguins: {}",
        penguins.samples.len(),
        penguins.class_names().join(", ")
    );

    let landscape = Penguins::landscape();
    let theta = initialization(landscape.network().dimension(), 1);
    let local = landscape.local(&theta, &penguins.samples)?;
    let values = Vanilla::values(&local, &Options::population())?;
    let curve = Vanilla::series(&values, &Vanilla::parameters(20)?)?;
    let measured = Simulation {
        trials: 20_000,
        seed: 1,
        ..Simulation::new(
            landscape.simulator::<f64>(),
            &theta,
            &penguins.samples,
            Schedule::new(20, 1, 1, Shuffle::Never)?,
            &[0.002, 0.005, 0.01, 0.02],
        )
    };
    println!("test loss after 20 updates\n    η  predicted  measured");
    for rate in measured.run()?.rates {
        let (eta, predicted) = (rate.eta, curve.at(rate.eta).value);
        let measured = rate.estimate(Measure::TestLoss).ok_or("it was measured")?;
        println!(
            "{eta:5.3}  {predicted:9.5}  {:.5} ± {:.5}",
            measured.mean, measured.standard_error
        );
    }
    Ok(())
}
