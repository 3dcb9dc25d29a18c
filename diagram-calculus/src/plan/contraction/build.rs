//! From value classes to moments and their contractions, with equal tensors shared.

use std::collections::BTreeMap;

use super::{TensorId, TensorStep};
use crate::value_class::ValueClass;

/// Number of weights at which orders of contraction are compared.
const REFERENCE_DIMENSION: f64 = 6.0;

#[derive(Default)]
pub(super) struct Builder {
    pub(super) steps: Vec<TensorStep>,
    known: BTreeMap<TensorStep, TensorId>,
}

/// What an index of a tensor belongs to: an edge that leaves a part, by its lower node and its upper one, or the open index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leg {
    Edge(usize, usize),
    Open,
}

/// A tensor of a class at hand.
#[derive(Clone)]
struct Labelled {
    tensor: TensorId,
    legs: Vec<Leg>,
}

/// The nodes of a tree within a part, from one of them as root: equal for equal trees. Compared by legs first, then by branches.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Branch {
    /// Number of indices that leave the part.
    legs: usize,
    /// In ascending order.
    children: Vec<Branch>,
}

impl Builder {
    /// Adds what the value of `class` needs, and returns which tensor is the value.
    pub(super) fn add(&mut self, class: &ValueClass) -> TensorId {
        let mut tensors: Vec<Labelled> = (0..class.parts())
            .map(|part| self.moment(class, part))
            .collect();
        while tensors.len() > 1 {
            let (i, j) = cheapest(&tensors);
            let (right, left) = (tensors.remove(j), tensors.remove(i));
            tensors.push(self.contract(left, right));
        }
        tensors.remove(0).tensor
    }

    fn step(&mut self, step: TensorStep) -> TensorId {
        let next = self.steps.len();
        let id = *self.known.entry(step.clone()).or_insert(next);
        if id == next {
            self.steps.push(step);
        }
        id
    }

    /// The mean of the product of the derivatives of a part's nodes.
    fn moment(&mut self, class: &ValueClass, part: usize) -> Labelled {
        let mut trees: Vec<(Branch, usize)> = inner_trees(class, part)
            .into_iter()
            .map(|nodes| {
                let rooted = nodes.iter().map(|&node| (branch(class, node, None), node));
                // Of equal roots the first, so that plans are the same every time.
                rooted
                    .min_by(|a, b| a.0.cmp(&b.0))
                    .expect("trees have nodes")
            })
            .collect();
        trees.sort();
        // Lone trees first: what they have in common with other parts is a product of few.
        let (_, last) = trees.pop().expect("parts have nodes");
        let mut product: Option<Labelled> = None;
        for (_, root) in trees {
            let tree = self.tree(class, root, None);
            product = Some(match product {
                None => tree,
                Some(product) => self.outer(product, tree, false),
            });
        }
        match product {
            Some(product) => {
                let last = self.tree(class, last, None);
                self.outer(product, last, true)
            }
            None => self.mean_of_tree(class, last),
        }
    }

    fn outer(&mut self, left: Labelled, right: Labelled, mean: bool) -> Labelled {
        let tensor = self.step(TensorStep::Product {
            left: left.tensor,
            right: right.tensor,
            pairs: vec![],
            mean,
        });
        let legs = [left.legs, right.legs].concat();
        Labelled { tensor, legs }
    }

    /// The mean of one tree's tensor, within its last contraction if there is one.
    fn mean_of_tree(&mut self, class: &ValueClass, root: usize) -> Labelled {
        let Labelled { tensor, legs } = self.tree(class, root, None);
        let step = match self.steps[tensor].clone() {
            TensorStep::Product {
                left, right, pairs, ..
            } => TensorStep::Product {
                left,
                right,
                pairs,
                mean: true,
            },
            _ => TensorStep::Mean { tensor },
        };
        let tensor = self.step(step);
        Labelled { tensor, legs }
    }

    /// The derivatives of a sample at a node and at all nodes of its part behind it, contracted along their edges. Seen from a `parent`, the first
    /// index is that of the edge to it, and has no label.
    fn tree(&mut self, class: &ValueClass, node: usize, parent: Option<usize>) -> Labelled {
        let mut children = children(class, node, parent);
        children.sort_by_cached_key(|&child| (branch(class, child, Some(node)), child));
        let mut legs = legs(class, node);
        let order = legs.len() + children.len() + usize::from(parent.is_some());
        let mut tensor = self.step(TensorStep::Derivative { order });
        // Derivatives are symmetric: the index to the parent first, then those that leave the part, then those to the children.
        let first_child = usize::from(parent.is_some()) + legs.len();
        for child in children {
            let behind = self.tree(class, child, Some(node));
            tensor = self.step(TensorStep::Product {
                left: tensor,
                right: behind.tensor,
                pairs: vec![(first_child, 0)],
                mean: false,
            });
            legs.extend(behind.legs);
        }
        Labelled { tensor, legs }
    }

    /// Two tensors contracted along all edges between them.
    fn contract(&mut self, left: Labelled, right: Labelled) -> Labelled {
        // The same two tensors come in one order.
        let (left, right) = if right.tensor < left.tensor {
            (right, left)
        } else {
            (left, right)
        };
        let mut pairs = vec![];
        for (at, leg) in left.legs.iter().enumerate() {
            if let Some(other) = right.legs.iter().position(|l| l == leg) {
                pairs.push((at, other));
            }
        }
        let legs = left
            .legs
            .iter()
            .filter(|l| !right.legs.contains(l))
            .chain(right.legs.iter().filter(|l| !left.legs.contains(l)));
        let legs = legs.copied().collect();
        let tensor = self.step(TensorStep::Product {
            left: left.tensor,
            right: right.tensor,
            pairs,
            mean: false,
        });
        Labelled { tensor, legs }
    }
}

/// The two tensors whose contraction takes the fewest operations, of those the two that leave the fewest indices, of those the first.
fn cheapest(tensors: &[Labelled]) -> (usize, usize) {
    let mut best = (f64::INFINITY, usize::MAX, (0, 1));
    for j in 1..tensors.len() {
        for i in 0..j {
            let (left, right) = (&tensors[i].legs, &tensors[j].legs);
            let contracted = left.iter().filter(|leg| right.contains(leg)).count();
            let all = left.len() + right.len() - contracted;
            let work = REFERENCE_DIMENSION.powi(all as i32);
            if (work, all - contracted) < (best.0, best.1) {
                best = (work, all - contracted, (i, j));
            }
        }
    }
    best.2
}

/// The nodes of a part, those that hang together along edges within the part in one list.
fn inner_trees(class: &ValueClass, part: usize) -> Vec<Vec<usize>> {
    let mut trees: Vec<Vec<usize>> = vec![];
    for node in (0..class.nodes()).filter(|&node| class.part(node) == part) {
        if trees.iter().any(|tree| tree.contains(&node)) {
            continue;
        }
        let mut tree = vec![node];
        let mut next = 0;
        while next < tree.len() {
            for neighbour in inner(class, tree[next]) {
                if !tree.contains(&neighbour) {
                    tree.push(neighbour);
                }
            }
            next += 1;
        }
        trees.push(tree);
    }
    trees
}

/// The neighbours of a node in its own part.
fn inner(class: &ValueClass, node: usize) -> impl Iterator<Item = usize> {
    let neighbours = class.neighbours(node);
    neighbours.filter(move |&other| class.part(other) == class.part(node))
}

fn children(class: &ValueClass, node: usize, parent: Option<usize>) -> Vec<usize> {
    inner(class, node).filter(|&c| Some(c) != parent).collect()
}

/// The indices of a node that leave its part. Any order would do for one class; those to equal parts stand in one order in all classes.
fn legs(class: &ValueClass, node: usize) -> Vec<Leg> {
    let outer = class.neighbours(node);
    let mut outer: Vec<usize> = outer
        .filter(|&other| class.part(other) != class.part(node))
        .collect();
    outer.sort_by_cached_key(|&other| (branch(class, other, None), other));
    let edges = outer
        .iter()
        .map(|&other| Leg::Edge(node.min(other), node.max(other)));
    let open = (class.open() == Some(node)).then_some(Leg::Open);
    open.into_iter().chain(edges).collect()
}

fn branch(class: &ValueClass, node: usize, parent: Option<usize>) -> Branch {
    let degree = class.degree(node);
    let inner = inner(class, node).count();
    let mut children: Vec<Branch> = children(class, node, parent)
        .into_iter()
        .map(|child| branch(class, child, Some(node)))
        .collect();
    children.sort();
    Branch {
        legs: degree - inner,
        children,
    }
}
