//! Reading of declarations as text, at run time.

use std::fmt;
use std::str::FromStr;

use proc_macro2::TokenStream;

use crate::model::Model;
use crate::report::Report;

/// An error in the text of a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The number of the line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// How to correct it; empty for a second place that belongs to the preceding mistake.
    pub help: String,
    /// The text of the line.
    pub source: String,
}

/// Writes the mistake in the form of a compiler error, with the line and a mark below the column.
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let margin = self.line.to_string().len();
        let indent: String = self
            .source
            .chars()
            .take(self.column - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        writeln!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        writeln!(f, "{:margin$} |", "")?;
        writeln!(f, "{} | {}", self.line, self.source)?;
        write!(f, "{:margin$} | {indent}^", "")?;
        if !self.help.is_empty() {
            write!(f, "\n{:margin$} = help: {}", "", self.help)?;
        }
        Ok(())
    }
}

/// All errors in the text of a declaration, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<Mistake>);

/// Reads a declaration in the language of `diagrams!`.
///
/// # Errors
/// [`Mistakes`]: all errors, with line and column.
///
/// ```
/// let model = diagram_language::parse_text(
///     "spacetime One = sgd(train: N, batch: 1, epochs: 1);
///      predictor Vanilla: test_loss in One = all(edges <= 2) where trees;",
/// )?;
/// let content = model.predictors[0].content.as_ref().expect("nothing is wrong");
/// assert_eq!(content.terms.len(), 4);
///
/// let wrong = diagram_language::parse_text("spacetime One = sdg(train: N, batch: 1, epochs: 1);");
/// assert_eq!(wrong.unwrap_err().0[0].help, "did you mean `sgd`?");
/// # Ok::<(), diagram_language::Mistakes>(())
/// ```
pub fn parse_text(text: &str) -> Result<Model, Mistakes> {
    let line = |number: usize| text.lines().nth(number - 1).unwrap_or_default().to_string();
    let tokens = TokenStream::from_str(text).map_err(|error| {
        let start = error.span().start();
        let line_number = start.line.max(1);
        Mistakes(vec![Mistake {
            line: line_number,
            column: start.column + 1,
            message: "this cannot be split into words".into(),
            help: "close every bracket and every string".into(),
            source: line(line_number),
        }])
    })?;
    let mut report = Report::default();
    let model = crate::read(tokens, &mut report);
    let mut mistakes: Vec<Mistake> = report
        .into_errors()
        .iter()
        .map(|error| {
            let start = error.span().start();
            let text = error.to_string();
            let (message, help) = text.split_once("\n\nhelp: ").unwrap_or((&text, ""));
            let line_number = start.line.max(1);
            Mistake {
                line: line_number,
                column: start.column + 1,
                message: message.into(),
                help: help.into(),
                source: line(line_number),
            }
        })
        .collect();
    if mistakes.is_empty() {
        return Ok(model);
    }
    // Second places stay behind the mistake to which they belong.
    let mut groups: Vec<Vec<Mistake>> = vec![];
    for mistake in mistakes.drain(..) {
        match groups.last_mut() {
            Some(group) if mistake.help.is_empty() => group.push(mistake),
            _ => groups.push(vec![mistake]),
        }
    }
    groups.sort_by_key(|group| (group[0].line, group[0].column));
    Err(Mistakes(groups.into_iter().flatten().collect()))
}
