//! From tokens to items, with the tokens of their parts for errors to point at. Names are not looked up here.

mod combination;
mod diagram;
mod predictor;
mod set;
mod spacetime;

pub(crate) use combination::{Number, Summand};
pub(crate) use diagram::{DiagramItem, Drawing, Tie, TieKind, Tree};
pub use predictor::Head;
pub(crate) use predictor::{Body, PredictorItem};
pub(crate) use set::{Bound, Condition, Operator, Set, SetItem};
pub(crate) use spacetime::{Argument, Form, Size, SpacetimeItem};

use proc_macro2::{Punct, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, Result, Token};

use crate::names;
use crate::report::Report;

/// What a declaration consists of, in order.
pub(crate) enum Item {
    Spacetime(SpacetimeItem),
    Diagram(DiagramItem),
    Set(SetItem),
    Predictor(PredictorItem),
    /// An item that cannot be read; its error is reported, its name is kept so that uses of it are no errors.
    Unreadable(Opening),
}

/// How an item begins: enough to know its name.
#[derive(Clone)]
pub(crate) struct Opening {
    pub(crate) kind: Kind,
    pub(crate) head: Head,
}

/// The kinds of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Spacetime,
    Diagram,
    Set,
    Predictor,
}

const KEYWORDS: [(&str, Kind); 4] = [
    ("spacetime", Kind::Spacetime),
    ("diagram", Kind::Diagram),
    ("set", Kind::Set),
    ("predictor", Kind::Predictor),
];

/// Reads all items. What cannot be read is reported and skipped.
pub(crate) fn parse(tokens: TokenStream, report: &mut Report) -> Vec<Item> {
    let tokens = terminated(tokens, report);
    let mut items = vec![];
    let read = |input: ParseStream<'_>| -> Result<()> {
        while !input.is_empty() {
            match item(input) {
                Ok(item) => items.push(item),
                Err((opening, error)) => {
                    report.push(error);
                    items.extend(opening.map(Item::Unreadable));
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

/// The tokens with a `;` at their end: at the end of the input there is no token for an error to point at.
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

/// The result of reading a group; after an error the rest of the group is skipped, so that it is no second error.
fn within<T>(group: ParseStream<'_>, read: impl FnOnce(ParseStream<'_>) -> Result<T>) -> Result<T> {
    let result = read(group);
    if result.is_err() {
        group.parse::<TokenStream>()?;
    }
    result
}

type ItemResult = std::result::Result<Item, (Option<Opening>, Error)>;

fn item(input: ParseStream<'_>) -> ItemResult {
    let opening = opening(input).map_err(|error| (None, error))?;
    body(input, &opening).map_err(|error| (Some(opening), error))
}

/// `/// docs`, `pub`, keyword, name.
fn opening(input: ParseStream<'_>) -> Result<Opening> {
    let attributes = predictor::attributes(input)?;
    let visibility = predictor::visibility(input);
    let keyword: Ident = input.parse().map_err(|_| {
        expected(
            input,
            "`spacetime`, `diagram`, `set` or `predictor`",
            "an item is `spacetime NAME = …;`, `diagram NAME = …;`, `set NAME = …;` or `predictor NAME: MEASURE in SPACETIME = …;`",
        )
    })?;
    let kind = KEYWORDS
        .iter()
        .find(|(name, _)| keyword == name)
        .map(|(_, kind)| *kind);
    let Some(kind) = kind else {
        let known = KEYWORDS.map(|(name, _)| name);
        return Err(crate::report::error(
            &keyword,
            format!("unknown item `{keyword}`"),
            names::suggestion(&keyword.to_string(), &known),
        ));
    };
    let name = input.parse().map_err(|_| {
        expected(
            input,
            &format!("a name for this {keyword}"),
            "names are Rust identifiers",
        )
    })?;
    if kind != Kind::Predictor && !visibility.is_empty() {
        return Err(crate::report::error(
            &visibility,
            format!("a {keyword} has no visibility"),
            "only predictors become Rust items; remove `pub`",
        ));
    }
    if kind != Kind::Predictor && !attributes.is_empty() {
        return Err(crate::report::error(
            &attributes,
            format!("a {keyword} has no attributes"),
            "only predictors become Rust items; use an ordinary comment `//`",
        ));
    }
    Ok(Opening {
        kind,
        head: Head {
            attributes,
            visibility,
            name,
        },
    })
}

fn body(input: ParseStream<'_>, opening: &Opening) -> Result<Item> {
    let head = opening.head.clone();
    let item = match opening.kind {
        Kind::Spacetime => Item::Spacetime(spacetime::parse(input, head.name)?),
        Kind::Diagram => Item::Diagram(diagram::parse(input, head.name)?),
        Kind::Set => Item::Set(set::item(input, head.name)?),
        Kind::Predictor => Item::Predictor(predictor::parse(input, head)?),
    };
    if input.parse::<Token![;]>().is_err() {
        return Err(expected(input, "`;`", "every item ends with `;`"));
    }
    Ok(item)
}

/// Skips to the next item: past a `;`, or to a word that begins one.
fn skip(input: ParseStream<'_>) -> Result<()> {
    let begins_item = |ident: &Ident| KEYWORDS.iter().any(|(name, _)| ident == name);
    let mut first = true;
    while !input.is_empty() {
        let ahead = input.fork();
        let token: TokenTree = ahead.parse()?;
        let at_item = match &token {
            TokenTree::Ident(ident) => {
                begins_item(ident) && ahead.parse::<Ident>().is_ok() || ident == "pub"
            }
            _ => false,
        };
        if at_item && !first {
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

/// Things separated by commas; one may follow the last.
fn list<T>(
    input: ParseStream<'_>,
    mut one: impl FnMut(ParseStream<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = vec![];
    while !input.is_empty() {
        all.push(one(input)?);
        if input.parse::<Token![,]>().is_err() && !input.is_empty() {
            return Err(expected(input, "`,`", "separate with commas"));
        }
    }
    Ok(all)
}

/// `=`, after a name.
fn equals(input: ParseStream<'_>, help: &str) -> Result<()> {
    match input.parse::<Token![=]>() {
        Ok(_) => Ok(()),
        Err(_) => Err(expected(input, "`=`", help)),
    }
}

/// An error at the next token, or at the end.
fn expected(input: ParseStream<'_>, what: &str, help: &str) -> Error {
    let found = match input.fork().parse::<TokenTree>() {
        Ok(token) => format!(
            ", found `{}`",
            match &token {
                TokenTree::Group(group) => opening_delimiter(group).to_string(),
                token => token.to_token_stream().to_string(),
            }
        ),
        Err(_) => String::new(),
    };
    input.error(format!("expected {what}{found}\n\nhelp: {help}"))
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
