//! Dense layers.

use std::marker::PhantomData;

use super::part::{CoefficientPart, accumulate, write, zeros};
use super::tiles::{Tile, cover_rows};
use super::{GradientSink, Input, Scales, xavier};
use crate::scalar::{Scalar, Weight};
use crate::unroll::{array, each};
use crate::weights::Weights;

/// The dense layer `z = W x + b`. Its part of θ is the weights (out, in), row-major, and then the biases (out), if there are any.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dense {
    /// The number of inputs.
    pub inputs: usize,
    /// The number of outputs.
    pub outputs: usize,
    /// The fixed factors between components of θ and weights, and between components of θ and biases.
    pub scales: [f64; 2],
    /// Whether there are biases.
    pub bias: bool,
}

impl Dense {
    /// A layer with biases, whose fixed factors are those of the paper.
    pub fn new(inputs: usize, outputs: usize) -> Self {
        Dense {
            inputs,
            outputs,
            scales: [xavier(inputs, outputs), xavier(1, outputs)],
            bias: true,
        }
    }

    /// The number of weights and biases.
    pub const fn weights(&self) -> usize {
        self.inputs * self.outputs + if self.bias { self.outputs } else { 0 }
    }

    /// The number of multiply-adds of the forward pass, which is also that of the weight gradient and that of the input gradient.
    pub fn multiply_adds(&self) -> f64 {
        (self.inputs * self.outputs) as f64
    }

    fn scales<A: Scalar>(&self) -> Scales<A::Element> {
        Scales::constants(self.scales)
    }

    /// The forward pass: writes the outputs to `z`. `theta` is this layer's part of θ.
    #[inline(never)]
    pub fn forward<A: Scalar, W: Weights<A>, X: Input<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        x: &[X::Item],
        z: &mut [A],
    ) {
        A::run(
            #[inline(always)]
            || {
                let mut tile = Forward::<A, W, X, P> {
                    layer: self,
                    theta,
                    x,
                    z,
                    part: PhantomData,
                };
                cover_rows::<_, 1>(&mut tile, self.outputs);
            },
        );
    }

    /// The weight gradient: from the inputs `x` and the adjoints `dz` of the outputs, gives the gradient with respect to this layer's part of θ, which
    /// begins at position `first` of θ, to the sink.
    #[inline(never)]
    pub fn weight_gradient<A: Scalar, X: Input<A>, S: GradientSink<A> + ?Sized>(
        &self,
        x: &[X::Item],
        dz: &[A],
        (gradient, first): (&mut S, usize),
    ) {
        A::run(
            #[inline(always)]
            || {
                let scales = self.scales::<A>();
                let biases = first + self.inputs * self.outputs;
                for (o, d) in dz.iter().enumerate() {
                    if self.bias {
                        let component = d.clone().scale_element(&scales.bias);
                        gradient.put(biases + o, component);
                    }
                    let d = d.clone().scale_element(&scales.weight);
                    for (i, x) in x.iter().enumerate() {
                        let [[mut product]] = zeros::<A, S::Part, 1, 1>();
                        accumulate::<A, S::Part>(
                            &mut product,
                            #[inline(always)]
                            |sum| X::multiplied(&d, x, sum),
                        );
                        let component = S::Part::whole(product);
                        gradient.put(first + o * self.inputs + i, component);
                    }
                }
            },
        );
    }

    /// The input gradient: from the adjoints `dz` of the outputs, overwrites `dx` with the adjoints of the inputs. `theta` is this layer's part of θ.
    #[inline(never)]
    pub fn input_gradient<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        dz: &[A],
        dx: &mut [A],
    ) {
        A::run(
            #[inline(always)]
            || {
                let mut tile = InputGradient::<A, W, P> {
                    layer: self,
                    theta,
                    dz,
                    dx,
                    weight_scale: self.scales::<A>().weight,
                    part: PhantomData,
                };
                cover_rows::<_, 1>(&mut tile, self.inputs);
            },
        );
    }
}

/// The forward pass as a [`Tile`] with a single column: the rows are outputs, and sums are over inputs.
struct Forward<'a, A: Scalar, W, X: Input<A>, P> {
    layer: &'a Dense,
    theta: W,
    x: &'a [X::Item],
    z: &'a mut [A],
    part: PhantomData<P>,
}

impl<A: Scalar, W: Weights<A>, X: Input<A>, P: CoefficientPart<A>> Tile
    for Forward<'_, A, W, X, P>
{
    type Base = A::Base;
    const COEFFICIENTS: usize = P::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, first: usize, _: usize) {
        let Dense {
            inputs, outputs, ..
        } = *self.layer;
        let x = &self.x[..inputs];
        let rows: [W; R] = array(|r| {
            let at = (first + r) * inputs;
            self.theta.range(at..at + inputs)
        });
        let mut sums = zeros::<A, P, 1, R>();
        for i in 0..inputs {
            each::<R>(
                #[inline(always)]
                |r| {
                    accumulate::<A, P>(
                        &mut sums[r][0],
                        #[inline(always)]
                        |sum| X::weighted(&rows[r].at(i), &x[i], sum),
                    );
                },
            );
        }
        let scales = self.layer.scales::<A>();
        each::<R>(
            #[inline(always)]
            |r| {
                let mut output = if self.layer.bias {
                    let bias = self.theta.at(inputs * outputs + first + r).lift();
                    bias.scale_element(&scales.bias)
                } else {
                    A::constant(0.0)
                };
                output.add_scaled(&P::whole(sums[r][0].clone()), &scales.weight);
                write::<A, P>(&mut self.z[first + r], output);
            },
        );
    }
}

/// The input gradient as a [`Tile`] with a single column: the rows are inputs, and sums are over outputs.
struct InputGradient<'a, A: Scalar, W, P> {
    layer: &'a Dense,
    theta: W,
    dz: &'a [A],
    dx: &'a mut [A],
    weight_scale: A::Element,
    part: PhantomData<P>,
}

impl<A: Scalar, W: Weights<A>, P: CoefficientPart<A>> Tile for InputGradient<'_, A, W, P> {
    type Base = A::Base;
    const COEFFICIENTS: usize = P::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, first: usize, _: usize) {
        let Dense { inputs, .. } = *self.layer;
        let mut sums = zeros::<A, P, 1, R>();
        for (o, d) in self.dz.iter().enumerate() {
            let at = o * inputs + first;
            let row = self.theta.range(at..at + R);
            each::<R>(
                #[inline(always)]
                |r| {
                    accumulate::<A, P>(
                        &mut sums[r][0],
                        #[inline(always)]
                        |sum| row.at(r).add_times(d, sum),
                    );
                },
            );
        }
        let places = &mut self.dx[first..first + R];
        each::<R>(
            #[inline(always)]
            |r| {
                let sum = P::whole(sums[r][0].clone());
                write::<A, P>(&mut places[r], sum.scale_element(&self.weight_scale));
            },
        );
    }
}
