//! The sums of tensors over one block of samples.

use std::ops::Range;

use diagram_calculus::plan::TensorStep;

use super::{Contraction, Indices};
use crate::lanes::{Isa, IsaOp};
use crate::scalar::{Element, Lanes, Scalar};
use crate::tensors::ExplicitTensors;

/// The numbers of components of the left and of the right tensor whose products are summed together. Their sums stay in registers.
const TILE: (usize, usize) = (2, 4);

/// The computation of the sums over the samples of a block: the numbers of each moment, and none for other tensors.
pub(super) struct SumsOfBlock<'a, T: Clone> {
    pub(super) contraction: &'a Contraction<'a>,
    pub(super) tensors: &'a ExplicitTensors<'a, T>,
    pub(super) samples: Range<usize>,
}

/// A tensor of each sample of a block: for each component, the vectors whose lanes are the samples. Lanes beyond the last sample are 0, and so are
/// products of them.
struct OfSamples<A> {
    vectors: Vec<A>,
    /// The number of vectors of a component.
    count: usize,
}

impl<A> OfSamples<A> {
    #[inline(always)]
    fn component(&self, at: usize) -> &[A] {
        &self.vectors[at * self.count..][..self.count]
    }
}

impl<T: Element> IsaOp for SumsOfBlock<'_, T> {
    type Output = Vec<Vec<T>>;

    #[inline(always)]
    fn run<I: Isa>(self) -> Vec<Vec<T>> {
        let Contraction {
            plan,
            demand,
            indices,
            ..
        } = self.contraction;
        let mut each: Vec<Option<OfSamples<T::Wide<I>>>> = vec![];
        let mut sums: Vec<Vec<T>> = vec![vec![]; plan.steps.len()];
        for (id, step) in plan.steps.iter().enumerate() {
            let mut made = None;
            match step {
                _ if !demand[id] => {}
                TensorStep::Derivative { order } => {
                    made = Some(derivative(self.tensors, *order, self.samples.clone()));
                }
                TensorStep::Mean { tensor } => {
                    if let Some(tensor) = &each[*tensor] {
                        sums[id] = sum(tensor);
                    }
                }
                TensorStep::Product {
                    left, right, mean, ..
                } => {
                    if let (Some(indices), Some(left), Some(right)) =
                        (&indices[id], &each[*left], &each[*right])
                    {
                        if *mean {
                            sums[id] = sum_of_products(indices, left, right);
                        } else {
                            made = Some(product(indices, left, right));
                        }
                    }
                }
            }
            each.push(made);
        }
        sums
    }
}

/// Returns the derivatives of the samples of one order, with the samples innermost.
#[inline(always)]
fn derivative<T: Element, A: Lanes<Element = T>>(
    tensors: &ExplicitTensors<'_, T>,
    order: usize,
    samples: Range<usize>,
) -> OfSamples<A> {
    let rows: Vec<&[T]> = samples.map(|s| tensors.derivative(order, s)).collect();
    let components = rows.first().map_or(0, |row| row.len());
    let count = rows.len().div_ceil(A::WIDTH);
    let mut vectors = Vec::with_capacity(components * count);
    for component in 0..components {
        for block in rows.chunks(A::WIDTH) {
            vectors.push(A::from_fn(|lane| match block.get(lane) {
                Some(row) => row[component].clone(),
                None => T::constant(0.0),
            }));
        }
    }
    OfSamples { vectors, count }
}

/// Returns the product of two tensors for each sample.
#[inline(always)]
fn product<A: Lanes>(indices: &Indices, left: &OfSamples<A>, right: &OfSamples<A>) -> OfSamples<A> {
    let count = left.count;
    let mut vectors = Vec::with_capacity(indices.left.len() * indices.right.len() * count);
    for &i in &indices.left {
        for &j in &indices.right {
            let start = vectors.len();
            for (at, &(l, r)) in indices.contracted.iter().enumerate() {
                let factors = left.component(i + l).iter().zip(right.component(j + r));
                if at == 0 {
                    for (x, y) in factors {
                        vectors.push(x.clone() * y.clone());
                    }
                } else {
                    for (sum, (x, y)) in vectors[start..].iter_mut().zip(factors) {
                        sum.add_product(x, y);
                    }
                }
            }
        }
    }
    OfSamples { vectors, count }
}

/// Returns the sum of a tensor over the samples.
#[inline(always)]
fn sum<A: Lanes>(tensor: &OfSamples<A>) -> Vec<A::Element> {
    let components = tensor.vectors.chunks_exact(tensor.count);
    let mut sums = vec![];
    for component in components {
        let mut total = A::constant(0.0);
        for x in component {
            total += x.clone();
        }
        sums.push(total.sum());
    }
    sums
}

/// Returns the sum over the samples of the product of two tensors.
#[inline(always)]
fn sum_of_products<A: Lanes>(
    indices: &Indices,
    left: &OfSamples<A>,
    right: &OfSamples<A>,
) -> Vec<A::Element> {
    let (rows, columns) = (indices.left.len(), indices.right.len());
    let mut sums = vec![A::Element::constant(0.0); rows * columns];
    let (mut i, mut j);
    i = 0;
    while i < rows {
        let tall = rows - i >= TILE.0;
        j = 0;
        while j < columns {
            let wide = columns - j >= TILE.1;
            // A tile of sums is computed in registers if there are enough components; otherwise the components are computed one after the other.
            match (tall, wide) {
                (true, true) => {
                    tile::<A, { TILE.0 }, { TILE.1 }>(indices, left, right, (i, j), &mut sums);
                }
                (true, false) => tile::<A, { TILE.0 }, 1>(indices, left, right, (i, j), &mut sums),
                (false, true) => tile::<A, 1, { TILE.1 }>(indices, left, right, (i, j), &mut sums),
                (false, false) => tile::<A, 1, 1>(indices, left, right, (i, j), &mut sums),
            }
            j += if wide { TILE.1 } else { 1 };
        }
        i += if tall { TILE.0 } else { 1 };
    }
    sums
}

/// Computes the sums of R x C components of a product, beginning at row and column `at`.
#[inline(always)]
fn tile<A: Lanes, const R: usize, const C: usize>(
    indices: &Indices,
    left: &OfSamples<A>,
    right: &OfSamples<A>,
    at: (usize, usize),
    sums: &mut [A::Element],
) {
    let zero = A::constant(0.0);
    let mut totals: [[A; C]; R] = std::array::from_fn(|_| std::array::from_fn(|_| zero.clone()));
    for &(l, r) in &indices.contracted {
        let lefts: [&[A]; R] = std::array::from_fn(|i| left.component(indices.left[at.0 + i] + l));
        let rights: [&[A]; C] =
            std::array::from_fn(|j| right.component(indices.right[at.1 + j] + r));
        for s in 0..left.count {
            for i in 0..R {
                for j in 0..C {
                    totals[i][j].add_product(&lefts[i][s], &rights[j][s]);
                }
            }
        }
    }
    for i in 0..R {
        for j in 0..C {
            sums[(at.0 + i) * indices.right.len() + at.1 + j] = totals[i][j].sum();
        }
    }
}
