//! Values of diagrams on images, as numbers that any other program can read.
//!
//! ```text
//! cargo run --release --example values -- --landscape fashion-lenet --data DIR --images 256 --theta FILE --order 3 --format json
//! ```
//!
//! The values are those that the test loss and the generalization gap need up to the order: 1, 2, 4, 18 and 80 of them at orders 0 to 4.
//! They carry no learning rate. Arithmetic is in double precision. With the table, standard error says how long they took and how long the cost
//! model thought that they would; `--plan` prints the steps with their shares of that instead of computing anything. Standard output is a table, or a JSON array of
//! `{"diagram": …, "value": …, "standard_error": …}` in which every number reads back to the same bits. Exit status: 0, or 2 with a
//! message on standard error and nothing on standard output.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use diagrams::calculus::ValueClass;
use diagrams::calculus::enumerate::count_diagrams;
use diagrams::calculus::measure::{Measure, diagrams_for, expand};
use diagrams::calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagrams::runtime::data::{Dataset, Split, embedded_fashion, load};
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::program::Program;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::values::{
    Averages, Method, Options, Prediction, Reading, Strategy, ValueError, Values,
};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

/// Orders with more diagrams than this in all are refused.
const MOST_DIAGRAMS: u128 = 1000;

/// Print the values of all diagrams that test loss and generalization gap need.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Loss landscape, one of fashion-logistic, fashion-lenet, cifar-logistic, cifar-lenet, gaussian-fit.
    #[arg(long, value_name = "NAME", default_value_t = Named::FashionLeNet)]
    landscape: Named,

    /// Folder with the official files of Fashion-MNIST (IDX) or CIFAR-10 (binary); without it a sample of Fashion-MNIST inside the library.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// Datapoints: the first so many training images.
    #[arg(long, value_name = "K", default_value_t = 256)]
    images: usize,

    /// File of weights, 64-bit floats in little-endian order; without it standard normals (0 for gaussian-fit).
    #[arg(long, value_name = "FILE")]
    theta: Option<PathBuf>,

    /// What standard normal weights (and the data of gaussian-fit) follow from, and the draws if --budget asks for them.
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Highest number of edges of a diagram.
    #[arg(long, value_name = "d", default_value_t = 3)]
    order: usize,

    /// What the datapoints stand for.
    #[arg(long, value_enum, default_value_t = ReadingName::Population)]
    reading: ReadingName,

    /// Blocks of a sample reading, at least 2: standard errors come from their spread. The datapoints must be in random order.
    #[arg(long, value_name = "COUNT", default_value_t = 16)]
    blocks: usize,

    /// Work allowed, in evaluations of one datapoint's loss; costly values are then estimated with a standard error.
    #[arg(long, value_name = "EVALUATIONS")]
    budget: Option<f64>,

    /// Time allowed, in seconds: measured unit costs turn it into a budget, which standard error names, so that --budget can repeat the run.
    #[arg(long, value_name = "SECONDS", conflicts_with = "budget")]
    seconds: Option<f64>,

    /// How derivatives are contracted; without it, by the one of less work. Results differ by rounding.
    #[arg(long, value_enum)]
    method: Option<MethodName>,

    /// Print the plan's steps with the time that the cost model gives each, and compute nothing.
    #[arg(long)]
    plan: bool,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,

    /// Threads; 0 for one on each core. Results do not depend on them.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    threads: usize,
}

/// What the datapoints stand for.
#[derive(Clone, Copy, ValueEnum)]
enum ReadingName {
    /// The datapoints are the distribution: exact averages over all tuples of them.
    Population,
    /// The datapoints are draws from the distribution: unbiased averages over distinct tuples, with standard errors.
    Sample,
}

/// How derivatives are contracted.
#[derive(Clone, Copy, ValueEnum)]
enum MethodName {
    /// By forward and reverse runs along directions.
    Passes,
    /// By explicit tensors, for landscapes of few weights.
    Dense,
}

/// What is printed.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Format {
    /// A JSON array of objects.
    Json,
    /// Aligned columns.
    Table,
}

/// One value.
#[derive(Serialize)]
struct Entry {
    /// Compact notation.
    diagram: String,
    value: f64,
    standard_error: f64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    check(arguments)?;
    let options = Options {
        reading: match arguments.reading {
            ReadingName::Population => Reading::Population,
            ReadingName::Sample => Reading::Sample {
                blocks: arguments.blocks,
            },
        },
        method: arguments.method.map(|method| match method {
            MethodName::Passes => Method::Passes,
            MethodName::Dense => Method::Dense,
        }),
        budget: arguments.budget,
        seconds: arguments.seconds,
        seed: arguments.seed,
    };
    let theta = weights(arguments)?;
    let samples = datapoints(arguments)?;
    let local = arguments
        .landscape
        .local(&theta, &samples)
        .map_err(|e| e.to_string())?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(arguments.threads)
        .build()
        .map_err(|e| format!("--threads {}: {e}", arguments.threads))?;
    let classes = classes(arguments.order)?;
    let program = Interpreted::new(&classes);
    if arguments.plan {
        let text = pool.install(|| plan(&program, &*local, &options));
        return print(&text.map_err(|e| e.to_string())?);
    }
    let spinner = spinner(classes.len(), samples.len());
    let timed = arguments.format == Format::Table;
    let evaluated = pool.install(|| values(&program, &*local, &options, timed));
    spinner.finish_and_clear();
    let (values, remarks) = evaluated.map_err(|e| e.to_string())?;
    eprint!("{remarks}");
    let entries: Vec<Entry> = values
        .entries
        .iter()
        .map(|value| Entry {
            diagram: value.class.to_string(),
            value: value.estimate[0],
            standard_error: value.standard_error[0],
        })
        .collect();
    let text = match arguments.format {
        Format::Json => serde_json::to_string_pretty(&entries).map_err(|e| e.to_string())? + "\n",
        Format::Table => table(&entries),
    };
    print(&text)
}

fn print(text: &str) -> Result<(), String> {
    std::io::stdout()
        .lock()
        .write_all(text.as_bytes())
        .map_err(|e| format!("standard output: {e}"))
}

fn check(arguments: &Arguments) -> Result<(), String> {
    let sizes = [
        ("--images", arguments.images, 1, 10_000_000),
        ("--blocks", arguments.blocks, 2, 10_000_000),
        ("--threads", arguments.threads, 0, 4096),
    ];
    for (name, size, least, most) in sizes {
        if !(least..=most).contains(&size) {
            return Err(format!("{name} {size}: must be from {least} to {most}"));
        }
    }
    if let Some(budget) = arguments.budget
        && !(budget.is_finite() && budget > 0.0)
    {
        return Err(format!("--budget {budget}: must be positive and finite"));
    }
    if let Some(seconds) = arguments.seconds
        && !(seconds.is_finite() && seconds > 0.0)
    {
        return Err(format!("--seconds {seconds}: must be positive and finite"));
    }
    check_order(arguments.order)
}

fn check_order(order: usize) -> Result<(), String> {
    let mut total = 0;
    for edges in 0..=order {
        total += count_diagrams(edges)
            .ok_or_else(|| format!("--order {order}: more diagrams than can be listed"))?;
        if total > MOST_DIAGRAMS {
            return Err(format!(
                "--order {order}: there are {total} diagrams up to order {edges} already; at most {MOST_DIAGRAMS} are affordable here"
            ));
        }
    }
    Ok(())
}

/// The classes of all values that test loss and generalization gap need, by order.
///
/// What stands in a diagram's place does not depend on the schedule, so any schedule gives the values of all. They are gathered from the
/// single diagrams, for in the sum of all diagrams a value may cancel.
fn classes(order: usize) -> Result<Vec<ValueClass>, String> {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let spacetime = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::Never);
    let mut classes = BTreeSet::new();
    for measure in [Measure::TestLoss, Measure::GeneralizationGap] {
        let expansion =
            expand(measure, &spacetime, diagrams_for(measure, order)).map_err(|e| e.to_string())?;
        for (class, _) in expansion.terms.into_iter().flat_map(|term| term.values) {
            classes.insert((class.order(), class));
        }
    }
    Ok(classes.into_iter().map(|(_, class)| class).collect())
}

/// The values, and remarks on how they were computed: how long it took, if asked for, and what repeats it.
fn values(
    program: &Interpreted,
    derivatives: &dyn Derivatives<f64>,
    options: &Options,
    timed: bool,
) -> Result<(Values<f64>, String), ValueError> {
    let strategy = Strategy::choose(program, derivatives, options)?;
    let prediction = timed
        .then(|| strategy.predict(program, derivatives))
        .transpose()?;
    let start = Instant::now();
    let values = strategy.evaluate(program, derivatives, options.seed)?;
    let seconds = start.elapsed().as_secs_f64();
    let mut remarks = String::new();
    if let Some(prediction) = prediction {
        remarks.push_str(&how(&strategy));
        let threads = rayon::current_num_threads();
        let predicted = predicted(&prediction);
        let _ = writeln!(
            remarks,
            " on {threads} threads: {seconds:.3} s; {predicted}"
        );
    }
    if let (Some(_), Some(budget)) = (options.seconds, strategy.budget) {
        let _ = writeln!(
            remarks,
            "the time became --budget {budget}, which gives the same again"
        );
    }
    Ok((values, remarks))
}

/// The steps with their times by the cost model.
fn plan(
    program: &Interpreted,
    derivatives: &dyn Derivatives<f64>,
    options: &Options,
) -> Result<String, ValueError> {
    let strategy = Strategy::choose(program, derivatives, options)?;
    let prediction = strategy.predict(program, derivatives)?;
    let plan = &program.blueprint().plan;
    let mut text = String::new();
    for (step, &seconds) in prediction.steps.iter().enumerate() {
        // What takes no time is only for other readings of the data.
        if seconds > 0.0 {
            let _ = writeln!(text, "{:>12.3} ms  {}", 1e3 * seconds, plan.describe(step));
        }
    }
    let _ = writeln!(text, "{}: {}", how(&strategy), predicted(&prediction));
    let _ = writeln!(text, "as much as {:.0} losses", strategy.sample_evaluations);
    Ok(text)
}

fn how(strategy: &Strategy) -> String {
    let method = match strategy.method {
        Method::Passes => "passes",
        Method::Dense => "explicit tensors",
    };
    let averages: Vec<String> = strategy
        .parts
        .iter()
        .map(|part| {
            let count = part.classes.len();
            match part.averages {
                Averages::Exact => format!("{count} values over all tuples"),
                Averages::Blocks(blocks) => format!("{count} values from {blocks} blocks"),
                Averages::Draws { blocks, size } => {
                    format!("{count} values from {blocks} x {size} draws")
                }
            }
        })
        .collect();
    format!("{} by {method}", averages.join(", "))
}

fn predicted(prediction: &Prediction) -> String {
    format!(
        "predicted {:.3} s, {:.3} s for linear parts and {:.3} s for pairs",
        prediction.total(),
        prediction.linear(),
        prediction.pairs()
    )
}

fn datapoints(arguments: &Arguments) -> Result<Samples<f64>, String> {
    let (landscape, count) = (arguments.landscape, arguments.images);
    let dataset = match landscape {
        Named::FashionLogistic | Named::FashionLeNet => Dataset::Fashion,
        Named::CifarLogistic | Named::CifarLeNet => Dataset::Cifar,
        Named::GaussianFit => {
            if let Some(dir) = &arguments.data {
                return Err(format!(
                    "{landscape} makes its own data and cannot use --data {}",
                    dir.display()
                ));
            }
            return Samples::new(1, initialization(count, arguments.seed))
                .map_err(|e| e.to_string());
        }
    };
    let (samples, place) = match (&arguments.data, dataset) {
        (Some(dir), _) => {
            let samples =
                load(dir, dataset, Split::Train, Some(count)).map_err(|e| e.to_string())?;
            (samples, dir.display().to_string())
        }
        (None, Dataset::Fashion) => {
            let samples: Samples<f64> = embedded_fashion();
            let place = "the sample inside the library (see --data)".to_string();
            (
                if count < samples.len() {
                    samples.first(count)
                } else {
                    samples
                },
                place,
            )
        }
        (None, Dataset::Cifar) => {
            return Err(format!(
                "{landscape} needs --data DIR, a folder with the binary files of CIFAR-10"
            ));
        }
    };
    if samples.len() < count {
        return Err(format!(
            "--images {count} is more than the {} training images of {place}",
            samples.len()
        ));
    }
    Ok(samples)
}

fn weights(arguments: &Arguments) -> Result<Vec<f64>, String> {
    let landscape = arguments.landscape;
    match &arguments.theta {
        Some(file) => read_weights(landscape, file)
            .map_err(|message| format!("--theta {}: {message}", file.display())),
        None if landscape == Named::GaussianFit => Ok(vec![0.0; landscape.dimension()]),
        None => Ok(initialization(landscape.dimension(), arguments.seed)),
    }
}

fn read_weights(landscape: Named, file: &Path) -> Result<Vec<f64>, String> {
    let dimension = landscape.dimension();
    let expected = 8 * dimension as u64;
    // A wrong file may be very large: look at its length before reading it.
    let found = std::fs::metadata(file).map_err(|e| e.to_string())?.len();
    let bytes = if found == expected {
        std::fs::read(file).map_err(|e| e.to_string())?
    } else {
        vec![]
    };
    if bytes.len() as u64 != expected {
        return Err(format!(
            "{found} bytes, but {landscape} has {dimension} weights of 8 bytes, {expected} bytes"
        ));
    }
    let (numbers, _) = bytes.as_chunks::<8>();
    let theta: Vec<f64> = numbers.iter().map(|b| f64::from_le_bytes(*b)).collect();
    match theta.iter().position(|weight| !weight.is_finite()) {
        Some(at) => Err(format!(
            "byte {}: weight {at} is {}; all weights must be finite",
            8 * at,
            theta[at]
        )),
        None => Ok(theta),
    }
}

fn spinner(values: usize, samples: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {elapsed} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = ProgressBar::new_spinner().with_style(style);
    spinner.set_message(format!("{values} values on {samples} datapoints"));
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

/// Columns padded to equal widths.
fn table(entries: &[Entry]) -> String {
    let header = ["diagram", "value", "standard error"].map(str::to_string);
    let rows: Vec<[String; 3]> = std::iter::once(header)
        .chain(entries.iter().map(|entry| {
            let error = if entry.standard_error == 0.0 {
                "exact".to_string()
            } else {
                format!("{:.1e}", entry.standard_error)
            };
            [
                entry.diagram.clone(),
                format!("{:.16e}", entry.value),
                error,
            ]
        }))
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths = [width(0), width(1)];
    let lines: Vec<String> = rows
        .iter()
        .map(|[diagram, value, error]| {
            let [first, second] = widths;
            format!("{diagram:<first$}  {value:>second$}  {error}\n")
        })
        .collect();
    lines.concat()
}
