//! Numbers side by side in vector registers, with the instruction set chosen at run time.
//!
//! The widths are the same for every instruction set (16 `f32`, 8 `f64`), so data layouts do not depend on the machine. Generic code runs for
//! the machine's instruction set through [`dispatch`]:
//!
//! ```
//! use diagram_runtime::lanes::{Isa, IsaOp, dispatch};
//! use diagram_runtime::scalar::{Lanes, Scalar};
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
mod portable;
mod register;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::fmt::Debug;
use std::sync::OnceLock;

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

/// The instruction sets that kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// AVX-512 F, DQ, VL and BW.
    Avx512,
    /// AVX2 and FMA.
    Avx2,
    /// What every machine has.
    Portable,
}

impl std::fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            InstructionSet::Avx512 => "avx512",
            InstructionSet::Avx2 => "avx2",
            InstructionSet::Portable => "portable",
        })
    }
}

impl InstructionSet {
    /// Those that this machine has, the best first.
    pub fn available() -> Vec<InstructionSet> {
        #[cfg(target_arch = "x86_64")]
        let sets = [
            InstructionSet::Avx512,
            InstructionSet::Avx2,
            InstructionSet::Portable,
        ]
        .into_iter()
        .filter(|&set| x86::has(set))
        .collect();
        #[cfg(not(target_arch = "x86_64"))]
        let sets = vec![InstructionSet::Portable];
        sets
    }

    /// The best that this machine has, or the one named by the environment variable `DIAGRAMS_ISA` if the machine has it.
    pub fn detect() -> InstructionSet {
        static DETECTED: OnceLock<InstructionSet> = OnceLock::new();
        *DETECTED.get_or_init(|| {
            let available = InstructionSet::available();
            let wanted = std::env::var("DIAGRAMS_ISA").unwrap_or_default();
            available
                .iter()
                .copied()
                .find(|set| set.to_string() == wanted)
                .unwrap_or(available[0])
        })
    }
}

/// Generic code that runs with some instruction set. Mark `run` as `#[inline(always)]`: what is not inlined is not vectorised.
pub trait IsaOp {
    /// What it returns.
    type Output;
    /// The code.
    fn run<I: Isa>(self) -> Self::Output;
}

/// Runs `op` with the machine's best instruction set.
#[inline]
pub fn dispatch<Op: IsaOp>(op: Op) -> Op::Output {
    dispatch_to(InstructionSet::detect(), op)
}

/// Runs `op` with the given instruction set, or the portable one if the machine lacks it.
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
