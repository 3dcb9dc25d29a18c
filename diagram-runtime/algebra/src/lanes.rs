//! SIMD lanes: several numbers in the registers of an instruction set.
//!
//! The widths are the same for every instruction set (16 `f32`, 8 `f64`), so data layouts do not depend on the machine. Generic code is compiled for
//! the instruction set of the machine that builds, or for all of them with the feature `all-instruction-sets`, and runs through [`dispatch`]:
//!
//! ```
//! use diagram_algebra::lanes::{Isa, IsaOp, dispatch};
//! use diagram_algebra::scalar::{Lanes, Scalar};
//!
//! struct SumOfSquares<'a>(&'a [f64; 8]);
//!
//! impl IsaOp for SumOfSquares<'_> {
//!     type Output = f64;
//!
//!     #[inline(always)]
//!     fn run<I: Isa>(self) -> f64 {
//!         let x = I::F64::from_fn(|lane| self.0[lane]);
//!         (x.clone() * x).sum()
//!     }
//! }
//!
//! assert_eq!(dispatch(SumOfSquares(&[1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0])), 9.0);
//! ```

mod elementary;
mod instruction_set;
mod portable;
mod register;
mod vector;
mod view;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::fmt::Debug;

pub use instruction_set::{InstructionSet, InstructionSetError};

use crate::scalar::Lanes;

use sealed::Sealed;

/// An instruction set. Code is handed one by [`dispatch`], which has checked that the machine has it.
pub trait Isa: Sealed + Copy + Debug + Send + Sync + 'static {
    /// 16 `f32`.
    type F32: Lanes<Element = f32>;
    /// 8 `f64`.
    type F64: Lanes<Element = f64>;
    /// As in [`InstructionSet`]'s `Display`.
    const NAME: &'static str;
}

mod sealed {
    pub trait Sealed {}
}

/// Generic code that runs with some instruction set. Mark `run` as `#[inline(always)]`: what is not inlined is not vectorised.
pub trait IsaOp {
    /// What it returns.
    type Output;
    /// The code.
    fn run<I: Isa>(self) -> Self::Output;
}

/// Runs `op` with the instruction set that [`InstructionSet::detect`] chooses, one of those that the library is compiled for.
///
/// # Panics
/// If this machine has none of them, with the message of the error that constructors have given before.
#[inline]
pub fn dispatch<Op: IsaOp>(op: Op) -> Op::Output {
    match InstructionSet::detect() {
        Ok(set) => run_compiled(set, op),
        Err(error) => panic!("{error}"),
    }
}

/// Runs `op` with one of the instruction sets that the library is compiled for and the machine has.
///
/// # Errors
/// [`InstructionSetError`] if the set is no such set.
pub fn dispatch_compiled<Op: IsaOp>(
    set: InstructionSet,
    op: Op,
) -> Result<Op::Output, InstructionSetError> {
    set.check()?;
    Ok(run_compiled(set, op))
}

/// The set has been checked.
#[inline]
fn run_compiled<Op: IsaOp>(set: InstructionSet, op: Op) -> Op::Output {
    match set {
        #[cfg(compiled_for = "avx512")]
        InstructionSet::Avx512 => x86::avx512::dispatch(op),
        #[cfg(compiled_for = "avx2")]
        InstructionSet::Avx2 => x86::avx2::dispatch(op),
        #[cfg(compiled_for = "portable")]
        InstructionSet::Portable => op.run::<portable::Portable>(),
        #[allow(
            unreachable_patterns,
            reason = "reachable only where some sets are left out"
        )]
        _ => unreachable!("the set was checked"),
    }
}

/// Runs `op` with any instruction set that the machine has, or the portable one if it lacks the given one.
///
/// The operation is compiled for *every* instruction set of the architecture, whatever the library is compiled for. That is for comparing them, in
/// tests, and for small operations; kernels go through [`dispatch`].
pub fn dispatch_to<Op: IsaOp>(set: InstructionSet, op: Op) -> Op::Output {
    #[cfg(target_arch = "x86_64")]
    {
        match set {
            InstructionSet::Avx512 if x86::has(set) => return x86::avx512::dispatch(op),
            InstructionSet::Avx2 if x86::has(set) => return x86::avx2::dispatch(op),
            _ => {}
        }
    }
    let _ = set;
    op.run::<portable::Portable>()
}
