//! Declared networks against JAX: losses, gradients and values up to order 2, in double precision.
//!
//! The fixtures are written by `benches/peers/networks/fixtures.py`, which has the networks from the definitions of their layers.

use diagrams::calculus::value_class::ValueClass;
use diagrams::runtime::derivatives::{DerivativeOutput, Pass};
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::network::NetworkLandscape;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::values::{Method, Options, evaluate};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixtures {
    networks: Vec<Fixture>,
}

/// What JAX computed for a network.
#[derive(Deserialize)]
struct Fixture {
    network: String,
    weights: usize,
    /// At each datapoint.
    losses: Vec<f64>,
    /// At the first datapoint; missing where there are many weights.
    gradient: Option<Vec<f64>>,
    /// Products of the gradient at the first datapoint with fixed vectors.
    #[serde(rename = "gradient along")]
    along: Vec<f64>,
    values: Values,
}

#[derive(Deserialize)]
struct Values {
    loss: f64,
    #[serde(rename = "untied edge")]
    untied_edge: f64,
    #[serde(rename = "tied edge")]
    tied_edge: f64,
    #[serde(rename = "untied chain")]
    untied_chain: f64,
    #[serde(rename = "tied ends")]
    tied_ends: f64,
    #[serde(rename = "tied edge of a chain")]
    tied_edge_of_a_chain: f64,
    #[serde(rename = "tied chain")]
    tied_chain: f64,
}

impl Values {
    /// Each value with its class.
    fn classes(&self) -> Vec<(ValueClass, f64)> {
        let class = |parts: &[usize]| {
            let edges: Vec<(usize, usize)> =
                (1..parts.len()).map(|node| (node - 1, node)).collect();
            ValueClass::from_edges(parts.len(), &edges, parts, None).expect("a chain")
        };
        vec![
            (class(&[0]), self.loss),
            (class(&[0, 1]), self.untied_edge),
            (class(&[0, 0]), self.tied_edge),
            (class(&[0, 1, 2]), self.untied_chain),
            (class(&[0, 1, 0]), self.tied_ends),
            (class(&[0, 0, 1]), self.tied_edge_of_a_chain),
            (class(&[0, 0, 0]), self.tied_chain),
        ]
    }
}

/// The numbers of the script: fractions between -1/2 and 1/2.
fn fractions(count: usize, first: usize) -> Vec<f64> {
    let fraction = |i: usize| (((first + i) * 7919 + 13) % 1009) as f64 / 1009.0 - 0.5;
    (0..count).map(fraction).collect()
}

fn one_hot(classes: usize, n: usize) -> Vec<f64> {
    (0..classes)
        .map(|class| f64::from(u8::from((5 * n + 1) % classes == class)))
        .collect()
}

/// The label of datapoint n of a network.
fn label(network: usize, n: usize) -> Vec<f64> {
    let x = n as f64;
    match network {
        0 | 1 | 5 => one_hot(3, n),
        2 => vec![f64::from((n % 2) as u8)],
        3 => vec![0.25 * x, -0.5, 1.0 / (x + 1.0)],
        4 => vec![x, f64::from((3 - n % 3) as u8)],
        6 => one_hot(2, n),
        7 => vec![0.5, -0.25, 0.125 * x, 1.0],
        _ => one_hot(10, n),
    }
}

/// Both sum the same terms in another order, so that results differ by roundings of the largest terms. The numbers of a list are compared by its largest one;
/// 1e-12 is 4,500 units in the last place, for sums of up to 10^5 terms.
fn assert_close(found: &[f64], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let size = expected.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (found - expected).abs();
        assert!(
            error <= 1e-12 * size,
            "{what}, number {at}: {found}, by JAX {expected}"
        );
    }
}

fn check(index: usize, fixture: &Fixture) {
    let text = &fixture.network;
    let network = diagrams::network(text).unwrap_or_else(|errors| panic!("{text}: {errors}"));
    let landscape = NetworkLandscape::new(&network);
    assert_eq!(
        network.dimension(),
        fixture.weights,
        "{text}\n{}",
        network.layout()
    );
    let doubled =
        |numbers: Vec<f64>| -> Vec<f64> { numbers.into_iter().map(|x| 2.0 * x).collect() };
    let theta = doubled(fractions(fixture.weights, index));
    let inputs = network.input_shape().len();
    let rows: Vec<f64> = (0..fixture.losses.len())
        .flat_map(|n| {
            let numbers = if text.contains("embedding") {
                (0..inputs).map(|i| ((3 * n + 7 * i) % 11) as f64).collect()
            } else {
                doubled(fractions(inputs, 1000 * (n + 1) + index))
            };
            [numbers, label(index, n)].concat()
        })
        .collect();
    let samples = Samples::new(network.input_width(), rows).expect("whole rows");
    let local = landscape.local(&theta, &samples).expect("sizes fit");

    let mut losses = vec![0.0; samples.len()];
    local
        .losses(0..samples.len(), &mut losses)
        .expect("the processor does not fail");
    assert_close(&losses, &fixture.losses, &format!("losses of {text}"));

    let mut gradient = vec![0.0; fixture.weights];
    let output = DerivativeOutput {
        powers: &[],
        per_sample: Some(&mut gradient),
        sum: None,
    };
    let pass = Pass {
        directions: vec![],
        outputs: vec![output],
    };
    local
        .passes(0..1, vec![pass])
        .expect("the processor does not fail");
    if let Some(expected) = &fixture.gradient {
        assert_close(&gradient, expected, &format!("gradient of {text}"));
    }
    let along: Vec<f64> = (0..fixture.along.len())
        .map(|k| {
            let direction = fractions(fixture.weights, 17 * k);
            gradient.iter().zip(&direction).map(|(g, u)| g * u).sum()
        })
        .collect();
    assert_close(
        &along,
        &fixture.along,
        &format!("products with the gradient of {text}"),
    );

    let (classes, expected): (Vec<ValueClass>, Vec<f64>) =
        fixture.values.classes().into_iter().unzip();
    let options = Options::population().by(Method::Passes);
    let values = evaluate(&Interpreted::new(&classes), &*local, &options).expect("finite");
    for ((class, expected), value) in classes.iter().zip(expected).zip(&values.entries) {
        assert_close(
            &value.estimate,
            &[expected],
            &format!("value {class} of {text}"),
        );
    }
}

#[test]
fn networks_are_those_of_jax() {
    let fixtures: Fixtures =
        serde_json::from_str(include_str!("../data/networks.json")).expect("fixtures");
    assert!(fixtures.networks.len() >= 10);
    for (index, fixture) in fixtures.networks.iter().enumerate() {
        check(index, fixture);
    }
}
