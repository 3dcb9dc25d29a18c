//! Learning rates of the layers of a network.

use diagram_networks::Network;

/// The largest number of layers that an error names.
const MOST_NAMED: usize = 10;

/// The reason why layers cannot have learning rates.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LayerRateError {
    /// No layer with weights has the name.
    #[error("no layer with weights has the name {name:?}; there are {}{}", names.join(", "), and_more(*more))]
    Name {
        /// The name.
        name: String,
        /// The names of the first layers that have weights.
        names: Vec<String>,
        /// The number of other layers that have weights.
        more: usize,
    },
    /// A learning rate is negative, infinite or NaN.
    #[error("{} is {rate}; a learning rate must be a finite number that is not negative", of(layer.as_deref()))]
    Rate {
        /// The name of the layer; `None` for the learning rate of all other layers.
        layer: Option<String>,
        /// The learning rate.
        rate: f64,
    },
}

fn and_more(more: usize) -> String {
    match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

fn of(layer: Option<&str>) -> String {
    match layer {
        Some(name) => format!("the learning rate of the layer {name:?}"),
        None => "the learning rate of the other layers".into(),
    }
}

/// Returns a learning rate for each component of θ, in units of η: that of the component's layer in `by_layer`, and `default` for layers that are not
/// named. The numbers are the diagonal of M, with which [`LearningRate::diagonal`](super::LearningRate::diagonal) makes a learning rate.
///
/// The name of a residual layer stands for all layers inside. If a layer is named more than once, its last learning rate holds: name the residual layer
/// first and then the exceptions inside. A layer with the learning rate 0 is frozen.
///
/// These are learning rates of θ. A weight is a fixed factor s, [`Tensor::scale`](diagram_networks::Tensor::scale), times its component of θ, so that the
/// weight itself moves with s² times the learning rate.
///
/// # Errors
/// [`LayerRateError`].
///
/// ```
/// use diagram_kernels::learning_rate::{LearningRate, learning_rates};
/// use diagram_networks::{Activation, Dense, Loss, Network, Shape};
///
/// let network = Network::input(Shape::Vector(2))
///     .then(Dense::new(2).without_bias())
///     .then(Activation::Tanh)
///     .then(Dense::new(1).named("head"))
///     .loss(Loss::MeanSquared)?;
/// // The first layer is frozen.
/// let rates = learning_rates(&network, 0.0, &[("head", 1.0)])?;
/// assert_eq!(rates, [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
/// let rate = LearningRate::diagonal(rates)?;
/// # assert_eq!(rate.dimension(), Some(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn learning_rates<N: AsRef<str>>(
    network: &Network,
    default: f64,
    by_layer: &[(N, f64)],
) -> Result<Vec<f64>, LayerRateError> {
    check(default, None)?;
    let mut rates = vec![default; network.dimension()];
    for (name, rate) in by_layer {
        let name = name.as_ref();
        check(*rate, Some(name))?;
        let inside = format!("{name}.");
        let mut found = false;
        for tensor in network.tensors() {
            if tensor.layer == name || tensor.layer.starts_with(&inside) {
                rates[tensor.range()].fill(*rate);
                found = true;
            }
        }
        if !found {
            return Err(unknown(network, name));
        }
    }
    Ok(rates)
}

fn check(rate: f64, layer: Option<&str>) -> Result<(), LayerRateError> {
    if rate.is_finite() && rate >= 0.0 {
        return Ok(());
    }
    let layer = layer.map(str::to_owned);
    Err(LayerRateError::Rate { layer, rate })
}

fn unknown(network: &Network, name: &str) -> LayerRateError {
    let mut layers: Vec<&str> = network.tensors().iter().map(|t| &t.layer[..]).collect();
    layers.dedup();
    let named = layers.iter().take(MOST_NAMED);
    LayerRateError::Name {
        name: name.to_owned(),
        names: named.map(|layer| (*layer).to_owned()).collect(),
        more: layers.len().saturating_sub(MOST_NAMED),
    }
}
