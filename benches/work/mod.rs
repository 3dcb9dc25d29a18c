//! Times beside work: floating point operations counted from a network's shapes, and the share of what this machine can do.

// Every benchmark has this module and uses part of it.
#![allow(dead_code)]

pub(crate) mod flops;
pub(crate) mod logistic;
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

/// Samples of a time.
const SAMPLES: usize = 10;
/// More waiting than this share of the time deserves a remark.
const BUSY: f64 = 0.05;
/// A product below this share of the registers' rate deserves another.
const CLEARLY_BELOW: f64 = 0.85;

/// Names the file of measurements that is to be made or added to; without it, there is none.
const FILE: &str = "DIAGRAMS_MEASURED";

/// Standard normal weights of a landscape.
pub(crate) fn weights<T: Real>(landscape: Named) -> Vec<T> {
    initialization(landscape.dimension(), 1)
        .into_iter()
        .map(<T as diagrams::runtime::scalar::Scalar>::constant)
        .collect()
}

/// The first images of the sample inside the library.
pub(crate) fn images<T: Real>(count: usize) -> Samples<T> {
    embedded_fashion::<T>().first(count)
}

/// Short runs: a few seconds for each benchmark.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(SAMPLES)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}

/// What one iteration of a benchmark does.
pub(crate) struct Work<'a> {
    /// In the benchmark's name.
    pub(crate) name: &'a str,
    /// How many items.
    pub(crate) items: f64,
    /// Of what; `None` if the time is all there is to say.
    pub(crate) unit: Option<&'a str>,
    /// Floating point operations, multiply and add as two.
    pub(crate) flops: f64,
}

/// Times `run`, and prints its rate, its GFLOP/s and its share of the peak.
pub(crate) fn bench<T: Real>(criterion: &mut Criterion, work: &Work<'_>, mut run: impl FnMut()) {
    let peak = peak_of::<T>();
    let mut seconds: Vec<f64> = vec![];
    let mut waited = 0.0_f64;
    let mut group: BenchmarkGroup<'_, _> = criterion.benchmark_group(work.name);
    // Long iterations, as few as possible.
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
    // What came before the samples was the warm-up.
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

/// `seconds` are of each sample, in ascending order.
fn record<T: Real>(work: &Work<'_>, seconds: &[f64]) -> Record {
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

/// Adds to the file of measurements, if there is to be one.
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
    // Cargo runs benches in the folder of their package.
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    if let Err(error) = measured.merge_into(&root.join(file)) {
        eprintln!("the measurement is not kept: {error}");
    }
}

/// Whether this is a measurement; else it is only tested that the benchmark runs.
pub(crate) fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Measures the peak at the first call, and prints it; `None` if criterion only tests that benchmarks run.
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
