//! Finite sums: the datapoints are the training set, and expectations are over batches alone. Exact series against all runs, with weights as power series in η.

use diagrams::calculus::coefficient::{Coefficient, Parameters};
use diagrams::calculus::measure::{Measure, diagrams_for};
use diagrams::calculus::optimizer::{Number, Sampling, Training, UpdateRule};
use diagrams::calculus::value_class::ValueClass;
use diagrams::prelude::*;
use diagrams::runtime::exact::Exact;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscapes::Polynomial;
use diagrams::runtime::values::evaluate;

/// The highest power of η.
const ORDER: usize = 3;
/// The coefficients of θ, θ² and θ³ in the loss of each of the three datapoints.
const LOSSES: [[i64; 3]; 3] = [[1, 2, -1], [-3, 1, 1], [2, -1, 1]];
/// The initial weight is one half.
const START: (i64, i64) = (1, 2);

fn q(numerator: i64, denominator: i64) -> Number {
    Number::new(numerator.into(), denominator.into())
}

/// A power series in η, truncated.
type PowerSeries = Vec<Number>;

fn times(a: &PowerSeries, b: &PowerSeries) -> PowerSeries {
    let mut product = vec![q(0, 1); ORDER + 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate().take(ORDER + 1 - i) {
            product[i + j] += x * y;
        }
    }
    product
}

fn combination(terms: &[(Number, &PowerSeries)]) -> PowerSeries {
    let at = |k: usize| {
        terms
            .iter()
            .map(|(factor, series)| factor * &series[k])
            .sum()
    };
    (0..=ORDER).map(at).collect()
}

/// The mean gradient of a batch.
fn gradient(batch: &[usize], theta: &PowerSeries) -> PowerSeries {
    let one = [vec![q(1, 1)], vec![q(0, 1); ORDER]].concat();
    let square = times(theta, theta);
    let coefficient = |power: usize| -> Number {
        let sum: i64 = batch.iter().map(|&point| LOSSES[point][power - 1]).sum();
        q(power as i64 * sum, batch.len() as i64)
    };
    combination(&[
        (coefficient(1), &one),
        (coefficient(2), theta),
        (coefficient(3), &square),
    ])
}

/// The mean loss over all datapoints after updates with these batches, with momentum.
fn objective(batches: &[Vec<usize>], momentum: &Number) -> PowerSeries {
    let mut theta = vec![q(0, 1); ORDER + 1];
    theta[0] = q(START.0, START.1);
    let mut velocity = vec![q(0, 1); ORDER + 1];
    for batch in batches {
        velocity = combination(&[
            (momentum.clone(), &velocity),
            (q(1, 1), &gradient(batch, &theta)),
        ]);
        // One power of η.
        let mut step = velocity.clone();
        step.rotate_right(1);
        step[0] = q(0, 1);
        theta = combination(&[(q(1, 1), &theta), (q(-1, 1), &step)]);
    }
    let square = times(&theta, &theta);
    let cube = times(&square, &theta);
    let mean = |power: usize| q(LOSSES.iter().map(|l| l[power]).sum(), 3);
    combination(&[(mean(0), &theta), (mean(1), &square), (mean(2), &cube)])
}

fn mean(all: &[PowerSeries]) -> PowerSeries {
    let part = q(1, all.len() as i64);
    let terms: Vec<_> = all.iter().map(|series| (part.clone(), series)).collect();
    combination(&terms)
}

/// The series of the train loss by values over distinct datapoints.
fn predicted(sampling: Sampling, momentum: &Number) -> PowerSeries {
    let landscape = Polynomial::new(1, vec![vec![1], vec![2], vec![3]]).unwrap();
    let numbers = LOSSES.iter().flatten().map(|&c| Exact::from(c)).collect();
    let samples = Samples::new(3, numbers).unwrap();
    let theta = [Exact::from(q(START.0, START.1))];
    let local = PointDerivatives::new(&landscape, &theta, &samples).unwrap();
    let rule = UpdateRule::sgd().with_momentum(momentum.clone());
    let training = Training::new(sampling, rule).unwrap();
    let terms = training
        .expand::<Number>(Measure::TrainLoss, ORDER)
        .unwrap();
    let classes: Vec<ValueClass> = terms.iter().map(|(class, _)| class.clone()).collect();
    let values = evaluate(&Interpreted::new(&classes), &local, &Options::finite()).unwrap();
    let coefficients: Vec<_> = terms
        .into_iter()
        .map(|(class, weight)| (class, Coefficient::from(weight)))
        .collect();
    let nothing_open = Parameters {
        train: 1,
        batch: 1,
        epochs: 1,
    };
    let series = values.series(&coefficients, &nothing_open).unwrap();
    series
        .coefficients
        .iter()
        .map(|c| c[0].to_string().parse().unwrap())
        .collect()
}

/// All orders of the three datapoints.
fn orders() -> Vec<Vec<usize>> {
    let mut all = vec![];
    for a in 0..3 {
        for b in (0..3).filter(|&b| b != a) {
            all.push(vec![a, b, 3 - a - b]);
        }
    }
    all
}

fn single(points: &[usize]) -> Vec<Vec<usize>> {
    points.iter().map(|&point| vec![point]).collect()
}

#[test]
fn one_pass_is_the_mean_over_all_orders() {
    let momentum = q(1, 3);
    let runs: Vec<_> = orders()
        .iter()
        .map(|order| objective(&single(order), &momentum))
        .collect();
    let sampling = Sampling::epochs(3, 1, 1, false).unwrap();
    assert_eq!(predicted(sampling, &momentum), mean(&runs));
}

#[test]
fn given_batches_over_two_epochs_are_the_mean_over_all_assignments() {
    let momentum = q(1, 3);
    let runs: Vec<_> = orders()
        .iter()
        .map(|order| objective(&[single(order), single(order)].concat(), &momentum))
        .collect();
    let sampling = Sampling::epochs(3, 1, 2, false).unwrap();
    assert_eq!(predicted(sampling, &momentum), mean(&runs));
}

#[test]
fn fresh_shuffles_are_the_mean_over_all_orders_of_each_epoch() {
    let momentum = q(1, 3);
    let mut runs = vec![];
    for first in orders() {
        for second in orders() {
            runs.push(objective(
                &[single(&first), single(&second)].concat(),
                &momentum,
            ));
        }
    }
    let sampling = Sampling::epochs(3, 1, 2, true).unwrap();
    assert_eq!(predicted(sampling, &momentum), mean(&runs));
}

#[test]
fn sampling_with_replacement_is_the_mean_over_all_draws() {
    let momentum = q(1, 3);
    let mut runs = vec![];
    for draw in 0..81 {
        let slot = |at: u32| draw / 3_usize.pow(at) % 3;
        let batches = [vec![slot(0), slot(1)], vec![slot(2), slot(3)]];
        runs.push(objective(&batches, &momentum));
    }
    let sampling = Sampling::WithReplacement {
        train: 3,
        batches: vec![2, 2],
    };
    assert_eq!(predicted(sampling, &momentum), mean(&runs));
}

/// The predictors of a declaration take values of a finite reading, too.
#[test]
fn declared_predictors_of_finite_sums() {
    diagrams! {
        spacetime Drawn = sgd(train: 3, batch: 1, steps: 2, sampling: with_replacement);
        predictor Objective: train_loss in Drawn = all(edges <= 2);
    }
    let landscape = Polynomial::new(1, vec![vec![1], vec![2], vec![3]]).unwrap();
    let numbers = LOSSES.iter().flatten().map(|&c| c as f64).collect();
    let samples = Samples::new(3, numbers).unwrap();
    let local = PointDerivatives::new(&landscape, &[0.5], &samples).unwrap();
    let values = Objective::values(&local, &Options::finite()).unwrap();
    assert!(
        values
            .entries
            .iter()
            .all(|value| value.replicates.is_empty())
    );
    let series = Objective::series(&values, &Objective::parameters().unwrap()).unwrap();
    let none = q(0, 1);
    let runs: Vec<_> = (0..9)
        .map(|draw| objective(&single(&[draw % 3, draw / 3]), &none))
        .collect();
    for (found, exact) in series.coefficients.iter().zip(mean(&runs)) {
        let exact: f64 = exact.numer().to_string().parse::<f64>().unwrap()
            / exact.denom().to_string().parse::<f64>().unwrap();
        assert!((found[0] - exact).abs() < 1e-13 * exact.abs().max(1.0));
    }
    assert_eq!(
        diagrams_for(Measure::TrainLoss, 2).len(),
        Objective::DIAGRAMS.len()
    );
}
