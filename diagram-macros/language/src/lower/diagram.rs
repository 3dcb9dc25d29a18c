//! Is this a tree, and do the ties tie its nodes?

use diagram_calculus::Diagram;
use diagram_calculus::diagram::MAX_NODES;
use diagram_calculus::outline::{OutlineError, Outlined};
use diagram_calculus::picture::Sketch;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use syn::Ident;

use crate::model::Drawn;
use crate::names::suggestion;
use crate::parse::{DiagramItem, Drawing, Tie, TieKind, Tree};
use crate::report::Report;

/// The diagram, or `None` and its errors in the report.
pub(super) fn lower(item: &DiagramItem, report: &mut Report) -> Option<Drawn> {
    match &item.drawing {
        Drawing::Trees { trees, ties } => drawn(&item.name, trees, ties, report),
        Drawing::Compact { edges, parts } => compact(&item.name, edges, parts, report),
    }
}

/// Nodes in the order in which they are named.
#[derive(Default)]
struct Nodes {
    names: Vec<Ident>,
    parents: Vec<Option<usize>>,
    /// Part of each node, by the number of one of its nodes.
    parts: Vec<usize>,
}

fn drawn(name: &Ident, trees: &[Tree], ties: &[Tie], report: &mut Report) -> Option<Drawn> {
    let before = report.len();
    let mut nodes = Nodes::default();
    for tree in trees {
        nodes.add(tree, None, report);
    }
    let mut outlines = vec![];
    let mut links = vec![];
    for tie in ties {
        let (left, right) = (
            nodes.find(&tie.left, report),
            nodes.find(&tie.right, report),
        );
        let (Some(left), Some(right)) = (left, right) else {
            continue;
        };
        if left == right {
            let message = format!("`{}` is tied to itself", tie.right);
            report.error(&tie.right, message, "a tie joins two different nodes");
        } else {
            links.push((tie, left, right));
        }
    }
    // Ties first: what an outline is drawn on does not depend on the order in which they are written.
    for (tie, left, right) in &links {
        if tie.kind == TieKind::Tied {
            nodes.tie(*left, *right, tie, report);
        }
    }
    for (tie, left, right) in &links {
        if tie.kind == TieKind::Outlined {
            outlines.push(((*left, *right), *tie));
        }
    }
    if nodes.names.len() > MAX_NODES {
        let message = format!(
            "{} nodes are more than the {MAX_NODES} that a diagram may have",
            nodes.names.len()
        );
        report.error(
            name,
            message,
            "an expansion of that order is out of reach; draw a smaller diagram",
        );
    }
    if report.len() > before {
        return None;
    }
    let pairs: Vec<(usize, usize)> = outlines.iter().map(|(pair, _)| *pair).collect();
    match Outlined::new(&nodes.parents, &nodes.parts, &pairs) {
        Ok(diagram) => {
            let sketch = Sketch::new(&nodes.parents, &nodes.parts, &pairs).ok()?;
            let sketch = sketch.with_names(nodes.names.iter().map(Ident::to_string));
            Some(Drawn {
                name: name.to_string(),
                diagram,
                sketch: sketch.ok()?,
            })
        }
        Err(OutlineError::Tied(a, b)) => {
            let at = outlines
                .iter()
                .rev()
                .find(|(pair, _)| *pair == (a, b))
                .map_or(name, |(_, tie)| &tie.right);
            let message = format!(
                "`{}` and `{}` are tied already, so that the outline is nothing: tied minus tied",
                nodes.names[a], nodes.names[b]
            );
            report.error(at, message, "remove the outline, or the tie");
            None
        }
        Err(error) => {
            report.error(name, error, "draw a smaller diagram");
            None
        }
    }
}

impl Nodes {
    fn add(&mut self, tree: &Tree, parent: Option<usize>, report: &mut Report) {
        if let Some(first) = self.names.iter().find(|name| **name == tree.name) {
            let message = format!("node `{}` is used twice", tree.name);
            report.error(&tree.name, message, "every node needs its own name");
            report.also(first, "first used here");
        }
        let at = self.names.len();
        self.names.push(tree.name.clone());
        self.parents.push(parent);
        self.parts.push(at);
        for child in &tree.children {
            self.add(child, Some(at), report);
        }
    }

    fn find(&self, name: &Ident, report: &mut Report) -> Option<usize> {
        let found = self.names.iter().position(|known| known == name);
        if found.is_none() {
            let known: Vec<String> = self.names.iter().map(Ident::to_string).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!("this diagram has no node `{name}`");
            report.error(name, message, suggestion(&name.to_string(), &known));
        }
        found
    }

    fn tie(&mut self, a: usize, b: usize, tie: &Tie, report: &mut Report) {
        let (to, from) = (self.parts[a], self.parts[b]);
        if to == from {
            let message = format!("`{}` and `{}` are tied already", tie.left, tie.right);
            report.error(&tie.right, message, "remove this tie");
        }
        for part in &mut self.parts {
            if *part == from {
                *part = to;
            }
        }
    }
}

/// Reads the groups' tokens as text, so that the notation has one parser, and points errors back at the tokens.
fn compact(name: &Ident, edges: &Group, parts: &Group, report: &mut Report) -> Option<Drawn> {
    let mut text = String::new();
    let mut places: Vec<(usize, Span)> = vec![];
    for group in [edges, parts] {
        places.push((text.len(), group.span_open()));
        text.push('(');
        write(group.stream(), &mut text, &mut places);
        places.push((text.len(), group.span_close()));
        text.push(')');
    }
    match text.parse::<Diagram>() {
        Ok(diagram) => Some(Drawn {
            name: name.to_string(),
            sketch: Sketch::from(&diagram),
            diagram: diagram.into(),
        }),
        Err(error) => {
            let message = error.to_string();
            // The byte is a place in the notation; the span shows it better.
            let message = message
                .split_once(": ")
                .map_or(&message[..], |(_, rest)| rest);
            let span = places
                .iter()
                .rev()
                .find(|(start, _)| *start <= error.offset())
                .map_or_else(|| parts.span_close(), |(_, span)| *span);
            let help = "edges, then parts, of nodes 0, 1, 2, …, root first: `(01-12-13)(0-1-23)`";
            report.push(syn::Error::new(span, format!("{message}\n\nhelp: {help}")));
            None
        }
    }
}

fn write(tokens: TokenStream, text: &mut String, places: &mut Vec<(usize, Span)>) {
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            places.push((text.len(), group.span_open()));
        } else {
            places.push((text.len(), token.span()));
        }
        text.extend(token.to_string().split_whitespace());
    }
}
