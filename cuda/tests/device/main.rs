//! Devices: what they compute, what they refuse, and what happens when something fails.
//!
//! The tests run on a device that `tests/emulation` emulates, with the threads of its blocks in several orders, and on a real one if there is one. Each kind of
//! machine is a process of its own, since a process looks for a driver once.
//!
//! Without a C++ compiler there is no emulation, and without a device no test on a real one; that is said, and with `DEVICE_TESTS=require` it is a failure that
//! nothing ran. `DEVICE_TESTS=gpu` asks for a real device.

mod barriers;
mod curvature;
mod emulation;
mod faults;
mod machines;
mod memory;
mod on;
mod plans;
mod problems;
mod sanitizers;
mod trials;
mod values;

use std::panic::catch_unwind;
use std::process::{Command, ExitCode};

use emulation::Emulation;

/// A test: a function that panics if it fails.
type Test = (&'static str, fn());

/// The variable that says which tests a process runs.
const TESTS: &str = "DIAGRAMS_DEVICE_TESTS_OF";

/// The exit code of a process whose tests need what is not there.
const SKIPPED: u8 = 77;

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    match std::env::var(TESTS).as_deref() {
        Ok("values") => run(
            &[
                &values::TESTS[..],
                &plans::TESTS,
                &memory::TESTS,
                &curvature::TESTS,
                &trials::TESTS,
                &on::TESTS,
            ]
            .concat(),
            &filters,
        ),
        Ok("faults") => run(&faults::TESTS, &filters),
        Ok("barriers") => run(&barriers::TESTS, &filters),
        Ok("machine") => machines::report(),
        Ok("mistake") => sanitizers::make(),
        Ok("gpu") => {
            if let Err(reason) = diagram_cuda::Device::cuda(0) {
                println!("no test ran on a GPU: {reason}");
                return ExitCode::from(SKIPPED);
            }
            run(
                &[&values::TESTS[..], &plans::TESTS, &trials::TESTS].concat(),
                &filters,
            )
        }
        _ => run_all(&filters),
    }
}

/// Runs tests one after the other.
fn run(tests: &[Test], filters: &[&str]) -> ExitCode {
    emulation::load();
    let mut failed = 0;
    for (name, test) in tests {
        if !filters.is_empty() && !filters.iter().any(|filter| name.contains(filter)) {
            continue;
        }
        let passed = catch_unwind(test).is_ok();
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
        failed += u8::from(!passed);
    }
    ExitCode::from(failed.min(1))
}

/// Runs the tests of emulated machines, each in a process with one thread, and tells whether all passed.
fn run_side_by_side(machines: impl Iterator<Item = (String, Command)>) -> bool {
    let started: Vec<_> = machines
        .map(|(name, mut command)| {
            let ended = std::thread::spawn(move || command.output().expect("started"));
            (name, ended)
        })
        .collect();
    let mut passed = true;
    for (name, ended) in started {
        let output = ended.join().expect("a process was run");
        println!("emulated: {name}");
        print!("{}", String::from_utf8_lossy(&output.stdout));
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        passed &= output.status.success();
    }
    passed
}

/// Runs the tests of every kind of machine.
fn run_all(filters: &[&str]) -> ExitCode {
    let asked = std::env::var("DEVICE_TESTS").unwrap_or_default();
    let mut failed = false;
    let mut ran = false;
    let of = |tests: &str| {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(filters).env(TESTS, tests);
        command
    };
    let on_gpu = of("gpu").status().expect("started");
    match on_gpu.code() {
        Some(0) => ran = true,
        Some(code) if code == i32::from(SKIPPED) => failed |= asked == "gpu",
        _ => failed = true,
    }
    match Emulation::build() {
        Err(reason) => println!("no test ran on an emulated device: {reason}"),
        Ok(emulation) => {
            ran = true;
            // Where little shared memory is, scalars, nodes or both are in scratch memory.
            let machines = [
                ("forward", "1", "232448"),
                ("reverse", "2", "12000"),
                ("random", "3", "4200"),
            ];
            let of_machines = machines.map(|(order, devices, shared)| {
                let mut command = emulation.command(of("values"));
                command.env("EMULATION_ORDER", order);
                command.env("EMULATION_DEVICES", devices);
                command.env("EMULATION_SHARED", shared);
                (
                    format!("{devices} device(s), threads in {order} order, {shared} bytes of shared memory"),
                    command,
                )
            });
            let others = ["faults", "barriers"]
                .map(|tests| (tests.to_owned(), emulation.command(of(tests))));
            failed |= !run_side_by_side(of_machines.into_iter().chain(others));
            failed |= !machines::run(&emulation, &|| of("machine"), filters);
            failed |= !sanitizers::run(&emulation, &|| of("mistake"), filters);
        }
    }
    if !ran && asked == "require" {
        println!("tests of devices are required, and none ran");
        failed = true;
    }
    ExitCode::from(u8::from(failed))
}
