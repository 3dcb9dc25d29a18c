//! What results were made by.

use diagrams::runtime::lanes::InstructionSet;
use serde::Serialize;

/// What results were made by. They do not depend on the number of threads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// Of the library and its experiments.
    pub version: &'static str,
    /// What compiled them.
    pub compiler: &'static str,
    /// What the kernels were run with: results of different ones differ by rounding.
    pub instruction_set: String,
}

impl Provenance {
    /// Of this program on this machine.
    pub fn here() -> Self {
        Provenance {
            version: env!("CARGO_PKG_VERSION"),
            compiler: env!("COMPILER_VERSION"),
            instruction_set: InstructionSet::label(),
        }
    }
}
