//! Convolutions, which are cross-correlations without padding, on square images.

use std::marker::PhantomData;

use super::part::{CoefficientPart, accumulate, write, zeros};
use super::tiles::{Tile, cover, cover_rows};
use super::{GradientSink, Input, Scales, xavier};
use crate::scalar::{Scalar, Weight, filled};
use crate::unroll::{array, each};
use crate::weights::Weights;

/// A convolution with kernels of `K` x `K` at stride `STRIDE`. Its part of θ is the weights (out, in, ky, kx), row-major, and then the biases (out).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convolution<const K: usize, const STRIDE: usize> {
    /// The number of input channels.
    pub inputs: usize,
    /// The number of output channels.
    pub outputs: usize,
    /// The number of rows, and of columns, of an input channel.
    pub side_in: usize,
    /// The number of rows, and of columns, of an output channel: `(side_in - K) / STRIDE + 1`.
    pub side_out: usize,
    /// The fixed factors between components of θ and weights, and between components of θ and biases.
    pub scales: [f64; 2],
}

impl<const K: usize, const STRIDE: usize> Convolution<K, STRIDE> {
    /// A convolution whose fixed factors are those of the paper.
    ///
    /// # Panics
    /// If the image is smaller than a kernel.
    pub fn new(inputs: usize, outputs: usize, side_in: usize) -> Self {
        Convolution {
            inputs,
            outputs,
            side_in,
            side_out: (side_in - K) / STRIDE + 1,
            scales: [xavier(inputs * K * K, outputs), xavier(1, outputs)],
        }
    }

    /// The number of weights and biases.
    pub const fn weights(&self) -> usize {
        self.kernels() * self.outputs + self.outputs
    }

    /// The number of weights of one output channel.
    const fn kernels(&self) -> usize {
        self.inputs * K * K
    }

    /// The number of multiply-adds of the forward pass, which is also that of the weight gradient and that of the input gradient.
    pub fn multiply_adds(&self) -> f64 {
        (self.outputs * self.side_out * self.side_out * self.inputs * K * K) as f64
    }

    fn scales<A: Scalar>(&self) -> Scales<A::Element> {
        Scales::constants(self.scales)
    }

    /// The index of the first input that row `row` of the outputs reads in an input channel for row `ky` of the kernels.
    #[inline(always)]
    const fn line(&self, channel: usize, row: usize, ky: usize) -> usize {
        (channel * self.side_in + row * STRIDE + ky) * self.side_in
    }

    /// The forward pass: writes the outputs (out, row, column) to `z`. `theta` is this layer's part of θ.
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
                let scales = self.scales::<A>();
                for row in 0..self.side_out {
                    let mut tile = Forward::<A, W, X, P, K, STRIDE> {
                        layer: self,
                        weights: theta.range(0..self.kernels() * self.outputs),
                        biases: theta.range(self.kernels() * self.outputs..self.weights()),
                        x,
                        z,
                        row,
                        scales: scales.clone(),
                        part: PhantomData,
                    };
                    cover(&mut tile, self.outputs, self.side_out);
                }
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
                let biases = first + self.kernels() * self.outputs;
                self.bias_gradient(dz, gradient, biases, &scales.bias);
                for channel in 0..self.inputs {
                    for ky in 0..K {
                        let mut tile = WeightGradient::<A, X, S, K, STRIDE> {
                            layer: self,
                            x,
                            dz,
                            gradient,
                            first,
                            channel,
                            ky,
                            weight_scale: scales.weight.clone(),
                        };
                        cover_rows::<_, K>(&mut tile, self.outputs);
                    }
                }
            },
        );
    }

    #[inline(always)]
    fn bias_gradient<A: Scalar, S: GradientSink<A> + ?Sized>(
        &self,
        dz: &[A],
        gradient: &mut S,
        first: usize,
        bias_scale: &A::Element,
    ) {
        // Several independent sums hide the latency of additions.
        const SUMS: usize = 4;
        let area = self.side_out * self.side_out;
        for (o, dz) in dz.chunks_exact(area).enumerate() {
            let mut sums: [A; SUMS] = filled(&A::constant(0.0));
            let chunks = dz.chunks_exact(SUMS);
            let rest = chunks.remainder();
            for chunk in chunks {
                each::<SUMS>(
                    #[inline(always)]
                    |i| sums[i] += chunk[i].clone(),
                );
            }
            each::<SUMS>(
                #[inline(always)]
                |i| {
                    if let Some(d) = rest.get(i) {
                        sums[i] += d.clone();
                    }
                },
            );
            let [a, b, c, d] = sums;
            let sum = (a + b) + (c + d);
            gradient.put(first + o, sum.scale_element(bias_scale));
        }
    }

    /// The input gradient: from the adjoints `dz` of the outputs, overwrites `dx` with the adjoints of the inputs. `theta` is this layer's part of θ.
    ///
    /// A tile has a row for each input channel and a column for each output position; each sum is over output channels and is then added to the adjoint of
    /// the input that the position reads.
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
                let weight_scale = self.scales::<A>().weight;
                for d in dx.iter_mut() {
                    write::<A, P>(d, A::constant(0.0));
                }
                let weights = theta.range(0..self.kernels() * self.outputs);
                // The positions in the kernels are the outer loops, so that all rows of outputs reuse the few weights at one position while these are in
                // cache.
                for ky in 0..K {
                    for kx in 0..K {
                        for row in 0..self.side_out {
                            let mut tile = InputGradient::<A, W, P, K, STRIDE> {
                                layer: self,
                                weights,
                                dz,
                                dx,
                                row,
                                ky,
                                kx,
                                weight_scale: weight_scale.clone(),
                                part: PhantomData,
                            };
                            cover(&mut tile, self.inputs, self.side_out);
                        }
                    }
                }
            },
        );
    }
}

/// The forward pass as a [`Tile`]: the rows are output channels, the columns are the positions in one row of the outputs.
struct Forward<'a, A: Scalar, W, X: Input<A>, P, const K: usize, const STRIDE: usize> {
    layer: &'a Convolution<K, STRIDE>,
    weights: W,
    biases: W,
    x: &'a [X::Item],
    z: &'a mut [A],
    row: usize,
    scales: Scales<A::Element>,
    part: PhantomData<P>,
}

impl<
    A: Scalar,
    W: Weights<A>,
    X: Input<A>,
    P: CoefficientPart<A>,
    const K: usize,
    const STRIDE: usize,
> Tile for Forward<'_, A, W, X, P, K, STRIDE>
{
    type Base = A::Base;
    const COEFFICIENTS: usize = P::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, o: usize, column: usize) {
        let layer = self.layer;
        let kernels = layer.kernels();
        let mut sums = zeros::<A, P, C, R>();
        for channel in 0..layer.inputs {
            for ky in 0..K {
                let line = layer.line(channel, self.row, ky) + column * STRIDE;
                let line = &self.x[line..line + (C - 1) * STRIDE + K];
                let at = (channel * K + ky) * K;
                let kernel_lines: [W; R] = array(|r| {
                    let at = (o + r) * kernels + at;
                    self.weights.range(at..at + K)
                });
                for kx in 0..K {
                    each::<R>(
                        #[inline(always)]
                        |r| {
                            let weight = kernel_lines[r].at(kx);
                            each::<C>(
                                #[inline(always)]
                                |c| {
                                    accumulate::<A, P>(
                                        &mut sums[r][c],
                                        #[inline(always)]
                                        |sum| X::weighted(&weight, &line[c * STRIDE + kx], sum),
                                    );
                                },
                            );
                        },
                    );
                }
            }
        }
        each::<R>(
            #[inline(always)]
            |r| {
                let bias = self.biases.at(o + r).lift();
                let bias = bias.scale_element(&self.scales.bias);
                let at = ((o + r) * layer.side_out + self.row) * layer.side_out + column;
                let places = &mut self.z[at..at + C];
                each::<C>(
                    #[inline(always)]
                    |c| {
                        let mut output = bias.clone();
                        output.add_scaled(&P::whole(sums[r][c].clone()), &self.scales.weight);
                        write::<A, P>(&mut places[c], output);
                    },
                );
            },
        );
    }
}

/// The weight gradient as a [`Tile`]: the rows are output channels, the columns are the K weights in one row of a kernel. Sums are over output positions.
struct WeightGradient<'a, A: Scalar, X: Input<A>, S: ?Sized, const K: usize, const STRIDE: usize> {
    layer: &'a Convolution<K, STRIDE>,
    x: &'a [X::Item],
    dz: &'a [A],
    gradient: &'a mut S,
    first: usize,
    channel: usize,
    ky: usize,
    weight_scale: A::Element,
}

impl<A: Scalar, X: Input<A>, S: GradientSink<A> + ?Sized, const K: usize, const STRIDE: usize> Tile
    for WeightGradient<'_, A, X, S, K, STRIDE>
{
    type Base = A::Base;
    const COEFFICIENTS: usize = S::Part::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, o: usize, kx: usize) {
        let layer = self.layer;
        let side = layer.side_out;
        let mut sums = zeros::<A, S::Part, C, R>();
        for row in 0..side {
            let line = layer.line(self.channel, row, self.ky) + kx;
            let line = &self.x[line..line + (side - 1) * STRIDE + C];
            let adjoints: [&[A]; R] = array(|r| {
                let at = ((o + r) * side + row) * side;
                &self.dz[at..at + side]
            });
            for column in 0..side {
                let line = &line[column * STRIDE..column * STRIDE + C];
                each::<R>(
                    #[inline(always)]
                    |r| {
                        let adjoint = &adjoints[r][column];
                        each::<C>(
                            #[inline(always)]
                            |c| {
                                accumulate::<A, S::Part>(
                                    &mut sums[r][c],
                                    #[inline(always)]
                                    |sum| X::multiplied(adjoint, &line[c], sum),
                                );
                            },
                        );
                    },
                );
            }
        }
        each::<R>(
            #[inline(always)]
            |r| {
                let at = (((o + r) * layer.inputs + self.channel) * K + self.ky) * K + kx;
                each::<C>(
                    #[inline(always)]
                    |c| {
                        let component = S::Part::whole(sums[r][c].clone());
                        let component = component.scale_element(&self.weight_scale);
                        self.gradient.put(self.first + at + c, component);
                    },
                );
            },
        );
    }
}

/// The input gradient as a [`Tile`], for one position in the kernels: the rows are input channels, the columns are the positions in one row of outputs.
struct InputGradient<'a, A: Scalar, W, P, const K: usize, const STRIDE: usize> {
    layer: &'a Convolution<K, STRIDE>,
    weights: W,
    dz: &'a [A],
    dx: &'a mut [A],
    row: usize,
    ky: usize,
    kx: usize,
    weight_scale: A::Element,
    part: PhantomData<P>,
}

impl<A: Scalar, W: Weights<A>, P: CoefficientPart<A>, const K: usize, const STRIDE: usize> Tile
    for InputGradient<'_, A, W, P, K, STRIDE>
{
    type Base = A::Base;
    const COEFFICIENTS: usize = P::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, channel: usize, column: usize) {
        let layer = self.layer;
        let mut sums = zeros::<A, P, C, R>();
        for o in 0..layer.outputs {
            let at = (o * layer.side_out + self.row) * layer.side_out + column;
            let adjoints = &self.dz[at..at + C];
            each::<R>(
                #[inline(always)]
                |r| {
                    let at = ((o * layer.inputs + channel + r) * K + self.ky) * K + self.kx;
                    let weight = self.weights.at(at);
                    each::<C>(
                        #[inline(always)]
                        |c| {
                            accumulate::<A, P>(
                                &mut sums[r][c],
                                #[inline(always)]
                                |sum| weight.add_times(&adjoints[c], sum),
                            );
                        },
                    );
                },
            );
        }
        each::<R>(
            #[inline(always)]
            |r| {
                let line = layer.line(channel + r, self.row, self.ky) + self.kx;
                let places = &mut self.dx[line + column * STRIDE..][..=(C - 1) * STRIDE];
                each::<C>(
                    #[inline(always)]
                    |c| {
                        let place = &mut places[c * STRIDE];
                        let mut total = place.clone();
                        total.add_scaled(&P::whole(sums[r][c].clone()), &self.weight_scale);
                        write::<A, P>(place, total);
                    },
                );
            },
        );
    }
}
