//! The kernel of an optimizer, as a linear memory of a few channels.
//!
//! The channels x of update t follow x' = `F_t` x + `b_t` `u_t`, where `u_t` = -η `g_t` is what the gradient of the update contributes, and the gradient is taken at the point `θ_0` + `c_t` · x. So
//! a(t, s) = `c_t` F_{t-1} … F_{s+1} `b_s`. Heavy ball momentum has two channels, the weights and the buffer; a kernel that is given as a table has one channel for each update.

use num_rational::BigRational;
use num_traits::One;

use super::rule::{Averaging, UpdateRule};
use crate::resummed::RationalAlgebra;

/// A kernel in some numbers, exact or rounded: how much of each update's step is in later points, and in the result of the run. It is held as a linear memory of a few channels; heavy ball momentum has
/// two, the weights and the buffer.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel<R> {
    pub(super) channels: usize,
    pub(super) updates: Vec<Update<R>>,
    pub(super) in_step: InStep,
}

/// What an update does to the memory.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Update<R> {
    /// `F_t`, row by row; `None` if it is 1.
    pub carry: Option<Vec<R>>,
    /// `b_t` of gradients.
    pub write: Vec<R>,
    /// `b_t` of the gradient of weight decay.
    pub write_decay: Vec<R>,
    /// `c_t`.
    pub read: Vec<R>,
    /// The weight of an edge between two nodes in the update.
    pub in_step: R,
    /// r(t): how much of `u_t` is in the result of the run.
    pub result: R,
    /// The same for the gradient of weight decay.
    pub result_decay: R,
}

/// Which edges may have both ends in one update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InStep {
    /// None.
    Forbidden,
    /// Those to nodes that have no such edge below them, of points in one micro-batch of this size, or of the whole batch: SAM.
    Ascent { group: Option<usize> },
    /// At most one below each node: Hessian-based updates.
    Chain,
}

impl<R: RationalAlgebra> Kernel<R> {
    /// The kernel of a rule over T updates with these batch sizes. The rule must pass [`UpdateRule::check`].
    pub(super) fn of_rule(
        rule: &UpdateRule,
        updates: usize,
        batch: impl Fn(usize) -> usize,
    ) -> Self {
        let number = R::from_rational;
        let sigmas: Vec<R> = rule.learning_rates.multipliers(updates);
        let momentum = rule.momentum.as_ref();
        let betas = momentum.map(|momentum| momentum.betas(updates));
        let channels = if momentum.is_some() { 2 } else { 1 };
        let coupled = rule
            .weight_decay
            .as_ref()
            .is_some_and(|decay| decay.coupled);
        let of_update = |(t, sigma): (usize, &R)| {
            let size = batch(t);
            let mut read = vec![R::zero(); channels];
            read[0] = R::one();
            let (carry, write) = match (&betas, momentum) {
                (Some(betas), Some(momentum)) => {
                    let beta = number(&betas[t]);
                    let kept = if t == 0 {
                        R::one()
                    } else {
                        number(&(BigRational::one() - &momentum.dampening))
                    };
                    let (through, direct) = if momentum.nesterov {
                        let ahead = R::one() + beta.clone() * kept.clone();
                        (beta.clone() * beta.clone(), ahead)
                    } else {
                        (beta.clone(), kept.clone())
                    };
                    let [through, direct] = [through, direct].map(|x| sigma.clone() * x);
                    let carry = vec![R::one(), through, R::zero(), beta];
                    (Some(carry), vec![direct, kept])
                }
                _ => (None, vec![sigma.clone()]),
            };
            let write_decay = if coupled {
                write.clone()
            } else {
                let mut write = vec![R::zero(); channels];
                write[0] = sigma.clone();
                write
            };
            let in_step = match (&rule.ascent, &rule.hessian) {
                (Some(ascent), _) => {
                    let group = ascent.group.unwrap_or(size);
                    let micro_batches = BigRational::new(size.into(), group.into());
                    number(&-(&ascent.radius * micro_batches))
                }
                (None, Some(lambda)) => number(lambda) * sigma.clone(),
                (None, None) => R::zero(),
            };
            Update {
                carry,
                write,
                write_decay,
                read,
                in_step,
                result: R::zero(),
                result_decay: R::zero(),
            }
        };
        let mut kernel = Kernel {
            channels,
            updates: sigmas.iter().enumerate().map(of_update).collect(),
            in_step: match (&rule.ascent, &rule.hessian) {
                (Some(ascent), _) => InStep::Ascent {
                    group: ascent.group,
                },
                (None, Some(_)) => InStep::Chain,
                (None, None) => InStep::Forbidden,
            },
        };
        kernel.read_result(&rule.averaging);
        kernel
    }

    /// The kernel with these tables: `points[t][s]` is a(t, s) for s < t, and `result[s]` is r(s).
    pub(super) fn of_tables(points: &[Vec<R>], result: &[R]) -> Self {
        let channels = result.len();
        let unit = |at: usize| {
            let mut unit = vec![R::zero(); channels];
            unit[at] = R::one();
            unit
        };
        let of_update = |(t, r): (usize, &R)| {
            let mut read = points[t].clone();
            read.resize(channels, R::zero());
            Update {
                carry: None,
                write: unit(t),
                write_decay: vec![R::zero(); channels],
                read,
                in_step: R::zero(),
                result: r.clone(),
                result_decay: R::zero(),
            }
        };
        Kernel {
            channels,
            updates: result.iter().enumerate().map(of_update).collect(),
            in_step: InStep::Forbidden,
        }
    }

    /// r(s) = Σ_{t > s} `α_t` a(t, s), by one sweep backwards: with the row `l_t` = `α_t` · (weights) + l_{t+1} `F_t` it is l_{s+1} · `b_s`. Nothing is subtracted.
    fn read_result(&mut self, averaging: &Averaging) {
        let updates = self.updates.len();
        let alphas: Vec<R> = averaging.weights(updates);
        let mut row = vec![R::zero(); self.channels];
        for (t, update) in self.updates.iter_mut().enumerate().rev() {
            // The iterate θ_{t+1} is what the weights' channel holds after the update.
            row[0] += alphas[t + 1].clone();
            update.result = dot(&row, &update.write);
            update.result_decay = dot(&row, &update.write_decay);
            if let Some(carry) = &update.carry {
                row = times(&row, carry);
            }
        }
    }

    /// The total step R = Σ r(s): to first order in η the result moves by -η R G, with the mean gradient G.
    pub fn total_step(&self) -> R {
        let mut sum = R::zero();
        for update in &self.updates {
            sum += update.result.clone();
        }
        sum
    }

    /// a(t, s) as `[t][s]` for s < t, and r(s): the kernel as tables.
    pub fn tables(&self) -> (Vec<Vec<R>>, Vec<R>) {
        let mut points = vec![];
        // The columns F_{t-1} … F_{s+1} b_s of all earlier updates s.
        let mut columns: Vec<Vec<R>> = vec![];
        for update in &self.updates {
            points.push(columns.iter().map(|x| dot(&update.read, x)).collect());
            if let Some(carry) = &update.carry {
                for column in &mut columns {
                    *column = apply(carry, column);
                }
            }
            columns.push(update.write.clone());
        }
        let result = self.updates.iter().map(|u| u.result.clone()).collect();
        (points, result)
    }
}

fn dot<R: RationalAlgebra>(a: &[R], b: &[R]) -> R {
    let mut sum = R::zero();
    for (x, y) in a.iter().zip(b) {
        sum += x.clone() * y.clone();
    }
    sum
}

/// The row times a square matrix.
fn times<R: RationalAlgebra>(row: &[R], matrix: &[R]) -> Vec<R> {
    let size = row.len();
    (0..size)
        .map(|column| {
            let mut sum = R::zero();
            for (at, x) in row.iter().enumerate() {
                sum += x.clone() * matrix[at * size + column].clone();
            }
            sum
        })
        .collect()
}

/// A square matrix times a column.
fn apply<R: RationalAlgebra>(matrix: &[R], column: &[R]) -> Vec<R> {
    matrix
        .chunks_exact(column.len())
        .map(|row| dot(row, column))
        .collect()
}
