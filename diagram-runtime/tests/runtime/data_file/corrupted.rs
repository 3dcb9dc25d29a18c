//! Corrupted files: a typed error or numbers that the file has, without a panic.

use std::time::Instant;

use diagram_runtime::data::{Classes, DataError, Description, Label, load_bytes};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{doubles, npy, npz, safetensors};

/// How many corrupted files of each format are read.
const FILES: usize = 10_000;

/// Numbers that headers are given.
const NUMBERS: [u64; 10] = [
    0,
    1,
    2,
    0x7f,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 53,
    i64::MAX as u64,
    u64::MAX,
];

/// Changes a file in one to three places: flips bits, sets bytes, cuts, doubles or inserts a piece, or replaces a number, binary or decimal.
fn corrupt(file: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..rng.random_range(1..=3) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.random_range(0..bytes.len());
        let end = rng.random_range(at..=bytes.len().min(at + 40));
        let number = NUMBERS[rng.random_range(0..NUMBERS.len())];
        match rng.random_range(0..8) {
            0 => bytes[at] ^= 1 << rng.random_range(0..8),
            1 => bytes[at] = rng.random(),
            2 => bytes.truncate(at),
            3 => {
                bytes.drain(at..end);
            }
            4 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            5 => {
                let size = [1, 2, 4, 8][rng.random_range(0..4)];
                for (byte, new) in bytes[at..].iter_mut().zip(&number.to_le_bytes()[..size]) {
                    *byte = *new;
                }
            }
            6 => {
                // The digits after the place become another number.
                let is_digit = |byte: &u8| byte.is_ascii_digit();
                if let Some(start) = bytes[at..].iter().position(is_digit) {
                    let start = at + start;
                    let digits = bytes[start..].iter().take_while(|byte| is_digit(byte));
                    let end = start + digits.count();
                    bytes.splice(start..end, number.to_string().into_bytes());
                }
            }
            _ => {
                let zeros = vec![0; rng.random_range(1..20)];
                bytes.splice(at..at, zeros);
            }
        }
    }
    bytes
}

/// Reads corrupted versions of files, and checks what is read. Its numbers must be right, which for formats without a checksum may be all finite ones.
pub(super) fn check(
    format: &str,
    files: &[Vec<u8>],
    descriptions: &[Description],
    is_right: impl Fn(f64) -> bool,
) {
    let seed = 1;
    println!("{format}: seed {seed}");
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let start = Instant::now();
    let (mut read, mut refused) = (0, 0);
    for (number, file) in files.iter().cycle().take(FILES).enumerate() {
        let description = &descriptions[number % descriptions.len()];
        let bytes = corrupt(file, &mut rng);
        match load_bytes::<f64>("file", &bytes, description) {
            Ok(data) => {
                read += 1;
                let samples = &data.samples;
                assert_eq!(samples.width(), data.features + data.labels);
                // No file has more numbers than bits and classes.
                assert!(samples.len() * data.features <= 8 * 1032 * bytes.len());
                assert!(samples.rows(0..samples.len()).iter().all(|&x| is_right(x)));
            }
            Err(DataError::Content { error, .. }) => {
                refused += 1;
                // A long text of the file is not repeated.
                assert!(error.to_string().len() < 10_000, "{error}");
            }
            Err(DataError::Gzip { .. }) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{format}: {read} were read and {refused} refused in {seconds:.1} s");
    // Otherwise the test would test nothing.
    assert!(
        read > FILES / 100 && refused > FILES / 10,
        "{read} {refused}"
    );
}

pub(super) fn label(column: Option<&str>) -> Description {
    Description {
        label: Label::Classes {
            column: column.map(Into::into),
            classes: Classes::Found,
        },
        ..Description::default()
    }
}

fn x() -> Vec<u8> {
    let numbers: Vec<f64> = (0..12).map(|i| f64::from(i) / 4.0).collect();
    npy("<f8", false, "(4, 3)", &doubles(&numbers))
}

fn y() -> Vec<u8> {
    npy("|u1", false, "(4,)", &[1, 0, 2, 1])
}

#[test]
fn npy_files() {
    let fortran: Vec<u8> = (0..24).flat_map(|i: u16| i.to_be_bytes()).collect();
    let files = [x(), npy(">i2", true, "(2, 3, 4)", &fortran), y()];
    check(
        "npy",
        &files,
        &[Description::default(), label(Some("0"))],
        f64::is_finite,
    );
}

#[test]
fn npz_files() {
    let files = [false, true].map(|deflated| npz(deflated, &[("x", x()), ("y", y())]));
    // Numbers pass a checksum, which names and places do not.
    let quarters = |x: f64| (4.0 * x).fract() == 0.0 && (0.0..3.0).contains(&x);
    check(
        "npz",
        &files,
        &[Description::default(), label(None)],
        quarters,
    );
}

#[test]
fn safetensors_files() {
    let header = r#"{"__metadata__":{"made":"here"},"x":{"dtype":"F64","shape":[4,3],"data_offsets":[0,96]},"y":{"dtype":"U8","shape":[4],"data_offsets":[96,100]}}"#;
    let mut data = doubles(&[0.5; 12]);
    data.extend([1, 0, 2, 1]);
    let files = [safetensors(header, &data)];
    check(
        "safetensors",
        &files,
        &[Description::default(), label(None)],
        f64::is_finite,
    );
}

#[test]
fn text_files() {
    let files = [
        b"a,b,\"y\"\n1,2.5,ant\n\"3\",-4e2,bee\n5,6,ant\n".to_vec(),
        b"0.25\t1\t0\r\n1e-3\t2\t2\r\n7\t8\t1\r\n".to_vec(),
    ];
    check(
        "text",
        &files,
        &[Description::default(), label(Some("2"))],
        f64::is_finite,
    );
}
