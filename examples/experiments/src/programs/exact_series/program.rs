//! Checks files of power series: computes each measure of each case by diagrams, in exact rationals, and compares with the series in the file.
//!
//! ```text
//! cargo run --release --example exact_series -- [--resummed] FILE...
//! ```
//!
//! With `--resummed` the series are computed from re-summed diagrams, whose propagators are expanded up to the order of the case.
//!
//! A file is a JSON array of cases. A case has a polynomial landscape whose datapoints are equally likely, the batches of a training run (a list of
//! training points for each update, all of one size), and the power series of the measures in η. The program prints a line for each case and measure.
//! Its exit status is 0 if all series are exact, 1 if one differs, 2 if a file cannot be read or a case is refused, and 141 if nobody reads the output to
//! its end, so that not all was checked.

mod case;
mod tensors;
mod training;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use case::{Case, LandscapeDescription, OptimizerDescription, Reference, rational};
use clap::Parser;
use diagram_experiments::progress;
use diagram_experiments::terminal::{complain, is_read};
use diagrams::calculus::ValueClass;
use diagrams::calculus::coefficient::{Coefficient, Parameters};
use diagrams::calculus::diagram::MAX_NODES;
use diagrams::calculus::enumerate::count_diagram_pairs;
use diagrams::calculus::measure::{Expansion, Measure, diagrams_for, expand};
use diagrams::calculus::optimizer::Spread;
use diagrams::calculus::resummed::{Course, expand_resummed, resummed_for};
use diagrams::calculus::spacetime::{Grid, Spacetime};
use diagrams::runtime::derivatives::PointDerivatives;
use diagrams::runtime::exact::Exact;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscapes::Polynomial;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::values::{Options, Values, evaluate};
use num_rational::BigRational;
use training::Run;

/// Compare the power series in files with those of the diagram calculus, in exact rationals.
#[derive(Parser)]
#[command(
    name = "exact_series",
    version,
    after_help = "Exit status: 0 if all series are exact; 1 if one differs; 2 after an error; 141 if the output is not read to its end.\n\nExamples:\n  exact_series --resummed tests/data/series.json"
)]
struct Arguments {
    /// JSON files with arrays of cases.
    #[arg(required = true, value_parser = diagram_experiments::options::path)]
    files: Vec<PathBuf>,
    /// Use re-summed diagrams (Theorem 2) in place of those of Theorem 1. The second moment, which has none, is left out.
    #[arg(long)]
    resummed: bool,
}

/// The measures with their names in the files.
const MEASURES: [(&str, Measure); 5] = [
    ("test_loss", Measure::TestLoss),
    ("train_loss", Measure::TrainLoss),
    ("generalization_gap", Measure::GeneralizationGap),
    ("displacement", Measure::Displacement),
    ("test_loss_second_moment", Measure::SecondMoment),
];

/// The name of the covariance of the final weights, which only cases with an optimizer have.
const COVARIANCE: &str = "weight_covariance";

/// The largest number of diagrams for which exact arithmetic is affordable. Diagrams are counted for the second moment, which has the most.
const MOST_DIAGRAMS: u128 = 100_000;
/// The largest number of training points.
const MOST_POINTS: usize = 10_000;
/// The largest number of updates of a case with an optimizer.
const MOST_UPDATES: usize = 1_000;
/// The largest exponent of a weight in a monomial.
const MOST_EXPONENT: u32 = 100;

/// The exit status if the output is not read to its end, as shells have it of programs that a closed pipe ends.
const UNREAD: u8 = 141;

/// Runs the program with a command line, whose first word is the name of the program.
pub(crate) fn main(arguments: Vec<OsString>) -> ExitCode {
    let arguments = Arguments::parse_from(arguments);
    let mut all_exact = true;
    for file in &arguments.files {
        match check_file(file, arguments.resummed) {
            Ok(Checked::Exact) => {}
            Ok(Checked::Differs) => all_exact = false,
            Ok(Checked::Unread) => return ExitCode::from(UNREAD),
            Err(message) => {
                complain(&format!("error: {}: {message}", file.display()));
                return ExitCode::from(2);
            }
        }
    }
    if all_exact {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What came of a file.
enum Checked {
    Exact,
    Differs,
    /// Nobody reads the output any more.
    Unread,
}

fn check_file(file: &Path, resummed: bool) -> Result<Checked, String> {
    let text = std::fs::read_to_string(file).map_err(|e| e.to_string())?;
    let cases: Vec<Case> = serde_json::from_str(&text).map_err(|e| e.to_string())?;
    if cases.is_empty() {
        return Err("the file has no cases".into());
    }
    let mut all_exact = true;
    let all = progress::spinner("");
    for (at, case) in cases.iter().enumerate() {
        all.set_message(format!("case {} of {}: {}", at + 1, cases.len(), case.name));
        let verdicts =
            check(case, resummed).map_err(|message| format!("case {}: {message}", case.name))?;
        for (measure, verdict) in verdicts {
            all_exact &= verdict.is_none();
            let verdict = verdict.as_deref().unwrap_or("exact");
            let line = format!("{}  {measure}  {verdict}\n", case.name);
            let printed = all.suspend(|| is_read(&line));
            if !printed.map_err(|e| format!("standard output: {e}"))? {
                return Ok(Checked::Unread);
            }
        }
    }
    Ok(if all_exact {
        Checked::Exact
    } else {
        Checked::Differs
    })
}

/// For each measure of the case, the first difference between both series in words; `None` if they are equal.
fn check(case: &Case, resummed: bool) -> Result<Vec<(&'static str, Option<String>)>, String> {
    let known = || MEASURES.iter().map(|(name, _)| *name).chain([COVARIANCE]);
    if let Some(unknown) = case.series.keys().find(|k| known().all(|name| name != *k)) {
        let known: Vec<_> = known().collect();
        return Err(format!(
            "unknown measure {unknown}; known are {}",
            known.join(", ")
        ));
    }
    check_size(case)?;
    let series = match &case.optimizer {
        Some(_) if resummed => {
            return Err("re-summed diagrams are of SGD, and the case has an optimizer".into());
        }
        Some(optimizer) => of_training(case, optimizer)?,
        None => of_grid(case, resummed)?,
    };
    series
        .into_iter()
        .map(|(name, series)| {
            let reference = &case.series[name];
            Ok((name, compare(case, name, &series, reference)?))
        })
        .collect()
}

/// The power series of a measure: for each component the coefficients of η^0, η^1 and so on.
type Components = Vec<Vec<Exact>>;

/// The series of the measures of a case of SGD.
fn of_grid(case: &Case, resummed: bool) -> Result<Vec<(&'static str, Components)>, String> {
    let train = case.train_points.ok_or("missing field `train_points`")?;
    let batches = case.batches.as_ref().ok_or("missing field `batches`")?;
    let grid = Grid::from_columns(train, batches).map_err(|e| e.to_string())?;
    if let Some(batch) = batches.iter().find(|b| b.len() != case.batch_size) {
        return Err(format!(
            "batch_size is {}, but there is a batch of {}",
            case.batch_size,
            batch.len()
        ));
    }
    let spacetime = Spacetime::Grid(grid);
    let expansions: Vec<(&str, Expansion)> = MEASURES
        .iter()
        .filter(|(_, measure)| !resummed || *measure != Measure::SecondMoment)
        .filter(|(name, _)| case.series.contains_key(*name))
        .map(|&(name, measure)| {
            let mut expansion = expand(measure, &spacetime, diagrams_for(measure, case.order))
                .map_err(|e| e.to_string())?;
            if resummed {
                expansion.values = resummed_values(measure, &spacetime, case)?;
            }
            Ok((name, expansion))
        })
        .collect::<Result<_, String>>()?;
    let terms = expansions.into_iter().map(|(name, e)| (name, e.values));
    of_classes(case, terms.collect())
}

/// The series with these classes and coefficients, whose values are computed for all of them together.
fn of_classes(
    case: &Case,
    terms: Vec<(&'static str, Vec<(ValueClass, Coefficient)>)>,
) -> Result<Vec<(&'static str, Components)>, String> {
    let classes: BTreeSet<_> = terms
        .iter()
        .flat_map(|(_, terms)| terms)
        .map(|(class, _)| class.clone())
        .collect();
    let classes: Vec<_> = classes.into_iter().collect();
    let values = read_values(&case.landscape, &classes)?;
    terms
        .into_iter()
        .map(|(name, terms)| {
            let series = values
                .series(&terms, &parameters(case))
                .map_err(|e| e.to_string())?;
            // Where no class is left, nothing says how many components there are.
            let width = if name == "displacement" {
                case.landscape.dimension
            } else {
                1
            };
            let components = (0..width).map(|component| {
                let orders = 0..=case.order;
                let number = |order: usize| {
                    let numbers = series.coefficients.get(order);
                    let number = numbers.and_then(|numbers| numbers.get(component));
                    number.cloned().unwrap_or_else(|| Exact::from(0))
                };
                orders.map(number).collect()
            });
            Ok((name, components.collect()))
        })
        .collect()
}

/// The series of the measures of a case with an optimizer.
fn of_training(
    case: &Case,
    optimizer: &OptimizerDescription,
) -> Result<Vec<(&'static str, Components)>, String> {
    let exact = |series: Vec<Vec<BigRational>>| -> Components {
        let numbers = |list: Vec<BigRational>| list.into_iter().map(Exact::from).collect();
        series.into_iter().map(numbers).collect()
    };
    let mut run = Run::new(case, optimizer)?;
    let mut series = vec![];
    let mut of_diagrams = vec![];
    for &(name, measure) in &MEASURES {
        if !case.series.contains_key(name) {
            continue;
        }
        match run.expand(measure, case.order)? {
            Some(terms) => {
                let terms = terms.into_iter().map(|(class, w)| (class, w.into()));
                of_diagrams.push((name, terms.collect()));
            }
            None => series.push((name, exact(run.series(measure, case.order)?))),
        }
    }
    if !of_diagrams.is_empty() {
        series.extend(of_classes(case, of_diagrams)?);
    }
    if case.series.contains_key(COVARIANCE) {
        let covariance = exact(run.covariance(case.order)?);
        if let Some(spread) = run.spread(case.order)? {
            check_trace(case, &covariance, spread)?;
        }
        series.push((COVARIANCE, covariance));
    }
    Ok(series)
}

/// Checks that the trace of the covariance of the weights is what the library computes by classes of diagrams.
fn check_trace(
    case: &Case,
    covariance: &Components,
    spread: Spread<BigRational>,
) -> Result<(), String> {
    let exact = |terms: Vec<(ValueClass, BigRational)>| {
        let terms = terms.into_iter().map(|(class, w)| (class, w.into()));
        terms.collect::<Vec<_>>()
    };
    let terms = vec![
        ("squared", exact(spread.squared)),
        ("displacement", exact(spread.mean)),
    ];
    let found = of_classes(case, terms)?;
    let [(_, squared), (_, mean)] = &found[..] else {
        return Err("there are two series".into());
    };
    let dimension = case.landscape.dimension;
    for order in 0..=case.order {
        let mut trace = match order {
            0 => Exact::from(0),
            _ => squared[0][order - 1].clone(),
        };
        for component in mean {
            for k in 0..=order {
                trace = trace - component[k].clone() * component[order - k].clone();
            }
        }
        let mut expected = Exact::from(0);
        for i in 0..dimension {
            expected += covariance[i * dimension + i][order].clone();
        }
        if trace != expected {
            return Err(format!(
                "the trace of {COVARIANCE} differs at order {order}: by classes {trace}, by tensors {expected}"
            ));
        }
    }
    Ok(())
}

/// The values with the coefficients that re-summed diagrams give them, up to the order of the case.
fn resummed_values(
    measure: Measure,
    spacetime: &Spacetime,
    case: &Case,
) -> Result<Vec<(ValueClass, Coefficient)>, String> {
    let course = Course::new(spacetime, &parameters(case)).map_err(|e| e.to_string())?;
    let terms = resummed_for(measure, case.order);
    let values = expand_resummed(&terms, &course, case.order);
    Ok(values
        .into_iter()
        .map(|(class, number)| (class, Coefficient::from(number)))
        .collect())
}

/// The sizes of the case. They are not used, because an explicit grid leaves no size open.
fn parameters(case: &Case) -> Parameters {
    Parameters {
        train: case.train_points.unwrap_or(1) as u64,
        batch: case.batch_size as u64,
        epochs: 1,
    }
}

/// Refuses a case whose evaluation is not affordable.
fn check_size(case: &Case) -> Result<(), String> {
    let mut counts = (0..=case.order.min(MAX_NODES)).map(count_diagram_pairs);
    let total = counts.try_fold(0_u128, |sum, count| sum.checked_add(count?));
    if total.is_none_or(|total| total > MOST_DIAGRAMS) {
        return Err(format!(
            "order {} has more than the {MOST_DIAGRAMS} diagrams that are affordable here",
            case.order
        ));
    }
    if let Some(train) = case.train_points.filter(|train| *train > MOST_POINTS) {
        return Err(format!(
            "{train} training points; at most {MOST_POINTS} are affordable here"
        ));
    }
    if let Some(updates) = case.updates.filter(|updates| *updates > MOST_UPDATES) {
        return Err(format!(
            "{updates} updates; at most {MOST_UPDATES} are affordable here"
        ));
    }
    let landscape = &case.landscape;
    let noisy = landscape.noisy_datapoints.iter().flatten();
    let all = landscape.datapoints.iter().chain(noisy);
    let mut exponents = all.chain(&landscape.measured_datapoints).flatten();
    if exponents.any(|monomial| monomial.exponents.iter().any(|&e| e > MOST_EXPONENT)) {
        return Err(format!("an exponent is larger than {MOST_EXPONENT}"));
    }
    if case.series.is_empty() {
        return Err("there are no series to compare with".into());
    }
    Ok(())
}

/// The exact values of the classes on the landscape.
fn read_values(
    description: &LandscapeDescription,
    classes: &[ValueClass],
) -> Result<Values<Exact>, String> {
    let mut monomials: Vec<Vec<u32>> = vec![];
    for (at, datapoint) in description.datapoints.iter().enumerate() {
        for monomial in datapoint {
            if monomial.exponents.len() != description.dimension {
                return Err(format!(
                    "datapoint {at} has a monomial with {} exponents in dimension {}",
                    monomial.exponents.len(),
                    description.dimension
                ));
            }
            if !monomials.contains(&monomial.exponents) {
                monomials.push(monomial.exponents.clone());
            }
        }
    }
    if monomials.is_empty() {
        // The loss is 0 everywhere, but a polynomial needs a monomial.
        monomials.push(vec![0; description.dimension]);
    }
    let mut rows = vec![];
    for datapoint in &description.datapoints {
        let mut row = vec![Exact::from(0); monomials.len()];
        for monomial in datapoint {
            let at = monomials
                .iter()
                .position(|m| *m == monomial.exponents)
                .expect("collected above");
            row[at] = row[at].clone() + rational(&monomial.coefficient)?;
        }
        rows.extend(row);
    }
    let theta = description
        .theta0
        .iter()
        .map(|x| rational(x))
        .collect::<Result<Vec<_>, _>>()?;
    let samples = Samples::new(monomials.len(), rows).map_err(|e| e.to_string())?;
    let landscape = Polynomial::new(description.dimension, monomials).map_err(|e| e.to_string())?;
    let local = PointDerivatives::new(&landscape, &theta, &samples).map_err(|e| e.to_string())?;
    evaluate(&Interpreted::new(classes), &local, &Options::population()).map_err(|e| e.to_string())
}

/// The first difference between the computed series and that of the file in words; `None` if they are equal.
fn compare(
    case: &Case,
    name: &str,
    series: &Components,
    reference: &Reference,
) -> Result<Option<String>, String> {
    let dimension = case.landscape.dimension;
    let (components, width): (Vec<&Vec<String>>, usize) = match reference {
        Reference::Scalar(numbers) => (vec![numbers], 1),
        Reference::Vector(components) => (components.iter().collect(), dimension),
        Reference::Matrix(rows) => (rows.iter().flatten().collect(), dimension * dimension),
    };
    if components.len() != width || series.len() != width {
        return Err(format!(
            "{name} has {} component(s) in the file, {} expected",
            components.len(),
            series.len()
        ));
    }
    for order in 0..=case.order {
        for (component, numbers) in components.iter().enumerate() {
            if numbers.len() != case.order + 1 {
                return Err(format!(
                    "a series of order {} needs {} numbers, not {}",
                    case.order,
                    case.order + 1,
                    numbers.len()
                ));
            }
            let expected = rational(&numbers[order])?;
            let found = &series[component][order];
            if *found != expected {
                let place = if width > 1 {
                    format!(" component {component}")
                } else {
                    String::new()
                };
                return Ok(Some(format!(
                    "differs at order {order}{place}: diagrams {found}, file {expected}"
                )));
            }
        }
    }
    Ok(None)
}
