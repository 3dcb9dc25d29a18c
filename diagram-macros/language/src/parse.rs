//! The first stage: items from tokens. Items keep their tokens, so that errors can point at them. Names are not resolved here.

mod combination;
mod comparison;
mod condition;
mod diagram;
mod nesting;
mod opening;
mod predictor;
mod set;
mod spacetime;
mod words;

pub(crate) use combination::{FactorExpression, Summand};
pub(crate) use condition::Condition;
pub(crate) use diagram::{DiagramItem, Drawing, DrawnTree, Tie, TieKind};
pub use opening::Head;
pub(crate) use opening::{ItemKind, Opening};
pub(crate) use predictor::{Body, PredictorItem};
pub(crate) use set::{EdgeBound, Operator, SetExpression, SetItem};
pub(crate) use spacetime::{Argument, SizeExpression, SpacetimeForm, SpacetimeItem};

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Result, Token};

use crate::report::Report;

/// An item of a declaration.
pub(crate) enum Item {
    Spacetime(SpacetimeItem),
    Diagram(DiagramItem),
    Set(SetItem),
    Predictor(PredictorItem),
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

/// Parses the contents of a group. After an error the rest of the group is skipped, so that it does not cause a second error.
fn within<T>(group: ParseStream<'_>, read: impl FnOnce(ParseStream<'_>) -> Result<T>) -> Result<T> {
    let result = read(group);
    if result.is_err() {
        group.parse::<TokenStream>()?;
    }
    result
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
    let item = body(input, &opening).map_err(|error| (Some(Box::new(opening.clone())), error))?;
    match end(input, &start, &opening, report) {
        Ok(()) => Ok(Some(item)),
        Err(error) => Err((Some(Box::new(opening)), error)),
    }
}

/// Parses an item after its opening, up to its `;`.
fn body(input: ParseStream<'_>, opening: &Opening) -> Result<Item> {
    let head = opening.head.clone();
    Ok(match opening.kind {
        ItemKind::Spacetime => Item::Spacetime(spacetime::parse(input, head.name)?),
        ItemKind::Diagram => Item::Diagram(diagram::parse(input, head.name)?),
        ItemKind::Set => Item::Set(set::item(input, head.name)?),
        ItemKind::Predictor => Item::Predictor(predictor::parse(input, opening)?),
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
        ItemKind::Spacetime => expected(input, "`;`", "every item ends with `;`"),
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

/// Parses a list of things that are separated by commas. A comma may follow the last.
fn list<T>(
    input: ParseStream<'_>,
    separate: &str,
    mut one: impl FnMut(ParseStream<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = vec![];
    while !input.is_empty() {
        all.push(one(input)?);
        if input.parse::<Token![,]>().is_err() && !input.is_empty() {
            return Err(expected(input, "`,`", separate));
        }
    }
    Ok(all)
}

/// Parses the `=` after a name.
fn equals(input: ParseStream<'_>, help: &str) -> Result<()> {
    match input.parse::<Token![=]>() {
        Ok(_) => Ok(()),
        Err(_) => Err(expected(input, "`=`", help)),
    }
}

/// An error at the next token, or at the end of the input, which says what was expected and what was found.
fn expected(input: ParseStream<'_>, what: &str, help: &str) -> Error {
    let (sign, tokens) = comparison::sign(input, "<>=!~&|");
    if sign.len() > 1 {
        let message = format!("expected {what}, found `{sign}`");
        return crate::report::error(tokens, message, help);
    }
    let found = match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => format!(", found `{}`", opening_delimiter(&group)),
        Ok(token) => format!(", found `{token}`"),
        Err(_) => String::new(),
    };
    Error::new(
        input.span(),
        format!("expected {what}{found}\n\nhelp: {help}"),
    )
}

fn opening_delimiter(group: &proc_macro2::Group) -> char {
    use proc_macro2::Delimiter;
    match group.delimiter() {
        Delimiter::Parenthesis => '(',
        Delimiter::Brace => '{',
        Delimiter::Bracket => '[',
        Delimiter::None => ' ',
    }
}
