//! Machines on which something is missing, too old or broken.

use std::process::{Command, ExitCode, Output};

use diagram_cuda::Device;
use diagram_cuda::compiler::{Source, compile};

use crate::emulation::{self, Emulation};

/// What a process reports about its machine.
pub(crate) fn report() -> ExitCode {
    emulation::load();
    match Device::cuda_all() {
        Ok(device) => println!("device {device}"),
        Err(error) => println!("error {error:?} | {error}"),
    }
    let auto = Device::auto();
    println!("auto {auto}, {}", auto.reason().is_some());
    let source = Source {
        name: "nothing",
        text: "extern \"C\" __global__ void nothing(int n) {}\n",
    };
    match compile(source, "sm_90") {
        Ok(compiled) => println!(
            "compiled by {}, {} bytes",
            compiled.compiler,
            compiled.code.len()
        ),
        Err(error) => println!("not compiled {error:?} | {error}"),
    }
    ExitCode::SUCCESS
}

/// A machine: its name, its variables, and what is reported.
type Machine = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

const MACHINES: [Machine; 11] = [
    (
        "a device",
        &[],
        &[
            "device cuda:0 (emulated device, sm_90)\n",
            "auto cuda:0",
            ", false",
            "compiled by NVRTC 12.9",
        ],
    ),
    (
        "three devices",
        &[("EMULATION_DEVICES", "3")],
        &["cuda:0 (emulated device, sm_90) + cuda:1 (emulated device, sm_90) + cuda:2"],
    ),
    (
        "no device",
        &[("EMULATION_DEVICES", "0")],
        &[
            "error NoDevice { ordinal: 0, count: 0 }",
            "CUDA_VISIBLE_DEVICES",
            "auto cpu, true",
        ],
    ),
    (
        "no device at the start",
        &[("EMULATION_INIT", "100")],
        &["error NoDevice { ordinal: 0, count: 0 }", "auto cpu, true"],
    ),
    (
        "a stub of the toolkit",
        &[("EMULATION_INIT", "34")],
        &[
            "error NoDriver",
            "error 34",
            "install the driver",
            "auto cpu, true",
        ],
    ),
    (
        "an old driver",
        &[("EMULATION_DRIVER", "11080")],
        &[
            "error DriverTooOld { found: (11, 8), needed: (12, 0) }",
            "update the driver",
            "auto cpu, true",
        ],
    ),
    (
        "an old device",
        &[("EMULATION_CAPABILITY", "70")],
        &[
            "error TooOld { device: \"emulated device\", found: (7, 0), needed: (7, 5) }",
            "auto cpu, true",
        ],
    ),
    (
        "the oldest device",
        &[("EMULATION_CAPABILITY", "75")],
        &["device cuda:0 (emulated device, sm_75)"],
    ),
    (
        "a newer driver and NVRTC",
        &[("EMULATION_DRIVER", "13020"), ("EMULATION_NVRTC", "1305")],
        &["device cuda:0", "compiled by NVRTC 13.5"],
    ),
    (
        "an old NVRTC",
        &[("EMULATION_NVRTC", "1108")],
        &[
            "device cuda:0",
            "not compiled NoNvrtc",
            "11.8",
            "DIAGRAMS_NVRTC",
        ],
    ),
    (
        "no NVRTC",
        &[("DIAGRAMS_NVRTC", "/nowhere/libnvrtc.so")],
        &[
            "device cuda:0",
            "not compiled NoNvrtc",
            "/nowhere/libnvrtc.so",
            "pip install",
        ],
    ),
];

/// Runs a process on each machine, and says whether each reports what it must.
pub(crate) fn run(emulation: &Emulation, program: &dyn Fn() -> Command, filters: &[&str]) -> bool {
    let mut passed = true;
    let mut check = |name: &str, output: &Output, expected: &[&str]| {
        let text = String::from_utf8_lossy(&output.stdout);
        let missing: Vec<_> = expected
            .iter()
            .filter(|part| !text.contains(**part))
            .collect();
        let right = output.status.success() && missing.is_empty();
        println!(
            "test machine with {name} ... {}",
            if right { "ok" } else { "FAILED" }
        );
        if !right {
            let errors = String::from_utf8_lossy(&output.stderr);
            println!("{}; without {missing:?}:\n{text}{errors}", output.status);
        }
        passed &= right;
    };
    for (name, variables, expected) in MACHINES {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter)) {
            let mut command = emulation.command(program());
            command.envs(variables.iter().copied());
            check(name, &command.output().expect("started"), expected);
        }
    }
    if filters.is_empty() {
        cached(emulation, program, &mut check);
    }
    passed
}

/// What is compiled is read by the next process, unless it is damaged or of another compiler.
fn cached(
    emulation: &Emulation,
    program: &dyn Fn() -> Command,
    check: &mut dyn FnMut(&str, &Output, &[&str]),
) {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |version: &str| {
        let mut command = emulation.command(program());
        command.env("DIAGRAMS_CUBIN_CACHE", folder.path());
        command.env("EMULATION_NVRTC", version);
        command.output().expect("started")
    };
    let files = || {
        let files = std::fs::read_dir(folder.path()).expect("the folder");
        let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        files.sort();
        files
    };
    check("an empty cache", &run("1209"), &["compiled by NVRTC 12.9"]);
    let first = files();
    assert_eq!(first.len(), 1, "the code, and no temporary file");
    let whole = std::fs::read(&first[0]).expect("the code");
    check("a cache", &run("1209"), &["compiled by NVRTC 12.9"]);
    check(
        "a cache of another compiler",
        &run("1208"),
        &["compiled by NVRTC 12.8"],
    );
    assert_eq!(files().len(), 2);
    std::fs::write(&first[0], &whole[..whole.len() / 2]).expect("written");
    check("a damaged cache", &run("1209"), &["compiled by NVRTC 12.9"]);
    assert!(
        std::fs::read(&first[0]).expect("the code") == whole,
        "it is whole again"
    );
}
