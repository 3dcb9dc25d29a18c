//! All that is wrong with a declaration, said at once.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Error;

/// Collects errors; must be read before it is dropped.
#[derive(Default)]
pub(crate) struct Report {
    errors: Vec<Error>,
    read: bool,
}

impl Report {
    /// Something is wrong at these tokens; `help` says what to do about it.
    pub(crate) fn error(
        &mut self,
        tokens: impl ToTokens,
        message: impl std::fmt::Display,
        help: impl std::fmt::Display,
    ) {
        self.errors.push(error(tokens, message, help));
    }

    /// Another place that belongs to the last error.
    pub(crate) fn also(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.errors.push(Error::new_spanned(tokens, message));
    }

    /// An error that was made elsewhere.
    pub(crate) fn push(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// The number of errors so far.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// A `compile_error!` for each.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        self.read = true;
        self.errors.iter().map(Error::to_compile_error).collect()
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if !self.read && !std::thread::panicking() {
            debug_assert!(self.errors.is_empty(), "errors that nobody read");
        }
    }
}

/// An error at these tokens.
pub(crate) fn error(
    tokens: impl ToTokens,
    message: impl std::fmt::Display,
    help: impl std::fmt::Display,
) -> Error {
    Error::new_spanned(tokens, format!("{message}\n\nhelp: {help}"))
}
