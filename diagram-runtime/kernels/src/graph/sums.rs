//! Sums of products: chains of additions are gathered into one step each.

use super::{Node, Operation};

/// What a node of a graph is computed by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    /// A constant, a weight, a number of the datapoint, or a node that has become a part of a sum: nothing is computed for it.
    Nothing,
    /// Its operation.
    Operation(Operation),
    /// A sum of at least two products.
    Sum(Sum),
}

/// `start + Σ a b` over the pairs (a, b).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) start: Option<Node>,
    pub(super) pairs: Vec<(Node, Node)>,
}

impl Term {
    /// Calls `to` with each node that is read.
    pub(super) fn each_read(&self, mut to: impl FnMut(Node)) {
        match self {
            Term::Nothing => {}
            Term::Operation(operation) => operation.reads().for_each(to),
            Term::Sum(sum) => {
                sum.start.into_iter().for_each(&mut to);
                for &(a, b) in &sum.pairs {
                    to(a);
                    to(b);
                }
            }
        }
    }
}

/// How often each node is read. Results count as read once more.
pub(super) fn reads(operations: &[Operation], results: &[Node]) -> Vec<usize> {
    let mut reads = vec![0; operations.len()];
    let by_operations = operations.iter().flat_map(|operation| operation.reads());
    for read in by_operations.chain(results.iter().copied()) {
        reads[read as usize] += 1;
    }
    reads
}

/// Gathers sums. An addition becomes a part of the addition that reads it if nothing else does, and if weights have an effect on both or on neither.
pub(super) fn gather(operations: &[Operation], moving: &[bool], reads: &[usize]) -> Vec<Term> {
    let mut gathering = Gathering {
        sums: vec![None; operations.len()],
        absorbed: vec![false; operations.len()],
    };
    for (at, &operation) in operations.iter().enumerate() {
        let free = |node: Node| {
            let node = node as usize;
            reads[node] == 1 && moving[node] == moving[at]
        };
        gathering.sums[at] = match operation {
            Operation::Multiply(a, b) => Some(Sum {
                start: None,
                pairs: vec![(a, b)],
            }),
            Operation::AddProduct(a, b, c) => {
                let mut sum = if free(a) { gathering.take(a) } else { None };
                let sum = sum.get_or_insert(Sum::of(a));
                sum.pairs.push((b, c));
                Some(std::mem::take(sum))
            }
            Operation::Add(a, b) => gathering.join([a, b], [free(a), free(b)]),
            _ => None,
        };
    }
    gathering.finish(operations)
}

impl Sum {
    /// A sum of a single summand that is no product.
    fn of(start: Node) -> Self {
        Sum {
            start: Some(start),
            pairs: vec![],
        }
    }
}

/// The sums that have been found.
struct Gathering {
    /// For each node the sum that it is, unless it is a part of another one.
    sums: Vec<Option<Sum>>,
    /// Whether a node is a part of another sum.
    absorbed: Vec<bool>,
}

impl Gathering {
    /// Takes the sum that a node is, which becomes a part of another one.
    fn take(&mut self, node: Node) -> Option<Sum> {
        let sum = self.sums[node as usize].take();
        self.absorbed[node as usize] = sum.is_some();
        sum
    }

    /// The sum of two nodes, of which those that are free may become parts of it; none if no product does, or if both have a summand that is no product. The
    /// shorter list of products is appended to the longer one.
    fn join(&mut self, nodes: [Node; 2], free: [bool; 2]) -> Option<Sum> {
        let sum = |at: usize| self.sums[nodes[at] as usize].as_ref().filter(|_| free[at]);
        let with_start = [0, 1].map(|at| sum(at).is_none_or(|sum| sum.start.is_some()));
        if with_start == [true, true] {
            return None;
        }
        let [left, right] = [0, 1].map(|at| {
            let taken = if free[at] { self.take(nodes[at]) } else { None };
            taken.unwrap_or_else(|| Sum::of(nodes[at]))
        });
        let start = left.start.or(right.start);
        let (mut pairs, mut others) = (left.pairs, right.pairs);
        if pairs.len() < others.len() {
            std::mem::swap(&mut pairs, &mut others);
        }
        pairs.append(&mut others);
        Some(Sum { start, pairs })
    }

    /// Sums of at least two products are sums; single products are operations.
    fn finish(self, operations: &[Operation]) -> Vec<Term> {
        let nodes = operations.iter().zip(self.sums).zip(self.absorbed);
        let terms = nodes.map(|((&operation, sum), absorbed)| match (operation, sum) {
            (Operation::Constant(_) | Operation::Weight(_) | Operation::Input(_), _) => {
                Term::Nothing
            }
            _ if absorbed => Term::Nothing,
            (_, Some(Sum { start, pairs })) if pairs.len() == 1 => {
                let (a, b) = pairs[0];
                Term::Operation(match start {
                    Some(start) => Operation::AddProduct(start, a, b),
                    None => Operation::Multiply(a, b),
                })
            }
            (_, Some(sum)) => Term::Sum(sum),
            (_, None) => Term::Operation(operation),
        });
        terms.collect()
    }
}
