//! The report as text for a terminal: each diagram is drawn beside its value, coefficient and meaning; then the sums by value follow in columns.

use std::fmt::Write as _;

use super::super::report::{Entry, Number, Predicted, Report};

/// The text.
pub(crate) fn text(report: &Report) -> String {
    let mut out = String::new();
    for predicted in &report.predictors {
        predictor(&mut out, predicted, &report.at);
    }
    for drawn in &report.grids {
        let _ = writeln!(out, "{}", drawn.in_letters());
    }
    out
}

fn predictor(out: &mut String, predicted: &Predicted, at: &[(String, u64)]) {
    let _ = writeln!(out, "{}", predicted.declaration());
    let measure = predicted.measure.as_deref().unwrap_or("sum of measures");
    let _ = write!(
        out,
        "{measure} up to η^{}; {}",
        predicted.order,
        count(predicted.terms.len(), "term"),
    );
    if !predicted.values.is_empty() {
        let _ = write!(out, ", {}", count(predicted.values.len(), "value"));
    }
    if !predicted.open.is_empty() {
        let _ = write!(out, "; open: {}", predicted.open.join(", "));
    }
    for (size, value) in at {
        if predicted.open.contains(size) {
            let _ = write!(out, "; {size} = {value}");
        }
    }
    out.push_str("\n\n");
    terms(out, &predicted.terms);
    if !predicted.values.is_empty() {
        out.push_str("all terms together, by value:\n");
        values(out, &predicted.values);
        out.push('\n');
    }
}

fn terms(out: &mut String, terms: &[Entry]) {
    let width = terms
        .iter()
        .flat_map(|term| term.drawing.lines())
        .map(length)
        .max();
    let width = width.unwrap_or(0);
    for (at, term) in terms.iter().enumerate() {
        let number = at + 1;
        let name = term.name.iter().map(|name| format!("  {name}"));
        let facts = [
            format!("{}{}", term.diagram, name.collect::<String>()),
            format!("value        {}", term.value.text),
            format!("coefficient  {}", coefficient(term)),
        ];
        let facts = facts.into_iter().chain(term.meaning.clone());
        let facts: Vec<String> = facts.collect();
        let drawing: Vec<&str> = term.drawing.lines().collect();
        for line in 0..drawing.len().max(facts.len()) {
            let margin = if line == 0 {
                number.to_string()
            } else {
                String::new()
            };
            let drawn = drawing.get(line).copied().unwrap_or("");
            let padding = " ".repeat(width - length(drawn));
            let fact = facts.get(line).map_or("", |fact| &fact[..]);
            let _ = writeln!(
                out,
                "{}",
                format!("{margin:>4}  {drawn}{padding}   {fact}").trim_end()
            );
        }
        out.push('\n');
    }
}

fn values(out: &mut String, values: &[Entry]) {
    let rows: Vec<[String; 3]> = values
        .iter()
        .map(|value| {
            [
                value.diagram.clone(),
                value.value.text.clone(),
                coefficient(value),
            ]
        })
        .collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| length(&row[column]))
            .max()
            .unwrap_or(0)
    };
    let (class, value) = (width(0), width(1));
    for [a, b, c] in &rows {
        let _ = writeln!(
            out,
            "  {a}{}  {b}{}  {c}",
            " ".repeat(class - length(a)),
            " ".repeat(value - length(b))
        );
    }
}

/// The coefficient, and its exact value at the given sizes, with the nearest float if it is a fraction.
fn coefficient(entry: &Entry) -> String {
    let symbolic = &entry.coefficient.text;
    let Some(Number { exact, float }) = &entry.at else {
        return symbolic.clone();
    };
    let equals = if exact == symbolic {
        String::new()
    } else {
        format!(" = {exact}")
    };
    let about = if exact.contains('/') {
        format!(" ≈ {float}")
    } else {
        String::new()
    };
    format!("{symbolic}{equals}{about}")
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn length(text: &str) -> usize {
    text.chars().count()
}
