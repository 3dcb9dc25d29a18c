//! Large files that are no weights are refused by what they begin with. Each is larger than memory, and most of it is a hole on disk.

use std::fs::File;
use std::io::Write;

use diagram_runtime::checkpoint::{CheckpointError, load};
use tempfile::NamedTempFile;

use super::standard;

/// A terabyte.
const LENGTH: u64 = 1 << 40;

fn refused(beginning: &[u8]) -> CheckpointError {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(beginning).expect("it is written");
    let hole: &File = file.as_file();
    hole.set_len(LENGTH).expect("the file system has holes");
    load(file.path(), &standard()).expect_err("it is not what it should be")
}

#[test]
fn files_of_no_format() {
    for (beginning, zip) in [
        (&b""[..], false),
        (b"PK\x03\x04", true),
        (b"{\"a\":1}", false),
    ] {
        let error = refused(beginning);
        assert!(
            matches!(error, CheckpointError::Unrecognized { length: LENGTH, zip: found, .. } if found == zip),
            "{error}"
        );
    }
}

#[test]
fn arrays_of_other_shapes() {
    let bytes = super::npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (137438953472,), }\n",
        &[],
    );
    let error = refused(&bytes);
    assert!(matches!(error, CheckpointError::Shape { .. }), "{error}");
    let bytes = super::npy(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10,), }\n",
        &[],
    );
    let error = refused(&bytes);
    assert!(
        matches!(error, CheckpointError::DataLength { expected: 80, found, .. } if found == LENGTH - bytes.len() as u64),
        "{error}"
    );
    // A header of 4 GB.
    let error = refused(b"\x93NUMPY\x02\x00\xff\xff\xff\xff");
    assert!(
        error.to_string().ends_with("a header of 4294967295 bytes"),
        "{error}"
    );
}

#[test]
fn tensors_of_another_network() {
    let header_of = |data: u64| {
        format!(
            "{{\"0.weight\": {{\"dtype\": \"F64\", \"shape\": [{}], \"data_offsets\": [0, {data}]}}}}",
            data / 8
        )
    };
    // The header is as long for the length without it, which is a multiple of 8.
    let mut header = header_of(LENGTH - 8);
    let length = header.len().next_multiple_of(8);
    header = header_of(LENGTH - 8 - length as u64);
    header.push_str(&" ".repeat(length - header.len()));
    let error = refused(&super::with_header(&header, &[]));
    let CheckpointError::Tensors { mismatch, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(mismatch.tensors.len(), 3);
    // A header of half a terabyte.
    let claim = (LENGTH / 2).to_le_bytes();
    let error = refused(&[&claim[..], b"{"].concat());
    assert!(
        error
            .to_string()
            .ends_with("a header of 549755813888 bytes"),
        "{error}"
    );
}
