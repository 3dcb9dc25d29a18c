//! `Sgd - 1/2 * Gd`.

use syn::parse::ParseStream;
use syn::{Ident, LitInt, Result, Token};

use super::expected;

const HELP: &str = "a sum of predictors is `A - B`, or with numbers `2 * A - 1/3 * B`";

/// A predictor of a sum, with its sign and its number.
pub(crate) struct Summand {
    pub(crate) negative: bool,
    pub(crate) number: Option<Number>,
    pub(crate) name: Ident,
}

/// `2`, or `1/3`
pub(crate) struct Number {
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
    let name = input
        .parse()
        .map_err(|_| expected(input, "the name of a predictor", HELP))?;
    if input.peek(Token![*]) {
        return Err(expected(
            input,
            "`+`, `-` or `;`",
            "numbers come first: `2 * A`; a symbol cannot be a factor of a predictor",
        ));
    }
    Ok(Summand {
        negative,
        number,
        name,
    })
}

fn number(input: ParseStream<'_>) -> Result<Number> {
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
    Ok(Number {
        numerator,
        denominator,
    })
}
