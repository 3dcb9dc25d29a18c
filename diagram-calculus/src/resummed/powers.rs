//! Products of vectors with powers of a matrix, for many equal updates.

use super::rational_algebra::RationalAlgebra;

/// A square matrix, stored row by row. In a transition matrix, row i holds the weights of the transitions from state i.
#[derive(Clone, Debug)]
pub(super) struct Matrix<R> {
    size: usize,
    entries: Vec<R>,
}

impl<R: RationalAlgebra> Matrix<R> {
    pub(super) fn zero(size: usize) -> Self {
        Matrix {
            size,
            entries: vec![R::zero(); size * size],
        }
    }

    pub(super) fn add(&mut self, row: usize, column: usize, entry: R) {
        self.entries[row * self.size + column] += entry;
    }

    fn row(&self, row: usize) -> &[R] {
        &self.entries[row * self.size..(row + 1) * self.size]
    }

    /// The product of a row vector with the matrix.
    pub(super) fn act(&self, vector: &[R]) -> Vec<R> {
        let mut result = vec![R::zero(); self.size];
        for (at, factor) in vector
            .iter()
            .enumerate()
            .filter(|(_, factor)| !factor.is_zero())
        {
            for (sum, entry) in result
                .iter_mut()
                .zip(self.row(at))
                .filter(|(_, entry)| !entry.is_zero())
            {
                *sum += factor.clone() * entry.clone();
            }
        }
        result
    }

    /// Multiplies every row vector with a power of the matrix, by repeated squaring if that is less work than repeated multiplication.
    pub(super) fn act_times(&self, vectors: &mut [Vec<R>], times: u64) {
        let squarings = u64::from(times.checked_ilog2().unwrap_or(0));
        // Squaring the matrix takes as much work as multiplying as many vectors as it has rows.
        let by_squaring = squarings.saturating_mul((self.size + vectors.len()) as u64);
        if times.saturating_mul(vectors.len() as u64) <= by_squaring {
            for vector in vectors {
                for _ in 0..times {
                    *vector = self.act(vector);
                }
            }
            return;
        }
        let mut power = self.clone();
        let mut left = times;
        loop {
            if left & 1 == 1 {
                for vector in &mut *vectors {
                    *vector = power.act(vector);
                }
            }
            left >>= 1;
            if left == 0 {
                return;
            }
            let rows = (0..self.size).flat_map(|row| power.act(power.row(row)));
            power = Matrix {
                size: self.size,
                entries: rows.collect(),
            };
        }
    }
}
