//! Derivatives as they are read off the coefficients of a gradient's components.

use crate::layers::{BeyondPrimal, GradientSink, HighestCoefficient};
use diagram_algebra::jet::Jet;

use crate::scalar::Lanes;
use crate::unroll::each;

/// Where one derivative goes.
pub(super) struct Slot<'a, R: Lanes> {
    kept: Option<&'a mut [R]>,
    total: Option<&'a mut [R::Element]>,
    lanes: usize,
}

impl<'a, R: Lanes> Slot<'a, R> {
    /// Nowhere yet. The first `lanes` lanes count.
    pub(super) fn new(lanes: usize) -> Self {
        Slot {
            kept: None,
            total: None,
            lanes,
        }
    }

    /// Keeps it for each lane, in P scalars.
    ///
    /// # Panics
    /// If it is kept elsewhere already.
    pub(super) fn keep(&mut self, kept: &'a mut [R]) {
        assert!(
            self.kept.replace(kept).is_none(),
            "a derivative is kept twice"
        );
    }

    /// Adds its sum over the lanes to P numbers.
    ///
    /// # Panics
    /// If it is added elsewhere already.
    pub(super) fn add_to(&mut self, total: &'a mut [R::Element]) {
        assert!(
            self.total.replace(total).is_none(),
            "a derivative is summed twice"
        );
    }

    #[inline(always)]
    fn put(&mut self, position: usize, derivative: &R) {
        if let Some(kept) = &mut self.kept {
            kept[position] = derivative.clone();
        }
        if let Some(total) = &mut self.total {
            if self.lanes == R::WIDTH {
                total[position] += derivative.sum();
            } else {
                add_first(self.lanes, derivative, &mut total[position]);
            }
        }
    }
}

/// Adds the first lanes of a derivative to a number: once for each component in the last block of samples, so that it need not be part of every kernel.
#[cold]
#[inline(never)]
fn add_first<R: Lanes>(lanes: usize, derivative: &R, total: &mut R::Element) {
    for lane in 0..lanes {
        *total += derivative.lane(lane);
    }
}

/// Reads off the derivative of the highest index only.
pub(super) struct Top<'a, R: Lanes>(pub(super) Slot<'a, R>);

impl<A: Jet> GradientSink<A> for Top<'_, A::Base> {
    type Part = HighestCoefficient;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self.0
            .put(position, &component.derivative(A::COEFFICIENTS - 1));
    }
}

/// Reads off any derivatives but the value without derivatives. A slot for each index.
pub(super) struct Several<'a, R: Lanes>(pub(super) Vec<Option<Slot<'a, R>>>);

impl<A: Jet> GradientSink<A> for Several<'_, A::Base> {
    type Part = BeyondPrimal;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        // All indices below the length are tried, so that they are constants.
        each::<8>(
            #[inline(always)]
            |index| {
                if index < A::COEFFICIENTS
                    && let Some(Some(slot)) = self.0.get_mut(index)
                {
                    slot.put(position, &component.derivative(index));
                }
            },
        );
    }
}
