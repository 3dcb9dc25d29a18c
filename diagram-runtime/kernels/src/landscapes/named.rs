//! The built-in landscapes by name.

use std::fmt;
use std::str::FromStr;

use super::images::{CIFAR_LENET, CIFAR_LOGISTIC, FASHION_LENET, FASHION_LOGISTIC};
use super::{GaussianFit, LinearScrew, MeanEstimation};
use crate::landscape::Landscape;
use crate::network::NetworkLandscape;

/// A built-in landscape, chosen at run time.
///
/// Its kernels are compiled in this crate and not again in the programs that use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// [Logistic regression](super::logistic) on Fashion-MNIST: 784 pixels, P = 7850.
    FashionLogistic,
    /// The [convolutional network](super::lenet) on Fashion-MNIST: one channel of 28 x 28 pixels, P = 4490.
    FashionLeNet,
    /// [Logistic regression](super::logistic) on CIFAR-10: 3072 pixels, P = 30,730.
    CifarLogistic,
    /// The [convolutional network](super::lenet) on CIFAR-10: three channels of 32 x 32 pixels, P = 5890.
    CifarLeNet,
    /// The landscape [`GaussianFit`].
    GaussianFit,
    /// The landscape [`LinearScrew`].
    LinearScrew,
    /// The landscape [`MeanEstimation::STANDARD`](super::MeanEstimation::STANDARD), with Hessian 1, noise 1 and the optimum at 0.
    MeanEstimation,
}

/// The error that no built-in landscape has the given name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no landscape {name:?}; there are {}", Named::ALL.map(Named::name).join(", "))]
pub struct UnknownLandscape {
    /// The name that was given.
    pub name: String,
}

/// Evaluates an expression with `$landscape` bound to the landscape of a [`Named`].
macro_rules! with_landscape {
    ($named:expr, $landscape:ident => $body:expr) => {
        match $named {
            Named::FashionLogistic => {
                let $landscape = &*FASHION_LOGISTIC;
                $body
            }
            Named::FashionLeNet => {
                let $landscape = &*FASHION_LENET;
                $body
            }
            Named::CifarLogistic => {
                let $landscape = &*CIFAR_LOGISTIC;
                $body
            }
            Named::CifarLeNet => {
                let $landscape = &*CIFAR_LENET;
                $body
            }
            Named::GaussianFit => {
                let $landscape = &GaussianFit;
                $body
            }
            Named::LinearScrew => {
                let $landscape = &LinearScrew;
                $body
            }
            Named::MeanEstimation => {
                let $landscape = &MeanEstimation::STANDARD;
                $body
            }
        }
    };
}

impl Named {
    /// All built-in landscapes.
    pub const ALL: [Named; 7] = [
        Named::FashionLogistic,
        Named::FashionLeNet,
        Named::CifarLogistic,
        Named::CifarLeNet,
        Named::GaussianFit,
        Named::LinearScrew,
        Named::MeanEstimation,
    ];

    /// The name of the landscape on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Named::FashionLogistic => "fashion-logistic",
            Named::FashionLeNet => "fashion-lenet",
            Named::CifarLogistic => "cifar-logistic",
            Named::CifarLeNet => "cifar-lenet",
            Named::GaussianFit => "gaussian-fit",
            Named::LinearScrew => "linear-screw",
            Named::MeanEstimation => "mean-estimation",
        }
    }

    /// The declared network that the landscape is, unless it is none.
    pub fn network(self) -> Option<&'static NetworkLandscape> {
        match self {
            Named::FashionLogistic => Some(&FASHION_LOGISTIC),
            Named::FashionLeNet => Some(&FASHION_LENET),
            Named::CifarLogistic => Some(&CIFAR_LOGISTIC),
            Named::CifarLeNet => Some(&CIFAR_LENET),
            Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => None,
        }
    }

    /// The number P of weights.
    pub fn dimension(self) -> usize {
        with_landscape!(self, landscape => landscape.dimension())
    }

    /// The number of numbers in a datapoint.
    pub fn input_width(self) -> usize {
        with_landscape!(self, landscape => landscape.input_width())
    }

    /// The number of floating point operations of one loss: [`Landscape::forward_flops`].
    pub fn forward_flops(self) -> Option<f64> {
        with_landscape!(self, landscape => landscape.forward_flops())
    }

    /// The number of floating point operations of one gradient: [`Landscape::gradient_flops`].
    pub fn gradient_flops(self) -> Option<f64> {
        with_landscape!(self, landscape => landscape.gradient_flops())
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Named {
    type Err = UnknownLandscape;

    fn from_str(name: &str) -> Result<Self, UnknownLandscape> {
        Named::ALL
            .into_iter()
            .find(|named| named.name() == name)
            .ok_or_else(|| UnknownLandscape { name: name.into() })
    }
}
