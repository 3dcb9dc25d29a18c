//! The report as a LaTeX document: a table of terms and one of values for each predictor, then the grids.

use std::fmt::Write as _;

use super::super::report::{Entry, Predicted, Report};

/// The beginning of the document.
const PREAMBLE: &str = r"\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[landscape, margin=1.5cm]{geometry}
\usepackage{amssymb}
\usepackage{array}
\usepackage{longtable}
\usepackage{tikz}
\begin{document}
\raggedright
";

/// The document.
pub(crate) fn latex(report: &Report) -> String {
    let mut out = String::from(PREAMBLE);
    for predicted in &report.predictors {
        let _ = writeln!(out, "\\section*{{{}}}", escape(&predicted.name));
        let _ = writeln!(out, "\\texttt{{{}}}\n", escape(&predicted.declaration()));
        if !predicted.terms.is_empty() {
            terms(&mut out, predicted);
        }
        if !predicted.values.is_empty() {
            let _ = writeln!(out, "All terms together, by value:\n");
            values(&mut out, predicted);
        }
    }
    for drawn in &report.grids {
        let _ = writeln!(
            out,
            "\\bigskip\n{}.\\\\\n{}",
            escape(&drawn.caption()),
            drawn.tikz
        );
    }
    if !report.at.is_empty() {
        let sizes = report
            .at
            .iter()
            .map(|(name, value)| format!("{name} = {value}"));
        let sizes: Vec<String> = sizes.collect();
        let _ = writeln!(out, "Numbers are at {}.", escape(&sizes.join(", ")));
    }
    out.push_str("\\end{document}\n");
    out
}

fn terms(out: &mut String, predicted: &Predicted) {
    out.push_str("\\begin{longtable}{m{4.5cm} >{\\raggedright}m{7cm} >{\\raggedright}m{3.5cm} >{\\raggedright\\arraybackslash}m{7.5cm}}\n");
    out.push_str("diagram & value & coefficient & meaning \\\\ \\hline \\endhead\n");
    for term in &predicted.terms {
        let name = term
            .name
            .as_deref()
            .map(|name| format!("{} ", escape(name)));
        let meaning = term.meaning.as_deref().unwrap_or_default();
        let _ = writeln!(
            out,
            "{}\n{}\\texttt{{{}}} & ${}$ & {} & {} \\\\",
            term.sketch.tikz(),
            name.unwrap_or_default(),
            term.diagram,
            term.value.latex,
            coefficient(term),
            escape(meaning)
        );
    }
    out.push_str("\\end{longtable}\n");
}

fn values(out: &mut String, predicted: &Predicted) {
    out.push_str(
        "\\begin{longtable}{>{\\raggedright}m{10cm} >{\\raggedright\\arraybackslash}m{10cm}}\n",
    );
    out.push_str("value & coefficient \\\\ \\hline \\endhead\n");
    for value in &predicted.values {
        let _ = writeln!(out, "${}$ & {} \\\\", value.value.latex, coefficient(value));
    }
    out.push_str("\\end{longtable}\n");
}

/// The coefficient, and its value at the given sizes if that is a different text.
fn coefficient(entry: &Entry) -> String {
    let symbolic = &entry.coefficient.latex;
    match &entry.at {
        Some(number) if number.exact != entry.coefficient.text => {
            format!("${symbolic} = {}$", number.exact)
        }
        _ => format!("${symbolic}$"),
    }
}

/// A text with the characters escaped that have a meaning in LaTeX.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out
}
