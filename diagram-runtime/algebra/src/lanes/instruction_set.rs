//! The instruction sets that exist, those that the library is compiled for, and the choice of the one that runs.

use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// An instruction set for SIMD lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InstructionSet {
    /// AVX-512 F, DQ, VL and BW, together with AVX2 and FMA.
    Avx512,
    /// AVX2 and FMA.
    Avx2,
    /// The instructions that every machine of the target has.
    Portable,
}

/// The reason why an instruction set cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstructionSetError {
    /// The machine lacks every instruction set that the library is compiled for.
    #[error(
        "this program is compiled for {}, which this machine lacks; build it on this machine, or with the feature `all-instruction-sets`",
        list(compiled)
    )]
    Lacking {
        /// The instruction sets that the library is compiled for.
        compiled: Vec<InstructionSet>,
    },
    /// The library is not compiled for the instruction set that was asked for.
    #[error(
        "this program is compiled for {}, not for {wanted}; build it with the feature `all-instruction-sets`",
        list(compiled)
    )]
    NotCompiled {
        /// The instruction set that was asked for.
        wanted: InstructionSet,
        /// The instruction sets that the library is compiled for.
        compiled: Vec<InstructionSet>,
    },
    /// The machine lacks the instruction set that was asked for.
    #[error("this machine lacks {wanted}")]
    NotOnThisMachine {
        /// The instruction set that was asked for.
        wanted: InstructionSet,
    },
    /// No instruction set has the given name.
    #[error("there is no instruction set {name:?}; there are avx512, avx2 and portable")]
    Unknown {
        /// The name that was given.
        name: String,
    },
}

/// The names of some instruction sets, for messages.
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
    /// All instruction sets, the one with the largest registers first.
    pub const ALL: [InstructionSet; 3] = [
        InstructionSet::Avx512,
        InstructionSet::Avx2,
        InstructionSet::Portable,
    ];

    /// The instruction sets that the library is compiled for, in the order of [`ALL`](InstructionSet::ALL). They were chosen when it was built.
    pub const COMPILED: &'static [InstructionSet] = &[
        #[cfg(compiled_for = "avx512")]
        InstructionSet::Avx512,
        #[cfg(compiled_for = "avx2")]
        InstructionSet::Avx2,
        #[cfg(compiled_for = "portable")]
        InstructionSet::Portable,
    ];

    /// Whether this machine has the instruction set.
    pub fn is_on_this_machine(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return super::x86::has(self);
        #[cfg(not(target_arch = "x86_64"))]
        return self == InstructionSet::Portable;
    }

    /// The instruction sets that this machine has, whether or not the library is compiled for them, in the order of [`ALL`](InstructionSet::ALL).
    pub fn on_this_machine() -> Vec<InstructionSet> {
        let mut sets = Self::ALL.to_vec();
        sets.retain(|set| set.is_on_this_machine());
        sets
    }

    /// The instruction sets that the library is compiled for and this machine has, in the order of [`ALL`](InstructionSet::ALL).
    pub fn available() -> Vec<InstructionSet> {
        let mut sets = Self::COMPILED.to_vec();
        sets.retain(|set| set.is_on_this_machine());
        sets
    }

    /// The instruction set that the environment variable `DIAGRAMS_ISA` names or, if it is unset or empty, the first of the
    /// [available](InstructionSet::available) ones. The choice is made once in the life of a program.
    ///
    /// # Errors
    /// [`InstructionSetError`] if no instruction set is available, or not the one that is named.
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

    /// The name of the instruction set that [`detect`](InstructionSet::detect) chooses, for records of results; if it gives an error, the error's message.
    pub fn label() -> String {
        match Self::detect() {
            Ok(set) => set.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Checks that the library is compiled for the instruction set and that this machine has it.
    ///
    /// # Errors
    /// [`InstructionSetError::NotCompiled`], [`InstructionSetError::NotOnThisMachine`].
    pub fn check(self) -> Result<(), InstructionSetError> {
        check(self, Self::COMPILED, &Self::on_this_machine())
    }
}

/// Checks that an instruction set is among those that are compiled and among those of the machine.
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

/// The instruction set that has the name `wanted` or, without a name, the first compiled one that the machine has.
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
