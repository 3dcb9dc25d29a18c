//! The boxes of tuples over which steps are executed. Their sizes depend on the problem alone, and so do the orders of sums.

use std::ops::Range;

use crate::derivatives::chunks;

/// The range of samples of each loop axis.
pub(super) type Ranges = Vec<Range<usize>>;

/// The side of a square of pairs, at least and at most.
const SIDE: Range<usize> = 4..65;

/// The samples of a chunk of a pass over single samples, at most.
const CHUNK: usize = 1 << 12;

/// The tuples of one launch of a pass, and of a box of numbers, at most.
const TUPLES: usize = 1 << 14;
const NUMBERS: usize = 1 << 20;

/// The bytes of the vectors of a box, for each output of a pass, unless it is a least box.
const VECTOR_BYTES: usize = 64 << 20;

/// How many tuples have vectors of so many bytes in a box.
fn tuples(row_bytes: usize) -> usize {
    (VECTOR_BYTES / row_bytes.max(1)).max(1)
}

/// The side of squares of pairs, for which rows of so many bytes are computed.
pub(super) fn side(row_bytes: usize) -> usize {
    let mut side = SIDE.end - 1;
    while side > SIDE.start && side * side > tuples(row_bytes) {
        side /= 2;
    }
    side
}

/// How many samples are differentiated in one launch along so many sets of directions.
pub(super) fn chunk(row_bytes: usize, sets: usize) -> usize {
    let most = if sets == 1 { CHUNK } else { TUPLES / sets };
    (tuples(row_bytes) / sets).clamp(1, most.max(1))
}

/// All unordered pairs of blocks of n samples, each in both orders: steps often read a stream and its transpose.
pub(super) fn pairs(n: usize, side: usize) -> Vec<Vec<Ranges>> {
    let blocks: Vec<Range<usize>> = chunks(0..n, side).collect();
    let mut boxes = vec![];
    for (i, a) in blocks.iter().enumerate() {
        boxes.push(vec![vec![a.clone(), a.clone()]]);
        for b in &blocks[i + 1..] {
            boxes.push(vec![vec![a.clone(), b.clone()], vec![b.clone(), a.clone()]]);
        }
    }
    boxes
}

/// Boxes of the tuples of two samples, of which one axis is whole and the other is cut.
pub(super) fn strips(n: usize, whole: usize, side: usize) -> Vec<Vec<Ranges>> {
    chunks(0..n, side)
        .map(|block| {
            let mut ranges = vec![block; 2];
            ranges[whole] = 0..n;
            vec![ranges]
        })
        .collect()
}

/// The extents of the largest of the boxes of numbers.
pub(super) fn largest(n: usize, axes: usize) -> Vec<usize> {
    let mut left = NUMBERS;
    let mut extents = vec![n; axes];
    // The last axes are whole as far as there is room.
    for extent in extents.iter_mut().rev() {
        *extent = left.clamp(1, n);
        left /= *extent;
    }
    extents
}

/// Boxes of tuples of numbers.
pub(super) fn numbers(n: usize, axes: usize) -> Vec<Vec<Ranges>> {
    let mut boxes = vec![vec![]];
    for size in largest(n, axes).into_iter().rev() {
        boxes = chunks(0..n, size)
            .flat_map(|range| {
                boxes.iter().map(move |inner: &Ranges| {
                    std::iter::once(range.clone())
                        .chain(inner.iter().cloned())
                        .collect()
                })
            })
            .collect();
    }
    boxes.into_iter().map(|ranges| vec![ranges]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each tuple is in a box.
    fn visits(n: usize, axes: usize, boxes: &[Vec<Ranges>]) -> Vec<usize> {
        let mut visits = vec![0; n.pow(axes as u32)];
        for ranges in boxes.iter().flatten() {
            let mut tuples = vec![0];
            for range in ranges {
                tuples = tuples
                    .iter()
                    .flat_map(|&before| range.clone().map(move |at| before * n + at))
                    .collect();
            }
            for tuple in tuples {
                visits[tuple] += 1;
            }
        }
        visits
    }

    #[test]
    fn boxes_have_every_tuple_once() {
        for n in [1, 5, 9] {
            for side in [1, 2, 4, 16] {
                assert_eq!(visits(n, 2, &pairs(n, side)), vec![1; n * n]);
                for whole in [0, 1] {
                    assert_eq!(visits(n, 2, &strips(n, whole, side)), vec![1; n * n]);
                }
            }
            for axes in 2..4 {
                assert_eq!(
                    visits(n, axes, &numbers(n, axes)),
                    vec![1; n.pow(axes as u32)]
                );
            }
        }
        let large = numbers(1500, 2);
        assert!(large.len() > 2);
        assert_eq!(visits(1500, 2, &large), vec![1; 1500 * 1500]);
    }

    #[test]
    fn boxes_are_as_large_as_memory_and_launches_allow() {
        assert_eq!((side(8), side(12_000), side(1 << 30)), (64, 64, 4));
        assert_eq!(
            (chunk(8, 1), chunk(12_000, 1), chunk(1 << 30, 1)),
            (4096, 4096, 1)
        );
        assert_eq!(
            (chunk(8, 64), chunk(12_000, 64), chunk(12_000, 4096)),
            (256, 87, 1)
        );
    }
}
