//! What is written about many experiments: a web page, and tables for a README.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use diagram_experiments::device::Place;
use diagram_experiments::figure1::Figure1;
use diagram_experiments::page::Entry;
use diagram_experiments::provenance::Provenance;
use diagram_experiments::{
    ALL, AnyExperiment, Conducted, Scale, Session, Settings, markdown, page,
};

fn settings() -> Settings {
    Settings {
        scale: Scale::Quick,
        seed: 0,
        data: None,
        place: Place::default(),
    }
}

fn provenance() -> Provenance {
    Provenance::here().expect("there is an instruction set")
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
            "`figure1`",
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
    let row = |name: &str| format!("| {name} | 10.0 min | {cells} |");
    assert_eq!(costs[2..], [row("`figure1`"), row("all")]);
}

#[test]
fn only_tables_of_the_same_scale_are_replaced_in_a_document() {
    let document = "Words.\n\n<!-- claims at --scale quick -->\n\nold\n<!-- end -->\n\n<!-- costs at --scale full -->\nkept\n<!-- end -->\nMore.\n";
    let entries = [LEFT_OUT];
    let updated = markdown::updated(document, &settings(), &entries).expect("marks");
    let tables = markdown::text(&settings(), &entries);
    let (claims, _) = tables.split_once("\n\n").expect("two tables");
    assert_eq!(updated, document.replace("old\n", &format!("{claims}\n\n")));
    let again = markdown::updated(&updated, &settings(), &entries).expect("marks");
    assert_eq!(again, updated);
    for document in ["", "<!-- costs at --scale quick -->"] {
        let refused = markdown::updated(document, &settings(), &entries);
        assert_eq!(refused, Err(markdown::NoMarks));
    }
}

/// Every experiment is in every table of the document of claims.
#[test]
fn the_document_of_claims_names_every_experiment() {
    let document = include_str!("../../../../docs/claims.md");
    for mark in [
        "<!-- claims at --scale full -->",
        "<!-- costs at --scale full -->",
        "<!-- costs at --scale quick -->",
    ] {
        let (_, rest) = document.split_once(mark).expect(mark);
        let (table, _) = rest.split_once("<!-- end -->").expect(mark);
        for experiment in ALL {
            let cell = format!("| `{}` |", experiment.name());
            assert!(table.contains(&cell), "{cell} is not in {mark}");
        }
    }
}

#[test]
fn the_page_stands_alone() {
    let conducted = figure1();
    let (report, title) = (conducted.report.clone(), conducted.title);
    let html = page::html(
        &settings(),
        &provenance(),
        &[Entry::Run(conducted), LEFT_OUT],
    );
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

#[test]
fn the_first_page_counts_the_claims() {
    let document = include_str!("../../../../docs/claims.md");
    let count = |judgement: &str| document.matches(&format!(" | {judgement} |\n")).count();
    let [agree, differ, undecided] = ["agrees", "differs", "undecided"].map(count);
    let total = agree + differ + undecided;
    let differ = match differ {
        1 => "1 differs".to_string(),
        _ => format!("{differ} differ"),
    };
    let rest = match undecided {
        0 => format!(" and {differ}"),
        1 => format!(", {differ} and 1 is undecided"),
        _ => format!(", {differ} and {undecided} are undecided"),
    };
    let sentence = format!(
        "Of the {total} claims that they check, {agree} agree with what is measured{rest}."
    );
    let page = include_str!("../../../../README.md");
    assert!(page.contains(&sentence), "{sentence}");
}
