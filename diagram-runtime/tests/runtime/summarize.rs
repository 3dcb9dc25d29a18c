//! Averages in constant memory against those of the outcomes themselves.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use diagram_calculus::measure::Measure;
use diagram_runtime::data::embedded_fashion;
use diagram_runtime::landscape::{Landscape, initialization};
use diagram_runtime::landscapes::{GaussianFit, Named};
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::Scalar;
use diagram_runtime::simulate::{
    Control, Optimizer, Outcome, RateResult, RateSummary, Schedule, Shuffle, Simulation, Summary,
    TestPoints,
};

const MEASURES: [Measure; 5] = [
    Measure::TestLoss,
    Measure::TrainLoss,
    Measure::GeneralizationGap,
    Measure::Displacement,
    Measure::SecondMoment,
];

/// Lanes of a double.
const LANES: usize = 8;

/// `¼ x θ⁴`: diverges from far out.
struct Quartic;

impl Landscape for Quartic {
    fn dimension(&self) -> usize {
        1
    }
    fn input_width(&self) -> usize {
        1
    }
    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        theta[0].clone().powi(4).scale(&x[0]) * S::constant(0.25)
    }
}

/// Everything measured, on a landscape of one weight.
fn simulation(population: &Samples<f64>, trials: usize) -> Simulation<'_, f64> {
    Simulation {
        landscape: &GaussianFit,
        theta0: &[0.1],
        population,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::new(4, 1, 2, Shuffle::EachEpoch).unwrap(),
        etas: vec![0.1, 0.3],
        trials,
        seed: 7,
        probe: Some(&[2.0]),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

fn population() -> Samples<f64> {
    Samples::new(1, initialization(50, 11)).unwrap()
}

fn on_threads<R: Send>(threads: usize, f: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(f)
}

/// The outcomes' own averages, summed one by one: n additions, with a relative error of at most n·u of the terms' absolute sum. Those of the
/// summary go through a tree and are better.
fn assert_close(summary: &RateSummary, result: &RateResult) {
    assert_eq!(summary.eta, result.eta);
    assert_eq!(summary.diverged(), result.diverged());
    for measure in MEASURES {
        let (Some(ours), Some(theirs)) = (summary.estimate(measure), result.estimate(measure))
        else {
            assert_eq!(summary.estimate(measure), result.estimate(measure));
            assert_eq!(summary.range(measure), None);
            continue;
        };
        assert_eq!(ours.trials, theirs.trials);
        let values: Vec<f64> = result
            .outcomes
            .iter()
            .filter(|outcome| MEASURES.iter().all(|&m| outcome.value(m).is_finite()))
            .map(|outcome| outcome.value(measure))
            .collect();
        let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        let rounding = values.len() as f64 * f64::EPSILON * largest;
        // Far out, squares of deviations overflow: both standard errors are infinite then.
        let close = |a: f64, b: f64, error: f64| a == b || (a - b).abs() <= error;
        assert!(close(ours.mean, theirs.mean, rounding), "{measure:?}");
        // A standard error goes wrong with the deviations that it is made of, of which each is wrong by two roundings of this size.
        let errors = [ours.standard_error, theirs.standard_error];
        assert!(close(errors[0], errors[1], 2.0 * rounding), "{measure:?}");
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        let range = sorted.first().copied().zip(sorted.last().copied());
        assert_eq!(summary.range(measure), range, "{measure:?}");
    }
}

#[test]
fn summaries_are_averages_of_outcomes() {
    let population = population();
    for trials in [1, 2, LANES, 1003] {
        let simulation = simulation(&population, trials);
        let (summary, all) = (simulation.summarize().unwrap(), simulation.run().unwrap());
        assert_eq!((summary.requested, summary.finished), (trials, trials));
        assert_eq!(summary.rates.len(), 2);
        for (summary, result) in summary.rates.iter().zip(&all.rates) {
            if trials > 1 {
                assert_close(summary, result);
            } else {
                let estimate = summary.estimate(Measure::TestLoss).unwrap();
                assert_eq!(estimate.mean, result.outcomes[0].test_loss);
                assert!(estimate.standard_error.is_nan());
            }
        }
    }
}

#[test]
fn what_is_not_measured_has_no_average() {
    let population = population();
    let summary = Simulation {
        probe: None,
        train_loss: false,
        ..simulation(&population, 20)
    }
    .summarize()
    .unwrap();
    let measured = MEASURES.map(|measure| summary.rates[0].estimate(measure).is_some());
    assert_eq!(measured, [true, false, false, false, true]);
    let ranges = MEASURES.map(|measure| summary.rates[0].range(measure).is_some());
    assert_eq!(ranges, measured);
}

#[test]
fn trials_that_diverge_are_counted_and_left_out() {
    let population = Samples::new(1, vec![0.0, 0.0, 1.0]).unwrap();
    let simulation = Simulation {
        landscape: &Quartic,
        theta0: &[10.0],
        // Some blocks have no trial that converges.
        schedule: Schedule::new(6, 1, 3, Shuffle::Never).unwrap(),
        etas: vec![1.0, 1e-6],
        probe: Some(&[1.0]),
        ..simulation(&population, 300)
    };
    let (summary, all) = (simulation.summarize().unwrap(), simulation.run().unwrap());
    let diverged = summary.rates[0].diverged();
    assert!(0 < diverged && diverged < 300, "{diverged}");
    let none_converges =
        |block: &[Outcome]| block.iter().all(|outcome| !outcome.test_loss.is_finite());
    assert!(all.rates[0].outcomes.chunks(LANES).any(none_converges));
    for (summary, result) in summary.rates.iter().zip(&all.rates) {
        assert_close(summary, result);
    }
}

#[test]
fn same_bits_on_any_number_of_threads() {
    let images = embedded_fashion::<f32>().first(40);
    let theta0: Vec<f32> = initialization(4490, 1).iter().map(|&x| x as f32).collect();
    let network = Simulation {
        landscape: &Named::FashionLeNet,
        theta0: &theta0,
        population: &images,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::new(4, 2, 2, Shuffle::EachEpoch).unwrap(),
        etas: vec![0.05, 0.2],
        trials: 83,
        seed: 7,
        probe: Some(&theta0),
        test_points: TestPoints::Subset(5),
        train_loss: true,
    };
    let population = population();
    let many = simulation(&population, 5000);
    let summaries = |threads| {
        on_threads(threads, || {
            (network.summarize().unwrap(), many.summarize().unwrap())
        })
    };
    let one = summaries(1);
    assert_eq!((one.0.finished, one.1.finished), (83, 5000));
    for threads in [2, 8] {
        // Equal as floats and without NaN: the same bits.
        assert_eq!(summaries(threads), one, "{threads} threads");
    }
}

fn cancelled_after(simulation: &Simulation<'_, f64>, trials: usize) -> Summary {
    let cancel = AtomicBool::new(trials == 0);
    let control = Control {
        progress: &|done| cancel.store(done >= trials, Ordering::Relaxed),
        cancel: &cancel,
    };
    on_threads(1, || simulation.summarize_with(control).unwrap())
}

#[test]
fn cancelling_leaves_the_finished_trials() {
    let population = population();
    let some = cancelled_after(&simulation(&population, 100), 20);
    // Three blocks of 8.
    assert_eq!((some.requested, some.finished), (100, 3 * LANES));
    let first = simulation(&population, 3 * LANES).run().unwrap();
    for (summary, result) in some.rates.iter().zip(&first.rates) {
        assert_close(summary, result);
    }

    let none = cancelled_after(&simulation(&population, 100), 0);
    assert_eq!((none.requested, none.finished), (100, 0));
    for (rate, eta) in none.rates.iter().zip([0.1, 0.3]) {
        assert_eq!((rate.eta, rate.diverged()), (eta, 0));
        let estimate = rate.estimate(Measure::TestLoss).unwrap();
        assert!(estimate.mean.is_nan() && estimate.trials == 0);
        assert_eq!(rate.range(Measure::TestLoss), None);
    }
}

/// More trials than memory has bytes.
#[test]
fn trials_without_end() {
    let population = population();
    let endless = cancelled_after(&simulation(&population, usize::MAX), 1000);
    assert_eq!((endless.requested, endless.finished), (usize::MAX, 1000));
    let finite = simulation(&population, 1000).run().unwrap();
    for (summary, result) in endless.rates.iter().zip(&finite.rates) {
        assert_close(summary, result);
    }
}

/// On one thread, one value for each level of the tree over the blocks, and the one that is being merged.
#[test]
fn folding_keeps_few_values() {
    let population = population();
    for (blocks, levels) in [(1, 0), (2, 1), (64, 6), (1000, 10)] {
        let simulation = simulation(&population, blocks * LANES);
        let (alive, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let control = Control {
            progress: &|_| {},
            cancel: &AtomicBool::new(false),
        };
        let trials = on_threads(1, || {
            simulation.fold(
                control,
                |block| {
                    let now = alive.fetch_add(1, Ordering::Relaxed) + 1;
                    most.fetch_max(now, Ordering::Relaxed);
                    block.trials().len()
                },
                |left, right| {
                    alive.fetch_sub(1, Ordering::Relaxed);
                    left + right
                },
            )
        });
        assert_eq!(trials.unwrap(), Some(blocks * LANES));
        assert!(most.into_inner() <= levels + 1, "{blocks} blocks");
    }
}

#[test]
fn folding_goes_over_each_trial_once_in_order() {
    let population = population();
    let simulation = simulation(&population, 101);
    let control = Control {
        progress: &|_| {},
        cancel: &AtomicBool::new(false),
    };
    let trials = on_threads(3, || {
        simulation.fold(
            control,
            |block| {
                assert!(
                    block
                        .outcomes
                        .iter()
                        .all(|o| o.len() == block.trials().len())
                );
                block.trials().collect::<Vec<_>>()
            },
            |left, right| [left, right].concat(),
        )
    });
    assert_eq!(trials.unwrap(), Some((0..101).collect()));
}

#[test]
fn what_cannot_be_run_cannot_be_summarized() {
    let population = population();
    let simulation = simulation(&population, 0);
    let error = simulation.summarize().unwrap_err();
    assert_eq!(error, simulation.run().unwrap_err());
}
