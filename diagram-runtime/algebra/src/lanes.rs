//! SIMD lanes: several numbers in the registers of an instruction set.
//!
//! The number of lanes is the same for every instruction set, 16 for `f32` and 8 for `f64`, so that data layouts do not depend on the machine. Generic
//! code is compiled for the instruction set of the machine that builds, or for all of them with the feature `all-instruction-sets`, and runs through
//! [`dispatch`]:
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

/// An instruction set as a type parameter of generic code. The code is given one by [`dispatch`], which has checked that the machine has it.
pub trait Isa: Sealed + Copy + Debug + Send + Sync + 'static {
    /// 16 lanes of `f32`.
    type F32: Lanes<Element = f32>;
    /// 8 lanes of `f64`.
    type F64: Lanes<Element = f64>;
    /// The name as [`InstructionSet`] displays it.
    const NAME: &'static str;
}

mod sealed {
    pub trait Sealed {}
}

/// An operation whose code is generic in the instruction set.
///
/// Mark `run` as `#[inline(always)]`, and so all functions with vector operations that it calls, unless they enter
/// [`Scalar::run`](crate::scalar::Scalar::run): the vector instructions are enabled only in the functions that `run` and `Scalar::run` inline their code
/// into, and in any other function each vector operation is left as a function call.
pub trait IsaOp {
    /// The result of the operation.
    type Output;
    /// Carries out the operation with the instruction set `I`.
    fn run<I: Isa>(self) -> Self::Output;
}

/// Runs `op` with the instruction set that [`InstructionSet::detect`] chooses among those that the library is compiled for.
///
/// # Panics
/// If [`InstructionSet::detect`] gives an error, with its message.
#[inline]
pub fn dispatch<Op: IsaOp>(op: Op) -> Op::Output {
    match InstructionSet::detect() {
        Ok(set) => run_compiled(set, op),
        Err(error) => panic!("{error}"),
    }
}

/// Runs `op` with the given instruction set, for which the library must be compiled and which the machine must have.
///
/// # Errors
/// [`InstructionSetError::NotCompiled`], [`InstructionSetError::NotOnThisMachine`].
pub fn dispatch_compiled<Op: IsaOp>(
    set: InstructionSet,
    op: Op,
) -> Result<Op::Output, InstructionSetError> {
    set.check()?;
    Ok(run_compiled(set, op))
}

/// Runs `op` with an instruction set that has been [checked](InstructionSet::check).
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

/// Runs `op` with the given instruction set if the machine has it, and with the portable one otherwise.
///
/// The operation is compiled for *every* instruction set of the architecture, whatever the library is compiled for. Use it in tests that compare
/// instruction sets; kernels, which are long to compile, go through [`dispatch`].
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
