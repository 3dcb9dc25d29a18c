//! `pub predictor NAME: test_loss in SPACETIME = all(edges <= 3);`, or `= { diagram, diagram };`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Ident, LitInt, Result, Token, braced, parenthesized, token};

use super::{equals, expected, list, within};

const HELP: &str = "a predictor is `predictor NAME: MEASURE in SPACETIME = SET;`";
const SET_HELP: &str =
    "a set is `all(edges <= 3)`, `all(edges == 3)` or a list of declared diagrams `{ a, b }`";

/// Doc comments, visibility and name of an item.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) attributes: TokenStream,
    pub(crate) visibility: TokenStream,
    pub(crate) name: Ident,
}

pub(crate) struct PredictorItem {
    pub(crate) head: Head,
    pub(crate) measure: Ident,
    pub(crate) spacetime: Ident,
    pub(crate) set: Set,
}

pub(crate) enum Set {
    /// `all(edges <= 3)`, `all(edges == 3)`, with an optional `limit: 100_000`.
    All {
        bound: Bound,
        edges: LitInt,
        limit: Option<LitInt>,
        tokens: TokenStream,
    },
    /// `{ a, b }`
    List {
        diagrams: Vec<Ident>,
        tokens: TokenStream,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    UpTo,
    Exactly,
}

pub(super) fn parse(input: ParseStream<'_>, head: Head) -> Result<PredictorItem> {
    if input.parse::<Token![:]>().is_err() {
        return Err(expected(input, "`:` and a measure", HELP));
    }
    let measure = input
        .parse()
        .map_err(|_| expected(input, "a measure", HELP))?;
    if input.parse::<Token![in]>().is_err() {
        return Err(expected(input, "`in` and a spacetime", HELP));
    }
    let spacetime = input
        .parse()
        .map_err(|_| expected(input, "the name of a spacetime", HELP))?;
    equals(input, HELP)?;
    let set = set(input)?;
    Ok(PredictorItem {
        head,
        measure,
        spacetime,
        set,
    })
}

fn set(input: ParseStream<'_>) -> Result<Set> {
    if input.peek(token::Brace) {
        let tokens: TokenTree = input.fork().parse()?;
        return listed(input, tokens.into_token_stream());
    }
    let word: Ident = input
        .parse()
        .map_err(|_| expected(input, "a set of diagrams", SET_HELP))?;
    if word == "resummed" {
        return Err(crate::report::error(
            &word,
            "`resummed` is reserved for re-summed predictors, which are not there yet",
            "leave it out: `{ … }` is the power series in η",
        ));
    }
    if word != "all" {
        return Err(crate::report::error(
            &word,
            format!("unknown set `{word}`"),
            SET_HELP,
        ));
    }
    if !input.peek(token::Paren) {
        return Err(expected(input, "`(edges <= 3)`", SET_HELP));
    }
    let group: TokenTree = input.fork().parse()?;
    let inner;
    parenthesized!(inner in input);
    within(&inner, |inner| all(inner, quote::quote!(#word #group)))
}

fn all(input: ParseStream<'_>, tokens: TokenStream) -> Result<Set> {
    let quantity: Option<Ident> = input.fork().parse().ok();
    if quantity.is_none_or(|quantity| quantity != "edges") {
        return Err(expected(input, "`edges`", SET_HELP));
    }
    input.parse::<Ident>()?;
    let bound = if input.parse::<Token![<=]>().is_ok() {
        Bound::UpTo
    } else if input.parse::<Token![==]>().is_ok() {
        Bound::Exactly
    } else {
        return Err(expected(input, "`<=` or `==`", SET_HELP));
    };
    let edges = input
        .parse()
        .map_err(|_| expected(input, "a number of edges", SET_HELP))?;
    let limit = limit(input)?;
    if !input.is_empty() {
        return Err(expected(input, "`)`", SET_HELP));
    }
    Ok(Set::All {
        bound,
        edges,
        limit,
        tokens,
    })
}

/// `, limit: 100_000`
fn limit(input: ParseStream<'_>) -> Result<Option<LitInt>> {
    if input.parse::<Token![,]>().is_err() || input.is_empty() {
        return Ok(None);
    }
    let help = "`limit: 100_000` allows so many diagrams";
    let word: Option<Ident> = input.fork().parse().ok();
    if word.is_none_or(|word| word != "limit") {
        return Err(expected(input, "`limit`", help));
    }
    input.parse::<Ident>()?;
    if input.parse::<Token![:]>().is_err() {
        return Err(expected(input, "`:`", help));
    }
    input
        .parse()
        .map(Some)
        .map_err(|_| expected(input, "a number", help))
}

fn listed(input: ParseStream<'_>, tokens: TokenStream) -> Result<Set> {
    let inner;
    braced!(inner in input);
    let diagram = |input: ParseStream<'_>| {
        let help = "declare it first: `diagram NAME = …;`";
        input
            .parse()
            .map_err(|_| expected(input, "the name of a diagram", help))
    };
    let diagrams = within(&inner, |inner| list(inner, diagram))?;
    Ok(Set::List { diagrams, tokens })
}

/// Outer attributes, doc comments among them, as they stand.
pub(super) fn attributes(input: ParseStream<'_>) -> Result<TokenStream> {
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

/// Nothing, `pub`, or `pub(…)`.
pub(super) fn visibility(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    if input.peek(Token![pub]) {
        tokens.extend(input.parse::<TokenTree>().map(TokenTree::into_token_stream));
        if input.peek(token::Paren) {
            tokens.extend(input.parse::<TokenTree>().map(TokenTree::into_token_stream));
        }
    }
    tokens
}
