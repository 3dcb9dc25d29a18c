//! The weights at which training runs end, as files that are the start of other runs.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

const NETWORK: &str = "input(784) -> dense(2) -> tanh -> dense(10) -> cross_entropy";
/// 785 · 2 + 3 · 10.
const WEIGHTS: usize = 1600;

fn run(name: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = crate::program(name);
    command.current_dir(folder).args(arguments);
    command.output().expect("the program starts")
}

/// Runs `learning_curve` on a landscape with more arguments.
fn learn(folder: &Path, landscape: &[&str], more: &str) -> Output {
    let quick = "--population 20 --train 2 --order 1 --trials 16 --points 2 --precision double";
    let quick: Vec<&str> = quick.split(' ').chain(more.split(' ')).collect();
    run("learning_curve", folder, &[landscape, &quick].concat())
}

fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn doubles(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    let (numbers, rest) = bytes.as_chunks::<8>();
    assert!(rest.is_empty());
    numbers
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect()
}

#[test]
fn mean_weights_are_a_start_for_all_programs() {
    let folder = tempfile::tempdir().unwrap();
    let network = ["--network", NETWORK];
    let mut losses = vec![];
    for (at, ending) in ["safetensors", "npy", "raw"].into_iter().enumerate() {
        let file = format!("mean.{ending}");
        let text = succeeds(&learn(
            folder.path(),
            &network,
            &format!("--out {at} --mean-weights {file}"),
        ));
        assert!(
            text.contains("mean weights of 16 trials at η = 1.25: mean."),
            "{text}"
        );
        let json = std::fs::read(folder.path().join(format!("{at}/learning_curve.json"))).unwrap();
        let record: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(record["arguments"]["mean_weights"], file);
        assert_eq!(record.get("warnings"), None);
        let theta = ["--theta", &file];
        let values = ["--images", "20", "--order", "0", "--format", "json"];
        let text = succeeds(&run(
            "values",
            folder.path(),
            &[&network[..], &theta, &values].concat(),
        ));
        let entries: Value = serde_json::from_str(&text).unwrap();
        losses.push(entries[0]["value"].as_f64().unwrap());
        let quick = ["--population", "20", "--seconds", "0.02"];
        succeeds(&run(
            "throughput",
            folder.path(),
            &[&network[..], &theta, &quick].concat(),
        ));
        let again = format!("--out again{at} --theta {file}");
        succeeds(&learn(folder.path(), &network, &again));
    }
    // npy and raw are the same numbers; tensors are rounded twice, and the loss has a few hundred roundings of its own.
    assert!(losses[1] == losses[2] && (losses[0] - losses[1]).abs() < 1e-13 * losses[1]);
}

/// The mean over the files of trials is the mean, and a run without files has the same results.
#[test]
fn weights_of_each_trial_have_files() {
    let folder = tempfile::tempdir().unwrap();
    let network = ["--network", NETWORK];
    let files = "--out out --mean-weights mean.raw --final-weights each";
    let text = succeeds(&learn(folder.path(), &network, files));
    assert!(
        text.contains("final weights of 16 trials at η = 1.25: each"),
        "{text}"
    );
    let mean = doubles(&folder.path().join("mean.raw"));
    assert_eq!(mean.len(), WEIGHTS);
    let names: Vec<_> = std::fs::read_dir(folder.path().join("each"))
        .unwrap()
        .collect();
    assert_eq!(names.len(), 16);
    let theta = ["--theta", "each/trial_15.safetensors"];
    let values = ["--images", "20", "--order", "0"];
    succeeds(&run(
        "values",
        folder.path(),
        &[&network[..], &theta, &values].concat(),
    ));
    succeeds(&learn(folder.path(), &network, "--out plain"));
    let csv =
        |out: &str| std::fs::read(folder.path().join(out).join("learning_curve.csv")).unwrap();
    assert!(csv("out") == csv("plain"));

    // A landscape that is no network has raw weights.
    let fit = ["--landscape", "gaussian-fit"];
    let files = "--out fit --mean-weights fit.raw --final-weights fits";
    succeeds(&learn(folder.path(), &fit, files));
    let trials =
        (0..16).map(|trial| doubles(&folder.path().join(format!("fits/trial_{trial}.raw"))));
    let trials: Vec<f64> = trials.flatten().collect();
    let mean = doubles(&folder.path().join("fit.raw"));
    assert_eq!((mean.len(), trials.len()), (1, 16));
    // A mean of 16 numbers of size 1 or less, by two recursions.
    assert!((mean[0] - trials.iter().sum::<f64>() / 16.0).abs() < 1e-14);
    succeeds(&learn(folder.path(), &fit, "--out refit --theta fit.raw"));
}

#[test]
fn places_of_weights_are_checked_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("there.npy"), "something").unwrap();
    let network = ["--network", NETWORK];
    let fit = ["--landscape", "gaussian-fit"];
    for (landscape, files, mentions) in [
        (
            &network,
            "--mean-weights there.npy",
            "--mean-weights there.npy: exists already",
        ),
        (
            &network,
            "--final-weights .",
            "--final-weights .: exists already",
        ),
        (
            &network,
            "--mean-weights a/b.npy",
            "--mean-weights a/b.npy: there is no such folder",
        ),
        (
            &network,
            "--mean-weights mean.pt",
            "the name must end with .safetensors, .npy or .raw",
        ),
        (
            &fit,
            "--mean-weights mean.npy",
            "the name must end with .raw, since there is no network",
        ),
        (
            &network,
            "--final-weights each --trials 100000000",
            "--final-weights: 12800 bytes for each of 100000000 trials are more than 4294967296; take fewer trials",
        ),
    ] {
        let landscape = &landscape[..];
        let output = if files.contains("--trials") {
            let files: Vec<&str> = files.split(' ').collect();
            run(
                "learning_curve",
                folder.path(),
                &[landscape, &files].concat(),
            )
        } else {
            learn(folder.path(), landscape, files)
        };
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(message.contains(mentions), "{message}");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }
    assert_eq!(
        std::fs::read(folder.path().join("there.npy")).unwrap(),
        b"something"
    );
}
