//! Data as a matrix of numbers.

use std::ops::Range;

/// n datapoints of `width` numbers each, one row after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples<T> {
    width: usize,
    numbers: Vec<T>,
}

/// Numbers that are no matrix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamplesError {
    /// Rows of no numbers.
    #[error("a datapoint must have at least one number")]
    NoWidth,
    /// The last row is incomplete.
    #[error("{numbers} numbers do not make rows of {width}")]
    Incomplete {
        /// How many numbers.
        numbers: usize,
        /// Numbers in a row.
        width: usize,
    },
}

impl<T: Clone> Samples<T> {
    /// Rows of `width` numbers.
    ///
    /// # Errors
    /// [`SamplesError`].
    pub fn new(width: usize, numbers: Vec<T>) -> Result<Self, SamplesError> {
        if width == 0 {
            return Err(SamplesError::NoWidth);
        }
        if !numbers.len().is_multiple_of(width) {
            return Err(SamplesError::Incomplete {
                numbers: numbers.len(),
                width,
            });
        }
        Ok(Samples { width, numbers })
    }

    /// Number of datapoints.
    pub fn len(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Numbers in a datapoint.
    pub fn width(&self) -> usize {
        self.width
    }

    /// A datapoint.
    ///
    /// # Panics
    /// If there is no such row.
    #[inline]
    pub fn row(&self, index: usize) -> &[T] {
        &self.numbers[index * self.width..(index + 1) * self.width]
    }

    /// All numbers of some consecutive datapoints.
    ///
    /// # Panics
    /// If there are no such rows.
    pub fn rows(&self, range: Range<usize>) -> &[T] {
        &self.numbers[range.start * self.width..range.end * self.width]
    }

    /// The datapoints with the given indices, in that order; repeats are allowed.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, indices: &[usize]) -> Self {
        let numbers = indices
            .iter()
            .flat_map(|&i| self.row(i).iter().cloned())
            .collect();
        Samples {
            width: self.width,
            numbers,
        }
    }

    /// The first datapoints, at most `count`.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Samples {
            width: self.width,
            numbers: self.rows(0..count.min(self.len())).to_vec(),
        }
    }

    /// The same data in another number format.
    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> Samples<U> {
        Samples {
            width: self.width,
            numbers: self.numbers.iter().map(f).collect(),
        }
    }
}
