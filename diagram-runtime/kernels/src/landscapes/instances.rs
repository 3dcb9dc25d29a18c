//! The kernels of [`Named`] landscapes, of recorded losses and of declared networks, which are compiled here for the instruction sets of
//! [`InstructionSet::COMPILED`](diagram_algebra::lanes::InstructionSet::COMPILED): those of all in double precision, and those of networks and
//! graphs in single precision. The other landscapes, which have one to three weights, have no kernels in single precision: their
//! results are computed in double precision and rounded.
//!
//! A kernel is compiled in the crate whose code turns a landscape into a trait object. The functions that do so here are never inlined, so that programs
//! that use a [`Named`] landscape do not compile its kernels again.

use std::ops::Range;

use super::images::{CIFAR_LENET, CIFAR_LOGISTIC, FASHION_LENET, FASHION_LOGISTIC};
use super::{GaussianFit, LinearScrew, MeanEstimation, Named};
use crate::derivatives::{Derivatives, PointDerivatives, PointError};
use crate::device::DeviceError;
use crate::graph::Graph;
use crate::landscape::Landscape;
use crate::network::NetworkLandscape;
use crate::recorded::Recorded;
use crate::rounded::{RoundedDerivatives, RoundedSimulator};
use crate::samples::Samples;
use crate::scalar::Element;
use crate::simulator::{Points, Simulator, TestSet, delegate};
use crate::slab::Slab;

/// A floating point type that the built-in landscapes are compiled for: `f32` or `f64`.
pub trait Precision: Element + Copy {
    /// The name of the type.
    const NAME: &'static str;

    /// The derivatives of a [`Named`] landscape, as [`Named::local`] returns them.
    ///
    /// # Errors
    /// [`PointError`].
    fn local<'a>(
        named: Named,
        theta: &'a [Self],
        samples: &'a Samples<Self>,
    ) -> Result<Box<dyn Derivatives<Self> + 'a>, PointError>;

    /// The simulator of a [`Named`] landscape.
    fn simulator(named: Named) -> &'static dyn Simulator<Self>;

    /// The derivatives of a recorded loss, as [`Graph::local`] returns them.
    ///
    /// # Errors
    /// [`PointError`].
    fn of_graph<'a>(
        graph: &'a Graph,
        theta: &'a [Self],
        samples: &'a Samples<Self>,
    ) -> Result<Box<dyn Derivatives<Self> + 'a>, PointError>;

    /// The simulator of a recorded loss.
    fn graph_simulator(graph: &Graph) -> &dyn Simulator<Self>;

    /// The derivatives of a declared network, as [`NetworkLandscape::local`] returns them.
    ///
    /// # Errors
    /// [`PointError`].
    fn of_network<'a>(
        network: &'a NetworkLandscape,
        theta: &'a [Self],
        samples: &'a Samples<Self>,
    ) -> Result<Box<dyn Derivatives<Self> + 'a>, PointError>;

    /// The simulator of a declared network.
    fn network_simulator(network: &NetworkLandscape) -> &dyn Simulator<Self>;

    /// The outputs of a declared network at `theta` for the datapoint `x`, both of the right length.
    #[doc(hidden)]
    fn network_outputs(network: &NetworkLandscape, theta: &[Self], x: &[Self]) -> Vec<Self>;
}

/// The kernels of recorded losses and declared networks in a precision.
macro_rules! recorded_and_declared {
    ($number:ty) => {
        #[inline(never)]
        fn of_graph<'a>(
            graph: &'a Graph,
            theta: &'a [$number],
            samples: &'a Samples<$number>,
        ) -> Result<Box<dyn Derivatives<$number> + 'a>, PointError> {
            at(graph, theta, samples)
        }

        #[inline(never)]
        fn graph_simulator(graph: &Graph) -> &dyn Simulator<$number> {
            graph
        }

        #[inline(never)]
        fn of_network<'a>(
            network: &'a NetworkLandscape,
            theta: &'a [$number],
            samples: &'a Samples<$number>,
        ) -> Result<Box<dyn Derivatives<$number> + 'a>, PointError> {
            at(network, theta, samples)
        }

        #[inline(never)]
        fn network_simulator(network: &NetworkLandscape) -> &dyn Simulator<$number> {
            network
        }

        #[inline(never)]
        fn network_outputs(
            network: &NetworkLandscape,
            theta: &[$number],
            x: &[$number],
        ) -> Vec<$number> {
            network.outputs_of(theta, x)
        }
    };
}

impl Precision for f64 {
    const NAME: &'static str = "f64";

    #[inline(never)]
    fn local<'a>(
        named: Named,
        theta: &'a [f64],
        samples: &'a Samples<f64>,
    ) -> Result<Box<dyn Derivatives<f64> + 'a>, PointError> {
        Ok(match named {
            Named::FashionLogistic => Self::of_network(&FASHION_LOGISTIC, theta, samples)?,
            Named::FashionLeNet => Self::of_network(&FASHION_LENET, theta, samples)?,
            Named::CifarLogistic => Self::of_network(&CIFAR_LOGISTIC, theta, samples)?,
            Named::CifarLeNet => Self::of_network(&CIFAR_LENET, theta, samples)?,
            Named::GaussianFit => at(&GaussianFit, theta, samples)?,
            Named::LinearScrew => at(&LinearScrew, theta, samples)?,
            Named::MeanEstimation => at(&MeanEstimation::STANDARD, theta, samples)?,
        })
    }

    #[inline(never)]
    fn simulator(named: Named) -> &'static dyn Simulator<f64> {
        match named {
            Named::FashionLogistic => Self::network_simulator(&FASHION_LOGISTIC),
            Named::FashionLeNet => Self::network_simulator(&FASHION_LENET),
            Named::CifarLogistic => Self::network_simulator(&CIFAR_LOGISTIC),
            Named::CifarLeNet => Self::network_simulator(&CIFAR_LENET),
            Named::GaussianFit => &GaussianFit,
            Named::LinearScrew => &LinearScrew,
            Named::MeanEstimation => &MeanEstimation::STANDARD,
        }
    }

    recorded_and_declared!(f64);
}

impl Precision for f32 {
    const NAME: &'static str = "f32";

    #[inline(never)]
    fn local<'a>(
        named: Named,
        theta: &'a [f32],
        samples: &'a Samples<f32>,
    ) -> Result<Box<dyn Derivatives<f32> + 'a>, PointError> {
        Ok(match named {
            Named::FashionLogistic => Self::of_network(&FASHION_LOGISTIC, theta, samples)?,
            Named::FashionLeNet => Self::of_network(&FASHION_LENET, theta, samples)?,
            Named::CifarLogistic => Self::of_network(&CIFAR_LOGISTIC, theta, samples)?,
            Named::CifarLeNet => Self::of_network(&CIFAR_LENET, theta, samples)?,
            Named::GaussianFit => rounded(&GaussianFit, theta, samples)?,
            Named::LinearScrew => rounded(&LinearScrew, theta, samples)?,
            Named::MeanEstimation => rounded(&MeanEstimation::STANDARD, theta, samples)?,
        })
    }

    #[inline(never)]
    fn simulator(named: Named) -> &'static dyn Simulator<f32> {
        match named {
            Named::FashionLogistic => Self::network_simulator(&FASHION_LOGISTIC),
            Named::FashionLeNet => Self::network_simulator(&FASHION_LENET),
            Named::CifarLogistic => Self::network_simulator(&CIFAR_LOGISTIC),
            Named::CifarLeNet => Self::network_simulator(&CIFAR_LENET),
            Named::GaussianFit => &RoundedSimulator(GaussianFit),
            Named::LinearScrew => &RoundedSimulator(LinearScrew),
            Named::MeanEstimation => &RoundedSimulator(MeanEstimation::STANDARD),
        }
    }

    recorded_and_declared!(f32);
}

/// The kernels of [`Named::MeanEstimation`], for any Hessian, noise and optimum.
impl MeanEstimation {
    /// Returns the derivatives at `theta`, one finite number, for `samples`.
    ///
    /// # Errors
    /// [`PointError`].
    #[inline(never)]
    pub fn local<'a>(
        &'a self,
        theta: &'a [f64],
        samples: &'a Samples<f64>,
    ) -> Result<Box<dyn Derivatives<f64> + 'a>, PointError> {
        at(self, theta, samples)
    }

    /// Returns the simulator.
    #[inline(never)]
    pub fn simulator(&self) -> &dyn Simulator<f64> {
        self
    }
}

/// Derivatives that are computed in their own precision.
fn at<'a, L: Landscape, T: Element>(
    landscape: &'a L,
    theta: &'a [T],
    samples: &'a Samples<T>,
) -> Result<Box<dyn Derivatives<T> + 'a>, PointError> {
    Ok(Box::new(PointDerivatives::new(landscape, theta, samples)?))
}

/// Derivatives in single precision that are computed in double precision and rounded.
fn rounded<'a, L: Landscape>(
    landscape: &'a L,
    theta: &[f32],
    samples: &Samples<f32>,
) -> Result<Box<dyn Derivatives<f32> + 'a>, PointError> {
    let theta = theta.iter().copied().map(f64::from).collect();
    let samples = samples.map(|&number| f64::from(number));
    let derivatives = PointDerivatives::owned(landscape, theta, samples)?;
    Ok(Box::new(RoundedDerivatives(Box::new(derivatives))))
}

impl Named {
    /// The derivatives of the landscape at `theta`, P finite numbers, for `samples`.
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

impl Graph {
    /// Returns the derivatives of the loss at `theta`, P finite numbers, for `samples`. Their kernels are compiled in this crate.
    ///
    /// # Errors
    /// [`PointError`].
    pub fn local<'a, T: Precision>(
        &'a self,
        theta: &'a [T],
        samples: &'a Samples<T>,
    ) -> Result<Box<dyn Derivatives<T> + 'a>, PointError> {
        T::of_graph(self, theta, samples)
    }

    /// Returns the simulator of the loss. Its kernels are compiled in this crate.
    pub fn simulator<T: Precision>(&self) -> &dyn Simulator<T> {
        T::graph_simulator(self)
    }
}

impl NetworkLandscape {
    /// Returns the derivatives of the loss at `theta`, P finite numbers, for `samples`. Their kernels are compiled in this crate.
    ///
    /// # Errors
    /// [`PointError`].
    pub fn local<'a, T: Precision>(
        &'a self,
        theta: &'a [T],
        samples: &'a Samples<T>,
    ) -> Result<Box<dyn Derivatives<T> + 'a>, PointError> {
        T::of_network(self, theta, samples)
    }

    /// Returns the simulator of the loss. Its kernels are compiled in this crate.
    pub fn simulator<T: Precision>(&self) -> &dyn Simulator<T> {
        T::network_simulator(self)
    }
}

impl<T: Precision> Simulator<T> for Named {
    fn sizes(&self) -> (usize, usize) {
        (self.dimension(), self.input_width())
    }

    delegate!(T, self => T::simulator(*self));
}
