//! Reading of declarations as text, at run time.

use std::fmt;
use std::str::FromStr;

use diagram_networks::Network;
use proc_macro2::{LineColumn, TokenStream};

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
    let mut report = Report::default();
    let model = crate::read(tokens(text)?, &mut report);
    let mistakes = mistakes(text, report);
    if mistakes.is_empty() {
        Ok(model)
    } else {
        Err(Mistakes(mistakes))
    }
}

/// Reads a network, as it is declared after `network NAME =`. The text of a network ([`Display`](fmt::Display)) is read as the same network.
///
/// # Errors
/// [`Mistakes`]: all errors, with line and column.
///
/// ```
/// let text = "input(2) -> dense(8) -> tanh -> dense(1) -> binary_logistic";
/// let network = diagram_language::parse_network(text)?;
/// assert_eq!(network.dimension(), 3 * 8 + 9);
/// assert_eq!(network.to_string(), text);
///
/// let wrong = diagram_language::parse_network("input(2) -> dense(8) -> relu -> dense(1) -> binary_logistic");
/// let mistake = &wrong.unwrap_err().0[0];
/// assert_eq!((mistake.line, mistake.column), (1, 25));
/// assert_eq!(mistake.help, "take `softplus` or `gelu`, which are smooth");
/// # Ok::<(), diagram_language::Mistakes>(())
/// ```
pub fn parse_network(text: &str) -> Result<Network, Mistakes> {
    let mut report = Report::default();
    let network = crate::read_network(tokens(text)?, &mut report);
    let mistakes = mistakes(text, report);
    match network {
        Some(network) if mistakes.is_empty() => Ok(network),
        _ => Err(Mistakes(mistakes)),
    }
}

fn tokens(text: &str) -> Result<TokenStream, Mistakes> {
    TokenStream::from_str(text).map_err(|error| {
        let message = "this cannot be split into words";
        let help = "close every bracket and every string";
        let start = error.span().start();
        Mistakes(vec![mistake(text, start, message, help)])
    })
}

fn mistake(text: &str, start: LineColumn, message: &str, help: &str) -> Mistake {
    let line = start.line.max(1);
    Mistake {
        line,
        column: start.column + 1,
        message: message.into(),
        help: help.into(),
        source: text.lines().nth(line - 1).unwrap_or_default().into(),
    }
}

/// The errors of a report in the order of the text.
fn mistakes(text: &str, report: Report) -> Vec<Mistake> {
    // Second places stay behind the mistake to which they belong.
    let mut groups: Vec<Vec<Mistake>> = vec![];
    for error in report.into_errors() {
        let words = error.to_string();
        let (message, help) = words.split_once("\n\nhelp: ").unwrap_or((&words, ""));
        let mistake = mistake(text, error.span().start(), message, help);
        match groups.last_mut() {
            Some(group) if help.is_empty() => group.push(mistake),
            _ => groups.push(vec![mistake]),
        }
    }
    groups.sort_by_key(|group| (group[0].line, group[0].column));
    groups.into_iter().flatten().collect()
}
