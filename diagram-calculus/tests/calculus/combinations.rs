//! Linear combinations of expansions and substitutions into coefficients, compared with evaluation at numbers.

use diagram_calculus::ValueClass;
use diagram_calculus::coefficient::{Coefficient, Parameters};
use diagram_calculus::combination::{Combination, CombinationError, Product};
use diagram_calculus::enumerate::diagrams;
use diagram_calculus::measure::{Expansion, Measure, MeasuredQuantity, diagrams_for, expand};
use diagram_calculus::spacetime::{Grid, Parameter, Shuffle, Spacetime};
use num_rational::BigRational;
use std::collections::BTreeMap;

use crate::common::{ratio, symbol};

fn sgd(train: &str, batch: &str, epochs: &str) -> Spacetime {
    Spacetime::sgd(
        symbol(train),
        symbol(batch),
        symbol(epochs),
        Shuffle::EachEpoch,
    )
}

fn pure_sgd() -> Spacetime {
    let one = Parameter::Literal(1);
    Spacetime::sgd(symbol("N"), one, symbol("M"), Shuffle::Never)
}

fn expansion(measure: Measure, spacetime: &Spacetime) -> Expansion {
    expand(measure, spacetime, diagrams_for(measure, 2)).unwrap()
}

type Numbers = BTreeMap<ValueClass, BigRational>;

fn numbers(values: &[(ValueClass, Coefficient)], at: &Parameters) -> Numbers {
    let number = |(class, c): &(ValueClass, Coefficient)| (class.clone(), c.evaluate(at).unwrap());
    values.iter().map(number).collect()
}

/// The sum a·x + b·y, without classes whose sum is zero.
fn weighted(a: &BigRational, x: &Numbers, b: &BigRational, y: &Numbers) -> Numbers {
    let mut sum = Numbers::new();
    for (factor, numbers) in [(a, x), (b, y)] {
        for (class, number) in numbers {
            *sum.entry(class.clone()).or_insert(ratio(0, 1)) += factor * number;
        }
    }
    sum.retain(|_, number| *number != ratio(0, 1));
    sum
}

#[test]
fn combinations_agree_with_combined_numbers() {
    let a = expansion(Measure::TestLoss, &sgd("N", "B", "E"));
    // The same symbols stand for other sizes, and the measure is another loss.
    let b = expansion(Measure::TrainLoss, &sgd("N", "E", "B"));
    let (two, third) = (ratio(2, 1), ratio(1, 3));
    let combined = Combination::from(&a)
        .times(&two)
        .minus(Combination::from(&b).times(&third))
        .unwrap();
    assert_eq!(combined.quantity(), MeasuredQuantity::Loss);
    assert_eq!(combined.open(), ["N", "B", "E"]);
    for (n, b_size, e) in [(12, 3, 2), (10, 5, 2), (24, 6, 4)] {
        let at = combined
            .sizes(&[("E", e), ("N", n), ("B", b_size)])
            .unwrap();
        let first = Parameters {
            train: n,
            batch: b_size,
            epochs: e,
        };
        let second = Parameters {
            train: n,
            batch: e,
            epochs: b_size,
        };
        let mut found = numbers(combined.values(), &at);
        found.retain(|_, number| *number != ratio(0, 1));
        let expected = weighted(
            &two,
            &numbers(&a.values, &first),
            &-&third,
            &numbers(&b.values, &second),
        );
        assert_eq!(found, expected);
    }
}

#[test]
fn a_difference_with_itself_is_nothing() {
    let a = expansion(Measure::TestLoss, &pure_sgd());
    assert_eq!(Combination::from(&a).minus(&a).unwrap().values(), []);
    assert_eq!(Combination::from(&a).times(&ratio(0, 1)).values(), []);
    let gap = expansion(Measure::GeneralizationGap, &pure_sgd());
    let train = expansion(Measure::TrainLoss, &pure_sgd());
    // The gap is the test loss minus the train loss.
    let difference = Combination::from(&a).minus(&train).unwrap();
    assert_eq!(difference, Combination::from(&gap));
}

#[test]
fn numbers_and_grids_combine_with_symbols() {
    let open = expansion(Measure::TestLoss, &pure_sgd());
    let grid = Spacetime::Grid(Grid::from_rows(&["##", "##", "##"]).unwrap());
    let grid = expansion(Measure::TestLoss, &grid);
    let combined = Combination::from(&grid).minus(&open).unwrap();
    let at = combined.sizes(&[("N", 5), ("M", 3)]).unwrap();
    let one = ratio(1, 1);
    let expected = weighted(
        &one,
        &numbers(&grid.values, &at),
        &-&one,
        &numbers(&open.values, &at),
    );
    assert_eq!(numbers(combined.values(), &at), expected);
    assert_eq!(
        combined.sizes(&[("N", 5)]),
        Err(CombinationError::NoValue("M".into()))
    );
}

#[test]
fn a_name_for_two_sizes_is_one_symbol() {
    let both = Spacetime::sgd(symbol("N"), symbol("N"), symbol("E"), Shuffle::Never);
    let full = Spacetime::gd(symbol("N"), symbol("E"));
    let [both, full] = [both, full].map(|s| Combination::from(&expansion(Measure::TestLoss, &s)));
    assert_eq!(both, full);
}

#[test]
fn substitution_is_evaluation_at_the_product() {
    let gd = expansion(
        Measure::GeneralizationGap,
        &Spacetime::gd(symbol("N"), symbol("T")),
    );
    let by = Product::new(ratio(1, 1), &[("N", 1), ("E", 1), ("B", -1)]);
    assert_eq!(by.to_string(), "B^-1 E N");
    let replaced = Combination::from(&gd).substitute("T", &by).unwrap();
    let at = replaced.sizes(&[("N", 12), ("B", 4), ("E", 5)]).unwrap();
    let steps = Parameters {
        train: 12,
        batch: 12,
        epochs: 15,
    };
    assert_eq!(numbers(replaced.values(), &at), numbers(&gd.values, &steps));
    // The number of training points can be replaced by a number.
    let numbered = replaced
        .substitute("N", &Product::new(ratio(12, 1), &[]))
        .unwrap();
    assert_eq!(numbered.open().len(), 2);
    assert_eq!(numbers(numbered.values(), &at), numbers(&gd.values, &steps));
    // The number of training points can be renamed, also in denominators N - j.
    let shuffled = Combination::from(&expansion(Measure::TestLoss, &sgd("N", "B", "E")));
    let renamed = shuffled.substitute("N", &Product::of(&["points"])).unwrap();
    assert_eq!(renamed.values(), shuffled.values());
    assert_eq!(renamed.symbols().train, "points");
}

#[test]
fn coefficients_in_other_sizes() {
    let power = Coefficient::power;
    let (n, b, e) = (power([1, 0, 0]), power([0, 1, 0]), power([0, 0, 1]));
    let spacetime = sgd("N", "B", "E");
    for diagram in diagrams(3) {
        let count = spacetime.embeddings(&diagram);
        assert_eq!(
            count.substitute(&[n.clone(), b.clone(), e.clone()]),
            Some(count.clone())
        );
        let product = count
            .substitute(&[n.clone(), e.clone(), n.mul(&b).mul(&e)])
            .unwrap();
        let at = Parameters {
            train: 12,
            batch: 2,
            epochs: 3,
        };
        let then = Parameters {
            train: 12,
            batch: 3,
            epochs: 72,
        };
        assert_eq!(product.evaluate(&at), count.evaluate(&then));
        let literal = count.substitute(&[Coefficient::from_integer(12), b.clone(), e.clone()]);
        assert_eq!(literal.unwrap().evaluate(&at), count.evaluate(&at));
    }
    let over_train = Coefficient::over_falling_train(2);
    let zero = Coefficient::zero();
    assert_eq!(
        over_train.substitute(&[b.clone(), b.clone(), e.clone()]),
        None
    );
    assert_eq!(
        over_train.substitute(&[Coefficient::one(), b.clone(), e.clone()]),
        None
    );
    assert_eq!(
        power([0, -1, 0]).substitute(&[n.clone(), zero, e.clone()]),
        None
    );
    assert_eq!(
        power([0, -1, 0]).substitute(&[n.clone(), n.add(&e), e]),
        None
    );
}

#[test]
fn what_does_not_combine() {
    let of = |measure, spacetime: &Spacetime| Combination::from(&expansion(measure, spacetime));
    let loss = of(Measure::TestLoss, &sgd("N", "B", "E"));
    for (measure, right) in [
        (Measure::Displacement, MeasuredQuantity::Weights),
        (Measure::SecondMoment, MeasuredQuantity::SquaredLoss),
    ] {
        let refused = loss.plus(of(measure, &sgd("N", "B", "E"))).unwrap_err();
        assert_eq!(
            refused,
            CombinationError::Quantities {
                left: MeasuredQuantity::Loss,
                right
            }
        );
    }
    let refused = |spacetime| loss.minus(of(Measure::TestLoss, &spacetime)).unwrap_err();
    assert_eq!(
        refused(sgd("P", "B", "E")),
        CombinationError::TrainSymbols("N".into(), "P".into())
    );
    let gd = Spacetime::gd(symbol("N"), symbol("T"));
    assert_eq!(
        refused(gd.clone()),
        CombinationError::TooManySymbols("T".into())
    );
    let gd = of(Measure::TestLoss, &gd);
    assert_eq!(
        gd.substitute("E", &Product::of(&["N"])),
        Err(CombinationError::NoSuchSymbol("E".into()))
    );
    assert_eq!(
        gd.substitute("T", &Product::of(&["K", "L", "M"])),
        Err(CombinationError::TooManySymbols("M".into()))
    );
    // From order 4 on, two parts can both be in two epochs, and the denominators contain N - 1.
    let shuffled = expand(Measure::GeneralizationGap, &sgd("N", "B", "E"), diagrams(4)).unwrap();
    let shuffled = Combination::from(&shuffled);
    for by in [
        Product::of(&["B", "K"]),
        Product::of(&["B", "B"]),
        Product::new(ratio(1, 1), &[]),
        Product::new(ratio(0, 1), &[("N", -1)]),
    ] {
        let symbol = "N".to_string();
        let refused = shuffled.substitute("N", &by).unwrap_err();
        assert_eq!(refused, CombinationError::Denominator { symbol, by });
    }
}
