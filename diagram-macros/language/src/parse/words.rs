//! The words of the language, with help for misspellings.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Result};

use super::tokens::expected;
use crate::names::nearest;

/// The word before a predictor's set whose diagrams are terms of the re-summed measure.
pub(super) const RESUMMED: &str = "resummed";

/// Parses a given word. The error says that `what` was expected, or suggests the word if the next word is a misspelling of it.
pub(super) fn word(input: ParseStream<'_>, word: &str, what: &str, help: &str) -> Result<()> {
    let found = input.fork().call(Ident::parse_any).ok();
    if found.as_ref().is_some_and(|found| found == word) {
        input.call(Ident::parse_any)?;
        return Ok(());
    }
    Err(misspelt(input, &[word]).unwrap_or_else(|| expected(input, what, help)))
}

/// An error if the next word is a misspelling of one of these.
pub(super) fn misspelt(input: ParseStream<'_>, words: &[&str]) -> Option<syn::Error> {
    let found = input.fork().call(Ident::parse_any).ok()?;
    let meant = nearest(&found.to_string(), words)?;
    let message = format!("expected `{meant}`, found `{found}`");
    let help = format!("did you mean `{meant}`?");
    Some(crate::report::error(found, message, help))
}
