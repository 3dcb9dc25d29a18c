//! Initial weights of networks, by the name of an initialization and a seed.

use std::fmt;
use std::str::FromStr;

use crate::networks::{Network, Tensor};
use rand::distr::StandardUniform;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

/// A distribution of initial weights.
///
/// In the formulas `in` and `out` are the numbers of inputs and outputs that a weight connects, [`Tensor::fans`]: for a dense layer those of the layer, for a
/// convolution the number of weights of each output channel and the number of output channels, for the projections of attention its width, for an embedding
/// the vocabulary and the width. `PyTorch` counts the outputs of a convolution once for each place of the kernel, so that there its Xavier's weights have a
/// smaller variance.
///
/// Tensors without fans, which are the factors and biases of layer norms and the factors of scales, begin at [`Tensor::initial`] in all initializations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Initialization {
    /// The paper's: components of θ are independent standard normal numbers (Tenka, *A Space-Time Approach to Analyzing SGD*), those of biases included. In
    /// the [Xavier parametrization](crate::networks::Parametrization::Xavier) weights then have the variance `2 / (in + out)`, with `in = 1` for biases;
    /// in the standard parametrization they have the variance 1, which is too much for most networks.
    #[default]
    Paper,
    /// Weights are uniform between `±√(6 / (in + out))`, so that they have the variance `2 / (in + out)`; biases are 0 (Glorot and Bengio, *Understanding the
    /// difficulty of training deep feedforward neural networks*, 2010, equation 16).
    XavierUniform,
    /// Weights are normal with the variance `2 / (in + out)`; biases are 0 (the variance of Glorot and Bengio, 2010, equation 12).
    XavierNormal,
    /// Weights are uniform between `±√(6 / in)`, so that they have the variance `2 / in`; biases are 0 (the variance of He et al., *Delving deep into
    /// rectifiers*, 2015, equation 10).
    KaimingUniform,
    /// Weights are normal with the variance `2 / in`; biases are 0 (He et al., 2015, equation 10).
    KaimingNormal,
}

impl Initialization {
    /// All initializations.
    pub const ALL: [Initialization; 5] = [
        Initialization::Paper,
        Initialization::XavierUniform,
        Initialization::XavierNormal,
        Initialization::KaimingUniform,
        Initialization::KaimingNormal,
    ];

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        match self {
            Initialization::Paper => "paper",
            Initialization::XavierUniform => "xavier_uniform",
            Initialization::XavierNormal => "xavier_normal",
            Initialization::KaimingUniform => "kaiming_uniform",
            Initialization::KaimingNormal => "kaiming_normal",
        }
    }

    /// The variance of a weight that connects so many inputs and outputs, or `None` if components of θ have the variance 1.
    fn variance(self, [inputs, outputs]: [usize; 2]) -> Option<f64> {
        let (inputs, outputs) = (inputs as f64, outputs as f64);
        match self {
            Initialization::Paper => None,
            Initialization::XavierUniform | Initialization::XavierNormal => {
                Some(2.0 / (inputs + outputs))
            }
            Initialization::KaimingUniform | Initialization::KaimingNormal => Some(2.0 / inputs),
        }
    }

    /// Independent numbers of mean 0 and variance 1.
    fn draws(self, count: usize, seed: u64) -> Vec<f64> {
        match self {
            Initialization::Paper
            | Initialization::XavierNormal
            | Initialization::KaimingNormal => normals(count, seed),
            Initialization::XavierUniform | Initialization::KaimingUniform => {
                let bound = 3.0_f64.sqrt();
                let rng = ChaCha8Rng::seed_from_u64(seed);
                let fractions = rng.sample_iter::<f64, _>(StandardUniform).take(count);
                fractions.map(|x| bound * (2.0 * x - 1.0)).collect()
            }
        }
    }

    /// The component of θ of a weight, given a number of mean 0 and variance 1.
    fn component(self, tensor: &Tensor, draw: f64) -> f64 {
        let Some(fans) = tensor.fans else {
            return tensor.initial / tensor.scale;
        };
        match self.variance(fans) {
            None => draw,
            Some(_) if is_bias(tensor) => 0.0,
            Some(variance) => draw * (variance.sqrt() / tensor.scale),
        }
    }
}

/// The name, which [`Initialization::from_str`] reads.
impl fmt::Display for Initialization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that no initialization has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no initialization has the name {name:?}; there are {}", Initialization::ALL.map(Initialization::name).join(", "))]
pub struct UnknownInitialization {
    /// The name.
    pub name: String,
}

impl FromStr for Initialization {
    type Err = UnknownInitialization;

    fn from_str(name: &str) -> Result<Self, UnknownInitialization> {
        let mut all = Initialization::ALL.into_iter();
        all.find(|initialization| initialization.name() == name)
            .ok_or_else(|| UnknownInitialization { name: name.into() })
    }
}

/// Returns θ, P numbers that are determined by the initialization and the seed.
///
/// One number is drawn for each component of θ, whether it is used or not, so that Xavier's and Kaiming's weights are the same draws times other factors. If
/// all tensors have fans, [`Initialization::Paper`] gives the numbers of [`landscape::initialization`](crate::landscape::initialization), bit for bit.
pub fn initialize(network: &Network, initialization: Initialization, seed: u64) -> Vec<f64> {
    let mut theta = initialization.draws(network.dimension(), seed);
    for tensor in network.tensors() {
        for component in &mut theta[tensor.range()] {
            *component = initialization.component(tensor, *component);
        }
    }
    theta
}

/// Whether a tensor has the biases of a layer, and not weights that connect a single input.
fn is_bias(tensor: &Tensor) -> bool {
    matches!(tensor.fans, Some([1, _])) && tensor.name.ends_with("bias")
}

/// Independent standard normal numbers.
pub(crate) fn normals(count: usize, seed: u64) -> Vec<f64> {
    let normals = ChaCha8Rng::seed_from_u64(seed).sample_iter(StandardNormal);
    normals.take(count).collect()
}
