//! The collection of all errors and warnings of a declaration.

use std::collections::BTreeSet;

use proc_macro2::{Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Error, Ident};

/// A collection of errors and warnings. In debug builds it panics if it is dropped with errors that have not been read.
#[derive(Default)]
pub struct Report {
    errors: Vec<Error>,
    /// Code of which the compiler warns.
    warnings: TokenStream,
    /// The names of items of unknown kind. Uses of these names are not reported as errors.
    suspects: BTreeSet<String>,
    read: bool,
}

impl Report {
    /// A report whose errors are discarded.
    pub(crate) fn silent() -> Self {
        let mut report = Report::default();
        report.read = true;
        report
    }

    /// Adds an error at these tokens. `help` says how to correct it.
    pub fn error(
        &mut self,
        tokens: impl ToTokens,
        message: impl std::fmt::Display,
        help: impl std::fmt::Display,
    ) {
        self.errors.push(error(tokens, message, help));
    }

    /// Adds a second place that belongs to the last error.
    pub(crate) fn also(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.errors.push(Error::new_spanned(tokens, message));
    }

    /// Adds an error.
    pub(crate) fn push(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// Notes that there is an item of this name whose kind is unknown.
    pub(crate) fn suspect(&mut self, name: &Ident) {
        self.suspects.insert(name.to_string());
    }

    /// Whether there is an item of this name whose kind is unknown.
    pub(crate) fn is_suspect(&self, name: &Ident) -> bool {
        self.suspects.contains(&name.to_string())
    }

    /// The number of errors so far.
    pub(crate) fn len(&self) -> usize {
        self.errors.len()
    }

    /// Adds a warning that this item is never used: that of the compiler about a constant of its name.
    pub(crate) fn unused(&mut self, name: &Ident) {
        let raw = Ident::new_raw(&name.to_string(), name.span());
        // The compiler warns of constants whose every word is at a place of the user.
        let constant = quote_spanned!(name.span()=> const #raw: () = (););
        self.warnings.extend(quote! {
            const _: () = {
                #[allow(non_upper_case_globals)]
                #constant
            };
        });
    }

    /// Adds a warning about this name at this place: that of the compiler about a value that must be used and is not, which has words of our own.
    pub(crate) fn warning(&mut self, name: &str, place: Span, message: impl std::fmt::Display) {
        let raw = Ident::new_raw(name, place);
        let message = message.to_string();
        // Alone, and not in a tuple, the compiler would give a help with text that does not fit.
        let value = quote_spanned!(place=> #raw {});
        self.warnings.extend(quote! {
            const _: () = {
                #[must_use = #message]
                #[allow(non_camel_case_types)]
                struct #raw {}
                (#value,);
            };
        });
    }

    /// The errors, in the order in which they were added.
    pub fn into_errors(mut self) -> Vec<Error> {
        self.read = true;
        std::mem::take(&mut self.errors)
    }

    /// Code that makes the compiler report everything: a `compile_error!` for each error, and code that it warns of, since macros cannot emit warnings in
    /// stable Rust.
    pub fn into_tokens(mut self) -> TokenStream {
        self.read = true;
        let errors = self.errors.iter().map(Error::to_compile_error);
        let mut code: TokenStream = errors.collect();
        code.extend(std::mem::take(&mut self.warnings));
        code
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        if !self.read && !std::thread::panicking() {
            debug_assert!(self.errors.is_empty(), "errors that nobody read");
        }
    }
}

/// An error at these tokens, with a help that says how to correct it.
pub(crate) fn error(
    tokens: impl ToTokens,
    message: impl std::fmt::Display,
    help: impl std::fmt::Display,
) -> Error {
    with_help(tokens.into_token_stream(), &message, &help)
}

/// The same, compiled once for all kinds of tokens and texts.
fn with_help(
    tokens: TokenStream,
    message: &dyn std::fmt::Display,
    help: &dyn std::fmt::Display,
) -> Error {
    Error::new_spanned(tokens, format!("{message}\n\nhelp: {help}"))
}

/// A token at this place, at which an error can be reported.
pub(crate) fn at(span: Span) -> TokenTree {
    let mut token = Punct::new('|', Spacing::Alone);
    token.set_span(span);
    token.into()
}
