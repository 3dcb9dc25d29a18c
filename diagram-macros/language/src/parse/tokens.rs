//! Parsing of groups, lists and single tokens, with errors that say what was expected.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, Result, Token};

use super::comparison;

/// Parses the contents of a group. After an error the rest of the group is skipped, so that it does not cause a second error.
pub(super) fn within<T>(
    group: ParseStream<'_>,
    read: impl FnOnce(ParseStream<'_>) -> Result<T>,
) -> Result<T> {
    let result = read(group);
    if result.is_err() {
        group.parse::<TokenStream>()?;
    }
    result
}

/// Parses a list of things that are separated by commas. A comma may follow the last.
pub(super) fn list<T>(
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

/// Words of Rust of which there is no raw form.
const NEVER_NAMES: [&str; 5] = ["_", "self", "Self", "super", "crate"];
/// Words of Rust that are words of this language, too, so that one in the place of a name is likely what comes after a missing name.
const OWN_WORDS: [&str; 3] = ["in", "pub", "where"];

/// Parses a name. A raw name such as `r#type` is the name `type`.
pub(super) fn name(input: ParseStream<'_>, what: &str, help: &str) -> Result<Ident> {
    written_name(input, what, help).map(|name| name.unraw())
}

/// Parses a name as it is written, with the `r#` of a raw one.
pub(super) fn written_name(input: ParseStream<'_>, what: &str, help: &str) -> Result<Ident> {
    input.parse().map_err(|_| {
        let word = input.fork().call(Ident::parse_any).ok();
        let word = word.map(|word| word.to_string());
        match word.as_deref() {
            None => expected(input, what, help),
            Some(word) if OWN_WORDS.contains(&word) => expected(input, what, help),
            Some(word) if NEVER_NAMES.contains(&word) => {
                let help = format!("`{word}` is a word of Rust; choose another name");
                expected(input, what, &help)
            }
            Some(word) => {
                let help =
                    format!("`{word}` is a word of Rust; write `r#{word}`, or choose another name");
                expected(input, what, &help)
            }
        }
    })
}

/// Parses the `=` after a name.
pub(super) fn equals(input: ParseStream<'_>, help: &str) -> Result<()> {
    match input.parse::<Token![=]>() {
        Ok(_) => Ok(()),
        Err(_) => Err(expected(input, "`=`", help)),
    }
}

/// An error at the next token, or at the end of the input, which says what was expected and what was found.
pub(super) fn expected(input: ParseStream<'_>, what: &str, help: &str) -> Error {
    let (sign, tokens) = comparison::sign(input, "<>=!~&|-");
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
