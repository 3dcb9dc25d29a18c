//! A dense layer of each of many patches of the inputs: convolutions of any kind, and dense layers of each token.
//!
//! Inputs are scalars of the algebra, also where they are data: other layers are compiled for both kinds of inputs, and this one takes as long to compile as all
//! of them together.

use std::marker::PhantomData;

use super::part::{CoefficientPart, accumulate, write, zeros};
use super::tiles::{Tile, cover_square};
use super::{GradientSink, Pull, Scales, put, scratch};
use crate::scalar::{Lanes, Scalar, Weight};
use crate::unroll::each;
use crate::weights::Weights;

/// A dense layer of each patch, with the same weights for all patches. Patches lie in rows and columns.
///
/// Its part of θ is the weights, where the outputs of one group come after those of the other, and then the biases (out), if there are any.
#[derive(Clone, Debug, PartialEq)]
pub struct Patches {
    /// The number of groups. Each has its own inputs and outputs.
    pub groups: usize,
    /// The number of outputs of each group.
    pub outputs: usize,
    /// The distances of the entries of a patch from its first one in the inputs.
    pub offsets: Vec<usize>,
    /// The number of rows of patches.
    pub rows: usize,
    /// The number of patches in a row.
    pub columns: usize,
    /// The distances in the inputs from one group to the next, from one row of patches to the next, and from one column to the next.
    pub input_strides: [usize; 3],
    /// The distances in the outputs from one output to the next, from one row to the next, and from one column to the next.
    pub output_strides: [usize; 3],
    /// The distances in θ from the weights of one output to those of the next, and from the weight of one entry to that of the next.
    pub weight_strides: [usize; 2],
    /// The fixed factors between components of θ and weights, and between components of θ and biases.
    pub scales: [f64; 2],
    /// Whether there are biases.
    pub bias: bool,
}

impl Patches {
    /// The number of weights and biases.
    pub fn weights(&self) -> usize {
        self.biases() + if self.bias { self.all_outputs() } else { 0 }
    }

    /// The number of weights, after which the biases are.
    fn biases(&self) -> usize {
        self.all_outputs() * self.offsets.len()
    }

    /// The number of outputs of all groups.
    fn all_outputs(&self) -> usize {
        self.groups * self.outputs
    }

    /// The number of multiply-adds of the forward pass, which is also that of the weight gradient and that of the input gradient.
    pub fn multiply_adds(&self) -> f64 {
        (self.biases() * self.rows * self.columns) as f64
    }

    fn scales<A: Scalar>(&self) -> Scales<A::Element> {
        Scales::constants(self.scales)
    }

    /// The position of a weight in this layer's part of θ.
    #[inline(always)]
    fn weight(&self, output: usize, entry: usize) -> usize {
        let [outputs, entries] = self.weight_strides;
        output * outputs + entry * entries
    }

    /// The index of the first input of a patch.
    #[inline(always)]
    fn patch(&self, group: usize, row: usize, column: usize) -> usize {
        let [groups, rows, columns] = self.input_strides;
        group * groups + row * rows + column * columns
    }

    /// The index of an output of a patch.
    #[inline(always)]
    fn output(&self, output: usize, row: usize, column: usize) -> usize {
        let [outputs, rows, columns] = self.output_strides;
        output * outputs + row * rows + column * columns
    }

    /// The forward pass: writes the outputs to `z`. `theta` is this layer's part of θ.
    #[inline(never)]
    pub fn forward<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        x: &[A],
        z: &mut [A],
    ) {
        A::Base::run_lanes::<Self, _>(
            #[inline(always)]
            || {
                let scales = self.scales::<A>();
                for group in 0..self.groups {
                    for row in 0..self.rows {
                        let mut tile = Forward::<A, W, P> {
                            layer: self,
                            theta,
                            x,
                            z,
                            group,
                            row,
                            scales: scales.clone(),
                            part: PhantomData,
                        };
                        cover_square(&mut tile, self.outputs, self.columns);
                    }
                }
            },
        );
    }

    /// The weight gradient: from the inputs `x` and the adjoints `dz` of the outputs, gives the gradient with respect to this layer's part of θ, which
    /// begins at position `first` of θ, to the sink. `pull` is added to each component.
    pub fn weight_gradient<A: Scalar, S: GradientSink<A> + ?Sized>(
        &self,
        x: &[A],
        dz: &[A],
        (gradient, first): (&mut S, usize),
        pull: Pull<'_, A>,
    ) {
        scratch::with(self.weights(), |components: &mut [A]| {
            self.components::<A, S::Part>(x, dz, components);
            self.put(components, (gradient, first), pull);
        });
    }

    /// The components of the weight gradient: (out, entry of a patch) and then the biases.
    ///
    /// They go to the sink from memory, so that the code of a sink, which is long, is compiled once and not for each sum of each tile.
    #[inline(never)]
    fn components<A: Scalar, P: CoefficientPart<A>>(
        &self,
        x: &[A],
        dz: &[A],
        components: &mut [A],
    ) {
        A::Base::run_lanes::<Self, _>(
            #[inline(always)]
            || {
                let scales = self.scales::<A>();
                for (o, component) in components[self.biases()..].iter_mut().enumerate() {
                    let mut sum = A::constant(0.0);
                    for row in 0..self.rows {
                        for column in 0..self.columns {
                            sum += dz[self.output(o, row, column)].clone();
                        }
                    }
                    *component = sum.scale_element(&scales.bias);
                }
                for group in 0..self.groups {
                    let mut tile = WeightGradient::<A, P> {
                        layer: self,
                        x,
                        dz,
                        components,
                        group,
                        weight_scale: scales.weight.clone(),
                        part: PhantomData,
                    };
                    cover_square(&mut tile, self.outputs, self.offsets.len());
                }
            },
        );
    }

    /// Gives the components of the weight gradient to a sink.
    #[inline(never)]
    fn put<A: Scalar, S: GradientSink<A> + ?Sized>(
        &self,
        components: &[A],
        (gradient, first): (&mut S, usize),
        pull: Pull<'_, A>,
    ) {
        A::Base::run_lanes::<Self, _>(
            #[inline(always)]
            || {
                let entries = self.offsets.len();
                for (at, component) in components.iter().enumerate() {
                    let position = if at < self.biases() {
                        self.weight(at / entries, at % entries)
                    } else {
                        at
                    };
                    put(gradient, first + position, component.clone(), pull);
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
        A::Base::run_lanes::<Self, _>(
            #[inline(always)]
            || {
                let weight_scale = self.scales::<A>().weight;
                for d in dx.iter_mut() {
                    write::<A, P>(d, A::constant(0.0));
                }
                for group in 0..self.groups {
                    for row in 0..self.rows {
                        let mut tile = InputGradient::<A, W, P> {
                            layer: self,
                            theta,
                            dz,
                            dx,
                            group,
                            row,
                            weight_scale: weight_scale.clone(),
                            part: PhantomData,
                        };
                        cover_square(&mut tile, self.offsets.len(), self.columns);
                    }
                }
            },
        );
    }
}

/// The forward pass as a [`Tile`]: the rows are outputs, the columns are patches in one row. Sums are over the entries of a patch.
struct Forward<'a, A: Scalar, W, P> {
    layer: &'a Patches,
    theta: W,
    x: &'a [A],
    z: &'a mut [A],
    group: usize,
    row: usize,
    scales: Scales<A::Element>,
    part: PhantomData<P>,
}

impl<A: Scalar, W: Weights<A>, P: CoefficientPart<A>> Tile for Forward<'_, A, W, P> {
    type Base = A::Base;
    const COEFFICIENTS: usize = P::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, first: usize, column: usize) {
        let layer = self.layer;
        let first = self.group * layer.outputs + first;
        let patches = &self.x[layer.patch(self.group, self.row, column)..];
        let stride = layer.input_strides[2];
        let mut sums = zeros::<A, P, C, R>();
        for (entry, &offset) in layer.offsets.iter().enumerate() {
            each::<R>(
                #[inline(always)]
                |r| {
                    let weight = self.theta.at(layer.weight(first + r, entry));
                    each::<C>(
                        #[inline(always)]
                        |c| {
                            accumulate::<A, P>(
                                &mut sums[r][c],
                                #[inline(always)]
                                |sum| weight.add_times(&patches[offset + c * stride], sum),
                            );
                        },
                    );
                },
            );
        }
        each::<R>(
            #[inline(always)]
            |r| {
                let bias = if layer.bias {
                    let bias = self.theta.at(layer.biases() + first + r).lift();
                    bias.scale_element(&self.scales.bias)
                } else {
                    A::constant(0.0)
                };
                each::<C>(
                    #[inline(always)]
                    |c| {
                        let mut output = bias.clone();
                        output.add_scaled(&P::whole(sums[r][c].clone()), &self.scales.weight);
                        let at = layer.output(first + r, self.row, column + c);
                        write::<A, P>(&mut self.z[at], output);
                    },
                );
            },
        );
    }
}

/// The weight gradient as a [`Tile`]: the rows are outputs, the columns are entries of a patch. Sums are over patches.
struct WeightGradient<'a, A: Scalar, P> {
    layer: &'a Patches,
    x: &'a [A],
    dz: &'a [A],
    /// The components of the gradient (out, entry of a patch).
    components: &'a mut [A],
    group: usize,
    weight_scale: A::Element,
    part: PhantomData<P>,
}

impl<A: Scalar, P: CoefficientPart<A>> Tile for WeightGradient<'_, A, P> {
    type Base = A::Base;
    const COEFFICIENTS: usize = P::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, first: usize, entry: usize) {
        let layer = self.layer;
        let first = self.group * layer.outputs + first;
        let offsets = &layer.offsets[entry..entry + C];
        let mut sums = zeros::<A, P, C, R>();
        for row in 0..layer.rows {
            for column in 0..layer.columns {
                let patch = &self.x[layer.patch(self.group, row, column)..];
                each::<R>(
                    #[inline(always)]
                    |r| {
                        let adjoint = &self.dz[layer.output(first + r, row, column)];
                        each::<C>(
                            #[inline(always)]
                            |c| {
                                accumulate::<A, P>(
                                    &mut sums[r][c],
                                    #[inline(always)]
                                    |sum| sum.add_product(adjoint, &patch[offsets[c]]),
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
                let at = (first + r) * layer.offsets.len() + entry;
                let places = &mut self.components[at..at + C];
                each::<C>(
                    #[inline(always)]
                    |c| {
                        let component = P::whole(sums[r][c].clone());
                        places[c] = component.scale_element(&self.weight_scale);
                    },
                );
            },
        );
    }
}

/// The input gradient as a [`Tile`]: the rows are entries of a patch, the columns are patches in one row. Sums are over outputs.
struct InputGradient<'a, A: Scalar, W, P> {
    layer: &'a Patches,
    theta: W,
    dz: &'a [A],
    dx: &'a mut [A],
    group: usize,
    row: usize,
    weight_scale: A::Element,
    part: PhantomData<P>,
}

impl<A: Scalar, W: Weights<A>, P: CoefficientPart<A>> Tile for InputGradient<'_, A, W, P> {
    type Base = A::Base;
    const COEFFICIENTS: usize = P::COEFFICIENTS;

    #[inline(always)]
    fn run<const R: usize, const C: usize>(&mut self, entry: usize, column: usize) {
        let layer = self.layer;
        let mut sums = zeros::<A, P, C, R>();
        for o in self.group * layer.outputs..(self.group + 1) * layer.outputs {
            let adjoints = &self.dz[layer.output(o, self.row, column)..];
            let stride = layer.output_strides[2];
            each::<R>(
                #[inline(always)]
                |r| {
                    let weight = self.theta.at(layer.weight(o, entry + r));
                    each::<C>(
                        #[inline(always)]
                        |c| {
                            accumulate::<A, P>(
                                &mut sums[r][c],
                                #[inline(always)]
                                |sum| weight.add_times(&adjoints[c * stride], sum),
                            );
                        },
                    );
                },
            );
        }
        let first = layer.patch(self.group, self.row, column);
        each::<R>(
            #[inline(always)]
            |r| {
                let places = &mut self.dx[first + layer.offsets[entry + r]..];
                each::<C>(
                    #[inline(always)]
                    |c| {
                        let place = &mut places[c * layer.input_strides[2]];
                        let mut total = place.clone();
                        total.add_scaled(&P::whole(sums[r][c].clone()), &self.weight_scale);
                        write::<A, P>(place, total);
                    },
                );
            },
        );
    }
}
