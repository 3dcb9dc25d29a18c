//! The loss of a network and its penalties.

use diagram_networks::{Loss, Penalty};
use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;

use super::arguments::{Arguments, real};
use super::layer::{WORD, unknown};
use super::words;
use crate::parse::{Call, Stage};
use crate::report::Report;

const EXAMPLE: &str = "a penalty is `+ l2(1/1000)`, or `+ l2(1/1000, NAME)` of one layer";

/// The loss of a stage, or `None` if it has errors, which are reported.
pub(super) fn lower(stage: &Stage, report: &mut Report) -> Option<Loss> {
    let word = words::plain(&stage.call.word);
    if let Some(name) = &stage.name {
        let help = "names are for layers; remove this one";
        report.error(name, "a loss has no name", help);
    }
    if stage.inside.is_some() {
        let message = format!("`{word}` has no layers inside");
        report.error(
            &stage.call.word,
            message,
            "write the layers before the loss",
        );
    }
    let loss = Loss::ALL.into_iter().find(|loss| loss.name() == word);
    if loss.is_some() {
        Arguments::new(&stage.call, &WORD, report);
    } else {
        unknown(stage, report);
    }
    loss
}

/// A penalty, or `None` if it has errors, which are reported.
pub(super) fn penalty(call: &Call, report: &mut Report) -> Option<Penalty> {
    let before = report.len();
    let word = words::plain(&call.word);
    if word == "l1" {
        let message = "there is no `l1`: it has a kink, which a power series in η does not see";
        report.error(&call.word, message, "take `l2`");
        return None;
    }
    if word != "l2" {
        let message = format!("unknown penalty `{word}`");
        report.error(&call.word, message, EXAMPLE);
        return None;
    }
    let arguments = call.arguments.as_deref().unwrap_or_default();
    for name in arguments
        .iter()
        .filter_map(|argument| argument.name.as_ref())
    {
        report.error(name, format!("`l2` has no argument `{name}`"), EXAMPLE);
    }
    let Some((first, layers)) = arguments.split_first() else {
        report.error(&call.word, "`l2` needs a coefficient", EXAMPLE);
        return None;
    };
    let coefficient = if first.name.is_none() {
        real(&first.value, "the coefficient of a penalty", report)
    } else {
        None
    };
    let layers: Option<Vec<String>> = layers
        .iter()
        .filter(|layer| layer.name.is_none())
        .map(|layer| name_of_layer(&layer.value, report))
        .collect();
    let (coefficient, layers) = (coefficient?, layers?);
    (report.len() == before).then(|| Penalty {
        coefficient,
        layers: (!layers.is_empty()).then_some(layers),
    })
}

/// The name of a layer: names, or indices of layers without a name, separated by dots, as in `block.0`.
fn name_of_layer(value: &TokenStream, report: &mut Report) -> Option<String> {
    let mut text = String::new();
    for token in value.clone() {
        match &token {
            TokenTree::Ident(name) => text.push_str(&name.unraw().to_string()),
            TokenTree::Literal(number) => text.push_str(&number.to_string()),
            TokenTree::Punct(dot) => text.push(dot.as_char()),
            TokenTree::Group(_) => text.push('('),
        }
    }
    let is_number = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if text
        .split('.')
        .all(|part| is_number(part) || diagram_networks::is_name(part))
    {
        return Some(text);
    }
    let message = format!("a penalty is on layers, and `{value}` is the name of none");
    report.error(value, message, EXAMPLE);
    None
}
