//! Filters, compared with brute force over nodes and pairs of nodes and with known counts.

use diagram_calculus::Diagram;
use diagram_calculus::enumerate::{diagrams, diagrams_with_root_ties};
use diagram_calculus::filter::Comparison::{AtLeast, AtMost, Exactly};
use diagram_calculus::filter::Filter;
use diagram_calculus::measure::{Measure, count_diagrams_for, diagrams_for, diagrams_of};
use diagram_calculus::outline::Outlined;
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use std::collections::BTreeSet;

use crate::common::read;

/// The numbers of admitted diagrams with 0, 1, 2, 3 and 4 edges.
fn counts(filter: &Filter) -> [usize; 5] {
    std::array::from_fn(|edges| {
        diagrams(edges)
            .filter(|diagram| filter.admits(&diagram.clone().into()))
            .count()
    })
}

/// Asserts that the filter admits the diagrams that meet the condition, with and without ties at the root.
fn agrees(filter: &Filter, condition: impl Fn(&Diagram) -> bool) {
    for diagram in (0..=4).flat_map(diagrams_with_root_ties) {
        let admitted = filter.admits(&Outlined::from(diagram.clone()));
        assert_eq!(admitted, condition(&diagram), "{filter:?} on {diagram}");
    }
}

/// The pairs of tied nodes, the smaller number first.
fn tied_pairs(diagram: &Diagram) -> Vec<(usize, usize)> {
    let all = 0..diagram.nodes();
    all.clone()
        .flat_map(|a| all.clone().map(move |b| (a, b)))
        .filter(|&(a, b)| a < b && diagram.part(a) == diagram.part(b))
        .collect()
}

/// The edges as (parent, child).
fn edges(diagram: &Diagram) -> Vec<(usize, usize)> {
    (0..diagram.nodes())
        .filter_map(|node| Some((diagram.parent(node)?, node)))
        .collect()
}

fn degree(diagram: &Diagram, node: usize) -> usize {
    let at = |&(a, b): &(usize, usize)| a == node || b == node;
    edges(diagram).into_iter().filter(at).count()
}

/// All sequences of `count` different elements of `0..nodes`.
fn injections(nodes: usize, count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    let shorter = injections(nodes, count - 1);
    let extended = shorter.iter().flat_map(|chosen| {
        (0..nodes)
            .filter(|node| !chosen.contains(node))
            .map(|node| [&chosen[..], &[node]].concat())
    });
    extended.collect()
}

#[test]
fn trees_are_counted_as_rooted_trees() {
    agrees(&Filter::Trees, |diagram| tied_pairs(diagram).is_empty());
    assert_eq!(counts(&Filter::Trees), [1, 1, 2, 4, 9]);
}

#[test]
fn ties_at_leaves_are_pairs_without_children() {
    agrees(&Filter::LeafTies, |diagram| {
        let parents: Vec<usize> = edges(diagram)
            .into_iter()
            .map(|(parent, _)| parent)
            .collect();
        let is_leaf = |node| !parents.contains(&node);
        tied_pairs(diagram)
            .iter()
            .all(|&(a, b)| is_leaf(a) && is_leaf(b))
    });
    // Of the 17 diagrams of order 3 these are one chain, two with a fork below the root's child, two with a leaf and a chain of two edges at the root, and three stars.
    assert_eq!(counts(&Filter::LeafTies)[..4], [1, 1, 3, 8]);
}

#[test]
fn ties_are_edges_of_a_spanning_forest_of_the_tied_pairs() {
    for k in 0..4 {
        for comparison in [AtMost, Exactly, AtLeast] {
            agrees(&Filter::Ties(comparison, k), |diagram| {
                // Every node other than the first of its part counts as one tie.
                let seconds: BTreeSet<usize> = tied_pairs(diagram)
                    .into_iter()
                    .map(|(_, second)| second)
                    .collect();
                match comparison {
                    AtMost => seconds.len() <= k,
                    Exactly => seconds.len() == k,
                    AtLeast => seconds.len() >= k,
                }
            });
        }
    }
    assert_eq!(counts(&Filter::Ties(Exactly, 0)), [1, 1, 2, 4, 9]);
    assert_eq!(counts(&Filter::Ties(Exactly, 3)), [0, 0, 0, 0, 9]);
}

#[test]
fn edges_and_parts_are_numbers() {
    for k in 0..6 {
        agrees(&Filter::Edges(AtMost, k), |d| d.nodes() <= k + 1);
        agrees(&Filter::Edges(Exactly, k), |d| d.nodes() == k + 1);
        agrees(&Filter::Edges(AtLeast, k), |d| d.nodes() > k);
        let parts = |d: &Diagram| {
            (0..d.nodes())
                .map(|node| d.part(node))
                .collect::<BTreeSet<_>>()
        };
        agrees(&Filter::Parts(AtMost, k), |d| parts(d).len() <= k);
        agrees(&Filter::Parts(Exactly, k), |d| parts(d).len() == k);
        agrees(&Filter::Parts(AtLeast, k), |d| parts(d).len() >= k);
    }
    assert_eq!(counts(&Filter::Edges(Exactly, 3)), [0, 0, 0, 17, 0]);
}

#[test]
fn third_cumulants_need_two_ties_with_one_node() {
    agrees(&Filter::NonGaussian, |diagram| {
        let pairs = tied_pairs(diagram);
        pairs
            .iter()
            .any(|&(a, b)| pairs.iter().any(|&(c, d)| a == c && b != d))
    });
    // At order 3 all nodes below the root are tied, which is one diagram for each of the four trees. At order 4 these are 9, and there are those with one
    // untied node: rooted trees of five nodes with a marked node are 35, of which 9 have the mark at the root.
    assert_eq!(counts(&Filter::NonGaussian), [0, 0, 0, 4, 9 + 26]);
}

#[test]
fn containment_is_an_injection_that_keeps_edges_and_ties() {
    let inner = (0..=3).flat_map(diagrams_with_root_ties);
    let forests = ["()(0-1)", "()(01)", "(02)(0-1-2)", "(02-13)(0-1-23)"];
    for inner in inner.chain(forests.map(read)) {
        agrees(&Filter::Contains(inner.clone()), |outer| {
            injections(outer.nodes(), inner.nodes())
                .iter()
                .any(|image| {
                    let kept = edges(&inner).iter().all(|&(parent, child)| {
                        edges(outer).contains(&(image[parent], image[child]))
                    });
                    let all = 0..inner.nodes();
                    let ties = all.clone().all(|a| {
                        all.clone().all(|b| {
                            (inner.part(a) == inner.part(b))
                                == (outer.part(image[a]) == outer.part(image[b]))
                        })
                    });
                    kept && ties
                })
        });
    }
}

#[test]
fn containment_by_example() {
    let contains =
        |inner: &str, outer: &str| Filter::Contains(read(inner)).admits(&read(outer).into());
    // The image of a root need not be a root, and images may be tied to further nodes.
    assert!(contains("(01-02)(0-12)", "(01-12-13)(0-1-23)"));
    assert!(contains("(01-12)(0-1-2)", "(01-12-03)(0-1-23)"));
    // Nodes that are not tied must have images that are not tied, and edges keep their direction.
    assert!(!contains("(01)(0-1)", "(01-12-23)(0123)"));
    assert!(!contains("(01-02)(0-1-2)", "(01-12-23)(0-1-2-3)"));
    assert!(!contains("(01-02)(0-1-2)", "(01-02)(0-12)"));
    // Every diagram contains itself.
    assert!(
        (0..=4)
            .flat_map(diagrams)
            .all(|d| Filter::Contains(d.clone()).admits(&d.into()))
    );
}

/// The propagator of Theorem 2 includes the untied nodes of degree 2.
#[test]
fn irreducible_diagrams_have_no_free_hessian_on_an_edge() {
    agrees(&Filter::Irreducible, |diagram| {
        let free = |node| {
            tied_pairs(diagram)
                .iter()
                .all(|&(a, b)| a != node && b != node)
        };
        (1..diagram.nodes()).all(|node| degree(diagram, node) != 2 || !free(node))
    });
    let listed: Vec<String> = diagrams(2)
        .filter(|diagram| Filter::Irreducible.admits(&diagram.clone().into()))
        .map(|diagram| diagram.to_string())
        .collect();
    assert_eq!(listed, ["(01-12)(0-12)", "(01-02)(0-12)", "(01-02)(0-1-2)"]);
}

#[test]
fn combinations_are_boolean() {
    let (a, b) = (Filter::LeafTies, Filter::Irreducible);
    let holds = |filter: &Filter, d: &Diagram| filter.admits(&d.clone().into());
    agrees(&a.clone().and(b.clone()), |d| holds(&a, d) && holds(&b, d));
    agrees(&a.clone().or(b.clone()), |d| holds(&a, d) || holds(&b, d));
    agrees(&!a.clone(), |d| !holds(&a, d));
}

#[test]
fn outlines_are_judged_as_tied() {
    let star = [None, Some(0), Some(0), Some(0)];
    let skew = Outlined::new(&star, &[0, 1, 2, 3], &[(1, 2), (2, 3)]).unwrap();
    assert!(Filter::NonGaussian.admits(&skew));
    assert!(Filter::Ties(Exactly, 2).admits(&skew));
    assert!(!Filter::Trees.admits(&skew));
}

/// Table 2 of the paper: the values of vanilla SGD at order 3 by their number of ties, and the number of orderings of the diagrams with each value.
#[test]
fn table_2() {
    let one = || Parameter::Literal(1);
    let vanilla = Spacetime::sgd(Parameter::Symbol("N".into()), one(), one(), Shuffle::Never);
    let found = [0, 1, 2].map(|c| {
        let mut orderings = std::collections::BTreeMap::new();
        let filter = Filter::Ties(Exactly, c);
        for diagram in diagrams(3).filter(|diagram| filter.admits(&diagram.clone().into())) {
            if !vanilla.embeddings(&diagram).is_zero() {
                *orderings.entry(diagram.value_class()).or_insert(0) += total_orders(&diagram);
            }
        }
        let mut orderings: Vec<usize> = orderings.into_values().collect();
        orderings.sort_unstable();
        orderings
    });
    assert_eq!(found, [vec![2, 4], vec![2, 2, 3], vec![1]]);
}

/// The number of linear orders of the nodes below the root in which children precede parents and parts are contiguous, up to automorphisms.
fn total_orders(diagram: &Diagram) -> usize {
    let nodes = diagram.nodes() - 1;
    let good = injections(nodes, nodes).into_iter().filter(|order| {
        let place = |node: usize| order.iter().position(|&at| at + 1 == node).unwrap();
        let part = |at: usize| diagram.part(order[at] + 1);
        let children_first = edges(diagram)
            .into_iter()
            .all(|(parent, child)| parent == 0 || place(child) < place(parent));
        let changes = (1..nodes).filter(|&at| part(at) != part(at - 1)).count();
        children_first && changes + 2 == diagram.parts()
    });
    let labelled = good.count();
    let symmetry = usize::try_from(diagram.automorphisms()).unwrap();
    assert_eq!(labelled % symmetry, 0);
    labelled / symmetry
}

#[test]
fn every_measure_has_its_diagrams_once() {
    for measure in [
        Measure::TestLoss,
        Measure::GeneralizationGap,
        Measure::Displacement,
        Measure::SecondMoment,
    ] {
        let all = diagrams_for(measure, 3);
        let orders: Vec<Diagram> = (0..=3).flat_map(|d| diagrams_of(measure, d)).collect();
        assert_eq!(orders, all);
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        for d in 0..=3 {
            let of_order = diagrams_of(measure, d);
            assert!(of_order.iter().all(|diagram| diagram.edges() == d));
            let filter = Filter::Edges(Exactly, d);
            let admitted = all
                .iter()
                .filter(|diagram| filter.admits(&(*diagram).clone().into()));
            assert!(admitted.eq(&of_order));
            if matches!(measure, Measure::TestLoss | Measure::SecondMoment) {
                assert_eq!(Some(of_order.len() as u128), count_diagrams_for(measure, d));
            }
        }
    }
    assert!(diagrams_of(Measure::GeneralizationGap, 0).is_empty());
}
