//! What all benchmarks share: times together with floating point operations, and their share of what this machine can compute.

// Every benchmark includes this module and uses a part of it.
#![allow(dead_code)]

pub(crate) mod flops;
pub(crate) mod measured;
pub(crate) mod peak;
pub(crate) mod powers;
pub(crate) mod waiting;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};
use diagrams::runtime::data::embedded_fashion;
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::Samples;

use measured::{Measured, Record};
use peak::Peak;
pub(crate) use peak::Real;

/// The number of samples that criterion takes of a time.
const SAMPLES: usize = 10;
/// The share of the time that threads may wait for a core before a warning is printed.
const BUSY: f64 = 0.05;
/// The share of the rate in registers below which a warning is printed about the matrix product.
const CLEARLY_BELOW: f64 = 0.85;

/// The environment variable that names the file of measurements to write or add to. Nothing is written if it is not set.
const FILE: &str = "DIAGRAMS_MEASURED";

/// Initial weights of a landscape, drawn from a standard normal distribution.
pub(crate) fn weights<T: Real>(landscape: Named) -> Vec<T> {
    initialization(landscape.dimension(), 1)
        .into_iter()
        .map(<T as diagrams::runtime::scalar::Scalar>::constant)
        .collect()
}

/// The first images of the Fashion-MNIST sample inside the library.
pub(crate) fn images<T: Real>(count: usize) -> Samples<T> {
    embedded_fashion::<T>().first(count)
}

/// Criterion with short runs, of a few seconds for each benchmark.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

/// The workload of one iteration of a benchmark.
pub(crate) struct Workload<'a> {
    /// The name, which is the name of the benchmark.
    pub(crate) name: &'a str,
    /// The number of items that one iteration processes.
    pub(crate) items: f64,
    /// The name of the items; `None` if the time is printed and not a rate.
    pub(crate) unit: Option<&'a str>,
    /// The floating point operations of one iteration; a multiply-add counts as two.
    pub(crate) flops: f64,
}

/// Measures the time of `run`, prints its rate, its GFLOP/s and its share of those of a matrix product, and adds them to the file of measurements.
pub(crate) fn bench<T: Real>(
    criterion: &mut Criterion,
    work: &Workload<'_>,
    mut run: impl FnMut(),
) {
    let peak = peak_of::<T>();
    let mut seconds: Vec<f64> = vec![];
    let mut waited = 0.0_f64;
    let mut group: BenchmarkGroup<'_, _> = criterion.benchmark_group(work.name);
    // With this mode all samples have the same number of iterations, which suits iterations that take long.
    group.sampling_mode(SamplingMode::Flat);
    if work.unit.is_some() {
        group.throughput(Throughput::Elements(work.items as u64));
    }
    group.bench_function(T::NAME, |bencher| {
        bencher.iter_custom(|iterations| {
            let waiting = waiting::seconds();
            let start = Instant::now();
            for _ in 0..iterations {
                run();
            }
            let elapsed = start.elapsed();
            let share =
                waiting::share(waiting, elapsed.as_secs_f64(), rayon::current_num_threads());
            waited = waited.max(share.unwrap_or(0.0));
            seconds.push(elapsed.as_secs_f64() / iterations as f64);
            elapsed
        });
    });
    group.finish();
    // The times of the warm-up come first.
    let warm_up = seconds.len().saturating_sub(SAMPLES);
    let measured = &mut seconds[warm_up..];
    measured.sort_by(f64::total_cmp);
    let (Some(&median), Some(peak)) = (measured.get(measured.len() / 2), peak) else {
        return;
    };
    let rate = match work.unit {
        Some(unit) => format!("{:.0} {unit}/s", work.items / median),
        None => format!("{median:.4} s"),
    };
    let gflops = work.flops / median / 1e9;
    println!(
        "{:24}{rate}; {:.1} kFLOP an item; {gflops:.1} GFLOP/s, {:.0}% of a matrix product's {:.1}\n",
        "",
        work.flops / work.items / 1e3,
        100.0 * gflops / peak.product,
        peak.product,
    );
    if waited > BUSY {
        println!(
            "{:24}other programs kept the cores busy: threads waited up to {:.0}% of the time, do not trust this\n",
            "",
            100.0 * waited,
        );
    }
    let record = record::<T>(work, measured);
    keep(|measured| {
        measured
            .gemm_gflops
            .insert(record.precision.clone(), peak.product);
        measured.records.push(record);
    });
}

/// The record of a workload. `seconds` are the times of one iteration in each sample, in ascending order.
fn record<T: Real>(work: &Workload<'_>, seconds: &[f64]) -> Record {
    Record {
        work: work.name.to_owned(),
        precision: T::NAME.to_owned(),
        items: work.items,
        unit: work.unit.map(str::to_owned),
        median_seconds: seconds[seconds.len() / 2],
        min_seconds: seconds[0],
        max_seconds: seconds[seconds.len() - 1],
        flops_per_item: Some(work.flops / work.items),
        target_ratio: None,
        note: None,
    }
}

/// Adds to the file of measurements, if the environment names one.
pub(crate) fn keep(add: impl FnOnce(&mut Measured)) {
    let Some(file) = std::env::var_os(FILE) else {
        return;
    };
    let command = format!(
        "{FILE}=benches/measured/diagrams.json cargo bench --bench {}",
        env!("CARGO_CRATE_NAME")
    );
    let source = concat!("diagrams ", env!("CARGO_PKG_VERSION"));
    let mut measured = Measured::today(source, &command, rayon::current_num_threads());
    add(&mut measured);
    // Cargo runs benchmarks in the folder of their package, but the path is relative to the workspace.
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    if let Err(error) = measured.merge_into(&root.join(file)) {
        eprintln!("the measurement is not kept: {error}");
    }
}

/// Whether the program is to measure. If not, criterion only tests that benchmarks run.
pub(crate) fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// The peak rates, which the first call for a precision measures and prints; `None` if criterion only tests that benchmarks run.
fn peak_of<T: Real>() -> Option<Peak> {
    static KNOWN: Mutex<BTreeMap<&str, Peak>> = Mutex::new(BTreeMap::new());
    if !measuring() {
        return None;
    }
    let mut known = KNOWN.lock().expect("no panic before");
    Some(*known.entry(T::NAME).or_insert_with(|| {
        let peak = Peak::measure::<T>();
        println!(
            "peak, {} threads, {}: matrix product {:.1} GFLOP/s, registers {:.1} GFLOP/s{}",
            rayon::current_num_threads(),
            T::NAME,
            peak.product,
            peak.registers,
            if peak.product < CLEARLY_BELOW * peak.registers {
                " (the product is clearly below what the machine does)"
            } else {
                ""
            }
        );
        peak
    }))
}
