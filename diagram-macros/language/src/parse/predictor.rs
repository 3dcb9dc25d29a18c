//! Predictors, such as `pub predictor NAME: test_loss in SPACETIME = all(edges <= 3);`, which may have `resummed` before the set, or
//! `predictor NAME = A - B;`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Ident, Result, Token, token};

use super::Opening;
use super::combination::{self, Summand};
use super::set::{self, SetExpression};
use super::tokens::{equals, expected, name};
use super::words::{self, RESUMMED};

const HELP: &str = "a predictor is `predictor NAME: MEASURE in SPACETIME = SET;`, or `= resummed SET;`, or a sum of others: `predictor NAME = A - 1/2 * B;`";

/// A declared predictor.
pub(crate) struct PredictorItem {
    pub(crate) opening: Opening,
    pub(crate) body: Body,
    /// The tokens after the name.
    pub(crate) source: TokenStream,
}

/// What a predictor predicts.
pub(crate) enum Body {
    /// An expansion `: MEASURE in SPACETIME = SET`. The opening of the item says whether it is re-summed.
    Expansion {
        measure: Ident,
        spacetime: Ident,
        set: SetExpression,
    },
    /// A linear combination of predictors, `= A - 1/2 * B`.
    Combination(Vec<Summand>),
}

pub(super) fn parse(input: ParseStream<'_>, opening: &Opening) -> Result<PredictorItem> {
    let source = rest(input);
    let body = if input.peek(Token![=]) {
        equals(input, HELP)?;
        Body::Combination(combination::parse(input)?)
    } else {
        expansion(input)?
    };
    Ok(PredictorItem {
        opening: opening.clone(),
        body,
        source,
    })
}

/// Parses an expansion from the `:` on.
fn expansion(input: ParseStream<'_>) -> Result<Body> {
    if input.parse::<Token![:]>().is_err() {
        return Err(expected(input, "`:` and a measure", HELP));
    }
    let measure = input
        .parse()
        .map_err(|_| expected(input, "a measure", HELP))?;
    words::word(input, "in", "`in` and a spacetime", HELP)?;
    let spacetime = name(input, "the name of a spacetime", HELP)?;
    equals(input, HELP)?;
    resummed(input)?;
    let set = set::parse(input)?;
    Ok(Body::Expansion {
        measure,
        spacetime,
        set,
    })
}

/// Parses the word `resummed` if it is there.
fn resummed(input: ParseStream<'_>) -> Result<()> {
    let ahead = input.fork();
    let Ok(word) = ahead.parse::<Ident>() else {
        return Ok(());
    };
    if word == RESUMMED {
        input.parse::<Ident>()?;
        return Ok(());
    }
    let before_a_set = ahead.peek(Ident) || ahead.peek(token::Brace) || ahead.peek(token::Paren);
    match words::misspelt(input, &[RESUMMED]) {
        Some(error) if before_a_set => Err(error),
        _ => Ok(()),
    }
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
