//! The verdicts and the times of many experiments as two tables in Markdown, and documents that contain these tables between marks.

use crate::experiment::Settings;
use crate::page::{self, duration};
use crate::table::{Entry, Table};

/// Both tables as text: the one of verdicts, with a row for each claim, and the one of times, with a row for each experiment that was run.
pub fn text(settings: &Settings, entries: &[page::Entry]) -> String {
    format!("{}\n{}", claims(entries), costs(settings, entries))
}

/// A table as text, with its caption above it.
pub fn table(table: &Table) -> String {
    let row = |cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|cell| escaped(cell)).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let mut text = format!("{}:\n\n", table.caption);
    text += &row(table.columns.clone());
    text += &row(vec!["---".into(); table.columns.len()]);
    for entries in &table.rows {
        text += &row(entries.iter().map(Entry::short).collect());
    }
    text
}

/// The table of verdicts, with a row for each claim.
fn claims(entries: &[page::Entry]) -> String {
    let mut text = "| claim | example | measured | |\n| --- | --- | --- | --- |\n".to_string();
    for entry in entries {
        match entry {
            page::Entry::Run(conducted) => {
                let example = code(conducted.name);
                for verdict in &conducted.report.verdicts {
                    let judgement = verdict.judgement.to_string();
                    text += &line([&verdict.claim, &example, &verdict.measured, &judgement]);
                }
            }
            page::Entry::LeftOut { claim, needed, .. } => {
                text += &line([claim, "", &format!("left out: it needs {needed}"), ""]);
            }
        }
    }
    text
}

/// The table of times and numbers of cells, with a row for each experiment that was run and one for all of them.
fn costs(settings: &Settings, entries: &[page::Entry]) -> String {
    let mut text = format!(
        "| example | `--scale {}` | cells |\n| --- | --- | --- |\n",
        settings.scale
    );
    let (mut seconds, mut cells) = (0.0, 0);
    for entry in entries {
        if let page::Entry::Run(conducted) = entry {
            text += &cost(&code(conducted.name), conducted.seconds, conducted.cells);
            seconds += conducted.seconds;
            cells += conducted.cells;
        }
    }
    text + &cost("all", seconds, cells)
}

fn cost(name: &str, seconds: f64, cells: usize) -> String {
    line([name, &duration(seconds), &cells.to_string()])
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

/// A row of a table. Vertical bars in its cells are escaped, because they would end a cell.
fn line<const COLUMNS: usize>(cells: [&str; COLUMNS]) -> String {
    let cells = cells.map(escaped);
    format!("| {} |\n", cells.join(" | "))
}

fn escaped(cell: &str) -> String {
    cell.replace('|', "\\|")
}

/// The mark that ends a table in a document.
const END: &str = "<!-- end -->";

/// The mark that begins a table in a document: `kind` is `claims` or `costs`.
fn mark(kind: &str, settings: &Settings) -> String {
    format!("<!-- {kind} at --scale {} -->", settings.scale)
}

/// The document with the tables of these entries in place of those between the marks for this scale, such as `<!-- costs at --scale full -->` and
/// `<!-- end -->`.
///
/// # Errors
/// [`NoMarks`] if the document has no mark for this scale, or if one has no end.
pub fn updated(
    document: &str,
    settings: &Settings,
    entries: &[page::Entry],
) -> Result<String, NoMarks> {
    let mut document = document.to_string();
    let mut found = false;
    for (kind, table) in [
        ("claims", claims(entries)),
        ("costs", costs(settings, entries)),
    ] {
        let mark = mark(kind, settings);
        let Some(at) = document.find(&mark) else {
            continue;
        };
        let begin = at + mark.len();
        let end = document[begin..].find(END).ok_or(NoMarks)?;
        document.replace_range(begin..begin + end, &format!("\n\n{table}\n"));
        found = true;
    }
    if found { Ok(document) } else { Err(NoMarks) }
}

/// The error that a document has no marks for the tables at a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document has no marks for tables at this scale")]
pub struct NoMarks;
