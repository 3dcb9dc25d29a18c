//! Networks: checks their shapes, and reports what is wrong at the argument that it is about.

use diagram_networks::{At, Loss, Network, NetworkError, Problem};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::LitInt;
use syn::ext::IdentExt;

use crate::lower::NetworkBody;
use crate::names::nearest;
use crate::parse::{Call, NetworkArgument as Argument, Stage};
use crate::report::Report;

/// The largest number of layers that a misspelt name is compared with.
const MOST_COMPARED: usize = 100;

/// The network, or `None` if it has errors, which are reported.
pub(crate) fn check(body: &NetworkBody, report: &mut Report) -> Option<Network> {
    let declaration = body.declaration.clone();
    // Without a loss it is one that takes all outputs, so that nothing is said about them.
    let loss = body
        .loss
        .as_ref()
        .map_or(Loss::MeanSquared, |(loss, _)| *loss);
    let errors = match declaration.loss(loss) {
        Ok(network) => return body.is_sound.then_some(network),
        Err(errors) => errors.0,
    };
    for error in errors {
        if is_certain(body, &error) {
            report_at(body, &error, report);
        }
    }
    None
}

/// Whether an error does not follow from others, which are reported already.
fn is_certain(body: &NetworkBody, error: &NetworkError) -> bool {
    let path = match (&error.problem, &error.at) {
        (
            Problem::Name { .. }
            | Problem::NotAName { .. }
            | Problem::Coefficient { .. }
            | Problem::PenaltyTwice { .. },
            _,
        ) => {
            return true;
        }
        (Problem::NoWeights, At::Loss) => return body.broken.is_empty() && body.loss.is_some(),
        // What a residual layer gives does not depend on the layers inside.
        (_, At::Loss) => {
            return body.loss.is_some() && body.broken.iter().all(|broken| broken.len() > 1);
        }
        (_, At::Penalty(..)) => return body.broken.is_empty(),
        (Problem::NotEmbedded, At::Input) => &vec![0],
        (_, At::Input) => &vec![],
        (_, At::Layer(path)) => path,
    };
    !body.broken.iter().any(|broken| hides(broken, path))
}

/// Whether nothing is known about the layer with a path because there is another layer in the place of a broken one: of those after it in the same list,
/// and of the residual layer around it.
fn hides(broken: &[usize], path: &[usize]) -> bool {
    let Some((index, around)) = broken.split_last() else {
        return true;
    };
    path.strip_prefix(around)
        .is_some_and(|inside| inside.first().is_none_or(|first| first >= index))
}

fn report_at(body: &NetworkBody, error: &NetworkError, report: &mut Report) {
    let problem = &error.problem;
    let mut help = problem.help().unwrap_or_default();
    if let Problem::PenaltyOf { name, .. } = problem
        && let Some(meant) = nearest_layer(name, &body.layers)
    {
        help = format!("did you mean `{meant}`?");
    }
    report.error(place(body, error), problem, help);
    if let (Problem::Name { .. }, At::Layer(path)) = (problem, &error.at)
        && let Some(first) = first_of_this_name(body, path)
    {
        report.also(first, "first given here");
    }
}

/// The name of the layer of which `name` is likely a misspelling. Nothing is compared if there are many layers.
fn nearest_layer(name: &str, layers: &[Option<Stage>]) -> Option<String> {
    let mut names = vec![];
    if layers.len() <= MOST_COMPARED {
        named(layers, "", &mut names);
    }
    names.truncate(MOST_COMPARED);
    // A layer of the very name has no weights.
    let others = names.iter().map(String::as_str);
    let others: Vec<&str> = others.filter(|other| *other != name).collect();
    nearest(name, &others).map(String::from)
}

/// The names of the layers that have one, with those of the layers around them.
fn named(layers: &[Option<Stage>], prefix: &str, names: &mut Vec<String>) {
    for stage in layers.iter().flatten() {
        if let Some(name) = stage.name.as_ref().map(IdentExt::unraw) {
            names.push(format!("{prefix}{name}"));
            if let Some(inside) = &stage.inside {
                named(inside, &format!("{prefix}{name}."), names);
            }
        }
    }
}

/// The tokens that an error is about.
fn place(body: &NetworkBody, error: &NetworkError) -> TokenStream {
    let found = match &error.at {
        At::Input => match (&error.problem, body.layers.first()) {
            (Problem::NotEmbedded, Some(Some(first))) => Some(first.call.word.to_token_stream()),
            _ => body.input.as_ref().map(|call| argument(call, error)),
        },
        At::Layer(path) => {
            stage_at(&body.layers, path).map(|stage| match (&error.problem, &stage.name) {
                (Problem::Name { .. } | Problem::NotAName { .. }, Some(name)) => {
                    name.to_token_stream()
                }
                _ => argument(&stage.call, error),
            })
        }
        At::Loss => body.loss.as_ref().map(|(_, word)| word.to_token_stream()),
        At::Penalty(index, name) => body.penalties.get(*index).map(|call| {
            let argument = call
                .arguments
                .as_ref()
                .and_then(|all| all.get(name.map_or(0, |name| name + 1)));
            argument.map_or_else(
                || call.word.to_token_stream(),
                |argument| argument.value.clone(),
            )
        }),
    };
    let input = || body.input.as_ref().map(|call| call.word.to_token_stream());
    found.or_else(input).unwrap_or_default()
}

/// The argument of a call that an error is about, or the word if it is about none of them.
fn argument(call: &Call, error: &NetworkError) -> TokenStream {
    let arguments = call.arguments.iter().flatten();
    let mut sizes = arguments.filter_map(|argument| {
        let literal = syn::parse2::<LitInt>(argument.value.clone()).ok()?;
        Some((literal.base10_parse::<usize>().ok()?, argument))
    });
    let named = |name: &'static str| {
        move |(_, argument): &(usize, &Argument)| {
            argument.name.as_ref().is_some_and(|given| given == name)
        }
    };
    let found = match &error.problem {
        Problem::TooLarge => sizes.max_by_key(|(size, _)| *size),
        Problem::Kernel { .. } => sizes.find(named("kernel")),
        Problem::Groups { .. } => sizes.find(named("groups")),
        Problem::Heads { .. } => sizes.find(named("heads")),
        Problem::Pool { .. } => sizes.next(),
        _ => None,
    };
    found.map_or_else(
        || call.word.to_token_stream(),
        |(_, argument)| argument.value.clone(),
    )
}

/// The stage of the layer with this path of indices.
fn stage_at<'s>(layers: &'s [Option<Stage>], path: &[usize]) -> Option<&'s Stage> {
    let (index, rest) = path.split_first()?;
    let stage = layers.get(*index)?.as_ref()?;
    if rest.is_empty() {
        return Some(stage);
    }
    stage_at(stage.inside.as_deref()?, rest)
}

/// The name of the first layer that has the same name as the one with this path, beside it.
fn first_of_this_name<'s>(body: &'s NetworkBody, path: &[usize]) -> Option<&'s Ident> {
    let (_, around) = path.split_last()?;
    let beside = match around {
        [] => &body.layers[..],
        _ => stage_at(&body.layers, around)?.inside.as_deref()?,
    };
    let name = stage_at(&body.layers, path)?.name.as_ref()?;
    let mut names = beside
        .iter()
        .flatten()
        .filter_map(|stage| stage.name.as_ref());
    names.find(|other| *other == name)
}
