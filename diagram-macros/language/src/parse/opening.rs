//! The opening of an item: doc comments and attributes, visibility, keyword and name.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Ident, Result, Token, token};

use super::tokens::{expected, written_name};
use super::words::RESUMMED;
use crate::names::{nearest, suggestion};
use crate::report::Report;

const HELP: &str = "an item is `spacetime NAME = …;`, `diagram NAME = …;`, `set NAME = …;`, `predictor NAME: MEASURE in SPACETIME = …;` or `network NAME = input(…) -> …;`";

const KEYWORDS: [(&str, ItemKind); 5] = [
    ("spacetime", ItemKind::Spacetime),
    ("diagram", ItemKind::Diagram),
    ("set", ItemKind::Set),
    ("predictor", ItemKind::Predictor),
    ("network", ItemKind::Network),
];

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind {
    Spacetime,
    Diagram,
    Set,
    Predictor,
    Network,
}

/// The opening of an item.
#[derive(Clone)]
pub(crate) struct Opening {
    pub(crate) kind: ItemKind,
    pub(crate) head: Head,
    /// Whether the item is a re-summed predictor.
    pub(crate) is_resummed: bool,
}

/// Doc comments, visibility and name of an item.
#[derive(Clone, Debug)]
pub struct Head {
    /// The doc comments and other attributes.
    pub attributes: TokenStream,
    /// The visibility: no tokens, `pub` or `pub(…)`.
    pub visibility: TokenStream,
    /// The name, without the `r#` of a raw one.
    pub name: Ident,
    /// The name of the Rust item: as it is written.
    pub rust_name: Ident,
}

/// Parses the opening of an item. If the kind of the item is unknown, this is reported and the result is `None`.
pub(super) fn parse(input: ParseStream<'_>, report: &mut Report) -> Result<Option<Opening>> {
    let attributes = attributes(input)?;
    let visibility = visibility(input);
    let keyword: Ident = input.parse().map_err(|_| {
        expected(
            input,
            "`spacetime`, `diagram`, `set`, `predictor` or `network`",
            HELP,
        )
    })?;
    let kind = kind(&keyword, input, report);
    let help = "a name is letters, digits and `_`, and begins with no digit";
    let name = written_name(input, &format!("a name for this {keyword}"), help);
    let Some(kind) = kind else {
        if let Ok(name) = name {
            report.suspect(&name.unraw());
        }
        return Ok(None);
    };
    let rust_name = name?;
    if !matches!(kind, ItemKind::Predictor | ItemKind::Network) {
        no_rust_item(&keyword, &attributes, &visibility, report);
    }
    Ok(Some(Opening {
        kind,
        is_resummed: kind == ItemKind::Predictor && is_resummed(input),
        head: Head {
            attributes,
            visibility,
            name: rust_name.unraw(),
            rust_name,
        },
    }))
}

/// Whether the word `resummed` occurs in the item, before its `;` or, if that is missing, before the next item.
fn is_resummed(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while !ahead.is_empty() && !ahead.peek(Token![;]) && !is_next(&ahead) {
        match ahead.parse::<TokenTree>() {
            Ok(TokenTree::Ident(word)) if word == RESUMMED => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

/// Whether an item begins here.
pub(super) fn is_next(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if ahead.peek(Token![pub]) || ahead.peek(Token![#]) {
        return true;
    }
    let keyword: Option<Ident> = ahead.parse().ok();
    keyword.is_some_and(|keyword| {
        let kind = nearest_kind(&keyword);
        let named =
            ahead.parse::<Ident>().is_ok() && (ahead.peek(Token![=]) || ahead.peek(Token![:]));
        let exact = KEYWORDS.iter().any(|(name, _)| keyword == name);
        kind.is_some() && named || exact && ahead.fork().parse::<Ident>().is_ok()
    })
}

/// The kind of item that the keyword names. An unknown keyword is reported, and taken for the keyword of which it is likely a misspelling.
fn kind(keyword: &Ident, input: ParseStream<'_>, report: &mut Report) -> Option<ItemKind> {
    if let Some((_, kind)) = KEYWORDS.iter().find(|(name, _)| keyword == name) {
        return Some(*kind);
    }
    let help = if keyword == RESUMMED {
        "the word stands before a set: `predictor NAME: MEASURE in SPACETIME = resummed SET;`"
            .into()
    } else if input.peek(Token![=]) || input.peek(Token![:]) {
        // `One = sgd(…);`
        format!("say what `{keyword}` is; {HELP}")
    } else {
        suggestion(&keyword.to_string(), &KEYWORDS.map(|(name, _)| name))
    };
    report.error(keyword, format!("unknown item `{keyword}`"), help);
    if input.peek(Token![=]) || input.peek(Token![:]) {
        report.suspect(keyword);
    }
    nearest_kind(keyword)
}

/// The kind of the keyword of which a word is likely a misspelling.
fn nearest_kind(keyword: &Ident) -> Option<ItemKind> {
    let meant = nearest(&keyword.to_string(), &KEYWORDS.map(|(name, _)| name))?;
    let found = KEYWORDS.iter().find(|(name, _)| *name == meant);
    found.map(|(_, kind)| *kind)
}

/// Reports attributes and visibility of an item that does not become a Rust item.
fn no_rust_item(
    keyword: &Ident,
    attributes: &TokenStream,
    visibility: &TokenStream,
    report: &mut Report,
) {
    if !visibility.is_empty() {
        let message = format!("a {keyword} has no visibility");
        let help = "only predictors and networks become Rust items; remove `pub`";
        report.error(visibility, message, help);
    }
    if !attributes.is_empty() {
        let message = format!("a {keyword} has no attributes");
        let help = "only predictors and networks become Rust items; use an ordinary comment `//`";
        report.error(attributes, message, help);
    }
}

/// Parses outer attributes, including doc comments, as tokens.
fn attributes(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while input.peek(Token![#]) {
        tokens.extend(input.parse::<TokenTree>().map(TokenTree::into_token_stream));
        if !input.peek(token::Bracket) {
            return Err(expected(input, "`[`", "attributes are `#[…]`"));
        }
        tokens.extend(input.parse::<TokenTree>().map(TokenTree::into_token_stream));
    }
    Ok(tokens)
}

/// Parses a visibility, which may be empty, as tokens.
fn visibility(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    if input.peek(Token![pub]) {
        tokens.extend(input.parse::<TokenTree>().map(TokenTree::into_token_stream));
        if input.peek(token::Paren) {
            tokens.extend(input.parse::<TokenTree>().map(TokenTree::into_token_stream));
        }
    }
    tokens
}
