//! The compact notation of diagrams, such as `(01-02-13)(0-1-23)`.

use super::{Diagram, MAX_NODES};
use std::fmt;

/// Why a text is not the notation of a diagram, and the byte where the error is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotationError {
    /// The text continues with something else than what is allowed at this place, or ends too early.
    #[error("byte {offset}: expected {expected}, found {}", describe(*found))]
    Unexpected {
        /// The byte at which the unexpected text begins.
        offset: usize,
        /// What is allowed there.
        expected: &'static str,
        /// The character there, or `None` at the end of the text.
        found: Option<char>,
    },
    /// A label is not one of the digits and letters for [`MAX_NODES`] nodes.
    #[error("byte {offset}: '{label}' is no label; nodes are labelled 0 to 9, then a to k")]
    UnknownLabel {
        /// The byte of the label.
        offset: usize,
        /// The label.
        label: char,
    },
    /// An edge joins a node to itself, or two nodes that are connected already.
    #[error("byte {offset}: edge {edge} closes a cycle; a diagram's edges form trees")]
    Cycle {
        /// The byte of the edge.
        offset: usize,
        /// The two labels of the edge.
        edge: String,
    },
    /// An edge is given twice.
    #[error("byte {offset}: edge {edge} is given twice")]
    RepeatedEdge {
        /// The byte of the second mention.
        offset: usize,
        /// The two labels of the edge.
        edge: String,
    },
    /// A node is listed in two parts, or twice in one part.
    #[error("byte {offset}: node {label} already stands in a part")]
    RepeatedNode {
        /// The byte of the second mention.
        offset: usize,
        /// The label of the node.
        label: char,
    },
    /// A node of an edge is not listed in any part.
    #[error("byte {offset}: node {label} stands in no part")]
    MissingFromParts {
        /// The byte of the first mention of the label, among the edges.
        offset: usize,
        /// The label of the node.
        label: char,
    },
    /// The labels are not consecutive from 0: a smaller one than another is missing.
    #[error("byte {offset}: node {label} exists, but {missing} does not; labels count up from 0")]
    SkippedLabel {
        /// The byte of the larger label.
        offset: usize,
        /// The larger label.
        label: char,
        /// The smallest missing label.
        missing: char,
    },
}

impl NotationError {
    /// The byte of the text at which the error is, or the length of the text if it ends too early.
    pub fn offset(&self) -> usize {
        match *self {
            Self::Unexpected { offset, .. }
            | Self::UnknownLabel { offset, .. }
            | Self::Cycle { offset, .. }
            | Self::RepeatedEdge { offset, .. }
            | Self::RepeatedNode { offset, .. }
            | Self::MissingFromParts { offset, .. }
            | Self::SkippedLabel { offset, .. } => offset,
        }
    }
}

fn describe(found: Option<char>) -> String {
    found.map_or_else(|| "the end".into(), |c| format!("'{c}'"))
}

/// The label of a node: a digit below 10, a letter from there on.
pub(crate) fn label(node: usize) -> char {
    char::from_digit(node as u32, 36).unwrap_or('?')
}

/// Writes the edges, given by their labels, and the parts.
pub(crate) fn write(
    f: &mut fmt::Formatter<'_>,
    edges: impl Iterator<Item = (char, char)>,
    parts: &[u8],
) -> fmt::Result {
    let edges: Vec<String> = edges.map(|(a, b)| format!("{a}{b}")).collect();
    let parts: Vec<String> = (0..=parts.iter().copied().max().unwrap_or(0))
        .map(|part| {
            let members = (0..parts.len()).filter(|&node| parts[node] == part);
            members.map(label).collect()
        })
        .collect();
    f.pad(&format!("({})({})", edges.join("-"), parts.join("-")))
}

/// Reads a diagram. White space is allowed anywhere.
pub(crate) fn parse(text: &str) -> Result<Diagram, NotationError> {
    let mut reader = Reader::new(text);
    let edges = reader.edges()?;
    let parts = reader.parts()?;
    reader.end()?;
    let nodes = check_labels(&edges, &parts)?;
    Ok(build(nodes, &edges, &parts))
}

/// The node of a label and the byte where the label is.
#[derive(Clone, Copy)]
struct Label {
    node: usize,
    offset: usize,
}

struct Reader<'a> {
    text: &'a str,
    rest: std::iter::Peekable<std::str::CharIndices<'a>>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            rest: text.char_indices().peekable(),
        }
    }

    /// Reads a list of edges, such as `(01-02-13)`.
    fn edges(&mut self) -> Result<Vec<[Label; 2]>, NotationError> {
        self.expect('(', "'(' and a list of edges")?;
        let mut edges: Vec<[Label; 2]> = Vec::new();
        if self.accept(')') {
            return Ok(edges);
        }
        // A representative of the component of each node (a disjoint-set structure).
        let mut leaders: Vec<usize> = (0..MAX_NODES).collect();
        loop {
            let ends = [self.label()?, self.label()?];
            let offset = ends[0].offset;
            let [a, b] = ends.map(|end| end.node);
            let edge = format!("{}{}", label(a), label(b));
            if edges
                .iter()
                .map(|ends| ends.map(|end| end.node))
                .any(|known| known == [a, b] || known == [b, a])
            {
                return Err(NotationError::RepeatedEdge { offset, edge });
            }
            let (from, to) = (leaders[a], leaders[b]);
            if from == to {
                return Err(NotationError::Cycle { offset, edge });
            }
            for leader in &mut leaders {
                if *leader == from {
                    *leader = to;
                }
            }
            edges.push(ends);
            if self.accept(')') {
                return Ok(edges);
            }
            self.expect('-', "'-' or ')'")?;
        }
    }

    /// Reads a list of parts, such as `(0-1-23)`.
    fn parts(&mut self) -> Result<Vec<Vec<Label>>, NotationError> {
        self.expect('(', "'(' and a list of parts")?;
        let mut parts: Vec<Vec<Label>> = Vec::new();
        loop {
            let mut part: Vec<Label> = Vec::new();
            loop {
                let next = self.label()?;
                let known = |label: &Label| label.node == next.node;
                if parts.iter().flatten().any(known) || part.iter().any(known) {
                    return Err(NotationError::RepeatedNode {
                        offset: next.offset,
                        label: label(next.node),
                    });
                }
                part.push(next);
                if matches!(self.peek().1, None | Some('-' | ')')) {
                    break;
                }
            }
            parts.push(part);
            if self.accept(')') {
                return Ok(parts);
            }
            self.expect('-', "'-' or ')'")?;
        }
    }

    fn end(&mut self) -> Result<(), NotationError> {
        match self.peek() {
            (_, None) => Ok(()),
            (offset, found) => Err(NotationError::Unexpected {
                offset,
                expected: "the end",
                found,
            }),
        }
    }

    fn label(&mut self) -> Result<Label, NotationError> {
        let (offset, found) = self.peek();
        match found {
            Some(label) if label.is_alphanumeric() => {
                let node = label.to_digit(36).map(|digit| digit as usize);
                let node = node.filter(|&node| node < MAX_NODES && !label.is_uppercase());
                let node = node.ok_or(NotationError::UnknownLabel { offset, label })?;
                self.rest.next();
                Ok(Label { node, offset })
            }
            found => Err(NotationError::Unexpected {
                offset,
                expected: "a node's label",
                found,
            }),
        }
    }

    fn expect(&mut self, wanted: char, expected: &'static str) -> Result<(), NotationError> {
        if self.accept(wanted) {
            return Ok(());
        }
        let (offset, found) = self.peek();
        Err(NotationError::Unexpected {
            offset,
            expected,
            found,
        })
    }

    fn accept(&mut self, wanted: char) -> bool {
        let (_, found) = self.peek();
        let met = found == Some(wanted);
        if met {
            self.rest.next();
        }
        met
    }

    /// The next character other than white space, and its byte.
    fn peek(&mut self) -> (usize, Option<char>) {
        while self.rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        match self.rest.peek() {
            Some(&(offset, found)) => (offset, Some(found)),
            None => (self.text.len(), None),
        }
    }
}

/// Checks that every node is listed in a part and that the labels are consecutive from 0. Returns the number of nodes.
fn check_labels(edges: &[[Label; 2]], parts: &[Vec<Label>]) -> Result<usize, NotationError> {
    let in_parts = |node| parts.iter().flatten().any(|label| label.node == node);
    for end in edges.iter().flatten() {
        if !in_parts(end.node) {
            return Err(NotationError::MissingFromParts {
                offset: end.offset,
                label: label(end.node),
            });
        }
    }
    let nodes = parts.iter().map(Vec::len).sum();
    for end in parts.iter().flatten() {
        if let Some(missing) = (0..end.node).find(|&node| !in_parts(node)) {
            return Err(NotationError::SkippedLabel {
                offset: end.offset,
                label: label(end.node),
                missing: label(missing),
            });
        }
    }
    Ok(nodes)
}

/// The diagram with these edges, which must form trees, in which the node with the smallest label of each component is its root.
fn build(nodes: usize, edges: &[[Label; 2]], parts: &[Vec<Label>]) -> Diagram {
    let mut part_of = vec![0; nodes];
    for (part, members) in parts.iter().enumerate() {
        for member in members {
            part_of[member.node] = part;
        }
    }
    let mut children = vec![Vec::new(); nodes];
    let mut roots = Vec::new();
    let mut reached = vec![false; nodes];
    for root in 0..nodes {
        if reached[root] {
            continue;
        }
        roots.push(root);
        reached[root] = true;
        let mut ahead = vec![root];
        while let Some(node) = ahead.pop() {
            for [a, b] in edges.iter().map(|ends| ends.map(|end| end.node)) {
                for (from, to) in [(a, b), (b, a)] {
                    if from == node && !reached[to] {
                        reached[to] = true;
                        children[node].push(to);
                        ahead.push(to);
                    }
                }
            }
        }
    }
    Diagram::from_children(&roots, children, &part_of)
}
