//! The interface of the CUDA backend.
//!
//! **The backend is not built yet.** [`Device::open`] always returns [`CudaError::NotBuilt`]. The plan of a predictor is data, so that a device can
//! execute the same steps as the processor.
#![forbid(unsafe_code)]

/// The reasons why a device cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CudaError {
    /// This version has no kernels for devices.
    #[error("CUDA support is not built yet; use the processor, which runs the same plans")]
    NotBuilt,
}

/// A CUDA device. In this version no value of this type exists, because it can only be made by [`Device::open`].
///
/// ```
/// use diagram_cuda::{CudaError, Device};
///
/// assert_eq!(Device::open(0).unwrap_err(), CudaError::NotBuilt);
/// ```
#[derive(Debug)]
pub struct Device {
    ordinal: usize,
}

impl Device {
    /// Opens the device with this ordinal, counted from 0.
    ///
    /// # Errors
    /// [`CudaError::NotBuilt`], always, in this version.
    pub fn open(ordinal: usize) -> Result<Device, CudaError> {
        let _ = ordinal;
        Err(CudaError::NotBuilt)
    }

    /// The ordinal given to [`Device::open`].
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }
}
