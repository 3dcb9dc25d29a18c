//! The arguments of a layer, such as `(8, kernel: 3, bias: false)`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use syn::parse::ParseStream;
use syn::{Result, token};

use crate::report::{Report, at};

const HELP: &str = "arguments are separated by commas: `conv(8, kernel: 3)`";

/// An argument, such as `8` or `kernel: 3`.
pub(crate) struct Argument {
    pub(crate) name: Option<Ident>,
    /// The tokens of the value; empty if there are none, which is reported.
    pub(crate) value: TokenStream,
}

/// Parses arguments in parentheses; `None` if there are no parentheses.
pub(super) fn parse(input: ParseStream<'_>, report: &mut Report) -> Result<Option<Vec<Argument>>> {
    if !input.peek(token::Paren) && !input.peek(token::Bracket) {
        return Ok(None);
    }
    let group: Group = input.parse()?;
    if group.delimiter() == Delimiter::Bracket {
        let help = "arguments stand in round brackets: `dense(10, bias: false)`";
        report.error(at(group.span_open()), "expected `(`, found `[`", help);
    }
    let mut arguments = vec![];
    let mut tokens = vec![];
    for token in group.stream() {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                if tokens.is_empty() {
                    let message = "expected an argument, found `,`";
                    report.error(&token, message, "remove this comma");
                }
                separate(&tokens, &mut arguments, report);
                tokens.clear();
            }
            _ => tokens.push(token),
        }
    }
    separate(&tokens, &mut arguments, report);
    Ok(Some(arguments))
}

/// Adds the arguments that stand between two commas, which are several if a comma is missing.
fn separate(mut tokens: &[TokenTree], arguments: &mut Vec<Argument>, report: &mut Report) {
    while !tokens.is_empty() {
        let is_word =
            |token: &TokenTree| matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        let second = tokens
            .windows(2)
            .position(|pair| pair.iter().all(is_word))
            .map(|at| at + 1);
        if let Some(second) = second {
            let token = &tokens[second];
            report.error(token, format!("expected `,`, found `{token}`"), HELP);
        }
        let (first, rest) = tokens.split_at(second.unwrap_or(tokens.len()));
        arguments.push(argument(first, report));
        tokens = rest;
    }
}

/// The argument of these tokens, of which there is at least one.
fn argument(tokens: &[TokenTree], report: &mut Report) -> Argument {
    if let [TokenTree::Ident(name), TokenTree::Punct(sign), value @ ..] = tokens
        && matches!(sign.as_char(), ':' | '=')
    {
        if sign.as_char() == '=' {
            let help = format!("names of arguments are followed by `:`, as in `{name}: 1`");
            report.error(sign, "expected `:`, found `=`", help);
        }
        if value.is_empty() {
            let help = format!("write the value after the colon, as in `{name}: 1`");
            report.error(name, format!("`{name}` has no value"), help);
        }
        return Argument {
            name: Some(name.clone()),
            value: value.iter().cloned().collect(),
        };
    }
    Argument {
        name: None,
        value: tokens.iter().cloned().collect(),
    }
}
