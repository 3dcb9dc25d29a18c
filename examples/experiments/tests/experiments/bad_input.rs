//! Gives the programs bad files and bad parameters, as a user does: each is refused with a message that says which file and byte, or which
//! parameter, and nothing is left behind.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

const IMAGES: &str = "train-images-idx3-ubyte";
const LABELS: &str = "train-labels-idx1-ubyte";
const IMAGES_MAGIC: u32 = 0x0803;
const LABELS_MAGIC: u32 = 0x0801;
/// Weights of fashion-logistic.
const WEIGHTS: usize = 7850;

/// A program that takes learning rates, weights or data.
#[derive(Clone, Copy)]
enum Program {
    Values,
    LearningCurve,
    Throughput,
}

impl Program {
    const ALL: [Program; 3] = [Program::Values, Program::LearningCurve, Program::Throughput];
    /// Those that look at diagrams, at weights from a file.
    const BOTH: [Program; 2] = [Program::Values, Program::LearningCurve];

    fn name(self) -> &'static str {
        match self {
            Program::Values => "values",
            Program::LearningCurve => "learning_curve",
            Program::Throughput => "throughput",
        }
    }

    /// Arguments for a quick run on fashion-logistic, to which others may be appended.
    fn quick(self) -> &'static [&'static str] {
        match self {
            Program::Values => &["--images", "4", "--order", "1", "--format", "json"],
            Program::LearningCurve => &[
                "--population",
                "4",
                "--train",
                "2",
                "--order",
                "1",
                "--trials",
                "16",
                "--points",
                "2",
            ],
            Program::Throughput => &["--population", "4", "--seconds", "0.02"],
        }
    }

    fn run(self, arguments: &[&str]) -> Ran {
        let place = tempfile::tempdir().expect("a folder");
        let out = place.path().join("out");
        let mut command = crate::program(self.name());
        command.current_dir(place.path()).args(arguments);
        // An argument of the test's own comes first.
        if matches!(self, Program::LearningCurve) && !arguments.contains(&"--out") {
            command.arg("--out").arg(&out);
        }
        let output = command.output().expect("the program starts");
        Ran {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
            left: listing(place.path()),
        }
    }

    /// Runs something that must be refused, with all of `mentions` in the message.
    fn refuses(self, arguments: &[&str], mentions: &[&str]) {
        let ran = self.run(arguments);
        let all = format!("{arguments:?}\n{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.status, Some(2), "{all}");
        assert!(ran.stderr.starts_with("error: "), "{all}");
        assert!(!ran.stderr.contains("panicked"), "{all}");
        for mention in mentions {
            assert!(
                ran.stderr.contains(mention),
                "{mention:?} is not in the message for {all}"
            );
        }
        if !matches!(self, Program::LearningCurve) {
            assert_eq!(ran.stdout, "", "{all}");
        }
        assert!(ran.left.is_empty(), "{:?} left after {all}", ran.left);
    }
}

/// What a run did.
struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
    /// Files in the folder where it ran.
    left: Vec<PathBuf>,
}

/// All files in a folder and its folders.
fn listing(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| {
            if path.is_dir() {
                listing(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Big-endian numbers, then bytes.
fn idx(header: &[u32], bytes: &[u8]) -> Vec<u8> {
    header
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .chain(bytes.iter().copied())
        .collect()
}

fn images(count: u32) -> Vec<u8> {
    let pixels: Vec<u8> = (0..count * 28 * 28).map(|at| (at % 251) as u8).collect();
    idx(&[IMAGES_MAGIC, count, 28, 28], &pixels)
}

fn labels(labels: &[u8]) -> Vec<u8> {
    idx(&[LABELS_MAGIC, labels.len() as u32], labels)
}

/// The contents as a gzip file, in stored blocks.
fn gzip(contents: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = contents.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        file.push(u8::from(blocks.peek().is_none()));
        let length = block.len() as u16;
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend(block);
    }
    let crc = contents.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    });
    file.extend((!crc).to_le_bytes());
    file.extend((contents.len() as u32).to_le_bytes());
    file
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).expect("written");
    }
    dir
}

/// Both programs refuse the folder's data.
fn data_refused(files: &[(&str, &[u8])], mentions: &[&str]) {
    let dir = folder(files);
    for program in Program::BOTH {
        let arguments = [
            program.quick(),
            &[
                "--landscape",
                "fashion-logistic",
                "--data",
                text(dir.path()),
            ],
        ]
        .concat();
        program.refuses(&arguments, mentions);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A file of weights.
fn theta(weights: &[f64]) -> (TempDir, PathBuf) {
    let bytes: Vec<u8> = weights.iter().flat_map(|w| w.to_le_bytes()).collect();
    let dir = folder(&[("theta.bin", &bytes)]);
    let path = dir.path().join("theta.bin");
    (dir, path)
}

/// Both programs refuse the file of weights.
fn theta_refused(file: &Path, mentions: &[&str]) {
    for program in Program::BOTH {
        let arguments = [
            program.quick(),
            &["--landscape", "fashion-logistic", "--theta", text(file)],
        ]
        .concat();
        program.refuses(&arguments, mentions);
    }
}

#[test]
fn good_input_is_accepted() {
    let (plain, compressed) = (images(4), gzip(&images(4)));
    let answers = labels(&[0, 1, 2, 3]);
    let (_theta_dir, weights) = theta(&vec![0.5; WEIGHTS]);
    let dirs = [
        folder(&[(IMAGES, &plain), (LABELS, &answers)]),
        folder(&[
            ("train-images-idx3-ubyte.gz", &compressed),
            (LABELS, &answers),
        ]),
    ];
    for program in Program::BOTH {
        let outputs: Vec<String> = dirs
            .iter()
            .map(|dir| {
                let input = [
                    "--landscape",
                    "fashion-logistic",
                    "--data",
                    text(dir.path()),
                    "--theta",
                    text(&weights),
                ];
                let ran = program.run(&[program.quick(), &input].concat());
                assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
                assert_eq!(ran.stderr, "");
                let files = match program {
                    Program::Values | Program::Throughput => 0,
                    Program::LearningCurve => 3,
                };
                assert_eq!(ran.left.len(), files, "{:?}", ran.left);
                ran.stdout
            })
            .collect();
        if matches!(program, Program::Values) {
            assert_eq!(outputs[0], outputs[1]);
            let entries: Vec<serde_json::Value> =
                serde_json::from_str(&outputs[0]).expect("a JSON array");
            let diagrams: Vec<_> = entries.iter().map(|e| e["diagram"].as_str()).collect();
            assert_eq!(
                diagrams,
                [Some("()(0)"), Some("(01)(01)"), Some("(01)(0-1)")]
            );
            // Ten equal logits.
            let loss = entries[0]["value"].as_f64().expect("a number");
            assert!((loss - 10f64.ln()).abs() < 1e-12, "{loss}");
        }
    }
}

#[test]
fn truncated_images_are_refused() {
    let (mut cut, answers) = (images(4), labels(&[0, 1, 2, 3]));
    cut.truncate(1000);
    data_refused(
        &[(IMAGES, &cut), (LABELS, &answers)],
        &[IMAGES, "byte 1000", "3152 bytes"],
    );
    cut.truncate(9);
    data_refused(
        &[(IMAGES, &cut), (LABELS, &answers)],
        &[IMAGES, "byte 9", "header"],
    );
    data_refused(&[(IMAGES, &[]), (LABELS, &answers)], &[IMAGES, "byte 0"]);
}

#[test]
fn truncated_labels_are_refused() {
    let mut cut = labels(&[0, 1, 2, 3]);
    cut.truncate(10);
    data_refused(
        &[(IMAGES, &images(4)), (LABELS, &cut)],
        &[LABELS, "byte 10", "12 bytes"],
    );
}

#[test]
fn other_kinds_of_files_are_refused() {
    let answers = labels(&[0, 1, 2, 3]);
    data_refused(
        &[(IMAGES, &answers), (LABELS, &answers)],
        &[IMAGES, "byte 0", "0x00000801", "0x00000803"],
    );
    let picture = idx(&[0x8950_4e47, 4, 28, 28], &[0; 3136]);
    data_refused(
        &[(IMAGES, &picture), (LABELS, &answers)],
        &[IMAGES, "0x89504e47"],
    );
}

#[test]
fn compressed_files_cut_short_are_refused() {
    let (mut cut, answers) = (gzip(&images(4)), labels(&[0, 1, 2, 3]));
    cut.truncate(cut.len() / 2);
    let name = "train-images-idx3-ubyte.gz";
    data_refused(
        &[(name, &cut), (LABELS, &answers)],
        &[name, "byte 1", "gzip"],
    );
    data_refused(
        &[(name, b"not gzip"), (LABELS, &answers)],
        &[name, "byte 0"],
    );
}

#[test]
fn labels_that_are_no_class_are_refused() {
    data_refused(
        &[(IMAGES, &images(4)), (LABELS, &labels(&[0, 1, 10, 3]))],
        &[LABELS, "byte 10", "label 10"],
    );
}

#[test]
fn images_and_labels_that_do_not_match_are_refused() {
    data_refused(
        &[(IMAGES, &images(4)), (LABELS, &labels(&[0, 1, 2]))],
        &[IMAGES, LABELS, "3 labels", "4 images"],
    );
}

#[test]
fn files_without_images_are_refused() {
    data_refused(
        &[(IMAGES, &images(0)), (LABELS, &labels(&[]))],
        &[IMAGES, "byte 4", "no images"],
    );
}

#[test]
fn images_of_another_size_are_refused() {
    let small = idx(&[IMAGES_MAGIC, 4, 3, 3], &[0; 36]);
    data_refused(
        &[(IMAGES, &small), (LABELS, &labels(&[0, 1, 2, 3]))],
        &[IMAGES, "3 x 3", "28 x 28"],
    );
}

#[test]
fn folders_without_data_are_refused() {
    data_refused(&[], &[IMAGES, "looked for"]);
    data_refused(&[(IMAGES, &images(4))], &[LABELS, "looked for"]);
    for program in Program::BOTH {
        program.refuses(&["--data", "/nowhere/at all"], &["/nowhere/at all"]);
        program.refuses(
            &["--landscape", "cifar-logistic", "--data", "/nowhere"],
            &["/nowhere", "data_batch_1.bin"],
        );
        program.refuses(&["--landscape", "cifar-lenet"], &["cifar-lenet", "--data"]);
        program.refuses(
            &["--landscape", "gaussian-fit", "--data", "/nowhere"],
            &["gaussian-fit", "/nowhere"],
        );
    }
}

#[test]
fn weights_of_another_length_are_refused() {
    let (_dir, short) = theta(&vec![0.5; WEIGHTS - 1]);
    theta_refused(&short, &["theta.bin", "62792 bytes", "7850 weights"]);
    let (_dir, long) = theta(&vec![0.5; WEIGHTS + 1]);
    theta_refused(&long, &["theta.bin", "62808 bytes", "7850 weights"]);
    let (_dir, empty) = theta(&[]);
    theta_refused(&empty, &["theta.bin", "0 bytes", "7850 weights"]);
    let broken = folder(&[("theta.bin", &vec![0; 8 * WEIGHTS + 3])]);
    theta_refused(
        &broken.path().join("theta.bin"),
        &["theta.bin", "62803 bytes"],
    );
    theta_refused(&broken.path().join("other.bin"), &["other.bin"]);
    theta_refused(broken.path(), &[text(broken.path())]);
}

#[test]
fn weights_that_are_no_numbers_are_refused() {
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut weights = vec![0.5; WEIGHTS];
        weights[7] = wrong;
        let (_dir, file) = theta(&weights);
        theta_refused(&file, &["theta.bin", "0.weight[0, 7]", "finite"]);
    }
}

#[test]
fn weights_too_large_for_a_finite_loss_are_refused() {
    let (_dir, file) = theta(&vec![f64::MAX; WEIGHTS]);
    let arguments = ["--landscape", "fashion-logistic", "--theta", text(&file)];
    Program::Values.refuses(
        &[Program::Values.quick(), &arguments].concat(),
        &["not finite"],
    );
}

#[test]
fn populations_that_cannot_be_are_refused() {
    Program::Values.refuses(&["--images", "0"], &["--images 0"]);
    Program::Values.refuses(&["--images", "2001"], &["--images 2001", "2000"]);
    Program::Values.refuses(&["--images", "-1"], &["-1"]);
    Program::LearningCurve.refuses(&["--population", "0"], &["--population 0"]);
    Program::LearningCurve.refuses(&["--population", "2001"], &["--population 2001", "2000"]);
    Program::Throughput.refuses(&["--population", "2001"], &["--population 2001", "2000"]);
    let dir = folder(&[(IMAGES, &images(4)), (LABELS, &labels(&[0, 1, 2, 3]))]);
    let data = text(dir.path());
    Program::Values.refuses(
        &["--data", data, "--images", "5"],
        &["--images 5", "4", data],
    );
    Program::LearningCurve.refuses(
        &["--data", data, "--population", "5"],
        &["--population 5", "4", data],
    );
}

#[test]
fn landscapes_that_do_not_exist_are_refused_with_the_names_of_those_that_do() {
    for program in Program::ALL {
        program.refuses(
            &["--landscape", "lenet"],
            &[
                "--landscape",
                "\"lenet\"",
                "fashion-logistic",
                "fashion-lenet",
                "cifar-logistic",
                "cifar-lenet",
                "gaussian-fit",
            ],
        );
    }
}

#[test]
fn options_that_do_not_exist_are_refused() {
    for program in Program::ALL {
        program.refuses(&["--momentum", "0.9"], &["--momentum"]);
        program.refuses(&["stray"], &["stray"]);
        program.refuses(&["--threads", "1000000"], &["--threads 1000000"]);
    }
    for program in Program::BOTH {
        program.refuses(&["--order"], &["--order"]);
        program.refuses(&["--order", "three"], &["--order", "three"]);
    }
    Program::Values.refuses(
        &["--reading", "both"],
        &["--reading", "population", "sample"],
    );
}

#[test]
fn orders_that_take_too_long_are_refused() {
    for order in ["6", "12", "200", "18446744073709551615"] {
        for program in Program::BOTH {
            program.refuses(&["--order", order], &["order", order]);
        }
    }
}

#[test]
fn schedules_that_cannot_be_are_refused() {
    for program in [Program::LearningCurve, Program::Throughput] {
        let refuses = |arguments: &[&str], mentions: &[&str]| program.refuses(arguments, mentions);
        refuses(&["--train", "10", "--batch", "3"], &["3", "10"]);
        refuses(&["--train", "10", "--batch", "11"], &["11", "10"]);
        refuses(&["--train", "0"], &["--train 0"]);
        refuses(&["--batch", "0"], &["--batch 0"]);
        refuses(&["--epochs", "0"], &["--epochs 0"]);
    }
    Program::LearningCurve.refuses(&["--trials", "0"], &["--trials 0"]);
    Program::Throughput.refuses(&["--steps", "0"], &["--steps 0"]);
    Program::Throughput.refuses(&["--steps", "9", "--epochs", "2"], &["--steps", "--epochs"]);
}

#[test]
fn measurements_that_cannot_be_are_refused() {
    let refuses = |argument: &str, mentions: &[&str]| {
        Program::Throughput.refuses(&[argument], mentions);
    };
    for seconds in ["0", "-1", "NaN", "inf", "1e9"] {
        refuses(&format!("--seconds={seconds}"), &["--seconds"]);
    }
    refuses("--test-points=1", &["1 test points", "2000"]);
    refuses("--test-points=2001", &["2001 test points", "2000"]);
    refuses("--test-points=most", &["--test-points", "most", "all"]);
    refuses("--precision=f16", &["--precision", "f16", "f32", "f64"]);
}

#[test]
fn throughput_is_one_object_with_averages_of_what_was_run() {
    let more = ["--landscape", "fashion-logistic", "--test-points", "all"];
    let rates = [
        "--eta",
        "0.1,1e38",
        "--scaling",
        "--threads",
        "2",
        "--format",
        "json",
    ];
    let ran = Program::Throughput.run(&[Program::Throughput.quick(), &more, &rates].concat());
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stderr, "");
    let object: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let number = |name: &str| object[name].as_f64().expect("a number");
    assert_eq!((number("threads"), number("steps")), (2.0, 10.0));
    // The rate and the time of a trial are the same number: two learning rates of ten updates.
    let rate = number("trial_steps_per_second");
    assert!((rate * number("trial_seconds") / 20.0 - 1.0).abs() < 1e-12);
    // Ten gradients and four losses of 7,850 weights (10 of them biases), a multiply and an add for each weight in a loss and twice in a gradient.
    assert_eq!(
        number("trial_flops"),
        2.0 * (10.0 * 4.0 + 4.0 * 2.0) * 7840.0
    );
    assert!(object["instruction_set"].is_string());
    let [gentle, wild] = [0, 1].map(|at| &object["rates"][at]);
    assert_eq!(gentle["diverged"], 0);
    assert!(gentle["test_loss"]["mean"].as_f64().expect("a number") > 0.0);
    assert!(gentle["test_loss"]["trials"].as_f64() >= Some(number("trials")));
    assert_eq!(wild["diverged"], object["diverged"]);
    assert!(wild["diverged"].as_f64() > Some(0.0));
    let scaling = object["scaling"].as_array().expect("an array");
    assert_eq!(scaling.len(), 2);
    assert_eq!(scaling[0]["speed_up"]["median"], 1.0);
}

#[test]
fn learning_rates_that_are_not_positive_are_refused() {
    for rate in ["0", "-0.5", "NaN", "inf", "-inf", "1e400"] {
        let argument = format!("--eta-max={rate}");
        Program::LearningCurve.refuses(&[&argument], &["--eta-max"]);
        let argument = format!("--eta=0.1,{rate}");
        Program::Throughput.refuses(&[&argument], &["learning rate"]);
    }
    Program::Throughput.refuses(&["--eta", "fast"], &["--eta", "fast"]);
    Program::LearningCurve.refuses(&["--eta-max", "fast"], &["--eta-max", "fast"]);
}

#[test]
fn readings_that_cannot_be_are_refused() {
    let refuses = |arguments: &[&str], mentions: &[&str]| {
        Program::Values.refuses(arguments, mentions);
    };
    let small = ["--landscape", "gaussian-fit", "--images", "40"];
    let sample = [&small[..], &["--reading", "sample"]].concat();
    refuses(&[&sample[..], &["--blocks", "1"]].concat(), &["--blocks 1"]);
    // Four distinct datapoints in a block of two.
    refuses(
        &[&sample[..], &["--blocks", "20"]].concat(),
        &["40", "20", "4 distinct"],
    );
    refuses(&[&sample[..], &["--blocks", "41"]].concat(), &["40", "41"]);
    for budget in ["0", "-1", "NaN", "inf"] {
        let argument = format!("--budget={budget}");
        refuses(&[&small[..], &[argument.as_str()]].concat(), &["--budget"]);
        let argument = format!("--seconds={budget}");
        refuses(&[&small[..], &[argument.as_str()]].concat(), &["--seconds"]);
    }
    refuses(
        &[&small[..], &["--budget", "1", "--seconds", "1"]].concat(),
        &["--budget", "--seconds"],
    );
    refuses(
        &["--images", "16", "--method", "dense"],
        &["tensors", "limit", "passes"],
    );
    refuses(
        &[&small[..], &["--budget", "1"]].concat(),
        &["budget of 1", "least"],
    );
}

#[test]
fn output_folders_that_cannot_be_written_are_refused() {
    let dir = folder(&[("file", b"precious"), ("learning_curve.csv", b"precious")]);
    let file = dir.path().join("file");
    let quick = Program::LearningCurve.quick();
    for out in [
        file.clone(),
        file.join("below"),
        dir.path().join("missing").join("below"),
        dir.path().to_path_buf(),
    ] {
        let arguments = [quick, &["--out", text(&out)]].concat();
        Program::LearningCurve.refuses(&arguments, &[text(&out)]);
        let mut left = listing(dir.path());
        left.sort();
        assert_eq!(left, [file.clone(), dir.path().join("learning_curve.csv")]);
        for path in left {
            assert_eq!(std::fs::read(path).expect("still there"), b"precious");
        }
    }
}

#[test]
fn options_without_effect_are_refused() {
    Program::Values.refuses(&["--blocks", "4"], &["--blocks", "--reading sample"]);
}

#[test]
fn numbers_out_of_all_proportion_are_refused() {
    for program in Program::ALL {
        program.refuses(&["--threads", "4096"], &["--threads 4096", "1024"]);
        program.refuses(&["--seed", "-1"], &["invalid value '-1'", "--seed"]);
    }
    Program::LearningCurve.refuses(&["--budget", "inf"], &["--budget inf", "finite"]);
}

/// The cost model says how long it will take, and more than an hour must be asked for.
#[test]
fn days_of_work_are_not_begun_without_being_asked_for() {
    Program::Values.refuses(
        &["--images", "2000", "--order", "5"],
        &["would take about", "--long", "--budget", "--seconds"],
    );
}

#[cfg(unix)]
#[test]
fn paths_that_cannot_be_recorded_are_refused_before_anything_is_computed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    for program in Program::BOTH {
        program.refuses(&["--data", "a\x1b[31mfile"], &["control character"]);
        let place = tempfile::tempdir().expect("a folder");
        let mut command = crate::program(program.name());
        command.current_dir(place.path()).args(program.quick());
        let output = command
            .arg("--data")
            .arg(OsStr::from_bytes(b"a\xfffile"))
            .output()
            .expect("it starts");
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("UTF-8"), "{said}");
        assert!(listing(place.path()).is_empty());
    }
}

#[test]
fn plans_are_json_if_that_is_asked_for() {
    let ran = Program::Values.run(&["--images", "8", "--plan", "--format", "json"]);
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let plan: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert!(plan["seconds"].as_f64() > Some(0.0));
    assert!(!plan["steps"].as_array().expect("an array").is_empty());
}

#[test]
fn programs_say_their_own_names_and_what_their_statuses_mean() {
    for name in [
        "values",
        "learning_curve",
        "throughput",
        "inspect",
        "exact_series",
    ] {
        let said = |option: &str| {
            let output = crate::program(name).arg(option).output();
            String::from_utf8(output.expect("it starts").stdout).expect("UTF-8")
        };
        let version = said("--version");
        assert!(version.starts_with(&format!("{name} ")), "{version}");
        let help = said("--help");
        assert!(
            help.contains("Exit status: 0") && help.contains("Examples:"),
            "{help}"
        );
    }
}

/// Where there is no place for the results, they are not lost.
#[cfg(unix)]
#[test]
fn results_without_a_place_are_kept_elsewhere() {
    let place = tempfile::tempdir().expect("a folder");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let programs = crate::program("learning_curve");
    // No file may be longer than 4 blocks, so that the results cannot be written, neither there nor elsewhere.
    let output = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""])
        .arg(programs.get_program())
        .arg("learning_curve")
        .args("--population 4 --train 2 --order 1 --trials 16 --points 40 --landscape gaussian-fit --out out".split(' '))
        .current_dir(place.path())
        .env("TMPDIR", elsewhere.path())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("the results are on standard output"),
        "{said}"
    );
    let printed = String::from_utf8_lossy(&output.stdout);
    let json = &printed[printed.find("\n{\n").expect("an object")..];
    let results: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(results["curve"].as_array().expect("an array").len(), 40);
}
