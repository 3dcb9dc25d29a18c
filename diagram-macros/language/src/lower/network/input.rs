//! The input of a network: its shape, and the parametrization.

use diagram_networks::{Parametrization, Shape};
use proc_macro2::TokenStream;
use syn::Ident;

use super::arguments::size;
use super::layer;
use super::words;
use crate::names::{fields, nearest, suggestion};
use crate::parse::{NetworkArgument as Argument, Stage};
use crate::report::Report;

const NAMES: [&str; 3] = ["tokens", "width", "parametrization"];
const PARAMETRIZATIONS: [(&str, Parametrization); 2] = [
    ("xavier", Parametrization::Xavier),
    ("standard", Parametrization::Standard),
];
const SHAPES: &str = "`input(784)` is a vector, `input(1, 28, 28)` an image of 1 channel, `input(tokens: 16, width: 8)` a sequence of vectors, `input(tokens: 16)` one of token numbers";

/// The shape of a datapoint, or `None` if it has errors, which are reported, and the parametrization.
pub(super) fn lower(stage: &Stage, report: &mut Report) -> (Option<Shape>, Parametrization) {
    let before = report.len();
    let word = &stage.call.word;
    if words::plain(word) != "input" {
        layer::unknown(stage, report);
    }
    if let Some(name) = &stage.name {
        let help = "names are for layers; remove this one";
        report.error(name, "the input has no name", help);
    }
    if stage.inside.is_some() {
        let message = "the input has no layers inside";
        report.error(word, message, "join layers to it by `->`");
    }
    let given = stage.call.arguments.as_deref().unwrap_or_default();
    let mut sizes: Vec<&TokenStream> = vec![];
    let mut named: Vec<(&Ident, &Argument)> = vec![];
    let mut is_any_unknown = false;
    for argument in given {
        let Some(name) = &argument.name else {
            sizes.push(&argument.value);
            continue;
        };
        let text = name.to_string();
        if let Some((first, _)) = named.iter().find(|(other, _)| *other == name) {
            report.error(
                name,
                format!("`{name}` is given twice"),
                "remove one of them",
            );
            report.also(first, "first given here");
        } else if NAMES.contains(&&text[..]) {
            named.push((name, argument));
        } else {
            let message = format!("`input` has no argument `{name}`");
            let names = fields(&text, &NAMES);
            let help = match nearest(&text, &NAMES) {
                Some(_) => names,
                None => format!("{names}, and sizes of images have no names: {SHAPES}"),
            };
            report.error(name, message, help);
            is_any_unknown = true;
        }
    }
    let get = |name: &str| named.iter().find(|(other, _)| *other == name).copied();
    let parametrization = get("parametrization")
        .and_then(|(_, argument)| parametrization(&argument.value, report))
        .unwrap_or_default();
    let numbers: Vec<Option<usize>> = sizes
        .iter()
        .map(|value| size(value, "a size", report))
        .collect();
    let mut by_name = |name: &str| {
        get(name).map(|(_, argument)| size(&argument.value, &format!("`{name}`"), report))
    };
    let (tokens, width) = (by_name("tokens"), by_name("width"));
    let shape = match (&numbers[..], tokens, width) {
        (&[length], None, None) => length.map(Shape::Vector),
        (&[channels, height, width], None, None) => channels
            .zip(height.zip(width))
            .map(|(channels, (height, width))| Shape::image(channels, height, width)),
        ([], Some(tokens), None) => tokens.map(Shape::Tokens),
        ([], Some(tokens), Some(width)) => tokens
            .zip(width)
            .map(|(tokens, width)| Shape::sequence(tokens, width)),
        // The unknown name is likely one of those that are missing.
        _ if is_any_unknown => None,
        ([], None, None) => {
            report.error(word, "the input has no size", SHAPES);
            None
        }
        ([], None, Some(_)) => {
            report.error(word, "`input` has a `width` and no `tokens`", SHAPES);
            None
        }
        (numbers, None, None) => {
            let at = sizes.get(3).unwrap_or(&sizes[numbers.len() - 1]);
            let message = format!("`input` takes 1 or 3 sizes, not {}", numbers.len());
            report.error(at, message, SHAPES);
            None
        }
        _ => {
            let message = "`input` takes sizes with names or without, not both";
            report.error(sizes[0], message, SHAPES);
            None
        }
    };
    (shape.filter(|_| report.len() == before), parametrization)
}

fn parametrization(value: &TokenStream, report: &mut Report) -> Option<Parametrization> {
    if value.is_empty() {
        return None;
    }
    let text = value.to_string();
    let found = PARAMETRIZATIONS.iter().find(|(name, _)| *name == text);
    if found.is_none() {
        let names = PARAMETRIZATIONS.map(|(name, _)| name);
        let help = suggestion(&text, &names);
        report.error(value, format!("unknown parametrization `{text}`"), help);
    }
    found.map(|(_, parametrization)| *parametrization)
}
