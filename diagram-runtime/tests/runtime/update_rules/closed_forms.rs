//! Runs on one datapoint with the loss ½ h θ², whose courses have closed forms.

use diagram_calculus::optimizer::{Averaging, LearningRates};
use diagram_runtime::landscapes::Polynomial;
use diagram_runtime::samples::Samples;
use diagram_runtime::simulate::{
    Control, KeptWeights, Optimizer, Schedule, Simulation, TestPoints, UpdateRule,
};

use super::exact;

const CURVATURE: f64 = 0.8;
const ETA: f64 = 0.05;
const START: f64 = 1.5;
const STEPS: usize = 40;
/// Some hundred roundings of numbers of order 1.
const MOST: f64 = 1e-13;

/// The result of a run.
fn result(rule: UpdateRule) -> f64 {
    let landscape = Polynomial::new(1, vec![vec![2]]).unwrap();
    let population = Samples::new(1, vec![CURVATURE / 2.0]).unwrap();
    let simulation = Simulation {
        landscape: &landscape,
        theta0: &[START],
        population: &population,
        optimizer: Optimizer::Rule(rule),
        schedule: Schedule::gradient_descent(2, STEPS).unwrap(),
        etas: vec![ETA],
        trials: 2,
        seed: 1,
        probe: None,
        test_points: TestPoints::None,
        train_loss: false,
    };
    let kept = KeptWeights {
        rate: 0,
        each: false,
    };
    let run = simulation.run_with_weights(Control::unattended(), &[kept]);
    run.unwrap().1[0].mean[0]
}

fn assert_near(found: f64, expected: f64) {
    assert!((found - expected).abs() < MOST, "{found} is not {expected}");
}

/// θ_{t+1} = (1 + β - ηh) `θ_t` - β θ_{t-1} from θ_{-1} = `θ_0`: powers of the roots of z² - (1 + β - ηh) z + β. With Nesterov's momentum the middle coefficient and the last one are times 1 - ηh:
/// θ_{t+1} = (1 + β) (1 - ηh) `θ_t` - β (1 - ηh) θ_{t-1}.
#[test]
fn momentum_has_the_powers_of_two_roots() {
    let beta = 0.25;
    let keep = 1.0 - ETA * CURVATURE;
    // The first step of Nesterov's momentum is -η (1 + β) g, which is that from θ_{-1} = θ_0 / (1 - ηh).
    let heavy = (1.0 + beta - ETA * CURVATURE, beta, START);
    let nesterov = ((1.0 + beta) * keep, beta * keep, START / keep);
    let rule = UpdateRule::sgd().with_momentum(exact("1/4"));
    for (rule, (sum, product, before)) in [(rule.clone(), heavy), (rule.nesterov(), nesterov)] {
        let root = (sum * sum - 4.0 * product).sqrt();
        let [first, second] = [root, -root].map(|root| f64::midpoint(sum, root));
        // a + b = θ_0 and a / first + b / second = θ_{-1}.
        let a = (before - START / second) / (1.0 / first - 1.0 / second);
        let steps = STEPS as i32;
        let expected = a * first.powi(steps) + (START - a) * second.powi(steps);
        assert_near(result(rule), expected);
    }
}

/// The gradient at the end of the ascent is h (1 + ρ̂ηh) θ, and the Hessian-based one h θ / (1 + ησλh).
#[test]
fn ascents_and_hessians_change_the_curvature() {
    let steps = STEPS as i32;
    let curve = |curvature: f64| START * (1.0 - ETA * curvature).powi(steps);
    let sam = UpdateRule::sgd().with_ascent(exact("3"));
    assert_near(
        result(sam),
        curve(CURVATURE * (1.0 + 3.0 * ETA * CURVATURE)),
    );
    let hessian = UpdateRule::sgd().with_hessian(exact("5"));
    assert_near(
        result(hessian.clone()),
        curve(CURVATURE / (1.0 + 5.0 * ETA * CURVATURE)),
    );
    let halves = LearningRates::List(vec![exact("1/2"); STEPS]);
    let factor = 1.0 - ETA / 2.0 * CURVATURE / (1.0 + 5.0 * ETA / 2.0 * CURVATURE);
    assert_near(
        result(hessian.scheduled(halves)),
        START * factor.powi(steps),
    );
}

/// Iterates are a geometric series.
#[test]
fn averages_are_those_of_a_geometric_series() {
    let keep = 1.0 - ETA * CURVATURE;
    let power = |t: usize| START * keep.powi(t as i32);
    let tail = UpdateRule::sgd().averaged(Averaging::Tail(10));
    let sum = (power(STEPS - 9) - power(STEPS + 1)) / (1.0 - keep);
    assert_near(result(tail), sum / 10.0);
    // e_T = γ^T θ_0 + (1 - γ) Σ_t γ^(T-t) θ_t
    let gamma: f64 = 0.75;
    let last = gamma.powi(STEPS as i32);
    let sum = keep * (power(STEPS) - last * START) / (keep - gamma);
    let ema = UpdateRule::sgd().averaged(Averaging::Ema(exact("3/4")));
    assert_near(result(ema), last * START + (1.0 - gamma) * sum);
}
