//! The language of `diagrams!`, from tokens to a checked model.
//!
//! The macro `diagrams!` reads declarations as tokens from the compiler, and [`parse_text`] reads them as text at run time; apart from the source of the
//! tokens, both work in the same way. There are three stages, each in the module of its name: `parse` turns tokens into items, `lower` resolves names and
//! finds which diagrams sets consist of, and `check` applies the rules of the language and makes the [`Model`]. After an error the stages continue with the
//! items that are not affected, so that all errors are reported together.
#![forbid(unsafe_code)]

mod check;
mod lower;
mod model;
mod names;
mod parse;
mod report;
mod text;

pub use model::{
    Content, DeclaredDiagram, DeclaredNetwork, DeclaredPredictor, DeclaredSpacetime,
    DeclaredTraining, Model, Optimized, OptimizedTerm, Resummed, ResummedTerm, SeriesTerm,
    SizeProduct, Sizes, SizesError,
};
pub use parse::Head;
pub use report::Report;
pub use text::{Mistake, Mistakes, parse_network, parse_text};

use proc_macro2::TokenStream;

/// Reads the text of a network, which is what a declaration has after `network NAME =`. The result is `None` if there are errors, which are added to the
/// report.
pub(crate) fn read_network(
    tokens: TokenStream,
    report: &mut Report,
) -> Option<diagram_networks::Network> {
    let stages = parse::parse_network(tokens, report);
    let is_parsed = report.len() == 0;
    let body = lower::network_body(stages, is_parsed, report);
    check::check_network(&body, report)
}

/// Reads a declaration. Errors are added to the report; the model has the items without errors, and the predictors with errors as empty declarations.
pub fn read(tokens: TokenStream, report: &mut Report) -> Model {
    let items = parse::parse(tokens, report);
    let lowered = lower::lower(items, report);
    check::check(lowered, report)
}
