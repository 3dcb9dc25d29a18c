//! Networks as the text that declares them.

use std::fmt::{self, Write};

use super::layer::{Layer, LayerKind};
use super::network::{Declaration, Network, Parametrization, Penalty};
use super::shape::Shape;

/// The text that declares the network.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Declaration {
            input,
            parametrization,
            layers,
            penalties,
        } = &self.declaration;
        write!(f, "input({}", Arguments(*input))?;
        if *parametrization == Parametrization::Standard {
            f.write_str(", parametrization: standard")?;
        }
        f.write_char(')')?;
        for layer in layers {
            write!(f, " -> {layer}")?;
        }
        write!(f, " -> {}", self.loss.name())?;
        for penalty in penalties {
            write!(f, " + {penalty}")?;
        }
        Ok(())
    }
}

/// A shape as the arguments of `input`.
struct Arguments(Shape);

impl fmt::Display for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Shape::Vector(length) => write!(f, "{length}"),
            Shape::Image {
                channels,
                height,
                width,
            } => write!(f, "{channels}, {height}, {width}"),
            Shape::Sequence { tokens, width } => write!(f, "tokens: {tokens}, width: {width}"),
            Shape::Tokens(tokens) => write!(f, "tokens: {tokens}"),
        }
    }
}

/// The text that declares the layer.
impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}: ")?;
        }
        match &self.kind {
            LayerKind::Convolution(convolution) => {
                write!(
                    f,
                    "conv({}, kernel: {}",
                    convolution.outputs, convolution.kernel
                )?;
                for (name, value, usual) in [
                    ("stride", convolution.stride, 1),
                    ("pad", convolution.padding, 0),
                    ("groups", convolution.groups, 1),
                ] {
                    if value != usual {
                        write!(f, ", {name}: {value}")?;
                    }
                }
                f.write_str(bias(convolution.bias))?;
                f.write_char(')')
            }
            LayerKind::Dense(dense) => write!(f, "dense({}{})", dense.outputs, bias(dense.bias)),
            LayerKind::AveragePool { size } => write!(f, "avg_pool({size})"),
            LayerKind::Flatten => f.write_str("flatten"),
            LayerKind::Residual(layers) => {
                let layers: Vec<String> = layers.iter().map(ToString::to_string).collect();
                write!(f, "residual {{ {} }}", layers.join(" -> "))
            }
            LayerKind::LayerNorm { affine: true } => f.write_str("layer_norm"),
            LayerKind::LayerNorm { affine: false } => f.write_str("layer_norm(affine: false)"),
            LayerKind::Scale => f.write_str("scale"),
            LayerKind::Embedding { vocabulary, width } => {
                write!(f, "embedding({vocabulary}, {width})")
            }
            LayerKind::Attention(attention) => {
                write!(f, "attention(heads: {}", attention.heads)?;
                if attention.causal {
                    f.write_str(", causal: true")?;
                }
                f.write_str(bias(attention.bias))?;
                f.write_char(')')
            }
            LayerKind::Activation(function) => f.write_str(function.name()),
        }
    }
}

/// The argument for biases, where it is not the usual one.
const fn bias(bias: bool) -> &'static str {
    if bias { "" } else { ", bias: false" }
}

impl fmt::Display for Penalty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "l2({}", self.coefficient)?;
        for layer in self.layers.iter().flatten() {
            write!(f, ", {layer}")?;
        }
        f.write_char(')')
    }
}
