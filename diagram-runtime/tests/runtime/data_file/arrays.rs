//! Arrays: `.npy`, `.npz` and `.safetensors`.

use diagram_runtime::data::{
    Column, DataError, Description, Label, Problem, load_bytes, load_file,
};

use super::{doubles, error, npy, npy_with, npz, read, refused, rows, safetensors};

fn all() -> Description {
    Description::default()
}

fn usual() -> Description {
    Description {
        label: Label::Classes {
            column: None,
            classes: diagram_runtime::data::Classes::Found,
        },
        ..all()
    }
}

#[test]
fn files_that_numpy_wrote() {
    let c_order = include_bytes!("written/c_order.npy");
    assert_eq!(
        rows(&read(c_order, &all())),
        [[0.5, -1.25], [3.0, 1e300], [0.0, 7.0]]
    );
    let in_order: Vec<Vec<f64>> = (0..3)
        .map(|i| (0..4).map(|j| f64::from(4 * i + j)).collect())
        .collect();
    let fortran = include_bytes!("written/fortran_big_endian.npy");
    assert_eq!(rows(&read(fortran, &all())), in_order);

    let classes = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    for (bytes, scale) in [
        (&include_bytes!("written/stored.npz")[..], 1.0),
        (include_bytes!("written/deflated.npz"), 8.0),
        (include_bytes!("written/tensors.safetensors"), 8.0),
    ] {
        let read = read(bytes, &Description { scale, ..usual() });
        assert_eq!((read.features, read.labels), (4, 3));
        for (row, (x, y)) in rows(&read).iter().zip(in_order.iter().zip(classes)) {
            assert_eq!(row[..4], x[..]);
            assert_eq!(row[4..], y);
        }
    }
}

/// The same three numbers in each type and byte order.
#[test]
fn types_of_numbers() {
    let (le, be) = (
        |x: u64, n: usize| x.to_le_bytes()[..n].to_vec(),
        |x: u64, n: usize| x.to_be_bytes()[8 - n..].to_vec(),
    );
    let cases: [(&str, usize, [u64; 3], [f64; 3]); 10] = [
        ("b1", 1, [1, 0, 1], [1.0, 0.0, 1.0]),
        ("u1", 1, [255, 0, 7], [255.0, 0.0, 7.0]),
        ("u2", 2, [65_535, 0, 7], [65_535.0, 0.0, 7.0]),
        (
            "u4",
            4,
            [u64::from(u32::MAX), 0, 7],
            [f64::from(u32::MAX), 0.0, 7.0],
        ),
        ("u8", 8, [1 << 63, 0, 7], [2f64.powi(63), 0.0, 7.0]),
        ("i1", 1, [0x80, 0, 0xff], [-128.0, 0.0, -1.0]),
        ("i2", 2, [0x8000, 3, 0xffff], [-32_768.0, 3.0, -1.0]),
        ("i8", 8, [1 << 63, 3, u64::MAX], [-2f64.powi(63), 3.0, -1.0]),
        // One half, the largest number, and the smallest below 0.
        (
            "f2",
            2,
            [0x3800, 0x7bff, 0x8001],
            [0.5, 65_504.0, -2f64.powi(-24)],
        ),
        (
            "f8",
            8,
            [0.1f64.to_bits(), 0, (-3.5f64).to_bits()],
            [0.1, 0.0, -3.5],
        ),
    ];
    for (code, size, bits, numbers) in cases {
        let little: Vec<u8> = bits.iter().flat_map(|&x| le(x, size)).collect();
        let big: Vec<u8> = bits.iter().flat_map(|&x| be(x, size)).collect();
        let mut files = vec![
            npy(&format!("<{code}"), false, "(3,)", &little),
            npy(&format!(">{code}"), false, "(3, 1)", &big),
        ];
        if size == 1 {
            files.push(npy(&format!("|{code}"), true, "(3,)", &little));
        }
        for file in files {
            assert_eq!(read(&file, &all()).samples.rows(0..3), numbers, "{code}");
        }
    }
    for (dtype, bits, numbers) in [
        ("BF16", [0x3f80_u16, 0xc040], [1.0, -3.0]),
        ("F16", [0x3c00, 0xc200], [1.0, -3.0]),
        ("I16", [1, 0xfffd], [1.0, -3.0]),
    ] {
        let data: Vec<u8> = bits.iter().flat_map(|x| x.to_le_bytes()).collect();
        let header = format!(r#"{{"t":{{"dtype":"{dtype}","shape":[2],"data_offsets":[0,4]}}}}"#);
        let file = safetensors(&header, &data);
        assert_eq!(read(&file, &all()).samples.rows(0..2), numbers, "{dtype}");
    }
}

#[test]
fn orders_and_ranks() {
    // Numbers 100 i + 10 j + k at (i, j, k).
    let number = |i: usize, j: usize, k: usize| (100 * i + 10 * j + k) as f64;
    let (mut c, mut f) = (vec![], vec![]);
    for i in 0..2 {
        for j in 0..3 {
            for k in 0..4 {
                c.push(number(i, j, k));
            }
        }
    }
    for k in 0..4 {
        for j in 0..3 {
            for i in 0..2 {
                f.push(number(i, j, k));
            }
        }
    }
    let c_file = npy("<f8", false, "(2, 3, 4)", &doubles(&c));
    let f_file = npy("<f8", true, "(2, 3, 4)", &doubles(&f));
    assert_eq!(read(&c_file, &all()).samples.rows(0..2), c);
    assert_eq!(read(&f_file, &all()).samples.rows(0..2), c);
    let first = Description {
        limit: Some(1),
        ..all()
    };
    assert_eq!(read(&f_file, &first).samples.rows(0..1), &c[..12]);
}

#[test]
fn a_matrix_is_a_table_with_numbered_columns() {
    let file = npy(
        "<f8",
        false,
        "(2, 3)",
        &doubles(&[0.5, 1.0, 7.0, 1.5, 0.0, 8.0]),
    );
    let classes = read(&file, &Description::classes(1));
    assert_eq!(rows(&classes), [[0.5, 7.0, 0.0, 1.0], [1.5, 8.0, 1.0, 0.0]]);
    // The command line has names alone.
    assert_eq!(
        rows(&read(&file, &Description::classes("1"))),
        rows(&classes)
    );
    let chosen = Description {
        features: vec![Column::Index(2)],
        ..Description::targets([0])
    };
    assert_eq!(rows(&read(&file, &chosen)), [[7.0, 0.5], [8.0, 1.5]]);
    refused(
        &file,
        &Description::classes(3),
        "contents: there is no `3`; there are the columns 0 to 2",
    );
    refused(
        &file,
        &usual(),
        "contents: say which is the label; there are the columns 0 to 2",
    );
    refused(
        &file,
        &Description {
            features: vec![Column::Index(1)],
            ..Description::classes(1)
        },
        "`1`: it is chosen more than once, as a feature or a label",
    );
}

#[test]
fn arrays_by_name() {
    let x = npy("<f8", false, "(2, 2)", &doubles(&[1.0, 2.0, 3.0, 4.0]));
    let y = npy("|u1", false, "(2,)", &[1, 0]);
    let z = npy("|u1", false, "(2,)", &[5, 6]);
    let named = npz(
        true,
        &[("z", z.clone()), ("x", x.clone()), ("y", y.clone())],
    );
    assert_eq!(rows(&read(&named, &all())), [[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!(
        rows(&read(&named, &usual())),
        [[1.0, 2.0, 0.0, 1.0], [3.0, 4.0, 1.0, 0.0]]
    );
    let chosen = Description {
        features: vec!["z".into(), "x".into()],
        ..Description::targets(["y"])
    };
    assert_eq!(
        rows(&read(&named, &chosen)),
        [[5.0, 1.0, 2.0, 1.0], [6.0, 3.0, 4.0, 0.0]]
    );
    // The only array that is not the label.
    let two = npz(false, &[("pixels", x.clone()), ("classes", y.clone())]);
    assert_eq!(
        rows(&read(&two, &Description::classes("classes"))),
        rows(&read(&named, &usual()))
    );
    refused(
        &two,
        &all(),
        "contents: say which is the features; there are `pixels`, `classes`",
    );
    refused(
        &two,
        &Description::classes("label"),
        "contents: there is no `label`; there are `pixels`, `classes`",
    );
    // An only array is a table, with or without its name.
    let one = npz(true, &[("x", x.clone())]);
    let by_name = Description {
        features: vec!["x".into()],
        ..all()
    };
    assert_eq!(rows(&read(&one, &by_name)), rows(&read(&one, &all())));
    assert_eq!(
        rows(&read(&one, &Description::targets([1]))),
        [[1.0, 2.0], [3.0, 4.0]]
    );
    let twice = npz(false, &[("x", x.clone()), ("x", x.clone()), ("y", y)]);
    refused(&twice, &all(), "contents: `x` is there more than once");
    let short = npz(
        false,
        &[("x", x), ("y", npy("|u1", false, "(3,)", &[0; 3]))],
    );
    refused(&short, &usual(), "`y`: 3 rows, but `x` has 2");
    refused(
        &npz(true, &[]),
        &all(),
        "contents: no array or column is left for the features",
    );
}

#[test]
fn headers_that_promise_more_than_there_is() {
    let mut long = npy("<f8", false, "(1,)", &doubles(&[1.0]));
    long[8..10].copy_from_slice(&u16::MAX.to_le_bytes());
    refused(
        &long,
        &all(),
        "header: a header of 65535 bytes is promised, but only 65 bytes are left",
    );
    let shapes = [
        (
            "(9223372036854775808, 4)",
            "`array`: the shape [9223372036854775808, 4] is that of 2^64 bytes or more",
        ),
        (
            "(99999999999999999999,)",
            "header: the shape [1e+20] is that of 2^64 bytes or more",
        ),
        (
            "(1000000000000,)",
            "`array`: the shape [1000000000000] of <f8 takes 8000000000000 bytes, but there are 8",
        ),
        (
            "(-1, 2)",
            "header: the shape [-1, 2] has a negative dimension",
        ),
        (
            "(0, 18446744073709551615)",
            "`array`: the shape [0, 18446744073709551615] has no datapoints, or datapoints without numbers",
        ),
        (
            "()",
            "`array`: the shape [] has no datapoints, or datapoints without numbers",
        ),
        (
            "(2,)",
            "`array`: the shape [2] of <f8 takes 16 bytes, but there are 8",
        ),
        ("(1.5,)", "header: this is no valid .npy: 1.5 in a shape"),
    ];
    for (shape, expected) in shapes {
        refused(
            &npy("<f8", false, shape, &doubles(&[1.0])),
            &all(),
            expected,
        );
    }
    refused(
        &npy("|u1", false, "(2,)", &[1, 2, 3]),
        &all(),
        "`array`: the shape [2] of |u1 takes 2 bytes, but there are 3",
    );
}

#[test]
fn headers_that_are_none() {
    for (header, expected) in [
        (
            "{'descr': '<f8', 'fortran_order': False}",
            "missing field `shape`",
        ),
        (
            "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,)}",
            "invalid type: integer",
        ),
        ("{'descr': '<f8", "a text in the header does not end"),
        (
            "{'descr': \"<f8\", 'fortran_order': False, 'shape': (1,)}",
            "double quotes",
        ),
        ("", "EOF"),
    ] {
        let (error, message) = error(&npy_with(header, &doubles(&[1.0])), &all());
        assert!(
            matches!(error.problem, Problem::Syntax { format: ".npy", .. }),
            "{error:?}"
        );
        assert!(message.contains(expected), "{message}");
    }
    refused(
        b"\x93NUMPY\x09\x00",
        &all(),
        "header: this is no valid .npy: version 9; there are 1, 2 and 3",
    );
    refused(
        b"\x93NUMPY\x01",
        &all(),
        "header: this is no valid .npy: it ends inside the header",
    );
    for dtype in ["<c16", "|O", "<U5", "<M8[ns]", "|f8", "=f8", "f8", ""] {
        let (error, _) = error(&npy(dtype, false, "(1,)", &doubles(&[1.0])), &all());
        assert_eq!(
            error.problem,
            Problem::Dtype {
                dtype: dtype.into()
            }
        );
    }
    let record = "{'descr': [('a', '<f8'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,)}";
    refused(
        &npy_with(record, &[0; 12]),
        &all(),
        "header: values of type [[\"a\",\"<f8\"],[\"b\",\"<i4\"]] are not read; bools, integers of 8 to 64 bits and real floating point numbers of 16 to 64 are",
    );
    // Brackets upon brackets do not overflow the stack.
    let deep = format!("{{'descr': {}", "[".repeat(60_000));
    assert!(matches!(
        error(&npy_with(&deep, &[]), &all()).0.problem,
        Problem::Syntax { .. }
    ));
}

#[test]
fn numbers_that_are_none() {
    refused(
        &npy("<f8", false, "(2, 2)", &doubles(&[1.0, 2.0, 3.0, f64::NAN])),
        &all(),
        "row 1, `array[1]`: NaN is not a finite number",
    );
    refused(
        &npy("|b1", false, "(3,)", &[0, 1, 2]),
        &all(),
        "row 2, `array`: byte 2 is no bool, which is 0 or 1",
    );
    // Too large for single precision.
    let large = npy("<f8", false, "(1,)", &doubles(&[1e300]));
    let error = load_bytes::<f32>("file", &large, &all()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "file: row 0, `array`: 1e300, in the number type that is asked for, is not a finite number"
    );
}

#[test]
fn archives_that_lie() {
    let x = npy("<f8", false, "(2,)", &doubles(&[1.0, 2.0]));
    for deflated in [false, true] {
        let file = npz(deflated, &[("x", x.clone())]);
        // The length of the contents, in the central directory.
        let directory = file.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
        let mut long = file.clone();
        long[directory + 24..][..4].copy_from_slice(&1_000_000_000_u32.to_le_bytes());
        let (problem, _) = error(&long, &all());
        assert!(
            matches!(
                problem.problem,
                Problem::Oversized {
                    claimed: 1_000_000_000,
                    ..
                }
            ),
            "{problem:?}"
        );
        let mut checksum = file.clone();
        checksum[directory + 16] ^= 1;
        assert!(matches!(
            error(&checksum, &all()).0.problem,
            Problem::Syntax { format: ".npz", .. }
        ));
        let mut method = file.clone();
        method[directory + 10] = 12;
        assert!(matches!(
            error(&method, &all()).0.problem,
            Problem::Compression { .. }
        ));
        let mut encrypted = file;
        encrypted[directory + 8] |= 1;
        assert!(matches!(
            error(&encrypted, &all()).0.problem,
            Problem::Compression { .. }
        ));
    }
    refused(
        &npz(true, &[("x", b"no array".to_vec())]),
        &all(),
        "`x`: this is no valid .npy: another magic string",
    );
    refused(
        &npz(true, &[("x", npy("|O", false, "(1,)", &[0]))]),
        &all(),
        "`x`: values of type |O are not read; bools, integers of 8 to 64 bits and real floating point numbers of 16 to 64 are",
    );
}

#[test]
fn tensors_that_lie() {
    let data = doubles(&[1.0, 2.0]);
    let tensor = |dtype: &str, shape: &str, offsets: &str| {
        let header =
            format!(r#"{{"x":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}}}}}"#);
        safetensors(&header, &data)
    };
    assert_eq!(
        read(&tensor("F64", "[2]", "[0,16]"), &all())
            .samples
            .rows(0..2),
        [1.0, 2.0]
    );
    let cases = [
        (
            tensor("F64", "[3]", "[0,16]"),
            "`x`: the shape [3] of F64 takes 24 bytes, but there are 16",
        ),
        (
            tensor("F64", "[4294967296,4294967296]", "[0,16]"),
            "`x`: the shape [4294967296, 4294967296] is that of 2^64 bytes or more",
        ),
        (
            tensor("F64", "[2]", "[16,0]"),
            "`x`: the shape [2] of F64 takes 16 bytes, but there are 0",
        ),
        (
            tensor("U8", "[18446744073709551615]", "[0,18446744073709551615]"),
            "`x`: the shape [18446744073709551615] is that of 2^64 bytes or more",
        ),
        (
            tensor("F64", "[1]", "[0,8]"),
            "header: this is no valid .safetensors: 8 bytes of data are promised, but there are 16",
        ),
        (
            tensor("U8", "[2,0]", "[0,0]"),
            "header: this is no valid .safetensors: 0 bytes of data are promised, but there are 16",
        ),
        (
            tensor("F64", "[1]", "[8,16]"),
            "header: this is no valid .safetensors: invalid offset for tensor `x`",
        ),
        (
            tensor("C64", "[2]", "[0,16]"),
            "`x`: values of type C64 are not read; bools, integers of 8 to 64 bits and real floating point numbers of 16 to 64 are",
        ),
    ];
    for (file, expected) in cases {
        refused(&file, &all(), expected);
    }
    let mut long = tensor("F64", "[2]", "[0,16]");
    let left = long.len() - 8;
    long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    refused(
        &long,
        &all(),
        &format!(
            "header: a header of 18446744073709551615 bytes is promised, but only {left} bytes are left"
        ),
    );
    assert!(
        error(&tensor("F65", "[2]", "[0,16]"), &all())
            .1
            .contains("unknown variant `F65`")
    );
    assert!(
        error(&tensor("F64", "[-2]", "[0,16]"), &all())
            .1
            .contains("integer `-2`")
    );
}

#[test]
fn compressed_files_and_places() {
    use flate2::write::GzEncoder;
    use std::io::Write;
    let file = npy("<f8", false, "(2,)", &doubles(&[1.0, 2.0]));
    let mut encoder = GzEncoder::new(vec![], flate2::Compression::default());
    encoder.write_all(&file).unwrap();
    let compressed = encoder.finish().unwrap();
    assert_eq!(rows(&read(&compressed, &all())), [[1.0], [2.0]]);
    let error = load_bytes::<f64>("file", &compressed[..30], &all()).unwrap_err();
    assert!(matches!(error, DataError::Gzip { .. }), "{error:?}");

    let folder = tempfile::tempdir().unwrap();
    // The name says nothing.
    let path = folder.path().join("array.csv");
    std::fs::write(&path, &file).unwrap();
    assert_eq!(
        load_file::<f64>(&path, &all()).unwrap().samples.rows(0..2),
        [1.0, 2.0]
    );
    let missing = load_file::<f64>(&folder.path().join("none"), &all()).unwrap_err();
    assert!(matches!(missing, DataError::Io { .. }), "{missing:?}");
    assert!(matches!(
        load_file::<f64>(folder.path(), &all()),
        Err(DataError::Io { .. })
    ));
    refused(b"", &all(), "contents: there are no datapoints");
    let none = Description {
        limit: Some(0),
        ..all()
    };
    assert!(matches!(
        load_bytes::<f64>("file", &file, &none),
        Err(DataError::ZeroLimit)
    ));
    #[cfg(not(feature = "parquet"))]
    refused(
        include_bytes!("written/snappy.parquet"),
        &all(),
        "contents: Parquet is read only if the cargo feature `parquet` is on",
    );
}
