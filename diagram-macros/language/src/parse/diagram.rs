//! Diagrams, such as `diagram NAME = root(c(a, b)) where a ~ b, c ~~ d;` or `diagram NAME = (01-12-13)(0-1-23);`.

use proc_macro2::{Group, TokenTree};
use syn::parse::ParseStream;
use syn::{Error, Ident, Result, Token, parenthesized, token};

use super::tokens::{self, equals, expected, list, within};
use super::words;

const HELP: &str = "a call is `parent(children)`, root first: `root(c(a, b)) where a ~ b`; compact notation lists edges, then parts: `(01-12-13)(0-1-23)`";

const TIES: &str =
    "`a ~ b` ties two nodes to one datapoint, `a ~~ b` outlines them: tied minus untied";
const SEPARATE: &str = "children are separated by commas: `root(a, b)`";

/// A declared diagram.
pub(crate) struct DiagramItem {
    pub(crate) name: Ident,
    pub(crate) drawing: Drawing,
}

/// The drawing of a diagram.
pub(crate) enum Drawing {
    /// Trees, of which the second moment has two, and ties between their nodes.
    Trees {
        trees: Vec<DrawnTree>,
        ties: Vec<Tie>,
    },
    /// Compact notation: a list of edges and a list of parts.
    Compact { edges: Group, parts: Group },
}

/// A tree, such as `parent(child, child)`.
pub(crate) struct DrawnTree {
    pub(crate) name: Ident,
    pub(crate) children: Vec<DrawnTree>,
}

impl DrawnTree {
    /// The number of its nodes.
    pub(crate) fn nodes(&self) -> usize {
        1 + self.children.iter().map(DrawnTree::nodes).sum::<usize>()
    }
}

/// A tie `a ~ b` or an outline `a ~~ b`, which may be part of a chain.
pub(crate) struct Tie {
    pub(crate) left: Ident,
    pub(crate) kind: TieKind,
    pub(crate) right: Ident,
}

/// Whether two nodes are tied or outlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TieKind {
    /// A tie `~`: the nodes have the same datapoint.
    Tied,
    /// An outline `~~`: the difference of the diagram with and without a tie.
    Outlined,
}

pub(super) fn parse(input: ParseStream<'_>, name: Ident) -> Result<DiagramItem> {
    equals(input, HELP)?;
    let drawing = if input.peek(token::Paren) {
        compact(input)?
    } else {
        drawn(input)?
    };
    Ok(DiagramItem { name, drawing })
}

/// An error for tokens that cannot follow a diagram.
pub(super) fn expected_end(input: ParseStream<'_>) -> Error {
    if let Some(error) = words::misspelt(input, &["where"]) {
        return error;
    }
    let help = if input.peek(Token![~]) || input.peek(Token![&&]) {
        "ties come after `where`, separated by commas: `root(a, b, c) where a ~ b, b ~~ c`"
    } else if input.peek(token::Bracket) || input.peek(token::Brace) {
        "children stand in round brackets: `root(a, b)`"
    } else {
        "every item ends with `;`"
    };
    expected(input, "`;`", help)
}

/// Parses compact notation into its two groups.
fn compact(input: ParseStream<'_>) -> Result<Drawing> {
    let group = || match input.parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => Some(group),
        _ => None,
    };
    let edges = group().ok_or_else(|| expected(input, "a list of edges", HELP))?;
    if !input.peek(token::Paren) {
        return Err(expected(input, "`(` and a list of parts", HELP));
    }
    let parts = group().ok_or_else(|| expected(input, "a list of parts", HELP))?;
    Ok(Drawing::Compact { edges, parts })
}

/// Parses trees and their ties.
fn drawn(input: ParseStream<'_>) -> Result<Drawing> {
    let mut trees = vec![tree(input)?];
    while input.parse::<Token![*]>().is_ok() {
        trees.push(tree(input)?);
    }
    let mut ties = vec![];
    if input.parse::<Token![where]>().is_ok() {
        loop {
            chain(input, &mut ties)?;
            if input.parse::<Token![,]>().is_err() {
                break;
            }
        }
    }
    Ok(Drawing::Trees { trees, ties })
}

fn tree(input: ParseStream<'_>) -> Result<DrawnTree> {
    let name = node(input)?;
    let mut children = vec![];
    if input.peek(token::Paren) {
        let inner;
        parenthesized!(inner in input);
        children = within(&inner, |inner| list(inner, SEPARATE, tree))?;
    }
    Ok(DrawnTree { name, children })
}

/// Parses a chain of ties, such as `a ~ b ~ c`.
fn chain(input: ParseStream<'_>, ties: &mut Vec<Tie>) -> Result<()> {
    let mut left = node(input)?;
    let mut any = false;
    while input.parse::<Token![~]>().is_ok() {
        let kind = match input.parse::<Token![~]>() {
            Ok(_) => TieKind::Outlined,
            Err(_) => TieKind::Tied,
        };
        let right = node(input)?;
        ties.push(Tie {
            left: left.clone(),
            kind,
            right: right.clone(),
        });
        left = right;
        any = true;
    }
    if any {
        Ok(())
    } else {
        Err(expected(input, "`~` or `~~`", TIES))
    }
}

fn node(input: ParseStream<'_>) -> Result<Ident> {
    tokens::name(input, "the name of a node", HELP)
}
