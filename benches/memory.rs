//! Measures the peak memory of a few workloads, each in a process of its own.

mod work;

use std::hint::black_box;
use std::process::Command;

use diagrams::calculus::ValueClass;
use diagrams::calculus::enumerate;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{
    FloatingPoint, Optimizer, Schedule, Shuffle, Simulation, TestPoints,
};
use diagrams::runtime::values::{Options, evaluate};

use work::measured::Memory;
use work::{Real, images, keep, measuring, weights};

const LENET: Named = Named::FashionLeNet;
/// The limit for the values of order 3 on a thousand images, in bytes. It is reported beside what was measured.
const ORDER_THREE_LIMIT: u64 = 500_000_000;
/// The environment variable that names the workload of a process that this program starts.
const WORK: &str = "DIAGRAMS_MEMORY_OF";

/// Runs a workload whose size is divided by the argument.
type Run = fn(usize);

/// The workloads: the name, the limit in bytes if there is one, and the function.
const WORKLOADS: [(&str, Option<u64>, Run); 6] = [
    (
        "order 3, n = 1000, f32",
        Some(ORDER_THREE_LIMIT),
        order_three::<f32>,
    ),
    (
        "order 3, n = 1000, f64",
        Some(ORDER_THREE_LIMIT),
        order_three::<f64>,
    ),
    (
        "10^5 training runs, Gaussian fit, T = 10",
        None,
        gaussian_fit::<100_000>,
    ),
    (
        "10^6 training runs, Gaussian fit, T = 10",
        None,
        gaussian_fit::<1_000_000>,
    ),
    ("10^5 training runs, LeNet, T = 2", None, lenet::<100_000>),
    ("10^6 training runs, LeNet, T = 2", None, lenet::<1_000_000>),
];

fn main() {
    // Sizes are a hundredth if criterion only tests that benchmarks run.
    let less = if measuring() { 1 } else { 100 };
    if let Ok(name) = std::env::var(WORK) {
        let (.., run) = WORKLOADS
            .into_iter()
            .find(|(known, ..)| *known == name)
            .expect("a work of this program");
        run(less);
        println!("{}", peak_bytes().unwrap_or(0));
        return;
    }
    if peak_bytes().is_none() {
        println!("this system does not tell how much memory a process took");
        return;
    }
    for (work, limit_bytes, _) in WORKLOADS {
        let peak_bytes = in_another_process(work);
        let limit = limit_bytes.map_or(String::new(), |limit| {
            format!(" of {:.0} MB allowed", limit as f64 / 1e6)
        });
        println!("{work:42}{:8.1} MB{limit}", peak_bytes as f64 / 1e6);
        keep(|file| {
            file.memory.push(Memory {
                work: work.to_owned(),
                peak_bytes,
                limit_bytes,
            });
        });
    }
}

/// Runs this program again for one workload, and returns the peak memory of that process in bytes.
fn in_another_process(work: &str) -> u64 {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(std::env::args().skip(1))
        .env(WORK, work)
        .output()
        .expect("this program can be run again");
    assert!(output.status.success(), "{work}: {output:?}");
    let text = String::from_utf8(output.stdout).expect("a number");
    text.trim().parse().expect("a number")
}

/// The peak of the resident memory of this process so far, in bytes; `None` if the system does not report it.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(1024 * kibibytes)
}

fn order_three<T: Real>(less: usize) {
    let mut classes: Vec<ValueClass> = (0..=3)
        .flat_map(enumerate::diagrams)
        .map(|diagram| diagram.value_class())
        .collect();
    classes.sort_by_key(|class| (class.order(), class.clone()));
    classes.dedup();
    let theta: Vec<T> = weights(LENET);
    let samples = images(1000 / less);
    let local = LENET.local(&theta, &samples).expect("they fit");
    let values = evaluate(&Interpreted::new(&classes), &*local, &Options::population());
    black_box(values.expect("finite values"));
}

fn gaussian_fit<const TRIALS: usize>(less: usize) {
    let population = Samples::new(1, initialization(100, 1)).expect("whole rows");
    train(Named::GaussianFit, &[0.0], &population, 10, TRIALS / less);
}

fn lenet<const TRIALS: usize>(less: usize) {
    train(
        LENET,
        &weights::<f32>(LENET),
        &images(100),
        2,
        TRIALS / less,
    );
}

fn train<T: FloatingPoint>(
    landscape: Named,
    theta0: &[T],
    population: &Samples<T>,
    steps: usize,
    trials: usize,
) {
    let simulation = Simulation {
        landscape: &landscape,
        theta0,
        population,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::new(steps, 1, 1, Shuffle::Never).expect("one point an update"),
        etas: vec![0.01],
        trials,
        seed: 1,
        probe: None,
        test_points: TestPoints::Subset(2),
        train_loss: false,
    };
    black_box(simulation.summarize().expect("it can be run"));
}
