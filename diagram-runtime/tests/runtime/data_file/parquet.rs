//! Parquet.

use diagram_runtime::data::Description;

use super::corrupted::{check, label};
use super::{read, refused, rows};

#[test]
fn files_that_pandas_wrote() {
    for file in [
        &include_bytes!("written/snappy.parquet")[..],
        include_bytes!("written/zstd.parquet"),
    ] {
        let read = read(file, &Description::classes("kind"));
        assert_eq!(read.class_names(), ["a", "b"]);
        assert_eq!(
            rows(&read),
            [
                [0.5, 7.0, 1.0, 0.0, 1.0],
                [1.5, 8.0, 0.0, 1.0, 0.0],
                [-2.0, 4e9, 1.0, 0.0, 1.0]
            ]
        );
        refused(
            file,
            &Description::classes("class"),
            "contents: there is no `class`; there are `a`, `n`, `ok`, `kind`",
        );
        refused(
            file,
            &Description::default(),
            "`kind`: values of type text are not read; bools, integers of 8 to 64 bits and real floating point numbers of 16 to 64 are",
        );
    }
}

#[test]
fn corrupted_files() {
    let files = [
        include_bytes!("written/snappy.parquet").to_vec(),
        include_bytes!("written/zstd.parquet").to_vec(),
    ];
    check("Parquet", &files, &[label(Some("kind"))], f64::is_finite);
}
