//! The report as a web page, which contains its pictures.

use std::fmt::Write as _;

use super::super::report::{Entry, Predicted, Report};

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Diagrams</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.4 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; margin: 1rem 0 2rem; }
th, td { text-align: left; vertical-align: middle; padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid #8886; }
.formula { font-family: serif; font-size: 1.1em; white-space: nowrap; }
.meaning { min-width: 18em; max-width: 32em; }
code { font-size: 0.9em; }
td code { white-space: nowrap; }
tr.first td { border-top: 2px solid #888; }
</style>
</head>
<body>
"#;

/// The web page.
pub(crate) fn html(report: &Report) -> String {
    let mut out = String::from(HEAD);
    for predicted in &report.predictors {
        predictor(&mut out, predicted, &report.at);
    }
    for drawn in &report.grids {
        let caption = escape(&drawn.caption());
        let _ = writeln!(
            out,
            "<figure>\n{}<figcaption>{caption}</figcaption>\n</figure>",
            drawn.svg
        );
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn predictor(out: &mut String, predicted: &Predicted, at: &[(String, u64)]) {
    let _ = writeln!(
        out,
        "<h1>{}</h1>\n<p><code>{}</code></p>",
        escape(&predicted.name),
        escape(&predicted.declaration())
    );
    let own = at.iter().filter(|(size, _)| predicted.open.contains(size));
    let own: Vec<String> = own
        .map(|(size, value)| format!("{size} = {value}"))
        .collect();
    if !own.is_empty() {
        let _ = writeln!(out, "<p>Numbers at {}</p>", escape(&own.join(", ")));
    }
    let numbers = predicted.values.iter().any(|value| value.at.is_some());
    let pictured = predicted.pictured();
    table(out, pictured, numbers, true);
    if !predicted.terms.is_empty() && !predicted.values.is_empty() {
        out.push_str("<h2>All terms together, by value</h2>\n");
        table(out, &predicted.values, numbers, false);
    }
}

fn table(out: &mut String, entries: &[Entry], numbers: bool, pictures: bool) {
    out.push_str("<table>\n<tr>");
    if pictures {
        out.push_str("<th>picture</th>");
    }
    out.push_str("<th>diagram</th><th>value</th><th>coefficient</th>");
    if numbers {
        out.push_str("<th>exact</th><th>float</th>");
    }
    if pictures {
        out.push_str("<th>meaning</th>");
    }
    out.push_str("</tr>\n");
    let mut before: Option<&Entry> = None;
    for entry in entries {
        // There is a line between orders.
        let first = before.is_some_and(|before| before.order != entry.order);
        out.push_str(if first {
            "<tr class=\"first\">"
        } else {
            "<tr>"
        });
        before = Some(entry);
        if pictures {
            let _ = write!(out, "<td>{}</td>", entry.sketch.svg());
        }
        let name = entry
            .name
            .as_deref()
            .map(|name| format!("{}<br>", escape(name)));
        let _ = write!(
            out,
            "<td>{}<code>{}</code></td><td class=\"formula\">{}</td><td class=\"formula\">{}</td>",
            name.unwrap_or_default(),
            entry.diagram,
            formula(&entry.value.text),
            formula(&entry.coefficient.text)
        );
        if numbers {
            let at = entry.at.as_ref();
            let exact = at.map(|number| number.exact.clone()).unwrap_or_default();
            let float = at
                .map(|number| number.float.to_string())
                .unwrap_or_default();
            let _ = write!(out, "<td>{exact}</td><td>{float}</td>");
        }
        if pictures {
            let meaning = escape(entry.meaning.as_deref().unwrap_or_default());
            let _ = write!(out, "<td class=\"meaning\">{meaning}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table>\n");
}

/// A formula as HTML: a letter after `_` becomes a subscript, and digits after `^` a superscript.
fn formula(text: &str) -> String {
    let characters: Vec<char> = escape(text).replace('-', "−").chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while at < characters.len() {
        let letter_ends = |end: usize| !characters.get(end).is_some_and(|c| c.is_alphanumeric());
        match (characters[at], characters.get(at + 1)) {
            ('_', Some(index)) if letter_ends(at + 2) => {
                let _ = write!(out, "<sub>{index}</sub>");
                at += 2;
            }
            ('^', Some(_)) => {
                let digits = characters[at + 1..].iter();
                let power: String = digits.take_while(|c| c.is_ascii_digit()).collect();
                let _ = write!(out, "<sup>{power}</sup>");
                at += 1 + power.len();
            }
            (character, _) => {
                out.push(character);
                at += 1;
            }
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
