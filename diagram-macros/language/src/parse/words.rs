//! The words of the language, and what people write instead.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Result};

use super::expected;
use crate::names::nearest;

/// The word before a predictor's set whose diagrams are terms of the re-summed measure.
pub(super) const RESUMMED: &str = "resummed";

/// A word that must stand here, `what` and all. A word that is nearly it is told so.
pub(super) fn word(input: ParseStream<'_>, word: &str, what: &str, help: &str) -> Result<()> {
    let found = input.fork().call(Ident::parse_any).ok();
    if found.as_ref().is_some_and(|found| found == word) {
        input.call(Ident::parse_any)?;
        return Ok(());
    }
    Err(misspelt(input, &[word]).unwrap_or_else(|| expected(input, what, help)))
}

/// An error if the next word is nearly one of these.
pub(super) fn misspelt(input: ParseStream<'_>, words: &[&str]) -> Option<syn::Error> {
    let found = input.fork().call(Ident::parse_any).ok()?;
    let meant = nearest(&found.to_string(), words)?;
    let message = format!("expected `{meant}`, found `{found}`");
    let help = format!("did you mean `{meant}`?");
    Some(crate::report::error(found, message, help))
}
