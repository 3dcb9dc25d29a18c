//! The positions of the components of a product in the tensors that are contracted.

use crate::scalar::Element;

/// The offsets of components in two tensors, each of which is stored with its last index fastest.
pub(super) struct Indices {
    /// The offset for each choice of the indices of the left tensor that are not contracted.
    pub(super) left: Vec<usize>,
    /// The offset for each choice of the indices of the right tensor that are not contracted.
    pub(super) right: Vec<usize>,
    /// The offsets in the left and in the right tensor for each choice of the contracted indices.
    pub(super) contracted: Vec<(usize, usize)>,
}

impl Indices {
    /// The offsets for a product of tensors of the given ranks, contracted over pairs of indices, each of which takes `dimension` values.
    pub(super) fn new(ranks: [usize; 2], pairs: &[(usize, usize)], dimension: usize) -> Self {
        let stride = |side: usize, at: usize| dimension.pow((ranks[side] - 1 - at) as u32);
        let offsets = |strides: Vec<usize>| {
            strides.iter().fold(vec![0], |shorter, stride| {
                let longer = shorter
                    .iter()
                    .flat_map(|&offset| (0..dimension).map(move |index| offset + index * stride));
                longer.collect::<Vec<usize>>()
            })
        };
        let stay = |side: usize, contracted: Vec<usize>| {
            let stay = (0..ranks[side]).filter(|at| !contracted.contains(at));
            offsets(stay.map(|at| stride(side, at)).collect())
        };
        let lefts = offsets(pairs.iter().map(|pair| stride(0, pair.0)).collect());
        let rights = offsets(pairs.iter().map(|pair| stride(1, pair.1)).collect());
        Indices {
            left: stay(0, pairs.iter().map(|pair| pair.0).collect()),
            right: stay(1, pairs.iter().map(|pair| pair.1).collect()),
            contracted: lefts.into_iter().zip(rights).collect(),
        }
    }

    /// Returns the product of two tensors that do not belong to single samples.
    pub(super) fn contract<T: Element>(&self, left: &[T], right: &[T]) -> Vec<T> {
        let mut product = Vec::with_capacity(self.left.len() * self.right.len());
        for &i in &self.left {
            for &j in &self.right {
                let mut sum = T::constant(0.0);
                for &(l, r) in &self.contracted {
                    sum.add_product(&left[i + l], &right[j + r]);
                }
                product.push(sum);
            }
        }
        product
    }
}
