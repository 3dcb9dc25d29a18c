//! Canonical forms, compared with brute force over all permutations of the nodes.

use diagram_calculus::diagram::{Diagram, DiagramError, MAX_NODES};
use diagram_calculus::value_class::ValueClass;
use proptest::prelude::*;

use crate::common::permutations;

/// A forest with a partition of its nodes, not in canonical form.
#[derive(Clone, Debug)]
struct Tied {
    parents: Vec<Option<usize>>,
    parts: Vec<usize>,
}

impl Tied {
    fn diagram(&self) -> Diagram {
        Diagram::new(&self.parents, &self.parts).unwrap()
    }

    fn edges(&self) -> Vec<(usize, usize)> {
        let nodes = 0..self.parents.len();
        nodes
            .filter_map(|node| Some((self.parents[node]?, node)))
            .collect()
    }

    fn class(&self, open: Option<usize>) -> ValueClass {
        ValueClass::from_edges(self.parts.len(), &self.edges(), &self.parts, open).unwrap()
    }

    fn roots(&self) -> Vec<usize> {
        let nodes = 0..self.parents.len();
        nodes.filter(|&node| self.parents[node].is_none()).collect()
    }

    fn tied(&self, a: usize, b: usize) -> bool {
        self.parts[a] == self.parts[b]
    }

    fn joined(&self, a: usize, b: usize) -> bool {
        self.parents[a] == Some(b) || self.parents[b] == Some(a)
    }

    /// The same forest in which node `i` has the number `new[i]`.
    fn renumbered(&self, new: &[usize]) -> Self {
        let mut old = vec![0; new.len()];
        for (node, &image) in new.iter().enumerate() {
            old[image] = node;
        }
        Self {
            parents: old
                .iter()
                .map(|&node| self.parents[node].map(|parent| new[parent]))
                .collect(),
            parts: old.iter().map(|&node| 99 - 3 * self.parts[node]).collect(),
        }
    }
}

/// The number of permutations that map parts to parts and edges to edges. If `rooted`, they also map each root to the root with the same index.
fn isomorphisms(from: &Tied, to: &Tied, rooted: bool) -> usize {
    let nodes = from.parts.len();
    permutations(nodes)
        .into_iter()
        .filter(|image| {
            let roots = from.roots().into_iter().map(|root| image[root]);
            let pairs = || (0..nodes).flat_map(|a| (0..nodes).map(move |b| (a, b)));
            (!rooted || roots.eq(to.roots()))
                && pairs().all(|(a, b)| from.tied(a, b) == to.tied(image[a], image[b]))
                && pairs().all(|(a, b)| from.joined(a, b) == to.joined(image[a], image[b]))
        })
        .count()
}

fn forest(nodes: usize, roots: usize) -> impl Strategy<Value = Vec<Option<usize>>> {
    let later: Vec<_> = (roots..nodes)
        .map(|node| (0..node).prop_map(Some))
        .collect();
    later.prop_map(move |later| std::iter::repeat_n(None, roots).chain(later).collect())
}

fn partition(nodes: usize) -> impl Strategy<Value = Vec<usize>> {
    (1..=nodes).prop_flat_map(move |parts| prop::collection::vec(0..parts, nodes))
}

fn tied(most: usize) -> impl Strategy<Value = Tied> {
    (1..=most)
        .prop_flat_map(|nodes| (Just(nodes), 1..=nodes.min(3)))
        .prop_flat_map(|(nodes, roots)| (forest(nodes, roots), partition(nodes)))
        .prop_map(|(parents, parts)| Tied { parents, parts })
}

fn with_numbering(most: usize) -> impl Strategy<Value = (Tied, Vec<usize>)> {
    tied(most).prop_flat_map(|tied| {
        let numbers: Vec<usize> = (0..tied.parts.len()).collect();
        (Just(tied), Just(numbers).prop_shuffle())
    })
}

/// The same forest with two partitions, so that isomorphic pairs are frequent.
fn two_partitions() -> impl Strategy<Value = (Tied, Tied)> {
    tied(5).prop_flat_map(|tied| {
        let parents = tied.parents.clone();
        let other = partition(parents.len()).prop_map(move |parts| Tied {
            parents: parents.clone(),
            parts,
        });
        (Just(tied), other)
    })
}

proptest! {
    #[test]
    fn automorphisms_are_those_of_brute_force(tied in tied(6)) {
        let brute = isomorphisms(&tied, &tied, true) as u64;
        prop_assert_eq!(tied.diagram().automorphisms(), brute);
    }

    #[test]
    fn diagrams_do_not_depend_on_the_numbering((tied, mut new) in with_numbering(12)) {
        // The order of the roots is part of a diagram, so that it is kept.
        let roots = tied.roots();
        let mut images: Vec<usize> = roots.iter().map(|&root| new[root]).collect();
        images.sort_unstable();
        for (&root, &image) in roots.iter().zip(&images) {
            new[root] = image;
        }
        prop_assert_eq!(tied.renumbered(&new).diagram(), tied.diagram());
    }

    #[test]
    fn values_do_not_depend_on_the_numbering((tied, new) in with_numbering(12)) {
        let renumbered = tied.renumbered(&new);
        prop_assert_eq!(renumbered.class(None), tied.class(None));
        prop_assert_eq!(renumbered.class(Some(new[0])), tied.class(Some(0)));
    }

    #[test]
    fn equal_means_isomorphic((tied, other) in two_partitions()) {
        let rooted = isomorphisms(&tied, &other, true) > 0;
        prop_assert_eq!(tied.diagram() == other.diagram(), rooted);
        let unrooted = isomorphisms(&tied, &other, false) > 0;
        prop_assert_eq!(tied.class(None) == other.class(None), unrooted);
    }

    /// The numbering is as documented, and the accessors are consistent with each other.
    #[test]
    fn diagrams_are_numbered_as_promised(tied in tied(12)) {
        let diagram = tied.diagram();
        prop_assert_eq!(diagram.nodes(), tied.parts.len());
        prop_assert_eq!(diagram.edges(), tied.edges().len());
        prop_assert_eq!(diagram.roots(), tied.roots().len());
        let mut fresh = 0;
        for node in 0..diagram.nodes() {
            prop_assert_eq!(diagram.parent(node).is_none(), node < diagram.roots());
            prop_assert!(diagram.parent(node).is_none_or(|parent| parent < node));
            prop_assert!(diagram.children(node).all(|child| diagram.parent(child) == Some(node)));
            prop_assert!(diagram.part(node) <= fresh);
            fresh = fresh.max(diagram.part(node) + 1);
            prop_assert!(diagram.members(diagram.part(node)).any(|member| member == node));
        }
        prop_assert_eq!(diagram.parts(), fresh);
        // The canonical form of a canonical form is the same.
        let parents: Vec<_> = (0..diagram.nodes()).map(|node| diagram.parent(node)).collect();
        let parts: Vec<_> = (0..diagram.nodes()).map(|node| diagram.part(node)).collect();
        prop_assert_eq!(Diagram::new(&parents, &parts).unwrap(), diagram);
    }

    #[test]
    fn joining_ties_two_parts(tied in tied(7), p in 0..7_usize, q in 0..7_usize) {
        let diagram = tied.diagram();
        let (p, q) = (p % diagram.parts(), q % diagram.parts());
        let parents: Vec<_> = (0..diagram.nodes()).map(|node| diagram.parent(node)).collect();
        let parts: Vec<_> = (0..diagram.nodes())
            .map(|node| diagram.part(node))
            .map(|part| if part == p { q } else { part })
            .collect();
        prop_assert_eq!(diagram.join(p, q), Diagram::new(&parents, &parts).unwrap());
    }
}

/// A large number of automorphisms neither takes long nor overflows. The largest possible number is 20!.
#[test]
fn the_largest_star_has_all_its_automorphisms() {
    let mut parents = vec![Some(0); MAX_NODES];
    parents[0] = None;
    let factorial: u64 = (1..=20).product();
    let untied: Vec<usize> = (0..MAX_NODES).collect();
    let star = Diagram::new(&parents, &untied).unwrap();
    assert_eq!(star.automorphisms(), factorial);
    let tied = Diagram::new(&parents, &[0; MAX_NODES]).unwrap();
    assert_eq!(tied.automorphisms(), factorial);
    // Ten arms of two edges each, whose outer nodes are tied and whose inner nodes are all tied or not tied.
    let arms: Vec<Option<usize>> = std::iter::once(None)
        .chain((1..MAX_NODES).map(|node| Some(node.saturating_sub(10))))
        .collect();
    for inner in [0, 1] {
        let parts: Vec<usize> = (0..MAX_NODES)
            .map(|node| match node {
                0 => 20,
                1..=10 => node * inner,
                _ => 11,
            })
            .collect();
        let arms = Diagram::new(&arms, &parts).unwrap();
        assert_eq!(arms.automorphisms(), (1..=10).product());
    }
}

#[test]
fn what_is_no_forest_is_refused() {
    assert_eq!(Diagram::new(&[], &[]), Err(DiagramError::Empty));
    assert_eq!(
        Diagram::new(&[None; 22], &[0; 22]),
        Err(DiagramError::TooManyNodes { nodes: 22 })
    );
    assert_eq!(
        Diagram::new(&[None, Some(0)], &[0]),
        Err(DiagramError::LengthMismatch { nodes: 2, parts: 1 })
    );
    assert_eq!(
        Diagram::new(&[None, Some(2)], &[0, 1]),
        Err(DiagramError::NoSuchNode { node: 2, nodes: 2 })
    );
    assert_eq!(
        Diagram::new(&[None, Some(2), Some(1)], &[0, 1, 2]),
        Err(DiagramError::Cycle { node: 1 })
    );
    assert_eq!(
        Diagram::new(&[None, Some(1)], &[0, 1]),
        Err(DiagramError::Cycle { node: 1 })
    );
    let class = |edges: &[(usize, usize)], open| {
        ValueClass::from_edges(3, edges, &[0, 1, 2], open).map(|class| class.nodes())
    };
    assert_eq!(class(&[(0, 1), (1, 2)], Some(2)), Ok(3));
    assert_eq!(
        class(&[(0, 1), (1, 2), (2, 0)], None),
        Err(DiagramError::Cycle { node: 2 })
    );
    assert_eq!(
        class(&[(0, 1), (1, 0)], None),
        Err(DiagramError::Cycle { node: 1 })
    );
    assert_eq!(class(&[(1, 1)], None), Err(DiagramError::Cycle { node: 1 }));
    assert_eq!(
        class(&[(0, 3)], None),
        Err(DiagramError::NoSuchNode { node: 3, nodes: 3 })
    );
    assert_eq!(
        class(&[], Some(3)),
        Err(DiagramError::NoSuchNode { node: 3, nodes: 3 })
    );
}
