//! Diagrams as they are drawn, with the names of nodes for messages.

use crate::lower::Candidate;

/// The nodes of a diagram in the order in which they are drawn. Outlines are replaced by ties, as for embeddings.
pub(super) struct DrawnForest {
    /// The parent of each node; `None` for a root.
    pub(super) parents: Vec<Option<usize>>,
    /// For each node, the first node of its part.
    pub(super) parts: Vec<usize>,
    /// Whether nodes that are not tied are placed on rows. In re-summed diagrams only noise nodes are.
    pub(super) means_sit_on_rows: bool,
    names: Vec<String>,
}

impl DrawnForest {
    pub(super) fn new(candidate: &Candidate) -> Self {
        let sketch = &candidate.sketch;
        let nodes = sketch.nodes();
        let mut parents = vec![None; nodes];
        for (child, parent) in sketch.edges() {
            parents[child] = Some(parent);
        }
        let mut parts: Vec<usize> = (0..nodes).collect();
        for (a, b) in sketch.ties().chain(sketch.outlines().iter().copied()) {
            let (to, from) = (parts[a].min(parts[b]), parts[a].max(parts[b]));
            for part in &mut parts {
                if *part == from {
                    *part = to;
                }
            }
        }
        DrawnForest {
            parents,
            parts,
            means_sit_on_rows: true,
            names: candidate.nodes.clone(),
        }
    }

    /// The forest of a re-summed diagram.
    pub(super) fn resummed(candidate: &Candidate) -> Self {
        DrawnForest {
            means_sit_on_rows: false,
            ..DrawnForest::new(candidate)
        }
    }

    /// The nodes tied to this one.
    pub(super) fn tied_to(&self, node: usize) -> impl Iterator<Item = usize> {
        self.nodes()
            .filter(move |&other| other != node && self.parts[other] == self.parts[node])
    }

    /// The number of parts that are placed on rows. A part with a root is, if the root is tied.
    pub(super) fn parts_on_rows(&self) -> usize {
        let first_of_part = self.nodes().filter(|&node| self.parts[node] == node);
        let on_row = |&node: &usize| {
            let tied = self.tied_to(node).next().is_some();
            tied || self.means_sit_on_rows && !self.is_root(node)
        };
        first_of_part.filter(on_row).count()
    }

    pub(super) fn nodes(&self) -> std::ops::Range<usize> {
        0..self.parents.len()
    }

    pub(super) fn is_root(&self, node: usize) -> bool {
        self.parents[node].is_none()
    }

    /// The first root.
    pub(super) fn root(&self) -> usize {
        self.nodes().find(|&node| self.is_root(node)).unwrap_or(0)
    }

    /// The node and its ancestors, without the root.
    pub(super) fn path_up(&self, node: usize) -> Vec<usize> {
        let mut path = vec![];
        let mut at = node;
        while let Some(parent) = self.parents[at] {
            path.push(at);
            at = parent;
        }
        path
    }

    /// The name of a node, or its number in compact notation.
    pub(super) fn name(&self, node: usize) -> String {
        match self.names.get(node) {
            Some(name) => format!("`{name}`"),
            None => char::from_digit(node as u32, 36).unwrap_or('?').to_string(),
        }
    }

    /// The names of several nodes in words, as in "`a`, `b` and `c`".
    pub(super) fn name_all(&self, nodes: &[usize]) -> String {
        let names: Vec<String> = nodes.iter().map(|&node| self.name(node)).collect();
        match &names[..] {
            [others @ .., last] if !others.is_empty() => {
                format!("{} and {last}", others.join(", "))
            }
            names => names.concat(),
        }
    }
}
