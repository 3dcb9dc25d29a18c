//! What is written about many experiments: a web page, and tables for a README.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use diagram_experiments::figure1::Figure1;
use diagram_experiments::page::Entry;
use diagram_experiments::{AnyExperiment, Conducted, Scale, Session, Settings, markdown, page};

fn settings() -> Settings {
    Settings {
        scale: Scale::Quick,
        seed: 0,
        data: None,
    }
}

/// The one that takes no time.
fn figure1() -> Conducted {
    let folder = tempfile::tempdir().expect("a folder");
    let session = Session {
        settings: settings(),
        out: folder.path().into(),
        fresh: false,
        cancel: Arc::new(AtomicBool::new(false)),
    };
    Figure1.conduct(&session).expect("nothing fails")
}

const LEFT_OUT: Entry = Entry::LeftOut {
    title: "Another",
    claim: "|a| = |b|.",
    needed: "a folder",
};

#[test]
fn tables_have_a_row_for_each_statement_and_for_each_run() {
    let mut conducted = figure1();
    conducted.seconds = 600.0;
    let verdicts = conducted.report.verdicts.clone();
    let cells = conducted.cells;
    let text = markdown::text(&settings(), &[Entry::Run(conducted), LEFT_OUT]);

    let (claims, costs) = text.split_once("\n\n").expect("two tables");
    let claims: Vec<&str> = claims.lines().collect();
    // Head, rule, one row for each verdict and one for what was left out.
    assert_eq!(claims.len(), 2 + verdicts.len() + 1);
    for (row, verdict) in claims[2..].iter().zip(&verdicts) {
        let expected = [
            &verdict.claim,
            "figure1",
            &verdict.measured,
            &verdict.judgement.to_string(),
        ]
        .join(" | ");
        assert_eq!(*row, format!("| {expected} |"));
    }
    let last = claims.last().expect("a row");
    assert_eq!(
        *last,
        r"| \|a\| = \|b\|. |  | left out: it needs a folder |  |"
    );
    let costs: Vec<&str> = costs.lines().collect();
    assert_eq!(costs[0], "| example | `--scale quick` | cells |");
    assert_eq!(costs[2..], [format!("| figure1 | 10.0 min | {cells} |")]);
}

#[test]
fn the_page_stands_alone() {
    let conducted = figure1();
    let (report, title) = (conducted.report.clone(), conducted.title);
    let html = page::html(&settings(), &[Entry::Run(conducted), LEFT_OUT]);
    assert!(html.contains(title));
    for verdict in &report.verdicts {
        // In the summary and in the section.
        assert_eq!(html.matches(&verdict.claim).count(), 2, "{}", verdict.claim);
    }
    for figure in &report.figures {
        assert!(html.contains(&figure.svg));
    }
    assert!(html.contains("a folder"));
    for outside in ["<script", "<link", "src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
}
