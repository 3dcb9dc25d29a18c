//! The words of networks: those that there are, those that are refused with a reason, and those of other libraries.

use diagram_networks::{Activation, Loss};
use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::names::nearest;

/// The layers other than activations.
const LAYERS: [&str; 9] = [
    "conv",
    "dense",
    "avg_pool",
    "flatten",
    "residual",
    "layer_norm",
    "scale",
    "embedding",
    "attention",
];

/// The words of other libraries, in small letters and without underscores, for words of this one.
const ELSEWHERE: [(&str, &str); 14] = [
    ("averagepool", "avg_pool"),
    ("bce", "binary_logistic"),
    ("convolution", "conv"),
    ("fc", "dense"),
    ("fullyconnected", "dense"),
    ("linear", "dense"),
    ("logistic", "sigmoid"),
    ("meanpool", "avg_pool"),
    ("mse", "mean_squared"),
    ("multiheadattention", "attention"),
    ("nll", "cross_entropy"),
    ("sin", "sine"),
    ("skip", "residual"),
    ("swish", "silu"),
];

const KINK: &str = "it has a kink, which a power series in η does not see";
const KINKS: &str = "a maximum has kinks, which a power series in η does not see";
const JUMP: &str = "its second derivative jumps, which a power series in η does not see";
const SMOOTH: &str = "take `softplus` or `gelu`, which are smooth";

/// A word that is refused.
pub(super) struct Refused {
    pub(super) reason: &'static str,
    pub(super) help: &'static str,
    is_loss: bool,
}

/// The words that are refused, in small letters and without underscores, and whether they are losses.
const REFUSED: [(&str, bool, &str, &str); 16] = [
    ("abs", false, KINK, SMOOTH),
    (
        "batchnorm",
        false,
        "what it makes of a datapoint depends on the others in the batch, so that there would be no loss of a datapoint",
        "take `layer_norm`, which reads one datapoint",
    ),
    (
        "dropout",
        false,
        "it is random, and so no function of θ and the datapoint",
        "leave it out; `+ l2(1/1000)` after the loss regularizes, too",
    ),
    ("elu", false, JUMP, SMOOTH),
    ("hardtanh", false, KINK, "take `tanh`, which is smooth"),
    (
        "hinge",
        true,
        KINK,
        "take `binary_logistic` or `cross_entropy`, which are smooth",
    ),
    ("huber", true, JUMP, "take `mean_squared`"),
    ("l1", true, KINK, "take `mean_squared`"),
    ("leakyrelu", false, KINK, SMOOTH),
    ("max", false, KINKS, SMOOTH),
    ("maxpool", false, KINKS, "take `avg_pool`, which is smooth"),
    ("prelu", false, KINK, SMOOTH),
    ("relu", false, KINK, SMOOTH),
    ("relu6", false, KINK, SMOOTH),
    (
        "selu",
        false,
        "its derivative jumps at 0, which a power series in η does not see",
        SMOOTH,
    ),
    (
        "softmax",
        false,
        "the loss `cross_entropy` contains it",
        "remove it, and end with `-> cross_entropy`",
    ),
];

/// What a word stands for, misspelt or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Input,
    Layer,
    Loss,
    Unknown,
}

impl Kind {
    /// What a word stands for. A word that is refused is a layer or a loss, too.
    pub(super) fn of(word: &Ident) -> Self {
        let word = meant(word).unwrap_or_else(|| plain(word));
        if word == "input" {
            Kind::Input
        } else if layers().any(|layer| layer == word) {
            Kind::Layer
        } else if Loss::ALL.iter().any(|loss| loss.name() == word) {
            Kind::Loss
        } else {
            match refusal(&word) {
                Some(refused) if refused.is_loss => Kind::Loss,
                Some(_) => Kind::Layer,
                None => Kind::Unknown,
            }
        }
    }
}

/// The text of a name, without the `r#` of Rust.
pub(super) fn plain(name: &Ident) -> String {
    name.unraw().to_string()
}

/// In small letters and without underscores, without an ending such as `2d`.
fn letters(word: &str) -> String {
    let mut letters = word.to_lowercase().replace('_', "");
    for ending in ["1d", "2d", "3d"] {
        if let Some(rest) = letters.strip_suffix(ending) {
            letters.truncate(rest.len());
        }
    }
    letters
}

/// The reason for refusing a word, if it is refused.
pub(super) fn refusal(word: &str) -> Option<Refused> {
    let letters = letters(word);
    let (_, is_loss, reason, help) = REFUSED.into_iter().find(|(word, ..)| *word == letters)?;
    Some(Refused {
        reason,
        help,
        is_loss,
    })
}

/// Whether a word is refused.
pub(super) fn is_refused(word: &Ident) -> bool {
    refusal(&plain(word)).is_some()
}

fn layers() -> impl Iterator<Item = &'static str> {
    LAYERS
        .into_iter()
        .chain(Activation::ALL.map(Activation::name))
}

/// All layers and losses in words.
pub(super) fn all() -> String {
    let layers: Vec<&str> = layers().collect();
    let losses = Loss::ALL.map(Loss::name);
    format!(
        "layers are `{}`; losses are `{}`",
        layers.join("`, `"),
        losses.join("`, `")
    )
}

/// The known word of which a word is likely a misspelling, or that stands for the same; `None` if there is none or if the word is refused.
pub(super) fn meant(word: &Ident) -> Option<String> {
    let word = plain(word);
    if refusal(&word).is_some() {
        return None;
    }
    let mut all: Vec<&str> = layers().chain(Loss::ALL.map(Loss::name)).collect();
    all.push("input");
    if all.contains(&&word[..]) {
        return Some(word);
    }
    let letters = letters(&word);
    let same = all.iter().find(|known| known.replace('_', "") == letters);
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == letters);
    let found = same
        .copied()
        .or(elsewhere.map(|(_, known)| *known))
        .or_else(|| nearest(&word, &all));
    found.map(String::from)
}
