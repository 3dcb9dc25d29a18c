//! The limit of nested brackets, which bounds the depth of recursion of the parser.

use proc_macro2::token_stream::IntoIter;
use proc_macro2::{Group, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};

use super::opening::{self, Opening};
use crate::report::{Report, at};

/// The largest depth of nested brackets. No diagram needs more, since diagrams have at most 21 nodes.
const DEEPEST: usize = 64;

/// The tokens of the items that are not nested too deeply, and the openings of the others, which are reported.
pub(super) fn shallow(tokens: TokenStream, report: &mut Report) -> (TokenStream, Vec<Opening>) {
    let mut kept = TokenStream::new();
    let mut too_deep = vec![];
    for item in items(tokens) {
        let Some(group) = item.iter().find_map(deeper_than_allowed) else {
            kept.extend(item);
            continue;
        };
        let help = "remove brackets; declare parts of a set as sets of their own: `set NAME = …;`";
        let message = format!("more than {DEEPEST} brackets stand in each other");
        report.error(at(group.span_open()), message, help);
        let is_group = |token: &TokenTree| matches!(token, TokenTree::Group(_));
        let beginning = item.into_iter().take_while(|token| !is_group(token));
        let read = |input: ParseStream<'_>| {
            let opening = opening::parse(input, &mut Report::silent());
            input.parse::<TokenStream>()?;
            opening
        };
        if let Ok(Some(opening)) = read.parse2(beginning.collect()) {
            too_deep.push(opening);
        }
    }
    (kept, too_deep)
}

/// The tokens up to each `;`.
fn items(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut items = vec![vec![]];
    for token in tokens {
        let ends = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        items.last_mut().expect("never empty").push(token);
        if ends {
            items.push(vec![]);
        }
    }
    items
}

/// The first group that is nested too deeply. The search does not recurse.
fn deeper_than_allowed(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else {
        return None;
    };
    let mut open: Vec<IntoIter> = vec![group.stream().into_iter()];
    while let Some(tokens) = open.last_mut() {
        match tokens.next() {
            None => {
                open.pop();
            }
            Some(TokenTree::Group(group)) if open.len() >= DEEPEST => return Some(group),
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(_) => {}
        }
    }
    None
}
