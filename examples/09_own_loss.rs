//! Writes a loss of its own as an expression, prints it, and compares the predicted learning curve with training runs.
//!
//! ```text
//! cargo run --release --example 09_own_loss
//! ```

use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The weights are the height, the rate and the delay of a curve of growth, and a datapoint is a time and a size. Errors count by their logarithmic
    // hyperbolic cosine, which large ones pull less than squares. The loss is recorded once: its derivatives and kernels are those of the library.
    let graph = Graph::of(3, 2, |theta, x| {
        let [height, rate, delay] = [theta[0], theta[1], theta[2]];
        let error = height * (rate * (x[0] - delay)).sigmoid() - x[1];
        // ln cosh e, without an overflow.
        error + (-2.0 * error).softplus() - f64::ln(2.0)
    })?;
    println!(
        "The loss in {} operations:\n{graph}",
        graph.operations().len()
    );

    let points = (0..16).map(|i| (0.5 * f64::from(i), f64::from(i % 3) - 1.0));
    let pairs = points.flat_map(|(t, noise)| [t, 2.0 / (1.0 + (4.0 - t).exp()) + 0.3 * noise]);
    let (population, theta) = (Samples::new(2, pairs.collect())?, [1.5, 0.8, 3.0]);
    let local = graph.local(&theta, &population)?;
    let values = Vanilla::values(&local, &Options::population())?;
    let curve = Vanilla::series(&values, &Vanilla::parameters(10)?)?;
    let measured = Simulation {
        trials: 20_000,
        seed: 1,
        ..Simulation::new(
            graph.simulator::<f64>(),
            &theta,
            &population,
            Schedule::new(10, 1, 1, Shuffle::Never)?,
            &[0.02, 0.05, 0.1, 0.2],
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
