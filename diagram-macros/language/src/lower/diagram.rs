//! Diagrams from their drawings: checks that the nodes are distinct and that ties and outlines join nodes of the diagram.

use std::collections::{BTreeMap, BTreeSet};

use diagram_calculus::Diagram;
use diagram_calculus::diagram::MAX_NODES;
use diagram_calculus::outline::{OutlineError, Outlined};
use diagram_calculus::picture::Sketch;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use syn::Ident;

use crate::model::DeclaredDiagram;
use crate::names::{nearest, suggestion};
use crate::parse::{DiagramItem, Drawing, DrawnTree, Tie, TieKind};
use crate::report::Report;

/// For each name of a node, the diagrams that have a node of this name.
#[derive(Default)]
pub(super) struct Drawers(BTreeMap<String, Vec<String>>);

impl Drawers {
    /// Adds the nodes of a diagram.
    pub(super) fn add(&mut self, item: &DiagramItem) {
        if let Drawing::Trees { trees, .. } = &item.drawing {
            for tree in trees {
                self.add_tree(&item.name, tree);
            }
        }
    }

    fn add_tree(&mut self, diagram: &Ident, tree: &DrawnTree) {
        let drawers = self.0.entry(tree.name.to_string()).or_default();
        drawers.push(diagram.to_string());
        for child in &tree.children {
            self.add_tree(diagram, child);
        }
    }

    fn first(&self, node: &Ident) -> Option<&str> {
        self.0.get(&node.to_string())?.first().map(String::as_str)
    }
}

/// The declared diagram, or `None` and errors in the report.
pub(super) fn lower(
    item: &DiagramItem,
    drawers: &Drawers,
    report: &mut Report,
) -> Option<DeclaredDiagram> {
    match &item.drawing {
        Drawing::Trees { trees, ties } => drawn(&item.name, trees, ties, drawers, report),
        Drawing::Compact { edges, parts } => compact(&item.name, edges, parts, report),
    }
}

/// The nodes of a diagram in the order in which they are drawn.
#[derive(Default)]
struct Nodes {
    names: Vec<Ident>,
    parents: Vec<Option<usize>>,
    /// The part of each node, named by the number of one of its nodes.
    parts: Vec<usize>,
    /// The names in ties that no node has.
    missing: BTreeSet<String>,
}

fn drawn(
    name: &Ident,
    trees: &[DrawnTree],
    ties: &[Tie],
    drawers: &Drawers,
    report: &mut Report,
) -> Option<DeclaredDiagram> {
    let before = report.len();
    // This check comes before everything that takes a time that grows with the number of nodes.
    let count = trees.iter().map(DrawnTree::nodes).sum::<usize>();
    if count > MAX_NODES {
        let message =
            format!("{count} nodes are more than the {MAX_NODES} that a diagram may have");
        let help = "an expansion of that order is out of reach; draw a smaller diagram";
        report.error(name, message, help);
        return None;
    }
    let mut nodes = Nodes::default();
    for tree in trees {
        nodes.add(tree, None, report);
    }
    let mut outlines = vec![];
    let mut links = vec![];
    for tie in ties {
        let (left, right) = (
            nodes.find(&tie.left, drawers, report),
            nodes.find(&tie.right, drawers, report),
        );
        let (Some(left), Some(right)) = (left, right) else {
            continue;
        };
        if left == right {
            let message = format!("`{}` is tied to itself", tie.right);
            let help = "remove this tie, or tie to another node: a tie joins two";
            report.error(&tie.right, message, help);
        } else {
            links.push((tie, left, right));
        }
    }
    // Ties are applied before outlines, so that the diagram does not depend on the order in which they are written.
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
    if report.len() > before {
        return None;
    }
    let pairs: Vec<(usize, usize)> = outlines.iter().map(|(pair, _)| *pair).collect();
    match Outlined::new(&nodes.parents, &nodes.parts, &pairs) {
        Ok(diagram) => {
            let sketch = Sketch::new(&nodes.parents, &nodes.parts, &pairs).ok()?;
            let names: Vec<String> = nodes.names.iter().map(Ident::to_string).collect();
            Some(DeclaredDiagram {
                name: name.to_string(),
                diagram,
                // Names that cannot be drawn are only left out of the picture.
                sketch: sketch.clone().with_names(names.clone()).unwrap_or(sketch),
                nodes: names,
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
    fn add(&mut self, tree: &DrawnTree, parent: Option<usize>, report: &mut Report) {
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

    fn find(&mut self, name: &Ident, drawers: &Drawers, report: &mut Report) -> Option<usize> {
        let found = self.names.iter().position(|known| known == name);
        // A node in the middle of a chain of ties is in two of them, but is reported once.
        if found.is_none() && self.missing.insert(name.to_string()) {
            self.not_here(name, drawers, report);
        }
        found
    }

    /// Reports a node in a tie that the diagram does not have.
    fn not_here(&self, name: &Ident, drawers: &Drawers, report: &mut Report) {
        let known: Vec<String> = self.names.iter().map(Ident::to_string).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let text = name.to_string();
        if let Some(meant) = nearest(&text, &known) {
            let message = format!("this diagram draws no node `{name}`");
            report.error(name, message, format!("did you mean `{meant}`?"));
        } else if let Some(other) = drawers.first(name) {
            let message = format!("`{name}` is a node of the diagram `{other}`, not of this one");
            let help = format!(
                "ties join nodes of one diagram: draw `{name}` here, too, as in `{}({name})`",
                known[0]
            );
            report.error(name, message, help);
        } else {
            let message = format!("this diagram draws no node `{name}`");
            let help = format!(
                "draw it, as in `{}({name})`, or tie others: {}",
                known[0],
                suggestion(&text, &known)
            );
            report.error(name, message, help);
        }
    }

    /// Merges the parts of two nodes.
    fn tie(&mut self, a: usize, b: usize, tie: &Tie, report: &mut Report) {
        let (to, from) = (self.parts[a], self.parts[b]);
        if to == from {
            let message = format!("`{}` and `{}` are tied already", tie.left, tie.right);
            let help =
                "remove this tie: what is tied to one node is tied to all that it is tied to";
            report.error(&tie.right, message, help);
        }
        for part in &mut self.parts {
            if *part == from {
                *part = to;
            }
        }
    }
}

/// Reads compact notation. The tokens are converted to text for the parser of the calculus, and the bytes in its errors back to places of tokens.
fn compact(
    name: &Ident,
    edges: &Group,
    parts: &Group,
    report: &mut Report,
) -> Option<DeclaredDiagram> {
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
        Ok(diagram) => Some(DeclaredDiagram {
            name: name.to_string(),
            sketch: Sketch::from(&diagram),
            diagram: diagram.into(),
            nodes: vec![],
        }),
        Err(error) => {
            let message = error.to_string();
            // The message begins with the byte, which is not needed since the span shows the place.
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

/// Appends tokens to a text, with the place of each.
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
