//! The compact notation: its meaning, its round trip through text, and the errors for malformed texts.

use diagram_calculus::diagram::{Diagram, NotationError};
use diagram_calculus::enumerate::{diagram_pairs, diagrams_with_root_ties};

use crate::common::read;

fn error(text: &str) -> NotationError {
    text.parse::<Diagram>().unwrap_err()
}

#[test]
fn edges_and_parts_mean_what_they_say() {
    let diagram = read("(01-02-13)(0-1-23)");
    assert_eq!(
        (diagram.nodes(), diagram.roots(), diagram.parts()),
        (4, 1, 3)
    );
    let parents: Vec<_> = (0..4).map(|node| diagram.parent(node)).collect();
    assert_eq!(parents, [None, Some(0), Some(0), Some(1)]);
    let parts: Vec<_> = (0..4).map(|node| diagram.part(node)).collect();
    assert_eq!(parts, [0, 1, 2, 2]);
    assert_eq!(
        diagram,
        Diagram::new(&[None, Some(0), Some(0), Some(1)], &[7, 5, 3, 3]).unwrap()
    );
}

/// The canonical forms of these diagrams have the notation of the paper.
#[test]
fn canonical_forms_print_naturally() {
    for text in [
        "()(0)",
        "(01)(0-1)",
        "(01)(01)",
        "(01-12-23)(0-1-2-3)",
        "(01-02-03)(0-123)",
        "(01-02-13)(0-1-23)",
        "(02-13)(0-1-23)",
        "(02)(0-1-2)",
        "(01-12-23-34-45-56-67-78-89-9a)(0-1-2-3-4-5-6-7-8-9-a)",
    ] {
        assert_eq!(read(text).to_string(), text);
    }
    assert_eq!(
        format!("{:>8}|{:<6}|", read("()(0)"), read("()(0)")),
        "   ()(0)|()(0) |"
    );
}

#[test]
fn numbering_order_and_space_do_not_matter() {
    let diagram = read("(01-02-13)(0-1-23)");
    assert_eq!(read("(32-10-20)(2-0-31)"), read("(01-02-23)(0-2-13)"));
    assert_eq!(read("(02-01-23)(31-0-2)"), diagram);
    assert_eq!(read(" ( 02 - 0 1-23)\n(31-0-2) "), diagram);
}

/// The node with the smallest label of every component is its root, and the order of roots matters.
#[test]
fn components_have_their_roots() {
    let pair = read("(02-13-14)(0-1-2-34)");
    assert_eq!(pair.roots(), 2);
    assert_eq!(pair.children(0).count(), 1);
    assert_eq!(pair.children(1).count(), 2);
    assert_ne!(pair, read("(12-03-04)(0-1-2-34)"));
    assert_eq!(pair, read("(01-23-24)(0-1-2-34)"));
}

#[test]
fn every_small_diagram_survives_a_round_trip() {
    let single = (0..=5).flat_map(diagrams_with_root_ties);
    let pairs = (0..=4).flat_map(diagram_pairs);
    let mut seen = 0;
    for diagram in single.chain(pairs) {
        assert_eq!(read(&diagram.to_string()), diagram);
        seen += 1;
    }
    assert!(seen > 1000);
}

#[test]
fn cycles_and_repeated_edges() {
    assert_eq!(
        error("(01-12-02)(0-1-2)"),
        NotationError::Cycle {
            offset: 7,
            edge: "02".into()
        }
    );
    assert_eq!(
        error("(01-22)(0-1-2)"),
        NotationError::Cycle {
            offset: 4,
            edge: "22".into()
        }
    );
    assert_eq!(
        error("(01-12-10)(0-1-2)"),
        NotationError::RepeatedEdge {
            offset: 7,
            edge: "10".into()
        }
    );
}

#[test]
fn parts_hold_every_node_once() {
    assert_eq!(
        error("(01-02)(0-1)"),
        NotationError::MissingFromParts {
            offset: 5,
            label: '2'
        }
    );
    assert_eq!(
        error("(01)(0-11)"),
        NotationError::RepeatedNode {
            offset: 8,
            label: '1'
        }
    );
    assert_eq!(
        error("(01)(0-1-0)"),
        NotationError::RepeatedNode {
            offset: 9,
            label: '0'
        }
    );
    assert_eq!(
        error("(01-03)(0-1-3)"),
        NotationError::SkippedLabel {
            offset: 12,
            label: '3',
            missing: '2'
        }
    );
}

#[test]
fn unknown_characters_and_early_ends() {
    let unknown = |offset, label| NotationError::UnknownLabel { offset, label };
    assert_eq!(error("(0z)(0-z)"), unknown(2, 'z'));
    assert_eq!(error("(0A)(0-A)"), unknown(2, 'A'));
    assert_eq!(error("(0é)(0-1)"), unknown(2, 'é'));
    let unexpected = |text: &str| match error(text) {
        NotationError::Unexpected { offset, found, .. } => (offset, found),
        other => panic!("{text}: {other}"),
    };
    assert_eq!(unexpected(""), (0, None));
    assert_eq!(unexpected("01"), (0, Some('0')));
    assert_eq!(unexpected("(0"), (2, None));
    assert_eq!(unexpected("(01"), (3, None));
    assert_eq!(unexpected("(01,02)"), (3, Some(',')));
    assert_eq!(unexpected("(01-)(0-1)"), (4, Some(')')));
    assert_eq!(unexpected("(0)(0)"), (2, Some(')')));
    assert_eq!(unexpected("(01)"), (4, None));
    assert_eq!(unexpected("(01)()"), (5, Some(')')));
    assert_eq!(unexpected("(01)(0--1)"), (7, Some('-')));
    assert_eq!(unexpected("(01)(0-1) x"), (10, Some('x')));
    assert_eq!(unexpected("(01)(0-1~2)"), (8, Some('~')));
}

#[test]
fn messages_say_where_and_what() {
    assert_eq!(
        error("(01-02)(0-1)").to_string(),
        "byte 5: node 2 stands in no part"
    );
    assert_eq!(
        error("(01").to_string(),
        "byte 3: expected '-' or ')', found the end"
    );
    assert_eq!(error("(01-12-02)(0-1-2)").offset(), 7);
}
