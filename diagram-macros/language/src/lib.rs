//! The language of `diagrams!`, from tokens to a checked model.
//!
//! The macro of that name reads declarations as the compiler hands them over, [`parse_text`] reads them as text at run time: the tokens come from
//! two places, everything after that is the same. The way is the list of modules: `parse` reads items, `lower` looks names up and finds which
//! diagrams they name, `check` holds the rules that make a model of them or say what is wrong. Stages after an error go on with what is left.
#![forbid(unsafe_code)]

mod check;
mod lower;
mod model;
mod names;
mod parse;
mod report;
mod text;

pub use model::{
    Content, DeclaredDiagram, DeclaredPredictor, DeclaredSpacetime, Model, Resummed, ResummedTerm,
    SeriesTerm, SizeProduct, Sizes, SizesError,
};
pub use parse::Head;
pub use report::Report;
pub use text::{Mistake, Mistakes, parse_text};

use proc_macro2::TokenStream;

/// The model of a declaration; what is wrong is in the report, and the rest in the model all the same.
pub fn read(tokens: TokenStream, report: &mut Report) -> Model {
    let items = parse::parse(tokens, report);
    let lowered = lower::lower(items, report);
    check::check(lowered, report)
}
