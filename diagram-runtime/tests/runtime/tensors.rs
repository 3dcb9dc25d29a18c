//! Explicit tensors against passes, and the choice between them.

use diagram_calculus::enumerate;
use diagram_calculus::value_class::ValueClass;
use diagram_runtime::derivatives::{
    DerivativeOutput, Derivatives, Direction, ExplicitTensors, Pass, PointDerivatives, TensorError,
};
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscape::initialization;
use diagram_runtime::landscapes::{Named, Polynomial};
use diagram_runtime::program::Program;
use diagram_runtime::samples::Samples;
use diagram_runtime::values::{
    Averages, Method, Options, Strategy, UnitCosts, ValueError, evaluate,
};

fn program(edges: usize) -> Interpreted {
    let mut classes: Vec<ValueClass> = (0..=edges)
        .flat_map(enumerate::diagrams_with_root_ties)
        .map(|d| d.value_class())
        .collect();
    classes.sort_by_key(|c| (c.order(), c.clone()));
    classes.dedup();
    Interpreted::new(&classes)
}

/// All monomials of three weights up to degree 4, with small integers for data.
fn polynomial() -> (Polynomial, Samples<f64>) {
    let exponents: Vec<Vec<u32>> = (0..=4)
        .flat_map(|i| (0..=4 - i).flat_map(move |j| (0..=4 - i - j).map(move |k| vec![i, j, k])))
        .collect();
    let width = exponents.len();
    let numbers = (0..16 * width)
        .map(|i| ((i * 7 + i / width * 3) % 7) as f64 - 3.0)
        .collect();
    (
        Polynomial::new(3, exponents).expect("three exponents each"),
        Samples::new(width, numbers).expect("whole rows"),
    )
}

const THETA: [f64; 3] = [1.0, -1.0, 2.0];

#[test]
fn both_methods_are_exact_where_floats_are() {
    // Integers below 2^53 and averages over a power of two: nothing rounds.
    let (landscape, samples) = polynomial();
    let local = PointDerivatives::new(&landscape, &THETA, &samples).expect("they fit");
    for edges in 1..=4 {
        let samples = if edges < 4 { 16 } else { 4 };
        let local = local.select(&(0..samples).collect::<Vec<_>>());
        let program = program(edges);
        let [passes, dense] = [Method::Passes, Method::Tensors]
            .map(|method| evaluate(&program, &*local, &Options::population().by(method)));
        let (passes, dense) = (passes.expect("finite"), dense.expect("finite and small"));
        assert_eq!(
            (passes.method, dense.method),
            (Method::Passes, Method::Tensors)
        );
        assert_eq!(passes.entries, dense.entries, "up to {edges} edges");
    }
}

#[test]
fn the_gaussian_fit_agrees_up_to_rounding() {
    const SAMPLES: usize = 100;
    let samples = Samples::new(1, initialization(SAMPLES, 5)).expect("whole rows");
    let local = Named::GaussianFit
        .local(&[0.0], &samples)
        .expect("they fit");
    let program = program(3);
    let [passes, dense] = [Method::Passes, Method::Tensors].map(|method| {
        evaluate(&program, &*local, &Options::population().by(method)).expect("finite")
    });
    // At h = 0 every derivative is at most (1 + x²)/2 in size, with a few roundings (exp(-0) is exact, its series too); a value is an average
    // of products of one derivative for each node. Either method sums SAMPLES terms at each of at most `nodes` nested averages.
    let largest = (0..SAMPLES)
        .map(|i| 0.5 + 0.5 * samples.row(i)[0].powi(2))
        .fold(1.0, f64::max);
    for (a, b) in passes.entries.iter().zip(&dense.entries) {
        let nodes = a.class.nodes() as f64;
        let roundings = nodes * (SAMPLES as f64 + 16.0);
        let tolerance = 2.0 * roundings * f64::EPSILON * largest.powf(nodes);
        let off = (a.estimate[0] - b.estimate[0]).abs();
        assert!(off <= tolerance, "{}: off by {off}", a.class);
    }
}

#[test]
fn selected_samples_have_their_own_tensors() {
    let (landscape, samples) = polynomial();
    let local = PointDerivatives::new(&landscape, &THETA, &samples).expect("they fit");
    let dense = ExplicitTensors::new(&local, 3, usize::MAX).expect("no limit");
    assert_eq!(dense.order(), 3);
    let indices = [5, 0, 5, 11];
    let own: Vec<f64> = (0..4 * 3).map(|i| f64::from(i) - 4.0).collect();
    let contracted = |derivatives: &dyn Derivatives<f64>| {
        let mut losses = vec![0.0; 4];
        derivatives.losses(0..4, &mut losses).expect("no failure");
        // Two directions to different powers, some of the samples, kept and summed.
        let (mut kept, mut sum) = (vec![0.0; 3 * 3], vec![1.0; 3]);
        let pass = Pass {
            directions: vec![Direction::Shared(&THETA), Direction::PerSample(&own[3..])],
            outputs: vec![DerivativeOutput {
                powers: &[1, 1],
                per_sample: Some(&mut kept),
                sum: Some(&mut sum),
            }],
        };
        derivatives.pass(1..4, pass).expect("no failure");
        (losses, kept, sum)
    };
    assert_eq!(
        contracted(&*dense.select(&indices)),
        contracted(&*local.select(&indices))
    );
}

#[test]
fn tensors_that_are_too_large_are_refused() {
    let theta = initialization(Named::FashionLogistic.dimension(), 1);
    let samples =
        Samples::new(Named::FashionLogistic.input_width(), vec![0.1; 3 * 794]).expect("rows");
    let local = Named::FashionLogistic
        .local(&theta, &samples)
        .expect("they fit");
    let options = Options::population();
    let error = evaluate(&program(3), &*local, &options.by(Method::Tensors)).expect_err("P³");
    assert!(
        matches!(
            &error,
            ValueError::Tensors(TensorError::TooLarge {
                samples: 3,
                order: 3,
                dimension: 7850,
                ..
            })
        ),
        "{error}"
    );
    assert!(error.to_string().contains("by passes"), "{error}");
    let strategy = Strategy::choose(&program(3), &*local, &options).expect("no budget");
    assert_eq!(strategy.method, Method::Passes);
}

#[test]
fn tensors_are_chosen_where_they_are_used_often() {
    let (landscape, samples) = polynomial();
    let local = PointDerivatives::new(&landscape, &THETA, &samples).expect("they fit");
    let program = program(3);
    let many: Vec<usize> = (0..2000).map(|i| i % 16).collect();
    let choose = |derivatives: &dyn Derivatives<f64>| {
        Strategy::choose(&program, derivatives, &Options::population()).expect("no budget")
    };
    let (few, many) = (choose(&*local.select(&[0])), choose(&*local.select(&many)));
    assert_eq!((few.method, many.method), (Method::Passes, Method::Tensors));
    // The same every time.
    assert_eq!(few, choose(&*local.select(&[0])));
}

#[test]
fn a_time_becomes_a_budget_that_can_be_given_again() {
    let (landscape, samples) = polynomial();
    let local = PointDerivatives::new(&landscape, &THETA, &samples).expect("they fit");
    let many: Vec<usize> = (0..2000).map(|i| i % 16).collect();
    let local = local.select(&many);
    let program = program(3);
    let passes = Options::population().by(Method::Passes);
    let all = Strategy::choose(&program, &*local, &passes).expect("no budget");
    // Less time than all needs, by whatever the times are now: try until a part fits, but not all of it.
    let mut seconds = 1.0;
    let timed = loop {
        match evaluate(&program, &*local, &passes.within(seconds, 3)) {
            Ok(values) if values.budget < Some(all.sample_evaluations) => break values,
            Ok(_) => seconds *= 0.5,
            Err(ValueError::Budget { .. }) => seconds *= 1.25,
            Err(error) => panic!("{error}"),
        }
    };
    let budget = timed.budget.expect("from the time");
    let again = evaluate(&program, &*local, &passes.with_budget(budget, 3)).expect("as before");
    assert_eq!(timed, again);
    let strategy =
        Strategy::choose(&program, &*local, &passes.with_budget(budget, 3)).expect("as before");
    assert!(strategy.sample_evaluations <= budget);
    assert!(matches!(
        strategy.shares[1].averages,
        Averages::Draws { blocks: 32, .. }
    ));
    assert!(timed.entries.iter().any(|v| v.standard_error[0] > 0.0));
}

#[test]
fn predictions_cover_what_was_measured_and_nothing_else() {
    let (landscape, samples) = polynomial();
    let local = PointDerivatives::new(&landscape, &THETA, &samples).expect("they fit");
    let program = program(3);
    let blueprint = program.blueprint();
    let plan = &blueprint.plan;
    let (linear, all) = (plan.demand([0]), plan.demand(0..blueprint.requested));
    let costs = UnitCosts::measure(&local, plan, &all).expect("samples");
    let [small, large] = [100, 1000].map(|n| costs.predict(plan, &all, n).expect("measured"));
    assert!(0.0 < small.linear() && small.linear() < large.linear());
    assert!(0.0 < small.pairs() && small.pairs() < large.pairs());
    // The sum over steps leaves out what no step accounts for.
    assert!(small.steps.iter().sum::<f64>() <= small.total() * (1.0 + 1e-12));
    let costs = UnitCosts::measure(&local, plan, &linear).expect("samples");
    assert_eq!(
        costs.predict(plan, &linear, 100).expect("measured").pairs(),
        0.0
    );
    let error = costs.predict(plan, &all, 100).expect_err("more than that");
    assert!(plan.steps.len() > error.step);
    for method in [Method::Passes, Method::Tensors] {
        let options = Options::population().by(method);
        let strategy = Strategy::choose(&program, &local, &options).expect("no budget");
        let prediction = strategy.predict(&program, &local).expect("samples");
        assert!(prediction.total() > 0.0);
    }
}
