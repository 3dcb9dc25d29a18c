//! The program and the machine that results were made with.

use diagrams::runtime::lanes::InstructionSet;
use serde::Serialize;

/// What results were made with. The number of threads is not part of it, because results do not depend on it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// The version of the library and its experiments.
    pub version: &'static str,
    /// The version of the compiler.
    pub compiler: &'static str,
    /// The instruction set of the kernels. Results with different instruction sets differ by rounding.
    pub instruction_set: String,
}

impl Provenance {
    /// The provenance of results that this program makes on this machine.
    pub fn here() -> Self {
        Provenance {
            version: env!("CARGO_PKG_VERSION"),
            compiler: env!("COMPILER_VERSION"),
            instruction_set: InstructionSet::label(),
        }
    }
}
