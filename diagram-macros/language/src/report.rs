//! All that is wrong with a declaration, said at once.

use std::collections::BTreeSet;

use proc_macro2::{Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Error, Ident};

/// Collects errors; must be read before it is dropped.
#[derive(Default)]
pub struct Report {
    errors: Vec<Error>,
    warnings: Vec<(Ident, String)>,
    /// Names of items of which nobody knows what they are: uses of them are no errors.
    suspects: BTreeSet<String>,
    read: bool,
}

impl Report {
    /// One whose errors nobody is to read.
    pub(crate) fn silent() -> Self {
        let mut report = Report::default();
        report.read = true;
        report
    }

    /// Something is wrong at these tokens; `help` says what to do about it.
    pub fn error(
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

    /// An item of this name was meant to be something, but it cannot be told what.
    pub(crate) fn suspect(&mut self, name: &Ident) {
        self.suspects.insert(name.to_string());
    }

    /// Whether an item of this name may have been declared.
    pub(crate) fn is_suspect(&self, name: &Ident) -> bool {
        self.suspects.contains(&name.to_string())
    }

    /// The number of errors so far.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// Nothing is wrong, but something may not be what was meant.
    pub(crate) fn warning(&mut self, name: &Ident, message: impl std::fmt::Display) {
        self.warnings.push((name.clone(), message.to_string()));
    }

    /// The errors.
    pub fn into_errors(mut self) -> Vec<Error> {
        self.read = true;
        std::mem::take(&mut self.errors)
    }

    /// A `compile_error!` for each error; for each warning the use of something deprecated, which is how stable Rust lets a macro warn.
    pub fn into_tokens(mut self) -> TokenStream {
        self.read = true;
        let errors = self.errors.iter().map(Error::to_compile_error);
        let warnings = self.warnings.iter().map(|(name, message)| {
            quote! {
                const _: () = {
                    #[deprecated(note = #message)]
                    #[allow(non_upper_case_globals, dead_code)]
                    const #name: () = ();
                    #[allow(unused)]
                    const _: () = #name;
                };
            }
        });
        errors.chain(warnings).collect()
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

/// Something to report an error at, where only the place is left.
pub(crate) fn at(span: Span) -> TokenTree {
    let mut token = Punct::new('|', Spacing::Alone);
    token.set_span(span);
    token.into()
}
