//! Errors of devices.

use crate::graph::RecordError;

/// The reason why a computation could not be carried out on a device, or why there is no device. Computations on the processor never give this error.
///
/// Each message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// The program has been compiled without support for devices.
    #[error(
        "this program has been compiled without CUDA; build it with --features cuda, or choose the device cpu"
    )]
    NotCompiledIn,
    /// There is no driver, or what is there in its place is none.
    #[error("there is no NVIDIA driver ({reason}); install the driver, or choose the device cpu")]
    NoDriver {
        /// What was looked for and what was found.
        reason: String,
    },
    /// The driver is older than the oldest one that is supported. Versions are those of CUDA, as major and minor number.
    #[error(
        "the NVIDIA driver is one for CUDA {}.{}, and CUDA {}.{} is the oldest that is supported; update the driver, or choose the device cpu",
        found.0, found.1, needed.0, needed.1
    )]
    DriverTooOld {
        /// The version of CUDA that the driver is for.
        found: (u32, u32),
        /// The oldest version that is supported.
        needed: (u32, u32),
    },
    /// The compiler of kernels, NVRTC, was not found, or none that can be used was.
    #[error(
        "NVRTC, which compiles the kernels, was not found ({reason}); install it, for example by `pip install nvidia-cuda-nvrtc-cu12`, and name its file in the variable DIAGRAMS_NVRTC if it is in an unusual place"
    )]
    NoNvrtc {
        /// Where it was looked for, or what is wrong with what was found.
        reason: String,
    },
    /// There is no device, or none with the given number.
    #[error(
        "there is no CUDA device {ordinal}: the driver sees {count}; choose another, choose the device cpu, or look at the variable CUDA_VISIBLE_DEVICES"
    )]
    NoDevice {
        /// The number of the device that was asked for, counted from 0.
        ordinal: usize,
        /// The number of devices.
        count: usize,
    },
    /// The device is older than the oldest one that is supported. Compute capabilities are a major and a minor number.
    #[error(
        "{device} has the compute capability {}.{}, and {}.{} is the lowest that is supported; choose another device, or the device cpu",
        found.0, found.1, needed.0, needed.1
    )]
    TooOld {
        /// The name of the device.
        device: String,
        /// The compute capability of the device.
        found: (u32, u32),
        /// The lowest one that is supported.
        needed: (u32, u32),
    },
    /// A kernel was not compiled, or the device did not take it.
    #[error(
        "the kernel {kernel} was not compiled for the device; choose the device cpu, and report this message: {log}"
    )]
    Compile {
        /// The name of the kernel.
        kernel: String,
        /// What the compiler or the driver says.
        log: String,
    },
    /// A computation takes more of the device's memory than it has, or than it may use.
    #[error(
        "the computation takes {needed} bytes of the device's memory, and {free} can be had; free memory, raise the memory limit, or choose fewer samples or the device cpu"
    )]
    OutOfMemory {
        /// The number of bytes that are needed at once.
        needed: u64,
        /// The number of bytes that can be had.
        free: u64,
    },
    /// The device refused a kernel or a copy.
    #[error("the device refused {what} ({message}); report this message, or choose the device cpu")]
    Launch {
        /// What the device was asked to do.
        what: String,
        /// What the driver says.
        message: String,
    },
    /// The device failed, after which nothing that it holds can be used.
    #[error(
        "the device was lost while it was at {what} ({message}); start the program again, or choose the device cpu"
    )]
    Lost {
        /// What the device was at when the failure was noticed.
        what: String,
        /// What the driver says.
        message: String,
    },
    /// A loss cannot be written down as a graph of operations, of which kernels are made.
    #[error(
        "the loss cannot be recorded for a device, because of {operation}; write it without, or choose the device cpu"
    )]
    NotTraceable {
        /// The operation that cannot be recorded.
        operation: String,
    },
    /// What was asked for is not done on devices.
    #[error("{what}")]
    Unsupported {
        /// What is not supported, and what to do instead.
        what: String,
    },
}

impl From<RecordError> for DeviceError {
    fn from(error: RecordError) -> Self {
        let operation = match error {
            RecordError::LooksAtValue { operation } => {
                format!("{operation}, which looks at the value of a number")
            }
            RecordError::TakesApart { operation } => {
                format!("{operation}, which separates the value of a number from its derivatives")
            }
            RecordError::Kink { operation, instead } => {
                format!("{operation}, which has a kink where {instead} has none")
            }
            RecordError::Foreign => "an expression of another recording".into(),
        };
        DeviceError::NotTraceable { operation }
    }
}
