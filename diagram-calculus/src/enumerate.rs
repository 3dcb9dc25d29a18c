//! Enumeration of all diagrams with a given number of edges, each once.
//!
//! Every rooted tree is brought into canonical form once. A partition of its nodes is then kept if its restricted growth string is the least in its
//! orbit under the automorphisms of the tree. The iterators store only the current tree.
//!
//! A [`Diagram`] has at most [`MAX_NODES`] nodes. For more edges than that allows, the iterators are empty and the counts are `None`.

mod census;
mod trees;

pub use census::{count_diagram_pairs, count_diagrams, count_diagrams_with_root_ties};
pub use trees::rooted_trees;

use crate::diagram::canonical::OrderedForest;
use crate::diagram::{Diagram, MAX_NODES};
use crate::partitions::restricted_growth_strings;

/// The diagrams with the given number of edges and the root alone in its part, as Theorem 1 assumes. There are 1, 1, 4, 17, 101 for 0 to 4 edges.
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

/// The diagrams with the given number of edges in which the root may be tied to other nodes, as the generalization gap needs.
pub fn diagrams_with_root_ties(edges: usize) -> impl Iterator<Item = Diagram> {
    trees(edges).flat_map(|tree| tied(&[tree], RootTies::Allowed))
}

/// The diagrams with two distinguished roots, each alone in its part, and the given total number of edges, as the second moment of the test loss
/// needs.
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

/// Whether roots may share their parts with other nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RootTies {
    Never,
    Allowed,
}

/// The rooted trees with the given number of edges; none if they are too large for a diagram.
fn trees(edges: usize) -> impl Iterator<Item = Vec<Option<usize>>> {
    (edges < MAX_NODES)
        .then(|| rooted_trees(edges + 1))
        .into_iter()
        .flatten()
}

/// The diagrams whose trees are these, in this order.
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
    let (forest, _) = OrderedForest::new(&roots, roots.len(), children);
    let apart = match ties {
        RootTies::Never => roots.len(),
        RootTies::Allowed => 0,
    };
    restricted_growth_strings(forest.nodes() - apart).filter_map(move |string| {
        let roots_alone = 0..apart as u8;
        let parts: Vec<u8> = roots_alone
            .chain(string.iter().map(|part| part + apart as u8))
            .collect();
        let automorphisms = forest.automorphisms_if_least(&parts)?;
        Some(Diagram::from_canonical(&forest, parts, automorphisms))
    })
}
