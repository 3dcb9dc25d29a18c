//! Files of every format.

use diagram_runtime::checkpoint::Format;

use super::{
    WEIGHTS, doubles, message, npy, read, safetensors, singles, small_xavier, standard, words,
};

#[test]
fn tensors_of_every_type_are_found_by_name() {
    // The names are out of order, and each type holds its numbers exactly.
    let file = safetensors(&[
        ("head.weight", "F64", &[1, 2], doubles(&[0.1, -7.0])),
        // 1, -2, the largest, the smallest normal, the largest subnormal and the smallest number of half precision.
        (
            "0.weight",
            "F16",
            &[2, 3],
            words(&[0x3c00, 0xc000, 0x7bff, 0x0400, 0x03ff, 0x8001]),
        ),
        // 1 and -3.140625.
        ("0.bias", "BF16", &[2], words(&[0x3f80, 0xc049])),
    ]);
    let found = read(&file, &standard());
    let small = 2.0_f64.powi(-24);
    let expected = [
        1.0,
        -2.0,
        65504.0,
        1024.0 * small,
        1023.0 * small,
        -small,
        1.0,
        -3.140_625,
        0.1,
        -7.0,
    ];
    assert_eq!(found.theta, expected);
    assert_eq!(
        (found.format, found.prefix.as_str()),
        (Format::Safetensors, "")
    );

    // A component of θ is the weight divided by the tensor's factor.
    let network = small_xavier();
    let scaled = read(&file, &network);
    for tensor in network.tensors() {
        assert!(tensor.scale != 1.0);
        for at in tensor.range() {
            assert_eq!(
                scaled.theta[at],
                expected[at] / tensor.scale,
                "{}",
                tensor.name
            );
        }
    }
}

/// The tensors of [`small`] in single precision, with names after a prefix.
fn prefixed(prefix: &str) -> Vec<u8> {
    let name = |rest: &str| format!("{prefix}{rest}");
    let (weight, bias, head) = (name("0.weight"), name("0.bias"), name("head.weight"));
    safetensors(&[
        (
            &weight,
            "F32",
            &[2, 3],
            singles(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        ),
        (&bias, "F32", &[2], singles(&[7.0, 8.0])),
        (&head, "F32", &[1, 2], singles(&[9.0, 10.0])),
    ])
}

#[test]
fn a_prefix_of_all_names_is_left_out_and_reported() {
    let expected: Vec<f64> = (1..=10).map(f64::from).collect();
    for prefix in ["", "model.", "_orig_mod.", "_orig_mod.model.", "0."] {
        let found = read(&prefixed(prefix), &standard());
        assert_eq!(found.prefix, prefix);
        assert_eq!(found.theta, expected, "{prefix}");
    }
    // A prefix ends with a dot.
    let report = message(&prefixed("model"), &standard());
    assert!(report.contains("3 missing, 3 surplus"), "{report}");
}

#[test]
fn numbers_without_names_are_theta() {
    let theta: Vec<f64> = (0..WEIGHTS).map(|i| 0.1 * i as f64 - 0.3).collect();
    let single: Vec<f32> = theta.iter().map(|&x| x as f32).collect();
    let widened: Vec<f64> = single.iter().map(|&x| f64::from(x)).collect();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (10,), }  \n";
    // The factors between θ and weights do not matter.
    for network in [standard(), small_xavier()] {
        for (bytes, expected, format) in [
            (doubles(&theta), &theta, Format::Raw),
            (singles(&single), &widened, Format::Raw),
            (npy(header, &doubles(&theta)), &theta, Format::Npy),
            (
                // A list in Fortran's order is in C's order, too.
                npy(
                    "{'shape': (10,), 'fortran_order': True, 'descr': '<f4'}",
                    &singles(&single),
                ),
                &widened,
                Format::Npy,
            ),
        ] {
            let found = read(&bytes, &network);
            assert_eq!((&found.theta, found.format), (expected, format));
            assert_eq!((found.prefix.as_str(), found.metadata.len()), ("", 0));
        }
    }
    // The later versions of the format have a longer length.
    for version in [2, 3] {
        let length = (header.len() as u32).to_le_bytes();
        let begin = [b'\x93', b'N', b'U', b'M', b'P', b'Y', version, 0];
        let bytes = [&begin[..], &length, header.as_bytes(), &doubles(&theta)].concat();
        assert_eq!(read(&bytes, &standard()).theta, theta);
    }
    // Raw numbers that begin like a safetensors file, which would have a header of no length.
    let mut odd = theta.clone();
    odd[0] = 0.0;
    odd[1] = f64::from_le_bytes(*b"{\x22a\x22:1}\x3f");
    assert_eq!(read(&doubles(&odd), &standard()).format, Format::Raw);
}
