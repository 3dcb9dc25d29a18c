//! Sweeps in which rows are drawn, or are visited once.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::super::kernel::{InStep, Kernel};
use super::super::sampling::Sampling;
use super::super::tied_forest::Noise;
use super::falling;
use super::placing::Placed;
use super::sweep::{Forget, Machine, Move};
use crate::partitions::restricted_growth_strings;
use crate::resummed::RationalAlgebra;

/// What is remembered between updates: the nodes that are placed, and the parts whose rows are used up in this epoch.
type State = (u32, u32);

pub(super) fn machine<R: RationalAlgebra>(
    sampling: &Sampling,
    kernel: &Kernel<R>,
    placed: &Placed,
) -> Machine<R> {
    let updates = kernel.updates.len();
    let shuffled = match sampling {
        Sampling::Epochs {
            batches, epochs, ..
        } => (*epochs > 1).then_some(batches.len()),
        _ => None,
    };
    let mut sizes: Vec<usize> = (0..updates).map(|t| sampling.batch(t)).collect();
    let mut distinct = sizes.clone();
    distinct.sort_unstable();
    distinct.dedup();
    for size in &mut sizes {
        *size = distinct.binary_search(size).expect("listed");
    }
    let steps = steps(placed, kernel.in_step, sampling, shuffled.is_some());
    let states = states(&steps);
    let number: BTreeMap<State, usize> = states.iter().copied().zip(0..).collect();
    let ways = Ways::new(sampling, kernel.in_step, placed);
    let kinds = distinct
        .iter()
        .map(|&batch| {
            let mut moves: Vec<Move<R>> = vec![];
            for &(before, used) in &states {
                for step in steps.get(&(before, used)).into_iter().flatten() {
                    let factor = ways.of(step.set, batch);
                    if !factor.is_zero() {
                        let (from, to) = (number[&(before, used)], number[&step.to]);
                        moves.push(super::rows::move_of(
                            placed,
                            before,
                            step.set,
                            from,
                            to,
                            R::from_rational(&factor),
                        ));
                    }
                }
            }
            moves.sort_by_key(|go| std::cmp::Reverse(go.to));
            moves
        })
        .collect();
    let forget = shuffled.map(|length| {
        let train = sampling.train().expect("epochs have a training set");
        let changes = states
            .iter()
            .filter(|(_, used)| *used > 0)
            .filter_map(|&(before, used)| {
                let rows = falling(train, used.count_ones() as usize);
                Some(Forget {
                    from: number[&(before, used)],
                    to: *number.get(&(before, 0))?,
                    factor: R::from_rational(&rows.recip()),
                })
            })
            .collect();
        (length, changes)
    });
    Machine {
        open: states
            .iter()
            .map(|&(before, _)| placed.open(before).len())
            .collect(),
        kinds,
        kind_of: sizes,
        forget,
        end: number.get(&(placed.everything(), 0)).copied(),
    }
}

/// A set of nodes that is placed, and the state afterwards.
struct Step {
    set: u32,
    to: State,
}

/// The steps from each state that can be reached, whatever the batches are.
fn steps(
    placed: &Placed,
    rule: InStep,
    sampling: &Sampling,
    shuffled: bool,
) -> BTreeMap<State, Vec<Step>> {
    let replacement = matches!(sampling, Sampling::WithReplacement { .. });
    let mut steps: BTreeMap<State, Vec<Step>> = BTreeMap::new();
    let mut ahead = vec![(0, 0)];
    while let Some((before, used)) = ahead.pop() {
        if steps.contains_key(&(before, used)) {
            continue;
        }
        let mut from_here = vec![];
        for set in placed.next(before, rule, !replacement) {
            let parts = placed
                .points(set)
                .filter_map(|node| placed.rows[node])
                .fold(0_u32, |parts, part| parts | 1 << part);
            let mut whole = (0..placed.parts()).filter(|part| parts >> part & 1 == 1);
            let allowed = if replacement {
                true
            } else if shuffled {
                parts & used == 0
            } else {
                // Rows that are visited once have all their nodes at one update.
                whole.all(|part| placed.part(part) & !set == 0)
            };
            if allowed {
                let to = (before | set, if shuffled { used | parts } else { 0 });
                from_here.push(Step { set, to });
                ahead.push(to);
            }
        }
        steps.insert((before, used), from_here);
        if used > 0 {
            ahead.push((before, 0));
        }
    }
    steps
}

/// The states in an order in which every step goes to a later one.
fn states(steps: &BTreeMap<State, Vec<Step>>) -> Vec<State> {
    let mut states: Vec<State> = steps.keys().copied().collect();
    states.sort_by_key(|&(before, used)| (before.count_ones(), before, used));
    states
}

/// The numbers of ways to give nodes slots at one update.
struct Ways<'a> {
    placed: &'a Placed,
    rule: InStep,
    /// N, if every slot draws its row.
    drawn_of: Option<usize>,
}

impl<'a> Ways<'a> {
    fn new(sampling: &Sampling, rule: InStep, placed: &'a Placed) -> Self {
        let drawn_of = match sampling {
            Sampling::WithReplacement { train, .. } => Some(*train),
            _ => None,
        };
        Ways {
            placed,
            rule,
            drawn_of,
        }
    }

    /// The number for a batch of this size, with 1/B for each node and, if slots draw their rows, 1/N for each slot.
    fn of(&self, set: u32, batch: usize) -> BigRational {
        let points: Vec<usize> = self.placed.points(set).collect();
        let size = BigRational::from_integer(batch.into());
        let per_node = size.pow(-(points.len() as i32));
        let edges = self.placed.in_step(set);
        let part = |node: usize| match &self.placed.noise {
            Some((Noise::PerVisit, parts)) => parts[node],
            _ => self.placed.rows[node],
        };
        let ways = match self.drawn_of {
            None => slots(&points, &edges, batch, self.rule, |a, b| part(a) == part(b)),
            // Nodes of one part may be on several slots that drew the same row, but for those that share the noise of a visit.
            Some(train) => {
                let visits = matches!(&self.placed.noise, Some((Noise::PerVisit, _)));
                let mut sum = BigRational::zero();
                for string in restricted_growth_strings(points.len()) {
                    let slot = |node: usize| {
                        let at = points.iter().position(|&p| p == node).expect("a point");
                        string[at]
                    };
                    let fits = points.iter().all(|&a| {
                        points.iter().all(|&b| {
                            let (same, tied) = (slot(a) == slot(b), part(a) == part(b));
                            if visits { same == tied } else { tied || !same }
                        })
                    });
                    if fits {
                        let count = string.iter().max().map_or(0, |last| usize::from(*last) + 1);
                        let rows = BigRational::from_integer(train.into()).pow(-(count as i32));
                        let ways =
                            slots(&points, &edges, batch, self.rule, |a, b| slot(a) == slot(b));
                        sum += ways * rows;
                    }
                }
                sum
            }
        };
        ways * per_node
    }
}

/// The number of ways to give nodes slots of a batch, the same slot to two nodes if and only if they are alike, and slots of one micro-batch to the ends of an edge.
fn slots(
    points: &[usize],
    edges: &[(usize, usize)],
    batch: usize,
    rule: InStep,
    alike: impl Fn(usize, usize) -> bool,
) -> BigRational {
    let group = match rule {
        InStep::Ascent { group: Some(group) } => group,
        _ => batch,
    };
    // The slots, each by its first node, and their components by edges within the update.
    let mut firsts: Vec<usize> = vec![];
    for &node in points {
        if !firsts.iter().any(|&first| alike(first, node)) {
            firsts.push(node);
        }
    }
    let slot = |node: usize| {
        firsts
            .iter()
            .position(|&first| alike(first, node))
            .expect("each node has a slot")
    };
    let mut component: Vec<usize> = (0..firsts.len()).collect();
    for &(child, parent) in edges {
        let (a, b) = (component[slot(child)], component[slot(parent)]);
        for c in &mut component {
            if *c == a {
                *c = b;
            }
        }
    }
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for c in component {
        *sizes.entry(c).or_default() += 1;
    }
    let sizes: Vec<usize> = sizes.into_values().collect();
    let mut sum = BigRational::zero();
    for shared in restricted_growth_strings(sizes.len()) {
        let groups = shared.iter().max().map_or(0, |last| usize::from(*last) + 1);
        let mut ways = falling(batch / group, groups);
        for at in 0..groups {
            let together = shared.iter().zip(&sizes);
            let count = together
                .filter(|(g, _)| usize::from(**g) == at)
                .map(|(_, size)| size)
                .sum();
            ways *= falling(group, count);
        }
        sum += ways;
    }
    if sizes.is_empty() {
        BigRational::one()
    } else {
        sum
    }
}
