//! The built-in landscapes by name.

use std::fmt;
use std::str::FromStr;

use super::{
    CifarLeNet, CifarLogistic, FashionLeNet, FashionLogistic, GaussianFit, LinearScrew,
    MeanEstimation,
};
use crate::derivatives::{Derivatives, Local, LocalError};
use crate::landscape::Landscape;
use crate::samples::Samples;
use crate::scalar::Element;
use crate::simulate::Simulator;

/// A built-in landscape.
///
/// Its derivatives are compiled in this crate, so that programs that use them need not compile them again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// [`FashionLogistic`].
    FashionLogistic,
    /// [`FashionLeNet`].
    FashionLeNet,
    /// [`CifarLogistic`].
    CifarLogistic,
    /// [`CifarLeNet`].
    CifarLeNet,
    /// [`GaussianFit`].
    GaussianFit,
    /// [`LinearScrew`].
    LinearScrew,
    /// [`MeanEstimation`] with Hessian and noise 1 and the optimum at 0, its default.
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
                let $landscape = &FashionLogistic {};
                $body
            }
            Named::FashionLeNet => {
                let $landscape = &FashionLeNet {};
                $body
            }
            Named::CifarLogistic => {
                let $landscape = &CifarLogistic {};
                $body
            }
            Named::CifarLeNet => {
                let $landscape = &CifarLeNet {};
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
                let $landscape = &MeanEstimation {
                    hessian: 1.0,
                    noise: 1.0,
                    optimum: 0.0,
                };
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
    /// [`LocalError`].
    pub fn local<'a, T: Precision>(
        self,
        theta: &'a [T],
        samples: &'a Samples<T>,
    ) -> Result<Box<dyn Derivatives<T> + 'a>, LocalError> {
        T::local(self, theta, samples)
    }
}

/// A floating point type that the built-in landscapes are compiled for: `f32` or `f64`.
pub trait Precision: Element + Copy {
    /// The type's name.
    const NAME: &'static str;

    /// What [`Named::local`] gives.
    ///
    /// # Errors
    /// [`LocalError`].
    fn local<'a>(
        named: Named,
        theta: &'a [Self],
        samples: &'a Samples<Self>,
    ) -> Result<Box<dyn Derivatives<Self> + 'a>, LocalError>;

    /// What runs the trials of a [`Simulation`](crate::simulate::Simulation) of a [`Named`].
    fn simulator(named: Named) -> &'static dyn Simulator<Self>;
}

macro_rules! precision {
    ($number:ident) => {
        impl Precision for $number {
            const NAME: &'static str = stringify!($number);

            fn local<'a>(
                named: Named,
                theta: &'a [$number],
                samples: &'a Samples<$number>,
            ) -> Result<Box<dyn Derivatives<$number> + 'a>, LocalError> {
                Ok(
                    with_landscape!(named, landscape => Box::new(Local::new(landscape, theta, samples)?)),
                )
            }

            fn simulator(named: Named) -> &'static dyn Simulator<$number> {
                with_landscape!(named, landscape => landscape)
            }
        }
    };
}

precision!(f32);
precision!(f64);

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
