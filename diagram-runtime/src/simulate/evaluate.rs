//! Test losses of final weights.

use super::Outcome;

/// Lanes that may stay unused, for each that is used. One trial's weights stay in a nearer cache than those of a lane each; for
/// the `LeNet`s that is worth nothing, for landscapes with more weights much.
const UNUSED: f64 = 0.5;

/// Whether each trial's own test points are better evaluated with a lane for each trial than with a lane for each point, trial after trial, where
/// points that do not fill their blocks leave lanes unused.
///
/// The two round differently, so the number of trials must not matter: a trial has the same bits among any others.
pub(super) fn lane_for_each_trial(points: usize, width: usize) -> bool {
    let unused = points.next_multiple_of(width) - points;
    unused as f64 > UNUSED * points as f64
}

/// Test loss and its square from the losses at test points. With fewer points than the population has, drawn without replacement, the square is
/// estimated without bias: an average over pairs of distinct points and one over points twice, in the population's proportions.
pub(super) fn test_loss(losses: &[f64], population: usize, outcome: &mut Outcome) {
    let (count, points) = (losses.len() as f64, population as f64);
    let sum: f64 = losses.iter().sum();
    outcome.test_loss = sum / count;
    outcome.test_loss_squared = if losses.len() == population {
        outcome.test_loss.powi(2)
    } else {
        let squares: f64 = losses.iter().map(|loss| loss * loss).sum();
        let distinct = (sum * sum - squares) / (count * (count - 1.0));
        (distinct * (points - 1.0) + squares / count) / points
    };
}
