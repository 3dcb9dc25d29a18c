//! The construction of plans from value classes, with equal quantities shared.

use std::collections::BTreeMap;

use super::{CostParameters, Kind, Operand, PassOutput, Quantity, QuantityId, Step, Work};
use crate::value_class::ValueClass;

/// The number of samples at which the costs of alternatives are compared.
const REFERENCE_SAMPLES: f64 = 256.0;

/// The parameters with which the costs of alternatives are compared. They assume calls of unlimited size, so that plans do not depend on what executes
/// them.
const PLANNING: CostParameters = CostParameters {
    directions_per_call: usize::MAX,
    highest_shared_power: 2,
    contraction_start: 0.0,
};

/// A quantity together with the part of the current class that each of its sample axes stands for.
#[derive(Clone)]
struct BoundQuantity {
    quantity: QuantityId,
    parts: Vec<usize>,
}

/// The identity of a pass: its sample axis and its directions.
type PassKey = (usize, Vec<Operand>);
/// The identity of a mean, dot product or product: which of them it is, its operands, and the axes that it keeps.
type ReductionKey = (u8, Vec<Operand>, Vec<usize>);

/// A plan under construction.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) quantities: Vec<Quantity>,
    pub(super) steps: Vec<Step>,
    cost: f64,
    // The steps and quantities by their identity, so that equal ones are built once (hash-consing).
    passes: BTreeMap<PassKey, usize>,
    reductions: BTreeMap<ReductionKey, QuantityId>,
    loss: Option<usize>,
    /// The additions in order, so that an alternative can be tried and taken back.
    journal: Vec<Added>,
}

/// One addition to a [`Builder`].
enum Added {
    Pass(PassKey),
    PassOutput { step: usize },
    Reduction(ReductionKey),
    Loss,
    LossOutput { step: usize, keep: bool },
}

impl Builder {
    /// Adds the steps for the value of `class`, and returns the quantity that is the value.
    pub(super) fn add(&mut self, class: &ValueClass) -> QuantityId {
        if let Some(open) = class.open() {
            return self.message(class, open, None).quantity;
        }
        let scalars: Vec<BoundQuantity> = class
            .components()
            .iter()
            .map(|component| self.component(class, component))
            .collect();
        match &scalars[..] {
            [single] if single.parts.is_empty() => single.quantity,
            _ => self.product(&scalars),
        }
    }

    /// Adds the steps for the tree with these nodes. Its value is a scalar that depends on the samples of the parts that it shares with other trees.
    fn component(&mut self, class: &ValueClass, nodes: &[usize]) -> BoundQuantity {
        let edges = nodes.iter().flat_map(|&u| {
            class
                .neighbours(u)
                .filter(move |&v| u < v)
                .map(move |v| (u, v))
        });
        let cuts: Vec<(usize, usize)> = edges.collect();
        let mark = self.journal.len();
        let mut best: Option<(f64, (usize, usize))> = None;
        for &(u, v) in &cuts {
            let before = self.cost;
            self.cut(class, nodes, u, v);
            let added = self.cost - before;
            self.take_back(mark, before);
            // Of several edges with the least cost the first is taken, so that plans are deterministic.
            if best.is_none_or(|(least, _)| added < least) {
                best = Some((added, (u, v)));
            }
        }
        match best {
            Some((_, (u, v))) => self.cut(class, nodes, u, v),
            None => self.loss(class, nodes[0]),
        }
    }

    /// Takes back all additions after the first `mark` ones, and resets the cost.
    fn take_back(&mut self, mark: usize, cost: f64) {
        while self.journal.len() > mark {
            match self.journal.pop().expect("longer than the mark") {
                Added::Pass(key) => {
                    self.passes.remove(&key);
                    self.steps.pop();
                }
                Added::PassOutput { step } => {
                    if let Step::Pass { outputs, .. } = &mut self.steps[step] {
                        outputs.pop();
                    }
                    self.quantities.pop();
                }
                Added::Reduction(key) => {
                    self.reductions.remove(&key);
                    self.steps.pop();
                    self.quantities.pop();
                }
                Added::Loss => {
                    self.loss = None;
                    self.steps.pop();
                }
                Added::LossOutput { step, keep: kept } => {
                    if let Step::Loss { keep, mean } = &mut self.steps[step] {
                        *(if kept { keep } else { mean }) = None;
                    }
                    self.quantities.pop();
                }
            }
        }
        self.cost = cost;
    }

    /// Adds the steps for the value of a tree as the dot product of the two messages across the edge from u to v.
    fn cut(&mut self, class: &ValueClass, nodes: &[usize], u: usize, v: usize) -> BoundQuantity {
        let messages = [
            self.message(class, u, Some(v)),
            self.message(class, v, Some(u)),
        ];
        let inside =
            |part: usize| (0..class.nodes()).all(|w| class.part(w) != part || nodes.contains(&w));
        self.reduce(REDUCE_DOT, &messages, inside)
    }

    /// Adds the steps for the message of a node: the derivative of its loss in which the index of the edge to `parent`, or the open index, is not
    /// contracted.
    fn message(&mut self, class: &ValueClass, node: usize, parent: Option<usize>) -> BoundQuantity {
        let children: Vec<usize> = class
            .neighbours(node)
            .filter(|&c| Some(c) != parent)
            .collect();
        let directions: Vec<BoundQuantity> = children
            .iter()
            .map(|&c| self.message(class, c, Some(node)))
            .collect();
        let inside = {
            let mut inside = vec![false; class.nodes()];
            mark(class, node, parent, &mut inside);
            inside
        };
        let closed = |part: usize| (0..class.nodes()).all(|w| class.part(w) != part || inside[w]);
        let sample = class.part(node);
        let derivative = self.derivative(sample, &directions, closed(sample));
        if derivative.parts.iter().any(|&part| closed(part)) {
            self.reduce(REDUCE_MEAN, &[derivative], closed)
        } else {
            derivative
        }
    }

    fn derivative(
        &mut self,
        sample: usize,
        directions: &[BoundQuantity],
        mean: bool,
    ) -> BoundQuantity {
        let (order, parts) = canonical_axes(directions, Some(sample));
        let axis = |part: usize| {
            parts
                .iter()
                .position(|&p| p == part)
                .expect("every part has an axis")
        };
        let mut distinct: Vec<Operand> = vec![];
        let mut powers: Vec<u8> = vec![];
        for direction in order {
            let operand = Operand {
                quantity: direction.quantity,
                axes: direction.parts.iter().map(|&p| axis(p)).collect(),
            };
            if let Some(at) = distinct.iter().position(|d| *d == operand) {
                powers[at] += 1;
            } else {
                distinct.push(operand);
                powers.push(1);
            }
        }
        let sample = axis(sample);
        let step = self.pass(parts.len(), sample, distinct);
        let quantity = self.pass_output(step, powers, mean);
        let parts = parts
            .iter()
            .enumerate()
            .filter(|&(a, _)| !(mean && a == sample))
            .map(|(_, &p)| p)
            .collect();
        BoundQuantity { quantity, parts }
    }

    fn pass(&mut self, axes: usize, sample: usize, directions: Vec<Operand>) -> usize {
        let key = (sample, directions);
        if let Some(&step) = self.passes.get(&key) {
            return step;
        }
        let step = self.steps.len();
        self.steps.push(Step::Pass {
            axes,
            sample,
            directions: key.1.clone(),
            outputs: vec![],
        });
        self.passes.insert(key.clone(), step);
        self.journal.push(Added::Pass(key));
        step
    }

    fn pass_output(&mut self, step: usize, powers: Vec<u8>, mean: bool) -> QuantityId {
        let next = self.quantities.len();
        let Step::Pass {
            axes,
            sample,
            directions,
            outputs,
        } = &mut self.steps[step]
        else {
            unreachable!("`passes` holds indices of passes")
        };
        if let Some(known) = outputs
            .iter()
            .find(|o| *o.powers == *powers && o.mean == mean)
        {
            return known.quantity;
        }
        let evaluations = |outputs: &[PassOutput]| {
            let powers: Vec<&[u8]> = outputs.iter().map(|o| &o.powers[..]).collect();
            Work::of_pass(*sample, directions, &powers, &PLANNING).evaluations()
        };
        let before = evaluations(outputs);
        outputs.push(PassOutput {
            powers: powers.into(),
            mean,
            quantity: next,
        });
        let after = evaluations(outputs);
        self.cost += (after - before) * REFERENCE_SAMPLES.powi(*axes as i32);
        // Vectors over pairs of samples are streamed and not stored, but to handle one has a small cost.
        let rank = *axes - usize::from(mean);
        self.cost += 0.01 * REFERENCE_SAMPLES.powi(rank as i32);
        self.quantities.push(Quantity {
            kind: Kind::Vector,
            rank,
            step,
        });
        self.journal.push(Added::PassOutput { step });
        next
    }

    fn loss(&mut self, class: &ValueClass, node: usize) -> BoundQuantity {
        let part = class.part(node);
        let alone = (0..class.nodes())
            .filter(|&w| class.part(w) == part)
            .count()
            == 1;
        let step = self.loss.unwrap_or_else(|| {
            self.steps.push(Step::Loss {
                keep: None,
                mean: None,
            });
            self.journal.push(Added::Loss);
            self.steps.len() - 1
        });
        self.loss = Some(step);
        let next = self.quantities.len();
        let Step::Loss { keep, mean } = &mut self.steps[step] else {
            unreachable!("found above")
        };
        let slot = if alone { mean } else { keep };
        let quantity = *slot.get_or_insert(next);
        if quantity == next {
            self.quantities.push(Quantity {
                kind: Kind::Scalar,
                rank: usize::from(!alone),
                step,
            });
            self.journal.push(Added::LossOutput { step, keep: !alone });
        }
        BoundQuantity {
            quantity,
            parts: if alone { vec![] } else { vec![part] },
        }
    }

    fn product(&mut self, scalars: &[BoundQuantity]) -> QuantityId {
        self.reduce(REDUCE_PRODUCT, scalars, |_| true).quantity
    }

    /// Adds a mean, dot product or product of `operands`, averaged over the parts that are `closed`.
    fn reduce(
        &mut self,
        how: u8,
        operands: &[BoundQuantity],
        closed: impl Fn(usize) -> bool,
    ) -> BoundQuantity {
        let (order, parts) = canonical_axes(operands, None);
        let axis = |part: usize| {
            parts
                .iter()
                .position(|&p| p == part)
                .expect("every part has an axis")
        };
        let operands: Vec<Operand> = order
            .iter()
            .map(|b| Operand {
                quantity: b.quantity,
                axes: b.parts.iter().map(|&p| axis(p)).collect(),
            })
            .collect();
        let kept: Vec<usize> = (0..parts.len()).filter(|&a| !closed(parts[a])).collect();
        let bound_parts = kept.iter().map(|&a| parts[a]).collect();
        let key = (how, operands.clone(), kept.clone());
        if let Some(&quantity) = self.reductions.get(&key) {
            return BoundQuantity {
                quantity,
                parts: bound_parts,
            };
        }
        let quantity = self.quantities.len();
        let step = self.steps.len();
        let kind = if how == REDUCE_MEAN {
            Kind::Vector
        } else {
            Kind::Scalar
        };
        self.quantities.push(Quantity {
            kind,
            rank: kept.len(),
            step,
        });
        self.cost += 0.01 * REFERENCE_SAMPLES.powi(parts.len() as i32);
        let axes = parts.len();
        self.steps.push(match how {
            REDUCE_MEAN => Step::Mean {
                operand: operands[0].quantity,
                kept,
                quantity,
            },
            REDUCE_DOT => Step::Dot {
                axes,
                left: operands[0].clone(),
                right: operands[1].clone(),
                kept,
                quantity,
            },
            _ => Step::Product {
                axes,
                factors: operands,
                kept,
                quantity,
            },
        });
        self.reductions.insert(key.clone(), quantity);
        self.journal.push(Added::Reduction(key));
        BoundQuantity {
            quantity,
            parts: bound_parts,
        }
    }
}

const REDUCE_MEAN: u8 = 0;
const REDUCE_DOT: u8 = 1;
const REDUCE_PRODUCT: u8 = 2;

/// Marks the nodes of the subtree at `node` that does not contain `parent`.
fn mark(class: &ValueClass, node: usize, parent: Option<usize>, inside: &mut [bool]) {
    inside[node] = true;
    for child in class.neighbours(node).filter(|&c| Some(c) != parent) {
        mark(class, child, Some(node), inside);
    }
}

/// The key by which orders of operands are compared: each operand with its axes.
type AxesKey = Vec<(QuantityId, Vec<usize>)>;

/// Brings a contraction into canonical form: since operands commute and parts have arbitrary numbers, equal contractions can differ in the order of
/// operands, and of these orders the one with the least key is taken.
///
/// Returns the operands in that order, and the part of each axis. Axes are numbered by first use; a sample part that no operand has comes last.
fn canonical_axes(
    operands: &[BoundQuantity],
    sample: Option<usize>,
) -> (Vec<BoundQuantity>, Vec<usize>) {
    let mut best: Option<(AxesKey, usize, Vec<BoundQuantity>, Vec<usize>)> = None;
    for order in permutations(operands.len()) {
        let ordered: Vec<BoundQuantity> = order.iter().map(|&i| operands[i].clone()).collect();
        if !ordered.is_sorted_by_key(|b| b.quantity) {
            continue;
        }
        let mut parts: Vec<usize> = vec![];
        for part in ordered.iter().flat_map(|b| &b.parts).chain(&sample) {
            if !parts.contains(part) {
                parts.push(*part);
            }
        }
        let axis = |part: &usize| {
            parts
                .iter()
                .position(|p| p == part)
                .expect("collected above")
        };
        let key: Vec<_> = ordered
            .iter()
            .map(|b| (b.quantity, b.parts.iter().map(axis).collect()))
            .collect();
        let sample_axis = sample.as_ref().map_or(0, axis);
        if best
            .as_ref()
            .is_none_or(|(k, s, ..)| (&key, sample_axis) < (k, *s))
        {
            best = Some((key, sample_axis, ordered, parts));
        }
    }
    let (_, _, ordered, parts) = best.expect("there is at least one order");
    (ordered, parts)
}

fn permutations(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    let mut all = vec![];
    for rest in permutations(n - 1) {
        for at in 0..n {
            let mut order = rest.clone();
            order.insert(at, n - 1);
            all.push(order);
        }
    }
    all
}
