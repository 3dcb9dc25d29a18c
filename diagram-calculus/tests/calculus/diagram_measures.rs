//! Expansions, compared with known results and with brute force, which trains on every training set with weights as power series in η.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::diagram::Diagram;
use diagram_calculus::measure::{Measure, MeasureError, diagrams_for, expand};
use diagram_calculus::spacetime::{Batch, EpochSchedule, Grid, Parameter, Shuffle, Spacetime};
use diagram_calculus::value_class::ValueClass;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;

use crate::common::{ratio, read, symbol};

const MEASURES: [Measure; 5] = [
    Measure::TestLoss,
    Measure::TrainLoss,
    Measure::GeneralizationGap,
    Measure::Displacement,
    Measure::SecondMoment,
];

fn sgd(shuffle: Shuffle) -> Spacetime {
    Spacetime::Schedule(EpochSchedule {
        train: symbol("N"),
        batch: Batch::Of(symbol("B")),
        epochs: symbol("E"),
        shuffle,
    })
}

fn gd() -> Spacetime {
    Spacetime::Schedule(EpochSchedule {
        train: symbol("N"),
        batch: Batch::Full,
        epochs: symbol("T"),
        shuffle: Shuffle::Never,
    })
}

/// SGD with one training point for each update, each of them once.
fn vanilla() -> Spacetime {
    Spacetime::Schedule(EpochSchedule {
        train: symbol("N"),
        batch: Batch::Of(Parameter::Literal(1)),
        epochs: Parameter::Literal(1),
        shuffle: Shuffle::Never,
    })
}

fn coefficient_at(
    measure: Measure,
    spacetime: &Spacetime,
    diagrams: Vec<Diagram>,
    class: &str,
    parameters: &Parameters,
) -> BigRational {
    let expansion = expand(measure, spacetime, diagrams).unwrap();
    let found = expansion
        .values
        .iter()
        .find(|(c, _)| c.to_string() == class);
    found.map_or_else(BigRational::zero, |(_, coefficient)| {
        coefficient.evaluate(parameters).unwrap()
    })
}

/// The coefficient of η G G is -T for T = E N/B updates (Example 2 of the paper).
#[test]
fn the_test_loss_first_falls_by_g_squared_for_each_update() {
    for (train, batch, epochs) in [(6, 1, 1), (6, 2, 3), (6, 6, 2)] {
        let parameters = Parameters {
            train,
            batch,
            epochs,
        };
        let updates = BigRational::from_integer(BigInt::from(epochs * train / batch));
        for shuffle in [Shuffle::Never, Shuffle::EachEpoch] {
            let coefficient = coefficient_at(
                Measure::TestLoss,
                &sgd(shuffle),
                diagrams_for(Measure::TestLoss, 1),
                "(01)(0-1)",
                &parameters,
            );
            assert_eq!(coefficient, -updates.clone());
        }
    }
}

/// At first order the generalization gap is η T/N (E g² - G²).
#[test]
fn the_gap_first_grows_by_the_gradients_covariance() {
    let parameters = Parameters {
        train: 10,
        batch: 5,
        epochs: 3,
    };
    let gap = |class: &str| {
        let all = diagrams_for(Measure::GeneralizationGap, 1);
        coefficient_at(
            Measure::GeneralizationGap,
            &sgd(Shuffle::Never),
            all,
            class,
            &parameters,
        )
    };
    assert_eq!(gap("(01)(01)"), ratio(6, 10));
    assert_eq!(gap("(01)(0-1)"), ratio(-6, 10));
}

/// Diagrams whose roots are not those of the measure are refused with the reason.
#[test]
fn diagrams_of_other_measures_are_refused() {
    let refuse = |measure, text: &str| expand(measure, &vanilla(), [read(text)]).unwrap_err();
    for measure in [
        Measure::TestLoss,
        Measure::GeneralizationGap,
        Measure::Displacement,
    ] {
        assert_eq!(
            refuse(measure, "(01-02)(01-2)"),
            MeasureError::RootTied {
                diagram: read("(01-02)(01-2)"),
                root: 0
            }
        );
        assert_eq!(
            refuse(measure, "(02)(0-1-2)"),
            MeasureError::Roots {
                diagram: read("(02)(0-1-2)"),
                measure,
                expected: 1
            }
        );
    }
    assert_eq!(
        refuse(Measure::SecondMoment, "(01)(0-1)"),
        MeasureError::Roots {
            diagram: read("(01)(0-1)"),
            measure: Measure::SecondMoment,
            expected: 2
        }
    );
    assert_eq!(
        refuse(Measure::SecondMoment, "(02-13)(0-12-3)"),
        MeasureError::RootTied {
            diagram: read("(02-13)(0-12-3)"),
            root: 1
        }
    );
    assert_eq!(
        refuse(Measure::Displacement, "(01-02)(0-1-2)"),
        MeasureError::RootDegree {
            diagram: read("(01-02)(0-1-2)"),
            degree: 2
        }
    );
}

/// A size that is zero is an error and not a division by zero.
#[test]
fn spacetimes_without_points_are_refused() {
    let zero = || Parameter::Literal(0);
    for spacetime in [
        Spacetime::gd(zero(), symbol("T")),
        Spacetime::sgd(symbol("N"), zero(), symbol("E"), Shuffle::Never),
    ] {
        for measure in MEASURES {
            let all = diagrams_for(measure, 2);
            assert_eq!(
                expand(measure, &spacetime, all).unwrap_err(),
                MeasureError::EmptySpacetime
            );
        }
    }
}

#[test]
fn every_measure_takes_the_diagrams_listed_for_it() {
    for measure in MEASURES {
        let all = diagrams_for(measure, 3);
        let edges: Vec<usize> = all.iter().map(Diagram::edges).collect();
        assert!(edges.is_sorted());
        let expansion = expand(measure, &sgd(Shuffle::Never), all.clone()).unwrap();
        assert_eq!(expansion.terms.len(), all.len());
        assert!(
            expansion
                .values
                .iter()
                .is_sorted_by_key(|(class, _)| (class.order(), class.clone()))
        );
        assert!(expansion.values.iter().all(|(_, sum)| !sum.is_zero()));
        let open = measure == Measure::Displacement;
        assert!(
            expansion
                .values
                .iter()
                .all(|(class, _)| class.open().is_some() == open)
        );
    }
}

// Brute force over all training sets.

const ORDER: usize = 3;

/// The coefficients of 1, η, …, η^ORDER.
type Series = Vec<BigRational>;

fn constant(value: BigRational) -> Series {
    let mut series = vec![BigRational::zero(); ORDER + 1];
    series[0] = value;
    series
}

fn sum(a: &Series, b: &Series) -> Series {
    a.iter().zip(b).map(|(x, y)| x + y).collect()
}

fn product(a: &Series, b: &Series) -> Series {
    (0..=ORDER)
        .map(|k| (0..=k).map(|i| &a[i] * &b[k - i]).sum())
        .collect()
}

fn scaled(a: &Series, factor: &BigRational) -> Series {
    a.iter().map(|x| x * factor).collect()
}

/// The losses of the datapoints of a population, as the coefficients of polynomials in one weight from the constant term up. The initial weight is 0. Their
/// derivatives at 0 are chosen such that no two classes have equal values by accident.
const POPULATION: [[i64; 5]; 2] = [[1, 2, -1, 1, 3], [-2, 3, 2, -1, 1]];

fn loss(polynomial: &[i64], weight: &Series) -> Series {
    polynomial
        .iter()
        .rev()
        .fold(constant(BigRational::zero()), |value, &c| {
            sum(&product(&value, weight), &constant(ratio(c, 1)))
        })
}

fn slope(polynomial: &[i64], weight: &Series) -> Series {
    let derivative: Vec<i64> = (1_i64..)
        .zip(&polynomial[1..])
        .map(|(k, c)| k * c)
        .collect();
    loss(&derivative, weight)
}

/// The expectation of a measure by training on every training set. The updates are given as lists of training points.
fn brute_force(measure: Measure, train: usize, updates: &[Vec<usize>]) -> Series {
    let sets = POPULATION.len().pow(train as u32);
    let mut mean = constant(BigRational::zero());
    for set in 0..sets {
        let chosen: Vec<&[i64]> = (0..train)
            .map(|n| POPULATION[set / POPULATION.len().pow(n as u32) % POPULATION.len()].as_slice())
            .collect();
        let mut weight = constant(BigRational::zero());
        for batch in updates {
            let mut step = constant(BigRational::zero());
            for &point in batch {
                step = sum(&step, &slope(chosen[point], &weight));
            }
            let mut step = scaled(&step, &ratio(-1, batch.len() as i64));
            step.rotate_right(1);
            step[0] = BigRational::zero();
            weight = sum(&weight, &step);
        }
        let average = |losses: &[&[i64]]| {
            let total = losses
                .iter()
                .map(|l| loss(l, &weight))
                .reduce(|a, b| sum(&a, &b));
            scaled(&total.unwrap(), &ratio(1, losses.len() as i64))
        };
        let test = average(&POPULATION.each_ref().map(<[i64; 5]>::as_slice));
        let value = match measure {
            Measure::TestLoss => test,
            Measure::TrainLoss => average(&chosen),
            Measure::GeneralizationGap => sum(&test, &scaled(&average(&chosen), &ratio(-1, 1))),
            Measure::Displacement => weight,
            Measure::SecondMoment => product(&test, &test),
        };
        mean = sum(&mean, &scaled(&value, &ratio(1, sets as i64)));
    }
    mean
}

/// The value of a class: the average of the product of the nodes' derivatives over all assignments of datapoints to parts.
fn value(class: &ValueClass) -> BigRational {
    let derivative = |point: usize, degree: usize| {
        let factorial: i64 = (1..=degree as i64).product();
        POPULATION[point].get(degree).map_or(0, |c| c * factorial)
    };
    let points = POPULATION.len();
    let choices = points.pow(class.parts() as u32);
    let total: i64 = (0..choices)
        .map(|choice| {
            let point = |node| choice / points.pow(class.part(node) as u32) % points;
            (0..class.nodes())
                .map(|node| derivative(point(node), class.degree(node)))
                .product::<i64>()
        })
        .sum();
    ratio(total, choices as i64)
}

fn predicted(measure: Measure, spacetime: &Spacetime, parameters: &Parameters) -> Series {
    let expansion = expand(measure, spacetime, diagrams_for(measure, ORDER)).unwrap();
    let mut series = constant(BigRational::zero());
    for (class, coefficient) in &expansion.values {
        series[class.order()] += value(class) * coefficient.evaluate(parameters).unwrap();
    }
    series
}

/// Theorem 1 and its variants for all measures are exact up to order 3.
#[test]
fn repeated_epochs_agree_with_brute_force() {
    for (train, batch, epochs) in [(3, 1, 1), (2, 1, 2), (4, 2, 2)] {
        let epoch: Vec<Vec<usize>> = (0..train / batch)
            .map(|b| (b * batch..(b + 1) * batch).collect())
            .collect();
        let updates = vec![epoch; epochs].concat();
        let parameters = Parameters {
            train: train as u64,
            batch: batch as u64,
            epochs: epochs as u64,
        };
        for measure in MEASURES {
            assert_eq!(
                predicted(measure, &sgd(Shuffle::Never), &parameters),
                brute_force(measure, train, &updates),
                "{measure} at N = {train}, B = {batch}, E = {epochs}"
            );
        }
    }
}

#[test]
fn gradient_descent_agrees_with_brute_force() {
    let parameters = Parameters {
        train: 3,
        batch: 3,
        epochs: 3,
    };
    let updates = vec![vec![0, 1, 2]; 3];
    for measure in MEASURES {
        assert_eq!(
            predicted(measure, &gd(), &parameters),
            brute_force(measure, 3, &updates),
            "{measure}"
        );
    }
}

/// The cells of a grid are arbitrary, except that every update has equally many.
#[test]
fn a_grid_agrees_with_brute_force() {
    let cells = Grid::from_rows(&["##.#", "#.#.", ".###"]).unwrap();
    let updates = [vec![0, 1], vec![0, 2], vec![1, 2], vec![0, 2]];
    let parameters = Parameters {
        train: 3,
        batch: 2,
        epochs: 1,
    };
    for measure in MEASURES {
        assert_eq!(
            predicted(measure, &Spacetime::Grid(cells.clone()), &parameters),
            brute_force(measure, 3, &updates),
            "{measure}"
        );
    }
}

/// The brute force averages over the orders in the second of two epochs. By symmetry of the training points the order in the first can be fixed.
#[test]
fn shuffled_epochs_agree_with_brute_force() {
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let parameters = Parameters {
        train: 3,
        batch: 1,
        epochs: 2,
    };
    for measure in MEASURES {
        let mut mean = constant(BigRational::zero());
        for second in orders {
            let updates: Vec<Vec<usize>> = (0..3).chain(second).map(|point| vec![point]).collect();
            mean = sum(&mean, &brute_force(measure, 3, &updates));
        }
        assert_eq!(
            predicted(measure, &sgd(Shuffle::EachEpoch), &parameters),
            scaled(&mean, &ratio(1, 6)),
            "{measure}"
        );
    }
}
