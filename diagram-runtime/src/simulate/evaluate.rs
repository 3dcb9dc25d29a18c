//! The evaluation of test losses at final weights.

use super::Outcome;

/// The number of unused lanes, for each used one, above which a lane for each trial is preferred. Below it, the evaluation trial by trial is
/// preferred because it reads a single trial's weights at a time.
const UNUSED: f64 = 0.5;

/// Returns whether the losses at each trial's own test points are evaluated with a trial in each lane. The alternative is a point in each lane, trial
/// by trial, where points that do not fill a vector leave lanes unused.
///
/// The two alternatives round differently. The number of trials is not considered, so that a trial has the same bits among any number of trials.
pub(super) fn lane_for_each_trial(points: usize, width: usize) -> bool {
    let unused = points.next_multiple_of(width) - points;
    unused as f64 > UNUSED * points as f64
}

/// Writes the test loss and its square, computed from the losses at the test points.
///
/// If these are fewer points than the population has, drawn without replacement, the square is estimated without bias: it combines the mean over
/// pairs of distinct points and the mean over pairs of equal points in the proportions of the population.
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
