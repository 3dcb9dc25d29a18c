//! The forests that are placed on the updates of a training run.

use crate::diagram::Diagram;
use crate::diagram::canonical::OrderedForest;
use crate::enumerate::rooted_trees;
use crate::partitions::restricted_growth_strings;

/// A rooted forest with ties of its nodes, as a term of a sum over all diagrams. Roots come first, and parents before their children.
///
/// Of the forests that differ by an automorphism of the trees each occurs in [`tied_forests`], with the weight 1 / [`symmetry`](TiedForest::symmetry). So the sum is that over diagrams up to
/// isomorphism, each with 1/|Aut|.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TiedForest {
    /// The number of roots, which are the nodes 0, 1, ….
    pub roots: usize,
    /// The parent of each node that is not a root.
    pub parents: Vec<usize>,
    /// The part of each node that is not a root: nodes of one part have the same training point. `None` for a node of weight decay, which has none.
    pub rows: Vec<Option<usize>>,
    /// The finer or other partition of the nodes by what they have of the noise; `None` if there is no noise.
    pub noise: Option<Vec<Option<usize>>>,
    /// The number of automorphisms of the forest without ties that fix every root.
    pub symmetry: u64,
}

/// What nodes share that share noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Noise {
    /// Every visit of a training point has its own noise, such as a label or a dropout mask.
    PerVisit,
    /// Every update has its own noise, which all points of the batch share.
    PerUpdate,
}

impl TiedForest {
    /// The number of nodes, roots included.
    pub fn nodes(&self) -> usize {
        self.roots + self.parents.len()
    }

    /// The number of edges, which is the power of η.
    pub fn edges(&self) -> usize {
        self.parents.len()
    }

    /// The number of parts of training points.
    pub fn parts(&self) -> usize {
        self.rows.iter().flatten().max().map_or(0, |last| last + 1)
    }

    /// The children of each node.
    pub fn children(&self) -> Vec<Vec<usize>> {
        let mut children = vec![vec![]; self.nodes()];
        for (child, &parent) in (self.roots..).zip(&self.parents) {
            children[parent].push(child);
        }
        children
    }
}

/// The forest below the roots of a diagram whose roots are alone, with the diagram's own number of automorphisms.
impl From<&Diagram> for TiedForest {
    fn from(diagram: &Diagram) -> Self {
        let roots = diagram.roots();
        let below = roots..diagram.nodes();
        TiedForest {
            roots,
            parents: below
                .clone()
                .map(|node| diagram.parent(node).expect("not a root"))
                .collect(),
            // Roots are alone, so that their parts are the first ones.
            rows: below.map(|node| Some(diagram.part(node) - roots)).collect(),
            noise: None,
            symmetry: diagram.automorphisms(),
        }
    }
}

/// All tied forests with one root or two and the given number of edges, with nodes of weight decay if `decay`.
pub fn tied_forests(
    roots: usize,
    edges: usize,
    noise: Option<Noise>,
    decay: bool,
) -> impl Iterator<Item = TiedForest> {
    shapes(roots, edges).flat_map(move |(parents, symmetry)| {
        let decaying = if decay { 1_u32 << parents.len() } else { 1 };
        (0..decaying).flat_map(move |decaying| {
            let parents = parents.clone();
            let points: Vec<usize> = (0..parents.len())
                .filter(|&node| decaying >> node & 1 == 0)
                .collect();
            let all = parents.len();
            ties(points.len(), noise).map(move |(rows, noise)| {
                let spread = |parts: &[u8]| {
                    let mut spread = vec![None; all];
                    for (&node, &part) in points.iter().zip(parts) {
                        spread[node] = Some(usize::from(part));
                    }
                    spread
                };
                TiedForest {
                    roots,
                    parents: parents.clone(),
                    rows: spread(&rows),
                    noise: noise.map(|noise| spread(&noise)),
                    symmetry,
                }
            })
        })
    })
}

/// Partitions of nodes by training points and, if there is noise, by noise.
fn ties(nodes: usize, noise: Option<Noise>) -> impl Iterator<Item = (Vec<u8>, Option<Vec<u8>>)> {
    restricted_growth_strings(nodes).flat_map(move |rows| {
        let of_rows: Vec<_> = match noise {
            None => vec![(rows, None)],
            Some(noise) => restricted_growth_strings(nodes)
                .filter(|parts| noise == Noise::PerUpdate || refines(parts, &rows))
                .map(|parts| (rows.clone(), Some(parts)))
                .collect(),
        };
        of_rows
    })
}

/// Whether nodes of one part of the first partition are in one part of the second.
fn refines(fine: &[u8], coarse: &[u8]) -> bool {
    (0..fine.len()).all(|a| (0..a).all(|b| fine[a] != fine[b] || coarse[a] == coarse[b]))
}

/// The forests of one or two rooted trees without ties: the parent of each node after the roots, and the number of automorphisms.
fn shapes(roots: usize, edges: usize) -> impl Iterator<Item = (Vec<usize>, u64)> {
    let lists: Vec<Vec<Vec<Option<usize>>>> = match roots {
        1 => rooted_trees(edges + 1).map(|tree| vec![tree]).collect(),
        _ => (0..=edges)
            .flat_map(|first| {
                rooted_trees(first + 1).flat_map(move |tree| {
                    rooted_trees(edges - first + 1).map(move |other| vec![tree.clone(), other])
                })
            })
            .collect(),
    };
    lists.into_iter().map(|trees| shape(&trees))
}

fn shape(trees: &[Vec<Option<usize>>]) -> (Vec<usize>, u64) {
    let mut children: Vec<Vec<usize>> = vec![];
    let mut roots = vec![];
    for tree in trees {
        let base = children.len();
        children.resize(base + tree.len(), vec![]);
        for (node, parent) in tree.iter().enumerate() {
            match parent {
                Some(parent) => children[base + parent].push(base + node),
                None => roots.push(base + node),
            }
        }
    }
    let (forest, _) = OrderedForest::new(&roots, roots.len(), children);
    let parents = forest.parents().into_iter().map(usize::from).collect();
    // The partition into one part is preserved by all automorphisms.
    let together = vec![0; forest.nodes()];
    (parents, forest.least(&together).automorphisms)
}
