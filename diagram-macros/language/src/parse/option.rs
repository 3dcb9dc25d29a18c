//! Options of an optimizer in the arguments of a spacetime, such as `momentum: 9/10`, `average: tail(10)` and `nesterov`.

use proc_macro2::Span;
use syn::parse::ParseStream;
use syn::{Ident, LitFloat, LitInt, Result, Token, bracketed, parenthesized, token};

use super::tokens::{expected, list, name, within};

/// The options that have a value.
pub(crate) const OPTIONS: [&str; 8] = [
    "momentum",
    "dampening",
    "schedule",
    "average",
    "sampling",
    "sam",
    "micro_batch",
    "hessian",
];
/// The options that are a word alone.
pub(crate) const WORDS: [&str; 2] = ["nesterov", "extragradient"];

const HELP: &str = "write a number such as 9/10, or a word with its numbers such as `tail(10)`";

/// The value of an option.
pub(crate) enum OptionExpression {
    /// A number.
    Number(Fraction),
    /// A word, and what is in parentheses behind it.
    Word(Ident, Vec<OptionExpression>),
    /// A list in brackets.
    List(Span, Vec<OptionExpression>),
}

/// A rational number as it is written.
pub(crate) struct Fraction {
    pub(crate) negative: bool,
    pub(crate) numerator: LitInt,
    pub(crate) denominator: Option<LitInt>,
}

impl OptionExpression {
    /// Where the value begins.
    pub(crate) fn span(&self) -> Span {
        match self {
            OptionExpression::Number(number) => number.numerator.span(),
            OptionExpression::Word(word, _) => word.span(),
            OptionExpression::List(span, _) => *span,
        }
    }
}

/// Parses the value of an option.
pub(super) fn parse(input: ParseStream<'_>) -> Result<OptionExpression> {
    if input.peek(token::Bracket) {
        let members;
        let bracket = bracketed!(members in input);
        let list = within(&members, read_list)?;
        return Ok(OptionExpression::List(bracket.span.open(), list));
    }
    let negative = input.parse::<Token![-]>().is_ok();
    if negative || input.peek(LitInt) {
        let integer = |input: ParseStream<'_>| {
            let number: Result<LitInt> = input.parse();
            number.map_err(|_| {
                expected(
                    input,
                    "a whole number",
                    "numbers are fractions of whole ones, such as 9/10",
                )
            })
        };
        let numerator = integer(input)?;
        let denominator = match input.parse::<Token![/]>() {
            Ok(_) => Some(integer(input)?),
            Err(_) => None,
        };
        return Ok(OptionExpression::Number(Fraction {
            negative,
            numerator,
            denominator,
        }));
    }
    if input.peek(LitFloat) {
        let help = "numbers are exact: write a fraction of whole numbers, such as 9/10";
        return Err(expected(input, "a number, a word or a list", help));
    }
    let word = name(input, "a number, a word or a list", HELP)?;
    let mut members = vec![];
    if input.peek(token::Paren) {
        let inside;
        parenthesized!(inside in input);
        members = within(&inside, read_list)?;
    }
    Ok(OptionExpression::Word(word, members))
}

fn read_list(input: ParseStream<'_>) -> Result<Vec<OptionExpression>> {
    list(
        input,
        "numbers are separated by commas: `[1, 1/2, 1/4]`",
        parse,
    )
}
