//! Runs `exact_series` as a user does: on the series of `tests/data`, on altered series and on malformed files.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

const SERIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/series.json");
/// Series of other optimizers and ways to sample.
const OPTIMIZERS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/optimizers.json"
);

/// Series of what the other file has not: micro-batches, noise of updates, what goes together. `brute_force_optimizers.py` beside it makes such files.
const MORE_OPTIMIZERS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/more_optimizers.json"
);

struct Run {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

fn run(files: &[&Path]) -> Run {
    run_with(&[], files)
}

fn run_with(options: &[&str], files: &[&Path]) -> Run {
    let Output {
        status,
        stdout,
        stderr,
    } = crate::program("exact_series")
        .args(options)
        .args(files)
        .output()
        .expect("the program starts");
    let stderr = String::from_utf8(stderr).expect("messages are UTF-8");
    assert!(!stderr.contains("panicked"), "{stderr}");
    Run {
        status: status.code(),
        stdout: String::from_utf8(stdout).expect("lines are UTF-8"),
        stderr,
    }
}

/// The text in a file of its own.
fn file(text: &str) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("cases.json");
    std::fs::write(&path, text).expect("written");
    (dir, path)
}

fn run_on(cases: &Value) -> Run {
    let (_dir, path) = file(&cases.to_string());
    run(&[&path])
}

/// Two updates on the loss `(θ - x)²/2`, x = ±1, from θ = 0: the test loss is 1/2 + θ²/2.
fn parabola() -> Value {
    json!([{
        "name": "parabola",
        "order": 1,
        "train_points": 2,
        "batch_size": 1,
        "batches": [[0], [1]],
        "landscape": {
            "dimension": 1,
            "theta0": ["3"],
            "datapoints": [
                [{"exponents": [2], "coefficient": "1/2"}, {"exponents": [1], "coefficient": "-1"}, {"exponents": [0], "coefficient": "1/2"}],
                [{"exponents": [2], "coefficient": "1/2"}, {"exponents": [1], "coefficient": "1"}, {"exponents": [0], "coefficient": "1/2"}],
            ],
        },
        "series": {"test_loss": ["5", "-18"]},
    }])
}

/// The message for one case that is changed so that it cannot be read.
fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let mut cases = parabola();
    change(&mut cases[0]);
    let run = run_on(&cases);
    assert_eq!(run.status, Some(2), "{}{}", run.stdout, run.stderr);
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
    assert!(run.stderr.contains("cases.json"), "{}", run.stderr);
    run.stderr
}

fn assert_mentions(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
}

/// The only line, which must say `exact`, of the test loss of a case that is changed.
fn assert_exact(change: impl FnOnce(&mut Value)) {
    let mut cases = parabola();
    change(&mut cases[0]);
    let run = run_on(&cases);
    assert_eq!(run.stdout, "parabola  test_loss  exact\n", "{}", run.stderr);
    assert_eq!(run.status, Some(0));
}

#[test]
fn the_reference_series_are_exact() {
    all_are_exact(SERIES);
}

#[test]
fn the_reference_series_of_optimizers_are_exact() {
    all_are_exact(OPTIMIZERS);
}

#[test]
fn further_series_of_optimizers_are_exact() {
    all_are_exact(MORE_OPTIMIZERS);
}

fn all_are_exact(file: &str) {
    let run = run(&[Path::new(file)]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let text = std::fs::read_to_string(file).expect("the file is there");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a JSON array");
    let series: usize = cases
        .iter()
        .map(|case| case["series"].as_object().map_or(0, serde_json::Map::len))
        .sum();
    assert_eq!(run.stdout.lines().count(), series);
    for line in run.stdout.lines() {
        assert!(line.ends_with("  exact"), "{line}");
    }
}

/// Order by order up to 4, sums over re-summed diagrams are the brute-force series.
#[test]
fn re_summed_series_are_exact() {
    let run = run_with(&["--resummed"], &[Path::new(SERIES)]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let text = std::fs::read_to_string(SERIES).expect("the file is there");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a JSON array");
    let measures = |case: &Value| {
        let measures = case["series"].as_object().expect("series").clone();
        measures
            .into_iter()
            .filter(|(measure, _)| measure != "test_loss_second_moment")
            .count()
    };
    assert_eq!(
        run.stdout.lines().count(),
        cases.iter().map(measures).sum::<usize>()
    );
    for line in run.stdout.lines() {
        assert!(line.ends_with("  exact"), "{line}");
    }
}

#[test]
fn a_series_that_differs_is_reported_with_its_order_and_both_numbers() {
    let text = std::fs::read_to_string(SERIES).expect("the file is there");
    let mut cases: Value = serde_json::from_str(&text).expect("a JSON array");
    let case = &mut cases[1];
    let name = case["name"].as_str().expect("a name").to_string();
    let number = &mut case["series"]["train_loss"][2];
    let true_number = number.as_str().expect("a number").to_string();
    *number = json!("22/7");
    let altered = cases.as_array().expect("an array")[1..2].to_vec();
    let run = run_on(&json!(altered));
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    let differing: Vec<&str> = run
        .stdout
        .lines()
        .filter(|l| !l.ends_with("  exact"))
        .collect();
    assert_eq!(
        differing,
        [format!(
            "{name}  train_loss  differs at order 2: diagrams {true_number}, file 22/7"
        )]
    );
    assert!(run.stdout.lines().count() > 1);
}

#[test]
fn a_component_of_a_vector_that_differs_is_named() {
    let mut cases = parabola();
    cases[0]["series"] = json!({"displacement": [["0", "-5"]]});
    let run = run_on(&cases);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "parabola  displacement  differs at order 1: diagrams -6, file -5\n"
    );
}

#[test]
fn one_wrong_series_among_several_files_decides_the_status() {
    let mut wrong = parabola();
    wrong[0]["series"]["test_loss"][1] = json!("-17");
    let (_right_dir, right) = file(&parabola().to_string());
    let (_wrong_dir, wrong) = file(&wrong.to_string());
    let run = run(&[&wrong, &right]);
    assert_eq!(run.status, Some(1));
    assert_eq!(
        run.stdout,
        "parabola  test_loss  differs at order 1: diagrams -18, file -17\nparabola  test_loss  exact\n"
    );
}

#[test]
fn unusual_cases_are_exact() {
    assert_exact(|_| ());
    // Order 0: the loss before training.
    assert_exact(|case| {
        case["order"] = json!(0);
        case["series"] = json!({"test_loss": ["5"]});
    });
    // A training point that no update uses does not matter.
    assert_exact(|case| case["train_points"] = json!(3));
    // All updates use one point: to first order the same.
    assert_exact(|case| case["batches"] = json!([[0], [0]]));
    // Batches of two.
    assert_exact(|case| {
        case["batch_size"] = json!(2);
        case["batches"] = json!([[0, 1], [1, 0]]);
    });
    // A monomial in two terms, and numbers that are not in lowest terms.
    assert_exact(|case| {
        case["landscape"]["theta0"] = json!(["6/2"]);
        case["landscape"]["datapoints"][0] = json!([
            {"exponents": [2], "coefficient": "3/2"},
            {"exponents": [2], "coefficient": "-1"},
            {"exponents": [1], "coefficient": "-4/4"},
            {"exponents": [0], "coefficient": "1/2"},
        ]);
    });
    // A datapoint without loss: half the gradient, from half the steps.
    assert_exact(|case| {
        case["landscape"]["datapoints"] = json!([[], [{"exponents": [1], "coefficient": "-3/2"}]]);
        case["series"] = json!({"test_loss": ["-9/4", "-9/8"]});
    });
    // No loss at all.
    assert_exact(|case| {
        case["landscape"]["datapoints"] = json!([[], []]);
        case["series"] = json!({"test_loss": ["0", "0"]});
    });
}

#[test]
fn text_that_is_not_json_is_refused_with_its_place() {
    for (text, parts) in [
        ("", &["line 1"][..]),
        ("[{\"name\": ", &["line 1", "EOF"]),
        ("{}", &["line 1", "expected a sequence"]),
        ("[]", &["no cases"]),
        ("[{}]", &["missing field `name`"]),
    ] {
        let (_dir, path) = file(text);
        let run = run(&[&path]);
        assert_eq!(run.status, Some(2), "{text:?}: {}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_mentions(&run.stderr, &["error: ", "cases.json"]);
        assert_mentions(&run.stderr, parts);
    }
}

#[test]
fn missing_files_and_arguments_are_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    for path in [dir.path().join("nothing.json"), dir.path().to_path_buf()] {
        let run = run(&[&path]);
        assert_eq!(run.status, Some(2));
        assert_mentions(&run.stderr, &["error: ", &path.display().to_string()]);
    }
    let bytes = dir.path().join("bytes.json");
    std::fs::write(&bytes, [0xff, 0xfe, 0x00]).expect("written");
    let run_bytes = run(&[&bytes]);
    assert_eq!(run_bytes.status, Some(2));
    assert_mentions(&run_bytes.stderr, &["bytes.json"]);
    assert_eq!(run(&[]).status, Some(2));
}

#[test]
fn missing_and_unknown_fields_are_refused_by_name() {
    for field in [
        "order",
        "train_points",
        "batch_size",
        "batches",
        "landscape",
        "series",
    ] {
        let message = refusal(|case| {
            case.as_object_mut().expect("an object").remove(field);
        });
        assert_mentions(&message, &[&format!("missing field `{field}`")]);
    }
    let message = refusal(|case| case["eta"] = json!("1"));
    assert_mentions(&message, &["unknown field `eta`"]);
    let message = refusal(|case| case["series"]["test_los"] = json!(["1", "2"]));
    assert_mentions(&message, &["test_los", "test_loss_second_moment"]);
    let message = refusal(|case| case["order"] = json!(-1));
    assert_mentions(&message, &["-1"]);
}

#[test]
fn numbers_that_are_not_rational_are_refused() {
    for number in [
        "1/0", "1/00", "-1/-0", "", "x", "1.5", "1/", "/2", "1/2/3", "NaN",
    ] {
        let message = refusal(|case| case["landscape"]["theta0"][0] = json!(number));
        assert_mentions(&message, &["case parabola", &format!("{number:?}")]);
    }
    let message = refusal(|case| {
        case["landscape"]["datapoints"][1][0]["coefficient"] = json!("2/0");
    });
    assert_mentions(&message, &["case parabola", "2/0"]);
    let message = refusal(|case| case["series"]["test_loss"][1] = json!("2/0"));
    assert_mentions(&message, &["case parabola", "2/0"]);
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    let message = refusal(|case| case["batches"] = json!([[0], [0, 1]]));
    assert_mentions(&message, &["case parabola"]);
    let message = refusal(|case| case["batch_size"] = json!(2));
    assert_mentions(&message, &["batch_size", "2", "1"]);
    // No such training point; a point twice in one batch; a batch of none; no training points.
    refusal(|case| case["batches"] = json!([[0], [2]]));
    refusal(|case| {
        case["batch_size"] = json!(2);
        case["batches"] = json!([[0, 0], [0, 1]]);
    });
    refusal(|case| {
        case["batch_size"] = json!(0);
        case["batches"] = json!([[], []]);
    });
    refusal(|case| {
        case["train_points"] = json!(0);
        case["batches"] = json!([]);
    });
    let message =
        refusal(|case| case["landscape"]["datapoints"][1][0]["exponents"] = json!([2, 0]));
    assert_mentions(&message, &["datapoint 1", "2 exponents", "dimension 1"]);
    let message = refusal(|case| case["landscape"]["theta0"] = json!(["3", "1"]));
    assert_mentions(&message, &["1 weights", "2"]);
    let message = refusal(|case| case["landscape"]["datapoints"] = json!([]));
    assert_mentions(&message, &["case parabola"]);
    let message = refusal(|case| case["series"]["test_loss"] = json!(["5"]));
    assert_mentions(&message, &["order 1 needs 2 numbers, not 1"]);
    let message = refusal(|case| {
        case["series"] = json!({"displacement": [["0", "-6"], ["0", "-6"]]});
    });
    assert_mentions(&message, &["2 component(s)", "1 expected"]);
    let message = refusal(|case| case["batches"] = json!([]));
    assert_mentions(&message, &["case parabola", "no columns"]);
}
