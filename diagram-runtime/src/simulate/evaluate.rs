//! Losses and displacements of final weights.

use super::Outcome;
use crate::landscape::Landscape;
use crate::rows::gather;
use crate::samples::Samples;
use crate::scalar::{Element, Lanes};
use crate::weights::Shared;

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

/// All datapoints of a population side by side in lanes, the last block filled up with its last point.
pub(super) struct Packed<V> {
    width: usize,
    points: usize,
    lanes: Vec<V>,
}

impl<V: Lanes> Packed<V>
where
    V::Element: Element,
{
    pub(super) fn new(population: &Samples<V::Element>) -> Self {
        let points: Vec<usize> = (0..population.len()).collect();
        let width = population.width();
        let mut lanes = vec![V::constant(0.0); points.len().div_ceil(V::WIDTH) * width];
        for (points, block) in points.chunks(V::WIDTH).zip(lanes.chunks_exact_mut(width)) {
            gather_block(population, points, block);
        }
        Packed {
            width,
            points: points.len(),
            lanes,
        }
    }

    /// Appends the loss at each point for one trial's weights.
    #[inline(always)]
    pub(super) fn losses<L: Landscape>(
        &self,
        landscape: &L,
        weights: &[V::Element],
        losses: &mut Vec<f64>,
    ) {
        for x in self.lanes.chunks_exact(self.width) {
            let filled = V::WIDTH.min(self.points - losses.len());
            block_losses(landscape, weights, x, filled, losses);
        }
    }
}

/// Up to as many datapoints as there are lanes side by side; lanes that are left over repeat the last one.
pub(super) fn gather_block<V: Lanes>(
    population: &Samples<V::Element>,
    points: &[usize],
    x: &mut [V],
) {
    let rows: Vec<&[V::Element]> = (0..V::WIDTH)
        .map(|lane| population.row(points[lane.min(points.len() - 1)]))
        .collect();
    gather(&rows, x);
}

/// Appends the losses of the first `filled` lanes for one trial's weights.
#[inline(always)]
pub(super) fn block_losses<L: Landscape, V: Lanes>(
    landscape: &L,
    weights: &[V::Element],
    x: &[V],
    filled: usize,
    losses: &mut Vec<f64>,
) where
    V::Element: Element,
{
    let loss = landscape.forward::<V, _>(Shared(weights), x);
    losses.extend((0..filled).map(|lane| loss.lane(lane).to_f64()));
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

/// Weights whose products are summed in lanes before the sum goes on in double precision: few enough for single precision.
const RUN: usize = 64;

/// The displacement of each trial's weights along the probe.
#[inline(always)]
pub(super) fn displacements<V: Lanes>(
    theta: &[V],
    theta0: &[V::Element],
    probe: &[V::Element],
    outcomes: &mut [Outcome],
) {
    for outcome in &mut *outcomes {
        outcome.displacement = 0.0;
    }
    let runs = theta.chunks(RUN).zip(theta0.chunks(RUN));
    for ((to, from), along) in runs.zip(probe.chunks(RUN)) {
        let mut sum = V::constant(0.0);
        for ((to, from), along) in to.iter().zip(from).zip(along) {
            sum.add_scaled(&(to.clone() - V::splat(from.clone())), along);
        }
        for (lane, outcome) in outcomes.iter_mut().enumerate() {
            outcome.displacement += sum.lane(lane).to_f64();
        }
    }
}
