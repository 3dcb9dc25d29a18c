//! Errors, word for word.

use diagram_runtime::checkpoint::Fit::{Fits, Misshapen, Missing, Surplus};
use diagram_runtime::checkpoint::{CheckpointError, TensorMatch, load};
use diagram_runtime::networks::{Dense, Loss, Network, Shape};

use super::{
    Stored, doubles, message, npy, refused, safetensors, singles, small_xavier, standard,
    with_header, words,
};

#[test]
fn tensors_that_do_not_fit_are_shown_beside_those_of_the_network() {
    let file = safetensors(&[
        ("0.weight", "F32", &[3, 2], singles(&[0.0; 6])),
        ("head.weight", "F32", &[1, 2], singles(&[0.0; 2])),
        ("head.bias", "F32", &[], singles(&[0.0])),
        ("counts", "I64", &[1], doubles(&[0.0])),
    ]);
    let expected = "\
weights: the tensors are not those of the network: 1 missing, 2 surplus, 1 misshapen
  network      shape  |  file         shape
  0.weight     2 × 3  |  0.weight     3 × 2       misshapen
  0.bias       2      |  -            -           missing
  head.weight  1 × 2  |  head.weight  1 × 2
  -            -      |  counts       1           surplus
  -            -      |  head.bias    one number  surplus";
    assert_eq!(message(&file, &standard()), expected);
    let CheckpointError::Tensors { mismatch, .. } = refused(&file, &standard()) else {
        panic!("it is a mismatch");
    };
    let fits: Vec<_> = mismatch.tensors.iter().map(TensorMatch::fit).collect();
    assert_eq!(fits, [Misshapen, Missing, Fits, Surplus, Surplus]);

    // With a prefix the names of the file are shown as they are there.
    let file = safetensors(&[
        ("model.0.weight", "F32", &[2, 3], singles(&[0.0; 6])),
        ("model.0.bias", "F32", &[2, 1], singles(&[0.0; 2])),
    ]);
    let expected = "\
weights: the tensors are not those of the network: 1 missing, 1 misshapen
  network      shape  |  file            shape
  0.weight     2 × 3  |  model.0.weight  2 × 3
  0.bias       2      |  model.0.bias    2 × 1  misshapen
  head.weight  1 × 2  |  -               -      missing";
    assert_eq!(message(&file, &standard()), expected);
    assert_eq!(
        message(&with_header("{}", &[]), &standard()),
        "\
weights: the tensors are not those of the network: 3 missing
  network      shape  |  file  shape
  0.weight     2 × 3  |  -     -      missing
  0.bias       2      |  -     -      missing
  head.weight  1 × 2  |  -     -      missing"
    );
}

#[test]
fn a_long_table_shows_what_does_not_fit() {
    let layers = (0..70).fold(Network::input(Shape::Vector(1)), |network, _| {
        network.then(Dense::new(1))
    });
    let network = layers.loss(Loss::MeanSquared).expect("it fits");
    let names: Vec<String> = (0..70)
        .flat_map(|layer| [format!("{layer}.weight"), format!("{layer}.bias")])
        .collect();
    let mut tensors: Vec<Stored<'_>> = names
        .iter()
        .map(|name| {
            let shape: &[usize] = if name.ends_with("bias") {
                &[1]
            } else {
                &[1, 1]
            };
            (name.as_str(), "F32", shape, singles(&[0.0]))
        })
        .collect();
    tensors.pop();
    let report = message(&safetensors(&tensors), &network);
    let expected = "\
weights: the tensors are not those of the network: 1 missing
  network  shape  |  file  shape
  69.bias  1      |  -     -      missing
  and 139 that fit";
    assert_eq!(report, expected);
    // A file with more surplus tensors than anybody reads, the names of which are too long.
    let long: Vec<String> = (0..300)
        .map(|at| format!("{at}{}\n", "x".repeat(1000)))
        .collect();
    let escaped: Vec<String> = long.iter().map(|name| name.replace('\n', "\\n")).collect();
    tensors.extend(
        escaped
            .iter()
            .map(|name| (name.as_str(), "F32", &[1][..], singles(&[0.0]))),
    );
    let report = message(&safetensors(&tensors), &network);
    assert!(
        report.ends_with("and 201 more that do not fit, and 139 that fit"),
        "{report}"
    );
    assert!(report.len() < 20_000 && report.lines().count() == 103);
}

#[test]
fn what_is_wrong_with_a_file_in_words() {
    let network = standard();
    let entry = |dtype: &str, shape: &str, offsets: &str| {
        format!(
            "{{\"0.bias\": {{\"dtype\": \"{dtype}\", \"shape\": {shape}, \"data_offsets\": {offsets}}}}}"
        )
    };
    let zeros = [0; 16];
    let good = "{'descr': '<f8', 'fortran_order': False, 'shape': (10,), }\n";
    let cases = [
        (
            vec![],
            "no safetensors file and no npy file, and its 0 bytes are not those of 10 weights in 8 or 4 bytes each",
        ),
        (
            [b"PK\x03\x04".to_vec(), vec![0; 60]].concat(),
            "no safetensors file and no npy file, and its 64 bytes are not those of 10 weights in 8 or 4 bytes each; it is a zip archive, such as `torch.save` \
             writes: write it with `safetensors.torch.save_file` instead",
        ),
        (
            [&100_u64.to_le_bytes()[..], b"{}"].concat(),
            "header: a header of 100 bytes is promised, but only 2 bytes are left",
        ),
        (
            with_header("{\"0.bias\": 1}", &[]),
            "header: this is no valid .safetensors: invalid type: integer `1`, expected struct TensorInfo at line 1 column 13",
        ),
        (
            with_header(&entry("F64", "[2]", "[8, 24]"), &[0; 24]),
            "header: this is no valid .safetensors: invalid offset for tensor `0.bias`",
        ),
        (
            with_header(&entry("F64", "[2, 2]", "[0, 16]"), &zeros),
            "`0.bias`: the shape [2, 2] of F64 takes 32 bytes, but there are 16",
        ),
        (
            with_header(
                &entry("F64", "[4294967296, 4294967296, 2]", "[0, 16]"),
                &zeros,
            ),
            "`0.bias`: the shape [4294967296, 4294967296, 2] is that of 2^64 bytes or more",
        ),
        (
            with_header(&entry("F64", "[2]", "[0, 16]"), &zeros[..12]),
            "header: this is no valid .safetensors: 16 bytes of data are promised, but there are 12",
        ),
        (
            with_header(&entry("F64", "[2]", "[0, 16]"), &[0; 17]),
            "header: this is no valid .safetensors: 16 bytes of data are promised, but there are 17",
        ),
        (
            safetensors(&[
                ("0.weight", "I32", &[2, 3], singles(&[0.0; 6])),
                ("0.bias", "F32", &[2], singles(&[0.0; 2])),
                ("head.weight", "F32", &[1, 2], singles(&[0.0; 2])),
            ]),
            "`0.weight` has numbers of type I32; F64, F32, F16 and BF16 are read",
        ),
        (
            b"\x93NUMPY\x04\x00".to_vec(),
            "header: this is no valid .npy: version 4; there are 1, 2 and 3",
        ),
        (
            b"\x93NUMPY\x01\x00\x10".to_vec(),
            "header: this is no valid .npy: it ends inside the header",
        ),
        (
            npy(good, &[])[..40].to_vec(),
            "header: a header of 59 bytes is promised, but only 30 bytes are left",
        ),
        (
            npy("[]", &[]),
            "header: this is no valid .npy: invalid length 0, expected struct Header with 3 elements at line 1 column 2",
        ),
        (
            npy("{'descr': '<f8', }", &[]),
            "header: this is no valid .npy: missing field `fortran_order` at line 1 column 15",
        ),
        (
            npy(&good.replace("<f8", ">f8"), &[]),
            "the array has numbers of type >f8; <f8 and <f4 are read",
        ),
        (
            npy(
                "{'descr': [('x', '<f8')], 'fortran_order': False, 'shape': (10,)}",
                &[],
            ),
            "header: values of type [[\"x\",\"<f8\"]] are not read; bools, integers of 8 to 64 bits and real floating point numbers of 16 to 64 are",
        ),
        (
            npy(
                &good.replace("False", "True").replace("(10,)", "(5, 2)"),
                &[],
            ),
            "the array is in Fortran's order; save it with `numpy.ascontiguousarray`",
        ),
        (
            npy(&good.replace("(10,)", "(5, 2)"), &[]),
            "the array has the shape [5, 2], and θ is a list of 10 numbers",
        ),
        (
            npy(&good.replace("(10,)", "()"), &[]),
            "the array has the shape [], and θ is a list of 10 numbers",
        ),
        (
            npy(&good.replace("(10,)", "(99999999999999999999,)"), &[]),
            "header: the shape [1e+20] is that of 2^64 bytes or more",
        ),
        (
            npy(good, &[0; 79]),
            "byte 69: 80 bytes of numbers were expected, but there are 79",
        ),
        (
            npy(
                good,
                &doubles(&[0.0, 1.0, 2.0, 3.0, f64::NAN, 5.0, 6.0, 7.0, 8.0, 9.0]),
            ),
            "0.weight[1, 1] is NaN; all numbers must be finite",
        ),
        (
            doubles(&[
                0.0,
                1.0,
                2.0,
                3.0,
                4.0,
                5.0,
                6.0,
                7.0,
                8.0,
                f64::NEG_INFINITY,
            ]),
            "head.weight[0, 1] is -inf; all numbers must be finite",
        ),
    ];
    for (bytes, expected) in cases {
        assert_eq!(message(&bytes, &network), format!("weights: {expected}"));
    }
    let file = safetensors(&[
        ("0.weight", "F16", &[2, 3], words(&[0; 6])),
        ("0.bias", "F16", &[2], words(&[0x0000, 0x7c00])),
        ("head.weight", "F16", &[1, 2], words(&[0; 2])),
    ]);
    let expected = "weights: 0.bias[1] is inf; all numbers must be finite";
    assert_eq!(message(&file, &network), expected);
    // A weight that is finite and its component of θ is not.
    let file = safetensors(&[
        (
            "0.weight",
            "F64",
            &[2, 3],
            doubles(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.7e308]),
        ),
        ("0.bias", "F64", &[2], doubles(&[0.0; 2])),
        ("head.weight", "F64", &[1, 2], doubles(&[0.0; 2])),
    ]);
    let expected = "weights: 0.weight[1, 2] is inf; all numbers must be finite";
    assert_eq!(message(&file, &small_xavier()), expected);
    let missing = load("/nowhere/weights.npy", &network).expect_err("no such file");
    assert!(matches!(missing, CheckpointError::Io { .. }));
    assert!(
        missing.to_string().starts_with("/nowhere/weights.npy: "),
        "{missing}"
    );
}

/// Places in a file that add to more than a computer can count.
#[test]
fn places_that_overflow() {
    let mut entries = vec![];
    let mut end: u64 = 0;
    for tensor in 0..8 {
        let begin = end;
        end += (1 << 61) - 1;
        entries.push(format!("\"{tensor}\": {{\"dtype\": \"U8\", \"shape\": [{}], \"data_offsets\": [{begin}, {end}]}}", end - begin));
    }
    entries.push(format!(
        "\"8\": {{\"dtype\": \"U8\", \"shape\": [7], \"data_offsets\": [{end}, {}]}}",
        u64::MAX
    ));
    let file = with_header(&format!("{{{}}}", entries.join(",")), &[]);
    let expected = "weights: header: this is no valid .safetensors: 18446744073709551615 bytes of data are promised, but there are 0";
    assert_eq!(message(&file, &standard()), expected);
}
