//! Sets of diagrams, such as `all(edges <= 3) where trees`, `{ a, b } | Others` or `(A - B) where contains(chain)`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, LitInt, Result, Token, braced, parenthesized, token};

use crate::names::nearest;

use diagram_calculus::filter::Comparison;

use super::condition::Condition;
use super::tokens::{equals, expected, list, name, within, written_name};
use super::words::{self, RESUMMED};
use super::{comparison, condition};

const HELP: &str = "a set is `all(edges <= 3)`, `all(edges == 3)`, a list of declared diagrams `{ a, b }` or the name of a set; sets combine by `|`, `&` and `-`, and `where` filters";

/// A declared set, `set NAME = SET;`.
pub(crate) struct SetItem {
    pub(crate) name: Ident,
    pub(crate) set: SetExpression,
}

/// An expression for a set of diagrams.
pub(crate) enum SetExpression {
    /// All diagrams with these edges, `all(edges <= 3)` or `all(edges == 3)`, with an optional `limit: 100_000`.
    All {
        bound: EdgeBound,
        edges: LitInt,
        limit: Option<LitInt>,
        tokens: TokenStream,
    },
    /// A list of declared diagrams, `{ a, b }`.
    List {
        diagrams: Vec<Ident>,
        tokens: TokenStream,
    },
    /// The name of a declared set.
    Named(Ident),
    /// Sets joined by one operator, such as `A | B | C`.
    Joined {
        operator: Operator,
        first: Box<SetExpression>,
        /// The further sets, each with the place of the operator before it.
        others: Vec<(Span, SetExpression)>,
    },
    /// The diagrams of a set that meet a condition, `SET where CONDITION`.
    Where {
        set: Box<SetExpression>,
        condition: Condition,
        tokens: TokenStream,
    },
}

/// Whether `all(…)` bounds the number of edges from above or gives it exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EdgeBound {
    UpTo,
    Exactly,
}

/// An operator between sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// The union `|`.
    Union,
    /// The intersection `&`.
    Intersection,
    /// The difference `-`.
    Difference,
}

pub(super) fn item(input: ParseStream<'_>, name: Ident) -> Result<SetItem> {
    equals(input, HELP)?;
    let set = parse(input)?;
    Ok(SetItem { name, set })
}

/// Parses a set up to the end of the declaration or of its parentheses.
pub(super) fn parse(input: ParseStream<'_>) -> Result<SetExpression> {
    let set = joined(input)?;
    if input.parse::<Token![where]>().is_err() {
        return Ok(set);
    }
    let start = input.fork();
    let condition = condition::parse(input)?;
    let mut tokens = TokenStream::new();
    while start.cursor() < input.cursor() {
        tokens.extend(start.parse::<TokenTree>().map(TokenTree::into_token_stream));
    }
    Ok(SetExpression::Where {
        set: Box::new(set),
        condition,
        tokens,
    })
}

/// Parses sets that are joined by one operator.
fn joined(input: ParseStream<'_>) -> Result<SetExpression> {
    let first = operand(input)?;
    let mut others = vec![];
    let mut operator = None;
    while let Some(next) = peek_operator(input) {
        let sign: TokenTree = input.fork().parse()?;
        if operator.is_some_and(|operator| operator != next) {
            return Err(crate::report::error(
                sign,
                "different operators side by side",
                "say with parentheses which comes first: `(A | B) - C`",
            ));
        }
        operator = Some(next);
        input.parse::<TokenTree>()?;
        others.push((sign.span(), operand(input)?));
    }
    Ok(match operator {
        None => first,
        Some(operator) => SetExpression::Joined {
            operator,
            first: Box::new(first),
            others,
        },
    })
}

fn peek_operator(input: ParseStream<'_>) -> Option<Operator> {
    if input.peek(Token![||]) || input.peek(Token![&&]) {
        None
    } else if input.peek(Token![|]) {
        Some(Operator::Union)
    } else if input.peek(Token![&]) {
        Some(Operator::Intersection)
    } else if input.peek(Token![-]) {
        Some(Operator::Difference)
    } else {
        None
    }
}

/// An error for tokens that cannot follow a set or a sum of predictors.
pub(super) fn expected_end(input: ParseStream<'_>) -> Error {
    if input.peek(Token![where]) {
        let help = "a set has one `where`; conditions combine by `&&` and `||`";
        return expected(input, "`;`", help);
    }
    if let Some(error) = words::misspelt(input, &["where"]) {
        return error;
    }
    let help = if input.peek(Token![||]) {
        "the union of two sets is `A | B`"
    } else if input.peek(Token![&&]) {
        "what two sets have in common is `A & B`"
    } else if input.peek(Token![+]) || input.peek(Token![*]) {
        "sets combine by `|` (in either), `&` (in both) and `-` (in the first alone)"
    } else {
        "every item ends with `;`"
    };
    expected(input, "`;`", help)
}

/// Parses a set without operators outside parentheses.
fn operand(input: ParseStream<'_>) -> Result<SetExpression> {
    if input.peek(token::Brace) {
        let tokens: TokenTree = input.fork().parse()?;
        return listed(input, tokens.into_token_stream());
    }
    if input.peek(token::Paren) {
        let inner;
        parenthesized!(inner in input);
        return within(&inner, |inner| {
            let set = parse(inner)?;
            if inner.is_empty() {
                Ok(set)
            } else {
                Err(expected(inner, "`)`", HELP))
            }
        });
    }
    let word = written_name(input, "a set of diagrams", HELP)?;
    if word == RESUMMED {
        return Err(crate::report::error(
            &word,
            "`resummed` is no part of a set: it says how a predictor reads its diagrams, all of them",
            "write it once, before the predictor's set: `predictor NAME: MEASURE in SPACETIME = resummed SET;`",
        ));
    }
    if word != "all" {
        if input.peek(token::Paren) {
            let message = format!("unknown set `{word}(…)`");
            let meant = nearest(&word.to_string(), &["all"]);
            let help = meant.map_or(HELP, |_| "did you mean `all(…)`?");
            return Err(crate::report::error(&word, message, help));
        }
        return Ok(SetExpression::Named(word.unraw()));
    }
    if !input.peek(token::Paren) {
        return Err(expected(input, "`(edges <= 3)`", HELP));
    }
    let group: TokenTree = input.fork().parse()?;
    let inner;
    parenthesized!(inner in input);
    within(&inner, |inner| all(inner, quote::quote!(#word #group)))
}

/// Parses the arguments of `all(…)`.
fn all(input: ParseStream<'_>, tokens: TokenStream) -> Result<SetExpression> {
    words::word(input, "edges", "`edges`", HELP)?;
    let bound = bound(input)?;
    let edges = input
        .parse()
        .map_err(|_| expected(input, "a number of edges", HELP))?;
    let limit = limit(input)?;
    if !input.is_empty() {
        return Err(expected(input, "`)`", HELP));
    }
    Ok(SetExpression::All {
        bound,
        edges,
        limit,
        tokens,
    })
}

/// Parses `<=` or `==`. A lower bound alone is refused, since it has infinitely many diagrams.
fn bound(input: ParseStream<'_>) -> Result<EdgeBound> {
    let (sign, tokens) = comparison::sign(input, comparison::SIGNS);
    if sign == ">=" || sign == "=>" {
        let message = format!("expected `<=` or `==`, found `{sign}`");
        let help =
            "did you mean `<=`? An expansion ends somewhere: `all(edges <= 3) where edges >= 2`";
        return Err(crate::report::error(tokens, message, help));
    }
    match comparison::parse(input, "edges")? {
        Some(Comparison::Exactly) => Ok(EdgeBound::Exactly),
        Some(_) => Ok(EdgeBound::UpTo),
        None => Err(expected(input, "`<=` or `==`", HELP)),
    }
}

/// Parses an optional `, limit: 100_000`.
fn limit(input: ParseStream<'_>) -> Result<Option<LitInt>> {
    if input.parse::<Token![,]>().is_err() || input.is_empty() {
        return Ok(None);
    }
    let help =
        "`all(…)` has the edges and a `limit`, no more: `limit: 100_000` allows so many diagrams";
    words::word(input, "limit", "`limit`", help)?;
    if input.parse::<Token![:]>().is_err() {
        return Err(expected(input, "`:`", help));
    }
    input
        .parse()
        .map(Some)
        .map_err(|_| expected(input, "a number", help))
}

/// Parses a list of diagrams in braces.
fn listed(input: ParseStream<'_>, tokens: TokenStream) -> Result<SetExpression> {
    let inner;
    braced!(inner in input);
    let diagram = |input: ParseStream<'_>| {
        let help = "declare it first: `diagram NAME = …;`";
        name(input, "the name of a diagram", help)
    };
    let separate = "diagrams are separated by commas: `{ a, b }`";
    let diagrams = within(&inner, |inner| list(inner, separate, diagram))?;
    Ok(SetExpression::List { diagrams, tokens })
}
