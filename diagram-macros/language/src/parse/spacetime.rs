//! Spacetimes, such as `spacetime NAME = sgd(train: N, batch: 1, epochs: E, shuffle: each_epoch);`, with `gd(…)` or with `grid ["#.", ".#"]`.

use proc_macro2::TokenTree;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitInt, LitStr, Result, Token, bracketed, parenthesized, token};

use super::option::{self, OPTIONS, OptionExpression, WORDS};
use super::tokens::{equals, expected, list, name, within};

const HELP: &str = "write `sgd(train: N, batch: B, epochs: E)`, `sgd(…, shuffle: each_epoch)`, `gd(train: N, steps: T)` or `grid [\"#..#\", \".##.\"]`";

const SIZES: &str = "sizes are named and separated by commas: `train: 10, batch: B`";
const SIZE: &str = "a number fixes the size, a name such as `N` leaves it open as a parameter of the predictor; `N * M` is a product";

/// A declared spacetime.
pub(crate) struct SpacetimeItem {
    pub(crate) name: Ident,
    /// The constructor: `sgd`, `gd`, `grid` or an unknown name.
    pub(crate) constructor: Ident,
    pub(crate) form: SpacetimeForm,
}

/// What follows the constructor of a spacetime.
pub(crate) enum SpacetimeForm {
    /// Arguments in parentheses.
    Call(Vec<Argument>),
    /// Rows in brackets.
    Rows(Vec<LitStr>),
}

/// An argument, such as `train: N`.
pub(crate) struct Argument {
    pub(crate) name: Ident,
    pub(crate) value: ArgumentValue,
}

/// What an argument has behind its name. An error is reported only if the constructor has an argument of this name.
pub(crate) enum ArgumentValue {
    /// A size, as of all arguments that are no options.
    Size(std::result::Result<SizeExpression, Error>),
    /// The value of an option of the optimizer.
    Option(std::result::Result<OptionExpression, Error>),
    /// Nothing: an option that is a word.
    Word,
}

/// An expression for a size.
pub(crate) enum SizeExpression {
    /// A number.
    Literal(LitInt),
    /// The name of an open size.
    Name(Ident),
    /// A product such as `N * M` of at least two factors, none of which is a product.
    Product(Vec<SizeExpression>),
}

pub(super) fn parse(input: ParseStream<'_>, name: Ident) -> Result<SpacetimeItem> {
    equals(input, HELP)?;
    let constructor: Ident = input
        .parse()
        .map_err(|_| expected(input, "`sgd`, `gd` or `grid`", HELP))?;
    let form = if input.peek(token::Bracket) {
        let rows;
        bracketed!(rows in input);
        let help =
            "rows are strings in which `#` is a cell and `.` is none: grid [\"#..#\", \".##.\"]";
        let string = |rows: ParseStream<'_>| {
            let row: LitStr = rows.parse().map_err(|_| expected(rows, "a string", help))?;
            // Rust's tokens have words right behind a string as a part of it, which would not be looked at.
            if row.suffix().is_empty() {
                return Ok(row);
            }
            let message = format!("a row is a string, without `{}` behind it", row.suffix());
            Err(syn::Error::new(row.span(), message))
        };
        SpacetimeForm::Rows(within(&rows, |rows| {
            list(
                rows,
                "rows are separated by commas: `grid [\"#.\", \".#\"]`",
                string,
            )
        })?)
    } else if input.peek(token::Paren) {
        let arguments;
        parenthesized!(arguments in input);
        SpacetimeForm::Call(within(&arguments, |arguments| {
            list(arguments, SIZES, argument)
        })?)
    } else {
        return Err(expected(input, "`(` or `[`", HELP));
    };
    Ok(SpacetimeItem {
        name,
        constructor,
        form,
    })
}

fn argument(input: ParseStream<'_>) -> Result<Argument> {
    let name: Ident = input
        .parse()
        .map_err(|_| expected(input, "the name of a size", SIZES))?;
    let word = name.to_string();
    if WORDS.contains(&&word[..]) {
        if input.peek(Token![:]) {
            let help = format!("write `{word}` alone");
            return Err(expected(input, "`,` or `)`", &help));
        }
        let value = ArgumentValue::Word;
        return Ok(Argument { name, value });
    }
    if input.parse::<Token![:]>().is_err() {
        let help = match &word[..] {
            "momentum" | "dampening" | "sam" | "hessian" => "write a number: `momentum: 9/10`",
            "schedule" | "average" | "sampling" => {
                "write `schedule: cosine`, `average: tail(10)` or `sampling: with_replacement`"
            }
            _ => SIZES,
        };
        return Err(expected(input, "`:`", help));
    }
    let value = if OPTIONS.contains(&&word[..]) {
        ArgumentValue::Option(option::parse(input))
    } else {
        ArgumentValue::Size(size(input))
    };
    if let ArgumentValue::Size(Err(_)) | ArgumentValue::Option(Err(_)) = &value {
        // The other arguments are read nevertheless.
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(Argument { name, value })
}

fn size(input: ParseStream<'_>) -> Result<SizeExpression> {
    let mut factors = vec![factor(input)?];
    while input.parse::<Token![*]>().is_ok() {
        factors.push(factor(input)?);
    }
    if !input.is_empty() && !input.peek(Token![,]) && !input.peek(Ident) {
        return Err(expected(input, "`,`, `*` or `)`", SIZE));
    }
    Ok(match factors.len() {
        1 => factors.remove(0),
        _ => SizeExpression::Product(factors),
    })
}

fn factor(input: ParseStream<'_>) -> Result<SizeExpression> {
    if input.peek(LitInt) {
        return input.parse().map(SizeExpression::Literal);
    }
    name(input, "a number or a name", SIZE).map(SizeExpression::Name)
}

impl quote::ToTokens for SizeExpression {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        match self {
            SizeExpression::Literal(literal) => literal.to_tokens(tokens),
            SizeExpression::Name(name) => name.to_tokens(tokens),
            SizeExpression::Product(factors) => {
                for (at, factor) in factors.iter().enumerate() {
                    if at > 0 {
                        <Token![*]>::default().to_tokens(tokens);
                    }
                    factor.to_tokens(tokens);
                }
            }
        }
    }
}
