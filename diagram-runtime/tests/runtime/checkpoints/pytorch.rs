//! Weights that `PyTorch` has saved, and the outputs that it computes with them.

use std::collections::BTreeMap;

use diagram_runtime::checkpoint::{FloatType, load, save_safetensors};
use diagram_runtime::initialization::{Initialization, initialize};
use diagram_runtime::landscapes::Precision;
use diagram_runtime::network::NetworkLandscape;
use diagram_runtime::networks::{
    Activation, Attention, Convolution, Declaration, Dense, Layer, Loss, Network, Parametrization,
    Shape,
};
use diagram_runtime::samples::Samples;

use super::{save_and_load, small_xavier};

pub(super) const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");

/// Networks of `benches/peers/networks/state_dict.py`, which has written the fixtures.
pub(super) fn fixtures() -> [(&'static str, FloatType, Network); 2] {
    let lenet = Network::input(Shape::image(1, 13, 13))
        .then(Convolution::new(4, 5).stride(2))
        .then(Activation::Tanh)
        .then(Convolution::new(6, 5).stride(2))
        .then(Activation::Tanh)
        .then(Layer::flatten())
        .then(Dense::new(8))
        .then(Activation::Tanh)
        .then(Dense::new(3));
    let transformer = Network::input(Shape::Tokens(5))
        .then(Layer::embedding(7, 4))
        .then(Layer::residual([
            Layer::layer_norm(),
            Attention::new(2).causal().into(),
        ]))
        .then(Layer::residual([
            Layer::layer_norm(),
            Dense::new(8).into(),
            Activation::Gelu.into(),
            Dense::new(4).into(),
        ]))
        .then(Layer::layer_norm())
        .then(Layer::flatten())
        .then(Dense::new(3));
    let network = |declaration: Declaration| {
        let standard = declaration.parametrization(Parametrization::Standard);
        standard.loss(Loss::CrossEntropy).expect("it fits")
    };
    [
        ("state_dict_lenet", FloatType::F32, network(lenet)),
        (
            "state_dict_transformer",
            FloatType::F64,
            network(transformer),
        ),
    ]
}

fn numbers(rows: &serde_json::Value) -> Vec<Vec<f64>> {
    serde_json::from_value(rows.clone()).expect("rows of numbers")
}

/// The largest difference between the outputs and those of `PyTorch`, relative to the largest output of the datapoint.
fn difference<T: Precision>(
    network: &Network,
    theta: &[f64],
    inputs: &[Vec<f64>],
    expected: &[Vec<f64>],
) -> f64 {
    let convert = |numbers: &[f64]| numbers.iter().map(|&x| T::constant(x)).collect::<Vec<T>>();
    let samples = Samples::new(inputs[0].len(), convert(&inputs.concat())).expect("rows");
    let landscape = NetworkLandscape::new(network);
    let outputs = landscape
        .outputs(&convert(theta), &samples)
        .expect("it fits");
    assert_eq!(
        (outputs.len(), outputs.width()),
        (expected.len(), expected[0].len())
    );
    let rows = expected.iter().enumerate().map(|(row, expected)| {
        let size = expected.iter().fold(0.0_f64, |size, z| size.max(z.abs()));
        let pairs = outputs.row(row).iter().zip(expected);
        pairs.fold(0.0_f64, |most, (found, z)| {
            most.max((found.to_f64() - z).abs() / size)
        })
    });
    rows.fold(0.0, f64::max)
}

#[test]
fn networks_of_pytorch_have_its_logits() {
    for (name, numbers_of_file, network) in fixtures() {
        let text = std::fs::read_to_string(format!("{FIXTURES}/{name}.json")).expect("it exists");
        let fixture: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(fixture["network"], network.to_string());
        let path = format!("{FIXTURES}/{name}.safetensors");
        let read = load(&path, &network).expect("it is well-formed");
        assert_eq!(fixture["prefix"], read.prefix.as_str());
        assert_eq!(
            read.metadata,
            BTreeMap::from([("format".to_owned(), "pt".to_owned())])
        );

        let inputs = numbers(&fixture["inputs"]);
        let [single, double] = ["float32", "float64"].map(|p| numbers(&fixture["outputs"][p]));
        // PyTorch's own outputs in single precision differ from those in double precision by 2.3e-7 at most. Here the same numbers are added in another order,
        // so that the errors of both together are about twice that; double precision is 2^29 times as precise, which makes about 1e-15.
        let found = difference::<f64>(&network, &read.theta, &inputs, &double);
        assert!(found < 1e-12, "{name}: {found:e}");
        let found = difference::<f32>(&network, &read.theta, &inputs, &single);
        assert!(found < 1e-6, "{name}: {found:e}");

        // Every tensor counts.
        for tensor in network.tensors() {
            let mut moved = read.theta.clone();
            for component in &mut moved[tensor.range()] {
                *component *= 1.001;
            }
            let changed = difference::<f64>(&network, &moved, &inputs, &double);
            assert!(changed > 1e-7, "{name}, {}: {changed:e}", tensor.name);
        }

        // Written again, the file of a network without a prefix is the same byte for byte.
        let saved = save_and_load(&network, |path| {
            save_safetensors(path, &network, &read.theta, numbers_of_file, &read.metadata)
        });
        assert_eq!(saved.0.theta, read.theta);
        if read.prefix.is_empty() {
            assert_eq!(saved.1, std::fs::read(&path).expect("it exists"));
        }
    }
}

#[test]
fn the_outputs_of_a_loss_are_those_before_it() {
    let network = small_xavier();
    let landscape = NetworkLandscape::new(&network);
    let theta = initialize(&network, Initialization::Paper, 3);
    let data = Samples::new(4, vec![0.5, -0.25, 1.0, 0.0, -1.0, 0.5, 2.0, 0.0]).expect("rows");
    let outputs = landscape.outputs(&theta, &data).expect("it fits");
    let local = landscape.local(&theta, &data).expect("it fits");
    let mut losses = [0.0; 2];
    local.losses(0..2, &mut losses).expect("it computes");
    for (row, loss) in losses.into_iter().enumerate() {
        // The label is 0, and the loss the square.
        let square = outputs.row(row)[0].powi(2);
        assert!(square > 1e-3 && (square - loss).abs() <= 1e-14 * loss);
    }
    let inputs = Samples::new(3, vec![0.5, -0.25, 1.0, -1.0, 0.5, 2.0]).expect("rows");
    assert_eq!(
        landscape.outputs(&theta, &inputs).expect("it fits"),
        outputs
    );
    let error = landscape
        .outputs(&theta[1..], &inputs)
        .expect_err("too few");
    assert_eq!(error.to_string(), "the network has 10 weights, but θ has 9");
    let narrow = Samples::new(2, vec![0.0; 4]).expect("rows");
    let error = landscape.outputs(&theta, &narrow).expect_err("too narrow");
    assert_eq!(
        error.to_string(),
        "the network reads 3 numbers, 4 with the label, but a datapoint has 2"
    );
}
