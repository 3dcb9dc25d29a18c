//! The sample reading against many samples whose truth is known: unbiased, and with errors that cover the truth as often as they claim.

use std::sync::LazyLock;

use diagram_calculus::measure::{Measure, diagrams_for, expand};
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagram_calculus::value_class::ValueClass;
use diagram_runtime::derivatives::{COST_PARAMETERS, PointDerivatives};
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscapes::Polynomial;
use diagram_runtime::program::Program;
use diagram_runtime::samples::Samples;
use diagram_runtime::values::{Method, Options, ValueError, Values, evaluate};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

const THETA: [f64; 2] = [0.6, -0.4];

/// All monomials of two weights up to degree 4, so that no derivative up to the fourth vanishes.
fn landscape() -> Polynomial {
    let exponents = (0..=4u32).flat_map(|degree| (0..=degree).map(move |i| vec![i, degree - i]));
    Polynomial::new(2, exponents.collect()).expect("two exponents each")
}

/// Equally likely datapoints whose coefficients are uniform around centers of size 0.7 to 1.3, `spread` wide.
fn population_of(points: usize, spread: f64) -> Samples<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let monomials = 15;
    let centers: Vec<f64> = (0..monomials)
        .map(|i| if i % 3 == 1 { -0.7 } else { 0.9 } + 0.4 * rng.random::<f64>())
        .collect();
    let numbers = (0..points)
        .flat_map(|_| {
            centers
                .iter()
                .map(|c| c + spread * (rng.random::<f64>() - 0.5))
                .collect::<Vec<_>>()
        })
        .collect();
    Samples::new(monomials, numbers).expect("whole rows")
}

/// A spread of about a third of the size: no value is degenerate (its unbiased estimate is dominated by the linear part), and tails are
/// bounded, so means over a dozen points are close to normal.
fn population(points: usize) -> Samples<f64> {
    population_of(points, 1.0)
}

/// Everything that test loss and generalization gap take from the data up to order 3, in any schedule.
static PROGRAM: LazyLock<Interpreted> = LazyLock::new(|| {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let spacetime = Spacetime::sgd(
        symbol("N"),
        Parameter::Literal(1),
        symbol("E"),
        Shuffle::EachEpoch,
    );
    let mut classes: Vec<ValueClass> = [Measure::TestLoss, Measure::GeneralizationGap]
        .into_iter()
        .flat_map(|measure| {
            expand(measure, &spacetime, diagrams_for(measure, 3))
                .expect("terms of the measure")
                .values
        })
        .map(|(class, _)| class)
        .collect();
    classes.sort();
    classes.dedup();
    assert!(classes.iter().any(|c| c.order() == 3 && c.parts() == 4));
    Interpreted::new(&classes)
});

fn values(data: &Samples<f64>, options: &Options) -> Result<Values<f64>, ValueError> {
    let landscape = landscape();
    let local = PointDerivatives::new(&landscape, &THETA, data).expect("fits");
    // Tensors would fit most budgets.
    evaluate(&*PROGRAM, &local, &options.by(Method::Passes))
}

fn draw(population: &Samples<f64>, count: usize, seed: u64) -> Samples<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let indices: Vec<usize> = (0..count)
        .map(|_| rng.random_range(0..population.len()))
        .collect();
    population.select(&indices)
}

fn mean_and_error(numbers: &[f64]) -> (f64, f64) {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let squares: f64 = numbers.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

const BLOCKS: usize = 8;
/// Two-sided 95% point of Student's t with `BLOCKS - 1` degrees of freedom.
const STUDENT: f64 = 2.364_624;

#[test]
fn estimates_are_unbiased_and_intervals_cover() {
    // Coverage of D draws scatters by √(0.05 · 0.95 / D), a binomial; for D = 1000 by 0.7%, so 92% and 98% lie more than four of these
    // away from 95%: for some two dozen classes (that move together, which only helps) a correct implementation fails with one seed in a
    // thousand, and the seed is fixed. A standard error too small by a seventh would push coverage to 91%.
    const DRAWS: u64 = 1000;
    // Blocks of unequal size: 12 or 13 points.
    const POINTS: usize = 100;
    let population = population(6);
    let truth = values(&population, &Options::population()).expect("finite");
    let estimates: Vec<Values<f64>> = (0..DRAWS)
        .into_par_iter()
        .map(|seed| {
            values(&draw(&population, POINTS, seed), &Options::sample(BLOCKS)).expect("finite")
        })
        .collect();
    assert!(truth.entries.len() >= 18);
    for (at, exact) in truth.entries.iter().enumerate() {
        let [expected] = exact.estimate[..] else {
            panic!("{} is no scalar", exact.class);
        };
        let found: Vec<f64> = estimates
            .iter()
            .map(|v| v.entries[at].estimate[0])
            .collect();
        let (mean, error) = mean_and_error(&found);
        // Four errors: a chance of 6e-5 for each class, below 0.2% for all of them together (Bonferroni).
        assert!(
            (mean - expected).abs() <= 4.0 * error,
            "{}: {mean} ± {error}, not {expected}",
            exact.class
        );
        let covered = estimates
            .iter()
            .map(|v| &v.entries[at])
            .filter(|v| (v.estimate[0] - expected).abs() <= STUDENT * v.standard_error[0])
            .count();
        let coverage = covered as f64 / DRAWS as f64;
        assert!(
            (0.92..=0.98).contains(&coverage),
            "{}: intervals cover {coverage}",
            exact.class
        );
    }
}

#[test]
fn small_samples_of_wide_data_are_unbiased_where_all_tuples_are_not() {
    // What a tie left in adds goes with the square of the spread over n, the scatter of the mean over draws with the spread over √(n D):
    // wide data and small samples show it best. Unbiasedness asks nothing of the distribution.
    const DRAWS: u64 = 1000;
    const POINTS: usize = 8;
    let population = population_of(6, 6.0);
    let truth = values(&population, &Options::population()).expect("finite");
    let (tied, untied): (Vec<_>, Vec<_>) = (0..DRAWS)
        .into_par_iter()
        .map(|seed| {
            let data = draw(&population, POINTS, seed);
            let all_tuples = values(&data, &Options::population()).expect("finite");
            // Two blocks of 4: the smallest for classes of 4 parts.
            (
                all_tuples,
                values(&data, &Options::sample(2)).expect("finite"),
            )
        })
        .unzip();
    let mut shows = 0;
    for (at, exact) in truth.entries.iter().enumerate() {
        let off = |estimates: &[Values<f64>]| {
            let found: Vec<f64> = estimates
                .iter()
                .map(|v| v.entries[at].estimate[0])
                .collect();
            let (mean, error) = mean_and_error(&found);
            (mean - exact.estimate[0]).abs() / error
        };
        // Four errors by Bonferroni, as above.
        assert!(
            off(&untied) <= 4.0,
            "{}: off by {} errors",
            exact.class,
            off(&untied)
        );
        if exact.class.parts() == 1 {
            assert!(
                off(&tied) <= 4.0,
                "{}: off by {} errors",
                exact.class,
                off(&tied)
            );
        } else {
            shows += usize::from(off(&tied) > 8.0);
        }
    }
    let tieable = truth.entries.iter().filter(|v| v.class.parts() > 1).count();
    // Ties of some classes cancel or are lost in the scatter, but not those of most.
    assert!(
        2 * shows > tieable,
        "the bias of only {shows} of {tieable} classes shows"
    );
}

#[test]
fn standard_errors_are_those_of_the_replicates() {
    let data = draw(&population(6), 100, 3);
    let found = values(&data, &Options::sample(BLOCKS)).expect("finite");
    assert_eq!(found.samples, 100);
    for value in &found.entries {
        let replicates: Vec<f64> = value.replicates.iter().map(|r| r[0]).collect();
        assert_eq!(replicates.len(), BLOCKS);
        let (mean, error) = mean_and_error(&replicates);
        // Eight numbers of one size: rounding is a few units in the last place; the error is a difference of numbers
        // at most some hundred times its size.
        assert!((mean - value.estimate[0]).abs() <= 1e-14 * mean.abs());
        assert!(
            (error - value.standard_error[0]).abs() <= 1e-12 * error,
            "{}",
            value.class
        );
        assert!(error > 0.0);
    }
}

/// Enough points that order 3 costs many loops over them.
fn many() -> Samples<f64> {
    population(100)
}

/// The budget that the given classes need for averages over all tuples of so many points.
fn cost(classes: impl IntoIterator<Item = usize>, points: usize) -> f64 {
    let plan = &PROGRAM.blueprint().plan;
    plan.cost(&plan.demand(classes), points, 2, &COST_PARAMETERS)
        .sample_evaluations
}

/// The budget that the linear classes need, and that everything needs.
fn costs(points: usize) -> [f64; 2] {
    let blueprint = PROGRAM.blueprint();
    let all = 0..blueprint.requested;
    let linear = all
        .clone()
        .filter(|&class| blueprint.plan.degree(class) <= 1);
    [cost(linear, points), cost(all, points)]
}

/// The budget that unbiased estimates from one block need.
fn cost_of_block(points: usize) -> f64 {
    let coarser = PROGRAM
        .blueprint()
        .unbiased
        .iter()
        .flatten()
        .map(|correction| correction.class);
    cost(coarser, points)
}

#[test]
fn a_budget_estimates_what_is_costly_and_says_how_well() {
    let data = many();
    let exact = values(&data, &Options::population()).expect("finite");
    let [linear, all] = costs(data.len());
    let budget = linear.midpoint(all);
    let mut last: Option<Values<f64>> = None;
    for seed in 0..5 {
        let drawn = values(&data, &Options::population().with_budget(budget, seed))
            .expect("the budget suffices");
        let mut estimated = 0;
        for (at, (value, truth)) in drawn.entries.iter().zip(&exact.entries).enumerate() {
            assert_eq!(value.class, truth.class);
            if PROGRAM.blueprint().plan.degree(at) <= 1 {
                assert_eq!(
                    (&value.estimate, &value.standard_error),
                    (&truth.estimate, &vec![0.0])
                );
                assert!(value.replicates.is_empty());
            } else {
                estimated += 1;
                let error = value.standard_error[0];
                assert!(error > 0.0);
                // Student's t with 31 degrees of freedom exceeds 5.5 with chance 5e-6: a tenth of a permille for all.
                let off = (value.estimate[0] - truth.estimate[0]).abs();
                assert!(
                    off <= 5.5 * error,
                    "{}: off by {off} with an error of {error}",
                    value.class
                );
                // Draws cost less than the exact value and are worth something.
                assert!(
                    error < 0.5 * truth.estimate[0].abs(),
                    "{}: {error}",
                    value.class
                );
            }
        }
        assert!(estimated > 0, "nothing here needs a budget");
        // Another seed draws other points; the same seed the same.
        let again =
            values(&data, &Options::population().with_budget(budget, seed)).expect("as before");
        assert_eq!(again, drawn);
        if let Some(last) = last.replace(drawn.clone()) {
            assert_ne!(last.entries, drawn.entries);
        }
    }
}

#[test]
fn a_budget_for_everything_changes_nothing() {
    let data = many();
    let [_, all] = costs(data.len());
    let exact = values(&data, &Options::population()).expect("finite");
    let budgeted = values(&data, &Options::population().with_budget(all, 1)).expect("finite");
    assert_eq!(budgeted.entries, exact.entries);
    assert_eq!((budgeted.budget, exact.budget), (Some(all), None));
}

#[test]
fn a_budget_of_a_sample_makes_smaller_blocks() {
    let data = many();
    let cost = |blocks: usize| cost_of_block(data.len().div_ceil(blocks)) * blocks as f64;
    let free = values(&data, &Options::sample(4)).expect("finite");
    let budgeted = values(&data, &Options::sample(4).with_budget(cost(4), 0)).expect("finite");
    assert_eq!(budgeted.entries, free.entries);
    let tight = values(&data, &Options::sample(4).with_budget(cost(16), 0)).expect("finite");
    let blocks = tight.entries[0].replicates.len();
    assert!((5..=16).contains(&blocks), "{blocks} blocks");
    let same = values(&data, &Options::sample(blocks)).expect("finite");
    assert_eq!(same.entries, tight.entries);
}

#[test]
fn estimates_do_not_depend_on_the_number_of_threads() {
    let data = many();
    let [linear, all] = costs(data.len());
    let options = [
        Options::population(),
        Options::population().with_budget(linear.midpoint(all), 3),
        Options::sample(6),
    ];
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        pool.install(|| options.map(|o| values(&data, &o).expect("finite")))
    };
    let single = run(1);
    for threads in [2, 3] {
        // Equality of floats here is equality of bits: there are no zeros among them but the standard errors of exact values.
        assert_eq!(run(threads), single, "{threads} threads");
    }
}

#[test]
fn too_few_blocks() {
    for blocks in [0, 1] {
        let error = values(&population(6), &Options::sample(blocks)).expect_err("no spread");
        assert_eq!(error, ValueError::TooFewBlocks(blocks));
        assert!(error.to_string().contains("at least 2 blocks"), "{error}");
    }
}

#[test]
fn too_few_samples() {
    // Order 3 has classes of four parts.
    for (samples, blocks, each) in [(7, 2, 3), (15, 4, 3), (6, 7, 0)] {
        let error = values(&population(samples), &Options::sample(blocks)).expect_err("too few");
        assert_eq!(
            error,
            ValueError::TooFewSamples {
                samples,
                blocks,
                each,
                parts: 4
            }
        );
        let said = error.to_string();
        assert!(
            said.contains("fewer blocks or more data") && said.contains("4 distinct"),
            "{said}"
        );
    }
    values(&population(8), &Options::sample(2)).expect("just enough");
    values(&population(6), &Options::sample(2).with_budget(1e9, 0))
        .expect_err("a budget makes no points");
}

/// What the error says would do does, and nothing less.
#[test]
fn too_small_a_budget() {
    let data = many();
    for options in [Options::population(), Options::sample(4)] {
        let with = |budget: f64| values(&data, &options.with_budget(budget, 0));
        let mut least = 1.0;
        for _ in 0..2 {
            let Err(ValueError::Budget {
                budget,
                least: enough,
            }) = with(least)
            else {
                // The first answer may be that of the linear classes alone.
                break;
            };
            assert_eq!(budget, least);
            assert!(enough > budget);
            least = enough;
        }
        assert!(
            least > 1.0,
            "one evaluation is no budget for {} points",
            data.len()
        );
        // A hair more: the budget is compared with sums in another order.
        with(least * (1.0 + 1e-12)).expect("said to be enough");
        let error = with(0.99 * least).expect_err("less than the least");
        assert!(error.to_string().contains("too small"), "{error}");
    }
}
