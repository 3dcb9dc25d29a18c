//! Views of numbers in memory as registers.
#![allow(unsafe_code)]

use super::register::Register;
use super::vector::Vector;

/// The number of registers that the numbers fill.
///
/// # Panics
/// If the numbers are not aligned for a register, or the last register would be incomplete.
#[inline(always)]
fn registers<G: Register>(numbers: &[G::Number]) -> usize {
    const {
        assert!(
            size_of::<Vector<G>>() == G::WIDTH * size_of::<G::Number>(),
            "a register is its lanes, without padding"
        );
    }
    assert!(
        numbers.as_ptr().cast::<Vector<G>>().is_aligned(),
        "the memory of lanes must be aligned"
    );
    assert!(
        numbers.len().is_multiple_of(G::WIDTH),
        "lanes are as many numbers as a register has, or a multiple"
    );
    numbers.len() / G::WIDTH
}

/// [`Lanes::vectors`](crate::scalar::Lanes::vectors) for registers.
#[inline(always)]
pub(super) fn vectors<G: Register>(numbers: &[G::Number]) -> &[Vector<G>] {
    let count = registers::<G>(numbers);
    // SAFETY: a `Vector` is transparent over a register, and every register of this crate is `WIDTH` floats in the order of the lanes, without
    // padding and with all bit patterns valid. Alignment and length were checked, and the lifetime is that of the numbers.
    unsafe { std::slice::from_raw_parts(numbers.as_ptr().cast(), count) }
}

/// [`Lanes::vectors_mut`](crate::scalar::Lanes::vectors_mut) for registers.
#[inline(always)]
pub(super) fn vectors_mut<G: Register>(numbers: &mut [G::Number]) -> &mut [Vector<G>] {
    let count = registers::<G>(numbers);
    // SAFETY: as in `vectors`; the numbers are borrowed exclusively.
    unsafe { std::slice::from_raw_parts_mut(numbers.as_mut_ptr().cast(), count) }
}
