//! The comparisons `<=`, `==` and `>=`, with help for signs that are written instead.

use diagram_calculus::filter::Comparison;
use proc_macro2::{Punct, Spacing, TokenStream};
use quote::ToTokens;
use syn::Result;
use syn::parse::ParseStream;

const ALL: [(&str, Comparison); 3] = [
    ("<=", Comparison::AtMost),
    ("==", Comparison::Exactly),
    (">=", Comparison::AtLeast),
];

/// The characters of comparisons.
pub(super) const SIGNS: &str = "<>=!";

/// Parses a comparison, if the next token is one.
pub(super) fn parse(input: ParseStream<'_>, quantity: &str) -> Result<Option<Comparison>> {
    let (sign, tokens) = sign(input, SIGNS);
    if sign.is_empty() {
        return Ok(None);
    }
    let Some((_, comparison)) = ALL.iter().find(|(known, _)| *known == sign) else {
        let message = format!("expected `<=`, `==` or `>=`, found `{sign}`");
        return Err(crate::report::error(tokens, message, help(&sign, quantity)));
    };
    for _ in sign.chars() {
        input.parse::<Punct>()?;
    }
    Ok(Some(*comparison))
}

/// The next tokens as far as they are characters among `signs` without space between them.
pub(super) fn sign(input: ParseStream<'_>, signs: &str) -> (String, TokenStream) {
    let ahead = input.fork();
    let (mut sign, mut tokens) = (String::new(), TokenStream::new());
    while let Ok(punct) = ahead.parse::<Punct>() {
        if !signs.contains(punct.as_char()) || sign.len() == 3 {
            break;
        }
        sign.push(punct.as_char());
        punct.to_tokens(&mut tokens);
        if punct.spacing() == Spacing::Alone {
            break;
        }
    }
    (sign, tokens)
}

/// The help for a sign that is not a comparison.
fn help(sign: &str, quantity: &str) -> String {
    match sign {
        "=<" => "did you mean `<=`?".into(),
        "=>" => "did you mean `>=`?".into(),
        "=" | "===" => "did you mean `==`?".into(),
        "<" => format!("write `{quantity} <= 2` for `{quantity} < 3`"),
        ">" => format!("write `{quantity} >= 3` for `{quantity} > 2`"),
        "!=" => format!("write `!({quantity} == 2)`"),
        _ => "numbers compare by `<=`, `==` and `>=`".into(),
    }
}
