//! The device that the options of a program choose.
#![allow(
    clippy::doc_markdown,
    reason = "the documentation of an option is the text of its --help"
)]

use std::sync::Arc;

use clap::Args;
use diagram_cuda::{Device, DeviceError, DeviceWord};
use serde::{Deserialize, Serialize};

use crate::terminal::complain;

/// The option of programs about the device.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct DeviceOption {
    /// Where values and training runs are computed: cpu, cuda (the first GPU), cuda:N (the one with the number N), cuda-all (all GPUs together), or auto (all
    /// GPUs if they can be used, and the processor if not). A GPU needs a program that is built with --features cuda.
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub device: DeviceWord,
}

impl DeviceOption {
    /// Opens the device. If `auto` is the processor, the reason is printed on standard error.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub fn open(self) -> Result<Place, DeviceError> {
        let device = Device::open(self.device)?;
        if let Some(reason) = device.reason() {
            complain(&format!("on the processor: {reason}"));
        }
        Ok(device.into())
    }
}

/// A device with its name, which results are stored with: results on different devices differ by rounding.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Place {
    device: Arc<Device>,
    name: String,
}

impl Place {
    /// The device.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The name of the device.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the processor.
    pub fn is_cpu(&self) -> bool {
        self.name == "cpu"
    }
}

impl Default for Place {
    fn default() -> Self {
        Device::cpu().into()
    }
}

impl From<Device> for Place {
    fn from(device: Device) -> Self {
        let name = device.to_string();
        Place {
            device: Arc::new(device),
            name,
        }
    }
}

/// The place of results that were stored, on whose device nothing is computed any more.
impl From<String> for Place {
    fn from(name: String) -> Self {
        Place {
            device: Arc::new(Device::cpu()),
            name,
        }
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.name
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
