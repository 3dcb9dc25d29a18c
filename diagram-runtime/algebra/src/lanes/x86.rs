//! AVX-512 and AVX2 registers.
//!
//! The unsafe code is sound for the following reason. The types of instruction sets and of their registers are private to the crate, and their values are
//! made only by code that the dispatch functions of [`super`] run after [`has`] has found the instructions on this machine. Whenever a method of a
//! register is called, its instructions therefore exist.
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
