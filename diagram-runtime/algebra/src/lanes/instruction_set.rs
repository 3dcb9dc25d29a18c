//! Which instruction sets there are, which of them the library is compiled for, and which one runs.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// An instruction set for SIMD lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// AVX-512 F, DQ, VL and BW.
    Avx512,
    /// AVX2 and FMA.
    Avx2,
    /// What every machine has.
    Portable,
}

/// An instruction set that cannot be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstructionSetError {
    /// The library is compiled for instruction sets that the machine lacks.
    #[error(
        "this program is compiled for {}, which this machine lacks; build it on this machine, or with the feature `all-instruction-sets`",
        list(compiled)
    )]
    Lacking {
        /// Those that it is compiled for.
        compiled: Vec<InstructionSet>,
    },
    /// The instruction set that was asked for is not compiled.
    #[error(
        "this program is compiled for {}, not for {wanted}; build it with the feature `all-instruction-sets`",
        list(compiled)
    )]
    NotCompiled {
        /// What was asked for.
        wanted: InstructionSet,
        /// Those that the library is compiled for.
        compiled: Vec<InstructionSet>,
    },
    /// The machine lacks the instruction set that was asked for.
    #[error("this machine lacks {wanted}")]
    NotOnThisMachine {
        /// What was asked for.
        wanted: InstructionSet,
    },
    /// A name that no instruction set has.
    #[error("there is no instruction set {name:?}; there are avx512, avx2 and portable")]
    Unknown {
        /// As given.
        name: String,
    },
}

fn list(sets: &[InstructionSet]) -> String {
    let names: Vec<String> = sets.iter().map(ToString::to_string).collect();
    names.join(", ")
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            InstructionSet::Avx512 => "avx512",
            InstructionSet::Avx2 => "avx2",
            InstructionSet::Portable => "portable",
        })
    }
}

impl FromStr for InstructionSet {
    type Err = InstructionSetError;

    fn from_str(name: &str) -> Result<Self, InstructionSetError> {
        let known = Self::ALL.into_iter().find(|set| set.to_string() == name);
        known.ok_or_else(|| InstructionSetError::Unknown { name: name.into() })
    }
}

impl InstructionSet {
    /// All of them, the best first.
    pub const ALL: [InstructionSet; 3] = [
        InstructionSet::Avx512,
        InstructionSet::Avx2,
        InstructionSet::Portable,
    ];

    /// Those that the library is compiled for, the best first: decided when it was built.
    pub const COMPILED: &'static [InstructionSet] = &[
        #[cfg(compiled_for = "avx512")]
        InstructionSet::Avx512,
        #[cfg(compiled_for = "avx2")]
        InstructionSet::Avx2,
        #[cfg(compiled_for = "portable")]
        InstructionSet::Portable,
    ];

    /// Whether this machine has it.
    pub fn is_on_this_machine(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return super::x86::has(self);
        #[cfg(not(target_arch = "x86_64"))]
        return self == InstructionSet::Portable;
    }

    /// Those that this machine has, the best first, whether or not the library is compiled for them.
    pub fn on_this_machine() -> Vec<InstructionSet> {
        let mut sets = Self::ALL.to_vec();
        sets.retain(|set| set.is_on_this_machine());
        sets
    }

    /// Those that the library is compiled for and this machine has, the best first.
    pub fn available() -> Vec<InstructionSet> {
        let mut sets = Self::COMPILED.to_vec();
        sets.retain(|set| set.is_on_this_machine());
        sets
    }

    /// The best of the [available](InstructionSet::available) ones, or the one that the environment variable `DIAGRAMS_ISA` names. It is decided
    /// once, for the whole life of the program.
    ///
    /// # Errors
    /// [`InstructionSetError`]: none is available, or not the one that is named.
    pub fn detect() -> Result<InstructionSet, InstructionSetError> {
        static DETECTED: OnceLock<Result<InstructionSet, InstructionSetError>> = OnceLock::new();
        let detected = DETECTED.get_or_init(|| {
            let wanted = std::env::var("DIAGRAMS_ISA").ok();
            choose(
                Self::COMPILED,
                &Self::on_this_machine(),
                wanted.as_deref().filter(|name| !name.is_empty()),
            )
        });
        match detected {
            Ok(set) => Ok(*set),
            Err(error) => Err(error.clone()),
        }
    }

    /// The name of the instruction set that runs here, for records of results; if none does, why.
    pub fn label() -> String {
        match Self::detect() {
            Ok(set) => set.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Whether it can be run.
    ///
    /// # Errors
    /// [`InstructionSetError::NotCompiled`], [`InstructionSetError::NotOnThisMachine`].
    pub fn check(self) -> Result<(), InstructionSetError> {
        check(self, Self::COMPILED, &Self::on_this_machine())
    }
}

fn check(
    wanted: InstructionSet,
    compiled: &[InstructionSet],
    machine: &[InstructionSet],
) -> Result<(), InstructionSetError> {
    if !compiled.contains(&wanted) {
        let compiled = compiled.to_vec();
        Err(InstructionSetError::NotCompiled { wanted, compiled })
    } else if machine.contains(&wanted) {
        Ok(())
    } else {
        Err(InstructionSetError::NotOnThisMachine { wanted })
    }
}

/// The set to run, of those that are compiled and that the machine has.
fn choose(
    compiled: &[InstructionSet],
    machine: &[InstructionSet],
    wanted: Option<&str>,
) -> Result<InstructionSet, InstructionSetError> {
    if let Some(name) = wanted {
        let wanted = name.parse()?;
        check(wanted, compiled, machine)?;
        return Ok(wanted);
    }
    let best = compiled.iter().find(|set| machine.contains(set));
    best.copied().ok_or_else(|| InstructionSetError::Lacking {
        compiled: compiled.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::InstructionSet::{Avx2, Avx512, Portable};
    use super::*;

    #[test]
    fn the_best_of_what_is_compiled_and_there_is_chosen() {
        let all = InstructionSet::ALL;
        assert_eq!(choose(&all, &all, None), Ok(Avx512));
        assert_eq!(choose(&all, &[Avx2, Portable], None), Ok(Avx2));
        assert_eq!(choose(&[Avx2], &all, None), Ok(Avx2));
        assert_eq!(choose(&all, &all, Some("portable")), Ok(Portable));
    }

    #[test]
    fn what_cannot_be_run_is_said() {
        let all = InstructionSet::ALL;
        let message = |result: Result<InstructionSet, InstructionSetError>| {
            result.expect_err("it cannot be run").to_string()
        };
        assert_eq!(
            message(choose(&[Avx512], &[Avx2, Portable], None)),
            "this program is compiled for avx512, which this machine lacks; build it on this machine, or with the feature `all-instruction-sets`"
        );
        assert_eq!(
            message(choose(&[Avx512], &all, Some("avx2"))),
            "this program is compiled for avx512, not for avx2; build it with the feature `all-instruction-sets`"
        );
        assert_eq!(
            message(choose(&all, &[Portable], Some("avx2"))),
            "this machine lacks avx2"
        );
        assert_eq!(
            message(choose(&all, &all, Some("sse"))),
            "there is no instruction set \"sse\"; there are avx512, avx2 and portable"
        );
    }

    #[test]
    fn what_is_built_here_runs_here() {
        assert!(!InstructionSet::available().is_empty());
    }
}
