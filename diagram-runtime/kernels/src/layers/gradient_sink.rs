//! Gradient sinks, which receive the components of a gradient as they are computed.

use super::part::{AllCoefficients, CoefficientPart, HighestCoefficient};
use crate::dual::Dual;
use crate::scalar::{Lanes, Scalar};

/// A receiver of the components of a gradient, each of which it is given once.
///
/// A sink is inlined into the kernels that give it components, so that coefficients that it does not use are not computed.
pub trait GradientSink<A: Scalar> {
    /// The coefficients of a component that the sink uses. The values of the other coefficients are unspecified.
    type Part: CoefficientPart<A>;
    /// Receives the component of the gradient with respect to the weight at a position in θ.
    fn put(&mut self, position: usize, component: A);
}

/// A slice is a sink that stores the gradient.
impl<A: Scalar> GradientSink<A> for [A] {
    type Part = AllCoefficients;

    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self[position] = component;
    }
}

/// The sink `total += by · gradient`, where `by` is a number in each lane.
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

/// The sink `total += by · slope` of the slopes of a gradient of dual numbers, where `by` is a number in each lane.
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

/// The sink `to = from + step · gradient`, which takes a step of gradient descent while the gradient is computed.
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
