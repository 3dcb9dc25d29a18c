//! Counts for other optimizers: against those of SGD, against closed forms of kernels and sums, and of programs against declared rules.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::measure::{Measure, diagrams_for, expand};
use diagram_calculus::optimizer::programs::{
    HeavyBall, LocalSgd, Lookahead, Nesterov, Optimistic, QuasiHyperbolic, ScheduleFree, Svrg,
    TwoStep,
};
use diagram_calculus::optimizer::{
    Averaging, Betas, LearningRates, Linear, Momentum, Program, ProgramError, RuleError, Sampling,
    SamplingError, Slot, Training, TrainingError, UpdateRule, WeightDecay,
};
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

const MEASURES: [Measure; 5] = [
    Measure::TestLoss,
    Measure::TrainLoss,
    Measure::GeneralizationGap,
    Measure::Displacement,
    Measure::SecondMoment,
];

fn q(text: &str) -> BigRational {
    text.parse().expect("a rational number")
}

fn one_pass(train: usize) -> Sampling {
    Sampling::epochs(train, 1, 1, false).expect("sizes are positive")
}

fn rule_on(sampling: Sampling, rule: UpdateRule) -> Training {
    Training::new(sampling, rule).expect("the rule fits")
}

type Tables = (Vec<Vec<BigRational>>, Vec<BigRational>);

fn tables(rule: &UpdateRule, updates: usize) -> Tables {
    rule_on(one_pass(updates), rule.clone()).kernel().tables()
}

/// Checks a(t, s) and r(s) against formulas.
fn assert_kernel(
    rule: &UpdateRule,
    updates: usize,
    point: impl Fn(usize, usize) -> BigRational,
    result: impl Fn(usize) -> BigRational,
) {
    let (points, results) = tables(rule, updates);
    for (t, row) in points.iter().enumerate() {
        assert_eq!(row.len(), t);
        for (s, a) in row.iter().enumerate() {
            assert_eq!(*a, point(t, s), "a({t}, {s})");
        }
    }
    for (s, r) in results.iter().enumerate() {
        assert_eq!(*r, result(s), "r({s})");
    }
}

/// (1 - β^n)/(1 - β).
fn geometric(beta: &BigRational, n: usize) -> BigRational {
    (0..n).map(|k| beta.pow(k as i32)).sum()
}

#[test]
fn without_options_counts_are_those_of_sgd() {
    for (train, batch, epochs, shuffle) in [
        (6, 2, 1, Shuffle::Never),
        (4, 2, 2, Shuffle::Never),
        (3, 1, 3, Shuffle::EachEpoch),
        (4, 4, 3, Shuffle::Never),
        (4, 2, 3, Shuffle::EachEpoch),
    ] {
        let literal = |x: usize| Parameter::Literal(x as u64);
        let spacetime = Spacetime::sgd(literal(train), literal(batch), literal(epochs), shuffle);
        let shuffled = shuffle == Shuffle::EachEpoch;
        let sampling = Sampling::epochs(train, batch, epochs, shuffled).expect("positive sizes");
        let training = rule_on(sampling, UpdateRule::sgd());
        let sizes = Parameters::new(train as u64, batch as u64, epochs as u64).expect("a schedule");
        for measure in MEASURES {
            let plain = expand(measure, &spacetime, diagrams_for(measure, 3)).expect("terms");
            let plain: Vec<_> = plain
                .values
                .iter()
                .map(|(class, c)| (class.clone(), c.evaluate(&sizes).expect("defined")))
                .filter(|(_, c)| !c.is_zero())
                .collect();
            let found = training.expand::<BigRational>(measure, 3).expect("terms");
            let found: Vec<_> = found.into_iter().filter(|(_, c)| !c.is_zero()).collect();
            assert_eq!(found, plain, "{measure}, N={train}, B={batch}, E={epochs}");
        }
    }
}

#[test]
fn kernels_of_momentum_are_geometric_sums() {
    let beta = q("3/5");
    let heavy = UpdateRule::sgd().with_momentum(beta.clone());
    assert_kernel(
        &heavy,
        6,
        |t, s| geometric(&beta, t - s),
        |s| geometric(&beta, 6 - s),
    );
    assert_kernel(
        &heavy.clone().nesterov(),
        6,
        |t, s| geometric(&beta, t - s + 1),
        |s| geometric(&beta, 7 - s),
    );
}

/// `c_s Σ_{j=s..t-1} σ_j Π_{i=s+1..j} β_i` with `c_0 = 1` and `c_s = 1 - τ`, and Nesterov's counterpart without dampening.
#[test]
fn kernels_of_scheduled_momenta_are_those_of_their_sums() {
    let sigmas: Vec<_> = ["1", "1/2", "2", "1/3", "5/7"].map(q).into();
    let betas: Vec<_> = ["1/2", "2/3", "1/5", "3/4", "1/9"].map(q).into();
    let tau = q("1/4");
    let rule = |dampening: BigRational, nesterov| UpdateRule {
        learning_rates: LearningRates::List(sigmas.clone()),
        momentum: Some(Momentum {
            beta: Betas::List(betas.clone()),
            dampening,
            nesterov,
        }),
        ..UpdateRule::default()
    };
    let product = |from: usize, to: usize| -> BigRational { betas[from..=to].iter().product() };
    let heavy = |t: usize, s: usize| -> BigRational {
        let kept = if s == 0 { BigRational::one() } else { q("3/4") };
        let terms = (s..t).map(|j| {
            let decay = if j > s {
                product(s + 1, j)
            } else {
                BigRational::one()
            };
            &sigmas[j] * decay
        });
        kept * terms.sum::<BigRational>()
    };
    assert_kernel(&rule(tau, false), 5, heavy, |s| heavy(5, s));
    let nesterov = |t: usize, s: usize| -> BigRational {
        let later = (s + 1..t).map(|j| &sigmas[j] * &betas[j] * product(s + 1, j));
        &sigmas[s] * (BigRational::one() + &betas[s]) + later.sum::<BigRational>()
    };
    assert_kernel(&rule(BigRational::zero(), true), 5, nesterov, |s| {
        nesterov(5, s)
    });
}

#[test]
fn kernels_of_averages_are_means_of_those_of_iterates() {
    let ones = |_, _| BigRational::one();
    let tail = UpdateRule::sgd().averaged(Averaging::Tail(3));
    assert_kernel(&tail, 5, ones, |s| {
        BigRational::new(3.min(5 - s).into(), 3.into())
    });
    let gamma = q("4/5");
    let ema = UpdateRule::sgd().averaged(Averaging::Ema(gamma.clone()));
    assert_kernel(&ema, 5, ones, |s| {
        BigRational::one() - gamma.pow(5 - s as i32)
    });
}

#[test]
fn programs_have_the_kernels_of_the_rules_that_they_are() {
    let beta = q("2/3");
    let heavy = UpdateRule::sgd().with_momentum(beta.clone());
    let of_program = |program: &HeavyBall| -> Tables {
        let training = Training::from_program(one_pass(6), program).expect("a kernel");
        training.kernel().tables()
    };
    let program = HeavyBall {
        momentum: beta.clone(),
    };
    assert_eq!(of_program(&program), tables(&heavy, 6));
    let program = Nesterov {
        momentum: beta.clone(),
    };
    let training = Training::from_program(one_pass(6), &program).expect("a kernel");
    assert_eq!(training.kernel().tables(), tables(&heavy.nesterov(), 6));
    // With ν = 1, quasi-hyperbolic momentum is heavy ball momentum with dampening β, but for the first step.
    let program = QuasiHyperbolic {
        momentum: beta.clone(),
        share: BigRational::one(),
    };
    let training = Training::from_program(one_pass(6), &program).expect("a kernel");
    let (points, results): Tables = training.kernel().tables();
    for (t, row) in points.iter().chain([&results]).enumerate() {
        for (s, a) in row.iter().enumerate() {
            let steps = if t == 6 { 6 - s } else { t - s };
            assert_eq!(*a, BigRational::one() - beta.pow(steps as i32), "{t} {s}");
        }
    }
}

/// `torch.optim.SGD` as a program, with averages of iterates as `torch.optim.swa_utils` takes them: a second way to say what a rule is.
struct Torch {
    rule: UpdateRule,
    updates: usize,
}

impl Program for Torch {
    fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
        let sigmas: Vec<BigRational> = self.rule.learning_rates.multipliers(self.updates);
        let alphas: Vec<BigRational> = self.rule.averaging.weights(self.updates);
        let momentum = self.rule.momentum.as_ref();
        let betas = momentum.map(|momentum| momentum.betas(self.updates));
        let (mut theta, mut buffer) = (start.clone(), start.zero());
        let mut average = start.zero();
        average.add_scaled(&alphas[0], start);
        for batch in 0..batches {
            let u = step(&theta, Slot::Batch(batch));
            let mut direction = u.clone();
            if let (Some(momentum), Some(betas)) = (momentum, &betas) {
                let beta = &betas[batch];
                if batch == 0 {
                    buffer = u.clone();
                } else {
                    buffer.scale(beta);
                    buffer.add_scaled(&(BigRational::one() - &momentum.dampening), &u);
                }
                if momentum.nesterov {
                    direction.add_scaled(beta, &buffer);
                } else {
                    direction = buffer.clone();
                }
            }
            theta.add_scaled(&sigmas[batch], &direction);
            average.add_scaled(&alphas[batch + 1], &theta);
        }
        average
    }
}

#[test]
fn rules_are_what_pytorch_does() {
    let momentum = |beta: Betas, dampening: &str, nesterov| UpdateRule {
        momentum: Some(Momentum {
            beta,
            dampening: q(dampening),
            nesterov,
        }),
        ..UpdateRule::default()
    };
    let constant = Betas::Constant(q("4/5"));
    let list = Betas::List(["1/2", "2/3", "1/5", "3/4", "1/9", "2/7"].map(q).into());
    let step = LearningRates::Step {
        every: 2,
        factor: q("1/3"),
    };
    let exponential = LearningRates::Exponential { factor: q("2/3") };
    for rates in [
        LearningRates::Constant,
        LearningRates::Warmup { updates: 3 },
        LearningRates::Cosine,
        LearningRates::OneCycle,
        step,
        exponential,
    ] {
        for rule in [
            UpdateRule::sgd(),
            momentum(constant.clone(), "0", false),
            momentum(constant.clone(), "2/7", false),
            momentum(constant.clone(), "0", true),
            momentum(list.clone(), "1/4", false),
            momentum(list.clone(), "0", true),
        ] {
            for averaging in [
                Averaging::Last,
                Averaging::Tail(3),
                Averaging::Ema(q("3/4")),
                Averaging::Weights(["0", "1/2", "0", "0", "1/4", "0", "1/4"].map(q).into()),
            ] {
                let rule = rule.clone().scheduled(rates.clone()).averaged(averaging);
                let program = Torch {
                    rule: rule.clone(),
                    updates: 6,
                };
                let training = Training::from_program(one_pass(6), &program).expect("a kernel");
                assert_eq!(training.kernel().tables(), tables(&rule, 6), "{rule:?}");
            }
        }
    }
}

/// Schedule-free SGD with β = 0 is the mean of the iterates `θ_1`, …, `θ_T` of SGD; with β = 1 it is at the point y = x.
#[test]
fn schedule_free_sgd_between_polyak_averaging_and_primal_averaging() {
    let program = ScheduleFree {
        interpolation: BigRational::zero(),
    };
    let training = Training::from_program(one_pass(5), &program).expect("a kernel");
    let average = UpdateRule::sgd().averaged(Averaging::Tail(5));
    assert_eq!(training.kernel().tables(), tables(&average, 5));
    let program = ScheduleFree {
        interpolation: BigRational::one(),
    };
    let training = Training::from_program(one_pass(5), &program).expect("a kernel");
    let (points, results): Tables = training.kernel().tables();
    // x_t is the mean of z_1, …, z_t, which have the step s from z_{s+1} on.
    for (t, row) in points.iter().chain([&results]).enumerate() {
        for (s, a) in row.iter().enumerate() {
            assert_eq!(*a, BigRational::new((t - s).into(), t.into()), "{t} {s}");
        }
    }
}

#[test]
fn lookahead_and_local_sgd_in_their_simple_cases() {
    // A slow step of half the way after every two steps.
    let program = Lookahead {
        every: 2,
        part: q("1/2"),
    };
    let training = Training::from_program(one_pass(4), &program).expect("a kernel");
    let (points, results): Tables = training.kernel().tables();
    let half = q("1/2");
    assert_eq!(points[3], [half.clone(), half.clone(), BigRational::one()]);
    assert_eq!(results, vec![half.clone(); 4]);
    // Two workers that average after every round are SGD with batches of two.
    let program = LocalSgd {
        workers: 2,
        every: 1,
    };
    let local = Training::from_program(one_pass(6), &program).expect("a kernel");
    let batches = Sampling::epochs(6, 2, 1, false).expect("positive sizes");
    let sgd = rule_on(batches, UpdateRule::sgd());
    for measure in MEASURES {
        assert_eq!(
            local.expand::<BigRational>(measure, 3),
            sgd.expand::<BigRational>(measure, 3),
            "{measure}"
        );
    }
}

/// The program evaluates each batch twice; the rule has edges within updates.
#[test]
fn two_steps_on_one_batch_are_sharpness_aware_minimization() {
    for radius in ["3/2", "-1"] {
        let sampling = Sampling::epochs(4, 2, 2, false).expect("positive sizes");
        let program = TwoStep { radius: q(radius) };
        let program = Training::from_program(sampling.clone(), &program).expect("a kernel");
        let rule = rule_on(sampling, UpdateRule::sgd().with_ascent(q(radius)));
        for measure in MEASURES {
            assert_eq!(
                program.expand::<BigRational>(measure, 3),
                rule.expand::<BigRational>(measure, 3),
                "{measure}, radius {radius}"
            );
        }
    }
}

/// With one step between anchors SVRG is gradient descent; the optimistic gradient has the points Σ u plus the last u.
#[test]
fn svrg_and_the_optimistic_gradient() {
    let sampling = Sampling::epochs(3, 1, 1, false).expect("positive sizes");
    let svrg = Training::from_program(sampling, &Svrg { every: 1 }).expect("a kernel");
    let descent = Sampling::epochs(3, 3, 3, false).expect("positive sizes");
    let descent = rule_on(descent, UpdateRule::sgd());
    assert_eq!(
        svrg.expand::<BigRational>(Measure::TestLoss, 3),
        descent.expand::<BigRational>(Measure::TestLoss, 3)
    );
    let training = Training::from_program(one_pass(4), &Optimistic).expect("a kernel");
    let (points, _): Tables = training.kernel().tables();
    // The first step is that of SGD, of which the second takes one away.
    let [zero, one, two] = ["0", "1", "2"].map(q);
    assert_eq!(points[1], std::slice::from_ref(&one));
    assert_eq!(points[2], [zero.clone(), two.clone()]);
    assert_eq!(points[3], [zero, one, two]);
}

/// R and S of heavy ball momentum, from which the first order and part of the second follow.
#[test]
fn the_total_step_of_heavy_ball_momentum() {
    let (beta, updates) = (q("7/10"), 9);
    let rule = UpdateRule::sgd().with_momentum(beta.clone());
    let training = rule_on(one_pass(updates), rule);
    let terms = training
        .expand::<BigRational>(Measure::TestLoss, 1)
        .expect("terms");
    let rest = BigRational::one() - &beta;
    let total = (q("9") - &beta * (BigRational::one() - beta.pow(9)) / &rest) / &rest;
    assert_eq!(terms[1].1, -&total);
    // The gap is η R tr C / N at first order, for every sampling.
    let drawn = Sampling::WithReplacement {
        train: 4,
        batches: vec![1; updates],
    };
    let rule = training.rule().expect("a rule").clone();
    let gap = rule_on(drawn, rule)
        .expand::<BigRational>(Measure::GeneralizationGap, 1)
        .expect("terms");
    let weights: Vec<_> = gap.iter().map(|(_, weight)| weight.clone()).collect();
    let quarter = &total / q("4");
    assert_eq!(weights.len(), 2);
    assert!(weights.contains(&quarter) && weights.contains(&-&quarter));
}

/// Every product of numbers has a relative error of 2⁻⁵³, and nothing is subtracted but in the inversion over rows, which one pass does not need. A sum over 2,000 updates with at most
/// 20 products for each step of the sweep is off by at most 2,000 · 20 · 2⁻⁵³ = 4.4e-12.
#[test]
fn sums_in_double_precision_near_momentum_one() {
    let rule = UpdateRule::sgd().with_momentum(q("999/1000")).nesterov();
    let updates = 40;
    let training = rule_on(one_pass(updates), rule);
    let exact = training
        .expand::<BigRational>(Measure::TestLoss, 3)
        .expect("terms");
    let rounded = training.expand::<f64>(Measure::TestLoss, 3).expect("terms");
    assert_eq!(exact.len(), rounded.len());
    for ((class, exact), (other, rounded)) in exact.iter().zip(&rounded) {
        assert_eq!(class, other);
        let exact = exact.to_f64().expect("a number");
        assert!(
            (rounded - exact).abs() <= 4.4e-12 * exact.abs(),
            "{class}: {rounded} {exact}"
        );
    }
}

#[test]
fn schedules_have_their_multipliers() {
    let numbers = |rates: &LearningRates, updates| rates.multipliers::<f64>(updates);
    assert_eq!(
        numbers(&LearningRates::Warmup { updates: 4 }, 6),
        [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    );
    let cosine = numbers(&LearningRates::Cosine, 4);
    for (found, expected) in
        cosine
            .iter()
            .zip([1.0, 0.853_553_390_593_273_8, 0.5, 0.146_446_609_406_726_2])
    {
        assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    }
    let step = LearningRates::Step {
        every: 2,
        factor: q("1/2"),
    };
    assert_eq!(numbers(&step, 5), [1.0, 1.0, 0.5, 0.5, 0.25]);
    let exponential = LearningRates::Exponential { factor: q("1/2") };
    assert_eq!(numbers(&exponential, 3), [1.0, 0.5, 0.25]);
    // `torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=10)` of PyTorch 2.15.
    let torch = [
        0.04,
        0.52,
        1.0,
        0.950_484_632_013_473_7,
        0.811_745_653_949_763_1,
        0.611_262_021_936_289_3,
        0.388_741_978_063_710_75,
        0.188_258_346_050_236_97,
        0.049_519_367_986_526_286,
        4e-6,
    ];
    let cycle = numbers(&LearningRates::OneCycle, 10);
    for (found, expected) in cycle.iter().zip(torch) {
        assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    }
}

#[test]
fn what_does_not_go_together_is_refused() {
    let refused = |rule: UpdateRule, updates| {
        let error = Training::new(one_pass(updates), rule).expect_err("refused");
        match error {
            TrainingError::Rule(error) => error,
            other => panic!("{other}"),
        }
    };
    let momentum = |beta: Betas, dampening: &str, nesterov| UpdateRule {
        momentum: Some(Momentum {
            beta,
            dampening: q(dampening),
            nesterov,
        }),
        ..UpdateRule::default()
    };
    let half = Betas::Constant(q("1/2"));
    assert_eq!(
        refused(momentum(half.clone(), "1/3", true), 4),
        RuleError::DampenedNesterov
    );
    assert_eq!(
        refused(momentum(Betas::List(vec![q("1/2"), q("0")]), "0", false), 2),
        RuleError::NoMomentum { update: 1 }
    );
    assert!(matches!(
        refused(momentum(Betas::List(vec![q("1/2")]), "0", false), 2),
        RuleError::Length {
            found: 1,
            needed: 2,
            ..
        }
    ));
    assert_eq!(
        refused(UpdateRule::sgd().averaged(Averaging::Tail(6)), 4),
        RuleError::LongAverage {
            average: 6,
            iterates: 5
        }
    );
    assert!(matches!(
        refused(
            UpdateRule::sgd().averaged(Averaging::Weights(vec![q("1"), q("1")])),
            1
        ),
        RuleError::Unnormalized { .. }
    ));
    let both = UpdateRule::sgd().with_hessian(q("1")).with_ascent(q("1"));
    assert_eq!(refused(both, 4), RuleError::HessianAndAscent);
    let decay = UpdateRule {
        weight_decay: Some(WeightDecay {
            rate: q("1/10"),
            coupled: true,
            mask: None,
        }),
        ..UpdateRule::default()
    };
    assert_eq!(
        refused(decay.clone().with_hessian(q("1")), 4),
        RuleError::HessianAndDecay
    );
    let training = rule_on(one_pass(4), decay);
    assert_eq!(
        training.expand::<f64>(Measure::TestLoss, 2),
        Err(TrainingError::WeightDecay)
    );
    let fresh = Sampling::Fresh {
        batches: vec![1; 3],
    };
    assert_eq!(
        rule_on(fresh, UpdateRule::sgd()).expand::<f64>(Measure::TrainLoss, 2),
        Err(TrainingError::NoTrainingSet(Measure::TrainLoss))
    );
    let twice = Sampling::Given {
        train: 2,
        batches: vec![vec![1, 1]],
    };
    assert_eq!(
        twice.check(),
        Err(SamplingError::Repeated { update: 0, row: 1 })
    );
}

/// The total step of an exponential schedule is a geometric sum. Exact powers of 50,000 updates would have billions of digits.
#[test]
fn powers_of_long_runs_are_rounded_at_once() {
    let (updates, factor) = (50_000, "9999/10000");
    let rates = LearningRates::Exponential { factor: q(factor) };
    let rule = UpdateRule::sgd()
        .scheduled(rates)
        .averaged(Averaging::Ema(q("1/2")));
    let found = rule_on(one_pass(updates), rule)
        .kernel::<f64>()
        .total_step();
    // Of the last updates the average has a half, three quarters and so on: the sum of their steps, times the factor's power.
    let geometric = (1.0 - 0.9999_f64.powi(50_000)) / 1e-4;
    let last = 0.9999_f64.powi(49_999);
    assert!(
        (found - (geometric - last)).abs() < 1e-4,
        "{found} {geometric}"
    );
}

/// What would take hours is refused at once; what takes seconds is not.
#[test]
fn sums_that_take_too_long_are_refused() {
    let refused = |training: &Training, order| {
        matches!(
            training.expand::<f64>(Measure::TestLoss, order),
            Err(TrainingError::TooMuchWork { .. })
        )
    };
    let given = |train| {
        let sampling = Sampling::epochs(train, 1, 2, false).expect("positive sizes");
        rule_on(sampling, UpdateRule::sgd())
    };
    assert!(refused(&given(5_000), 4));
    assert!(refused(&given(1_000_000), 2));
    assert!(!refused(&given(20), 4));
    let program = HeavyBall { momentum: q("1/2") };
    let tables = |updates| Training::from_program(one_pass(updates), &program).expect("a kernel");
    assert!(refused(&tables(200), 4));
    assert!(!refused(&tables(20), 3));
    assert!(!refused(&rule_on(one_pass(1_000), UpdateRule::sgd()), 4));
}

#[test]
fn programs_that_have_no_kernel_are_refused() {
    struct Doubled;
    impl Program for Doubled {
        fn run<V: Linear>(&self, start: &V, _: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
            let mut point = start.clone();
            point.add(start);
            step(&point, Slot::Batch(0))
        }
    }
    struct Beyond;
    impl Program for Beyond {
        fn run<V: Linear>(
            &self,
            start: &V,
            batches: usize,
            step: &mut dyn FnMut(&V, Slot) -> V,
        ) -> V {
            let mut theta = start.clone();
            theta.add(&step(start, Slot::Batch(batches)));
            theta
        }
    }
    let refusal = |result: Result<Training, TrainingError>| match result {
        Err(TrainingError::Program(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        refusal(Training::from_program(one_pass(2), &Doubled)),
        ProgramError::NotAPoint { .. }
    ));
    assert_eq!(
        refusal(Training::from_program(one_pass(2), &Beyond)),
        ProgramError::NoSuchBatch {
            evaluation: 0,
            batch: 2,
            batches: 2
        }
    );
    let drawn = Sampling::WithReplacement {
        train: 2,
        batches: vec![1; 3],
    };
    assert_eq!(
        refusal(Training::from_program(drawn, &TwoStep { radius: q("1") })),
        ProgramError::NotOncePerBatch { evaluation: 1 }
    );
}
