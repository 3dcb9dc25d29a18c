//! The numbers of trees, diagrams and values.

use diagram_calculus::enumerate::{
    count_diagram_pairs, count_diagrams, count_diagrams_with_root_ties, diagram_pairs, diagrams,
    diagrams_with_root_ties, rooted_trees,
};
use diagram_calculus::{Diagram, ValueClass};
use std::collections::BTreeSet;

fn distinct_values(diagrams: impl Iterator<Item = Diagram>) -> usize {
    let values: BTreeSet<ValueClass> = diagrams.map(|diagram| diagram.value_class()).collect();
    values.len()
}

/// The counts are those of OEIS A000081.
#[test]
fn rooted_trees_by_nodes() {
    let counts: Vec<usize> = (0..=10).map(|nodes| rooted_trees(nodes).count()).collect();
    assert_eq!(counts, [0, 1, 1, 2, 4, 9, 20, 48, 115, 286, 719]);
}

/// The counts are those of section 2 of the paper up to order 3, and those of an independent brute force for order 4.
#[test]
fn diagrams_by_edges() {
    let counts: Vec<usize> = (0..=4).map(|edges| diagrams(edges).count()).collect();
    assert_eq!(counts, [1, 1, 4, 17, 101]);
}

#[test]
fn values_by_edges() {
    let counts: Vec<usize> = (0..=4)
        .map(|edges| distinct_values(diagrams(edges)))
        .collect();
    assert_eq!(counts, [1, 1, 3, 12, 62]);
}

/// The generalization gap needs the values of the diagrams and of those with the root tied.
#[test]
fn values_with_root_ties_by_edges() {
    let counts: Vec<usize> = (0..=4)
        .map(|edges| distinct_values(diagrams_with_root_ties(edges)))
        .collect();
    assert_eq!(counts, [1, 2, 4, 18, 80]);
}

/// The counts by Burnside's lemma and the iterators are independent of each other.
#[test]
fn counts_agree_with_the_iterators() {
    for edges in 0..=6 {
        let made = diagrams(edges).count() as u128;
        assert_eq!(count_diagrams(edges), Some(made), "{edges} edges");
    }
    for edges in 0..=5 {
        let tied = diagrams_with_root_ties(edges).count() as u128;
        assert_eq!(
            count_diagrams_with_root_ties(edges),
            Some(tied),
            "{edges} edges"
        );
        let pairs = diagram_pairs(edges).count() as u128;
        assert_eq!(count_diagram_pairs(edges), Some(pairs), "{edges} edges");
    }
}

#[test]
fn every_diagram_comes_once_and_as_asked() {
    for edges in 0..=5 {
        let all: Vec<Diagram> = diagrams(edges).collect();
        let distinct: BTreeSet<&Diagram> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        for diagram in &all {
            assert_eq!((diagram.edges(), diagram.roots()), (edges, 1));
            assert!(diagram.roots_are_alone());
        }
        let alone = diagrams_with_root_ties(edges).filter(Diagram::roots_are_alone);
        assert_eq!(alone.collect::<BTreeSet<_>>(), all.into_iter().collect());
    }
    for pair in diagram_pairs(3) {
        assert_eq!((pair.edges(), pair.roots()), (3, 2));
        assert!(pair.roots_are_alone());
    }
}

/// There are no diagrams with too many edges, and asking for them is not an error.
#[test]
fn too_many_edges_give_nothing() {
    assert_eq!(diagrams(21).count(), 0);
    assert_eq!(diagram_pairs(20).count(), 0);
    assert_eq!(count_diagrams(21), None);
    assert_eq!(count_diagram_pairs(20), None);
    assert!(count_diagrams(20).is_some_and(|count| count > 1 << 60));
}
