//! Layers from stages.

use diagram_networks::{Activation, Attention, Convolution, Dense, Layer, LayerKind};

use super::arguments::{Arguments, Signature};
use super::words::{self, Kind};
use crate::parse::Stage;
use crate::report::Report;

const CONVOLUTION: Signature = Signature {
    unnamed: &["the number of outputs"],
    named: &["kernel", "stride", "pad", "groups", "bias"],
    needed: &["kernel"],
    example: "conv(8, kernel: 3)",
};
const DENSE: Signature = Signature {
    unnamed: &["the number of outputs"],
    named: &["bias"],
    needed: &[],
    example: "dense(10)",
};
const AVERAGE_POOL: Signature = Signature {
    unnamed: &["the size of the pool"],
    named: &[],
    needed: &[],
    example: "avg_pool(2)",
};
const LAYER_NORM: Signature = Signature {
    unnamed: &[],
    named: &["affine"],
    needed: &[],
    example: "layer_norm",
};
const EMBEDDING: Signature = Signature {
    unnamed: &["the vocabulary", "the width"],
    named: &[],
    needed: &[],
    example: "embedding(65, 16)",
};
const ATTENTION: Signature = Signature {
    unnamed: &[],
    named: &["heads", "causal", "bias"],
    needed: &[],
    example: "attention(heads: 2)",
};
/// What takes no arguments.
pub(super) const WORD: Signature = Signature {
    unnamed: &[],
    named: &[],
    needed: &[],
    example: "",
};
const RESIDUAL: &str = "write `residual { conv(8, kernel: 3, pad: 1) -> tanh }`";

/// The layer of a stage, with the layers in its braces, or `None` if it has errors, which are reported.
pub(super) fn lower(
    stage: &Stage,
    inside: Option<Vec<Layer>>,
    report: &mut Report,
) -> Option<LayerKind> {
    let before = report.len();
    let call = &stage.call;
    let word = words::plain(&call.word);
    if word != "residual" && Kind::of(&call.word) == Kind::Layer && inside.is_some() {
        let message = format!("`{word}` has no layers inside");
        let help = "layers stand inside `residual { … }` alone";
        report.error(&call.word, message, help);
    }
    let kind = match &word[..] {
        "conv" => {
            let arguments = Arguments::new(call, &CONVOLUTION, report);
            let outputs = arguments.size(0, report);
            let kernel = arguments.size_or_1("kernel", report);
            let stride = arguments.size_or_1("stride", report);
            let padding = arguments.number_or_0("pad", report);
            let groups = arguments.size_or_1("groups", report);
            let bias = arguments.flag_or("bias", true, report);
            LayerKind::Convolution(Convolution {
                outputs: outputs?,
                kernel: kernel?,
                stride: stride?,
                padding: padding?,
                groups: groups?,
                bias: bias?,
            })
        }
        "dense" => {
            let arguments = Arguments::new(call, &DENSE, report);
            let outputs = arguments.size(0, report);
            let bias = arguments.flag_or("bias", true, report);
            LayerKind::Dense(Dense {
                outputs: outputs?,
                bias: bias?,
            })
        }
        "avg_pool" => LayerKind::AveragePool {
            size: Arguments::new(call, &AVERAGE_POOL, report).size(0, report)?,
        },
        "residual" => residual(stage, inside, report)?,
        "layer_norm" => LayerKind::LayerNorm {
            affine: Arguments::new(call, &LAYER_NORM, report).flag_or("affine", true, report)?,
        },
        "embedding" => {
            let arguments = Arguments::new(call, &EMBEDDING, report);
            let vocabulary = arguments.size(0, report);
            let width = arguments.size(1, report);
            LayerKind::Embedding {
                vocabulary: vocabulary?,
                width: width?,
            }
        }
        "attention" => {
            let arguments = Arguments::new(call, &ATTENTION, report);
            let heads = arguments.size_or_1("heads", report);
            let causal = arguments.flag_or("causal", false, report);
            let bias = arguments.flag_or("bias", true, report);
            LayerKind::Attention(Attention {
                heads: heads?,
                causal: causal?,
                bias: bias?,
            })
        }
        word => {
            let activation = Activation::ALL.iter().find(|layer| layer.name() == word);
            let kind = match (word, activation) {
                ("flatten", _) => LayerKind::Flatten,
                ("scale", _) => LayerKind::Scale,
                (_, Some(activation)) => LayerKind::Activation(*activation),
                _ => {
                    unknown(stage, report);
                    return None;
                }
            };
            Arguments::new(call, &WORD, report);
            kind
        }
    };
    (report.len() == before).then_some(kind)
}

fn residual(stage: &Stage, inside: Option<Vec<Layer>>, report: &mut Report) -> Option<LayerKind> {
    let word = &stage.call.word;
    match inside {
        _ if stage.call.arguments.is_some() => {
            let message = "the layers of `residual` stand in braces, and it takes no arguments";
            report.error(word, message, RESIDUAL);
            None
        }
        Some(layers) if !layers.is_empty() => Some(LayerKind::Residual(layers)),
        Some(_) => {
            report.error(word, "there is no layer in this `residual`", RESIDUAL);
            None
        }
        None => {
            report.error(word, "`residual` needs layers in braces", RESIDUAL);
            None
        }
    }
}

/// Reports a word that is no layer.
pub(super) fn unknown(stage: &Stage, report: &mut Report) {
    let word = &stage.call.word;
    let text = words::plain(word);
    if let Some(refused) = words::refusal(&text) {
        report.error(
            word,
            format!("there is no `{word}`: {}", refused.reason),
            refused.help,
        );
        return;
    }
    let meant = words::meant(word);
    if meant.as_ref() == Some(&text) {
        let (message, help) = match Kind::of(word) {
            Kind::Input => (
                "`input` stands at the beginning of a network alone".into(),
                "remove it",
            ),
            _ => (
                format!("`{word}` stands inside `residual`, and a loss is the end of a network"),
                "move it behind the last layer",
            ),
        };
        report.error(word, message, help);
        return;
    }
    let what = match Kind::of(word) {
        Kind::Loss => "loss",
        Kind::Input => "word",
        _ => "layer",
    };
    let help = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => words::all(),
    };
    report.error(word, format!("unknown {what} `{word}`"), help);
}
