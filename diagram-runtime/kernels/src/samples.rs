//! Data sets as matrices of numbers.

use std::ops::Range;

/// A matrix of n datapoints with `width` numbers each, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples<T> {
    width: usize,
    numbers: Vec<T>,
}

/// The reason why numbers do not make a matrix of datapoints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamplesError {
    /// The width is 0.
    #[error("a datapoint must have at least one number")]
    NoWidth,
    /// The last row is incomplete.
    #[error("{numbers} numbers do not make rows of {width}")]
    Incomplete {
        /// How many numbers there are.
        numbers: usize,
        /// How many numbers a row has.
        width: usize,
    },
}

impl<T: Clone> Samples<T> {
    /// The datapoints whose numbers are given row by row, `width` of them for each.
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

    /// The number of datapoints.
    pub fn len(&self) -> usize {
        self.numbers.len() / self.width
    }

    /// Whether there are no datapoints.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The number of numbers in a datapoint.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The numbers of the datapoint with the given index.
    ///
    /// # Panics
    /// If there is no such datapoint.
    #[inline]
    pub fn row(&self, index: usize) -> &[T] {
        &self.numbers[index * self.width..(index + 1) * self.width]
    }

    /// All numbers of the consecutive datapoints in a range.
    ///
    /// # Panics
    /// If the range contains an index of no datapoint.
    pub fn rows(&self, range: Range<usize>) -> &[T] {
        &self.numbers[range.start * self.width..range.end * self.width]
    }

    /// The datapoints with the given indices, in that order; an index may be repeated.
    ///
    /// # Panics
    /// If there is no datapoint with one of the indices.
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

    /// The first `count` datapoints, or all if there are fewer.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        Samples {
            width: self.width,
            numbers: self.rows(0..count.min(self.len())).to_vec(),
        }
    }

    /// The datapoints with `f` applied to every number, for example a conversion to another number format.
    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> Samples<U> {
        Samples {
            width: self.width,
            numbers: self.numbers.iter().map(f).collect(),
        }
    }
}
