//! `pub predictor NAME: test_loss in SPACETIME = all(edges <= 3);`, or `predictor NAME = A - B;`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Ident, Result, Token};

use super::combination::{self, Summand};
use super::set::{self, Set};
use super::{Head, equals, expected, words};

const HELP: &str = "a predictor is `predictor NAME: MEASURE in SPACETIME = SET;`, or a sum of others: `predictor NAME = A - 1/2 * B;`";

pub(crate) struct PredictorItem {
    pub(crate) head: Head,
    pub(crate) body: Body,
    /// What follows the name.
    pub(crate) source: TokenStream,
}

pub(crate) enum Body {
    /// `: MEASURE in SPACETIME = SET`
    Expansion {
        measure: Ident,
        spacetime: Ident,
        set: Set,
    },
    /// `= A - 1/2 * B`
    Combination(Vec<Summand>),
}

pub(super) fn parse(input: ParseStream<'_>, head: Head) -> Result<PredictorItem> {
    let source = rest(input);
    let body = if input.peek(Token![=]) {
        equals(input, HELP)?;
        Body::Combination(combination::parse(input)?)
    } else {
        expansion(input)?
    };
    Ok(PredictorItem { head, body, source })
}

fn expansion(input: ParseStream<'_>) -> Result<Body> {
    if input.parse::<Token![:]>().is_err() {
        return Err(expected(input, "`:` and a measure", HELP));
    }
    let measure = input
        .parse()
        .map_err(|_| expected(input, "a measure", HELP))?;
    words::word(input, "in", "`in` and a spacetime", HELP)?;
    let spacetime = input
        .parse()
        .map_err(|_| expected(input, "the name of a spacetime", HELP))?;
    equals(input, HELP)?;
    let set = set::parse(input)?;
    Ok(Body::Expansion {
        measure,
        spacetime,
        set,
    })
}

/// The tokens up to the next `;`.
fn rest(input: ParseStream<'_>) -> TokenStream {
    let ahead = input.fork();
    let mut tokens = TokenStream::new();
    while !ahead.is_empty() && !ahead.peek(Token![;]) {
        tokens.extend(ahead.parse::<TokenTree>().map(TokenTree::into_token_stream));
    }
    tokens
}
