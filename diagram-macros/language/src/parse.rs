//! The first stage: items from tokens. Items keep their tokens, so that errors can point at them. Names are not resolved here.

mod combination;
mod comparison;
mod condition;
mod diagram;
mod nesting;
mod network;
mod opening;
mod option;
mod predictor;
mod set;
mod spacetime;
mod tokens;
mod words;

pub(crate) use combination::{FactorExpression, Summand};
pub(crate) use condition::Condition;
pub(crate) use diagram::{DiagramItem, Drawing, DrawnTree, Tie, TieKind};
pub(crate) use network::{Argument as NetworkArgument, Call, NetworkItem, Stage};
pub use opening::Head;
pub(crate) use opening::{ItemKind, Opening};
pub(crate) use option::{Fraction, OptionExpression};
pub(crate) use predictor::{Body, PredictorItem};
pub(crate) use set::{EdgeBound, Operator, SetExpression, SetItem};
pub(crate) use spacetime::{Argument, ArgumentValue, SizeExpression, SpacetimeForm, SpacetimeItem};

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Result, Token};

use crate::report::Report;
use tokens::expected;

/// An item of a declaration.
pub(crate) enum Item {
    Spacetime(SpacetimeItem),
    Diagram(DiagramItem),
    Set(SetItem),
    Predictor(PredictorItem),
    Network(Opening, NetworkItem),
    /// An item with a syntax error, which is reported. Its name is kept, so that uses of it are not further errors.
    Unreadable(Opening),
}

/// Parses all items. Items with syntax errors are reported and skipped.
pub(crate) fn parse(tokens: TokenStream, report: &mut Report) -> Vec<Item> {
    let tokens = terminated(tokens, report);
    let (tokens, too_deep) = nesting::shallow(tokens, report);
    let mut items: Vec<Item> = too_deep.into_iter().map(Item::Unreadable).collect();
    let read = |input: ParseStream<'_>| -> Result<()> {
        while !input.is_empty() {
            match item(input, report) {
                Ok(item) => items.extend(item),
                Err((opening, error)) => {
                    report.push(error);
                    items.extend(opening.map(|opening| Item::Unreadable(*opening)));
                    skip(input)?;
                }
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        report.push(error);
    }
    items
}

/// Parses the text of a network, without keyword and name. Errors are reported.
pub(crate) fn parse_network(tokens: TokenStream, report: &mut Report) -> Vec<Option<Stage>> {
    let (tokens, _) = nesting::shallow(tokens, report);
    if report.len() > 0 {
        return vec![];
    }
    let read = |input: ParseStream<'_>| match network::alone(input, report) {
        Ok(stages) => Ok(stages),
        Err(error) => {
            input.parse::<TokenStream>()?;
            Err(error)
        }
    };
    read.parse2(tokens).unwrap_or_else(|error| {
        report.push(error);
        vec![]
    })
}

/// The tokens with a `;` at the end. If it is missing, this is reported at the last token, since the end of the input has no place.
fn terminated(mut tokens: TokenStream, report: &mut Report) -> TokenStream {
    match tokens.clone().into_iter().last() {
        None => {}
        Some(TokenTree::Punct(punct)) if punct.as_char() == ';' => {}
        Some(last) => {
            report.error(last, "expected `;` after this", "every item ends with `;`");
            tokens.extend([TokenTree::from(Punct::new(';', Spacing::Alone))]);
        }
    }
    tokens
}

/// An item if its kind is known, or an error, with the opening of the item if that could be parsed.
type ItemResult = std::result::Result<Option<Item>, (Option<Box<Opening>>, Error)>;

/// Parses an item with its `;`.
fn item(input: ParseStream<'_>, report: &mut Report) -> ItemResult {
    let start = input.fork();
    let Some(opening) = opening::parse(input, report).map_err(|error| (None, error))? else {
        // The kind of the item is unknown, which is reported, so that its contents cannot be parsed.
        skip(input).map_err(|error| (None, error))?;
        return Ok(None);
    };
    let item =
        body(input, &opening, report).map_err(|error| (Some(Box::new(opening.clone())), error))?;
    match end(input, &start, &opening, report) {
        Ok(()) => Ok(Some(item)),
        Err(error) => Err((Some(Box::new(opening)), error)),
    }
}

/// Parses an item after its opening, up to its `;`.
fn body(input: ParseStream<'_>, opening: &Opening, report: &mut Report) -> Result<Item> {
    let head = opening.head.clone();
    Ok(match opening.kind {
        ItemKind::Spacetime => Item::Spacetime(spacetime::parse(input, head.name)?),
        ItemKind::Diagram => Item::Diagram(diagram::parse(input, head.name)?),
        ItemKind::Set => Item::Set(set::item(input, head.name)?),
        ItemKind::Predictor => Item::Predictor(predictor::parse(input, opening)?),
        ItemKind::Network => Item::Network(opening.clone(), network::parse(input, report)?),
    })
}

/// Parses the `;` of an item that began at `start`. If the next item begins instead, the missing `;` is reported and the item is valid.
fn end(
    input: ParseStream<'_>,
    start: ParseStream<'_>,
    opening: &Opening,
    report: &mut Report,
) -> Result<()> {
    if input.parse::<Token![;]>().is_ok() {
        return Ok(());
    }
    if opening::is_next(input) {
        let mut last = None;
        while start.cursor() < input.cursor() {
            last = Some(start.parse::<TokenTree>()?);
        }
        report.error(last, "expected `;` after this", "every item ends with `;`");
        return Ok(());
    }
    Err(match opening.kind {
        ItemKind::Spacetime | ItemKind::Network => {
            expected(input, "`;`", "every item ends with `;`")
        }
        ItemKind::Diagram => diagram::expected_end(input),
        ItemKind::Set | ItemKind::Predictor => set::expected_end(input),
    })
}

/// Skips to the next item, which begins after a `;` or with a keyword.
fn skip(input: ParseStream<'_>) -> Result<()> {
    let mut first = true;
    while !input.is_empty() {
        if !first && opening::is_next(input) {
            return Ok(());
        }
        first = false;
        let token: TokenTree = input.parse()?;
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';') {
            return Ok(());
        }
    }
    Ok(())
}
