//! Exact expectations of SGD on one weight, against every training set and against closed forms.

use diagram_experiments::chain::{Chain, ChainError};

/// Convex losses with noise in the slope and in the curvature, whose mean has its minimum at 0.
fn losses() -> Vec<Vec<f64>> {
    [(-1.0, 0.25), (-1.0, 0.5), (2.0, 0.75)]
        .map(|(slope, square)| vec![slope, square, 1.0 / 6.0, 1.0 / 24.0])
        .into()
}

fn mean_loss(losses: &[Vec<f64>], theta: f64) -> f64 {
    let value = |loss: &Vec<f64>| -> f64 {
        let powers = (1..).zip(loss);
        powers.map(|(power, c)| c * theta.powi(power)).sum()
    };
    losses.iter().map(value).sum::<f64>() / losses.len() as f64
}

fn gradient(loss: &[f64], theta: f64) -> f64 {
    let powers = (1..).zip(loss);
    powers
        .map(|(power, c)| f64::from(power) * c * theta.powi(power - 1))
        .sum()
}

/// The mean of the test loss over all sequences of datapoints.
fn over_all_training_sets(losses: &[Vec<f64>], eta: f64, updates: u32) -> f64 {
    let mut ends = vec![0.0];
    for _ in 0..updates {
        let moved = ends.iter().flat_map(|&theta| {
            let each = losses.iter();
            each.map(move |loss| theta - eta * gradient(loss, theta))
        });
        ends = moved.collect();
    }
    let losses = ends.iter().map(|&theta| mean_loss(losses, theta));
    losses.sum::<f64>() / ends.len() as f64
}

#[test]
fn expectations_are_those_over_all_training_sets() {
    let losses = losses();
    let chain = Chain::new(losses.clone(), 0.0, 2.8, 20);
    for (eta, updates) in [(0.1, 0), (0.1, 1), (0.1, 2), (0.1, 5), (0.1, 9), (0.3, 4)] {
        let exact = over_all_training_sets(&losses, eta, updates);
        let expected = chain.test_loss(eta, updates.into()).expect("inside");
        // Losses are at most 5 on the interval, and each of up to 9 updates rounds sums over 41 points of them, so that rounding is below 9 · 41 · 5 ε = 4e-13.
        // With 20 points less the error of the interpolation is 2e-8 at most, and it is squared with twice the points.
        assert!(
            (expected - exact).abs() < 1e-12,
            "η = {eta}, T = {updates}: {expected} {exact}"
        );
    }
}

#[test]
fn the_error_falls_exponentially_with_the_points() {
    let losses = losses();
    let exact = over_all_training_sets(&losses, 0.1, 8);
    let errors = [6, 9, 12, 15].map(|half| {
        let chain = Chain::new(losses.clone(), 0.0, 2.8, half);
        (chain.test_loss(0.1, 8).expect("inside") - exact).abs()
    });
    for pair in errors.windows(2) {
        assert!(pair[1] < 0.2 * pair[0], "{errors:?}");
    }
}

/// On a quadratic loss every update adds η²C to the variance of the weight, of which it keeps (1 - ηh)².
#[test]
fn a_million_small_updates_lose_no_digits() {
    let losses = vec![vec![-1.0, 1.0], vec![-1.0, 1.0], vec![2.0, 1.0]];
    let chain = Chain::new(losses, 0.0, 2.0, 4);
    let (curvature, covariance) = (2.0, 2.0);
    for updates in [1_u64, 10, 1000, 1_000_000, 1_000_000_000] {
        let eta = 0.3 / updates as f64;
        let factor = 1.0 - eta * curvature;
        let kept = (2.0 * updates as f64 * (-eta * curvature).ln_1p()).exp();
        let steps = (1.0 - kept) / (1.0 - factor * factor);
        let closed = 0.5 * curvature * covariance * eta * eta * steps;
        let expected = chain.test_loss(eta, updates).expect("inside");
        // The mean of the steps over the datapoints rounds at ηε, while the variance that it leaves is η²C: a relative ε/η in each update, of both signs,
        // and as much in the closed form, where 1 - (1 - ηh)² rounds at ε. 16 units of it are allowed.
        let tolerance = 16.0 * f64::EPSILON * (1.0 + 1.0 / eta);
        assert!(
            (expected / closed - 1.0).abs() < tolerance,
            "T = {updates}: {expected} {closed}"
        );
    }
}

#[test]
fn an_update_out_of_the_interval_is_an_error() {
    let chain = Chain::new(losses(), 0.0, 1.0, 8);
    let ChainError::Leaves { eta, from, to } = chain.test_loss(0.5, 3).expect_err("leaves");
    assert!(eta == 0.5 && from.abs() <= 1.0 && to.abs() > 1.0);
}
