//! Loops that are always unrolled.

/// Calls `f` with 0, 1, …, N - 1 for N up to 10, in straight-line code. A larger N does not compile.
///
/// The sums of a register tile are an array, and an array stays in registers only if all its indices are constants. This function makes them
/// constants whether or not the optimizer would unroll a loop of that length.
#[inline(always)]
pub fn each<const N: usize>(mut f: impl FnMut(usize)) {
    const { assert!(N <= 10, "at most ten calls are written out") };
    macro_rules! calls {
        ($($i:literal)*) => {
            $(if const { $i < N } {
                f($i);
            })*
        };
    }
    calls!(0 1 2 3 4 5 6 7 8 9);
}
