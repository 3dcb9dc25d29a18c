//! What is computed of a landscape, as data from which kernels are written.

use std::ops::Range;

use diagram_kernels::graph::{Function, Graph, Node, Operation};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::network::NetworkLandscape;
use diagram_kernels::network::view::{LossView, Place, StageView, View};
use diagram_kernels::recorded::Recorded;

use crate::DeviceError;
use crate::geometry::Geometry;
use crate::tape::{Step, Tape};

/// A loss landscape as data.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    /// The number P of weights.
    pub(crate) dimension: usize,
    /// The number of numbers in a datapoint.
    pub(crate) input_width: usize,
    pub(crate) is_piecewise: bool,
    pub(crate) gradient_flops: Option<f64>,
    /// Parts of θ with the coefficient λ of the penalty ½ λ |θ|² on each.
    pub(crate) penalties: Vec<(Range<usize>, f64)>,
    /// The whole loss with its gradient, if it is a graph.
    pub(crate) graph: Option<Whole>,
    pub(crate) stages: Stages,
}

/// A recorded loss with its gradient.
#[derive(Clone, Debug)]
pub(crate) struct Whole {
    pub(crate) tape: Tape,
    pub(crate) loss: Node,
    /// Weights and the derivatives with respect to them; those of other weights are 0.
    pub(crate) gradient: Vec<(usize, Node)>,
}

/// A run in stages, by the threads of a block.
#[derive(Clone, Debug)]
pub(crate) struct Stages {
    pub(crate) list: Vec<Stage>,
    pub(crate) loss: LossView,
    /// The number of scalars, of nodes of recorded functions, and of constants of a datapoint.
    pub(crate) scalars: usize,
    pub(crate) nodes: usize,
    pub(crate) constants: usize,
    /// The index of the first stage with weights.
    pub(crate) first_with_weights: usize,
    /// Numbers that the kernels read: indices, steps and operands.
    pub(crate) table: Vec<u32>,
    /// Numbers of recorded functions.
    pub(crate) numbers: Vec<f64>,
    /// The kinds of steps that there are.
    pub(crate) kinds: Vec<Kind>,
}

/// A stage of a run; see [`StageView`].
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// `from` is where the indices begin in the table.
    Gather {
        from: usize,
        to: Range<usize>,
    },
    OneHot {
        tokens: Range<usize>,
        to: Range<usize>,
    },
    Inputs {
        from: Place,
        to: Range<usize>,
    },
    Lift {
        position: usize,
        to: Range<usize>,
    },
    Affine {
        layer: Geometry,
        from: Place,
        to: Range<usize>,
    },
    Tanh {
        at: Range<usize>,
    },
    Recorded(RecordedStage),
}

/// A recorded function.
#[derive(Clone, Debug)]
pub(crate) struct RecordedStage {
    pub(crate) forward: Levels,
    /// Where the operands of the results begin in the table, and the scalars that the results are.
    pub(crate) results: usize,
    pub(crate) to: Range<usize>,
    pub(crate) reverse: Levels,
    /// Where pairs of a scalar and an operand begin in the table, and how many there are.
    pub(crate) pulls: usize,
    pub(crate) pulled: usize,
}

/// Levels of steps, none of which reads what another one of its level writes: where they begin in the table, and how many they are. Each is three numbers: where its
/// steps begin in the table, the first node that they write, and how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Levels {
    pub(crate) at: usize,
    pub(crate) count: usize,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Add,
    Subtract,
    Multiply,
    AddProduct,
    Divide,
    Negate,
    Apply(Function),
    Powf,
    LogAddExp,
    Max,
    Above,
}

/// Kinds of operands; see `recorded.cuh`.
const NODE: u32 = 0;
const SCALAR: u32 = 1;
const INPUT: u32 = 2;
const NUMBER: u32 = 3;
const ADJOINT: u32 = 4;
const KIND_AT: u32 = 29;

impl Program {
    /// The program of a landscape.
    pub(crate) fn of(recorded: &Recorded) -> Result<Program, DeviceError> {
        match recorded {
            Recorded::Graph(graph) => Program::of_graph(graph),
            Recorded::Network(network) => Program::of_network(network),
        }
    }

    /// The program of a recorded loss.
    fn of_graph(graph: &Graph) -> Result<Program, DeviceError> {
        let dimension = graph.dimension();
        let operations = graph.operations().to_vec();
        let (mut tape, nodes) = Tape::of(&operations, |weight| weight);
        let loss = nodes[nodes.len() - 1];
        let gradient = tape.reverse(&[loss], true);
        let last = (operations.len() - 1) as Node;
        let view = View {
            stages: vec![
                StageView::Lift {
                    theta: 0..dimension,
                    to: 0..dimension,
                },
                StageView::Recorded {
                    operations,
                    weights: (0..dimension).collect(),
                    results: vec![last],
                    to: dimension..dimension + 1,
                },
            ],
            loss: LossView::Scalar(dimension),
            scalars: dimension + 1,
            constants: 0,
            first_with_weights: 0,
            penalties: vec![],
        };
        Ok(Program {
            dimension,
            input_width: graph.input_width(),
            is_piecewise: graph.is_piecewise(),
            gradient_flops: graph.gradient_flops(),
            penalties: vec![],
            graph: Some(Whole {
                tape,
                loss,
                gradient,
            }),
            stages: Stages::of(&view)?,
        })
    }

    /// The program of a declared network.
    fn of_network(network: &NetworkLandscape) -> Result<Program, DeviceError> {
        let view = network.view();
        Ok(Program {
            dimension: network.dimension(),
            input_width: network.input_width(),
            is_piecewise: network.is_piecewise(),
            gradient_flops: network.gradient_flops(),
            graph: None,
            stages: Stages::of(&view)?,
            penalties: view.penalties,
        })
    }

    /// The sum of the penalties at θ.
    pub(crate) fn penalty(&self, theta: impl Fn(usize) -> f64) -> f64 {
        let of = |(part, coefficient): &(Range<usize>, f64)| -> f64 {
            let square: f64 = part.clone().map(|at| theta(at) * theta(at)).sum();
            0.5 * coefficient * square
        };
        self.penalties.iter().map(of).sum()
    }
}

impl Stages {
    fn of(view: &View) -> Result<Stages, DeviceError> {
        let (places, scalars) = compacted(view);
        let at = |range: &Range<usize>| -> Range<usize> {
            if range.is_empty() {
                return 0..0;
            }
            places[range.start]..places[range.start] + range.len()
        };
        let place = |from: &Place| match from {
            Place::Scalars(range) => Place::Scalars(at(range)),
            other => other.clone(),
        };
        let mut tables = Tables::default();
        let mut list = vec![];
        for stage in &view.stages {
            list.push(match stage {
                StageView::Gather { from, to } => Stage::Gather {
                    from: tables.put(
                        from.iter()
                            .map(|from| from.map_or(u32::MAX, |at| at as u32)),
                    ),
                    to: to.clone(),
                },
                StageView::OneHot { tokens, to } => Stage::OneHot {
                    tokens: tokens.clone(),
                    to: to.clone(),
                },
                StageView::Inputs { from, to } => Stage::Inputs {
                    from: place(from),
                    to: at(to),
                },
                StageView::Lift { theta, to } => Stage::Lift {
                    position: theta.start,
                    to: at(to),
                },
                StageView::Affine {
                    layer,
                    theta,
                    from,
                    to,
                } => {
                    let (Place::Datapoint(read) | Place::Constants(read) | Place::Scalars(read)) =
                        from;
                    Stage::Affine {
                        layer: Geometry::of(layer, read.len(), theta.start)?,
                        from: place(from),
                        to: at(to),
                    }
                }
                StageView::Tanh { at: range } => Stage::Tanh { at: at(range) },
                StageView::Recorded {
                    operations,
                    weights,
                    results,
                    to,
                } => {
                    let scalar = |weight: usize| places[weights[weight]];
                    Stage::Recorded(tables.record(operations, scalar, results, at(to))?)
                }
            });
        }
        let loss = match &view.loss {
            LossView::CrossEntropy { logits, label } => LossView::CrossEntropy {
                logits: at(logits),
                label: label.clone(),
            },
            LossView::Scalar(scalar) => LossView::Scalar(places[*scalar]),
        };
        Ok(Stages {
            list,
            loss,
            scalars,
            nodes: tables.nodes,
            constants: view.constants,
            first_with_weights: view.first_with_weights,
            table: tables.table,
            numbers: tables.numbers,
            kinds: tables.kinds,
        })
    }
}

/// The places of scalars without those that only the processor's steps use, and the number of places.
fn compacted(view: &View) -> (Vec<usize>, usize) {
    let mut places = vec![usize::MAX; view.scalars];
    let mut count = 0;
    for stage in &view.stages {
        let to = match stage {
            StageView::Inputs { to, .. }
            | StageView::Lift { to, .. }
            | StageView::Affine { to, .. }
            | StageView::Recorded { to, .. } => to.clone(),
            StageView::Gather { .. } | StageView::OneHot { .. } | StageView::Tanh { .. } => 0..0,
        };
        for place in &mut places[to] {
            *place = count;
            count += 1;
        }
    }
    (places, count)
}

/// Tables while they are written.
#[derive(Default)]
struct Tables {
    table: Vec<u32>,
    numbers: Vec<f64>,
    kinds: Vec<Kind>,
    nodes: usize,
}

impl Tables {
    /// Appends to the table, and returns where.
    fn put(&mut self, numbers: impl IntoIterator<Item = u32>) -> usize {
        let at = self.table.len();
        self.table.extend(numbers);
        at
    }

    fn number(&mut self, value: f64) -> u32 {
        let same = |number: &f64| number.to_bits() == value.to_bits();
        let at = self.numbers.iter().position(same).unwrap_or_else(|| {
            self.numbers.push(value);
            self.numbers.len() - 1
        });
        NUMBER << KIND_AT | at as u32
    }

    fn kind(&mut self, kind: Kind) -> u32 {
        let at = self.kinds.iter().position(|&other| other == kind);
        at.unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        }) as u32
    }

    /// Writes down a recorded function and its derivatives. `scalar` says which scalar a weight is.
    fn record(
        &mut self,
        operations: &[Operation],
        scalar: impl Fn(usize) -> usize,
        results: &[Node],
        to: Range<usize>,
    ) -> Result<RecordedStage, DeviceError> {
        let (mut tape, nodes) = Tape::of(operations, scalar);
        let results: Vec<Node> = results.iter().map(|&node| nodes[node as usize]).collect();
        let derivatives = tape.reverse(&results, false);
        let first = tape.needed(results.iter().copied());
        let all = tape.needed(derivatives.iter().map(|&(_, node)| node));
        if tape.steps.len() + self.nodes >= 1 << KIND_AT {
            return Err(DeviceError::Unsupported {
                what: "the network has more operations than devices compute; choose the device cpu"
                    .into(),
            });
        }
        // The operand that each node is, once it is known.
        let mut operands = vec![0; tape.steps.len()];
        for (at, &step) in tape.steps.iter().enumerate() {
            operands[at] = match step {
                Step::Of(Operation::Constant(value)) => self.number(value),
                Step::Of(Operation::Weight(scalar)) => SCALAR << KIND_AT | scalar as u32,
                Step::Of(Operation::Input(at)) => INPUT << KIND_AT | at as u32,
                Step::Seed(result) => ADJOINT << KIND_AT | (to.start + result) as u32,
                _ => 0,
            };
        }
        let forward = self.levels(&tape, &mut operands, |node| first[node]);
        let copies = results.iter().map(|&node| operands[node as usize]);
        let at = self.put(copies.collect::<Vec<_>>());
        let reverse = self.levels(&tape, &mut operands, |node| all[node] && !first[node]);
        let pulls = derivatives
            .iter()
            .flat_map(|&(scalar, node)| [scalar as u32, operands[node as usize]]);
        let pulls = self.put(pulls.collect::<Vec<_>>());
        Ok(RecordedStage {
            forward,
            results: at,
            to,
            reverse,
            pulls,
            pulled: derivatives.len(),
        })
    }

    /// Writes down the wanted steps by the longest way from what is known before.
    fn levels(
        &mut self,
        tape: &Tape,
        operands: &mut [u32],
        wanted: impl Fn(usize) -> bool,
    ) -> Levels {
        let mut height = vec![0; tape.steps.len()];
        let mut levels: Vec<Vec<usize>> = vec![];
        for (at, &step) in tape.steps.iter().enumerate() {
            if step.is_leaf() || !wanted(at) {
                continue;
            }
            let below = step.reads().map(|read| height[read as usize]).max();
            height[at] = below.unwrap_or(0) + 1;
            if levels.len() < height[at] {
                levels.push(vec![]);
            }
            levels[height[at] - 1].push(at);
        }
        let mut written = vec![];
        let count = levels.len();
        for level in levels {
            written.extend([self.table.len(), self.nodes, level.len()].map(|n| n as u32));
            for at in level {
                let step = self.step(tape.steps[at], operands);
                self.put(step);
                operands[at] = NODE << KIND_AT | self.nodes as u32;
                self.nodes += 1;
            }
        }
        let at = self.put(written);
        Levels { at, count }
    }

    /// The four numbers of a step.
    fn step(&mut self, step: Step, operands: &[u32]) -> [u32; 4] {
        use Operation as O;
        let of = |node: Node| operands[node as usize];
        let (kind, reads) = match step {
            Step::Above(a, b) => (Kind::Above, [of(a), of(b), 0]),
            Step::Of(O::Add(a, b)) => (Kind::Add, [of(a), of(b), 0]),
            Step::Of(O::Subtract(a, b)) => (Kind::Subtract, [of(a), of(b), 0]),
            Step::Of(O::Multiply(a, b)) => (Kind::Multiply, [of(a), of(b), 0]),
            Step::Of(O::AddProduct(a, b, c)) => (Kind::AddProduct, [of(a), of(b), of(c)]),
            Step::Of(O::Divide(a, b)) => (Kind::Divide, [of(a), of(b), 0]),
            Step::Of(O::Negate(a)) => (Kind::Negate, [of(a), 0, 0]),
            Step::Of(O::Apply(function, a)) => (Kind::Apply(function), [of(a), 0, 0]),
            Step::Of(O::Powf(a, exponent)) => {
                let exponent = self.number(exponent) & ((1 << KIND_AT) - 1);
                (Kind::Powf, [of(a), exponent, 0])
            }
            Step::Of(O::LogAddExp(a, b)) => (Kind::LogAddExp, [of(a), of(b), 0]),
            Step::Of(O::Max(a, b)) => (Kind::Max, [of(a), of(b), 0]),
            Step::Seed(_) | Step::Of(O::Constant(_) | O::Weight(_) | O::Input(_)) => {
                unreachable!("leaves are no steps")
            }
        };
        [self.kind(kind), reads[0], reads[1], reads[2]]
    }
}
