//! Verdicts and costs of many experiments as two tables in Markdown, for a README.

use std::fmt::Write as _;

use crate::experiment::Settings;
use crate::page::{Entry, duration};

/// A row for each statement, then a row for each experiment that was run.
pub fn text(settings: &Settings, entries: &[Entry]) -> String {
    let mut text = "| claim | example | measured | |\n| --- | --- | --- | --- |\n".to_string();
    for entry in entries {
        match entry {
            Entry::Run(conducted) => {
                for verdict in &conducted.report.verdicts {
                    let judgement = verdict.judgement.to_string();
                    let row = [
                        &verdict.claim,
                        conducted.name,
                        &verdict.measured,
                        &judgement,
                    ];
                    text += &line(row);
                }
            }
            Entry::LeftOut { claim, needed, .. } => {
                text += &line([claim, "", &format!("left out: it needs {needed}"), ""]);
            }
        }
    }
    let _ = write!(
        text,
        "\n| example | `--scale {}` | cells |\n| --- | --- | --- |\n",
        settings.scale
    );
    for entry in entries {
        if let Entry::Run(conducted) = entry {
            let cells = conducted.cells.to_string();
            text += &line([conducted.name, &duration(conducted.seconds), &cells]);
        }
    }
    text
}

/// A row. An upright line would end a cell.
fn line<const COLUMNS: usize>(cells: [&str; COLUMNS]) -> String {
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}
