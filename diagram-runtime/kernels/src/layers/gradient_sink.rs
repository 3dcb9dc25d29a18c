//! Where the components of a gradient go as they are computed.

use super::part::{AllCoefficients, CoefficientPart, HighestCoefficient};
use crate::dual::Dual;
use crate::scalar::{Lanes, Scalar};

/// What becomes of a gradient's components, each of which is given once.
///
/// Kernels are inlined together with the sink.
pub trait GradientSink<A: Scalar> {
    /// The part of a component that is used.
    type Part: CoefficientPart<A>;
    /// Takes the component of the gradient with respect to the weight at a position in θ.
    fn put(&mut self, position: usize, component: A);
}

/// Stores the gradient.
impl<A: Scalar> GradientSink<A> for [A] {
    type Part = AllCoefficients;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self[position] = component;
    }
}

/// Adds the gradient, times a number for each lane.
#[derive(Debug)]
pub(crate) struct AddScaled<'a, R> {
    pub(crate) total: &'a mut [R],
    pub(crate) by: R,
}

impl<R: Lanes> GradientSink<R> for AddScaled<'_, R> {
    type Part = AllCoefficients;

    #[inline(always)]
    fn put(&mut self, position: usize, component: R) {
        self.total[position].add_product(&component, &self.by);
    }
}

/// Adds the derivative of the gradient, times a number for each lane.
#[derive(Debug)]
pub(crate) struct AddSlopesScaled<'a, R> {
    pub(crate) total: &'a mut [R],
    pub(crate) by: R,
}

impl<R: Lanes> GradientSink<Dual<R>> for AddSlopesScaled<'_, R> {
    type Part = HighestCoefficient;

    #[inline(always)]
    fn put(&mut self, position: usize, component: Dual<R>) {
        self.total[position].add_product(&component.slope, &self.by);
    }
}

/// Takes a step: `to = from + step · gradient`.
#[derive(Debug)]
pub(crate) struct Descend<'a, A: Scalar> {
    pub(crate) from: &'a [A],
    pub(crate) to: &'a mut [A],
    pub(crate) step: A::Element,
}

impl<A: Scalar> GradientSink<A> for Descend<'_, A> {
    type Part = AllCoefficients;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        let mut weight = self.from[position].clone();
        weight.add_scaled(&component, &self.step);
        self.to[position] = weight;
    }
}
