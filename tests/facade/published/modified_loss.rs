//! Methods of finite steps against gradient flow on modified losses.

use diagrams::calculus::measure::Measure;
use diagrams::calculus::optimizer::UpdateRule;
use diagrams::prelude::{Schedule, Shuffle, Simulation};
use diagrams::runtime::simulate::Optimizer;

use super::{Loss, Population, end, momentum, sgd};

/// A loss with a minimum near (-0.4, 0.1) and with no symmetry.
fn landscape() -> Loss {
    Loss::new([
        ([1, 0], 0.5),
        ([2, 0], 0.6),
        ([0, 2], 0.4),
        ([1, 1], 0.2),
        ([2, 1], 0.3),
        ([0, 3], -0.1),
        ([4, 0], 0.05),
    ])
}

const START: [f64; 2] = [0.8, -0.5];

/// How far a method is from the flow of rate η/(1 - β) on l + η c |G|² after a number of updates, beginning where the method is after `warm_up` updates.
fn distance(rule: &UpdateRule, beta: f64, c: f64, eta: f64, warm_up: usize, updates: usize) -> f64 {
    let loss = landscape();
    let method = |updates| end(&loss, START, Optimizer::Rule(rule.clone()), updates, eta);
    let begin = if warm_up == 0 { START } else { method(warm_up) };
    let modified = loss.plus(eta * c, &loss.squared_gradient());
    let flow = end(
        &modified,
        begin,
        Optimizer::Ode,
        updates,
        eta / (1.0 - beta),
    );
    let found = method(warm_up + updates);
    (found[0] - flow[0]).hypot(found[1] - flow[1])
}

/// Half the step for twice as many updates: errors of order η² become a quarter, and those of order η, without the modification, a half. A wrong factor of the regularizer would leave an error of
/// order η. The next order is a part of about η of each, and steps are 0.02 in units of the flow's time.
#[track_caller]
fn assert_orders(rule: &UpdateRule, beta: f64, c: f64, warm_up: usize) {
    let eta = 0.02 * (1.0 - beta);
    let ratio = |c: f64| {
        let coarse = distance(rule, beta, c, eta, warm_up, 60);
        coarse / distance(rule, beta, c, eta / 2.0, 2 * warm_up, 120)
    };
    let (modified, plain) = (ratio(c), ratio(0.0));
    assert!((modified - 4.0).abs() < 0.2, "{modified}");
    assert!((plain - 2.0).abs() < 0.1, "{plain}");
}

/// Barrett and Dherin, *Implicit Gradient Regularization*, 2021, Theorem 3.1.
#[test]
fn gradient_descent() {
    assert_orders(&sgd(), 0.0, 0.25, 0);
}

/// Kovachki and Stuart, *Continuous Time Analysis of Momentum Methods*, 2021; Ghosh, Lyu, Zhang and Wang, *Implicit regularization in Heavy-ball momentum accelerated stochastic gradient descent*,
/// 2023: c = (1+β)/(4 (1-β)²) after a warm-up in which β^T dies out: 0.6^60 < 1e-13.
#[test]
fn heavy_ball_momentum() {
    let beta = 0.6;
    let c = (1.0 + beta) / (4.0 * (1.0 - beta) * (1.0 - beta));
    assert_orders(&momentum("3/5"), beta, c, 60);
}

/// Kovachki and Stuart, as above, where a gradient is taken at the look-ahead point: c = (1 - β + 2β²)/(4 (1-β)²).
#[test]
fn nesterovs_momentum() {
    let beta = 0.6;
    let c = (1.0 - beta + 2.0 * beta * beta) / (4.0 * (1.0 - beta) * (1.0 - beta));
    assert_orders(&momentum("3/5").nesterov(), beta, c, 60);
}

/// Smith, Dherin, Barrett and De, *On the Origin of Implicit Regularization in Stochastic Gradient Descent*, 2021, equation 1: the mean iterate of one shuffled epoch, here of four points in batches of
/// one. Training sets are drawn from two datapoints, so that there are five, and the flow is averaged over them as the simulation is.
///
/// The mean over the 16 orders of four draws differs from it at order η³: half the step leaves an eighth. At the simulation's step this is less than one standard error, and the regularizer of the
/// variance of batches is more than ten of them. Seed 1.
#[test]
fn shuffled_sgd() {
    const N: usize = 4;
    // Gradients of different sign, the larger one where the curvature is larger.
    let losses = [
        Loss::new([([1, 0], 1.2), ([2, 0], 0.9), ([0, 2], 0.2), ([1, 1], 0.3)]),
        Loss::new([([1, 0], -0.8), ([2, 0], 0.1), ([0, 2], 0.3), ([3, 0], 0.1)]),
    ];
    let start = [0.0, 0.0];
    // The mean of w over training sets, with `of` a set's second points.
    let over_sets = |of: &dyn Fn(Vec<Loss>) -> f64| -> f64 {
        let sets = [1.0, 4.0, 6.0, 4.0, 1.0].into_iter().enumerate();
        let means = sets.map(|(second, orders)| {
            let set = (0..N).map(|n| losses[usize::from(n < second)].clone());
            orders / 16.0 * of(set.collect())
        });
        means.sum()
    };
    let by_flow = |eta: f64, of_batches: bool| {
        over_sets(&|set| {
            let mean = Loss::mean(&set);
            let regularizer = if of_batches {
                let squares: Vec<Loss> = set.iter().map(Loss::squared_gradient).collect();
                Loss::mean(&squares)
            } else {
                mean.squared_gradient()
            };
            let modified = mean.plus(eta / 4.0, &regularizer);
            end(&modified, start, Optimizer::Ode, N, eta)[0]
        })
    };
    let by_orders = |eta: f64| {
        let ends = (0..1_usize << N).map(|order| {
            let mut at = start;
            for n in 0..N {
                at = end(&losses[order >> n & 1], at, Optimizer::Sgd, 1, eta);
            }
            at[0]
        });
        ends.sum::<f64>() / 16.0
    };
    let eta = 0.04;
    let off = |eta: f64| by_flow(eta, true) - by_orders(eta);
    let ratio = off(eta / 4.0) / off(eta / 8.0);
    assert!((ratio - 8.0).abs() < 0.4, "{ratio}");

    let population = Population::new(&losses);
    let schedule = Schedule::new(N, 1, 1, Shuffle::EachEpoch).unwrap();
    let probe = [1.0, 0.0];
    let simulation = Simulation {
        trials: 300_000,
        seed: 1,
        probe: Some(&probe),
        ..population.simulation(&start, Optimizer::Sgd, schedule, eta)
    };
    let found = simulation.summarize().unwrap();
    let found = found.rates[0].estimate(Measure::Displacement).unwrap();
    let error = found.standard_error;
    assert!(off(eta).abs() < error, "{} {error}", off(eta));
    let [modified, of_descent] = [true, false].map(|of_batches| by_flow(eta, of_batches));
    assert!(
        (found.mean - modified).abs() < 5.0 * error,
        "{found:?} {modified}"
    );
    assert!(
        (found.mean - of_descent).abs() > 10.0 * error,
        "{found:?} {of_descent}"
    );
}
