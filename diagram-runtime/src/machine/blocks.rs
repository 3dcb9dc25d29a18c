//! Steps cut into blocks of samples, run in parallel, and added up in a fixed order.

use std::ops::Range;

use rayon::prelude::*;

use super::tile::Scope;
use super::{Machine, MachineError, Operand, Output};
use crate::derivatives::{DIRECTIONS_PER_CALL, Derivatives};
use crate::scalar::Element;
use crate::table::Table;

/// Samples in a block of a step with one loop: a few lane widths.
pub(super) const LINEAR_BLOCK: usize = 64;
/// Side of a square block of pairs in a streamed sweep: a multiple of every lane width.
pub(super) const PAIR_BLOCK: usize = 16;
/// Blocks in flight at once, at least: enough that threads wait for each other rarely, few enough that their results stay in cache until they are
/// added up.
const BLOCKS_IN_FLIGHT: usize = 16;

/// Owned form of a step.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(super) axes: usize,
    pub(super) kind: WorkKind,
    pub(super) outputs: Vec<WorkOutput>,
    /// The stream whose pass this is.
    pub(super) stream: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum WorkKind {
    Pass {
        sample: usize,
        directions: Vec<OwnedOperand>,
    },
    Mean {
        operand: OwnedOperand,
    },
    Dot {
        left: OwnedOperand,
        right: OwnedOperand,
    },
    Product {
        factors: Vec<OwnedOperand>,
    },
}

#[derive(Clone, Debug)]
pub(super) struct OwnedOperand {
    pub(super) quantity: usize,
    pub(super) axes: Vec<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct WorkOutput {
    pub(super) quantity: usize,
    pub(super) powers: Vec<u8>,
    /// Loop axes that stay, ascending; over the others the result is averaged.
    pub(super) kept: Vec<usize>,
}

impl From<&Operand<'_>> for OwnedOperand {
    fn from(operand: &Operand<'_>) -> Self {
        OwnedOperand {
            quantity: operand.quantity,
            axes: operand.axes.to_vec(),
        }
    }
}

impl Work {
    pub(super) fn pass(
        axes: usize,
        sample: usize,
        directions: &[Operand<'_>],
        outputs: &[&Output<'_>],
    ) -> Self {
        let outputs = outputs
            .iter()
            .map(|o| WorkOutput {
                quantity: o.quantity,
                powers: o.powers.to_vec(),
                kept: (0..axes).filter(|&a| !(o.mean && a == sample)).collect(),
            })
            .collect();
        let directions = directions.iter().map(OwnedOperand::from).collect();
        Work {
            axes,
            kind: WorkKind::Pass { sample, directions },
            outputs,
            stream: None,
        }
    }

    pub(super) fn mean(operand: usize, rank: usize, kept: &[usize], quantity: usize) -> Self {
        let operand = OwnedOperand {
            quantity: operand,
            axes: (0..rank).collect(),
        };
        Work {
            axes: rank,
            kind: WorkKind::Mean { operand },
            outputs: vec![output(quantity, kept)],
            stream: None,
        }
    }

    pub(super) fn dot(
        axes: usize,
        left: Operand<'_>,
        right: Operand<'_>,
        kept: &[usize],
        quantity: usize,
    ) -> Self {
        let kind = WorkKind::Dot {
            left: (&left).into(),
            right: (&right).into(),
        };
        Work {
            axes,
            kind,
            outputs: vec![output(quantity, kept)],
            stream: None,
        }
    }

    pub(super) fn product(
        axes: usize,
        factors: &[Operand<'_>],
        kept: &[usize],
        quantity: usize,
    ) -> Self {
        let factors = factors.iter().map(OwnedOperand::from).collect();
        Work {
            axes,
            kind: WorkKind::Product { factors },
            outputs: vec![output(quantity, kept)],
            stream: None,
        }
    }

    pub(super) fn reads(&self) -> impl Iterator<Item = usize> {
        let operands: Vec<usize> = match &self.kind {
            WorkKind::Pass { directions, .. } => directions.iter().map(|d| d.quantity).collect(),
            WorkKind::Mean { operand } => vec![operand.quantity],
            WorkKind::Dot { left, right } => vec![left.quantity, right.quantity],
            WorkKind::Product { factors } => factors.iter().map(|f| f.quantity).collect(),
        };
        operands.into_iter()
    }

    fn is_scalar(&self) -> bool {
        matches!(self.kind, WorkKind::Dot { .. } | WorkKind::Product { .. })
    }
}

fn output(quantity: usize, kept: &[usize]) -> WorkOutput {
    WorkOutput {
        quantity,
        powers: vec![],
        kept: kept.to_vec(),
    }
}

impl<T: Element, D: Derivatives<T> + ?Sized> Machine<'_, T, D> {
    /// Runs everything that waits for a stream, in one sweep over pairs.
    pub(super) fn flush(&mut self) -> Result<(), MachineError> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            Ok(())
        } else {
            self.execute(&pending)
        }
    }

    /// Runs steps that have the same loops, and stores their results.
    pub(super) fn execute(&mut self, works: &[Work]) -> Result<(), MachineError> {
        let n = self.samples.len();
        let streamed = works
            .iter()
            .any(|w| self.reads_stream(w) || w.stream.is_some());
        let mut results: Vec<Vec<Table<T>>> = works
            .iter()
            .map(|work| {
                work.outputs
                    .iter()
                    .map(|o| self.zeros(work, o, |_| 0..n))
                    .collect()
            })
            .collect();
        let tasks = if streamed {
            pair_tasks(n)
        } else {
            self.outer_tasks(&works[0])
        };
        for chunk in tasks.chunks(in_flight(rayon::current_num_threads())) {
            let partials: Vec<_> = chunk
                .par_iter()
                .map(|boxes| {
                    let mut scope = Scope::new(self);
                    let mut partials = vec![];
                    for (w, work) in works.iter().enumerate() {
                        for ranges in boxes {
                            partials.push((w, scope.run(work, &self.extend(work, ranges))?));
                        }
                    }
                    Ok(partials)
                })
                .collect::<Result<_, MachineError>>()?;
            for (w, results) in results.iter_mut().enumerate() {
                for (o, result) in results.iter_mut().enumerate() {
                    let of_output = partials.iter().flatten().filter(|(work, _)| *work == w);
                    let parts: Vec<&Table<T>> = of_output.map(|(_, tables)| &tables[o]).collect();
                    result.add_all(&parts);
                }
            }
        }
        for (work, tables) in works.iter().zip(results) {
            for (output, mut table) in work.outputs.iter().zip(tables) {
                let averaged = work.axes - output.kept.len();
                if averaged > 0 {
                    table.divide((n as f64).powi(averaged as i32));
                }
                self.store(output.quantity, table);
            }
        }
        Ok(())
    }

    pub(super) fn zeros(
        &self,
        work: &Work,
        output: &WorkOutput,
        range: impl Fn(usize) -> Range<usize>,
    ) -> Table<T> {
        let width = if work.is_scalar() {
            1
        } else {
            self.derivatives.dimension()
        };
        Table::zeros(output.kept.iter().map(|&a| range(a)).collect(), width)
    }

    /// The box of a task gives the first axes; the rest run over all samples.
    fn extend(&self, work: &Work, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
        let all = 0..self.samples.len();
        ranges
            .iter()
            .cloned()
            .chain(std::iter::repeat(all))
            .take(work.axes)
            .collect()
    }

    fn outer_tasks(&self, work: &Work) -> Vec<Vec<Vec<Range<usize>>>> {
        if work.axes == 0 {
            return vec![vec![vec![]]];
        }
        let size = if work.axes == 1 {
            LINEAR_BLOCK
        } else {
            DIRECTIONS_PER_CALL
        };
        blocks(self.samples.len(), size)
            .map(|block| vec![vec![block]])
            .collect()
    }
}

fn blocks(n: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n.div_ceil(size)).map(move |b| b * size..n.min((b + 1) * size))
}

/// Unordered pairs of blocks; each task visits both orders, since what reads a stream often reads it transposed as well.
fn pair_tasks(n: usize) -> Vec<Vec<Vec<Range<usize>>>> {
    let blocks: Vec<_> = blocks(n, PAIR_BLOCK).collect();
    let mut tasks = vec![];
    for i in 0..blocks.len() {
        tasks.push(vec![vec![blocks[i].clone(), blocks[i].clone()]]);
        for j in i + 1..blocks.len() {
            let (a, b) = (blocks[i].clone(), blocks[j].clone());
            tasks.push(vec![vec![a.clone(), b.clone()], vec![b, a]]);
        }
    }
    tasks
}

/// No result depends on it: all are added up in the order of the tasks.
fn in_flight(threads: usize) -> usize {
    BLOCKS_IN_FLIGHT.max(2 * threads)
}

/// How many tasks a step with so many loops is cut into.
pub(crate) fn tasks(n: usize, loops: usize, streamed: bool) -> usize {
    match loops {
        0 => 1,
        1 => n.div_ceil(LINEAR_BLOCK),
        _ if streamed => {
            let side = n.div_ceil(PAIR_BLOCK);
            side * (side + 1) / 2
        }
        _ => n.div_ceil(DIRECTIONS_PER_CALL),
    }
}

/// One task after the other on each thread.
pub(crate) struct Rounds {
    /// In which all threads have a task.
    pub(crate) full: usize,
    /// In which some have none.
    pub(crate) partial: usize,
}

/// In how many rounds so many tasks are done.
pub(crate) fn rounds(tasks: usize, threads: usize) -> Rounds {
    let mut rounds = Rounds {
        full: 0,
        partial: 0,
    };
    let mut left = tasks;
    while left > 0 {
        let now = left.min(in_flight(threads));
        rounds.full += now / threads;
        rounds.partial += usize::from(!now.is_multiple_of(threads));
        left -= now;
    }
    rounds
}

/// How many entries of a result over `rank` samples are added up.
pub(crate) fn merged_entries(n: usize, rank: usize, tasks: usize, streamed: bool) -> f64 {
    if streamed {
        // Each box of pairs gives a block of each kept axis.
        let boxes = n.div_ceil(PAIR_BLOCK).pow(2);
        boxes as f64 * (PAIR_BLOCK as f64).powi(rank as i32)
    } else {
        (n as f64).powi(rank as i32).max(tasks as f64)
    }
}
