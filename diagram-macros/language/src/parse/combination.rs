//! Linear combinations of predictors, such as `Sgd - 1/2 * Gd`.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitFloat, LitInt, Result, Token};

use super::tokens::{expected, written_name};
use super::words::RESUMMED;

const HELP: &str = "a sum of predictors is `A - B`, or with numbers `2 * A - 1/3 * B`";

/// A predictor in a sum, with its sign and its factor.
pub(crate) struct Summand {
    pub(crate) negative: bool,
    pub(crate) number: Option<FactorExpression>,
    pub(crate) name: Ident,
}

/// A factor, such as `2` or `1/3`.
pub(crate) struct FactorExpression {
    pub(crate) numerator: LitInt,
    pub(crate) denominator: Option<LitInt>,
}

pub(super) fn parse(input: ParseStream<'_>) -> Result<Vec<Summand>> {
    let mut summands = vec![];
    let mut negative = input.parse::<Token![-]>().is_ok();
    loop {
        summands.push(summand(input, negative)?);
        negative = if input.parse::<Token![+]>().is_ok() {
            false
        } else if input.parse::<Token![-]>().is_ok() {
            true
        } else {
            return Ok(summands);
        };
    }
}

fn summand(input: ParseStream<'_>, negative: bool) -> Result<Summand> {
    let number = input.peek(LitInt).then(|| number(input)).transpose()?;
    let name = written_name(input, "the name of a predictor", help(input))?;
    if name == RESUMMED {
        let message = "`resummed` says how a predictor reads a set of diagrams; sums have none";
        let help = "give it a measure and a spacetime: `predictor NAME: MEASURE in SPACETIME = resummed SET;`";
        return Err(crate::report::error(&name, message, help));
    }
    if input.peek(Token![*]) || input.peek(Token![/]) {
        return Err(symbol_as_factor(input, &name));
    }
    if input.peek(Token![in]) {
        let help = "a measure comes after a colon: `predictor NAME: MEASURE in SPACETIME = SET;`";
        return Err(expected(input, "`+`, `-` or `;`", help));
    }
    Ok(Summand {
        negative,
        number,
        name: name.unraw(),
    })
}

/// The help for a missing name.
fn help(input: ParseStream<'_>) -> &'static str {
    if input.peek(LitFloat) {
        "numbers are exact: write `1/2 * A` for `0.5 * A`"
    } else {
        HELP
    }
}

/// An error for a product such as `N * A`, `A * 2` or `A / 2`.
fn symbol_as_factor(input: ParseStream<'_>, name: &Ident) -> Error {
    let ahead = input.fork();
    let divided = ahead.peek(Token![/]);
    let mut tokens = name.to_token_stream();
    for _ in 0..2 {
        tokens.extend(ahead.parse::<TokenTree>().map(TokenTree::into_token_stream));
        if ahead.peek(LitInt) {
            let number = if divided { "1/2" } else { "2" };
            let help = format!("numbers come first: `{number} * {name}`");
            return expected(input, "`+`, `-` or `;`", &help);
        }
    }
    let message = "a predictor is multiplied by a number, not by a symbol or a predictor";
    let help = "symbols belong into the sizes of a spacetime, where products are allowed: `gd(train: N, steps: N * M)`";
    crate::report::error(tokens, message, help)
}

fn number(input: ParseStream<'_>) -> Result<FactorExpression> {
    let numerator = input.parse()?;
    let denominator = if input.parse::<Token![/]>().is_ok() {
        let whole = input.parse();
        Some(whole.map_err(|_| expected(input, "a whole number", HELP))?)
    } else {
        None
    };
    if input.parse::<Token![*]>().is_err() {
        return Err(expected(input, "`*` and a predictor", HELP));
    }
    Ok(FactorExpression {
        numerator,
        denominator,
    })
}
