//! What is written is read.

use std::collections::BTreeMap;

use diagram_runtime::checkpoint::{
    CheckpointError, FloatType, Format, save_npy, save_raw, save_safetensors,
};
use proptest::prelude::*;

use super::{WEIGHTS, doubles, npy, save_and_load, small_xavier, standard};

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_saved_is_read(
        theta in proptest::collection::vec(proptest::num::f64::NORMAL | proptest::num::f64::ZERO, WEIGHTS),
        moderate in proptest::collection::vec(-1e30..1e30_f64, WEIGHTS),
    ) {
        let none = BTreeMap::new();
        let [standard, xavier] = [standard(), small_xavier()];
        for network in [&standard, &xavier] {
            let (npy, _) = save_and_load(network, |path| save_npy(path, network, &theta));
            let (raw, _) = save_and_load(network, |path| save_raw(path, network, &theta));
            prop_assert_eq!((&npy.theta, npy.format), (&theta, Format::Npy));
            prop_assert_eq!((&raw.theta, raw.format), (&theta, Format::Raw));
        }
        let (exact, _) = save_and_load(&standard, |path| save_safetensors(path, &standard, &theta, FloatType::F64, &none));
        prop_assert_eq!(&exact.theta, &theta);
        // With factors a component is rounded once each way: (1 + d)(1 + e) is within 2u + u² of 1 if d and e are at most u = 2^-53.
        let u = 2.0_f64.powi(-53);
        for (numbers, bound) in [(FloatType::F64, 2.0 * u + u * u), (FloatType::F32, 2.0_f64.powi(-24) + 2.0 * u)] {
            let (read, _) = save_and_load(&xavier, |path| save_safetensors(path, &xavier, &moderate, numbers, &none));
            for (read, saved) in read.theta.iter().zip(&moderate) {
                // The smallest weight that is not 0 has a size of 1e30 / 2^53, far above subnormal singles; the product below is rounded, too.
                prop_assert!((read - saved).abs() <= bound * saved.abs() * (1.0 + 4.0 * u), "{} {}", read, saved);
            }
        }
    }
}

#[test]
fn what_cannot_be_saved() {
    let network = small_xavier();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("weights");
    let none = BTreeMap::new();
    let mut theta = vec![0.0; WEIGHTS];
    for result in [
        save_npy(&path, &network, &theta[1..]),
        save_raw(&path, &network, &theta[1..]),
        save_safetensors(&path, &network, &theta[1..], FloatType::F64, &none),
    ] {
        let error = result.expect_err("too few").to_string();
        assert_eq!(error, "the network has 10 weights, but θ has 9");
    }
    // The largest single is 3.4e38, and the factor of the head is √(2/3).
    theta[9] = 5e38;
    save_safetensors(&path, &network, &theta, FloatType::F64, &none).expect("a double");
    std::fs::remove_file(&path).expect("it was written");
    let error = save_safetensors(&path, &network, &theta, FloatType::F32, &none);
    let error = error.expect_err("too large").to_string();
    let expected = format!(
        "{}: head.weight[0, 1] is inf; all numbers must be finite",
        path.display()
    );
    assert_eq!(error, expected);
    theta[9] = f64::NAN;
    save_npy(&path, &network, &theta).expect_err("no number");
    save_raw(&path, &network, &theta).expect_err("no number");
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("it exists").count(),
        0
    );
    let error = save_raw(folder.path().join("no/folder"), &network, &[0.0; WEIGHTS]);
    assert!(matches!(error, Err(CheckpointError::Io { .. })));
}

/// A file as `NumPy` 2 writes it, for `numpy.arange(10) / 4`.
#[test]
fn npy_files_are_those_of_numpy() {
    let theta: Vec<f64> = (0..WEIGHTS).map(|i| i as f64 / 4.0).collect();
    let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (10,), }                                                           \n";
    assert_eq!(header.len(), 118);
    let (_, bytes) = save_and_load(&standard(), |path| save_npy(path, &standard(), &theta));
    assert_eq!(bytes, npy(header, &doubles(&theta)));
}
