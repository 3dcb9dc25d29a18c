//! Networks, such as `network NAME = input(784) -> dense(32) -> tanh -> logits: dense(10) -> cross_entropy + l2(1/1000, logits);`.
//!
//! All that is joined by `->` has one form, a word with arguments, and is called a stage: the input, layers and the loss. The next stage of the compiler
//! looks the words up. After an error the parser continues at the next `->`, so that all errors of a network are reported.

mod argument;

pub(crate) use argument::Argument;

use proc_macro2::{Ident, Punct, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Result, Token, braced, token};

use super::opening;
use super::tokens::{equals, expected};
use crate::report::Report;

const HELP: &str = "a network is `input(…) -> LAYER -> … -> LOSS`, as in `input(784) -> dense(32) -> tanh -> dense(10) -> cross_entropy`";
const PENALTY: &str = "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer";

/// A declared network.
pub(crate) struct NetworkItem {
    /// The stages; `None` for one that could not be parsed.
    pub(crate) stages: Vec<Option<Stage>>,
    /// Whether no error was reported.
    pub(crate) is_sound: bool,
}

/// The input, a layer or the loss.
pub(crate) struct Stage {
    /// The name that is given to the layer: `NAME: dense(10)`.
    pub(crate) name: Option<Ident>,
    pub(crate) call: Call,
    /// The stages in braces; `None` for one that could not be parsed.
    pub(crate) inside: Option<Vec<Option<Stage>>>,
    /// The penalties after the loss; `None` for one that could not be parsed.
    pub(crate) penalties: Vec<Option<Call>>,
}

/// A word with arguments.
pub(crate) struct Call {
    pub(crate) word: Ident,
    /// The arguments; `None` if there are no parentheses.
    pub(crate) arguments: Option<Vec<Argument>>,
}

/// Parses a network after its name, up to the `;`. Errors in it are reported.
pub(super) fn parse(input: ParseStream<'_>, report: &mut Report) -> Result<NetworkItem> {
    equals(input, HELP)?;
    let ends = |input: ParseStream<'_>| {
        input.is_empty() || input.peek(Token![;]) || opening::is_next(input)
    };
    let before = report.len();
    Ok(NetworkItem {
        stages: stages(input, &ends, report)?,
        is_sound: report.len() == before,
    })
}

/// Parses a network without keyword and name. It may end with a `;`.
pub(super) fn alone(input: ParseStream<'_>, report: &mut Report) -> Result<Vec<Option<Stage>>> {
    if opening::is_next(input) {
        let help = "the text of a network begins with its input: leave `network NAME =` out";
        return Err(expected(input, "`input(…)`", help));
    }
    let ends = |input: ParseStream<'_>| input.is_empty() || input.peek(Token![;]);
    let stages = stages(input, &ends, report)?;
    input.parse::<Option<Token![;]>>()?;
    if input.is_empty() {
        Ok(stages)
    } else {
        Err(expected(input, "the end of the text", "give one network"))
    }
}

/// Parses stages that are joined by `->`. One that cannot be parsed is reported and is `None`.
fn stages(
    input: ParseStream<'_>,
    ends: &dyn Fn(ParseStream<'_>) -> bool,
    report: &mut Report,
) -> Result<Vec<Option<Stage>>> {
    let mut stages = vec![];
    loop {
        match stage(input, ends, report) {
            Ok(stage) => stages.push(Some(stage)),
            Err(error) => {
                report.push(error);
                stages.push(None);
                skip(input, ends)?;
            }
        }
        if ends(input) {
            return Ok(stages);
        }
        if !input.peek(Token![->]) {
            report.push(no_arrow(input));
            while input.cursor().punct().is_some() && !input.peek(Token![->]) && !ends(input) {
                input.parse::<Punct>()?;
            }
            if input.peek(Ident::peek_any) && !ends(input) {
                continue;
            }
            skip(input, ends)?;
            if ends(input) {
                return Ok(stages);
            }
        }
        let arrow: Token![->] = input.parse()?;
        if ends(input) {
            report.error(
                arrow,
                "nothing follows this `->`",
                "write a layer or a loss after it, or remove it",
            );
            stages.push(None);
            return Ok(stages);
        }
    }
}

/// An error for what stands where `->` should.
fn no_arrow(input: ParseStream<'_>) -> syn::Error {
    let help = if input.peek(token::Bracket) || input.peek(token::Paren) {
        "arguments stand in one pair of brackets: `dense(10, bias: false)`"
    } else if input.peek(token::Brace) {
        "layers stand in braces directly after `residual`"
    } else {
        "layers are joined by `->`, and penalties are added to the loss by `+`"
    };
    expected(input, "`->`", help)
}

/// Skips to the next `->`, or to the end.
fn skip(input: ParseStream<'_>, ends: &dyn Fn(ParseStream<'_>) -> bool) -> Result<()> {
    while !ends(input) && !input.peek(Token![->]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The words of penalties, of which the second is refused later.
const PENALTIES: [&str; 2] = ["l2", "l1"];

/// Parses the `+` before a penalty. Another sign before a penalty is reported.
fn plus(input: ParseStream<'_>, report: &mut Report) -> Result<Option<TokenStream>> {
    if let Ok(plus) = input.parse::<Token![+]>() {
        return Ok(Some(plus.to_token_stream()));
    }
    let ahead = input.fork();
    let sign: TokenStream = match ahead.parse::<Token![->]>() {
        Ok(arrow) => arrow.to_token_stream(),
        Err(_) => match ahead.parse::<Punct>() {
            Ok(sign) => sign.to_token_stream(),
            Err(_) => return Ok(None),
        },
    };
    let word = ahead.call(Ident::parse_any);
    let is_penalty = |word: Ident| PENALTIES.iter().any(|penalty| word == penalty);
    // A layer may have the name `l2`.
    if !word.is_ok_and(is_penalty) || ahead.peek(Token![:]) {
        return Ok(None);
    }
    report.push(expected(input, "`+`", PENALTY));
    for _ in sign.clone() {
        input.parse::<Punct>()?;
    }
    Ok(Some(sign))
}

fn stage(
    input: ParseStream<'_>,
    ends: &dyn Fn(ParseStream<'_>) -> bool,
    report: &mut Report,
) -> Result<Stage> {
    let layer = |input: ParseStream<'_>| {
        if let Ok(arrow) = input.fork().parse::<Token![->]>() {
            let help = "write a layer before it, or remove it";
            return Err(crate::report::error(
                arrow,
                "expected a layer, found `->`",
                help,
            ));
        }
        let word = input.call(Ident::parse_any);
        word.map_err(|_| expected(input, "the input, a layer or a loss", HELP))
    };
    let mut word = layer(input)?;
    let mut name = None;
    if input.peek(Token![:]) && !input.peek(Token![::]) {
        input.parse::<Token![:]>()?;
        if ends(input) || input.peek(Token![->]) {
            let help = format!("write the layer after its name: `{word}: dense(10)`");
            let message = format!("no layer follows the name `{word}`");
            return Err(crate::report::error(word, message, help));
        }
        name = Some(std::mem::replace(&mut word, layer(input)?));
    }
    let arguments = argument::parse(input, report)?;
    let mut inside = None;
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        inside = Some(if content.is_empty() {
            vec![]
        } else {
            stages(&content, &|content| content.is_empty(), report)?
        });
    }
    let mut penalties = vec![];
    while let Some(plus) = plus(input, report)? {
        if ends(input) {
            report.error(plus, "nothing follows this `+`", PENALTY);
            penalties.push(None);
            break;
        }
        let Ok(word) = input.call(Ident::parse_any) else {
            report.push(expected(input, "a penalty", PENALTY));
            penalties.push(None);
            while !input.peek(Token![+]) && !input.peek(Token![->]) && !ends(input) {
                input.parse::<TokenTree>()?;
            }
            continue;
        };
        let arguments = argument::parse(input, report)?;
        penalties.push(Some(Call { word, arguments }));
    }
    Ok(Stage {
        name,
        call: Call { word, arguments },
        inside,
        penalties,
    })
}
