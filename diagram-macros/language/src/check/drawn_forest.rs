//! A diagram as it was drawn, with the names to speak of it by.

use crate::lower::Candidate;

/// Nodes in the order in which they were drawn; its outlines are ties, for that is how it sits in spacetime.
pub(super) struct DrawnForest {
    pub(super) parents: Vec<Option<usize>>,
    /// For each node the first of its part.
    pub(super) parts: Vec<usize>,
    /// Whether nodes that are not tied sit on rows: in re-summed diagrams only noise does.
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

    /// Of a re-summed diagram.
    pub(super) fn resummed(candidate: &Candidate) -> Self {
        DrawnForest {
            means_sit_on_rows: false,
            ..DrawnForest::new(candidate)
        }
    }

    /// Nodes tied to this one.
    pub(super) fn tied_to(&self, node: usize) -> impl Iterator<Item = usize> {
        self.nodes()
            .filter(move |&other| other != node && self.parts[other] == self.parts[node])
    }

    /// How many parts need a row of their own. (A root sits on one if it is tied.)
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

    /// The node and those above it, but for the root.
    pub(super) fn path_up(&self, node: usize) -> Vec<usize> {
        let mut path = vec![];
        let mut at = node;
        while let Some(parent) = self.parents[at] {
            path.push(at);
            at = parent;
        }
        path
    }

    /// The name, or the number in compact notation.
    pub(super) fn name(&self, node: usize) -> String {
        match self.names.get(node) {
            Some(name) => format!("`{name}`"),
            None => char::from_digit(node as u32, 36).unwrap_or('?').to_string(),
        }
    }

    /// `a`, `b` and `c`
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
