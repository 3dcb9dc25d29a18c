//! The execution of plans, forward and in reverse, in any algebra.
//!
//! The kinds of weights and of sinks for gradients matter to layers alone. All other functions are compiled once for each algebra.

use std::ops::Range;

use super::layer::{factor_gradient, forward, put_adjoints, weight_gradient};
use super::plan::{Factors, Layer, Operand, Plan, Program, Segment};
use super::results::Results;
use crate::layers::{Data, GradientSink, Hidden, scratch};
use crate::scalar::{Lanes, Scalar, Weight};
use crate::weights::Weights;

impl Plan {
    /// Calls `f` with the numbers of the ground ring: those of the datapoint, and those that are computed of them.
    #[inline(always)]
    fn with_inputs<R: Lanes, T>(&self, x: &[R], f: impl FnOnce(&[R]) -> T) -> T {
        scratch::with(self.inputs.memory(), |numbers: &mut [R]| {
            f(self.inputs.run_on(x, numbers))
        })
    }

    /// The loss at the weights `theta` and the datapoint `x`.
    #[inline(always)]
    pub(super) fn loss<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        self.with_inputs(x, |inputs| {
            scratch::with(self.forward.places, |scalars: &mut [A]| {
                self.run(&self.forward, theta, inputs, scalars)
            })
        })
    }

    /// Executes a program and returns the loss.
    #[inline(always)]
    fn run<A: Scalar, W: Weights<A>>(
        &self,
        program: &Program,
        theta: W,
        inputs: &[A::Base],
        scalars: &mut [A],
    ) -> A {
        for (scalar, &position) in scalars.iter_mut().zip(&self.weights) {
            *scalar = theta.at(position).lift();
        }
        for segment in &program.segments {
            match segment {
                Segment::Steps(steps) => program.run(steps.clone(), inputs, scalars),
                Segment::Layer(Layer { rows, factors }) => {
                    let rows = &program.rows[rows.clone()];
                    match factors {
                        Factors::Inputs(places) => {
                            forward::<A, W, Data>(rows, places.clone(), theta, inputs, scalars);
                        }
                        Factors::Scalars(places) => {
                            forward::<A, W, Hidden>(rows, places.clone(), theta, inputs, scalars);
                        }
                    }
                }
            }
        }
        Results { scalars, inputs }.lifted(program.loss)
    }

    /// Gives the gradient to the sink and returns the loss.
    #[inline(always)]
    pub(super) fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let program = &self.kept;
        self.with_inputs(x, |inputs| {
            scratch::with(2 * program.places, |numbers: &mut [A]| {
                let (scalars, adjoints) = numbers.split_at_mut(program.places);
                let loss = self.run(program, theta, inputs, scalars);
                program.start_reverse(adjoints);
                for segment in program.segments.iter().rev() {
                    match segment {
                        Segment::Steps(steps) => {
                            program.reverse(steps.clone(), inputs, scalars, adjoints);
                        }
                        Segment::Layer(layer) => {
                            program.layer_gradient(
                                layer,
                                theta,
                                Results { scalars, inputs },
                                adjoints,
                                gradient,
                            );
                        }
                    }
                }
                put_adjoints(&self.adjoints, adjoints, gradient);
                loss
            })
        })
    }
}

/// Of the program of the ground ring.
impl Program {
    /// The number of places that [`Program::run_on`] needs: none if nothing is computed.
    pub(super) fn memory(&self) -> usize {
        if self.steps.is_empty() {
            0
        } else {
            self.places
        }
    }

    /// The numbers of a datapoint and those that are computed of them in `memory`; those of the datapoint itself if nothing is.
    pub(super) fn run_on<'m, R: Lanes>(&self, x: &'m [R], memory: &'m mut [R]) -> &'m [R] {
        if self.steps.is_empty() {
            return x;
        }
        memory[..x.len()].clone_from_slice(x);
        self.run(0..self.steps.len(), &[], memory);
        memory
    }
}

impl Program {
    /// Executes steps that are no layers.
    #[inline(never)]
    pub(super) fn run<A: Scalar>(
        &self,
        steps: Range<usize>,
        inputs: &[A::Base],
        scalars: &mut [A],
    ) {
        A::run(
            #[inline(always)]
            || {
                for &(step, place) in &self.steps[steps] {
                    let results = Results { scalars, inputs };
                    scalars[place] = results.of(step, &self.pairs);
                }
            },
        );
    }

    /// Sets the derivatives of the loss with respect to all results to what they are before the first step back.
    #[inline(never)]
    fn start_reverse<A: Scalar>(&self, adjoints: &mut [A]) {
        A::run(
            #[inline(always)]
            || {
                // A loop, because the standard library would fill the list in a function without the vector instructions.
                for adjoint in adjoints.iter_mut() {
                    *adjoint = A::constant(0.0);
                }
                if let Operand::Scalar(at) = self.loss {
                    adjoints[at] = A::constant(1.0);
                }
            },
        );
    }

    /// Goes back over steps that are no layers.
    #[inline(never)]
    pub(super) fn reverse<A: Scalar>(
        &self,
        steps: Range<usize>,
        inputs: &[A::Base],
        scalars: &[A],
        adjoints: &mut [A],
    ) {
        A::run(
            #[inline(always)]
            || {
                let results = Results { scalars, inputs };
                for &(step, place) in self.steps[steps].iter().rev() {
                    // What a step reads lies before its result.
                    let (before, rest) = adjoints.split_at_mut(place);
                    results.reverse(step, &self.pairs, &scalars[place], &rest[0], before);
                }
            },
        );
    }

    /// Goes back over a layer.
    #[inline(always)]
    fn layer_gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        layer: &Layer,
        theta: W,
        results: Results<'_, A>,
        adjoints: &mut [A],
        gradient: &mut S,
    ) {
        let rows = &self.rows[layer.rows.clone()];
        for row in rows {
            if let Operand::Scalar(start) = row.start {
                let adjoint = adjoints[row.place].clone();
                adjoints[start] += adjoint;
            }
        }
        weight_gradient(rows, &layer.factors, results, adjoints, gradient);
        if let Factors::Scalars(places) = &layer.factors {
            factor_gradient(rows, places.clone(), theta, adjoints);
        }
    }
}
