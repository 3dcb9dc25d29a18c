//! Compiled predictors agree with the interpreter, and both with brute force over training sets, in exact rationals.

mod brute_force;
mod contraction;

use diagrams::calculus::Diagram;
use diagrams::calculus::coefficient::{Coefficient, Parameters};
use diagrams::calculus::measure::{Measure, diagrams_for, expand};
use diagrams::calculus::outline::Outlined;
use diagrams::calculus::spacetime::{Grid, Parameter, Shuffle, Spacetime};
use diagrams::calculus::value_class::ValueClass;
use diagrams::prelude::{Options, PointDerivatives, Predictor, Samples};
use diagrams::runtime::exact::Exact;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::landscapes::Polynomial;
use diagrams::runtime::series::Series;
use diagrams::runtime::values::{Method, evaluate};
use num_rational::BigRational;
use proptest::prelude::*;

diagrams::diagrams! {
    spacetime Fixed    = sgd(train: N, batch: B, epochs: E);
    spacetime Shuffled = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Full     = gd(train: N, steps: T);
    spacetime TenTwice = sgd(train: 10, batch: 5, epochs: 2);
    spacetime Tiny     = grid ["#..#", ".##."];

    diagram skew     = root(a, b, c) where a ~ b ~ c;
    diagram entropic = root(c(a, b)) where a ~~ b;
    diagram twig     = (01-02)(0-1-2);
    diagram chain    = root(b(a)) where a ~ b;
    diagram pair     = first(a) * second(b) where a ~ b;

    /// Everything up to fourth order.
    pub predictor TestLoss:    test_loss in Fixed                = all(edges <= 4);
    predictor TrainLoss:       train_loss in Fixed               = all(edges <= 3);
    predictor Gap:             generalization_gap in Shuffled    = all(edges <= 3);
    predictor Drift:           displacement in Full              = all(edges <= 4);
    predictor Second:          second_moment in OneEpoch         = all(edges <= 3);
    predictor Ten:             test_loss in TenTwice             = all(edges == 3);
    predictor Vanilla:         test_loss in OneEpoch             = { twig };
    predictor OnGrid:          test_loss in Tiny                 = all(edges <= 3);
    predictor Chosen:          test_loss in Shuffled             = { skew, entropic, chain };
    predictor Covariance:      second_moment in OneEpoch         = { pair };
}

/// A polynomial landscape with its datapoints, small enough for exact arithmetic.
#[derive(Clone, Debug)]
struct Problem {
    monomials: Vec<Vec<u32>>,
    points: Vec<Vec<i64>>,
    theta: [i64; 2],
}

fn problem() -> impl Strategy<Value = Problem> {
    let monomials = vec![
        vec![1, 0],
        vec![0, 1],
        vec![2, 0],
        vec![1, 1],
        vec![0, 3],
        vec![3, 1],
        vec![0, 5],
    ];
    let width = monomials.len();
    let points = prop::collection::vec(prop::collection::vec(-2..=2_i64, width), 1..4);
    (points, [-1..=1_i64, -1..=1]).prop_map(move |(points, theta)| Problem {
        monomials: monomials.clone(),
        points,
        theta,
    })
}

impl Problem {
    fn landscape(&self) -> Polynomial {
        Polynomial::new(2, self.monomials.clone()).unwrap()
    }

    fn samples(&self) -> Samples<Exact> {
        let numbers = self.points.iter().flatten().map(|&c| Exact::from(c));
        Samples::new(self.monomials.len(), numbers.collect()).unwrap()
    }

    fn theta(&self) -> [Exact; 2] {
        self.theta.map(Exact::from)
    }
}

/// The compiled values against those of the interpreter, in every component.
fn assert_interpreted<P: Predictor>(problem: &Problem) {
    let (landscape, theta, samples) = (problem.landscape(), problem.theta(), problem.samples());
    let local = PointDerivatives::new(&landscape, &theta, &samples).unwrap();
    let compiled = P::values(&local, &Options::population()).unwrap();
    let classes: Vec<ValueClass> = P::coefficients().iter().map(|(c, _)| c.clone()).collect();
    // In another order, so that the plans differ.
    let reversed: Vec<ValueClass> = classes.iter().rev().cloned().collect();
    let values = evaluate(&Interpreted::new(&reversed), &local, &Options::population()).unwrap();
    assert_eq!(compiled.entries.len(), classes.len());
    for class in &classes {
        assert_eq!(
            compiled.get(class).unwrap(),
            values.get(class).unwrap(),
            "{}: {class}",
            P::NAME
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn compiled_values_are_interpreted_values(problem in problem()) {
        assert_interpreted::<TestLoss>(&problem);
        assert_interpreted::<TrainLoss>(&problem);
        assert_interpreted::<Gap>(&problem);
        assert_interpreted::<Drift>(&problem);
        assert_interpreted::<Second>(&problem);
        assert_interpreted::<Ten>(&problem);
        assert_interpreted::<OnGrid>(&problem);
        assert_interpreted::<Chosen>(&problem);
        assert_interpreted::<Covariance>(&problem);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn compiled_series_are_those_of_all_training_sets(
        problem in problem(),
        (train, batch) in prop::sample::select(vec![(1, 1), (2, 1), (2, 2), (3, 1), (4, 2)]),
        epochs in 1..3_usize,
    ) {
        let columns: Vec<Vec<usize>> = (0..epochs)
            .flat_map(|_| (0..train / batch).map(|b| (b * batch..(b + 1) * batch).collect()))
            .collect();
        let expected = brute_force::series(&problem, train, &columns, 4);
        let (landscape, theta, samples) = (problem.landscape(), problem.theta(), problem.samples());
        let local = PointDerivatives::new(&landscape, &theta, &samples).unwrap();
        let sizes = TestLoss::parameters(train as u64, batch as u64, epochs as u64).unwrap();
        for method in [Method::Passes, Method::Tensors, Method::Contraction] {
            let options = Options::population().by(method);
            let values = TestLoss::values(&local, &options).unwrap();
            let series = TestLoss::series(&values, &sizes).unwrap();
            prop_assert_eq!(&numbers(&series, 0, 4), &expected.test_loss);
            let sizes = TrainLoss::parameters(train as u64, batch as u64, epochs as u64).unwrap();
            let values = TrainLoss::values(&local, &options).unwrap();
            let series = TrainLoss::series(&values, &sizes).unwrap();
            prop_assert_eq!(&numbers(&series, 0, 3), &expected.train_loss[..4]);
        }
    }

    #[test]
    fn every_measure_on_grids_is_that_of_all_training_sets(
        problem in problem(),
        columns in grid(),
    ) {
        let rows = 3;
        let expected = brute_force::series(&problem, rows, &columns, 4);
        let spacetime = Spacetime::Grid(Grid::from_columns(rows, &columns).unwrap());
        let series = |measure| interpreted(&problem, measure, &spacetime);
        prop_assert_eq!(numbers(&series(Measure::TestLoss), 0, 4), expected.test_loss.clone());
        prop_assert_eq!(numbers(&series(Measure::TrainLoss), 0, 4), expected.train_loss.clone());
        prop_assert_eq!(numbers(&series(Measure::GeneralizationGap), 0, 4), expected.gap());
        prop_assert_eq!(numbers(&series(Measure::SecondMoment), 0, 4), expected.second_moment.clone());
        let displacement = series(Measure::Displacement);
        for axis in 0..2 {
            prop_assert_eq!(numbers(&displacement, axis, 4), expected.displacement[axis].clone());
        }
    }
}

/// The points of each update among three rows, as many in every column.
fn grid() -> impl Strategy<Value = Vec<Vec<usize>>> {
    (1..=3_usize).prop_flat_map(|batch| {
        let column = prop::sample::subsequence(vec![0, 1, 2], batch);
        prop::collection::vec(column, 1..4)
    })
}

fn interpreted(problem: &Problem, measure: Measure, spacetime: &Spacetime) -> Series<Exact> {
    let expansion = expand(measure, spacetime, diagrams_for(measure, 4)).unwrap();
    let classes: Vec<ValueClass> = expansion.values.iter().map(|(c, _)| c.clone()).collect();
    let (landscape, theta, samples) = (problem.landscape(), problem.theta(), problem.samples());
    let local = PointDerivatives::new(&landscape, &theta, &samples).unwrap();
    let values = evaluate(&Interpreted::new(&classes), &local, &Options::population()).unwrap();
    let unused = Parameters::new(1, 1, 1).unwrap();
    values.series(&expansion.values, &unused).unwrap()
}

/// One component of the coefficients of η^0, …, η^order; beyond what the series has they are zero.
fn numbers(series: &Series<Exact>, component: usize, order: usize) -> Vec<BigRational> {
    (0..=order)
        .map(|k| match series.coefficients.get(k) {
            Some(components) => components[component].rational().unwrap().clone(),
            None => BigRational::from_integer(0.into()),
        })
        .collect()
}

#[test]
fn declarations_are_what_the_calculus_expands() {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    let shuffled = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::EachEpoch);
    let star = [None, Some(0), Some(0), Some(0)];
    let skew = Diagram::new(&star, &[0, 1, 1, 1]).unwrap();
    let fork = [None, Some(0), Some(1), Some(1)];
    let entropic = Outlined::new(&fork, &[0, 1, 2, 3], &[(2, 3)]).unwrap();
    let chain = Diagram::new(&[None, Some(0), Some(1)], &[0, 1, 1]).unwrap();
    let diagrams = [skew.into(), entropic, chain.into()];
    let expected = expand(Measure::TestLoss, &shuffled, diagrams).unwrap();
    assert_eq!(Chosen::coefficients(), expected.values);
    assert_eq!((Chosen::NAME, Chosen::ORDER), ("Chosen", 3));
    assert_eq!(Chosen::PARAMETERS, ["N", "B", "E"]);
    let terms: Vec<&str> = Chosen::TERMS.iter().map(|term| term.diagram).collect();
    let expected: Vec<String> = expected
        .terms
        .iter()
        .map(|t| t.diagram.to_string())
        .collect();
    assert_eq!(terms, expected);
}

#[test]
fn sizes_that_are_declared_cannot_be_contradicted() {
    let sizes = |train, batch, epochs| Parameters {
        train,
        batch,
        epochs,
    };
    assert_eq!(*Ten::parameters().unwrap(), sizes(10, 5, 2));
    assert_eq!(*Vanilla::parameters(7).unwrap(), sizes(7, 1, 1));
    assert_eq!(*Drift::parameters(4, 9).unwrap(), sizes(4, 4, 9));
    assert_eq!(*OnGrid::parameters().unwrap(), sizes(2, 1, 1));
    assert!(TestLoss::parameters(10, 3, 1).is_err());
    assert!(TestLoss::parameters(0, 1, 1).is_err());
    // A literal size is a number in the coefficients.
    let constant = |coefficient: &Coefficient| coefficient.numerator().all(|(e, _)| *e == [0; 3]);
    assert!(Ten::coefficients().iter().all(|(_, c)| constant(c)));
    assert!(!TestLoss::coefficients().iter().all(|(_, c)| constant(c)));
}
