//! A CUDA device that is open.

use std::fmt;
use std::sync::Arc;

use cudarc::driver::{CudaContext, CudaStream};

use crate::DeviceError;
use crate::driver::{driver, error};

/// The lowest compute capability that is supported: that of the oldest devices for which every version of NVRTC compiles.
const LOWEST: (u32, u32) = (7, 5);

/// The part of the free memory that a computation takes at most, unless there is another limit.
const USUAL_PART: (u64, u64) = (4, 5);

/// A CUDA device with one stream, on which all its work is done in order.
pub(crate) struct Gpu {
    pub(crate) number: usize,
    pub(crate) name: String,
    /// The compute capability.
    pub(crate) capability: (u32, u32),
    /// 80% of the memory that was free when the device was opened, in bytes.
    pub(crate) usual_limit: u64,
    pub(crate) stream: Arc<CudaStream>,
}

impl Gpu {
    /// Opens the device with the given number.
    pub(crate) fn open(number: usize) -> Result<Gpu, DeviceError> {
        let count = driver()?.devices;
        if number >= count {
            return Err(DeviceError::NoDevice {
                ordinal: number,
                count,
            });
        }
        let at = |what: &'static str| move |e| error(what, e);
        let context = CudaContext::new(number).map_err(at("opening the device"))?;
        let about = at("asking for the device's properties");
        let name = context.name().map_err(about)?;
        let (major, minor) = context.compute_capability().map_err(about)?;
        let capability = (major.unsigned_abs(), minor.unsigned_abs());
        if capability < LOWEST {
            return Err(DeviceError::TooOld {
                device: name,
                found: capability,
                needed: LOWEST,
            });
        }
        let (free, _) = context
            .mem_get_info()
            .map_err(at("asking for the free memory"))?;
        // SAFETY: memory of this context is used on the one stream that is made here, in the order of the calls, and nothing is shared with other streams.
        unsafe { context.disable_event_tracking() };
        let stream = context.new_stream().map_err(at("making a stream"))?;
        Ok(Gpu {
            number,
            name,
            capability,
            usual_limit: free as u64 / USUAL_PART.1 * USUAL_PART.0,
            stream,
        })
    }

    /// The name of the architecture, such as `sm_90`.
    pub(crate) fn architecture(&self) -> String {
        format!("sm_{}{}", self.capability.0, self.capability.1)
    }
}

impl fmt::Debug for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gpu({self})")
    }
}

impl fmt::Display for Gpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, name, architecture) = (self.number, &self.name, self.architecture());
        write!(f, "cuda:{number} ({name}, {architecture})")
    }
}
