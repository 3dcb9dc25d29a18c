//! Corrupted files.

use std::collections::BTreeMap;

use diagram_runtime::checkpoint::{CheckpointError, Format, from_bytes, save_npy};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::pytorch::{FIXTURES, fixtures};
use super::save_and_load;

/// Changes bytes, cuts, repeats and inserts, mostly where the header is.
fn corrupt(bytes: &[u8], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..rng.random_range(1..=4) {
        let end = if rng.random_bool(0.8) {
            bytes.len().min(400)
        } else {
            bytes.len()
        };
        if end == 0 {
            break;
        }
        let at = rng.random_range(0..end);
        match rng.random_range(0..7) {
            0 => bytes[at] = rng.random(),
            1 => bytes[at] ^= 1 << rng.random_range(0..8),
            2 => bytes.truncate(at),
            3 => {
                let part = bytes[at..(at + rng.random_range(1..40)).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            4 => {
                bytes.drain(at..(at + rng.random_range(1..40)).min(bytes.len()));
            }
            5 => {
                let token = [
                    "9",
                    "[",
                    "]",
                    "{",
                    "}",
                    "\"",
                    "'",
                    ",",
                    ":",
                    "18446744073709551615",
                    "-1",
                    "e9",
                    "null",
                    "\\u0000",
                ];
                let token = token[rng.random_range(0..token.len())];
                bytes.splice(at..at, token.bytes());
            }
            // A digit that is another digit keeps the syntax.
            _ => {
                if let Some(digit) = bytes[at..].iter().position(u8::is_ascii_digit) {
                    bytes[at + digit] = rng.random_range(b'0'..=b'9');
                }
            }
        }
    }
    bytes
}

#[test]
fn corrupted_files_are_errors() {
    let [(_, _, lenet), (_, _, transformer)] = fixtures();
    let file =
        |name: &str| std::fs::read(format!("{FIXTURES}/{name}.safetensors")).expect("it exists");
    let theta = vec![0.5; lenet.dimension()];
    let (_, npy) = save_and_load(&lenet, |path| save_npy(path, &lenet, &theta));
    let files = [
        (&lenet, file("state_dict_lenet"), Format::Safetensors),
        (
            &transformer,
            file("state_dict_transformer"),
            Format::Safetensors,
        ),
        (&lenet, npy, Format::Npy),
    ];
    for (number, (network, original, format)) in files.into_iter().enumerate() {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for seed in 0..10_000 {
            let mut rng = ChaCha8Rng::seed_from_u64(seed + ((number as u64) << 32));
            let bytes = corrupt(&original, &mut rng);
            let kind = match from_bytes("corrupted", &bytes, network) {
                // Where numbers or nothing of importance were changed.
                Ok(found) => {
                    let theta = &found.theta;
                    let sound =
                        theta.len() == network.dimension() && theta.iter().all(|x| x.is_finite());
                    assert!(sound, "seed {seed} of {format}");
                    "read".into()
                }
                Err(error) => {
                    assert!(error.to_string().len() < 100_000, "seed {seed} of {format}");
                    kind(&error)
                }
            };
            *kinds.entry(kind).or_default() += 1;
        }
        println!("{format}: {kinds:?}");
        // Every error that a changed file can have was met.
        assert!(
            kinds.len() >= if format == Format::Npy { 7 } else { 6 },
            "{format}: {kinds:?}"
        );
    }
}

/// The name of an error: that of the variant, or of the problem with the contents.
fn kind(error: &CheckpointError) -> String {
    let name = match error {
        CheckpointError::Content { error, .. } => format!("{:?}", error.problem),
        other => format!("{other:?}"),
    };
    name.split([' ', '{']).next().unwrap_or_default().into()
}
