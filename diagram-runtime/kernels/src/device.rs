//! Errors of devices.

/// A computation that a device could not carry out, for example because it ran out of memory. Computations on the processor never give this error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{device}: {message}")]
pub struct DeviceError {
    /// The name of the device.
    pub device: String,
    /// The device's own message about what went wrong.
    pub message: String,
}
