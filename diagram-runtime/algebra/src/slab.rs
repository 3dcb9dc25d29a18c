//! Aligned memory for SIMD lanes, each of which belongs to one trial or one sample.

use std::ops::{Deref, DerefMut};

use crate::scalar::Element;

/// The alignment of a slab in bytes, which is the size of the largest register.
const ALIGNMENT: usize = 64;

/// A list of numbers with the lanes innermost: component i of lane l is at `i * lanes + l`.
///
/// The memory is aligned for the registers of every instruction set, so that [`Lanes::vectors`](crate::scalar::Lanes::vectors) can view it as
/// registers.
///
/// ```
/// use diagram_algebra::slab::Slab;
///
/// let slab = Slab::<f32>::zeros(3 * 16);
/// assert_eq!(slab.len(), 48);
/// assert_eq!(slab.as_ptr().addr() % 64, 0);
/// ```
#[derive(Debug)]
pub struct Slab<T> {
    /// The memory, which begins with as many unused numbers as the alignment takes.
    numbers: Vec<T>,
    /// Where the slab begins in the memory.
    first: usize,
    length: usize,
}

impl<T: Element> Slab<T> {
    /// A slab of `length` zeros.
    pub fn zeros(length: usize) -> Self {
        let mut numbers: Vec<T> = Vec::with_capacity(length + ALIGNMENT / size_of::<T>());
        let first = match numbers.as_ptr().align_offset(ALIGNMENT) {
            // No offset is aligned, which happens for exact rationals alone: registers never hold them, so they need no alignment.
            usize::MAX => 0,
            offset => offset.min(ALIGNMENT / size_of::<T>()),
        };
        numbers.resize(first + length, T::constant(0.0));
        Slab {
            numbers,
            first,
            length,
        }
    }

    /// A slab with a copy of the given numbers.
    pub fn from_numbers(numbers: &[T]) -> Self {
        let mut slab = Slab::zeros(numbers.len());
        slab.clone_from_slice(numbers);
        slab
    }
}

impl<T: Element> Clone for Slab<T> {
    fn clone(&self) -> Self {
        Slab::from_numbers(self)
    }
}

impl<T> Deref for Slab<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.numbers[self.first..self.first + self.length]
    }
}

impl<T> DerefMut for Slab<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.numbers[self.first..self.first + self.length]
    }
}
