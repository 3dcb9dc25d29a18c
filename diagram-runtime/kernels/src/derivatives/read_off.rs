//! Gradient sinks that read derivatives off the coefficients of a gradient's components.

use crate::layers::{BeyondPrimal, GradientSink, HighestCoefficient};
use diagram_algebra::jet::Jet;

use crate::scalar::Lanes;
use crate::unroll::each;

/// The destination of one derivative.
pub(super) struct Slot<'a, R: Lanes> {
    /// The memory for the derivative in each lane, if it is kept.
    kept: Option<&'a mut [R]>,
    /// The numbers to which the sum over the lanes is added, if it is summed.
    total: Option<&'a mut [R::Element]>,
    /// The number of lanes that hold a sample; the later lanes repeat the last sample and are not summed.
    lanes: usize,
}

impl<'a, R: Lanes> Slot<'a, R> {
    /// A slot that neither keeps nor sums its derivative. The first `lanes` lanes hold samples.
    pub(super) fn new(lanes: usize) -> Self {
        Slot {
            kept: None,
            total: None,
            lanes,
        }
    }

    /// Lets the slot keep the derivative in each lane, in P registers.
    ///
    /// # Panics
    /// If the slot already keeps it elsewhere.
    pub(super) fn keep(&mut self, kept: &'a mut [R]) {
        assert!(
            self.kept.replace(kept).is_none(),
            "a derivative is kept twice"
        );
    }

    /// Lets the slot add the sum of the derivative over the lanes to P numbers.
    ///
    /// # Panics
    /// If the slot already adds it elsewhere.
    pub(super) fn add_to(&mut self, total: &'a mut [R::Element]) {
        assert!(
            self.total.replace(total).is_none(),
            "a derivative is summed twice"
        );
    }

    /// Receives the component of the derivative with respect to the weight at a position in θ.
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

/// Adds the first lanes of a derivative to a number. Only the last block of samples needs this, so it is not inlined into the kernels.
#[cold]
#[inline(never)]
fn add_first<R: Lanes>(lanes: usize, derivative: &R, total: &mut R::Element) {
    for lane in 0..lanes {
        *total += derivative.lane(lane);
    }
}

/// The sink that reads off the derivative with the highest index alone.
pub(super) struct HighestSink<'a, R: Lanes>(pub(super) Slot<'a, R>);

impl<A: Jet> GradientSink<A> for HighestSink<'_, A::Base> {
    type Part = HighestCoefficient;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self.0
            .put(position, &component.derivative(A::COEFFICIENTS - 1));
    }
}

/// The sink that reads off any derivatives except the primal value. It has an optional slot for each index of a derivative.
pub(super) struct CoefficientSinks<'a, R: Lanes>(pub(super) Vec<Option<Slot<'a, R>>>);

impl<A: Jet> GradientSink<A> for CoefficientSinks<'_, A::Base> {
    type Part = BeyondPrimal;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        // Every index is tried in unrolled code, so that the index of a coefficient is a constant and the component stays in registers.
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
