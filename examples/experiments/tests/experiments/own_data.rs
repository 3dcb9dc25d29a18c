//! Data files of a user's on the command line.

use std::fmt::Write;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

/// Four images of the classes 3, 0, 1 and 2, with pixels from 0 to 250.
fn pixel(image: usize, at: usize) -> usize {
    (31 * image + at * at) % 251
}

const CLASSES: [u8; 4] = [3, 0, 1, 2];

/// The images as a table, with the class in a column `digit`.
fn table() -> String {
    let mut text = String::from("digit");
    for at in 0..784 {
        write!(text, ",pixel {at}").unwrap();
    }
    for (image, class) in CLASSES.iter().enumerate() {
        write!(text, "\n{class}").unwrap();
        for at in 0..784 {
            write!(text, ",{}", pixel(image, at)).unwrap();
        }
    }
    text
}

/// The same images as the official files.
fn write_folder(folder: &Path) {
    let mut images = vec![];
    for number in [0x0803_u32, 4, 28, 28] {
        images.extend(number.to_be_bytes());
    }
    for image in 0..4 {
        images.extend((0..784).map(|at| pixel(image, at) as u8));
    }
    let mut labels = vec![0, 0, 8, 1, 0, 0, 0, 4];
    labels.extend(CLASSES);
    std::fs::write(folder.join("train-images-idx3-ubyte"), images).unwrap();
    std::fs::write(folder.join("train-labels-idx1-ubyte"), labels).unwrap();
}

fn run(name: &str, folder: &Path, arguments: &str) -> Output {
    let mut command = crate::program(name);
    command.current_dir(folder).args(arguments.split(' '));
    command.output().expect("the program starts")
}

/// What a program prints.
fn printed(name: &str, folder: &Path, arguments: &str) -> String {
    let output = run(name, folder, arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The message of a program that refuses its arguments.
fn refusal(name: &str, folder: &Path, arguments: &str) -> String {
    let output = run(name, folder, arguments);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A table has the same values as the official files. A factor of 1/255 and a division by 255 round differently, by less than 2^-52; a first-order value
/// is a sum of squares of a few thousand such numbers.
#[test]
fn a_table_is_as_good_as_the_official_files() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path());
    std::fs::write(folder.path().join("table.csv"), table()).unwrap();
    let values = |data: &str| -> Vec<f64> {
        let arguments = format!(
            "--landscape fashion-logistic --images 4 --order 1 --format json --data {data}"
        );
        let text = printed("values", folder.path(), &arguments);
        let entries: Vec<Value> = serde_json::from_str(&text).unwrap();
        entries
            .iter()
            .map(|entry| entry["value"].as_f64().unwrap())
            .collect()
    };
    let (official, own) = (values("."), values("table.csv --label digit --scale 1/255"));
    assert_eq!(official.len(), own.len());
    for (a, b) in official.iter().zip(&own) {
        assert!((a - b).abs() <= 1e-11 * a.abs().max(1.0), "{a} {b}");
    }
    assert_ne!(values("table.csv --label digit"), own);
}

#[test]
fn results_record_the_standardization() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("table.csv"), table()).unwrap();
    let quick = "--landscape fashion-logistic --population 4 --train 2 --order 1 --trials 16 --points 2 --out out";
    let arguments = format!("{quick} --data table.csv --label 0 --standardize");
    printed("learning_curve", folder.path(), &arguments);
    let json = std::fs::read_dir(folder.path().join("out")).unwrap();
    let json = json.map(|entry| entry.unwrap().path());
    let json = json.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let text = std::fs::read_to_string(json.last().unwrap()).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    let means = record["standardization"]["means"].as_array().unwrap();
    assert_eq!(means.len(), 784);
    // A mean of four integers is exact, but for the roundings of Welford's recursion.
    let mean = (0..4).map(|image| pixel(image, 5)).sum::<usize>() as f64 / 4.0;
    assert!((means[5].as_f64().unwrap() - mean).abs() < 1e-12);
    assert_eq!(record["arguments"]["standardize"], true);
    assert_eq!(record["arguments"]["label"], "0");
}

/// The moments are beside the values, and nothing else is new: without standardization they are an array.
#[test]
fn values_and_throughput_record_the_standardization() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("table.csv"), table()).unwrap();
    let mean = (0..4).map(|image| pixel(image, 5)).sum::<usize>() as f64 / 4.0;
    let data = "--landscape fashion-logistic --data table.csv --label 0 --format json";
    for (program, size) in [
        ("values", "--images 4 --order 1"),
        ("throughput", "--population 4 --seconds 0.02"),
    ] {
        let arguments = format!("{data} {size}");
        let plain: Value =
            serde_json::from_str(&printed(program, folder.path(), &arguments)).unwrap();
        let text = printed(
            program,
            folder.path(),
            &format!("{arguments} --standardize"),
        );
        let record: Value = serde_json::from_str(&text).unwrap();
        let means = record["standardization"]["means"].as_array().unwrap();
        assert_eq!(means.len(), 784);
        assert!((means[5].as_f64().unwrap() - mean).abs() < 1e-12);
        assert_eq!(record.get("warnings"), None);
        if program == "values" {
            let (array, standardized) = (plain.as_array().unwrap(), &record["values"]);
            assert_eq!(standardized.as_array().unwrap().len(), array.len());
            assert_eq!(standardized[1]["diagram"], array[1]["diagram"]);
        } else {
            assert_eq!(plain.get("standardization"), None);
            assert_eq!(plain["weights"], record["weights"]);
        }
    }
}

/// A file of CIFAR-10 or CIFAR-100 with the labels i mod 10, or i mod 20 and 3 i mod 100.
fn cifar(images: usize, labels: usize) -> Vec<u8> {
    let record = |image: usize| {
        let labels: &[u8] = match labels {
            1 => &[(image % 10) as u8],
            _ => &[(image % 20) as u8, (3 * image % 100) as u8],
        };
        let pixels = (0..3072).map(move |at| pixel(image, at) as u8);
        labels.iter().copied().chain(pixels).collect::<Vec<u8>>()
    };
    (0..images).flat_map(record).collect()
}

/// The number of classes of a network chooses the labels, and the contents decide what a file is: folders and files, whatever they are called.
#[test]
fn both_cifars_are_read_by_their_contents() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, file, bytes) in [
        ("ten", "data_batch_1.bin", cifar(12, 1)),
        ("hundred", "train.bin", cifar(25, 2)),
        ("misnamed", "data_batch_1.bin", cifar(25, 2)),
    ] {
        std::fs::create_dir(at(name)).unwrap();
        std::fs::write(at(name).join(file), bytes).unwrap();
    }
    let arguments = |classes: usize, program: &str, data: &str| {
        let size = match program {
            "values" => "--images 3 --order 0",
            _ => "--population 3 --seconds 0.02",
        };
        format!("{size} --format json --data {data} --network")
            .split(' ')
            .map(String::from)
            .chain([format!(
                "input(3, 32, 32) -> avg_pool(16) -> dense({classes}) -> cross_entropy"
            )])
            .collect::<Vec<String>>()
    };
    let run = |classes, program: &str, data| {
        let mut command = crate::program(program);
        command.current_dir(folder.path());
        command
            .args(arguments(classes, program, data))
            .output()
            .expect("the program starts")
    };
    for program in ["values", "throughput"] {
        for (classes, data) in [
            (10, "ten"),
            (10, "ten/data_batch_1.bin"),
            (20, "hundred"),
            (100, "hundred"),
            (100, "hundred/train.bin"),
            (20, "misnamed"),
            (20, "misnamed/data_batch_1.bin"),
        ] {
            let output = run(classes, program, data);
            assert!(output.status.success(), "{classes} {data} {output:?}");
        }
        for (classes, data, found) in [
            (10, "hundred", "CIFAR-100, which has 20 or 100 classes"),
            (10, "misnamed", "CIFAR-100, which has 20 or 100 classes"),
            (
                10,
                "hundred/train.bin",
                "CIFAR-100, which has 20 or 100 classes",
            ),
            (20, "ten", "CIFAR-10, which has 10 classes"),
            (
                100,
                "ten/data_batch_1.bin",
                "CIFAR-10, which has 10 classes",
            ),
        ] {
            let output = run(classes, program, data);
            let message = String::from_utf8(output.stderr).unwrap();
            let expected = format!("--data {data}: this is {found}, and ");
            assert!(message.contains(&expected), "{message}");
            assert!(
                message.contains(&format!("has {classes} classes")),
                "{message}"
            );
        }
    }
    // The values of the fine labels are those of other datapoints than those of the coarse ones.
    let loss = |classes| {
        let output = run(classes, "values", "hundred");
        let entries: Value = serde_json::from_slice(&output.stdout).unwrap();
        entries[0]["value"].as_f64().unwrap()
    };
    assert!(loss(20) != loss(100));
}

#[test]
fn files_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_folder(folder.path());
    std::fs::write(folder.path().join("table.csv"), table()).unwrap();
    std::fs::write(folder.path().join("one.csv"), "0.5\n-1\n2\n").unwrap();
    for (arguments, mentions) in [
        ("--data table.csv", vec!["table.csv", "label", "`digit`"]),
        (
            "--data table.csv --label number",
            vec!["`number`", "`digit`", "`pixel 3`"],
        ),
        (
            "--data table.csv --label digit --landscape cifar-logistic",
            vec!["table.csv", "784 features", "3082"],
        ),
        ("--data . --standardize", vec!["--standardize", "--data"]),
        ("--label digit", vec!["--data"]),
        (
            "--data table.csv --label digit --scale one",
            vec!["--scale", "one"],
        ),
        (
            "--data table.csv --label digit --scale 1/0",
            vec!["scale", "inf"],
        ),
        (
            "--data table.csv --landscape gaussian-fit",
            vec!["785 features", "gaussian-fit", "1 numbers"],
        ),
        (
            "--data one.csv --label 0 --landscape gaussian-fit",
            vec!["gaussian-fit", "--label"],
        ),
    ] {
        for program in ["values", "throughput"] {
            let message = refusal(program, folder.path(), arguments);
            for mention in &mentions {
                assert!(
                    message.contains(mention),
                    "{program} {arguments}: {message}"
                );
            }
        }
    }
    // A landscape without labels takes numbers.
    let small = "--landscape gaussian-fit --images 3 --order 1 --format json --data one.csv";
    printed("values", folder.path(), small);
    let many = small.replace("--images 3", "--images 4");
    assert!(refusal("values", folder.path(), &many).contains("--images 4 is more than the 3"));
}
