//! Reads a schedule from the command line, in the language of `diagrams!`, and prints exact coefficients and predictions for it.
//!
//! ```text
//! cargo run --release --example 02_schedule_from_text -- "sgd(train: N, batch: 5, epochs: 2, shuffle: each_epoch)"
//! ```

use diagrams::prelude::*;
use diagrams::runtime::data::normal_quantiles;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schedule = std::env::args().nth(1);
    let schedule = schedule.unwrap_or("sgd(train: N, batch: 5, epochs: 2)".into());
    // An error lists all mistakes, each with its line and column.
    let declaration = diagrams::parse(&format!(
        "spacetime Chosen = {schedule};\npredictor Loss: test_loss in Chosen = all(edges <= 2);"
    ))?;
    let loss = declaration.predictor("Loss").ok_or("it was declared")?;

    println!("coefficients of the test loss's values in {schedule}:");
    let symbols = loss.symbols();
    for (class, coefficient) in loss.coefficients() {
        println!("  {:14}  {}", class.to_string(), coefficient.text(&symbols));
    }

    let population = normal_quantiles::<f64>(50);
    let local = Named::GaussianFit.local(&[0.5], &population)?;
    // The values do not depend on the sizes, so that they are computed once.
    let values = loss.values(&local, &Options::population())?;
    println!("expected test loss of a Gaussian fit at η = 0.05:");
    for train in [10, 20, 40] {
        let sizes: Vec<(&str, u64)> = loss.open().iter().map(|name| (&**name, train)).collect();
        let curve = loss.series(&values, &loss.parameters(&sizes)?)?;
        println!("  {sizes:?}: {:.6}", curve.at(0.05).value);
    }
    Ok(())
}
