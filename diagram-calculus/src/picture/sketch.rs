//! Sketches, which are diagrams with what a picture shows besides.

use crate::diagram::Diagram;
use crate::outline::{OutlineError, Outlined};

/// The largest length of the name of a node, in characters.
const MAX_NAME: usize = 40;

/// A diagram as it is drawn: nodes in a given order, ties, fuzzy outlines (section 2 of Tenka, *A Space-Time Approach to Analyzing SGD*), and optionally
/// names.
///
/// A [`Diagram`] is in canonical form, whereas a sketch keeps the order in which the nodes are given. It is drawn by [`unicode`](Sketch::unicode),
/// [`svg`](Sketch::svg), [`tikz`](Sketch::tikz) and [`dot`](Sketch::dot).
///
/// ```
/// use diagram_calculus::picture::Sketch;
///
/// let skew = Sketch::new(&[None, Some(0), Some(0)], &[0, 1, 1], &[])?.with_names(["root", "a", "b"])?;
/// assert_eq!(
///     skew.unicode(),
///     "\
/// ⓐa─────┐
///        ├──●root
/// ⓐb─────┘
/// "
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    parents: Vec<Option<usize>>,
    parts: Vec<usize>,
    outlines: Vec<(usize, usize)>,
    names: Option<Vec<String>>,
    notation: String,
}

/// Why names of nodes cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamesError {
    /// The number of names is not that of the nodes.
    #[error("{names} names are given for {nodes} nodes; there must be one for each node")]
    Length {
        /// The number of names given.
        names: usize,
        /// The number of nodes of the diagram.
        nodes: usize,
    },
    /// A name has control characters or is too long.
    #[error(
        "the name {name:?} of node {node} cannot be drawn: at most 40 characters, none of them a control character"
    )]
    Undrawable {
        /// The node.
        node: usize,
        /// Its name.
        name: String,
    },
}

impl Sketch {
    /// The sketch of the diagram that [`Outlined::new`] makes of the same arguments, with the nodes in the order given.
    ///
    /// # Errors
    /// The errors of [`Outlined::new`].
    pub fn new(
        parents: &[Option<usize>],
        parts: &[usize],
        outlines: &[(usize, usize)],
    ) -> Result<Self, OutlineError> {
        let outlined = Outlined::new(parents, parts, outlines)?;
        Ok(Sketch {
            parents: parents.to_vec(),
            parts: parts.to_vec(),
            outlines: outlines.to_vec(),
            names: None,
            notation: outlined.to_string(),
        })
    }

    /// The sketch with a name for every node, in the order of the nodes. A node with the name `""` has none.
    ///
    /// # Errors
    /// [`NamesError`] if the number of names is not that of the nodes, or if a name cannot be drawn.
    pub fn with_names<S: Into<String>>(
        mut self,
        names: impl IntoIterator<Item = S>,
    ) -> Result<Self, NamesError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.len() != self.nodes() {
            return Err(NamesError::Length {
                names: names.len(),
                nodes: self.nodes(),
            });
        }
        // XML does not allow U+FFFE and U+FFFF either.
        let undrawable = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
        if let Some(node) = (0..names.len()).find(|&node| {
            names[node].contains(undrawable) || names[node].chars().count() > MAX_NAME
        }) {
            let name = names[node].chars().take(MAX_NAME).collect();
            return Err(NamesError::Undrawable { node, name });
        }
        self.names = Some(names);
        Ok(self)
    }

    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.parents.len()
    }

    /// The edges, each as (child, parent).
    pub fn edges(&self) -> impl Iterator<Item = (usize, usize)> {
        let nodes = self.parents.iter().enumerate();
        nodes.filter_map(|(child, parent)| Some((child, (*parent)?)))
    }

    /// The ties that are drawn: each node of a part is joined to the next node of that part.
    pub fn ties(&self) -> impl Iterator<Item = (usize, usize)> {
        (0..self.nodes()).filter_map(|node| {
            let next = (node + 1..self.nodes()).find(|&next| self.parts[next] == self.parts[node]);
            Some((node, next?))
        })
    }

    /// The outlines that are drawn, each as the two nodes that it joins.
    pub fn outlines(&self) -> &[(usize, usize)] {
        &self.outlines
    }

    pub(super) fn roots(&self) -> impl Iterator<Item = usize> {
        (0..self.nodes()).filter(|&node| self.parents[node].is_none())
    }

    pub(super) fn children(&self, node: usize) -> impl Iterator<Item = usize> {
        (0..self.nodes()).filter(move |&child| self.parents[child] == Some(node))
    }

    /// The name of a node, which is empty if it has none.
    pub(super) fn name(&self, node: usize) -> &str {
        self.names.as_ref().map_or("", |names| &names[node])
    }

    /// The compact notation.
    pub(super) fn notation(&self) -> &str {
        &self.notation
    }

    /// For every node the number of its part, among the parts that have several nodes or an outline; `None` for the nodes of other parts. These parts are
    /// numbered from 0 in the order of their first nodes.
    pub(super) fn marks(&self) -> Vec<Option<usize>> {
        let mut known: Vec<usize> = vec![];
        self.parts
            .iter()
            .map(|part| {
                let several = self.parts.iter().filter(|&p| p == part).count() > 1;
                let outlined = self
                    .outlines
                    .iter()
                    .any(|&(a, b)| self.parts[a] == *part || self.parts[b] == *part);
                if !several && !outlined {
                    return None;
                }
                let at = known.iter().position(|k| k == part);
                Some(at.unwrap_or_else(|| {
                    known.push(*part);
                    known.len() - 1
                }))
            })
            .collect()
    }
}

impl From<&Diagram> for Sketch {
    fn from(diagram: &Diagram) -> Self {
        let nodes = 0..diagram.nodes();
        Sketch {
            parents: nodes.clone().map(|node| diagram.parent(node)).collect(),
            parts: nodes.map(|node| diagram.part(node)).collect(),
            outlines: vec![],
            names: None,
            notation: diagram.to_string(),
        }
    }
}

/// The sketch with the nodes in the order that [`Outlined::new`] was given.
impl From<&Outlined> for Sketch {
    fn from(outlined: &Outlined) -> Self {
        match outlined.drawn() {
            None => outlined.tied().into(),
            Some(drawn) => Sketch {
                parents: drawn.parents.clone(),
                parts: drawn.parts.clone(),
                outlines: drawn.outlines.clone(),
                names: None,
                notation: outlined.to_string(),
            },
        }
    }
}

impl From<&Sketch> for Sketch {
    fn from(sketch: &Sketch) -> Self {
        sketch.clone()
    }
}
