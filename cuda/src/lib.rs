//! The CUDA side of the diagram calculus.
//!
//! **Not built yet.** This crate fixes the interface that device code will have and says so with a typed error: [`Device::open`] always
//! returns [`CudaError::NotBuilt`]. The plan of a predictor is data, so the device side will execute the same steps as the processor side.
#![forbid(unsafe_code)]

/// Why no device can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CudaError {
    /// The device kernels are not part of this version.
    #[error("CUDA support is not built yet; use the processor, which runs the same plans")]
    NotBuilt,
}

/// A CUDA device with the kernels of a plan loaded.
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
    /// Opens the device with the given ordinal.
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
