//! Data files of a user's: what their readers return, and what they refuse.

mod arrays;
mod corrupted;
mod labels;
#[cfg(feature = "parquet")]
mod parquet;
mod text;

use std::io::Write;

use diagram_runtime::data::{ContentError, DataError, Datapoints, Description, load_bytes};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};

/// The numbers of all datapoints, row by row.
fn rows(read: &Datapoints<f64>) -> Vec<Vec<f64>> {
    let samples = &read.samples;
    (0..samples.len())
        .map(|i| samples.row(i).to_vec())
        .collect()
}

/// What is read of a file with these contents.
fn read(bytes: &[u8], description: &Description) -> Datapoints<f64> {
    load_bytes("file", bytes, description).unwrap()
}

/// The problem of a file with these contents, and the message.
fn error(bytes: &[u8], description: &Description) -> (ContentError, String) {
    match load_bytes::<f64>("file", bytes, description) {
        Err(error) => {
            let message = error.to_string();
            match error {
                DataError::Content { error, .. } => (*error, message),
                other => panic!("{other:?}"),
            }
        }
        Ok(read) => panic!("read: {read:?}"),
    }
}

/// Checks that a file is refused with this message, in which the file is called `file`.
#[track_caller]
fn refused(bytes: &[u8], description: &Description, expected: &str) {
    assert_eq!(error(bytes, description).1, format!("file: {expected}"));
}

/// A `.npy` file of version 1 with this header and these data.
fn npy(descr: &str, fortran_order: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran_order { "True" } else { "False" };
    npy_with(
        &format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}"),
        data,
    )
}

fn npy_with(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Numbers as bytes in little-endian order.
fn doubles(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// An archive of arrays, which are deflated or stored.
fn npz(deflated: bool, arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![];
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, array) in arrays {
        let method = if deflated {
            CompressionMethod::DEFLATE
        } else {
            CompressionMethod::STORE
        };
        let name = format!("{name}.npy");
        let file = archive.new_file(name.as_str()).compression_method(method);
        let (mut entry, config) = file.start().unwrap();
        let descriptor = if deflated {
            let encoder = DeflateEncoder::new(&mut entry, Compression::default());
            let mut writer = config.wrap(encoder);
            writer.write_all(array).unwrap();
            let (encoder, descriptor) = writer.finish().unwrap();
            encoder.finish().unwrap();
            descriptor
        } else {
            let mut writer = config.wrap(&mut entry);
            writer.write_all(array).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

/// A `.safetensors` file with this header and these data.
fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}
