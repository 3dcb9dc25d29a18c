//! The canonical labelling of a rooted forest with a partition of its nodes.
//!
//! The labelling is found in two steps. First the forest is ordered, without regard to the partition: the subtrees of every node are sorted (Aho,
//! Hopcroft and Ullman), and the nodes are numbered level by level. This determines the numbering up to automorphisms of the forest. Among these
//! numberings the canonical one is that for which the restricted growth string of the partition is least. The numberings with the least string form a
//! coset of the group of automorphisms that preserve the partition, so that their number is the order of this group.

use super::MAX_NODES;

/// The largest number of nodes of a forest: that of a diagram, and one more for the root that stands for the open index of a value class.
const CAPACITY: usize = MAX_NODES + 1;

/// A rooted forest whose nodes are in level order, with siblings sorted by their subtrees, the largest first.
#[derive(Clone, Debug)]
pub(crate) struct OrderedForest {
    roots: usize,
    slots: Vec<Slot>,
}

/// A position of an [`OrderedForest`], with the positions that its node may be exchanged with.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// The slot of the parent; unused for roots.
    parent: u8,
    first_child: u8,
    children: u8,
    /// The siblings with a subtree isomorphic to this slot's are the `run_length` siblings from the `run_offset`-th on.
    run_offset: u8,
    run_length: u8,
}

/// The least restricted growth string of a partition over the automorphisms of an [`OrderedForest`].
pub(crate) struct Least {
    pub(crate) parts: Vec<u8>,
    /// The number of automorphisms of the forest that preserve the partition.
    pub(crate) automorphisms: u64,
}

/// The encoding of the subtree of a node: its number of nodes, followed by the codes of its children in descending order. It determines the subtree up
/// to isomorphism, and larger subtrees have greater codes.
pub(crate) type Code = Vec<u8>;

/// Computes the code of every node of the subtree of `node`, and sorts their children by descending code.
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

impl OrderedForest {
    /// The ordered forest with these roots and children, which must be acyclic and have at most [`CAPACITY`] nodes, and the node at each of its slots.
    /// The first `fixed` roots keep their positions, the others may be exchanged.
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
        let forest = Self {
            roots: roots.len(),
            slots,
        };
        (forest, order)
    }

    pub(crate) fn nodes(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn roots(&self) -> usize {
        self.roots
    }

    /// The parents of the slots that are not roots, in order.
    pub(crate) fn parents(&self) -> Vec<u8> {
        self.slots[self.roots..].iter().map(|s| s.parent).collect()
    }

    /// The canonical form of the partition in which slot `i` belongs to part `parts[i]`, a number below the number of nodes.
    pub(crate) fn least(&self, parts: &[u8]) -> Least {
        let mut search = LabellingSearch::new(self, parts);
        search.extend(0, 0, 1);
        Least {
            parts: search.best[..self.nodes()].to_vec(),
            automorphisms: search.count,
        }
    }

    /// The number of automorphisms that preserve the partition, or `None` if its restricted growth string `parts` is not the least.
    pub(crate) fn automorphisms_if_least(&self, parts: &[u8]) -> Option<u64> {
        let mut search = LabellingSearch::new(self, parts);
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

/// Appends the slots of `siblings`, which are sorted by code. The first of them is the `offset`-th child of the parent.
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

/// A depth-first search over the labellings, one slot after the other, which prunes by the least string found so far.
struct LabellingSearch<'a> {
    forest: &'a OrderedForest,
    parts: &'a [u8],
    part_sizes: [u8; CAPACITY],
    /// The least string so far, of which `known` entries are set. On entry to `extend(slot, ..)` the labels of the slots before `slot` are its first
    /// entries.
    best: [u8; CAPACITY],
    known: usize,
    /// The number of labellings with the string `best`.
    count: u64,
    /// The original slot of the node that is placed at each slot.
    placed: [u8; CAPACITY],
    used: u32,
    /// The new label of each original part.
    labels: [Option<u8>; CAPACITY],
    /// Whether the search stops as soon as a string less than `best` is found.
    only_test: bool,
    beaten: bool,
}

impl<'a> LabellingSearch<'a> {
    fn new(forest: &'a OrderedForest, parts: &'a [u8]) -> Self {
        let mut part_sizes = [0; CAPACITY];
        for &part in parts {
            part_sizes[part as usize] += 1;
        }
        Self {
            forest,
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

    /// Fills `slot` and the slots after it. `fresh` is the next unused label, and `weight` the number of labellings that the present one represents.
    fn extend(&mut self, slot: usize, fresh: u8, weight: u64) {
        if slot == self.forest.nodes() {
            self.count += weight;
            return;
        }
        let here = self.forest.slots[slot];
        let start = if slot < self.forest.roots {
            here.run_offset
        } else {
            let parent = self.placed[here.parent as usize];
            self.forest.slots[parent as usize].first_child + here.run_offset
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
            // Of siblings whose exchange is an automorphism that fixes the placed nodes, only one is searched. Otherwise many equal branches would take
            // a time that is factorial in their number.
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

    /// Whether the exchange of two siblings with isomorphic subtrees, node for node, preserves the partition.
    fn interchangeable(&self, node: usize, other: usize) -> bool {
        if self.forest.slots[node].children == 0 {
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
            let (from, to) = (self.forest.slots[a], self.forest.slots[b]);
            for child in 0..usize::from(from.children) {
                pairs[known] = (
                    usize::from(from.first_child) + child,
                    usize::from(to.first_child) + child,
                );
                known += 1;
            }
            done += 1;
        }
        // An exchange is its own inverse, so that it preserves the partition if it maps every part into a part.
        let mut images = [None; CAPACITY];
        self.parts.iter().zip(image).all(|(&part, image)| {
            let to = self.parts[usize::from(image)];
            *images[usize::from(part)].get_or_insert(to) == to
        })
    }
}

/// The positions of the set bits, in ascending order.
fn ones(mut mask: u32) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (mask != 0).then(|| mask.trailing_zeros() as usize)?;
        mask &= mask - 1;
        Some(bit)
    })
}
