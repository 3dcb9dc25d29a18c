//! The option `--device`, on machines without a GPU and with one, in programs that are compiled with CUDA and without.

use std::process::Output;

use crate::program;

/// Runs a program in an empty folder, which stays empty if it fails.
fn run(name: &str, arguments: &[&str]) -> Output {
    let place = tempfile::tempdir().expect("a folder");
    let output = program(name)
        .args(arguments)
        .current_dir(place.path())
        .output()
        .expect("the program starts");
    if !output.status.success() {
        let left = place.path().read_dir().expect("a folder").count();
        assert_eq!(left, 0, "{name} leaves files behind");
    }
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const VALUES: [&str; 6] = ["--images", "4", "--order", "1", "--format", "json"];

#[test]
fn a_device_that_is_not_there_is_an_error_that_says_what_to_do() {
    let quick: [(&str, &[&str]); 3] = [
        ("values", &VALUES),
        (
            "learning_curve",
            &["--population", "4", "--train", "2", "--order", "1"],
        ),
        ("throughput", &["--population", "4", "--seconds", "0.02"]),
    ];
    for (name, arguments) in quick {
        // No machine has so many.
        let output = run(name, &[arguments, &["--device", "cuda:1000000"]].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {message}");
        assert!(output.stdout.is_empty(), "{name}");
        let helps = [
            "build it with --features cuda",
            "install the driver",
            "update the driver",
            "choose another",
        ];
        let says = helps.iter().any(|help| message.contains(help));
        assert!(says && message.contains("the device cpu"), "{message}");
        let output = run(name, &[arguments, &["--device", "gpu"]].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{name}: {message}");
        assert!(message.contains("cuda-all"), "{message}");
    }
}

#[test]
fn auto_without_a_device_says_why_and_gives_what_the_processor_gives() {
    let on = |device: &str| run("values", &[&VALUES[..], &["--device", device]].concat());
    let (processor, auto) = (on("cpu"), on("auto"));
    assert!(processor.status.success() && auto.status.success());
    assert_eq!(text(&processor.stderr), "");
    let why = text(&auto.stderr);
    if why.is_empty() {
        // There is a device, which results name.
        assert!(text(&auto.stdout).contains("\"device\": \"cuda:"));
    } else {
        assert!(why.starts_with("on the processor: "), "{why}");
        assert_eq!(text(&auto.stdout), text(&processor.stdout));
    }
}
