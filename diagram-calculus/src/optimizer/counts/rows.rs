//! Sweeps in which batches are given, so that a row that several nodes share is remembered from the first to the last of them.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::super::kernel::{InStep, Kernel};
use super::super::sampling::Sampling;
use super::placing::Placed;
use super::sweep::{Machine, Move};
use crate::resummed::RationalAlgebra;

/// The nodes that are placed, and for each block that several nodes share, the kind of its row while some are placed and some are not.
type State = (u32, Vec<Option<usize>>);

/// The visits of rows, of which those that are visited alike are one kind.
struct Visits {
    /// The number of rows of each kind.
    rows: Vec<usize>,
    /// The kinds of rows in each batch, with the number of the micro-batch.
    batches: Vec<Vec<(usize, usize)>>,
}

/// The machine for parts that are merged into blocks, which choose their rows independently of each other.
pub(super) fn machine<R: RationalAlgebra>(
    sampling: &Sampling,
    kernel: &Kernel<R>,
    placed: &Placed,
    merged: &[usize],
) -> Machine<R> {
    let updates = kernel.updates.len();
    let visits = visits(sampling, kernel.in_step, updates);
    let blocks = Blocks::new(placed, merged);
    let steps = placing_steps(placed, kernel.in_step);
    let mut kinds: Vec<(usize, Vec<(usize, usize)>)> = (0..updates)
        .map(|t| (sampling.batch(t), visits.batches[t].clone()))
        .collect();
    let of_update = kinds.clone();
    kinds.sort();
    kinds.dedup();
    let kind_of = of_update
        .iter()
        .map(|kind| kinds.binary_search(kind).expect("listed"))
        .collect();
    let masks: Vec<u32> = {
        let mut masks: Vec<u32> = steps.keys().copied().collect();
        masks.sort_by_key(|&mask| (mask.count_ones(), mask));
        masks
    };
    let mut states: Vec<State> = vec![];
    for &mask in &masks {
        let begun = blocks.begun(mask);
        let choices = visits.rows.len().pow(begun.len() as u32);
        for mut choice in 0..choices {
            let mut rows = vec![None; blocks.shared.len()];
            for &block in &begun {
                rows[block] = Some(choice % visits.rows.len());
                choice /= visits.rows.len();
            }
            states.push((mask, rows));
        }
    }
    let number: BTreeMap<State, usize> = states.iter().cloned().zip(0..).collect();
    let machine_kinds = kinds
        .iter()
        .map(|(size, batch)| {
            let group = match kernel.in_step {
                InStep::Ascent { group: Some(group) } => group,
                _ => *size,
            };
            let column = Column {
                placed,
                blocks: &blocks,
                visits: &visits,
                batch,
                size: *size,
                group,
            };
            let mut moves = vec![];
            for (from, (mask, rows)) in states.iter().enumerate() {
                for &set in &steps[mask] {
                    column.each(set, rows, &mut |chosen, factor| {
                        let placed_now = mask | set;
                        let mut after = chosen.to_vec();
                        for (block, row) in after.iter_mut().enumerate() {
                            if blocks.shared[block] & !placed_now == 0 {
                                *row = None;
                            }
                        }
                        let to = number[&(placed_now, after)];
                        let factor = R::from_rational(factor);
                        moves.push(move_of(placed, *mask, set, from, to, factor));
                    });
                }
            }
            moves.sort_by_key(|go: &Move<R>| std::cmp::Reverse(go.to));
            moves
        })
        .collect();
    Machine {
        open: states
            .iter()
            .map(|(mask, _)| placed.open(*mask).len())
            .collect(),
        kinds: machine_kinds,
        kind_of,
        forget: None,
        end: number
            .get(&(placed.everything(), vec![None; blocks.shared.len()]))
            .copied(),
    }
}

/// The sets that may be placed after each set that can be.
fn placing_steps(placed: &Placed, rule: InStep) -> BTreeMap<u32, Vec<u32>> {
    let mut steps = BTreeMap::new();
    let mut ahead = vec![0];
    while let Some(mask) = ahead.pop() {
        if steps.contains_key(&mask) {
            continue;
        }
        let next = placed.next(mask, rule, true);
        ahead.extend(next.iter().map(|set| mask | set));
        steps.insert(mask, next);
    }
    steps
}

fn visits(sampling: &Sampling, rule: InStep, updates: usize) -> Visits {
    let mut of_row: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    for t in 0..updates {
        let rows = sampling.rows(t).expect("given batches");
        let group = match rule {
            InStep::Ascent { group: Some(group) } => group,
            _ => rows.len(),
        };
        for (at, row) in rows.into_iter().enumerate() {
            of_row.entry(row).or_default().push((t, at / group));
        }
    }
    let mut kinds: BTreeMap<Vec<(usize, usize)>, usize> = BTreeMap::new();
    for visits in of_row.into_values() {
        *kinds.entry(visits).or_default() += 1;
    }
    let mut batches = vec![vec![]; updates];
    for (kind, visits) in kinds.keys().enumerate() {
        for &(t, group) in visits {
            batches[t].push((kind, group));
        }
    }
    Visits {
        rows: kinds.into_values().collect(),
        batches,
    }
}

/// Blocks of nodes with one row.
struct Blocks {
    /// The blocks of two nodes or more.
    shared: Vec<u32>,
    /// The index in `shared` of the block of each node; `None` for a node that is alone or has no training point.
    of_node: Vec<Option<usize>>,
}

impl Blocks {
    fn new(placed: &Placed, merged: &[usize]) -> Self {
        let mut sets: BTreeMap<usize, u32> = BTreeMap::new();
        for (node, part) in placed.rows.iter().enumerate() {
            if let Some(part) = part {
                *sets.entry(merged[*part]).or_default() |= 1 << node;
            }
        }
        let shared: Vec<u32> = sets
            .into_values()
            .filter(|set| set.count_ones() > 1)
            .collect();
        let of_node = (0..placed.nodes())
            .map(|node| shared.iter().position(|set| set >> node & 1 == 1))
            .collect();
        Blocks { shared, of_node }
    }

    /// The blocks of which some nodes are placed and some are not.
    fn begun(&self, mask: u32) -> Vec<usize> {
        (0..self.shared.len())
            .filter(|&block| {
                let placed = self.shared[block] & mask;
                placed != 0 && placed != self.shared[block]
            })
            .collect()
    }
}

/// One batch, in which nodes are placed.
struct Column<'a> {
    placed: &'a Placed,
    blocks: &'a Blocks,
    visits: &'a Visits,
    batch: &'a [(usize, usize)],
    size: usize,
    group: usize,
}

impl Column<'_> {
    /// Calls `with` for each choice of rows of the blocks that begin here, with the rows of all blocks and the number of ways, with 1/B for each node.
    fn each(
        &self,
        set: u32,
        rows: &[Option<usize>],
        with: &mut dyn FnMut(&[Option<usize>], &BigRational),
    ) {
        let mut used: Vec<usize> = self
            .placed
            .points(set)
            .filter_map(|node| self.blocks.of_node[node])
            .collect();
        used.sort_unstable();
        used.dedup();
        let in_batch = |kind: usize| self.batch.iter().any(|&(k, _)| k == kind);
        if used
            .iter()
            .any(|&b| rows[b].is_some_and(|kind| !in_batch(kind)))
        {
            return;
        }
        let new: Vec<usize> = used.into_iter().filter(|&b| rows[b].is_none()).collect();
        let choices = self.batch.len().pow(new.len() as u32);
        for mut choice in 0..choices {
            let mut chosen = rows.to_vec();
            let mut ways = BigRational::one();
            for &block in &new {
                let (kind, _) = self.batch[choice % self.batch.len()];
                choice /= self.batch.len();
                chosen[block] = Some(kind);
                ways *= BigRational::from_integer(self.visits.rows[kind].into());
            }
            ways *= self.ways(set, &chosen);
            if !ways.is_zero() {
                with(&chosen, &ways);
            }
        }
    }

    /// The number of slots of the nodes that are alone on their rows, with 1/B for each node of the set. The ends of an edge are in one micro-batch.
    fn ways(&self, set: u32, rows: &[Option<usize>]) -> BigRational {
        let points: Vec<usize> = self.placed.points(set).collect();
        let mut component: BTreeMap<usize, usize> = points.iter().map(|&v| (v, v)).collect();
        for (child, parent) in self.placed.in_step(set) {
            let (a, b) = (component[&child], component[&parent]);
            for c in component.values_mut() {
                if *c == a {
                    *c = b;
                }
            }
        }
        let size = BigRational::from_integer(self.size.into());
        let mut ways = size.pow(-(points.len() as i32));
        let mut names: Vec<usize> = component.values().copied().collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let members = points.iter().filter(|v| component[v] == name);
            let (mut alone, mut groups) = (0, vec![]);
            for &node in members {
                match self.blocks.of_node[node] {
                    None => alone += 1,
                    Some(block) => {
                        let kind = rows[block].expect("the block has begun");
                        let visit = self.batch.iter().find(|&&(k, _)| k == kind);
                        groups.push(visit.expect("in the batch").1);
                    }
                }
            }
            let group = BigRational::from_integer(self.group.into());
            ways *= group.pow(alone);
            if groups.is_empty() {
                ways *= BigRational::from_integer((self.size / self.group).into());
            } else if groups.iter().any(|g| *g != groups[0]) {
                return BigRational::zero();
            }
        }
        ways
    }
}

/// The move that places a set of nodes after others.
pub(super) fn move_of<R>(
    placed: &Placed,
    before: u32,
    set: u32,
    from: usize,
    to: usize,
    factor: R,
) -> Move<R> {
    let after = placed.open(before | set);
    let place = |node: usize| after.iter().position(|&open| open == node);
    let decays = |node: usize| placed.rows[node].is_none();
    let mut results = [0, 0];
    let mut opens = vec![];
    for node in placed.members(set) {
        match placed.parents[node] {
            None => results[usize::from(decays(node))] += 1,
            Some(_) => opens.extend(place(node).map(|at| (at, decays(node)))),
        }
    }
    Move {
        from,
        to,
        factor,
        results,
        in_step: placed.in_step(set).len(),
        stays: placed.open(before).into_iter().map(place).collect(),
        opens,
    }
}
