//! One word sends derivatives and simulations to a device.

use diagram_kernels::derivatives::{Derivatives, PointDerivatives};
use diagram_kernels::landscape::Landscape;
use diagram_runtime::simulate::{PlacedSimulation, Simulation};

#[cfg(feature = "cuda-unversioned")]
use std::sync::Arc;

#[cfg(feature = "cuda-unversioned")]
use crate::derivatives::DeviceDerivatives;
#[cfg(feature = "cuda-unversioned")]
use crate::program::Program;
#[cfg(feature = "cuda-unversioned")]
use crate::trials::DeviceTrials;
use crate::{Device, DeviceError, Number};

/// What a device can do in the place of the processor.
///
/// ```
/// use diagram_cuda::{Device, OnDevice};
/// use diagram_kernels::landscapes::Named;
/// use diagram_kernels::samples::Samples;
///
/// let samples = Samples::new(1, vec![0.5, -0.5])?;
/// let device = Device::auto();
/// let derivatives = Named::GaussianFit.local(&[0.25], &samples)?.on(&device)?;
/// let mut losses = [0.0; 2];
/// derivatives.losses(0..2, &mut losses)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait OnDevice {
    /// The same on a device.
    type Placed;

    /// The same on a device. On the processor it is as it was.
    ///
    /// A landscape of one's own is recorded for that: its loss is run once on scalars that write down what is done with them.
    ///
    /// # Errors
    /// [`DeviceError::NotTraceable`] if the loss cannot be recorded; [`DeviceError::Unsupported`] for what devices do not do.
    fn on(self, device: &Device) -> Result<Self::Placed, DeviceError>;
}

impl<'a, T: Number> OnDevice for Box<dyn Derivatives<T> + 'a> {
    type Placed = Box<dyn Derivatives<T> + 'a>;

    fn on(self, device: &Device) -> Result<Self::Placed, DeviceError> {
        #[cfg(feature = "cuda-unversioned")]
        if !device.is_cpu() {
            let point = self.recorded()?;
            let program = Arc::new(Program::of(&point.landscape)?);
            return Ok(Box::new(DeviceDerivatives::new(
                program,
                point.theta,
                point.samples,
                device.clone(),
            )));
        }
        let _ = device;
        Ok(self)
    }
}

impl<'a, L: Landscape, T: Number> OnDevice for PointDerivatives<'a, L, T> {
    type Placed = Box<dyn Derivatives<T> + 'a>;

    fn on(self, device: &Device) -> Result<Self::Placed, DeviceError> {
        let local: Box<dyn Derivatives<T> + 'a> = Box::new(self);
        local.on(device)
    }
}

/// On a device a [`Simulation`] draws the same training sets, shuffles and test points, and takes the same steps; outcomes differ by rounding. Gradient flow is integrated by the processor.
///
/// Simulations that keep no trials ([`PlacedSimulation::summarize`]) are those for which devices are made: what comes back is some numbers for each trial.
impl<'a, T: Number> OnDevice for Simulation<'a, T> {
    type Placed = PlacedSimulation<'a, T>;

    fn on(self, device: &Device) -> Result<Self::Placed, DeviceError> {
        #[cfg(feature = "cuda-unversioned")]
        if !device.is_cpu() {
            let program = Arc::new(Program::of(&self.landscape.recorded()?)?);
            let trials = DeviceTrials {
                program,
                device: device.clone(),
            };
            return Ok(PlacedSimulation::new(
                self,
                Box::new(trials),
                device.to_string(),
            ));
        }
        let _ = device;
        Ok(PlacedSimulation::on_processor(self))
    }
}
