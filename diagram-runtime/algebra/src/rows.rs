//! Between rows of numbers, one for each lane, and lanes side by side: transpositions, tile by tile in registers.

use crate::scalar::Lanes;

/// The columns of a tile at a time: all but the last begin at multiples of the width, and the last may overlap the one before it.
#[inline(always)]
fn tiles<V: Lanes>(columns: usize) -> impl Iterator<Item = usize> {
    let last = columns - V::WIDTH;
    (0..columns.div_ceil(V::WIDTH)).map(move |tile| (tile * V::WIDTH).min(last))
}

/// Rows side by side: lane l of `lanes[i]` is `rows[l][i]`. There are as many rows as lanes, each at least as long as `lanes`.
#[inline(never)]
pub fn gather<V: Lanes>(rows: &[&[V::Element]], lanes: &mut [V]) {
    V::run_lanes(
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
        for lane in 0..V::WIDTH {
            let row = &rows[lane][column..column + V::WIDTH];
            tile[lane] = V::from_fn(|i| row[i].clone());
        }
        V::transpose(tile);
    }
}

/// [`gather`] for consecutive rows, each as long as `lanes`; lanes beyond the rows repeat the last one.
pub fn gather_consecutive<V: Lanes>(rows: &[V::Element], lanes: &mut [V]) {
    let width = lanes.len();
    let last = rows.len() / width - 1;
    let rows: Vec<&[V::Element]> = (0..V::WIDTH)
        .map(|lane| &rows[lane.min(last) * width..][..width])
        .collect();
    gather(&rows, lanes);
}

/// The reverse of [`gather`]: `rows` are consecutive, each as long as `lanes`; lanes beyond the rows are dropped.
#[inline(never)]
pub fn scatter<V: Lanes>(lanes: &[V], rows: &mut [V::Element]) {
    V::run_lanes(
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
    let mut tile = lanes[..V::WIDTH].to_vec();
    for column in tiles::<V>(width) {
        tile.clone_from_slice(&lanes[column..column + V::WIDTH]);
        V::transpose(&mut tile);
        for (numbers, row) in tile.iter().zip(rows.chunks_exact_mut(width)) {
            let row = &mut row[column..column + V::WIDTH];
            for i in 0..V::WIDTH {
                row[i] = numbers.lane(i);
            }
        }
    }
}
