//! Canonical labelling of a rooted forest that carries a partition of its nodes.
//!
//! Two steps. The forest alone is brought into a standard shape by sorting every node's subtrees (Aho, Hopcroft and
//! Ullman) and numbering the nodes level by level. What freedom is left is the forest's automorphism group, and the
//! canonical labelling is the one under which the partition's restricted growth string is least. The labellings
//! that reach the least string are one coset of the automorphisms that keep the partition, so counting them counts
//! these automorphisms.

use super::MAX_NODES;

/// Room for every node, and for the root that an open index adds to a class of the largest size.
const CAPACITY: usize = MAX_NODES + 1;

/// A rooted forest in level order, siblings sorted by their subtrees, largest first.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    roots: usize,
    slots: Vec<Slot>,
}

/// What a node at one place of a [`Shape`] may be exchanged with.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Parent's slot; unused for roots.
    parent: u8,
    first_child: u8,
    children: u8,
    /// Siblings with the same subtree as this one are the `run_length` siblings from the `run_offset`-th on.
    run_offset: u8,
    run_length: u8,
}

/// The least restricted growth string of a partition over the automorphisms of a [`Shape`].
pub(crate) struct Least {
    pub(crate) parts: Vec<u8>,
    /// How many of the forest's automorphisms keep the partition.
    pub(crate) automorphisms: u64,
}

/// Encoding of the subtree below a node: its size, then its children's codes from the greatest down. It determines
/// the subtree up to isomorphism, and compares larger subtrees as greater.
pub(crate) type Code = Vec<u8>;

/// Code of the subtree at `node`; sorts `children` from the greatest code down on the way.
pub(crate) fn sort_children(node: usize, children: &mut [Vec<usize>], codes: &mut [Code]) {
    let mut below = std::mem::take(&mut children[node]);
    for &child in &below {
        sort_children(child, children, codes);
    }
    below.sort_by(|&a, &b| codes[b].cmp(&codes[a]));
    let size = 1 + below.iter().map(|&child| codes[child][0]).sum::<u8>();
    let mut code = Vec::with_capacity(size as usize);
    code.push(size);
    for &child in &below {
        code.extend_from_slice(&codes[child]);
    }
    codes[node] = code;
    children[node] = below;
}

impl Shape {
    /// Shape of the forest with these roots and children (at most [`CAPACITY`] nodes, acyclic), and the node that
    /// stands at each of its slots. The first `fixed` roots keep their places, the others may be exchanged.
    pub(crate) fn new(
        roots: &[usize],
        fixed: usize,
        mut children: Vec<Vec<usize>>,
    ) -> (Self, Vec<usize>) {
        let nodes = children.len();
        let mut codes = vec![Code::new(); nodes];
        for &root in roots {
            sort_children(root, &mut children, &mut codes);
        }
        let mut order = roots.to_vec();
        order[fixed..].sort_by(|&a, &b| codes[b].cmp(&codes[a]));
        let mut slots: Vec<Slot> = Vec::with_capacity(nodes);
        let (pinned, free) = order.split_at(fixed);
        for (place, _) in pinned.iter().enumerate() {
            slots.push(Slot::new(0, place, 1));
        }
        push_runs(&mut slots, 0, fixed, free, &codes);
        let mut slot = 0;
        while slot < order.len() {
            let below = &children[order[slot]];
            slots[slot].first_child = order.len() as u8;
            slots[slot].children = below.len() as u8;
            push_runs(&mut slots, slot, 0, below, &codes);
            order.extend_from_slice(below);
            slot += 1;
        }
        let shape = Self {
            roots: roots.len(),
            slots,
        };
        (shape, order)
    }

    pub(crate) fn nodes(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn roots(&self) -> usize {
        self.roots
    }

    /// Parents of the slots that are no roots, in order.
    pub(crate) fn parents(&self) -> Vec<u8> {
        self.slots[self.roots..].iter().map(|s| s.parent).collect()
    }

    /// Canonical form of the partition in which slot `i` belongs to part `parts[i]` (ids below the number of nodes).
    pub(crate) fn least(&self, parts: &[u8]) -> Least {
        let mut search = Search::new(self, parts);
        search.extend(0, 0, 1);
        Least {
            parts: search.best[..self.nodes()].to_vec(),
            automorphisms: search.count,
        }
    }

    /// The number of automorphisms that keep the partition, if its restricted growth string `parts` is the least.
    pub(crate) fn automorphisms_if_least(&self, parts: &[u8]) -> Option<u64> {
        let mut search = Search::new(self, parts);
        search.best[..parts.len()].copy_from_slice(parts);
        search.known = parts.len();
        search.only_test = true;
        search.extend(0, 0, 1);
        (!search.beaten).then_some(search.count)
    }
}

impl Slot {
    fn new(parent: usize, run_offset: usize, run_length: usize) -> Self {
        Self {
            parent: parent as u8,
            first_child: 0,
            children: 0,
            run_offset: run_offset as u8,
            run_length: run_length as u8,
        }
    }
}

/// Appends the slots of `siblings`, sorted by code, of which the first is the parent's `offset`-th child.
fn push_runs(
    slots: &mut Vec<Slot>,
    parent: usize,
    offset: usize,
    siblings: &[usize],
    codes: &[Code],
) {
    let mut start = offset;
    for run in siblings.chunk_by(|&a, &b| codes[a] == codes[b]) {
        slots.extend(run.iter().map(|_| Slot::new(parent, start, run.len())));
        start += run.len();
    }
}

/// Depth-first search over the labellings, one slot after the other, with the least string so far as the bound.
struct Search<'a> {
    shape: &'a Shape,
    parts: &'a [u8],
    part_sizes: [u8; CAPACITY],
    /// Least string so far, of which `known` entries are set. On entry to `extend(slot, ..)` the labels of the slots
    /// before `slot` are exactly its beginning.
    best: [u8; CAPACITY],
    known: usize,
    /// Labellings that reach `best`.
    count: u64,
    /// Which original slot's node stands at each slot.
    placed: [u8; CAPACITY],
    used: u32,
    /// New label of each original part.
    labels: [Option<u8>; CAPACITY],
    /// Stop as soon as `best` is improved upon.
    only_test: bool,
    beaten: bool,
}

impl<'a> Search<'a> {
    fn new(shape: &'a Shape, parts: &'a [u8]) -> Self {
        let mut part_sizes = [0; CAPACITY];
        for &part in parts {
            part_sizes[part as usize] += 1;
        }
        Self {
            shape,
            parts,
            part_sizes,
            best: [0; CAPACITY],
            known: 0,
            count: 0,
            placed: [0; CAPACITY],
            used: 0,
            labels: [None; CAPACITY],
            only_test: false,
            beaten: false,
        }
    }

    /// Fills `slot` and those after it. `fresh` is the next unused label; `weight` counts the labellings that the
    /// present one stands for.
    fn extend(&mut self, slot: usize, fresh: u8, weight: u64) {
        if slot == self.shape.nodes() {
            self.count += weight;
            return;
        }
        let here = self.shape.slots[slot];
        let start = if slot < self.shape.roots {
            here.run_offset
        } else {
            let parent = self.placed[here.parent as usize];
            self.shape.slots[parent as usize].first_child + here.run_offset
        };
        let mut open: u32 = ((1 << here.run_length) - 1) << start;
        open &= !self.used;

        let Some(label) = ones(open).map(|node| self.label(node, fresh)).min() else {
            return;
        };
        if slot == self.known {
            self.best[slot] = label;
            self.known += 1;
        } else if label < self.best[slot] {
            self.beaten = true;
            self.best[slot] = label;
            self.known = slot + 1;
            self.count = 0;
        } else if label > self.best[slot] {
            return;
        }

        let next = if label == fresh { fresh + 1 } else { fresh };
        while open != 0 && !(self.only_test && self.beaten) {
            let node = open.trailing_zeros() as usize;
            open &= open - 1;
            if self.label(node, fresh) != label {
                continue;
            }
            // Siblings whose exchange is an automorphism that leaves alone what is placed: one stands for all. This
            // keeps many equal branches from taking a time that is the factorial of their number.
            let mut alike = 1;
            for other in ones(open) {
                if self.interchangeable(node, other) {
                    open &= !(1 << other);
                    alike += 1;
                }
            }
            let part = self.parts[node] as usize;
            let previous = self.labels[part].replace(label);
            self.placed[slot] = node as u8;
            self.used |= 1 << node;
            self.extend(slot + 1, next, weight * alike);
            self.used &= !(1 << node);
            self.labels[part] = previous;
        }
    }

    fn label(&self, node: usize, fresh: u8) -> u8 {
        self.labels[self.parts[node] as usize].unwrap_or(fresh)
    }

    /// Whether parts go to parts when two siblings with the same subtree are exchanged, branch for branch.
    fn interchangeable(&self, node: usize, other: usize) -> bool {
        if self.shape.slots[node].children == 0 {
            let (a, b) = (self.parts[node], self.parts[other]);
            let single = |part: u8| self.part_sizes[usize::from(part)] == 1;
            return a == b || (single(a) && single(b));
        }
        let mut image: [u8; CAPACITY] = std::array::from_fn(|node| node as u8);
        let mut pairs = [(0, 0); CAPACITY];
        pairs[0] = (node, other);
        let mut known = 1;
        let mut done = 0;
        while done < known {
            let (a, b) = pairs[done];
            image[a] = b as u8;
            image[b] = a as u8;
            let (from, to) = (self.shape.slots[a], self.shape.slots[b]);
            for child in 0..usize::from(from.children) {
                pairs[known] = (
                    usize::from(from.first_child) + child,
                    usize::from(to.first_child) + child,
                );
                known += 1;
            }
            done += 1;
        }
        // An exchange is its own inverse: if it maps every part into one part, it maps parts onto parts.
        let mut images = [None; CAPACITY];
        self.parts.iter().zip(image).all(|(&part, image)| {
            let to = self.parts[usize::from(image)];
            *images[usize::from(part)].get_or_insert(to) == to
        })
    }
}

/// Positions of the set bits, from the lowest up.
fn ones(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}
