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

impl Outcome {
    /// Writes the test loss and its square, computed from the losses at the test points: how many they are, their sum, and the sum of their squares.
    ///
    /// If these are fewer points than the population has, drawn without replacement, the square is estimated without bias: it combines the mean over
    /// pairs of distinct points and the mean over pairs of equal points in the proportions of the population.
    #[doc(hidden)]
    pub fn set_test_loss(&mut self, losses: usize, [sum, squares]: [f64; 2], population: usize) {
        let (count, points) = (losses as f64, population as f64);
        self.test_loss = sum / count;
        self.test_loss_squared = if losses == population {
            self.test_loss.powi(2)
        } else {
            let distinct = (sum * sum - squares) / (count * (count - 1.0));
            (distinct * (points - 1.0) + squares / count) / points
        };
    }
}

/// Writes the test loss and its square, computed from the losses at the test points; see [`Outcome::set_test_loss`].
pub(super) fn test_loss(losses: &[f64], population: usize, outcome: &mut Outcome) {
    let sum = losses.iter().sum();
    let squares = losses.iter().map(|loss| loss * loss).sum();
    outcome.set_test_loss(losses.len(), [sum, squares], population);
}
