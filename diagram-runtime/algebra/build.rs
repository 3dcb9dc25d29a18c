//! Decides which instruction sets kernels are compiled for: by default that of the machine that builds.

use std::env;

/// As `InstructionSet`'s `Display` writes them.
const NAMES: [&str; 3] = ["avx512", "avx2", "portable"];

fn main() {
    let values = NAMES.map(|name| format!("{name:?}")).join(", ");
    println!("cargo::rustc-check-cfg=cfg(compiled_for, values({values}))");
    println!("cargo::rerun-if-changed=build.rs");
    for name in chosen() {
        println!("cargo::rustc-cfg=compiled_for={name:?}");
    }
}

fn chosen() -> Vec<&'static str> {
    let x86 = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|target| target == "x86_64");
    if !x86 {
        return vec!["portable"];
    }
    if env::var_os("CARGO_FEATURE_ALL_INSTRUCTION_SETS").is_some() {
        return NAMES.to_vec();
    }
    // Whoever compiles for another machine knows what it has, and says so by features of the target.
    if env::var("HOST") == env::var("TARGET") {
        vec![of_this_machine()]
    } else {
        vec![of_the_target()]
    }
}

fn of_the_target() -> &'static str {
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let has = |wanted: &[&str]| {
        wanted
            .iter()
            .all(|wanted| features.split(',').any(|feature| feature == *wanted))
    };
    if has(&["avx512f", "avx512dq", "avx512vl", "avx512bw", "avx2", "fma"]) {
        "avx512"
    } else if has(&["avx2", "fma"]) {
        "avx2"
    } else {
        "portable"
    }
}

#[cfg(target_arch = "x86_64")]
fn of_this_machine() -> &'static str {
    let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw");
    match (avx512, avx2) {
        (true, true) => "avx512",
        (false, true) => "avx2",
        (_, false) => "portable",
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn of_this_machine() -> &'static str {
    "portable"
}
