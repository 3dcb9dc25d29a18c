//! `set NAME = all(edges <= 3) where trees;`, `{ a, b } | Others`, `(A - B) where contains(chain)`.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Ident, LitInt, Result, Token, braced, parenthesized, token};

use diagram_calculus::filter::Comparison;

use super::{equals, expected, list, within};

const HELP: &str = "a set is `all(edges <= 3)`, `all(edges == 3)`, a list of declared diagrams `{ a, b }` or the name of a set; sets combine by `|`, `&` and `-`, and `where` filters";
const CONDITION_HELP: &str = "a condition is `trees`, `leaf_ties`, `non_gaussian`, `irreducible`, `ties <= 1`, `edges == 2`, `parts >= 3` or `contains(diagram)`; conditions combine by `!`, `&&` and `||`";

/// `set NAME = SET;`
pub(crate) struct SetItem {
    pub(crate) name: Ident,
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
    /// A declared set.
    Named(Ident),
    /// `A | B | C`: the same operator between all.
    Joined {
        operator: Operator,
        first: Box<Set>,
        /// Each with the place of the operator before it.
        others: Vec<(Span, Set)>,
    },
    /// `SET where CONDITION`
    Where {
        set: Box<Set>,
        condition: Condition,
        tokens: TokenStream,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    UpTo,
    Exactly,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    /// `|`
    Union,
    /// `&`
    Intersection,
    /// `-`
    Difference,
}

pub(crate) enum Condition {
    /// `trees`
    Word(Ident),
    /// `ties <= 1`
    Compare {
        quantity: Ident,
        comparison: Comparison,
        bound: LitInt,
    },
    /// `contains(chain)`
    Contains(Ident),
    /// `!trees`
    Not(Box<Condition>),
    /// `a && b`
    Both(Vec<Condition>),
    /// `a || b`
    Either(Vec<Condition>),
}

pub(super) fn item(input: ParseStream<'_>, name: Ident) -> Result<SetItem> {
    equals(input, HELP)?;
    let set = parse(input)?;
    Ok(SetItem { name, set })
}

/// A set up to the end of the declaration, or of its parentheses.
pub(super) fn parse(input: ParseStream<'_>) -> Result<Set> {
    let set = joined(input)?;
    if input.parse::<Token![where]>().is_err() {
        return Ok(set);
    }
    let start = input.fork();
    let condition = either(input)?;
    let mut tokens = TokenStream::new();
    while start.cursor() < input.cursor() {
        tokens.extend(start.parse::<TokenTree>().map(TokenTree::into_token_stream));
    }
    Ok(Set::Where {
        set: Box::new(set),
        condition,
        tokens,
    })
}

fn joined(input: ParseStream<'_>) -> Result<Set> {
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
        Some(operator) => Set::Joined {
            operator,
            first: Box::new(first),
            others,
        },
    })
}

fn peek_operator(input: ParseStream<'_>) -> Option<Operator> {
    if input.peek(Token![|]) {
        Some(Operator::Union)
    } else if input.peek(Token![&]) {
        Some(Operator::Intersection)
    } else if input.peek(Token![-]) {
        Some(Operator::Difference)
    } else {
        None
    }
}

fn operand(input: ParseStream<'_>) -> Result<Set> {
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
    let word: Ident = input
        .parse()
        .map_err(|_| expected(input, "a set of diagrams", HELP))?;
    if word == "resummed" {
        return Err(crate::report::error(
            &word,
            "`resummed` is reserved for re-summed predictors, which are not there yet",
            "leave it out: `{ … }` is the power series in η",
        ));
    }
    if word != "all" {
        if input.peek(token::Paren) {
            let message = format!("unknown set `{word}(…)`");
            return Err(crate::report::error(&word, message, HELP));
        }
        return Ok(Set::Named(word));
    }
    if !input.peek(token::Paren) {
        return Err(expected(input, "`(edges <= 3)`", HELP));
    }
    let group: TokenTree = input.fork().parse()?;
    let inner;
    parenthesized!(inner in input);
    within(&inner, |inner| all(inner, quote::quote!(#word #group)))
}

fn all(input: ParseStream<'_>, tokens: TokenStream) -> Result<Set> {
    let quantity: Option<Ident> = input.fork().parse().ok();
    if quantity.is_none_or(|quantity| quantity != "edges") {
        return Err(expected(input, "`edges`", HELP));
    }
    input.parse::<Ident>()?;
    let bound = if input.parse::<Token![<=]>().is_ok() {
        Bound::UpTo
    } else if input.parse::<Token![==]>().is_ok() {
        Bound::Exactly
    } else {
        return Err(expected(input, "`<=` or `==`", HELP));
    };
    let edges = input
        .parse()
        .map_err(|_| expected(input, "a number of edges", HELP))?;
    let limit = limit(input)?;
    if !input.is_empty() {
        return Err(expected(input, "`)`", HELP));
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

/// `a || b`
fn either(input: ParseStream<'_>) -> Result<Condition> {
    let mut all = vec![both(input)?];
    while input.parse::<Token![||]>().is_ok() {
        all.push(both(input)?);
    }
    Ok(match all.len() {
        1 => all.remove(0),
        _ => Condition::Either(all),
    })
}

/// `a && b`
fn both(input: ParseStream<'_>) -> Result<Condition> {
    let mut all = vec![condition(input)?];
    while input.parse::<Token![&&]>().is_ok() {
        all.push(condition(input)?);
    }
    Ok(match all.len() {
        1 => all.remove(0),
        _ => Condition::Both(all),
    })
}

fn condition(input: ParseStream<'_>) -> Result<Condition> {
    if input.parse::<Token![!]>().is_ok() {
        return Ok(Condition::Not(Box::new(condition(input)?)));
    }
    if input.peek(token::Paren) {
        let inner;
        parenthesized!(inner in input);
        return within(&inner, |inner| {
            let condition = either(inner)?;
            if inner.is_empty() {
                Ok(condition)
            } else {
                Err(expected(inner, "`)`", CONDITION_HELP))
            }
        });
    }
    let word: Ident = input
        .parse()
        .map_err(|_| expected(input, "a condition", CONDITION_HELP))?;
    if word == "contains" {
        if !input.peek(token::Paren) {
            return Err(expected(input, "`(` and a diagram", CONDITION_HELP));
        }
        let inner;
        parenthesized!(inner in input);
        return within(&inner, |inner| {
            let name = inner
                .parse()
                .map_err(|_| expected(inner, "the name of a diagram", CONDITION_HELP))?;
            if inner.is_empty() {
                Ok(Condition::Contains(name))
            } else {
                Err(expected(inner, "`)`", CONDITION_HELP))
            }
        });
    }
    let comparison = if input.parse::<Token![<=]>().is_ok() {
        Comparison::AtMost
    } else if input.parse::<Token![==]>().is_ok() {
        Comparison::Exactly
    } else if input.parse::<Token![>=]>().is_ok() {
        Comparison::AtLeast
    } else if input.peek(Token![<]) || input.peek(Token![>]) || input.peek(Token![!=]) {
        return Err(expected(
            input,
            "`<=`, `==` or `>=`",
            "numbers compare by `<=`, `==` and `>=`",
        ));
    } else {
        return Ok(Condition::Word(word));
    };
    let bound = input
        .parse()
        .map_err(|_| expected(input, "a whole number", CONDITION_HELP))?;
    Ok(Condition::Compare {
        quantity: word,
        comparison,
        bound,
    })
}
