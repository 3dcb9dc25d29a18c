//! Predictors for other optimizers: declared for the macro, in text, and made by hand, they are one thing, and values of one serve all.

use diagrams::calculus::measure::diagrams_for;
use diagrams::calculus::optimizer::{
    Averaging, LearningRates, Sampling, Training, TrainingError, UpdateRule,
};
use diagrams::prelude::*;
use diagrams::runtime::landscapes::Polynomial;
use diagrams::runtime::optimized::{self, OptimizedSeriesError};

macro_rules! declared_twice {
    ($($tokens:tt)*) => {
        diagrams::diagrams! { $($tokens)* }
        const TEXT: &str = stringify!($($tokens)*);
    };
}

declared_twice! {
    spacetime Heavy    = sgd(train: N, batch: B, epochs: E, momentum: 9/10);
    spacetime Looking  = sgd(train: N, batch: 1, epochs: 2, momentum: 1/2, nesterov, shuffle: each_epoch);
    spacetime Dampened = gd(train: N, steps: T, momentum: [1/2, 1/3, 1/4], dampening: 1/10, schedule: [1, 1/2, 1/4]);
    spacetime Scheduled = sgd(train: N, batch: 1, epochs: 1, schedule: step(2, 1/10), average: tail(3));
    spacetime Moving   = sgd(train: N, batch: 1, epochs: 1, schedule: warmup(3), average: ema(3/4));
    spacetime Cosine   = sgd(train: N, batch: 1, epochs: 1, schedule: cosine, average: [0, 0, 0, 1/2, 1/2]);
    spacetime Drawn    = sgd(train: N, batch: B, steps: T, sampling: with_replacement);
    spacetime Online   = sgd(batch: B, steps: T, sampling: fresh, schedule: exponential(9/10));
    spacetime Ascent   = sgd(train: N, batch: 4, epochs: 1, sam: 1/2, micro_batch: 2);
    spacetime Extra    = sgd(train: N, batch: 2, epochs: 1, extragradient);
    spacetime Newton   = sgd(train: N, batch: 2, epochs: 2, hessian: 1/2);

    diagram chain = root(b(a));

    predictor Momentum: test_loss in Heavy         = all(edges <= 3);
    predictor Nesterov: generalization_gap in Looking = all(edges <= 3);
    predictor Descent:  train_loss in Dampened     = all(edges <= 3);
    predictor Tail:     test_loss in Scheduled     = all(edges <= 3);
    predictor Ema:      displacement in Moving     = all(edges <= 3);
    predictor Half:     test_loss in Cosine        = all(edges <= 2);
    predictor Replaced: test_loss in Drawn         = all(edges <= 3);
    predictor Fresh:    second_moment in Online    = all(edges <= 2);
    predictor Sharp:    test_loss in Ascent        = all(edges <= 3);
    predictor Twice:    test_loss in Extra         = { chain } | all(edges <= 1);
    predictor Curved:   test_loss in Newton        = all(edges <= 3) where ties >= 1;
}

fn polynomial() -> (Polynomial, Samples<f64>) {
    let exponents = vec![vec![2, 1], vec![1, 2], vec![3, 0], vec![1, 0]];
    let coefficients = (0..20).map(|at| f64::from(at % 7) / 5.0 - 0.4).collect();
    (
        Polynomial::new(2, exponents).unwrap(),
        Samples::new(4, coefficients).unwrap(),
    )
}

/// The same by the three ways, but for the order in which sums are taken.
#[track_caller]
fn three_ways<P: OptimizerPredictor>(
    sizes: &ParametersOf<P>,
    in_text: &[(&str, u64)],
    sampling: Sampling,
    rule: UpdateRule,
) {
    let (landscape, points) = polynomial();
    let local = PointDerivatives::new(&landscape, &[0.4, -0.3], &points).unwrap();
    let hand = Training::new(sampling, rule).unwrap();
    assert_eq!(P::training(sizes).unwrap(), hand);

    let declaration = diagrams::parse(TEXT).unwrap();
    let text = declaration.optimized(P::NAME).unwrap();
    assert_eq!(text.open(), P::PARAMETERS);
    assert_eq!(text.content.measure, P::MEASURE);
    assert_eq!(text.content.order, P::ORDER);
    let in_text = text.parameters(in_text).unwrap();
    assert_eq!(text.training(&in_text).unwrap(), hand);

    let values = P::values(&local, &Options::population()).unwrap();
    let compiled = P::series(&values, sizes).unwrap();
    let values = text.values(&local, &Options::population()).unwrap();
    let interpreted = text.series(&values, &in_text).unwrap();
    let by_hand = optimized::series(&values, P::MEASURE, &text.diagrams(), &hand).unwrap();
    assert_eq!(interpreted, by_hand);
    assert_eq!(compiled.coefficients.len(), by_hand.coefficients.len());
    let all = compiled.coefficients.iter().zip(&by_hand.coefficients);
    for (a, b) in all.flat_map(|(a, b)| a.iter().zip(b)) {
        // Values of up to 4 factors and sums of up to 100 terms, with rounding errors of 2⁻⁵³ each.
        assert!((a - b).abs() <= 1e-13 * b.abs().max(1.0), "{a} {b}");
    }
}

fn q(text: &str) -> diagrams::calculus::optimizer::Number {
    text.parse().unwrap()
}

#[test]
fn declared_and_made_by_hand_they_are_one_thing() {
    let epochs = |n, b, e, shuffled| Sampling::epochs(n, b, e, shuffled).unwrap();
    let momentum = |beta: &str| UpdateRule::sgd().with_momentum(q(beta));
    three_ways::<Momentum>(
        &Momentum::parameters(6, 2, 2).unwrap(),
        &[("N", 6), ("B", 2), ("E", 2)],
        epochs(6, 2, 2, false),
        momentum("9/10"),
    );
    three_ways::<Nesterov>(
        &Nesterov::parameters(3).unwrap(),
        &[("N", 3)],
        epochs(3, 1, 2, true),
        momentum("1/2").nesterov(),
    );
    let mut dampened = momentum("1/2");
    if let Some(momentum) = &mut dampened.momentum {
        momentum.beta =
            diagrams::calculus::optimizer::Betas::List(["1/2", "1/3", "1/4"].map(q).into());
        momentum.dampening = q("1/10");
    }
    dampened.learning_rates = LearningRates::List(["1", "1/2", "1/4"].map(q).into());
    three_ways::<Descent>(
        &Descent::parameters(4, 3).unwrap(),
        &[("N", 4), ("T", 3)],
        epochs(4, 4, 3, false),
        dampened,
    );
    let step = LearningRates::Step {
        every: 2,
        factor: q("1/10"),
    };
    three_ways::<Tail>(
        &Tail::parameters(5).unwrap(),
        &[("N", 5)],
        epochs(5, 1, 1, false),
        UpdateRule::sgd()
            .scheduled(step)
            .averaged(Averaging::Tail(3)),
    );
    three_ways::<Ema>(
        &Ema::parameters(5).unwrap(),
        &[("N", 5)],
        epochs(5, 1, 1, false),
        UpdateRule::sgd()
            .scheduled(LearningRates::Warmup { updates: 3 })
            .averaged(Averaging::Ema(q("3/4"))),
    );
    three_ways::<Half>(
        &Half::parameters(4).unwrap(),
        &[("N", 4)],
        epochs(4, 1, 1, false),
        UpdateRule::sgd()
            .scheduled(LearningRates::Cosine)
            .averaged(Averaging::Weights(
                ["0", "0", "0", "1/2", "1/2"].map(q).into(),
            )),
    );
    three_ways::<Replaced>(
        &Replaced::parameters(4, 2, 3).unwrap(),
        &[("N", 4), ("B", 2), ("T", 3)],
        Sampling::WithReplacement {
            train: 4,
            batches: vec![2; 3],
        },
        UpdateRule::sgd(),
    );
    let factor = q("9/10");
    three_ways::<Fresh>(
        &Fresh::parameters(2, 3).unwrap(),
        &[("B", 2), ("T", 3)],
        Sampling::Fresh {
            batches: vec![2; 3],
        },
        UpdateRule::sgd().scheduled(LearningRates::Exponential { factor }),
    );
    let mut ascent = UpdateRule::sgd().with_ascent(q("1/2"));
    if let Some(ascent) = &mut ascent.ascent {
        ascent.group = Some(2);
    }
    three_ways::<Sharp>(
        &Sharp::parameters(8).unwrap(),
        &[("N", 8)],
        epochs(8, 4, 1, false),
        ascent,
    );
    three_ways::<Twice>(
        &Twice::parameters(4).unwrap(),
        &[("N", 4)],
        epochs(4, 2, 1, false),
        UpdateRule::sgd().with_ascent(q("-1")),
    );
    three_ways::<Curved>(
        &Curved::parameters(4).unwrap(),
        &[("N", 4)],
        epochs(4, 2, 2, false),
        UpdateRule::sgd().with_hessian(q("1/2")),
    );
}

/// The values of one evaluation serve every optimizer whose diagrams are among them.
#[test]
fn values_do_not_depend_on_the_optimizer() {
    let (landscape, points) = polynomial();
    let local = PointDerivatives::new(&landscape, &[0.4, -0.3], &points).unwrap();
    let values = Momentum::values(&local, &Options::population()).unwrap();
    let own = Replaced::values(&local, &Options::population()).unwrap();
    let sizes = Replaced::parameters(4, 2, 3).unwrap();
    assert_eq!(
        Replaced::series(&values, &sizes).unwrap(),
        Replaced::series(&own, &sizes).unwrap()
    );
    assert_eq!(Momentum::DIAGRAMS, Replaced::DIAGRAMS);
    assert_eq!(
        Momentum::DIAGRAMS.len(),
        diagrams_for(Measure::TestLoss, 3).len()
    );
}

/// Steps that do not change the loss' mean are checked in theory; here: sizes that make no run are errors, not panics.
#[test]
fn sizes_that_make_no_run_are_refused() {
    let (landscape, points) = polynomial();
    let local = PointDerivatives::new(&landscape, &[0.4, -0.3], &points).unwrap();
    let values = Tail::values(&local, &Options::population()).unwrap();
    // Two updates have three iterates, and one update two.
    assert!(Tail::series(&values, &Tail::parameters(2).unwrap()).is_ok());
    assert!(matches!(
        Tail::series(&values, &Tail::parameters(1).unwrap()),
        Err(OptimizedSeriesError::Training(TrainingError::Rule(_)))
    ));
    assert!(matches!(
        Half::series(&values, &Half::parameters(5).unwrap()),
        Err(OptimizedSeriesError::Training(TrainingError::Rule(_)))
    ));
    for (batch, updates) in [(0, 3), (2, 0), (2, u64::MAX)] {
        assert!(matches!(
            Replaced::training(&Replaced::parameters(4, batch, updates).unwrap()),
            Err(TrainingError::Sampling(_))
        ));
    }
    // Values of lower order are too few.
    let few = Half::values(&local, &Options::population()).unwrap();
    let sizes = Momentum::parameters(6, 2, 2).unwrap();
    assert!(matches!(
        Momentum::series(&few, &sizes),
        Err(OptimizedSeriesError::Series(_))
    ));
}
