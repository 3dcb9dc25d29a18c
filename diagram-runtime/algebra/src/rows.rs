//! Transpositions between rows of numbers, one row for each lane, and lists of lanes. They go tile by tile, each of which is transposed in registers.

use crate::scalar::Lanes;

/// The first columns of square tiles that cover all columns, of which there are at least as many as lanes. All tiles but the last begin at multiples of
/// the width, and the last may overlap the one before it.
#[inline(always)]
fn tiles<V: Lanes>(columns: usize) -> impl Iterator<Item = usize> {
    let last = columns - V::WIDTH;
    (0..columns.div_ceil(V::WIDTH)).map(move |tile| (tile * V::WIDTH).min(last))
}

/// Puts each row into a lane: lane l of `lanes[i]` becomes `rows[l][i]`.
///
/// # Panics
/// If there are fewer rows than lanes, or one of these rows is shorter than `lanes`.
#[inline(never)]
pub fn gather<V: Lanes>(rows: &[&[V::Element]], lanes: &mut [V]) {
    V::run_lanes::<V, _>(
        #[inline(always)]
        || run_gather(rows, lanes),
    );
}

#[inline(always)]
fn run_gather<V: Lanes>(rows: &[&[V::Element]], lanes: &mut [V]) {
    let rows = &rows[..V::WIDTH];
    if lanes.len() < V::WIDTH {
        for (column, lanes) in lanes.iter_mut().enumerate() {
            *lanes = V::from_fn(|lane| rows[lane][column].clone());
        }
        return;
    }
    for column in tiles::<V>(lanes.len()) {
        let tile = &mut lanes[column..column + V::WIDTH];
        V::transpose(
            #[inline(always)]
            |lane| {
                let row = &rows[lane][column..column + V::WIDTH];
                V::from_fn(|i| row[i].clone())
            },
            #[inline(always)]
            |i, numbers| tile[i] = numbers,
        );
    }
}

/// [`gather`] for rows that lie one after the other in memory, each as long as `lanes`. If there are fewer rows than lanes, the remaining lanes repeat
/// the last row.
///
/// # Panics
/// If there is no row, or `lanes` is empty.
pub fn gather_consecutive<V: Lanes>(rows: &[V::Element], lanes: &mut [V]) {
    let width = lanes.len();
    let last = rows.len() / width - 1;
    let rows: Vec<&[V::Element]> = (0..V::WIDTH)
        .map(|lane| &rows[lane.min(last) * width..][..width])
        .collect();
    gather(&rows, lanes);
}

/// The inverse of [`gather`], for rows that lie one after the other in memory, each as long as `lanes`. If there are fewer rows than lanes, the
/// remaining lanes are dropped.
#[inline(never)]
pub fn scatter<V: Lanes>(lanes: &[V], rows: &mut [V::Element]) {
    V::run_lanes::<V, _>(
        #[inline(always)]
        || run_scatter(lanes, rows),
    );
}

#[inline(always)]
fn run_scatter<V: Lanes>(lanes: &[V], rows: &mut [V::Element]) {
    let width = lanes.len();
    if width < V::WIDTH {
        for (lane, row) in rows.chunks_exact_mut(width).enumerate() {
            for (number, lanes) in row.iter_mut().zip(lanes) {
                *number = lanes.lane(lane);
            }
        }
        return;
    }
    let count = rows.len() / width;
    for column in tiles::<V>(width) {
        let tile = &lanes[column..column + V::WIDTH];
        V::transpose(
            #[inline(always)]
            |i| tile[i].clone(),
            #[inline(always)]
            |lane, numbers| {
                if lane < count {
                    numbers.store(&mut rows[lane * width + column..][..V::WIDTH]);
                }
            },
        );
    }
}
