//! Random and broken declarations. The front end neither panics nor hangs on any text, every mistake has a place in the text, and accepted declarations
//! have the coefficients that an independent computation gives.
//!
//! `DIAGRAMS_FUZZ_CASES` sets the number of cases of each test.

mod bombs;
mod generated;
mod mutations;
mod networks;
mod soups;
mod wrong_networks;

use std::time::{Duration, Instant};

use diagram_language::{Mistakes, Model, parse_network, parse_text};
use diagram_networks::Network;
use proptest::test_runner::Config;

/// The time after which an answer counts as a hang. It is long enough for a busy machine and unoptimised code, and does not measure speed.
const PATIENCE: Duration = Duration::from_secs(20);

fn config(default: u32) -> Config {
    let cases = std::env::var("DIAGRAMS_FUZZ_CASES").ok();
    Config {
        cases: cases.map_or(default, |cases| cases.parse().expect("a number of cases")),
        failure_persistence: None,
        ..Config::default()
    }
}

/// Reads a declaration, and asserts that the answer comes in time and that mistakes have places in the text.
fn read(text: &str) -> Result<Model, Mistakes> {
    read_by(parse_text, text)
}

/// Reads the text of a network in the same way.
fn read_network(text: &str) -> Result<Network, Mistakes> {
    read_by(parse_network, text)
}

fn read_by<T>(parse: impl Fn(&str) -> Result<T, Mistakes>, text: &str) -> Result<T, Mistakes> {
    let start = Instant::now();
    let answer = parse(text);
    assert!(start.elapsed() < PATIENCE, "too slow:\n{text}");
    if let Err(mistakes) = &answer {
        assert!(!mistakes.0.is_empty());
        assert!(
            !mistakes.0[0].help.is_empty(),
            "no help: {mistakes}\nin:\n{text}"
        );
        let lines: Vec<&str> = text.split('\n').collect();
        for mistake in &mistakes.0 {
            let line = lines.get(mistake.line - 1);
            let line = line.unwrap_or_else(|| panic!("no such line: {mistake}\nin:\n{text}"));
            let columns = line.chars().count() + 1;
            assert!(
                (1..=columns).contains(&mistake.column),
                "no such column: {mistake}\nin:\n{text}"
            );
            assert!(!mistake.message.is_empty());
        }
    }
    answer
}
