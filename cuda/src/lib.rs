//! CUDA devices.
//!
//! ```
//! use diagram_cuda::Device;
//!
//! // A device if there is one and this has been compiled with the feature `cuda`; the processor if not, and the reason.
//! let device = Device::auto();
//! if let Some(reason) = device.reason() {
//!     assert_eq!(device.to_string(), "cpu");
//!     println!("on the processor: {reason}");
//! }
//! ```
//!
//! The driver and the compiler of kernels, NVRTC, are opened when a device is, so that a program with this crate builds and starts on any machine. Without
//! the feature `cuda` nothing is opened, and every device but the processor is [`DeviceError::NotCompiledIn`].
#![warn(clippy::undocumented_unsafe_blocks)]
#![cfg_attr(not(feature = "cuda-unversioned"), forbid(unsafe_code))]

#[cfg(feature = "cuda-unversioned")]
pub mod compiler;
#[cfg(feature = "cuda-unversioned")]
mod derivatives;
mod device;
#[cfg(feature = "cuda-unversioned")]
mod driver;
#[cfg(feature = "cuda-unversioned")]
mod emit;
#[cfg(feature = "cuda-unversioned")]
mod executor;
#[cfg(feature = "cuda-unversioned")]
mod geometry;
#[cfg(feature = "cuda-unversioned")]
mod gpu;
mod landscape;
#[cfg(feature = "cuda-unversioned")]
mod module;
mod on;
#[cfg(feature = "cuda-unversioned")]
mod program;
#[cfg(feature = "cuda-unversioned")]
mod sources;
#[cfg(feature = "cuda-unversioned")]
mod tables;
#[cfg(feature = "cuda-unversioned")]
mod tape;
#[cfg(feature = "cuda-unversioned")]
mod trials;
mod word;

pub use device::Device;
pub use diagram_kernels::device::DeviceError;
pub use landscape::{DeviceLandscape, Number, PlaceError};
pub use on::OnDevice;
#[cfg(feature = "cuda-unversioned")]
pub use sources::{KernelSource, fingerprint};
pub use word::{DeviceWord, DeviceWordError};
