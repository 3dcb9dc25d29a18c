//! Fuzzy outlines: the value of the tied diagram minus that of the untied one, with the weight of the tied one.

use diagram_calculus::coefficient::Coefficient;
use diagram_calculus::diagram::DiagramError;
use diagram_calculus::measure::{Measure, MeasureError, expand};
use diagram_calculus::outline::{MAX_OUTLINES, OutlineError, Outlined};
use diagram_calculus::spacetime::{Shuffle, Spacetime};

use crate::common::{read, symbol};

const FORK: [Option<usize>; 4] = [None, Some(0), Some(1), Some(1)];
const STAR: [Option<usize>; 4] = [None, Some(0), Some(0), Some(0)];

fn signed(outlined: &Outlined) -> Vec<(String, i64)> {
    outlined
        .signed()
        .map(|(diagram, sign)| (diagram.to_string(), sign))
        .collect()
}

#[test]
fn one_outline_is_tied_minus_untied() {
    let outlined = Outlined::new(&FORK, &[0, 1, 2, 3], &[(2, 3)]).unwrap();
    assert_eq!(*outlined.tied(), read("(01-12-13)(0-1-23)"));
    assert_eq!(
        signed(&outlined),
        [
            ("(01-12-13)(0-1-23)".into(), 1),
            ("(01-12-13)(0-1-2-3)".into(), -1)
        ]
    );
}

#[test]
fn a_chain_of_outlines_is_a_product_of_differences() {
    // The product of (a~b minus untied) and (b~c minus untied): both ties, minus the two isomorphic diagrams with one tie, plus the one without ties.
    let outlined = Outlined::new(&STAR, &[0, 1, 2, 3], &[(1, 2), (2, 3)]).unwrap();
    assert_eq!(*outlined.tied(), read("(01-02-03)(0-123)"));
    let mut terms = signed(&outlined);
    terms.sort();
    assert_eq!(
        terms,
        [
            ("(01-02-03)(0-1-2-3)".into(), 1),
            ("(01-02-03)(0-12-3)".into(), -2),
            ("(01-02-03)(0-123)".into(), 1)
        ]
    );
    assert_eq!(
        outlined.to_string(),
        "(01-02-03)(0-123) - 2 (01-02-03)(0-12-3) + (01-02-03)(0-1-2-3)"
    );
}

#[test]
fn an_outline_weighs_as_if_tied() {
    let spacetime = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::EachEpoch);
    let outlined = Outlined::new(&FORK, &[0, 1, 2, 3], &[(2, 3)]).unwrap();
    let tied = expand(Measure::TestLoss, &spacetime, [outlined.tied().clone()]).unwrap();
    let expansion = expand(Measure::TestLoss, &spacetime, [outlined]).unwrap();
    let weight = &tied.terms[0].coefficient;
    assert_eq!(expansion.terms[0].coefficient, *weight);
    let mut found = expansion.values;
    let mut expected = vec![
        (read("(01-12-13)(0-1-23)").value_class(), weight.clone()),
        (read("(01-12-13)(0-1-2-3)").value_class(), weight.neg()),
    ];
    found.sort_by(|a, b| a.0.cmp(&b.0));
    expected.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, expected);
    assert!(!found.iter().any(|(_, c)| *c == Coefficient::zero()));
}

#[test]
fn outlines_that_make_no_diagram() {
    let refused = |parts: &[usize], outlines: &[(usize, usize)]| {
        Outlined::new(&STAR, parts, outlines).unwrap_err()
    };
    assert_eq!(refused(&[0, 1, 1, 2], &[(1, 2)]), OutlineError::Tied(1, 2));
    assert_eq!(
        refused(&[0, 1, 2, 3], &[(1, 2), (2, 3), (1, 3)]),
        OutlineError::Tied(1, 3)
    );
    assert_eq!(
        refused(&[0, 1, 2, 3], &[(1, 4)]),
        OutlineError::Diagram(DiagramError::NoSuchNode { node: 4, nodes: 4 })
    );
    let many = vec![(1, 2); MAX_OUTLINES + 1];
    assert_eq!(
        refused(&[0, 1, 2, 3], &many),
        OutlineError::TooMany(MAX_OUTLINES + 1)
    );
    // An outline at the root stands for a tie at the root, which no measure of Theorem 1 allows.
    let rooted = Outlined::new(&STAR, &[0, 1, 2, 3], &[(0, 3)]).unwrap();
    let spacetime = Spacetime::gd(symbol("N"), symbol("T"));
    assert!(matches!(
        expand(Measure::TestLoss, &spacetime, [rooted]),
        Err(MeasureError::RootTied { root: 0, .. })
    ));
}
