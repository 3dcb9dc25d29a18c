//! Landscapes for devices.

#[cfg(feature = "cuda-unversioned")]
use std::sync::Arc;

use diagram_kernels::derivatives::{Derivatives, PointError};
use diagram_kernels::graph::Graph;
use diagram_kernels::network::NetworkLandscape;
use diagram_kernels::recorded::Recorded;
use diagram_kernels::samples::Samples;
use diagram_kernels::simulator::Simulator;
use diagram_runtime::simulate::FloatingPoint;

#[cfg(feature = "cuda-unversioned")]
use crate::derivatives::DeviceDerivatives;
#[cfg(feature = "cuda-unversioned")]
use crate::program::Program;
use crate::{Device, DeviceError};

mod sealed {
    /// What a number needs on a device.
    #[cfg(feature = "cuda-unversioned")]
    pub trait OnDevice:
        Default + Copy + cudarc::driver::DeviceRepr + cudarc::driver::ValidAsZeroBits
    {
        /// The nearest number of this type.
        fn rounded(number: f64) -> Self;
        /// The number in double precision.
        fn wide(self) -> f64;
    }
    #[cfg(not(feature = "cuda-unversioned"))]
    pub trait OnDevice {}
}

/// The numbers that devices compute with: `f32` and `f64`.
pub trait Number: FloatingPoint + sealed::OnDevice {}

macro_rules! number {
    ($number:ident) => {
        impl sealed::OnDevice for $number {
            #[cfg(feature = "cuda-unversioned")]
            #[allow(
                clippy::unnecessary_cast,
                reason = "one of both types is the other one"
            )]
            fn rounded(number: f64) -> Self {
                number as $number
            }
            #[cfg(feature = "cuda-unversioned")]
            fn wide(self) -> f64 {
                self.into()
            }
        }
        impl Number for $number {}
    };
}
number!(f32);
number!(f64);

/// A landscape whose derivatives any device computes: a recorded loss or a declared network.
///
/// ```
/// use diagram_cuda::{Device, DeviceLandscape};
/// use diagram_kernels::derivatives::Derivatives;
/// use diagram_kernels::graph::Graph;
/// use diagram_kernels::samples::Samples;
///
/// let graph = Graph::of(2, 2, |theta, x| {
///     0.5 * (theta[0] * (theta[1] * x[0]).exp() - x[1]).square()
/// })?;
/// let landscape = DeviceLandscape::from(graph);
/// let samples = Samples::new(2, vec![5.0, 3.0])?;
/// let derivatives = landscape.derivatives(&[2.0, 0.0], &samples, &Device::auto())?;
/// let mut losses = [0.0];
/// derivatives.losses(0..1, &mut losses)?;
/// assert_eq!(losses, [0.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DeviceLandscape {
    recorded: Recorded,
    /// Made when it is first needed, and shared by all derivatives of the landscape, which share kernels by that.
    #[cfg(feature = "cuda-unversioned")]
    program: Arc<std::sync::OnceLock<Result<Arc<Program>, DeviceError>>>,
}

/// The reason why there are no derivatives at some weights on a device.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlaceError {
    /// Weights or data do not fit the landscape, or the processor cannot compute them.
    #[error(transparent)]
    Point(#[from] PointError),
    /// The device.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl From<Graph> for DeviceLandscape {
    fn from(graph: Graph) -> Self {
        Recorded::from(graph).into()
    }
}

impl From<NetworkLandscape> for DeviceLandscape {
    fn from(network: NetworkLandscape) -> Self {
        Recorded::from(network).into()
    }
}

impl From<Recorded> for DeviceLandscape {
    fn from(recorded: Recorded) -> Self {
        DeviceLandscape {
            recorded,
            #[cfg(feature = "cuda-unversioned")]
            program: Arc::default(),
        }
    }
}

impl DeviceLandscape {
    /// The derivatives at θ, P finite numbers, for samples, computed by a device. On the processor they are those of the landscape itself.
    ///
    /// The weights and samples are copied to the device when they are first needed there.
    ///
    /// # Errors
    /// [`PlaceError`].
    pub fn derivatives<'a, T: Number>(
        &'a self,
        theta: &'a [T],
        samples: &'a Samples<T>,
        device: &Device,
    ) -> Result<Box<dyn Derivatives<T> + 'a>, PlaceError> {
        // Those of the processor check weights and data in any case.
        let local = match &self.recorded {
            Recorded::Graph(graph) => graph.local(theta, samples)?,
            Recorded::Network(network) => network.local(theta, samples)?,
        };
        #[cfg(feature = "cuda-unversioned")]
        if !device.is_cpu() {
            let program = self.program()?;
            return Ok(Box::new(DeviceDerivatives::new(
                program,
                theta.to_vec(),
                samples.clone(),
                device.clone(),
            )));
        }
        let _ = device;
        Ok(local)
    }

    /// The simulator of the landscape on the processor, which a simulation has as its landscape; on a device it runs on that.
    pub fn simulator<T: Number>(&self) -> &dyn Simulator<T> {
        match &self.recorded {
            Recorded::Graph(graph) => graph.simulator(),
            Recorded::Network(network) => network.simulator(),
        }
    }

    #[cfg(feature = "cuda-unversioned")]
    pub(crate) fn program(&self) -> Result<Arc<Program>, DeviceError> {
        let make = || Program::of(&self.recorded).map(Arc::new);
        self.program.get_or_init(make).clone()
    }
}
