//! Signals, pipes and environment variables, as a shell, a scheduler or a terminal that is closed gives them to the programs.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A program that is running, after it has printed a line that begins like this.
fn running(mut command: Command, line: &str) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut seen = String::new();
    while !seen.lines().any(|printed| printed.starts_with(line)) {
        assert!(out.read_line(&mut seen).expect("text") > 0, "{seen}");
    }
    (child, out)
}

fn signal(child: &Child, name: &str) {
    let process = child.id().to_string();
    let sent = Command::new("kill").args(["-s", name, &process]).status();
    assert!(sent.expect("kill starts").success());
}

/// Waits until the program ends, at most so long.
fn ended(child: &mut Child, seconds: f64) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("it can be asked") {
            return status;
        }
        if start.elapsed().as_secs_f64() > seconds {
            child.kill().expect("it is running");
            panic!("it was still running after {seconds} s");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn learning_curve(place: &Path, arguments: &str) -> Command {
    let mut command = crate::program("learning_curve");
    command.current_dir(place).args(arguments.split(' '));
    command
}

/// Trials that have finished are results, whichever signal ends the others.
#[test]
fn every_signal_that_ends_a_program_keeps_what_is_finished() {
    let names = ["INT", "TERM", "HUP"];
    // Whoever runs tests under `nohup` has programs that ignore hangups, as they should.
    let names = &names[..if diagram_experiments::interrupt::ignores_hangups() {
        2
    } else {
        3
    }];
    for name in names {
        let place = folder();
        let arguments = "--landscape gaussian-fit --population 10 --order 1 --trials 100000000 --points 2 --train 100 --epochs 50 --out out";
        let (mut child, mut out) = running(learning_curve(place.path(), arguments), "");
        // The values take milliseconds.
        std::thread::sleep(Duration::from_secs(2));
        signal(&child, name);
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("text");
        let status = ended(&mut child, 30.0);
        assert_eq!(status.code(), Some(130), "{name}: {rest}");
        assert!(
            place.path().join("out/learning_curve.json").exists(),
            "{name}"
        );
    }
}

/// While values are computed nothing is finished, and nothing is waited for.
#[test]
fn ctrl_c_is_heard_while_values_are_computed() {
    let place = folder();
    let arguments = "--landscape fashion-lenet --population 2000 --order 4 --trials 16";
    let (mut child, _out) = running(learning_curve(place.path(), arguments), "");
    std::thread::sleep(Duration::from_millis(1500));
    signal(&child, "INT");
    // A second, and half of one for a busy machine.
    let status = ended(&mut child, 1.5);
    assert_eq!(status.code(), Some(130));
    let left = std::fs::read_dir(place.path()).expect("a folder").count();
    assert_eq!(left, 0, "the folder that it made is empty, and so removed");
}

/// A run that was started to survive a hangup survives it.
#[test]
fn nohup_is_respected() {
    let place = folder();
    let programs = crate::program("learning_curve");
    let mut command = Command::new("nohup");
    command
        .arg(programs.get_program())
        .current_dir(place.path());
    let arguments = "learning_curve --landscape gaussian-fit --population 10 --order 1 --trials 100000000 --points 2 --train 100 --epochs 50";
    command.args(arguments.split(' ')).stdin(Stdio::null());
    let (mut child, _out) = running(command, "");
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "HUP");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(child.try_wait().expect("it can be asked"), None);
    child.kill().expect("it is running");
    child.wait().expect("it ends");
}

#[test]
fn a_closed_pipe_ends_programs_quietly() {
    let series = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/series.json");
    for (arguments, status) in [
        (vec!["exact_series", series], 141),
        (vec!["values", "--images", "2", "--order", "1"], 0),
        (
            vec![
                "inspect",
                "--order",
                "2",
                "--spacetime",
                "sgd(train: 4, batch: 1, epochs: 1)",
            ],
            0,
        ),
    ] {
        let mut child = crate::program(arguments[0])
            .args(&arguments[1..])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop(child.stdout.take());
        let mut said = String::new();
        let mut errors = child.stderr.take().expect("it is piped");
        errors.read_to_string(&mut said).expect("text");
        assert!(
            !said.contains("panicked") && !said.contains("error"),
            "{arguments:?}: {said}"
        );
        let ended = child.wait().expect("it ends");
        assert_eq!(ended.code(), Some(status), "{arguments:?}: {said}");
    }
}

/// An instruction set that there is not is refused before anything is computed, and not recorded as what was used.
#[test]
fn an_instruction_set_of_no_name_is_refused() {
    for arguments in [
        vec![
            "learning_curve",
            "--landscape",
            "gaussian-fit",
            "--population",
            "4",
        ],
        vec!["values", "--images", "2", "--order", "1"],
        vec!["throughput", "--seconds", "0.02"],
    ] {
        let place = folder();
        let output = crate::program(arguments[0])
            .args(&arguments[1..])
            .env("DIAGRAMS_ISA", "nonsense")
            .current_dir(place.path())
            .output()
            .expect("it starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(
            said.contains("\"nonsense\"") && said.contains("avx2"),
            "{said}"
        );
        assert_eq!(
            std::fs::read_dir(place.path()).expect("a folder").count(),
            0
        );
    }
    // An experiment that computes nothing by kernels says so, too: its results name the instruction set.
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args(["--exact", "harness::slowly", "--ignored", "--nocapture"])
        .env("DIAGRAMS_ISA", "nonsense")
        .env("ROOTS_OUT", folder().path())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("nonsense"), "{said}");
}
