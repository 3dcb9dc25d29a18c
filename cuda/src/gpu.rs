//! A CUDA device that is open.

use std::fmt;
use std::sync::{Arc, Mutex};

use cudarc::driver::{
    CudaContext, CudaSlice, CudaStream, DeviceRepr, DriverError, ValidAsZeroBits, sys,
};

use crate::DeviceError;
use crate::driver::{driver, error};
use crate::module::Modules;

/// The lowest compute capability that is supported: that of the oldest devices for which every version of NVRTC compiles.
const LOWEST: (u32, u32) = (7, 5);

/// The part of the free memory that a computation takes at most, unless there is another limit.
const USUAL_PART: (u64, u64) = (4, 5);

/// Memory on a device.
pub(crate) type Buffer<T> = CudaSlice<T>;

/// A CUDA device with one stream, on which all its work is done in order.
pub(crate) struct Gpu {
    pub(crate) number: usize,
    pub(crate) name: String,
    /// The compute capability.
    pub(crate) capability: (u32, u32),
    /// The shared memory that a block can have, in bytes.
    pub(crate) shared_memory: usize,
    /// The number of multiprocessors.
    pub(crate) processors: usize,
    /// 80% of the memory that was free when the device was opened, in bytes.
    pub(crate) usual_limit: u64,
    pub(crate) modules: Modules,
    pub(crate) stream: Arc<CudaStream>,
    /// Held by the computation that uses the device: one at a time, so that each may take all memory up to the limit.
    pub(crate) work: Mutex<()>,
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
        let property = |which| context.attribute(which).map_err(about);
        let shared = property(
            sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN,
        )?;
        let processors =
            property(sys::CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?;
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
            shared_memory: shared.unsigned_abs() as usize,
            processors: processors.unsigned_abs().max(1) as usize,
            usual_limit: free as u64 / USUAL_PART.1 * USUAL_PART.0,
            modules: Modules::default(),
            stream,
            work: Mutex::new(()),
        })
    }

    /// The name of the architecture, such as `sm_90`.
    pub(crate) fn architecture(&self) -> String {
        format!("sm_{}{}", self.capability.0, self.capability.1)
    }

    /// The error for so many bytes that are not there.
    pub(crate) fn out_of_memory(&self, bytes: usize) -> DeviceError {
        let free = self.stream.context().mem_get_info();
        DeviceError::OutOfMemory {
            needed: bytes as u64,
            free: free.map_or(0, |(free, _)| free as u64),
        }
    }

    /// Memory for so many numbers, at least one. It holds what it happens to hold.
    pub(crate) fn allocate<T: DeviceRepr>(&self, count: usize) -> Result<Buffer<T>, DeviceError> {
        let count = count.max(1);
        // SAFETY: the types that are used are numbers, for which all bytes are values; kernels and copies write before anything is read.
        let made = unsafe { self.stream.alloc(count) };
        made.map_err(|e| self.memory_error("allocating memory", count * size_of::<T>(), e))
    }

    /// Memory with so many zeros.
    pub(crate) fn zeros<T: DeviceRepr + ValidAsZeroBits>(
        &self,
        count: usize,
    ) -> Result<Buffer<T>, DeviceError> {
        let mut buffer = self.allocate(count)?;
        let set = self.stream.memset_zeros(&mut buffer);
        set.map_err(|e| error("setting memory to 0", e))?;
        Ok(buffer)
    }

    /// A copy of numbers on the device.
    pub(crate) fn upload<T: DeviceRepr>(&self, numbers: &[T]) -> Result<Buffer<T>, DeviceError> {
        let mut buffer = self.allocate(numbers.len())?;
        if !numbers.is_empty() {
            let copied = self.stream.memcpy_htod(numbers, &mut buffer);
            copied.map_err(|e| error("copying to the device", e))?;
        }
        Ok(buffer)
    }

    /// Copies the first numbers of a buffer from the device, when all work before is done.
    pub(crate) fn download<T: DeviceRepr>(
        &self,
        buffer: &Buffer<T>,
        to: &mut [T],
    ) -> Result<(), DeviceError> {
        let failed = |e| error("copying from the device", e);
        if !to.is_empty() {
            let from = buffer.slice(0..to.len());
            self.stream.memcpy_dtoh(&from, to).map_err(failed)?;
        }
        self.stream.synchronize().map_err(failed)
    }

    /// Waits for all work, and tells what of it failed.
    pub(crate) fn finish(&self, what: &str) -> Result<(), DeviceError> {
        let failed = |e| error(what, e);
        self.stream.synchronize().map_err(failed)?;
        self.stream.context().check_err().map_err(failed)
    }

    fn memory_error(&self, what: &str, bytes: usize, e: DriverError) -> DeviceError {
        if e.0 == sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY {
            self.out_of_memory(bytes)
        } else {
            error(what, e)
        }
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
