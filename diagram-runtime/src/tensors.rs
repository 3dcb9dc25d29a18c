//! Explicit tensors of derivatives, for landscapes with few weights.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;

use crate::device::DeviceError;
use crate::fuse::Fuse;
use crate::lanes::{Isa, IsaOp, dispatch};
use crate::learning_rate::LearningRate;
use crate::scalar::Element;
use diagram_kernels::derivatives::{
    DIRECTIONS_PER_CALL, DerivativeOutput, Derivatives, Direction, Pass,
};

/// The number of samples whose tensors one thread computes in one piece: a few times the number of lanes of a vector.
const BLOCK: usize = 64;

/// The derivatives of each sample's loss up to some order as explicit tensors: n (1 + P + P² + …) numbers, which do not contain η.
///
/// Contracting a derivative of order k with k - 1 directions takes about 2 Pᵏ operations, whatever the loss. This is worthwhile if P is small and
/// each tensor is contracted with many directions, as for pairs of samples.
#[derive(Clone, Debug)]
pub struct ExplicitTensors<'a, T: Clone> {
    dimension: usize,
    losses: Cow<'a, [T]>,
    /// The derivatives of order 1, 2, …. That of order k has Pᵏ numbers for each sample, with the open index last.
    tensors: Cow<'a, [Vec<T>]>,
    /// The row of the tensors that each sample has.
    rows: Vec<usize>,
    /// The learning rate in whose coordinates the tensors are; `None` if it is a scalar.
    rate: Option<LearningRate<T>>,
    /// Whether the losses have kinks.
    piecewise: bool,
}

/// The reason why tensors are not computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TensorError {
    /// The tensors need too much memory.
    #[error(
        "the derivatives of {samples} samples up to order {order} in {dimension} weights need {bytes} bytes as tensors, more than the limit of {limit}; contract them by passes"
    )]
    TooLarge {
        /// The number n of samples.
        samples: usize,
        /// The highest order of the derivatives.
        order: usize,
        /// The number P of weights.
        dimension: usize,
        /// The bytes that the tensors need.
        bytes: usize,
        /// The largest allowed number of bytes.
        limit: usize,
    },
    /// The moments of the tensors, and what is contracted on the way to them, need too much memory.
    #[error(
        "the moments of tensors in {dimension} weights need {bytes} bytes, more than the limit of {limit}; contract the derivatives by passes or as explicit tensors"
    )]
    MomentsTooLarge {
        /// The number P of weights.
        dimension: usize,
        /// The bytes that the moments need, for all blocks of samples that are processed at the same time.
        bytes: f64,
        /// The largest allowed number of bytes.
        limit: usize,
    },
    /// The derivatives cannot be computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl<T: Element> ExplicitTensors<'static, T> {
    /// Computes the tensors of all samples of `derivatives` up to the given order, by passes along basis vectors. They may have at most `limit`
    /// bytes.
    ///
    /// # Errors
    /// [`TensorError::TooLarge`], before anything is computed; [`TensorError::Device`].
    pub fn new<D: Derivatives<T> + ?Sized>(
        derivatives: &D,
        order: usize,
        limit: usize,
    ) -> Result<Self, TensorError> {
        let (samples, dimension) = (derivatives.samples(), derivatives.dimension());
        let sizes: Vec<usize> = (1..=order)
            .map(|k| dimension.saturating_pow(k as u32))
            .collect();
        let numbers = sizes.iter().fold(1_usize, |sum, &x| sum.saturating_add(x));
        let bytes = numbers
            .saturating_mul(samples)
            .saturating_mul(size_of::<T>());
        if bytes > limit {
            return Err(TensorError::TooLarge {
                samples,
                order,
                dimension,
                bytes,
                limit,
            });
        }
        let mut losses = vec![T::constant(0.0); samples];
        derivatives.losses(0..samples, &mut losses)?;
        let fuse = Fuse::default();
        let tensors = sizes
            .iter()
            .enumerate()
            .map(|(contracted, &size)| {
                let mut tensor = vec![T::constant(0.0); samples * size];
                tensor
                    .par_chunks_mut(BLOCK * size.max(1))
                    .enumerate()
                    .try_for_each(|(block, rows)| {
                        let Some(_guard) = fuse.guard() else {
                            return Ok(());
                        };
                        let first = block * BLOCK;
                        let samples = first..first + rows.len() / size;
                        fill(derivatives, samples, contracted, rows)
                    })?;
                Ok(tensor)
            })
            .collect::<Result<Vec<_>, DeviceError>>()?;
        Ok(ExplicitTensors {
            dimension,
            losses: Cow::Owned(losses),
            tensors: Cow::Owned(tensors),
            rows: (0..samples).collect(),
            rate: derivatives.learning_rate().cloned(),
            piecewise: derivatives.is_piecewise(),
        })
    }
}

impl<T: Clone> ExplicitTensors<'_, T> {
    /// Returns the order of the highest derivative that is held.
    pub fn order(&self) -> usize {
        self.tensors.len()
    }

    /// Returns the derivative of a sample's loss of the given order: P^order numbers. The derivative of order 0 is the loss itself.
    ///
    /// # Panics
    /// If there is no such sample, or the order is higher than [`ExplicitTensors::order`].
    pub(crate) fn derivative(&self, order: usize, sample: usize) -> &[T] {
        let row = self.rows[sample];
        match order.checked_sub(1) {
            None => std::slice::from_ref(&self.losses[row]),
            Some(at) => {
                let size = self.dimension.pow(order as u32);
                &self.tensors[at][row * size..][..size]
            }
        }
    }
}

/// Writes the derivatives of order `contracted + 1` of some samples to `rows`, one tensor after the other.
fn fill<T: Element, D: Derivatives<T> + ?Sized>(
    derivatives: &D,
    samples: Range<usize>,
    contracted: usize,
    rows: &mut [T],
) -> Result<(), DeviceError> {
    let p = derivatives.dimension();
    let count = samples.len();
    let size = rows.len() / count;
    // The passes of a call must have the same powers, in the order of the basis vectors.
    let mut monomials = monomials(p, contracted);
    monomials.sort_by_key(|monomial| powers(monomial));
    for same in monomials.chunk_by(|a, b| powers(a) == powers(b)) {
        let powers = powers(&same[0]);
        for together in same.chunks(DIRECTIONS_PER_CALL) {
            let basis: Vec<Vec<Vec<T>>> = together
                .iter()
                .map(|monomial| {
                    let mut distinct = monomial.clone();
                    distinct.dedup();
                    distinct.iter().map(|&i| unit(p, i)).collect()
                })
                .collect();
            let mut results = vec![T::constant(0.0); together.len() * count * p];
            let passes = basis
                .iter()
                .zip(results.chunks_mut(count * p))
                .map(|(basis, result)| Pass {
                    directions: basis.iter().map(|u| Direction::Shared(u)).collect(),
                    outputs: vec![DerivativeOutput {
                        powers: &powers,
                        per_sample: Some(result),
                        sum: None,
                    }],
                })
                .collect();
            derivatives.passes(samples.clone(), passes)?;
            for (monomial, result) in together.iter().zip(results.chunks(count * p)) {
                // The tensor is symmetric, so that the derivative is copied to every order of the contracted indices.
                for indices in arrangements(monomial) {
                    let at = indices.iter().fold(0, |at, &i| at * p + i) * p;
                    for (row, open) in rows.chunks_mut(size).zip(result.chunks(p)) {
                        row[at..at + p].clone_from_slice(open);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Returns all multisets of `count` indices below `p`, each in ascending order.
fn monomials(p: usize, count: usize) -> Vec<Vec<usize>> {
    (0..count).fold(vec![vec![]], |shorter, _| {
        shorter
            .into_iter()
            .flat_map(|monomial| {
                let first = monomial.last().copied().unwrap_or(0);
                (first..p).map(move |i| {
                    let mut longer = monomial.clone();
                    longer.push(i);
                    longer
                })
            })
            .collect()
    })
}

/// Returns how often each distinct index occurs in a multiset in ascending order.
fn powers(monomial: &[usize]) -> Vec<u8> {
    monomial
        .chunk_by(|a, b| a == b)
        .map(|same| same.len() as u8)
        .collect()
}

/// Returns the distinct orders of the elements of a multiset.
fn arrangements(indices: &[usize]) -> Vec<Vec<usize>> {
    if indices.is_empty() {
        return vec![vec![]];
    }
    let mut all = vec![];
    for (at, &first) in indices.iter().enumerate() {
        if indices[..at].contains(&first) {
            continue;
        }
        let mut rest = indices.to_vec();
        rest.remove(at);
        for rest in arrangements(&rest) {
            all.push([vec![first], rest].concat());
        }
    }
    all
}

/// Returns a basis vector.
fn unit<T: Element>(p: usize, at: usize) -> Vec<T> {
    let mut unit = vec![T::constant(0.0); p];
    unit[at] = T::constant(1.0);
    unit
}

impl<T: Element> Derivatives<T> for ExplicitTensors<'_, T> {
    fn samples(&self) -> usize {
        self.rows.len()
    }

    fn dimension(&self) -> usize {
        self.dimension
    }

    fn learning_rate(&self) -> Option<&LearningRate<T>> {
        self.rate.as_ref()
    }

    fn is_piecewise(&self) -> bool {
        self.piecewise
    }

    fn losses(&self, samples: Range<usize>, out: &mut [T]) -> Result<(), DeviceError> {
        for (to, &row) in out.iter_mut().zip(&self.rows[samples]) {
            *to = self.losses[row].clone();
        }
        Ok(())
    }

    /// Contracts the tensors with the directions of each pass.
    ///
    /// # Panics
    /// If a derivative of a higher order than [`ExplicitTensors::order`] is asked for.
    fn passes(&self, samples: Range<usize>, passes: Vec<Pass<'_, T>>) -> Result<(), DeviceError> {
        dispatch(TensorPasses {
            tensors: self,
            samples,
            passes,
        });
        Ok(())
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<T> + '_> {
        Box::new(ExplicitTensors {
            dimension: self.dimension,
            losses: Cow::Borrowed(&*self.losses),
            tensors: Cow::Borrowed(&*self.tensors),
            rows: indices.iter().map(|&i| self.rows[i]).collect(),
            rate: self.rate.clone(),
            piecewise: self.piecewise,
        })
    }
}

/// The contractions of one call of [`Derivatives::passes`].
struct TensorPasses<'d, 'j, T: Clone> {
    tensors: &'d ExplicitTensors<'d, T>,
    samples: Range<usize>,
    passes: Vec<Pass<'j, T>>,
}

impl<T: Element> IsaOp for TensorPasses<'_, '_, T> {
    type Output = ();

    /// The loops run over contiguous numbers, which the compiler turns into vector code.
    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let p = self.tensors.dimension;
        if p == 0 {
            return;
        }
        let (mut from, mut to): (Vec<T>, Vec<T>) = (vec![], vec![]);
        // The samples are the outer loop, so that the tensors of a sample stay in the cache while all passes read them.
        for (offset, &row) in self.tensors.rows[self.samples].iter().enumerate() {
            for pass in &mut self.passes {
                for output in &mut pass.outputs {
                    let contracted: usize = output.powers.iter().map(|&k| usize::from(k)).sum();
                    let size = p.pow(contracted as u32 + 1);
                    let tensor = &self.tensors.tensors[contracted][row * size..(row + 1) * size];
                    let mut untouched = true;
                    for (direction, &power) in pass.directions.iter().zip(output.powers) {
                        let u = match *direction {
                            Direction::Shared(u) => u,
                            Direction::PerSample(rows) => &rows[offset * p..(offset + 1) * p],
                        };
                        for _ in 0..power {
                            let source = if untouched { tensor } else { &from[..] };
                            let rest = source.len() / p;
                            to.clear();
                            to.resize(rest, T::constant(0.0));
                            for (x, part) in u.iter().zip(source.chunks_exact(rest)) {
                                for (sum, y) in to.iter_mut().zip(part) {
                                    sum.add_product(x, y);
                                }
                            }
                            std::mem::swap(&mut from, &mut to);
                            untouched = false;
                        }
                    }
                    let derivative = if untouched { tensor } else { &from[..] };
                    if let Some(rows) = &mut output.per_sample {
                        rows[offset * p..(offset + 1) * p].clone_from_slice(derivative);
                    }
                    if let Some(total) = &mut output.sum {
                        for (total, x) in total.iter_mut().zip(derivative) {
                            *total += x.clone();
                        }
                    }
                }
            }
        }
    }
}
