//! Weights from files and to files: against files that `PyTorch` and `NumPy` have written, against bytes that are put together here, and corrupted.

mod corrupted;
mod large;
mod pytorch;
mod reading;
mod refusals;
mod saving;

use std::path::Path;

use diagram_runtime::checkpoint::{Checkpoint, CheckpointError, from_bytes, load};
use diagram_runtime::networks::{Activation, Dense, Loss, Network, Parametrization, Shape};

/// 10 weights in three tensors: `0.weight` of 2 × 3, `0.bias` of 2, and `head.weight` of 1 × 2 without a bias.
fn small(parametrization: Parametrization) -> Network {
    Network::input(Shape::Vector(3))
        .parametrization(parametrization)
        .then(Dense::new(2))
        .then(Activation::Tanh)
        .then(Dense::new(1).without_bias().named("head"))
        .loss(Loss::MeanSquared)
        .expect("it fits")
}

const WEIGHTS: usize = 10;

fn standard() -> Network {
    small(Parametrization::Standard)
}

/// A tensor of a file: name, type, shape and bytes.
type Stored<'a> = (&'a str, &'a str, &'a [usize], Vec<u8>);

/// A safetensors file, put together as its specification says.
fn safetensors(tensors: &[Stored<'_>]) -> Vec<u8> {
    let mut end = 0;
    let entries: Vec<String> = tensors
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            let begin = end;
            end += bytes.len();
            format!("\"{name}\": {{\"dtype\": \"{dtype}\", \"shape\": {shape:?}, \"data_offsets\": [{begin}, {end}]}}")
        })
        .collect();
    let header = format!("{{{}}}", entries.join(", "));
    with_header(
        &header,
        &tensors
            .iter()
            .flat_map(|t| t.3.clone())
            .collect::<Vec<u8>>(),
    )
}

fn with_header(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), data].concat()
}

fn doubles(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn singles(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn words(bits: &[u16]) -> Vec<u8> {
    bits.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// An npy file of the first version.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

fn read(bytes: &[u8], network: &Network) -> Checkpoint {
    from_bytes("weights", bytes, network).expect("it is well-formed")
}

fn refused(bytes: &[u8], network: &Network) -> CheckpointError {
    from_bytes("weights", bytes, network).expect_err("it is not what it should be")
}

fn message(bytes: &[u8], network: &Network) -> String {
    refused(bytes, network).to_string()
}

fn small_xavier() -> Network {
    small(Parametrization::Xavier)
}

fn save_and_load(
    network: &Network,
    save: impl Fn(&Path) -> Result<(), CheckpointError>,
) -> (Checkpoint, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("weights");
    std::fs::write(&path, "an older file").expect("it is written");
    save(&path).expect("it is written");
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .expect("it exists")
        .map(|entry| entry.expect("it exists").file_name())
        .collect();
    assert_eq!(names, ["weights"], "nothing else is left");
    let bytes = std::fs::read(&path).expect("it exists");
    (load(&path, network).expect("it is well-formed"), bytes)
}
