//! Value classes: the structures that the values of diagrams depend on.

mod coarsen;
mod of_diagram;

pub use coarsen::Coarsening;

use crate::diagram::canonical::{Code, OrderedForest, sort_children};
use crate::diagram::{self, Diagram, DiagramError, check_size, small_part_ids};

/// An unrooted forest with a partition of its nodes, up to isomorphism. The value of a diagram depends only on its value class.
///
/// A node of degree k is the k-th derivative of the loss of its datapoint, and an edge contracts two indices with the learning rate η. The parts stand
/// for independent datapoints, over which the expectation is taken (section 2.2 of Tenka, *A Space-Time Approach to Analyzing SGD*; a value does not
/// depend on the root). If one index is left open, as for the displacement, the value is a vector; otherwise it is a scalar.
///
/// Value classes are stored in a canonical form, so that isomorphic ones compare equal. For this form every component is rooted: at the node with the
/// open index if it has one, otherwise at a node that is as near the centroid as possible, among the nodes that are alone in their parts if there are
/// any. The nodes are then numbered as those of a [`Diagram`], and the node with the open index is node 0.
///
/// Methods that take a node may panic, as slices do, if there is no such node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueClass {
    /// Whether node 0 has an open index.
    open: bool,
    components: usize,
    /// The parent of each node that is not the first of its component.
    parents: Vec<u8>,
    /// The part of every node, as a restricted growth string.
    parts: Vec<u8>,
}

impl ValueClass {
    /// The class of the forest with these edges, in which node `i` belongs to the part named `parts[i]`. The names of parts are arbitrary numbers. `open`
    /// is the node whose index is left open, if any.
    ///
    /// # Errors
    ///
    /// [`DiagramError`] if there are no nodes or more than [`diagram::MAX_NODES`], if the list of parts has another length, if a node does not exist, or
    /// if there is a cycle.
    pub fn from_edges(
        nodes: usize,
        edges: &[(usize, usize)],
        parts: &[usize],
        open: Option<usize>,
    ) -> Result<Self, DiagramError> {
        check_size(nodes, parts.len())?;
        let named = edges.iter().flat_map(|&(a, b)| [a, b]).chain(open);
        if let Some(node) = named.into_iter().find(|&node| node >= nodes) {
            return Err(DiagramError::NoSuchNode { node, nodes });
        }
        let mut neighbours = vec![Vec::new(); nodes];
        for &(a, b) in edges {
            // An edge between nodes that are connected already closes a cycle.
            if reachable(a, &neighbours).contains(&b) {
                return Err(DiagramError::Cycle { node: a });
            }
            neighbours[a].push(b);
            neighbours[b].push(a);
        }
        let parts = small_part_ids(parts.iter().copied());
        Ok(Self::canonical(&neighbours, &parts, open))
    }

    /// The number of nodes.
    pub fn nodes(&self) -> usize {
        self.parts.len()
    }

    /// The number of edges, without the open index.
    pub fn edges(&self) -> usize {
        self.parents.len()
    }

    /// The power of η in the value: the number of edges, plus one if an index is open.
    pub fn order(&self) -> usize {
        self.edges() + usize::from(self.open)
    }

    /// The nodes that share an edge with `node`, in increasing order.
    pub fn neighbours(&self, node: usize) -> impl Iterator<Item = usize> {
        let below = (self.components..).zip(&self.parents);
        let children = below
            .filter_map(move |(child, &parent)| (usize::from(parent) == node).then_some(child));
        self.parent(node).into_iter().chain(children)
    }

    /// The order of the derivative at `node`: the number of its edges, plus one if it has the open index.
    pub fn degree(&self, node: usize) -> usize {
        self.neighbours(node).count() + usize::from(self.open() == Some(node))
    }

    /// The nodes of every component, in increasing order. Components come in the order of their first nodes.
    pub fn components(&self) -> Vec<Vec<usize>> {
        let mut components: Vec<Vec<usize>> = vec![Vec::new(); self.components];
        let mut component_of = Vec::with_capacity(self.nodes());
        for node in 0..self.nodes() {
            let component = self
                .parent(node)
                .map_or(node, |parent| component_of[parent]);
            component_of.push(component);
            components[component].push(node);
        }
        components
    }

    /// The part of `node`. Parts are numbered in the order of their first nodes.
    pub fn part(&self, node: usize) -> usize {
        self.parts[node].into()
    }

    /// The number of parts.
    pub fn parts(&self) -> usize {
        let last = self.parts.iter().max();
        last.map_or(0, |&last| usize::from(last) + 1)
    }

    /// The node with the open index, which is node 0, or `None` if the value is a scalar.
    pub fn open(&self) -> Option<usize> {
        self.open.then_some(0)
    }

    /// A diagram with this value. For a scalar it has the same nodes, and the first node of every component is a root. For a vector it has a further
    /// node in place of the open index, which is root 0 and alone in its part; if there is no other component, the
    /// [`displacement_class`](Diagram::displacement_class) of this diagram is this class.
    pub fn representative(&self) -> Diagram {
        let shift = usize::from(self.open);
        let mut children = vec![Vec::new(); self.nodes() + shift];
        let mut roots: Vec<usize> = (0..self.components).map(|node| node + shift).collect();
        let mut parts: Vec<usize> = (0..self.nodes()).map(|node| self.part(node)).collect();
        for node in self.components..self.nodes() {
            children[usize::from(self.parents[node - self.components]) + shift].push(node + shift);
        }
        if self.open {
            children[0].push(1);
            roots[0] = 0;
            parts.insert(0, self.parts());
        }
        Diagram::from_children(&roots, children, &parts)
    }

    /// The class of a graph that is known to be a forest. Parts are named by numbers below the number of nodes.
    pub(crate) fn canonical(neighbours: &[Vec<usize>], parts: &[u8], open: Option<usize>) -> Self {
        let candidates = root_candidates(neighbours, parts, open);
        let rooted = |choice: &[usize]| {
            let chosen = choice.iter().zip(&candidates);
            let roots: Vec<usize> = chosen.map(|(&index, nodes)| nodes[index]).collect();
            Self::rooted(&roots, neighbours, parts, open.is_some())
        };
        // The loop goes through all choices of one candidate for each component.
        let mut choice = vec![0; candidates.len()];
        let mut least = rooted(&choice);
        while let Some(place) = (0..choice.len()).find(|&c| choice[c] + 1 < candidates[c].len()) {
            choice[place] += 1;
            choice[..place].fill(0);
            least = least.min(rooted(&choice));
        }
        least
    }

    /// Whether an index is open, the number of components, the parents of the nodes after the components' first ones, and the part of every node: what
    /// [`ValueClass::from_canonical_form`] makes the class of.
    pub(crate) fn canonical_form(&self) -> (bool, usize, &[u8], &[u8]) {
        (self.open, self.components, &self.parents, &self.parts)
    }

    /// The class with this canonical form, without a search for it. `None` if it is no forest; that it is canonical is for the caller to know.
    pub(crate) fn from_canonical_form(
        open: bool,
        components: usize,
        parents: Vec<u8>,
        parts: Vec<u8>,
    ) -> Option<Self> {
        let nodes = (components..).zip(&parents);
        let forest = nodes
            .into_iter()
            .all(|(node, &parent)| usize::from(parent) < node);
        let sized = components > 0 && components + parents.len() == parts.len();
        let named = parts.iter().all(|&part| usize::from(part) < parts.len());
        (forest && sized && named).then_some(Self {
            open,
            components,
            parents,
            parts,
        })
    }

    /// The form in which the components are rooted at these nodes. The first root has the open index, if any.
    fn rooted(roots: &[usize], neighbours: &[Vec<usize>], parts: &[u8], open: bool) -> Self {
        let mut children = vec![Vec::new(); neighbours.len()];
        for &root in roots {
            orient(root, neighbours, &mut children);
        }
        let (forest, order) = OrderedForest::new(roots, usize::from(open), children);
        let parts: Vec<u8> = order.iter().map(|&node| parts[node]).collect();
        Self {
            open,
            components: roots.len(),
            parents: forest.parents(),
            parts: forest.least(&parts).parts,
        }
    }

    fn parent(&self, node: usize) -> Option<usize> {
        let index = node.checked_sub(self.components)?;
        Some(self.parents[index].into())
    }
}

/// For every component, the nodes that may be its root in the canonical form. The component with the open index comes first.
fn root_candidates(
    neighbours: &[Vec<usize>],
    parts: &[u8],
    open: Option<usize>,
) -> Vec<Vec<usize>> {
    let nodes = neighbours.len();
    let mut part_sizes = vec![0; nodes];
    for &part in parts {
        part_sizes[usize::from(part)] += 1;
    }
    let mut candidates: Vec<Vec<usize>> = Vec::new();
    let mut seen = vec![false; nodes];
    for start in open.into_iter().chain(0..nodes) {
        if seen[start] {
            continue;
        }
        let component = reachable(start, neighbours);
        for &node in &component {
            seen[node] = true;
        }
        if open == Some(start) {
            candidates.push(vec![start]);
            continue;
        }
        let alone = |&node: &usize| part_sizes[usize::from(parts[node])] == 1;
        let mut eligible: Vec<usize> = component.iter().copied().filter(alone).collect();
        if eligible.is_empty() {
            eligible = component;
        }
        candidates.push(most_central(eligible, neighbours));
    }
    candidates
}

/// The nodes whose largest branch is smallest and, among them, those whose rooted trees have the greatest code.
fn most_central(eligible: Vec<usize>, neighbours: &[Vec<usize>]) -> Vec<usize> {
    if eligible.len() == 1 {
        return eligible;
    }
    let rank = |code: &Code| std::cmp::Reverse(code.get(1).copied());
    let mut best: Option<Code> = None;
    let mut central = Vec::new();
    for node in eligible {
        let mut children = vec![Vec::new(); neighbours.len()];
        let mut codes = vec![Code::new(); neighbours.len()];
        orient(node, neighbours, &mut children);
        sort_children(node, &mut children, &mut codes);
        let code = std::mem::take(&mut codes[node]);
        let order = best.as_ref().map_or(std::cmp::Ordering::Greater, |best| {
            (rank(&code), &code).cmp(&(rank(best), best))
        });
        if order.is_gt() {
            best = Some(code);
            central.clear();
        }
        if order.is_ge() {
            central.push(node);
        }
    }
    central
}

/// Sets the children of every node in the component of `root`, with `root` as the root.
fn orient(root: usize, neighbours: &[Vec<usize>], children: &mut [Vec<usize>]) {
    let mut ahead = vec![(root, root)];
    while let Some((node, parent)) = ahead.pop() {
        for &next in neighbours[node].iter().filter(|&&next| next != parent) {
            children[node].push(next);
            ahead.push((next, node));
        }
    }
}

/// The nodes of the component of `start` in a forest, with `start` first.
fn reachable(start: usize, neighbours: &[Vec<usize>]) -> Vec<usize> {
    let mut children = vec![Vec::new(); neighbours.len()];
    orient(start, neighbours, &mut children);
    let mut nodes = vec![start];
    let mut next = 0;
    while next < nodes.len() {
        nodes.extend_from_slice(&children[nodes[next]]);
        next += 1;
    }
    nodes
}

/// Writes the edges, then the parts, as in the notation of a [`Diagram`]. The open index is written as a node `_` that is in no part, as in
/// `(_0-01)(0-1)`. A scalar is written like its [`representative`](ValueClass::representative).
impl std::fmt::Display for ValueClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let open = self.open.then_some(('_', '0'));
        let edges = (self.components..self.nodes()).map(|node| {
            let parent = self.parents[node - self.components];
            (diagram::label(parent.into()), diagram::label(node))
        });
        diagram::write(f, open.into_iter().chain(edges), &self.parts)
    }
}
