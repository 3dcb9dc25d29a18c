//! What a device can fail at.

/// A computation that the device could not carry out. The processor never fails; other devices run out of memory or are lost.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{device}: {message}")]
pub struct DeviceError {
    /// Which device.
    pub device: String,
    /// What went wrong, in its own words.
    pub message: String,
}
