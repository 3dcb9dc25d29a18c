//! From operations to plans.

use super::analysis::{Analysis, Stream};
use super::places::Places;
use super::plan::{Factors, Layer, Operand, Plan, Program, Row, Segment, Step};
use super::sums::{Term, reads};
use super::{Node, Operation};

impl Plan {
    pub(super) fn new((dimension, input_width): (usize, usize), operations: &[Operation]) -> Plan {
        let reads = reads(operations, &[operations.len() as Node - 1]);
        let mut graph = Analysis::new(input_width, operations, &reads);
        graph.find_streams(&reads);
        let mut streamed = vec![false; dimension];
        let mut has_effect = vec![false; dimension];
        for stream in graph.streams.values() {
            streamed[stream.weights..][..stream.factors.len()].fill(true);
        }
        for operation in operations {
            if let Operation::Weight(position) = *operation {
                has_effect[position] = true;
            }
        }
        let positions = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> {
            (0..dimension)
                .filter(|&position| wanted(position))
                .collect()
        };
        let weights = positions(&|position| has_effect[position] && !streamed[position]);
        let ends_at_kink =
            |(at, operation): (usize, &Operation)| graph.moving[at] && operation.has_kink();
        Plan {
            inputs: graph.inputs(),
            forward: graph.scalars(&weights, true),
            kept: graph.scalars(&weights, false),
            adjoints: positions(&|position| !streamed[position])
                .into_iter()
                .map(|position| (position, weights.binary_search(&position).ok()))
                .collect(),
            is_piecewise: operations.iter().enumerate().any(ends_at_kink),
            weights,
        }
    }
}

impl Analysis<'_> {
    /// The program of the ground ring, to which its own results are scalars.
    pub(super) fn inputs(&self) -> Program {
        let mut program = Program {
            places: self.input_width + self.order[0].len(),
            ..Program::default()
        };
        for &node in &self.order[0] {
            let operand = |node: Node| match self.operations[node as usize] {
                Operation::Constant(value) => Operand::Constant(value),
                _ => Operand::Scalar(self.input_place(node)),
            };
            program.push(&self.terms[node as usize], operand, self.input_place(node));
        }
        program
    }

    /// The program of the algebra, whose first results are the given weights. If places are reused, a result is overwritten when nothing reads it any more,
    /// unless it is a factor of a stream, since those lie side by side.
    fn scalars(&self, weights: &[usize], reuse: bool) -> Program {
        let mut places = Places::new(self, weights.len(), reuse);
        let mut program = Program::default();
        let mut layer: Option<(Layer, &Stream)> = None;
        for (at, &node) in self.order[1].iter().enumerate() {
            places.free_after(at);
            let place = places.take(at);
            let operand = |node: Node| match self.operations[node as usize] {
                Operation::Constant(value) => Operand::Constant(value),
                Operation::Weight(position) => {
                    Operand::Scalar(weights.partition_point(|&other| other < position))
                }
                _ if self.moving[node as usize] => {
                    Operand::Scalar(places.of[self.rank[node as usize]])
                }
                _ => Operand::Input(self.input_place(node)),
            };
            let term = &self.terms[node as usize];
            let (Some(stream), Term::Sum(sum)) = (self.streams.get(&node), term) else {
                program
                    .segments
                    .extend(layer.take().map(|(layer, _)| Segment::Layer(layer)));
                program.push(term, operand, place);
                continue;
            };
            program.flops += 2.0 * sum.pairs.len() as f64;
            let row = program.rows.len();
            program.rows.push(Row {
                weights: stream.weights,
                start: sum.start.map(operand).unwrap_or_default(),
                place,
            });
            match &mut layer {
                Some((layer, other)) if other.goes_with(stream) => layer.rows.end = row + 1,
                _ => {
                    let factors = if stream.of_scalars {
                        let first = places.of[stream.factors.start];
                        Factors::Scalars(first..first + stream.factors.len())
                    } else {
                        Factors::Inputs(stream.factors.clone())
                    };
                    let next = Layer {
                        rows: row..row + 1,
                        factors,
                    };
                    let done = layer.replace((next, stream));
                    program
                        .segments
                        .extend(done.map(|(layer, _)| Segment::Layer(layer)));
                }
            }
        }
        program
            .segments
            .extend(layer.map(|(layer, _)| Segment::Layer(layer)));
        program.places = places.count;
        program.loss = match self.operations[self.loss() as usize] {
            Operation::Constant(value) => Operand::Constant(value),
            Operation::Weight(_) => Operand::Scalar(0),
            _ if self.moving[self.loss() as usize] => {
                Operand::Scalar(places.of[self.rank[self.loss() as usize]])
            }
            _ => Operand::Input(self.input_place(self.loss())),
        };
        program
    }
}

impl Program {
    pub(super) fn push(&mut self, term: &Term, operand: impl Fn(Node) -> Operand, place: usize) {
        let step = match term {
            Term::Nothing => return,
            Term::Operation(operation) => {
                self.flops += operation.flops();
                Step::Operation(operation.map(operand))
            }
            Term::Sum(sum) => {
                self.flops += 2.0 * sum.pairs.len() as f64;
                let first = self.pairs.len();
                let pairs = sum.pairs.iter().map(|&(a, b)| (operand(a), operand(b)));
                self.pairs.extend(pairs);
                Step::Sum {
                    start: sum.start.map(&operand).unwrap_or_default(),
                    first,
                    end: self.pairs.len(),
                }
            }
        };
        let at = self.steps.len();
        self.steps.push((step, place));
        match self.segments.last_mut() {
            Some(Segment::Steps(steps)) => steps.end = at + 1,
            _ => self.segments.push(Segment::Steps(at..at + 1)),
        }
    }
}
