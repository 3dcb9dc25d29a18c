//! Counts how often the intervals that are printed contain what they are said to contain.
//!
//! ```text
//! cargo run --release --example coverage > docs/coverage.md
//! ```
//!
//! Each interval is computed for many independent draws of its data from a distribution whose truth is known, and the part of the draws is counted in which it contains the truth. The program prints a page in
//! Markdown. Where the part is not between 93% and 97% for intervals of 95%, the page says why.

mod cases;
mod count;
mod readings;
mod runs;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use diagram_experiments::terminal::{complain, print};

use cases::Case;

/// Count how often intervals contain the truth.
#[derive(Parser)]
#[command(
    name = "coverage",
    version,
    after_help = "Exit status: 0, whatever is found; 2 after an error.\n\nExamples:\n  coverage --draws 400 > docs/coverage.md"
)]
struct Arguments {
    /// Number of draws of the data of each interval.
    #[arg(long, value_name = "COUNT", default_value_t = 400, value_parser = clap::value_parser!(u64).range(2..=1_000_000))]
    draws: u64,

    /// Seed of all random draws.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// Runs the program with a command line, whose first word is the name of the program.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    let arguments = Arguments::parse_from(arguments);
    let printed = page(arguments.draws, arguments.seed).and_then(|page| Ok(print(&page)?));
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn page(draws: u64, seed: u64) -> Result<String, Box<dyn std::error::Error>> {
    let cases = Case::all()?;
    let error = 100.0 * (0.95_f64 * 0.05 / draws as f64).sqrt();
    let mut page = format!(
        "# How often intervals contain the truth\n\n\
         Written by `cargo run --release --example coverage -- --draws {draws} --seed {seed}`. Each interval is one of 95% and is computed for {draws} independent draws of its data; the parts below have a standard \
         error of {error:.1} percentage points.\n\n\
         ## Values and predictions from a sample\n\n\
         `Options::sample(blocks)`, and Student's t with as many degrees of freedom as there are blocks but one (`Prediction::interval`). The truth is the reading of the whole population, from which samples are drawn. *Values* is the mean \
         over all values of order 3 and lower, and *worst* the least of them; *change* is the predicted change of the test loss at ηT = 0.5.\n\n"
    );
    page += &readings::table(&cases, draws, seed)?;
    page += "\n## Measured means\n\n\
             `Simulation::summarize` and `summarize_controlled`, Student's t. The truth is the mean of many more trials with control variates. *One* is the interval at ηT = 0.5, and *all* the simultaneous band of `learning_curve` over ten learning rates up to \
             ηT = 1, in which all ten means have to be (Bonferroni: at least 95%). *Gain* is how many times smaller control variates make the standard error at ηT = 0.5.\n\n";
    page += &runs::table(&cases, draws, seed)?;
    page += "\n## Predictions beside measurements\n\n\
             The band by which `learning_curve` judges a prediction that has an error of its own: both errors together, by Welch and Satterthwaite. The prediction is from a sample in 8 blocks, at so small an ηT (0.01) that the series has no error of truncation.\n\n";
    page += &runs::beside_predictions(&cases, draws, seed)?;
    Ok(page)
}
