//! Tables of numbers or vectors over tuples of samples.

use std::ops::Range;

use rayon::prelude::*;

use crate::scalar::Element;

/// A table of `width` numbers for every tuple of samples in a box, the product of one range for each axis. It is row-major: the last axis varies
/// fastest among the tuples, and the numbers of a tuple are contiguous.
#[derive(Clone, Debug, PartialEq)]
pub struct Table<T> {
    ranges: Vec<Range<usize>>,
    width: usize,
    data: Vec<T>,
}

impl<T: Element> Table<T> {
    /// A table of zeros.
    pub fn zeros(ranges: Vec<Range<usize>>, width: usize) -> Self {
        let entries: usize = ranges.iter().map(Range::len).product();
        let mut data = vec![];
        // The zeros are written here, rather than obtained as zeroed memory from the operating system. Adding to such memory first reads a page that
        // is not yet mapped and then writes to it, which changes the mapping that all threads use.
        data.resize(entries * width, T::constant(0.0));
        Table {
            ranges,
            width,
            data,
        }
    }

    /// Returns the box of tuples: one range for each axis.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// Returns the number of numbers for each tuple.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Returns all numbers, row-major.
    pub fn data(&self) -> &[T] {
        &self.data
    }

    pub(crate) fn data_mut(&mut self) -> &mut [T] {
        &mut self.data
    }

    /// Returns the index in the data at which the numbers of a tuple begin.
    pub(crate) fn offset(&self, tuple: impl IntoIterator<Item = usize>) -> usize {
        entry(&self.ranges, tuple) * self.width
    }

    /// Returns the `width` numbers of a tuple, which must lie in the box.
    ///
    /// # Panics
    /// If the tuple lies outside the box, unless its index is that of another tuple; the numbers are then those of the other tuple.
    pub fn row(&self, tuple: impl IntoIterator<Item = usize>) -> &[T] {
        let at = self.offset(tuple);
        &self.data[at..at + self.width]
    }

    pub(crate) fn row_mut(&mut self, tuple: impl IntoIterator<Item = usize>) -> &mut [T] {
        let at = self.offset(tuple);
        &mut self.data[at..at + self.width]
    }

    /// Adds tables over smaller boxes. Each number receives its summands in the order of the tables; the slices along the first axis are shared out
    /// among the threads.
    pub(crate) fn add_all(&mut self, parts: &[&Table<T>]) {
        let Some((first, rest)) = self.ranges.split_first() else {
            for part in parts {
                add(&mut self.data, &part.data);
            }
            return;
        };
        let slice = rest.iter().map(Range::len).product::<usize>() * self.width;
        if slice == 0 {
            return;
        }
        let slices = self.data.par_chunks_mut(slice).zip(first.clone());
        slices.for_each(|(numbers, i)| {
            for part in parts.iter().filter(|part| part.ranges[0].contains(&i)) {
                for_each_tuple(&part.ranges[1..], |tuple| {
                    let entry = entry(rest, tuple.iter().copied());
                    let to = &mut numbers[entry * self.width..][..self.width];
                    add(to, part.row([i].into_iter().chain(tuple.iter().copied())));
                });
            }
        });
    }

    pub(crate) fn divide(&mut self, by: f64) {
        let by = T::constant(by);
        for x in &mut self.data {
            *x = x.clone() / by.clone();
        }
    }
}

/// Returns the index of a tuple among the tuples of a box.
fn entry(ranges: &[Range<usize>], tuple: impl IntoIterator<Item = usize>) -> usize {
    ranges
        .iter()
        .zip(tuple)
        .fold(0, |at, (range, i)| at * range.len() + (i - range.start))
}

fn add<T: Element>(to: &mut [T], numbers: &[T]) {
    for (to, x) in to.iter_mut().zip(numbers) {
        *to += x.clone();
    }
}

/// Calls `f` with every tuple of a box; the last axis varies fastest.
pub(crate) fn for_each_tuple(ranges: &[Range<usize>], mut f: impl FnMut(&[usize])) {
    if ranges.iter().any(Range::is_empty) {
        return;
    }
    let mut tuple: Vec<usize> = ranges.iter().map(|r| r.start).collect();
    loop {
        f(&tuple);
        let mut axis = ranges.len();
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            tuple[axis] += 1;
            if tuple[axis] < ranges[axis].end {
                break;
            }
            tuple[axis] = ranges[axis].start;
        }
    }
}
