//! Measures the time of derivatives and training runs on a CUDA device, each beside the least time that an H100 could take for it.
//!
//! ```text
//! cargo bench --features cuda --bench device
//! ```
//!
//! The table of least times is printed on any machine. They follow from floating point operations and bytes that must move, and are computed, not measured. Without a device nothing is
//! measured, which is said.

mod work;

use criterion::{Criterion, Throughput};
use diagram_cuda::{Device, OnDevice};
use diagrams::prelude::diagrams;
use diagrams::runtime::data::normal_quantiles;
use diagrams::runtime::derivatives::{DerivativeOutput, Derivatives, Direction, Pass};
use diagrams::runtime::landscapes::{Named, lenet};
use diagrams::runtime::program::Program;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::{Optimizer, Schedule, Shuffle, Simulation, TestPoints};
use diagrams::runtime::values::{Options, evaluate};

use work::flops::Shapes;
use work::{criterion, images, weights};

/// What an H100 does a second at most, by its data sheet: floating point operations in single precision without matrix units, and bytes of its memory.
const PEAK_FLOPS: f64 = 67e12;
const PEAK_BYTES: f64 = 3.35e12;

const LANDSCAPE: Named = Named::FashionLeNet;
/// The samples of a call.
const COUNT: usize = 2000;
/// The samples of the values of order 3.
const PAIRED: usize = 1000;
/// The updates of a trial.
const STEPS: usize = 10;
const TRIALS: usize = 1 << 16;

diagrams! {
    spacetime Fixed = sgd(train: N, batch: B, epochs: E);
    predictor Cubic: test_loss in Fixed = all(edges <= 3);
}

/// The least work of an item, in single precision.
struct Bound {
    name: &'static str,
    unit: &'static str,
    flops: f64,
    bytes: f64,
}

impl Bound {
    /// The least seconds that an item takes, and whether memory says so.
    fn seconds(&self) -> (f64, bool) {
        let (computed, moved) = (self.flops / PEAK_FLOPS, self.bytes / PEAK_BYTES);
        (computed.max(moved), moved > computed)
    }
}

fn main() {
    let bounds = bounds();
    print_table(&bounds);
    let device = match Device::cuda(0) {
        Ok(device) => device,
        Err(reason) => {
            println!("\nNOTHING WAS MEASURED, since there is no device: {reason}");
            return;
        }
    };
    println!(
        "\nmeasured on {device}, one call after the other, copies to and from the device included\n"
    );
    let mut criterion = criterion();
    derivatives(&mut criterion, &device, &bounds);
    plan(&mut criterion, &device);
    trials(&mut criterion, &device);
    criterion.final_summary();
}

/// The least work of losses, derivatives that are kept for each sample, and steps of trials.
fn bounds() -> Vec<Bound> {
    let network = lenet(1, 28);
    let shapes = Shapes::of(&network);
    let datapoint = 4.0 * LANDSCAPE.input_width() as f64;
    let row = 4.0 * LANDSCAPE.dimension() as f64;
    let of = |powers: &[u8]| shapes.pass(&[powers]);
    let bound = |name, unit, flops, rows: f64| Bound {
        name,
        unit,
        flops,
        bytes: datapoint + rows * row,
    };
    let plan = &Cubic.blueprint().plan;
    let classes = 0..Cubic.blueprint().requested;
    vec![
        bound("loss", "samples", shapes.forward(), 0.0),
        bound("gradient, kept", "samples", of(&[]), 1.0),
        bound(
            "product with the Hessian, own v, kept",
            "samples",
            of(&[1]),
            2.0,
        ),
        bound(
            "gradient of d2l[u,v], own u and v, kept",
            "samples",
            of(&[1, 1]),
            3.0,
        ),
        bound("step of a trial, batches of 1", "trial-steps", of(&[]), 0.0),
        Bound {
            name: "values of order 3, n = 1000",
            unit: "times",
            flops: shapes.plan(plan, classes, PAIRED),
            // At least two tables with a row for each sample are written and read once.
            bytes: 4.0 * row * PAIRED as f64,
        },
    ]
}

fn print_table(bounds: &[Bound]) {
    println!(
        "Fashion LeNet in single precision on an H100 (67 TFLOP/s, 3.35 TB/s): computed, not measured.\n"
    );
    println!("| work | MFLOP | kB | at most |\n| --- | --- | --- | --- |");
    for bound in bounds {
        let (seconds, by_memory) = bound.seconds();
        let most = if seconds > 1e-3 {
            format!("{seconds:.3} s each")
        } else {
            format!("{:.0} M {}/s", 1e-6 / seconds, bound.unit)
        };
        println!(
            "| {} | {:.3} | {:.1} | {most}{} |",
            bound.name,
            bound.flops / 1e6,
            bound.bytes / 1e3,
            if by_memory { " (memory)" } else { "" }
        );
    }
}

/// Measures the first bounds: losses and derivatives that are kept.
fn derivatives(criterion: &mut Criterion, device: &Device, bounds: &[Bound]) {
    let (theta, samples): (Vec<f32>, Samples<f32>) = (weights(LANDSCAPE), images(COUNT));
    let local = LANDSCAPE.local(&theta, &samples).expect("they fit");
    let local = local.on(device).expect("a network");
    let p = theta.len();
    let rows: Vec<f32> = theta.iter().copied().cycle().take(COUNT * p).collect();
    let mut losses = vec![0.0; COUNT];
    let mut out = vec![0.0; COUNT * p];
    let cases: [&[u8]; 3] = [&[], &[1], &[1, 1]];
    let group_of = |criterion: &mut Criterion, bound: &Bound, run: &mut dyn FnMut()| {
        let mut group = criterion.benchmark_group(bound.name);
        group.throughput(Throughput::Elements(COUNT as u64));
        group.bench_function("f32", |bencher| bencher.iter(&mut *run));
        group.finish();
        let most = 1e-6 / bound.seconds().0;
        println!("{:24}at most {most:.0} M {}/s on an H100\n", "", bound.unit);
    };
    group_of(criterion, &bounds[0], &mut || {
        local.losses(0..COUNT, &mut losses).expect("a device");
    });
    for (bound, powers) in bounds[1..].iter().zip(cases) {
        group_of(criterion, bound, &mut || {
            let output = DerivativeOutput {
                powers,
                per_sample: Some(&mut out),
                sum: None,
            };
            let pass = Pass {
                directions: powers.iter().map(|_| Direction::PerSample(&rows)).collect(),
                outputs: vec![output],
            };
            local.pass(0..COUNT, pass).expect("a device");
        });
    }
}

/// Measures all values that the test loss needs up to order 3.
fn plan(criterion: &mut Criterion, device: &Device) {
    let (theta, samples): (Vec<f32>, Samples<f32>) = (weights(LANDSCAPE), images(PAIRED));
    let local = LANDSCAPE.local(&theta, &samples).expect("they fit");
    let local = local.on(device).expect("a network");
    criterion.bench_function("values of order 3, n = 1000", |bencher| {
        bencher.iter(|| evaluate(&Cubic, &local, &Options::population()).expect("values"));
    });
}

/// Measures training runs of the network and of a landscape of one weight.
fn trials(criterion: &mut Criterion, device: &Device) {
    let theta: Vec<f32> = weights(LANDSCAPE);
    let normal = normal_quantiles(1000);
    let cases = [
        (LANDSCAPE, &theta[..], images(COUNT), TRIALS / 16),
        (Named::GaussianFit, &[0.0][..], normal, TRIALS),
    ];
    for (landscape, theta0, population, trials) in cases {
        let simulation = Simulation {
            landscape: &landscape,
            theta0,
            population: &population,
            optimizer: Optimizer::Sgd,
            schedule: Schedule::new(STEPS, 1, 1, Shuffle::Never).expect("one point an update"),
            etas: vec![0.1],
            trials,
            seed: 1,
            probe: Some(theta0),
            test_points: TestPoints::None,
            train_loss: false,
        };
        let placed = simulation.on(device).expect("a landscape for devices");
        let mut group = criterion.benchmark_group(format!("trial-steps, {landscape}"));
        group.throughput(Throughput::Elements((trials * STEPS) as u64));
        group.bench_function("f32", |bencher| {
            bencher.iter(|| placed.summarize().expect("trials"));
        });
        group.finish();
    }
}
