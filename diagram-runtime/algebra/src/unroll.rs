//! Loops that are always unrolled, and arrays that are made by them.

#![allow(unsafe_code)]

use std::mem::{MaybeUninit, transmute_copy};

/// Calls `f` with 0, 1, …, N - 1 for N up to 16, in straight-line code. A larger N does not compile.
///
/// The sums of a register tile are an array, and an array stays in registers only if all its indices are constants. This function makes them
/// constants whether or not the optimizer would unroll a loop of that length.
#[inline(always)]
pub fn each<const N: usize>(mut f: impl FnMut(usize)) {
    const { assert!(N <= 16, "at most sixteen calls are written out") };
    macro_rules! calls {
        ($($i:literal)*) => {
            $(if const { $i < N } {
                f($i);
            })*
        };
    }
    calls!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
}

/// Returns the array of `f(0)`, `f(1)`, …, `f(N - 1)` for N up to 16. If `f` panics, the elements that it has returned are not dropped.
///
/// It is `std::array::from_fn` in straight-line code. The standard library calls `f` from functions for which the vector instructions are not enabled, so
/// that operations of SIMD lanes in `f` would be left as function calls.
#[inline(always)]
pub fn array<T, const N: usize>(mut f: impl FnMut(usize) -> T) -> [T; N] {
    let mut elements = [const { MaybeUninit::<T>::uninit() }; N];
    each::<N>(
        #[inline(always)]
        |i| {
            elements[i].write(f(i));
        },
    );
    // SAFETY: every element has been written, an array of `MaybeUninit<T>` has the size of an array of `T`, and the elements that are copied are not
    // dropped here.
    unsafe { transmute_copy(&elements) }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::{array, each};

    #[test]
    fn each_calls_in_order_and_array_keeps_what_is_returned() {
        let mut seen = vec![];
        each::<5>(|i| seen.push(i));
        assert_eq!(seen, [0, 1, 2, 3, 4]);
        assert_eq!(array::<usize, 16>(|i| i * i)[15], 225);
        assert_eq!(array::<usize, 0>(|i| i), []);
    }

    #[test]
    fn elements_are_dropped_once() {
        let counter = Rc::new(());
        let counters: [Rc<()>; 7] = array(|_| counter.clone());
        assert_eq!(Rc::strong_count(&counter), 8);
        drop(counters);
        assert_eq!(Rc::strong_count(&counter), 1);
    }
}
