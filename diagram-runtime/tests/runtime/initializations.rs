//! Initial weights: their distributions, and that those of the paper are the numbers that they were.

use diagram_runtime::initialization::{Initialization, UnknownInitialization, initialize};
use diagram_runtime::landscape::initialization;
use diagram_runtime::networks::{
    Activation, Attention, Convolution, Dense, Layer, Loss, Network, Parametrization, Shape, Tensor,
};

/// A large and a small layer of each kind that has weights.
fn networks(parametrization: Parametrization) -> [Network; 3] {
    let images = Network::input(Shape::image(8, 6, 6))
        .then(Convolution::new(32, 5))
        .then(Activation::Tanh)
        .then(Layer::scale())
        .then(Dense::new(80))
        .then(Layer::layer_norm())
        .then(Dense::new(1))
        // A layer of one input has weights that are no biases.
        .then(Dense::new(5000));
    let sequences = Network::input(Shape::Tokens(3))
        .then(Layer::embedding(200, 40))
        .then(Layer::residual([
            Layer::layer_norm(),
            Attention::new(4).into(),
        ]))
        .then(Dense::new(100));
    let all_with_fans = Network::input(Shape::image(1, 13, 13))
        .then(Convolution::new(4, 5).stride(2))
        .then(Activation::Tanh)
        .then(Dense::new(8))
        .then(Activation::Tanh)
        .then(Dense::new(3));
    [images, sequences, all_with_fans].map(|declaration| {
        let declaration = declaration.parametrization(parametrization);
        declaration.loss(Loss::MeanSquared).expect("it fits")
    })
}

/// The weights of a tensor.
fn weights(tensor: &Tensor, theta: &[f64]) -> Vec<f64> {
    let components = &theta[tensor.range()];
    components.iter().map(|x| tensor.scale * x).collect()
}

#[test]
fn the_papers_numbers_are_those_that_they_were() {
    for parametrization in [Parametrization::Xavier, Parametrization::Standard] {
        for network in networks(parametrization) {
            let theta = initialize(&network, Initialization::Paper, 7);
            let mut expected = initialization(network.dimension(), 7);
            for tensor in network.tensors() {
                if tensor.fans.is_none() {
                    // The factors of these tensors are 1.
                    expected[tensor.range()].fill(tensor.initial);
                }
            }
            assert_eq!(theta, expected);
        }
    }
    let [.., network] = networks(Parametrization::Xavier);
    let all_drawn = initialize(&network, Initialization::Paper, 7);
    assert_eq!(all_drawn, initialization(network.dimension(), 7));
}

#[test]
fn weights_have_the_mean_and_the_variance_of_their_distribution() {
    use Initialization::{KaimingNormal, KaimingUniform, Paper, XavierNormal, XavierUniform};
    let mut checked = 0;
    for network in networks(Parametrization::Xavier) {
        for initialization in [
            Paper,
            XavierUniform,
            XavierNormal,
            KaimingUniform,
            KaimingNormal,
        ] {
            let theta = initialize(&network, initialization, 1);
            for tensor in network.tensors() {
                let what = format!("{initialization}: {}", tensor.name);
                let weights = weights(tensor, &theta);
                let Some([inputs, outputs]) = tensor.fans else {
                    assert!(weights.iter().all(|&w| w == tensor.initial), "{what}");
                    continue;
                };
                if tensor.name.ends_with("bias") && initialization != Paper {
                    assert!(weights.iter().all(|&w| w == 0.0), "{what}");
                    continue;
                }
                let variance = match initialization {
                    KaimingUniform | KaimingNormal => 2.0 / inputs as f64,
                    _ => 2.0 / (inputs + outputs) as f64,
                };
                let uniform = matches!(initialization, XavierUniform | KaimingUniform);
                let bound = (3.0 * variance).sqrt();
                let most = weights.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
                // A rounding error or two.
                assert!(!uniform || most <= bound * (1.0 + 1e-15), "{what}");
                let n = weights.len() as f64;
                if n < 4000.0 {
                    continue;
                }
                checked += 1;
                let mean = weights.iter().sum::<f64>() / n;
                let second = weights.iter().map(|w| w * w).sum::<f64>() / n;
                // Five standard errors. Squares have the variance 2 σ⁴ of normal numbers and 4/5 σ⁴ of uniform ones.
                let spread = if uniform { 0.8_f64 } else { 2.0 }.sqrt();
                assert!(mean.abs() < 5.0 * (variance / n).sqrt(), "{what}: {mean}");
                let away = (second - variance).abs();
                assert!(
                    away < 5.0 * spread * variance / n.sqrt(),
                    "{what}: {second}"
                );
                // Less than one normal number in 10 is beyond the bound of uniform ones, and of 4000 some are.
                assert!(most > if uniform { 0.99 * bound } else { bound }, "{what}");
            }
        }
    }
    // The convolution, the dense layers of 80, of 5000 and of 100 outputs, the embedding, and the first projection of attention; in the paper's
    // initialization also the 5000 biases.
    assert_eq!(checked, 5 * 6 + 1);
}

#[test]
fn weights_do_not_depend_on_the_parametrization_but_in_the_paper() {
    let [standard, xavier] = [Parametrization::Standard, Parametrization::Xavier].map(networks);
    for (standard, xavier) in standard.iter().zip(&xavier) {
        for initialization in &Initialization::ALL[1..] {
            let plain = initialize(standard, *initialization, 2);
            let scaled = initialize(xavier, *initialization, 2);
            for tensor in xavier.tensors() {
                for (weight, at) in weights(tensor, &scaled).into_iter().zip(tensor.range()) {
                    // The quotient of the deviation and the factor, and two products, are rounded; three times 2^-53 and a little.
                    assert!((weight - plain[at]).abs() <= 4e-16 * plain[at].abs());
                }
            }
        }
    }
}

#[test]
fn seeds_and_names() {
    let [network, ..] = networks(Parametrization::Xavier);
    for initialization in Initialization::ALL {
        let draw = |seed| initialize(&network, initialization, seed);
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
        assert_eq!(initialization.to_string().parse(), Ok(initialization));
    }
    let name = "xavier".to_owned();
    let error = name.parse::<Initialization>().expect_err("no such name");
    assert_eq!(
        error.to_string(),
        "no initialization has the name \"xavier\"; there are paper, xavier_uniform, xavier_normal, kaiming_uniform, kaiming_normal"
    );
    assert_eq!(error, UnknownInitialization { name });
}
