//! What is computed of a graph, in which order, and which sums are layers.

use std::collections::HashMap;
use std::ops::Range;

use super::sums::{Sum, Term, gather};
use super::{Node, Operation};

/// Sums of fewer products are not worth a kernel of their own.
const LEAST_STREAM: usize = 4;

/// What is known of the nodes of a graph before places are given to them.
pub(super) struct Analysis<'g> {
    pub(super) operations: &'g [Operation],
    pub(super) input_width: usize,
    /// Whether a weight has an effect on the node.
    pub(super) moving: Vec<bool>,
    pub(super) terms: Vec<Term>,
    /// The nodes that are computed in the ground ring and in the algebra, in the order in which they are.
    pub(super) order: [Vec<Node>; 2],
    /// The index of a computed node in its order.
    pub(super) rank: Vec<usize>,
    /// The sums whose weights are streamed.
    pub(super) streams: HashMap<Node, Stream>,
}

/// A sum of products of consecutive weights, which nothing else reads, with consecutive factors.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stream {
    pub(super) weights: usize,
    /// Whether the factors are results in the algebra, and not numbers of the ground ring.
    pub(super) of_scalars: bool,
    /// The factors: indices in the order of what is computed in the algebra, or places in the ground ring.
    pub(super) factors: Range<usize>,
}

impl<'g> Analysis<'g> {
    /// The analysis without streams; `reads` is how often each node is read.
    pub(super) fn new(input_width: usize, operations: &'g [Operation], reads: &[usize]) -> Self {
        let mut moving: Vec<bool> = vec![];
        for operation in operations {
            let moves = |node: Node| moving[node as usize];
            moving.push(matches!(operation, Operation::Weight(_)) || operation.reads().any(moves));
        }
        let terms = gather(operations, &moving, reads);
        let order = order(&terms, &moving);
        let mut rank = vec![0; operations.len()];
        for nodes in &order {
            for (at, &node) in nodes.iter().enumerate() {
                rank[node as usize] = at;
            }
        }
        Analysis {
            operations,
            input_width,
            moving,
            terms,
            order,
            rank,
            streams: HashMap::new(),
        }
    }

    /// Finds the sums whose weights are streamed.
    pub(super) fn find_streams(&mut self, reads: &[usize]) {
        let sums = self.order[1].iter().filter_map(|&node| {
            let Term::Sum(sum) = &self.terms[node as usize] else {
                return None;
            };
            Some((node, self.stream(sum, reads)?))
        });
        self.streams = sums.collect();
    }

    /// The sum as a stream, if it is one: if each product is one of a weight that nothing else reads and something else, if the weights are consecutive, and
    /// if, in their order, the other factors are.
    fn stream(&self, sum: &Sum, reads: &[usize]) -> Option<Stream> {
        let mut pairs = vec![];
        for &(a, b) in &sum.pairs {
            let position = |node: Node| match self.operations[node as usize] {
                Operation::Weight(position) => Some(position),
                _ => None,
            };
            let (weight, position, factor) = match (position(a), position(b)) {
                (Some(position), None) => (a, position, b),
                (None, Some(position)) => (b, position, a),
                _ => return None,
            };
            if reads[weight as usize] > 1 {
                return None;
            }
            pairs.push((position, factor));
        }
        pairs.sort_unstable();
        let of_scalars = self.moving[pairs[0].1 as usize];
        let factors: Option<Vec<usize>> = pairs
            .iter()
            .map(|&(_, factor)| match self.operations[factor as usize] {
                _ if self.moving[factor as usize] != of_scalars => None,
                Operation::Constant(_) => None,
                _ if of_scalars => Some(self.rank[factor as usize]),
                _ => Some(self.input_place(factor)),
            })
            .collect();
        let (factors, first) = (factors?, pairs[0].0);
        let consecutive = |(at, &(position, _)): (usize, &(usize, Node))| {
            position == first + at && factors[at] == factors[0] + at
        };
        let is_stream = pairs.len() >= LEAST_STREAM && pairs.iter().enumerate().all(consecutive);
        is_stream.then(|| Stream {
            weights: first,
            of_scalars,
            factors: factors[0]..factors[0] + factors.len(),
        })
    }

    /// The place of a number of the ground ring that is no constant.
    pub(super) fn input_place(&self, node: Node) -> usize {
        match self.operations[node as usize] {
            Operation::Input(position) => position,
            _ => self.input_width + self.rank[node as usize],
        }
    }

    pub(super) fn loss(&self) -> Node {
        self.operations.len() as Node - 1
    }
}

impl Stream {
    /// Whether the sums have the same factors.
    pub(super) fn goes_with(&self, other: &Stream) -> bool {
        (self.of_scalars, &self.factors) == (other.of_scalars, &other.factors)
    }
}

/// The nodes that are computed, those of the ground ring and those of the algebra, each sorted by the longest way from a leaf: what is computed alike is
/// computed side by side.
fn order(terms: &[Term], moving: &[bool]) -> [Vec<Node>; 2] {
    let mut levels = vec![0; terms.len()];
    let mut order = [vec![], vec![]];
    for (at, term) in terms.iter().enumerate() {
        let mut level = 0;
        term.each_read(|node| level = level.max(levels[node as usize] + 1));
        levels[at] = level;
        if *term != Term::Nothing {
            order[usize::from(moving[at])].push(at as Node);
        }
    }
    for nodes in &mut order {
        // The sort is stable.
        nodes.sort_by_key(|&node| {
            let is_sum = matches!(terms[node as usize], Term::Sum(_));
            (levels[node as usize], is_sum)
        });
    }
    order
}
