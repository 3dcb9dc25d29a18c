//! Register tiles: a rectangle of sums is covered with tiles that are as large as the registers allow.
//!
//! What depends on the size of a tile alone is decided in `const` blocks, so that no code is made, and then removed again, for tiles that are never used.

use crate::scalar::Lanes;

/// A kernel that computes any tile of a rectangle of sums.
pub(super) trait Tile {
    /// The type of the values that registers hold.
    type Base: Lanes;
    /// The number of coefficients in the ground ring that make up one sum.
    const COEFFICIENTS: usize;
    /// Computes the sums in rows `row..row + R` and columns `column..column + C`.
    fn run<const R: usize, const C: usize>(&mut self, row: usize, column: usize);
}

/// Whether a tile with the given number of sums leaves at least a fifth of the registers for factors.
const fn fits<T: Tile>(sums: usize) -> bool {
    5 * sums * T::COEFFICIENTS <= 4 * T::Base::REGISTERS
}

/// Whether there are so few registers that a square tile, which reads the fewest factors for its number of sums, comes before a tall one.
const fn few<T: Tile>() -> bool {
    T::Base::REGISTERS < 16
}

/// Covers `rows` x `columns` sums with tiles.
#[inline(always)]
pub(super) fn cover<T: Tile>(tile: &mut T, rows: usize, columns: usize) {
    if const { fits::<T>(20) } {
        sweep::<T, 5, 4>(tile, rows, columns);
    } else if const { fits::<T>(10) } {
        sweep::<T, 5, 2>(tile, rows, columns);
    } else if const { few::<T>() && fits::<T>(4) } {
        sweep::<T, 2, 2>(tile, rows, columns);
    } else if const { fits::<T>(5) } {
        sweep::<T, 5, 1>(tile, rows, columns);
    } else if const { fits::<T>(2) } {
        sweep::<T, 2, 1>(tile, rows, columns);
    } else {
        sweep::<T, 1, 1>(tile, rows, columns);
    }
}

/// Covers `rows` x `columns` sums with tiles whose sides are powers of two, as most numbers of channels are.
#[inline(always)]
pub(super) fn cover_square<T: Tile>(tile: &mut T, rows: usize, columns: usize) {
    if const { fits::<T>(16) } {
        sweep::<T, 4, 4>(tile, rows, columns);
    } else if const { fits::<T>(8) } {
        sweep::<T, 4, 2>(tile, rows, columns);
    } else if const { fits::<T>(4) } {
        sweep::<T, 2, 2>(tile, rows, columns);
    } else if const { fits::<T>(2) } {
        sweep::<T, 2, 1>(tile, rows, columns);
    } else {
        sweep::<T, 1, 1>(tile, rows, columns);
    }
}

/// Covers `rows` x `C` sums with tiles that have all C columns.
#[inline(always)]
pub(super) fn cover_rows<T: Tile, const C: usize>(tile: &mut T, rows: usize) {
    if const { fits::<T>(10 * C) } {
        sweep_rows::<T, 10, C>(tile, rows);
    } else if const { fits::<T>(5 * C) } {
        sweep_rows::<T, 5, C>(tile, rows);
    } else if const { fits::<T>(2 * C) } {
        sweep_rows::<T, 2, C>(tile, rows);
    } else {
        sweep_rows::<T, 1, C>(tile, rows);
    }
}

/// Covers `rows` x `C` sums with tiles of R x C, and with single rows where those do not fit.
#[inline(always)]
fn sweep_rows<T: Tile, const R: usize, const C: usize>(tile: &mut T, rows: usize) {
    let mut row = 0;
    while row + R <= rows {
        tile.run::<R, C>(row, 0);
        row += R;
    }
    while const { R > 1 } && row < rows {
        tile.run::<1, C>(row, 0);
        row += 1;
    }
}

/// Covers `rows` x `columns` sums with tiles of R x C, and with smaller tiles where those do not fit.
#[inline(always)]
fn sweep<T: Tile, const R: usize, const C: usize>(tile: &mut T, rows: usize, columns: usize) {
    let mut row = 0;
    while row + R <= rows {
        sweep_columns::<T, R, C>(tile, row, columns);
        row += R;
    }
    while const { R > 1 } && row < rows {
        sweep_columns::<T, 1, C>(tile, row, columns);
        row += 1;
    }
}

/// Covers the sums of R rows with tiles of C columns, and with narrower tiles where those do not fit.
#[inline(always)]
fn sweep_columns<T: Tile, const R: usize, const C: usize>(
    tile: &mut T,
    row: usize,
    columns: usize,
) {
    let mut column = 0;
    while column + C <= columns {
        tile.run::<R, C>(row, column);
        column += C;
    }
    // Single rows are few, so they have no tiles of two columns: less code is compiled for them.
    while const { R > 1 && C > 2 } && column + 2 <= columns {
        tile.run::<R, 2>(row, column);
        column += 2;
    }
    while const { C > 1 } && column < columns {
        tile.run::<R, 1>(row, column);
        column += 1;
    }
}
