//! The built-in landscapes by name.

use std::fmt;
use std::str::FromStr;

use super::{GaussianFit, LeNet, LinearScrew, Logistic, MeanEstimation};
use crate::derivatives::{Derivatives, PointError};
use crate::instances::Precision;
use crate::landscape::Landscape;
use crate::samples::Samples;

/// A built-in landscape.
///
/// Its kernels are compiled in this crate, so that programs that use them need not compile them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// [`Logistic::FASHION`](super::Logistic::FASHION).
    FashionLogistic,
    /// [`LeNet::FASHION`](super::LeNet::FASHION).
    FashionLeNet,
    /// [`Logistic::CIFAR`](super::Logistic::CIFAR).
    CifarLogistic,
    /// [`LeNet::CIFAR`](super::LeNet::CIFAR).
    CifarLeNet,
    /// [`GaussianFit`](super::GaussianFit).
    GaussianFit,
    /// [`LinearScrew`](super::LinearScrew).
    LinearScrew,
    /// [`MeanEstimation`](super::MeanEstimation) with Hessian and noise 1 and the optimum at 0, its default.
    MeanEstimation,
}

/// A name that no landscape has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no landscape {name:?}; there are {}", Named::ALL.map(Named::name).join(", "))]
pub struct UnknownLandscape {
    /// As given.
    pub name: String,
}

/// Evaluates an expression with `$landscape` bound to the landscape of a [`Named`].
macro_rules! with_landscape {
    ($named:expr, $landscape:ident => $body:expr) => {
        match $named {
            Named::FashionLogistic => {
                let $landscape = &Logistic::FASHION;
                $body
            }
            Named::FashionLeNet => {
                let $landscape = &LeNet::FASHION;
                $body
            }
            Named::CifarLogistic => {
                let $landscape = &Logistic::CIFAR;
                $body
            }
            Named::CifarLeNet => {
                let $landscape = &LeNet::CIFAR;
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
    /// All of them.
    pub const ALL: [Named; 7] = [
        Named::FashionLogistic,
        Named::FashionLeNet,
        Named::CifarLogistic,
        Named::CifarLeNet,
        Named::GaussianFit,
        Named::LinearScrew,
        Named::MeanEstimation,
    ];

    /// Its name on command lines.
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

    /// P.
    pub fn dimension(self) -> usize {
        with_landscape!(self, landscape => landscape.dimension())
    }

    /// Numbers in a datapoint.
    pub fn input_width(self) -> usize {
        with_landscape!(self, landscape => landscape.input_width())
    }

    /// [`Landscape::forward_flops`].
    pub fn forward_flops(self) -> Option<f64> {
        with_landscape!(self, landscape => landscape.forward_flops())
    }

    /// [`Landscape::gradient_flops`].
    pub fn gradient_flops(self) -> Option<f64> {
        with_landscape!(self, landscape => landscape.gradient_flops())
    }

    /// The losses of `samples` near `theta` (P finite numbers).
    ///
    /// # Errors
    /// [`PointError`].
    pub fn local<'a, T: Precision>(
        self,
        theta: &'a [T],
        samples: &'a Samples<T>,
    ) -> Result<Box<dyn Derivatives<T> + 'a>, PointError> {
        T::local(self, theta, samples)
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
