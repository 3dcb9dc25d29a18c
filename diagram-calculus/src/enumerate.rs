//! All diagrams of an order, each once.
//!
//! Every tree is numbered canonically once; a partition of its nodes is kept if its restricted growth string is the
//! least that the tree's automorphisms make of it. Nothing is stored but the tree at hand, so the iterators may
//! be cut short.
//!
//! A [`Diagram`] has at most [`MAX_NODES`] nodes: beyond, the iterators are empty and the counts `None`.

mod census;
mod trees;

pub use census::{count_diagram_pairs, count_diagrams, count_diagrams_with_root_ties};
pub use trees::rooted_trees;

use crate::diagram::canonical::Shape;
use crate::diagram::{Diagram, MAX_NODES};
use crate::partitions::restricted_growth_strings;

/// The diagrams with so many edges and the root alone in its part, as Theorem 1 asks: 1, 1, 4, 17, 101 for 0 to 4
/// edges.
///
/// ```
/// let order_two: Vec<String> = diagram_calculus::enumerate::diagrams(2)
///     .map(|diagram| diagram.to_string())
///     .collect();
/// assert_eq!(order_two, ["(01-12)(0-12)", "(01-12)(0-1-2)", "(01-02)(0-12)", "(01-02)(0-1-2)"]);
/// ```
pub fn diagrams(edges: usize) -> impl Iterator<Item = Diagram> {
    trees(edges).flat_map(|tree| tied(&[tree], RootTies::Never))
}

/// The diagrams with so many edges, the root tied to other nodes or not, as the generalization gap needs.
pub fn diagrams_with_root_ties(edges: usize) -> impl Iterator<Item = Diagram> {
    trees(edges).flat_map(|tree| tied(&[tree], RootTies::Allowed))
}

/// The diagrams with two roots, told apart and each alone in its part, and so many edges in all, as the second moment
/// of the test loss needs.
pub fn diagram_pairs(edges: usize) -> impl Iterator<Item = Diagram> {
    (0..=edges)
        .filter(move |_| edges + 2 <= MAX_NODES)
        .flat_map(move |first| {
            trees(first).flat_map(move |tree| {
                trees(edges - first)
                    .flat_map(move |other| tied(&[tree.clone(), other], RootTies::Never))
            })
        })
}

/// Whether a root may share its part with other nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RootTies {
    Never,
    Allowed,
}

/// The rooted trees with so many edges; none if they are too large for a diagram.
fn trees(edges: usize) -> impl Iterator<Item = Vec<Option<usize>>> {
    (edges < MAX_NODES)
        .then(|| rooted_trees(edges + 1))
        .into_iter()
        .flatten()
}

/// The diagrams made of these trees, in this order.
fn tied(trees: &[Vec<Option<usize>>], ties: RootTies) -> impl Iterator<Item = Diagram> + use<> {
    let mut children: Vec<Vec<usize>> = Vec::new();
    let mut roots = Vec::new();
    for tree in trees {
        let base = children.len();
        children.resize(base + tree.len(), Vec::new());
        for (node, parent) in tree.iter().enumerate() {
            match parent {
                Some(parent) => children[base + parent].push(base + node),
                None => roots.push(base + node),
            }
        }
    }
    let (shape, _) = Shape::new(&roots, roots.len(), children);
    let apart = match ties {
        RootTies::Never => roots.len(),
        RootTies::Allowed => 0,
    };
    restricted_growth_strings(shape.nodes() - apart).filter_map(move |string| {
        let roots_alone = 0..apart as u8;
        let parts: Vec<u8> = roots_alone
            .chain(string.iter().map(|part| part + apart as u8))
            .collect();
        let automorphisms = shape.automorphisms_if_least(&parts)?;
        Some(Diagram::from_canonical(&shape, parts, automorphisms))
    })
}
