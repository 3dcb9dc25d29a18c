//! Value classes: which diagrams share a value, and Möbius inversion over coarser partitions.

use diagram_calculus::diagram::Diagram;
use diagram_calculus::enumerate::{diagram_pairs, diagrams, diagrams_with_root_ties};
use diagram_calculus::value_class::{Coarsening, ValueClass};

use crate::common::read;

fn class(text: &str) -> ValueClass {
    read(text).value_class()
}

#[test]
fn the_root_does_not_matter() {
    // The value G H G with the root at an end and in the middle.
    assert_eq!(class("(01-12)(0-1-2)"), class("(01-02)(0-1-2)"));
    // A value with a gradient tied to the Hessian.
    assert_eq!(class("(01-12)(0-12)"), class("(01-02)(01-2)"));
    assert_ne!(class("(01-12)(0-12)"), class("(01-02)(0-12)"));
    // The order of the trees of a pair matters for the diagram, but not for its value.
    assert_eq!(class("(02-13-14)(0-1-2-34)"), class("(12-03-04)(0-1-2-34)"));
}

/// The class of a diagram does not depend on which node is the root.
#[test]
fn every_root_gives_the_same_class() {
    for diagram in (0..=5).flat_map(diagrams_with_root_ties) {
        let nodes = diagram.nodes();
        let edges: Vec<(usize, usize)> = (1..nodes)
            .filter_map(|node| Some((diagram.parent(node)?, node)))
            .collect();
        let parts: Vec<usize> = (0..nodes).map(|node| diagram.part(node)).collect();
        for root in 0..nodes {
            let parents: Vec<Option<usize>> = (0..nodes)
                .map(|node| step_towards(root, node, &edges))
                .collect();
            let rerooted = Diagram::new(&parents, &parts).unwrap();
            assert_eq!(
                rerooted.value_class(),
                diagram.value_class(),
                "{diagram} at {root}"
            );
        }
        assert_eq!(
            ValueClass::from_edges(nodes, &edges, &parts, None).unwrap(),
            diagram.value_class()
        );
    }
}

/// The neighbour of `node` on the way to `root`.
fn step_towards(root: usize, node: usize, edges: &[(usize, usize)]) -> Option<usize> {
    fn leads(
        from: usize,
        root: usize,
        edges: &[(usize, usize)],
        before: Option<usize>,
    ) -> Option<usize> {
        let near = edges.iter().filter_map(|&(a, b)| match from {
            _ if from == a => Some(b),
            _ if from == b => Some(a),
            _ => None,
        });
        near.filter(|&next| Some(next) != before)
            .find(|&next| next == root || leads(next, root, edges, Some(from)).is_some())
    }
    if node == root {
        return None;
    }
    leads(node, root, edges, None)
}

/// The representative of a scalar has its class, its notation and its numbering, and an untied root if there is an untied node.
#[test]
fn representatives_stand_for_their_classes() {
    let all = (0..=4).flat_map(diagrams_with_root_ties);
    for diagram in all.chain((0..=3).flat_map(diagram_pairs)) {
        let class = diagram.value_class();
        let representative = class.representative();
        assert_eq!(representative.value_class(), class);
        assert_eq!(representative.to_string(), class.to_string());
        if diagram.roots_are_alone() {
            assert!(representative.roots_are_alone(), "{diagram}: {class}");
        }
        assert_eq!(class.order(), diagram.edges());
        assert_eq!(class.parts(), diagram.parts());
        for node in 0..class.nodes() {
            assert_eq!(class.part(node), representative.part(node));
            let near: Vec<usize> = class.neighbours(node).collect();
            let parent = representative.parent(node).into_iter();
            assert_eq!(
                near,
                parent
                    .chain(representative.children(node))
                    .collect::<Vec<_>>()
            );
            assert_eq!(class.degree(node), near.len());
        }
    }
}

#[test]
fn components_hold_what_hangs_together() {
    let class = class("(02-13-14)(0-1-2-34)");
    assert_eq!(class.components(), [vec![0, 2, 3], vec![1, 4]]);
    assert_eq!(class.to_string(), "(02-03-14)(0-1-23-4)");
}

#[test]
fn displacement_leaves_the_roots_index_open() {
    let open = |text: &str| read(text).displacement_class().map(|c| c.to_string());
    assert_eq!(open("(01)(0-1)").unwrap(), "(_0)(0)");
    assert_eq!(open("(01-12)(0-1-2)").unwrap(), "(_0-01)(0-1)");
    assert_eq!(open("(01-12)(0-12)").unwrap(), "(_0-01)(01)");
    assert_eq!(open("(01-12-13)(0-1-23)").unwrap(), "(_0-01-02)(0-12)");
    // These have no edge at the root, a root of degree 2, a tied root, and two roots.
    for text in ["()(0)", "(01-02)(0-1-2)", "(01)(01)", "(02-13)(0-1-2-3)"] {
        assert_eq!(open(text), None, "{text}");
    }
    let class = read("(01-12-13)(0-1-23)").displacement_class().unwrap();
    assert_eq!(class.open(), Some(0));
    assert_eq!((class.degree(0), class.edges(), class.order()), (3, 2, 3));
}

/// Different diagrams have different displacement classes.
#[test]
fn displacement_classes_represent_their_diagrams() {
    for diagram in (1..=5).flat_map(diagrams) {
        if let Some(class) = diagram.displacement_class() {
            assert_eq!(class.representative(), diagram);
            assert_eq!(class.order(), diagram.edges());
        }
    }
}

/// The sum of μ(π, σ) over σ ≥ π is 1 if π has one block and 0 otherwise, which defines the Möbius function.
#[test]
fn moebius_numbers_cancel() {
    let vectors = (1..=4)
        .flat_map(diagrams)
        .filter_map(|d| d.displacement_class());
    let scalars = (0..=4).flat_map(diagrams).map(|d| d.value_class());
    for class in scalars.chain(vectors) {
        let coarsenings = class.coarsenings();
        let sum: i64 = coarsenings.iter().map(|c| c.moebius).sum();
        assert_eq!(sum, i64::from(class.parts() == 1), "{class}");
        assert_eq!(
            coarsenings[0],
            Coarsening {
                class: class.clone(),
                moebius: 1,
                parts: class.parts()
            }
        );
        assert!(coarsenings.iter().all(|c| c.parts == c.class.parts()));
        // The sums over all partitions with a given number of blocks are the signed Stirling numbers of the first kind, which are the coefficients of
        // x (x-1) … (x-parts+1).
        let mut falling = vec![1_i64];
        for k in 0..class.parts() as i64 {
            let mut next = vec![0; falling.len() + 1];
            for (power, &coefficient) in falling.iter().enumerate() {
                next[power + 1] += coefficient;
                next[power] -= k * coefficient;
            }
            falling = next;
        }
        for parts in 1..=class.parts() {
            let level = coarsenings.iter().filter(|c| c.parts == parts);
            assert_eq!(level.map(|c| c.moebius).sum::<i64>(), falling[parts]);
        }
    }
}

/// The coarsenings of G H G, found by hand. The two gradients are equivalent, so that a tie of either to the Hessian gives the same class.
#[test]
fn coarsenings_of_g_h_g() {
    let found: Vec<(String, i64, usize)> = class("(01-02)(0-1-2)")
        .coarsenings()
        .into_iter()
        .map(|c| (c.class.to_string(), c.moebius, c.parts))
        .collect();
    assert_eq!(
        found,
        [
            ("(01-02)(0-1-2)".into(), 1, 3),
            ("(01-02)(0-12)".into(), -1, 2),
            ("(01-12)(0-12)".into(), -2, 2),
            ("(01-02)(012)".into(), 2, 1),
        ]
    );
}

/// U-statistics computed from V-statistics equal averages over tuples of distinct datapoints. In this test a node of degree k at the datapoint x has the
/// value x^k.
#[test]
fn moebius_inversion_gives_averages_over_distinct_datapoints() {
    let data: [i64; 4] = [2, -1, 3, 5];
    let n = data.len();
    // The sum over assignments of datapoints to parts.
    let sum = |class: &ValueClass, distinct: bool| -> i64 {
        let parts = class.parts();
        (0..n.pow(parts as u32))
            .map(|index| {
                (0..parts)
                    .map(|part| index / n.pow(part as u32) % n)
                    .collect::<Vec<_>>()
            })
            .filter(|chosen| {
                let repeated = (0..parts).any(|p| chosen[..p].contains(&chosen[p]));
                !(distinct && repeated)
            })
            .map(|chosen| {
                (0..class.nodes())
                    .map(|node| data[chosen[class.part(node)]].pow(class.degree(node) as u32))
                    .product::<i64>()
            })
            .sum()
    };
    for class in diagrams(3).map(|d| d.value_class()) {
        // The sum over all tuples is n^|σ| V_σ, and that over distinct ones is n (n-1) … (n-|π|+1) U_π.
        let inverted: i64 = class
            .coarsenings()
            .iter()
            .map(|c| c.moebius * sum(&c.class, false))
            .sum();
        assert_eq!(inverted, sum(&class, true), "{class}");
    }
}
