//! Conditions on diagrams, such as `trees && !(ties <= 1 || contains(chain))`.

use diagram_calculus::filter::Comparison;
use syn::parse::ParseStream;
use syn::{Ident, LitInt, Result, Token, parenthesized, token};

use super::comparison;
use super::tokens::{expected, name, within};
use crate::names::nearest;

const HELP: &str = "a condition is `trees`, `leaf_ties`, `non_gaussian`, `irreducible`, `ties <= 1`, `edges == 2`, `parts >= 3` or `contains(diagram)`; conditions combine by `!`, `&&` and `||`";

/// A condition on diagrams.
pub(crate) enum Condition {
    /// A word, such as `trees`.
    Word(Ident),
    /// A comparison, such as `ties <= 1`.
    Compare {
        quantity: Ident,
        comparison: Comparison,
        bound: LitInt,
    },
    /// The condition `contains(chain)`.
    Contains(Ident),
    /// A negation, such as `!trees`.
    Not(Box<Condition>),
    /// A conjunction, such as `a && b`.
    Both(Vec<Condition>),
    /// A disjunction, such as `a || b`.
    Either(Vec<Condition>),
}

/// Parses a condition, which is a disjunction such as `a || b`.
pub(super) fn parse(input: ParseStream<'_>) -> Result<Condition> {
    let mut all = vec![both(input)?];
    while input.parse::<Token![||]>().is_ok() {
        all.push(both(input)?);
    }
    other_operators(input)?;
    Ok(match all.len() {
        1 => all.remove(0),
        _ => Condition::Either(all),
    })
}

/// Parses a conjunction, such as `a && b`.
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

/// Parses a condition without `&&` and `||` outside parentheses.
fn condition(input: ParseStream<'_>) -> Result<Condition> {
    let mut negated = false;
    while input.parse::<Token![!]>().is_ok() {
        negated = !negated;
    }
    let plain = plain(input)?;
    Ok(if negated {
        Condition::Not(Box::new(plain))
    } else {
        plain
    })
}

/// Reports operators that are written instead of `&&` and `||`.
fn other_operators(input: ParseStream<'_>) -> Result<()> {
    let word = input.fork().parse::<Ident>().ok();
    let word = word.map(|word| word.to_string());
    let meant = if input.peek(Token![&]) || word.as_deref() == Some("and") {
        "&&"
    } else if input.peek(Token![|]) || word.as_deref() == Some("or") {
        "||"
    } else if input.peek(Token![,]) {
        let help = "conditions combine by `!`, `&&` and `||`";
        return Err(expected(input, "`&&` or `||`", help));
    } else {
        return Ok(());
    };
    let help = format!(
        "did you mean `{meant}`? To go on with sets, put the filtered one in parentheses: `(A where trees) | B`"
    );
    Err(expected(input, &format!("`{meant}`"), &help))
}

/// Parses a condition without `!`, `&&` and `||` outside parentheses.
fn plain(input: ParseStream<'_>) -> Result<Condition> {
    if input.peek(token::Paren) {
        let inner;
        parenthesized!(inner in input);
        return within(&inner, |inner| {
            let condition = parse(inner)?;
            if inner.is_empty() {
                Ok(condition)
            } else {
                Err(expected(inner, "`)`", HELP))
            }
        });
    }
    let word: Ident = input
        .parse()
        .map_err(|_| expected(input, "a condition", HELP))?;
    if word == "contains" {
        if !input.peek(token::Paren) {
            return Err(expected(input, "`(` and a diagram", HELP));
        }
        let inner;
        parenthesized!(inner in input);
        return within(&inner, |inner| {
            let name = name(inner, "the name of a diagram", HELP)?;
            if inner.is_empty() {
                Ok(Condition::Contains(name))
            } else {
                Err(expected(inner, "`)`", HELP))
            }
        });
    }
    if input.peek(token::Paren) {
        let message = format!("unknown condition `{word}(…)`");
        let meant = nearest(&word.to_string(), &["contains"]);
        let help = meant.map_or(HELP, |_| "did you mean `contains(…)`?");
        return Err(crate::report::error(&word, message, help));
    }
    let Some(comparison) = comparison::parse(input, &word.to_string())? else {
        return Ok(Condition::Word(word));
    };
    let bound = input
        .parse()
        .map_err(|_| expected(input, "a whole number", HELP))?;
    Ok(Condition::Compare {
        quantity: word,
        comparison,
        bound,
    })
}
