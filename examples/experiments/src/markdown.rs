//! Verdicts and costs of many experiments as two tables in Markdown, and documents that hold such tables between marks.

use crate::experiment::Settings;
use crate::page::{Entry, duration};

/// Both tables: a row for each statement, then a row for each experiment that was run.
pub fn text(settings: &Settings, entries: &[Entry]) -> String {
    format!("{}\n{}", claims(entries), costs(settings, entries))
}

/// A row for each statement.
fn claims(entries: &[Entry]) -> String {
    let mut text = "| claim | example | measured | |\n| --- | --- | --- | --- |\n".to_string();
    for entry in entries {
        match entry {
            Entry::Run(conducted) => {
                let example = code(conducted.name);
                for verdict in &conducted.report.verdicts {
                    let judgement = verdict.judgement.to_string();
                    text += &line([&verdict.claim, &example, &verdict.measured, &judgement]);
                }
            }
            Entry::LeftOut { claim, needed, .. } => {
                text += &line([claim, "", &format!("left out: it needs {needed}"), ""]);
            }
        }
    }
    text
}

/// A row for each experiment that was run, and one for all of them.
fn costs(settings: &Settings, entries: &[Entry]) -> String {
    let mut text = format!(
        "| example | `--scale {}` | cells |\n| --- | --- | --- |\n",
        settings.scale
    );
    let (mut seconds, mut cells) = (0.0, 0);
    for entry in entries {
        if let Entry::Run(conducted) = entry {
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

/// A row. An upright line would end a cell.
fn line<const COLUMNS: usize>(cells: [&str; COLUMNS]) -> String {
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

/// What ends a table in a document.
const END: &str = "<!-- end -->";

/// The mark that begins a table in a document: `kind` is `claims` or `costs`.
fn mark(kind: &str, settings: &Settings) -> String {
    format!("<!-- {kind} at --scale {} -->", settings.scale)
}

/// A document whose tables between the marks for this scale, such as `<!-- costs at --scale full -->` and `<!-- end -->`, are these entries'.
///
/// # Errors
/// [`NoMarks`] if the document has none for this scale, or one without an end.
pub fn updated(document: &str, settings: &Settings, entries: &[Entry]) -> Result<String, NoMarks> {
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

/// A document has no place for tables of a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document has no marks for tables at this scale")]
pub struct NoMarks;
