//! Recorded functions as parts of longer computations, such as networks.

use std::ops::Range;

use super::analysis::Analysis;
use super::plan::{Operand, Program, Step};
use super::record::Recorded;
use super::sums::reads;
use super::{Node, Operation};
use crate::scalar::{Lanes, Scalar};

/// How a recorded function is executed as a part of a longer computation. Its weights are scalars of that computation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fragment {
    /// Computes the numbers of the ground ring. Its results are those of the datapoint and then others.
    inputs: Program,
    /// Computes the results in the algebra.
    scalars: Program,
    /// The places of what it computes.
    places: Range<usize>,
    /// The places of the results of the function, in order.
    results: Range<usize>,
}

impl Fragment {
    /// The weights of the function are scalars of the longer computation at the given places, and what is computed has places from `first` on.
    pub(crate) fn new(
        input_width: usize,
        function: &Recorded,
        weights: &[usize],
        first: usize,
    ) -> Self {
        let (operations, results) = (&function.operations, &function.results);
        let graph = Analysis::new(input_width, operations, &reads(operations, results));
        let operand = |node: Node| match operations[node as usize] {
            Operation::Constant(value) => Operand::Constant(value),
            Operation::Weight(position) => Operand::Scalar(weights[position]),
            _ if graph.moving[node as usize] => Operand::Scalar(first + graph.rank[node as usize]),
            _ => Operand::Input(graph.input_place(node)),
        };
        let mut program = Program::default();
        let mut place = first;
        for &node in &graph.order[1] {
            program.push(&graph.terms[node as usize], operand, place);
            place += 1;
        }
        // Results lie side by side, whatever computes them: they are copies.
        let copies = place..place + results.len();
        for (&result, place) in results.iter().zip(copies.clone()) {
            let copy = Operation::Multiply(operand(result), Operand::Constant(1.0));
            program.steps.push((Step::Operation(copy), place));
        }
        Fragment {
            inputs: graph.inputs(),
            scalars: program,
            places: first..copies.end,
            results: copies,
        }
    }

    /// The places of what is computed.
    pub(crate) fn places(&self) -> Range<usize> {
        self.places.clone()
    }

    /// The places of the results of the function.
    pub(crate) fn results(&self) -> Range<usize> {
        self.results.clone()
    }

    /// The number of numbers of the ground ring that are computed, with those of the datapoint; 0 if none is.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs.memory()
    }

    /// The number of floating point operations, if each of those on scalars counts as the given number.
    pub(crate) fn flops(&self, of_scalar: f64) -> f64 {
        self.inputs.flops + of_scalar * self.scalars.flops
    }

    /// The numbers of the ground ring that the steps read: those of the datapoint, or those that are computed in `memory`, which has
    /// [`inputs`](Fragment::inputs) places.
    pub(crate) fn run_inputs<'m, R: Lanes>(&self, x: &'m [R], memory: &'m mut [R]) -> &'m [R] {
        self.inputs.run_on(x, memory)
    }

    /// Computes the results in the algebra.
    pub(crate) fn run<A: Scalar>(&self, inputs: &[A::Base], scalars: &mut [A]) {
        let steps = 0..self.scalars.steps.len();
        self.scalars.run(steps, inputs, scalars);
    }

    /// Adds to the adjoints of what the steps read, from those of the results.
    pub(crate) fn reverse<A: Scalar>(&self, inputs: &[A::Base], scalars: &[A], adjoints: &mut [A]) {
        let steps = 0..self.scalars.steps.len();
        self.scalars.reverse(steps, inputs, scalars, adjoints);
    }
}
