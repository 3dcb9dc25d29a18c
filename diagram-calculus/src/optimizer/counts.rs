//! Sums over the embeddings of a forest into a training run, by a sweep over its updates.
//!
//! The state of the sweep says which nodes have been placed, children before their parents, and what of the rows has to be remembered. For each *open* edge, whose child is placed
//! and whose parent is not, it has a channel of the optimizer's memory. Its cost grows with the number of updates, and with nothing else of the run but what is remembered.

mod machine;
mod placing;
mod rows;
mod sweep;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::kernel::Kernel;
use super::sampling::Sampling;
use super::tied_forest::{Noise, TiedForest};
use crate::partitions::restricted_growth_strings;
use crate::resummed::RationalAlgebra;
use placing::Placed;

/// Σ over the labelled embeddings of the forest below the roots, of the product of the weights of all edges with 1/B for each node that has a training point; the expectation of this over
/// what is drawn.
pub(super) fn embeddings<R: RationalAlgebra>(
    sampling: &Sampling,
    kernel: &Kernel<R>,
    noise: Option<Noise>,
    forest: &TiedForest,
) -> R {
    let placed = Placed::new(forest, noise);
    if placed.nodes() == 0 {
        return R::one();
    }
    let parts = placed.parts();
    if sampling.train().is_some_and(|train| train < parts) {
        return R::zero();
    }
    let Some(train) = sampling.train() else {
        return sweep::sweep(&machine::machine(sampling, kernel, &placed), kernel);
    };
    if visited_once(sampling) {
        return sweep::sweep(&machine::machine(sampling, kernel, &placed), kernel);
    }
    if sampling.rows(0).is_none() {
        let all = R::from_rational(&falling(train, parts));
        return all * sweep::sweep(&machine::machine(sampling, kernel, &placed), kernel);
    }
    // Parts are on distinct rows: Möbius inversion over the partitions of the parts, in which parts of one block have the same row and blocks choose independently.
    let mut total = R::zero();
    for merged in restricted_growth_strings(parts) {
        let merged: Vec<usize> = merged.into_iter().map(usize::from).collect();
        let free = sweep::sweep(&rows::machine(sampling, kernel, &placed, &merged), kernel);
        total += R::from_rational(&moebius(&merged)) * free;
    }
    total
}

/// Whether every row is visited once, so that nothing has to be remembered of rows.
fn visited_once(sampling: &Sampling) -> bool {
    match sampling {
        Sampling::Epochs { epochs, .. } => *epochs == 1,
        Sampling::Fresh { .. } => true,
        Sampling::Given { .. } | Sampling::WithReplacement { .. } => false,
    }
}

/// μ(finest, merged): the product of (-1)^(k-1) (k-1)! over the blocks of k parts.
fn moebius(merged: &[usize]) -> BigRational {
    let mut sizes = vec![0_i64; merged.len()];
    let mut product = BigInt::one();
    for &block in merged {
        if sizes[block] > 0 {
            product *= -sizes[block];
        }
        sizes[block] += 1;
    }
    BigRational::from_integer(product)
}

/// n (n - 1) … with the given number of factors.
fn falling(n: usize, factors: usize) -> BigRational {
    let mut product = BigInt::one();
    for j in 0..factors {
        if j >= n {
            return BigRational::zero();
        }
        product *= BigInt::from(n - j);
    }
    BigRational::from_integer(product)
}
