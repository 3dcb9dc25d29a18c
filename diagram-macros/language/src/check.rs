//! The third stage: the rules of the language. Items that satisfy all of them become the model.

mod combination;
mod drawn_forest;
mod embedding;
mod expansion;
mod network;
mod optimized;
mod resummed;
mod term;
mod unused;

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::ext::IdentExt;

use crate::lower::{Lowered, LoweredBody};
use crate::model::{DeclaredNetwork, DeclaredPredictor, Model, Sizes};
use crate::report::Report;
pub(crate) use network::check as check_network;

/// Applies all rules, and continues after errors.
pub(crate) fn check(lowered: Lowered, report: &mut Report) -> Model {
    let mut predictors = vec![];
    let mut resummed = vec![];
    let mut optimized = vec![];
    let mut sums = vec![];
    for predictor in lowered.predictors {
        let mut sizes = predictor.spacetime.as_ref().map(Sizes::of_spacetime);
        let source = on_one_line(&predictor.source);
        if predictor.is_resummed {
            let name = &predictor.head.name;
            let content = match predictor.body {
                Some(LoweredBody::Expansion(expansion)) => {
                    resummed::check(name, &expansion, source, report)
                }
                _ => None,
            };
            resummed.push(DeclaredPredictor {
                head: predictor.head,
                is_summand: false,
                sizes,
                content,
            });
            continue;
        }
        let training = predictor
            .spacetime
            .as_ref()
            .and_then(|spacetime| spacetime.training.clone());
        if let Some(training) = training {
            let content = match predictor.body {
                Some(LoweredBody::Expansion(expansion)) => {
                    optimized::check(&expansion, &training, source, report)
                }
                _ => None,
            };
            optimized.push(DeclaredPredictor {
                head: predictor.head,
                is_summand: false,
                sizes,
                content,
            });
            continue;
        }
        let content = match predictor.body {
            Some(LoweredBody::Expansion(expansion)) => {
                expansion::check(&predictor.head.name, &expansion, source, report)
            }
            Some(LoweredBody::Combination(summands)) => {
                sums.push((predictors.len(), summands, source));
                None
            }
            None => None,
        };
        if let (Some(content), Some(spacetime)) = (&content, &predictor.spacetime)
            && !spacetime.products.is_empty()
        {
            sizes = sizes.map(|sizes| sizes.for_coefficients(&content.combination));
        }
        predictors.push(DeclaredPredictor {
            head: predictor.head,
            is_summand: predictor.is_summand,
            sizes,
            content,
        });
    }
    combination::check(&mut predictors, sums, report);
    let any = !predictors.is_empty() || !resummed.is_empty() || !optimized.is_empty();
    unused::check(&lowered.unused, any, &predictors, report);
    let networks = lowered.networks.into_iter().map(|network| DeclaredNetwork {
        network: network.body.and_then(|body| network::check(&body, report)),
        head: network.head,
    });
    let networks = networks.collect();
    Model {
        spacetimes: lowered
            .spacetimes
            .sound()
            .map(|(name, spacetime)| (name.to_string(), spacetime.clone()))
            .collect(),
        diagrams: lowered.diagrams.sound().map(|(_, d)| d.clone()).collect(),
        predictors,
        optimized,
        resummed,
        networks,
    }
}

/// The text of tokens on one line, with names as they are printed.
fn on_one_line(tokens: &TokenStream) -> String {
    without_raw(tokens.clone())
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The tokens with `type` for `r#type`.
fn without_raw(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(name) => name.unraw().into(),
            TokenTree::Group(group) => {
                Group::new(group.delimiter(), without_raw(group.stream())).into()
            }
            other => other,
        })
        .collect()
}
