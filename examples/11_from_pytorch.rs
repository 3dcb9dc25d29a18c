//! Reads the weights of a network that `PyTorch` has begun to train, and predicts its next updates.
//!
//! ```text
//! cargo run --release --example 11_from_pytorch
//! ```

use diagrams::prelude::*;
use diagrams::runtime::checkpoint;
use diagrams::runtime::data::{Description, Standardize, load_bytes};

diagrams! {
    // torch.nn.Sequential(Linear(4, 8), Softplus(), Linear(8, 3)) with the cross entropy. In the standard parametrization a learning rate means what it means
    // in PyTorch.
    network Penguins = input(4, parametrization: standard) -> dense(8) -> softplus -> dense(3) -> cross_entropy;

    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let state = include_bytes!("data/penguins.safetensors");
    let trained = checkpoint::from_bytes("penguins.safetensors", state, Penguins::network())?;
    let description = Description {
        standardize: Standardize::ByOwnMoments,
        ..Description::classes("species")
    };
    let table = include_bytes!("data/penguins.csv");
    let penguins = load_bytes::<f64>("penguins.csv", table, &description)?;

    let local = Penguins::landscape().local(&trained.theta, &penguins.samples)?;
    let values = Vanilla::values(&local, &Options::population())?;
    let curve = Vanilla::series(&values, &Vanilla::parameters(50)?)?;
    let measured = Simulation {
        trials: 20_000,
        seed: 1,
        ..Simulation::new(
            Penguins::landscape().simulator::<f64>(),
            &trained.theta,
            &penguins.samples,
            Schedule::new(50, 1, 1, Shuffle::Never)?,
            &[0.005, 0.01, 0.02, 0.05],
        )
    };
    println!("loss now: {:.5}", curve.at(0.0).value);
    println!("after 50 more updates\n    η  predicted  measured");
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
