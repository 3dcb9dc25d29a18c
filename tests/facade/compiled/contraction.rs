//! Values by the contraction that the macro planned, against passes.

use diagrams::calculus::ValueClass;
use diagrams::calculus::plan::{Blueprint, ContractionPlan, Operand, PassOutput};
use diagrams::runtime::derivatives::{Derivatives, PointDerivatives, TensorError};
use diagrams::runtime::exact::Exact;
use diagrams::runtime::executor::{Execute, ExecutorError};
use diagrams::runtime::interpret::{Interpreted, interpret};
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::{Named, Polynomial};
use diagrams::runtime::predictor::DynPredictor;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::values::{Method, Options, Strategy, ValueError, evaluate};
use proptest::prelude::*;

use super::{
    Chosen, Covariance, Drift, Gap, OnGrid, Problem, Second, Ten, TestLoss, TrainLoss, problem,
};

/// All compiled predictors of these tests.
const ALL: [&dyn DynPredictor; 9] = [
    &TestLoss,
    &TrainLoss,
    &Gap,
    &Drift,
    &Second,
    &Ten,
    &OnGrid,
    &Chosen,
    &Covariance,
];

/// Whether both methods give the same rationals: all numbers, or a refusal of both.
fn assert_equal(local: &dyn Derivatives<Exact>, options: Options) {
    for predictor in ALL {
        let by = |method| evaluate(&predictor, local, &options.by(method));
        match (by(Method::Passes), by(Method::Contraction)) {
            (Ok(passes), Ok(contraction)) => {
                assert_eq!(contraction.method, Method::Contraction);
                assert_eq!(passes.entries, contraction.entries, "{}", predictor.name());
            }
            (Err(passes), Err(contraction)) => assert_eq!(passes, contraction),
            (passes, contraction) => panic!("{passes:?}, {contraction:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn contractions_are_passes(problem in problem()) {
        let (landscape, theta, samples) = (problem.landscape(), problem.theta(), problem.samples());
        let local = PointDerivatives::new(&landscape, &theta, &samples).unwrap();
        assert_equal(&local, Options::population());
    }

    #[test]
    fn unbiased_estimates_by_contractions_are_those_by_passes(
        problem in problem(),
        more in prop::collection::vec(prop::collection::vec(-2..=2_i64, 7), 10),
    ) {
        let problem = Problem { points: more, ..problem };
        let (landscape, theta, samples) = (problem.landscape(), problem.theta(), problem.samples());
        let local = PointDerivatives::new(&landscape, &theta, &samples).unwrap();
        assert_equal(&local, Options::sample(2));
    }
}

/// More samples than a block has, in double precision.
///
/// Both ways average the same products of k ≤ 4 derivatives. A product is rounded fewer than 10 times, and a lane adds at most 1024 / 8 of them before
/// its sum is added to others: the relative error is at most 150 ε = 1.7e-14 of the mean of the absolute values of the products. That mean may be
/// larger than the value, because products cancel: 1e-12 of the largest value of the same order leaves a factor of 60 for that.
#[test]
fn contractions_round_as_little_as_passes() {
    let near = |local: &dyn Derivatives<f64>| {
        // Passes of fourth order take a loop over triples.
        for predictor in ALL.into_iter().filter(|predictor| predictor.order() <= 3) {
            let by = |method| {
                let options = Options::population().by(method);
                evaluate(&predictor, local, &options).expect("finite")
            };
            let (passes, contraction) = (by(Method::Passes), by(Method::Contraction));
            for order in 0..=predictor.order() {
                let of_order = passes.entries.iter().zip(&contraction.entries);
                let of_order = of_order.filter(|(a, _)| a.class.order() == order);
                let numbers: Vec<(f64, f64)> = of_order
                    .flat_map(|(a, b)| a.estimate.iter().copied().zip(b.estimate.iter().copied()))
                    .collect();
                let largest = numbers
                    .iter()
                    .fold(0.0_f64, |most, (a, _)| most.max(a.abs()));
                for (a, b) in numbers {
                    assert!(
                        (a - b).abs() <= 1e-12 * largest,
                        "{}: {a}, {b}",
                        predictor.name()
                    );
                }
            }
        }
    };
    for landscape in [Named::GaussianFit, Named::LinearScrew] {
        let theta = initialization(landscape.dimension(), 1);
        let samples = Samples::new(1, initialization(1100, 2)).expect("one number each");
        near(&*landscape.local(&theta, &samples).expect("they fit"));
    }
    let monomials: Vec<Vec<u32>> = (0..6)
        .flat_map(|i| {
            (1..=3).map(move |power| {
                (0..6)
                    .map(|j| {
                        if i == j {
                            power
                        } else {
                            u32::from(j == (i + 1) % 6)
                        }
                    })
                    .collect()
            })
        })
        .collect();
    let width = monomials.len();
    let landscape = Polynomial::new(6, monomials).expect("well-formed");
    let samples = Samples::new(width, initialization(80 * width, 2)).expect("whole rows");
    let theta = initialization(6, 3);
    near(&PointDerivatives::new(&landscape, &theta, &samples).expect("they fit"));
}

#[test]
fn the_constant_is_what_the_planner_makes() {
    for predictor in ALL {
        let coefficients = predictor.coefficients().iter();
        let classes: Vec<ValueClass> = coefficients.map(|(class, _)| class.clone()).collect();
        let blueprint = Blueprint::new(&classes);
        assert_eq!(*predictor.blueprint(), blueprint, "{}", predictor.name());
        let contraction = ContractionPlan::new(&blueprint.plan.classes);
        assert_eq!(
            predictor.contraction(),
            Some(&contraction),
            "{}",
            predictor.name()
        );
    }
}

/// Writes down what is asked of an executor.
#[derive(Default)]
struct Recorder(Vec<String>);

impl Recorder {
    #[allow(clippy::unnecessary_wraps, reason = "steps of an executor can fail")]
    fn record(&mut self, step: String) -> Result<(), ExecutorError> {
        self.0.push(step);
        Ok(())
    }
}

impl Execute for Recorder {
    fn losses(&mut self, keep: Option<usize>, mean: Option<usize>) -> Result<(), ExecutorError> {
        self.record(format!("losses {keep:?} {mean:?}"))
    }

    fn pass(
        &mut self,
        axes: usize,
        sample: usize,
        directions: &[Operand],
        outputs: &[PassOutput],
    ) -> Result<(), ExecutorError> {
        self.record(format!("pass {axes} {sample} {directions:?} {outputs:?}"))
    }

    fn mean(
        &mut self,
        operand: usize,
        rank: usize,
        kept: &[usize],
        quantity: usize,
    ) -> Result<(), ExecutorError> {
        self.record(format!("mean {operand} {rank} {kept:?} {quantity}"))
    }

    fn dot(
        &mut self,
        axes: usize,
        left: &Operand,
        right: &Operand,
        kept: &[usize],
        quantity: usize,
    ) -> Result<(), ExecutorError> {
        self.record(format!("dot {axes} {left:?} {right:?} {kept:?} {quantity}"))
    }

    fn product(
        &mut self,
        axes: usize,
        factors: &[Operand],
        kept: &[usize],
        quantity: usize,
    ) -> Result<(), ExecutorError> {
        self.record(format!("product {axes} {factors:?} {kept:?} {quantity}"))
    }
}

/// The functions that were emitted are the steps of the constant, in its order.
#[test]
fn step_functions_are_the_constant_s_steps() {
    for predictor in ALL {
        let (mut compiled, mut interpreted) = (Recorder::default(), Recorder::default());
        predictor.execute(&mut compiled).expect("records");
        interpret(&predictor.blueprint().plan, &mut interpreted).expect("records");
        assert_eq!(compiled.0, interpreted.0, "{}", predictor.name());
    }
}

/// Tensors of 16 samples in 60 weights take 28 MB; the moments of predictors of order 3 have P⁴ numbers, 104 MB.
#[test]
fn moments_that_are_too_large_are_refused() {
    let monomials = (0..60).map(|i| (0..60).map(|j| u32::from(i == j)).collect());
    let landscape = Polynomial::new(60, monomials.collect()).expect("well-formed");
    let samples = Samples::new(60, vec![0.5; 16 * 60]).expect("whole rows");
    let theta = [0.1; 60];
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("they fit");
    let options = Options::population();
    let error = evaluate(&TestLoss, &local, &options.by(Method::Contraction)).expect_err("P⁴");
    assert!(
        matches!(
            error,
            ValueError::Tensors(TensorError::MomentsTooLarge { dimension: 60, bytes, .. }) if bytes > 1e8
        ),
        "{error}"
    );
    let strategy = Strategy::choose(&TestLoss, &local, &options).expect("no budget");
    assert_ne!(strategy.method, Method::Contraction);
}

#[test]
fn interpreted_plans_have_no_contraction() {
    let classes = [Gap.coefficients()[0].0.clone()];
    let theta = [0.1];
    let samples = Samples::new(1, vec![0.5, -1.0]).expect("one number each");
    let local = Named::GaussianFit
        .local(&theta, &samples)
        .expect("they fit");
    let options = Options::population().by(Method::Contraction);
    assert_eq!(
        evaluate(&Interpreted::new(&classes), &*local, &options),
        Err(ValueError::NoContraction)
    );
}
