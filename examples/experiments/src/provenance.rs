//! The program and the machine that results were made with.

use diagrams::runtime::lanes::InstructionSet;
use diagrams::runtime::lanes::InstructionSetError;
use serde::{Deserialize, Serialize};

/// What results were made with. The number of threads is not part of it, because results do not depend on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The version of the library and its experiments.
    pub version: String,
    /// The version of the compiler.
    pub compiler: String,
    /// The instruction set of the kernels. Results with different instruction sets differ by rounding.
    pub instruction_set: String,
}

impl Provenance {
    /// The provenance of results that this program makes on this machine.
    ///
    /// # Errors
    /// [`InstructionSetError`] if `DIAGRAMS_ISA` names none that there is, or if this machine has none of those that the program is compiled for.
    pub fn here() -> Result<Self, InstructionSetError> {
        Ok(Provenance {
            version: env!("CARGO_PKG_VERSION").into(),
            compiler: env!("COMPILER_VERSION").into(),
            instruction_set: InstructionSet::detect()?.to_string(),
        })
    }
}
