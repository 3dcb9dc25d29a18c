//! Values that are saved come back as the same bits, and only for what they are of.

use std::fs;

use diagram_calculus::value_class::ValueClass;
use diagram_runtime::derivatives::{Derivatives, PointDerivatives};
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscapes::{L2, L2Coefficient, Polynomial};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::samples::Samples;
use diagram_runtime::values::{Options, SavedError, Values, evaluate};

const ORIGIN: [f64; 2] = [0.0, 0.0];

/// A scalar of order 3 and a displacement of order 2.
fn program() -> Interpreted {
    let class = |nodes, edges: &[_], parts: &[_], open| {
        ValueClass::from_edges(nodes, edges, parts, open).expect("a class")
    };
    Interpreted::new(&[
        class(4, &[(0, 1), (0, 2), (0, 3)], &[0, 1, 1, 2], None),
        class(2, &[(0, 1)], &[0, 1], Some(0)),
    ])
}

/// A function of two weights that is not symmetric in them, with derivatives of every order at the origin.
fn landscape() -> Polynomial {
    let powers = [[1, 0], [0, 1], [2, 0], [1, 1], [0, 3], [2, 1]];
    Polynomial::new(2, powers.map(Vec::from).to_vec()).expect("monomials")
}

fn samples() -> Samples<f64> {
    let coefficients = (0..6 * 40).map(|i| f64::from(i * i % 17) / 7.0 - 1.1);
    Samples::new(6, coefficients.collect()).expect("rows of six")
}

fn values(derivatives: &dyn Derivatives<f64>, options: &Options) -> Values<f64> {
    evaluate(&program(), derivatives, options).expect("values")
}

#[test]
fn the_same_bits_come_back() {
    let (landscape, samples) = (landscape(), samples());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("values.json");
    let at = PointDerivatives::new(&landscape, &ORIGIN, &samples).expect("derivatives");
    for options in [
        Options::population(),
        Options::sample(8),
        Options::population().with_budget(20_000.0, 3),
    ] {
        let values = values(&at, &options);
        values.save(&file, &at).expect("a file");
        assert_eq!(Values::load(&file, &at).expect("values"), values);
    }
}

#[test]
fn single_precision_is_not_double_precision() {
    let (landscape, samples) = (landscape(), samples());
    let single = samples.map(|&x| x as f32);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("values.json");
    let at = PointDerivatives::new(&landscape, &ORIGIN, &samples).expect("derivatives");
    let coarse = PointDerivatives::new(&landscape, &[0.0_f32; 2], &single).expect("derivatives");
    let values: Values<f32> =
        evaluate(&program(), &coarse, &Options::population()).expect("values");
    values.save(&file, &coarse).expect("a file");
    assert_eq!(Values::load(&file, &coarse).expect("values"), values);
    let error = Values::load(&file, &at).expect_err("another type");
    assert!(
        error
            .to_string()
            .ends_with("has values in f32, but they are read as f64"),
        "{error}"
    );
}

/// Each differs from what was saved in one thing alone. At the origin a penalty has neither a value nor a slope, and a learning rate does not change the loss.
#[test]
fn values_of_something_else_are_refused() {
    let (landscape, samples) = (landscape(), samples());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("values.json");
    let at = PointDerivatives::new(&landscape, &ORIGIN, &samples).expect("derivatives");
    values(&at, &Options::population())
        .save(&file, &at)
        .expect("a file");

    let refused = |other: &dyn Derivatives<f64>, expected: &str| match Values::load(&file, other) {
        Err(SavedError::Foreign { what, .. }) => assert!(what.contains(expected), "{what}"),
        other => panic!("{other:?} instead of {expected}"),
    };
    let few = samples.first(39);
    let fewer = PointDerivatives::new(&landscape, &ORIGIN, &few).expect("derivatives");
    refused(&fewer, "40 datapoints there, and 39 here");
    let elsewhere = PointDerivatives::new(&landscape, &[0.0, 1e-6], &samples).expect("derivatives");
    refused(&elsewhere, "the mean loss");
    let mut numbers = samples.rows(0..40).to_vec();
    numbers[7] += 1e-6;
    let changed = Samples::new(6, numbers).expect("rows of six");
    let changed = PointDerivatives::new(&landscape, &ORIGIN, &changed).expect("derivatives");
    refused(&changed, "the mean gradient");
    let penalized = L2 {
        landscape: self::landscape(),
        coefficient: L2Coefficient::Constant(1e-6),
    };
    let penalized = PointDerivatives::new(&penalized, &ORIGIN, &samples).expect("derivatives");
    refused(&penalized, "the mean second derivative");
    let rate = LearningRate::diagonal(vec![1.0, 1.0 + 1e-6]).expect("a learning rate");
    let preconditioned = rate.on(&at).expect("two weights");
    refused(&preconditioned, "the mean");
}

#[test]
fn damaged_and_foreign_files_are_refused() {
    let (landscape, samples) = (landscape(), samples());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("values.json");
    let at = PointDerivatives::new(&landscape, &ORIGIN, &samples).expect("derivatives");
    let load = || Values::load(&file, &at);
    assert!(matches!(load(), Err(SavedError::Io { .. })));
    for content in [
        &b""[..],
        b"{}",
        b"\xff\xfe",
        b"{\"format\":\"other\",\"numbers\":\"f64\",\"crc32\":0}\n{}",
    ] {
        fs::write(&file, content).expect("a file");
        assert!(matches!(load(), Err(SavedError::NotValues { .. })));
    }
    values(&at, &Options::population())
        .save(&file, &at)
        .expect("a file");
    let whole = fs::read(&file).expect("its content");
    let body = whole
        .iter()
        .position(|&byte| byte == b'\n')
        .expect("two lines")
        + 1;
    for at in body..whole.len() {
        let mut content = whole.clone();
        // Digits stay digits.
        content[at] ^= 1;
        fs::write(&file, content).expect("a file");
        assert!(load().is_err(), "byte {at}");
    }
    // Lists of another length, with the right checksum.
    let text = String::from_utf8(whole[body..].to_vec()).expect("a text");
    for (from, to) in [
        ("[0.0]", "[]"),
        ("[0.0]", "[0.0,0.0]"),
        ("\"replicates\":[]", "\"replicates\":[[]]"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let checksum = crc32fast::hash(changed.as_bytes());
        let header = format!(
            "{{\"format\":\"diagrams-values-1\",\"numbers\":\"f64\",\"crc32\":{checksum}}}"
        );
        fs::write(&file, format!("{header}\n{changed}")).expect("a file");
        assert!(
            matches!(load(), Err(SavedError::Damaged { .. })),
            "{from} as {to}"
        );
    }
    fs::write(&file, &whole[..whole.len() - 1]).expect("a file");
    assert!(matches!(load(), Err(SavedError::Damaged { .. })));
}
