//! AVX-512 and AVX2 registers.
//!
//! Why it is sound: the instruction-set types and their registers are private to the crate, and a value
//! of them is only made by code that the dispatch functions of [`super`] run after [`has`] has found the instructions on this machine. So whenever a method
//! of a register is called, its instructions exist.
#![allow(unsafe_code)]

use super::InstructionSet;

pub(super) mod avx2;
pub(super) mod avx512;

/// Whether this machine has the instructions that the set's registers use.
pub(super) fn has(set: InstructionSet) -> bool {
    match set {
        InstructionSet::Avx512 => {
            is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
        }
        InstructionSet::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
        InstructionSet::Portable => true,
    }
}
