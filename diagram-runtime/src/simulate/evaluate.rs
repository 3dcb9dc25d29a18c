//! Losses of final weights.

use super::Outcome;
use crate::landscape::Landscape;
use crate::rows::gather;
use crate::samples::Samples;
use crate::scalar::{Element, Lanes};
use crate::weights::Shared;

/// Datapoints side by side in lanes, the last block filled up with its last point.
pub(super) struct Packed<V> {
    width: usize,
    points: usize,
    lanes: Vec<V>,
}

impl<V: Lanes> Packed<V>
where
    V::Element: Element,
{
    #[inline(always)]
    pub(super) fn new(
        samples: &Samples<V::Element>,
        points: impl ExactSizeIterator<Item = usize>,
    ) -> Self {
        let points: Vec<usize> = points.collect();
        let width = samples.width();
        let mut lanes = vec![V::constant(0.0); points.len().div_ceil(V::WIDTH) * width];
        for (points, block) in points.chunks(V::WIDTH).zip(lanes.chunks_exact_mut(width)) {
            let rows: Vec<&[V::Element]> = (0..V::WIDTH)
                .map(|lane| samples.row(points[lane.min(points.len() - 1)]))
                .collect();
            gather(&rows, block);
        }
        Packed {
            width,
            points: points.len(),
            lanes,
        }
    }

    /// The loss at each point for one trial's weights.
    #[inline(always)]
    pub(super) fn losses<L: Landscape>(
        &self,
        landscape: &L,
        weights: &[V::Element],
        losses: &mut Vec<f64>,
    ) {
        losses.clear();
        for x in self.lanes.chunks_exact(self.width) {
            let loss = landscape.forward::<V, _>(Shared(weights), x);
            let filled = V::WIDTH.min(self.points - losses.len());
            losses.extend((0..filled).map(|lane| loss.lane(lane).to_f64()));
        }
    }
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
