//! Kernels on a device: loaded once, launched with their arguments.

use std::collections::HashMap;
use std::ffi::{CString, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use cudarc::driver::sys::{self, CUfunction, CUmodule};
use cudarc::driver::{CudaContext, DevicePtr, DeviceRepr, result};

use crate::DeviceError;
use crate::compiler::{self, Source};
use crate::driver::{error, message};
use crate::emit::{Kernel, Shape};
use crate::gpu::{Buffer, Gpu};

/// The modules that a device has loaded, by their kernel and source.
#[derive(Default)]
pub(crate) struct Modules(Mutex<HashMap<(&'static str, String), Arc<Loaded>>>);

/// A kernel on a device.
pub(crate) struct Loaded {
    module: CUmodule,
    function: CUfunction,
    name: &'static str,
    context: Arc<CudaContext>,
}

// SAFETY: the driver's handles may be used from any thread on which the context is current, which every use sees to.
unsafe impl Send for Loaded {}
// SAFETY: as above; nothing of it changes.
unsafe impl Sync for Loaded {}

impl Drop for Loaded {
    fn drop(&mut self) {
        let context = &self.context;
        context.record_err(context.bind_to_thread());
        // SAFETY: the module was loaded into this context, and its function is gone with it.
        context.record_err(unsafe { result::module::unload(self.module) });
    }
}

/// Arguments of a kernel: numbers and pointers, 8 bytes each, of which the driver reads as many as the kernel's parameter has.
#[derive(Default)]
pub(crate) struct Arguments(Vec<u64>);

impl Arguments {
    pub(crate) fn int(mut self, number: usize) -> Self {
        // Parameters are of type int, whose bytes come first.
        self.0.push(u64::from((number as u32).to_le()));
        self
    }

    /// A number of 64 bits, as its lower and its upper half.
    pub(crate) fn halves(self, number: u64) -> Self {
        let halves = [number, number >> 32].map(|half| half as u32 as usize);
        self.int(halves[0]).int(halves[1])
    }

    /// A number of the type `f32` or `f64`.
    pub(crate) fn number<T>(mut self, number: f64) -> Self {
        self.0.push(if size_of::<T>() == 4 {
            u64::from((number as f32).to_bits()).to_le()
        } else {
            number.to_bits()
        });
        self
    }

    pub(crate) fn buffer<T: DeviceRepr>(self, buffer: &Buffer<T>, gpu: &Gpu) -> Self {
        self.part(buffer, 0, gpu)
    }

    /// The part of a buffer from an index on.
    pub(crate) fn part<T: DeviceRepr>(
        mut self,
        buffer: &Buffer<T>,
        from: usize,
        gpu: &Gpu,
    ) -> Self {
        let (pointer, _) = buffer.device_ptr(&gpu.stream);
        self.0.push(pointer + (from * size_of::<T>()) as u64);
        self
    }

    /// A buffer, or no memory if there is none.
    pub(crate) fn optional<T: DeviceRepr>(self, buffer: Option<&Buffer<T>>, gpu: &Gpu) -> Self {
        match buffer {
            Some(buffer) => self.buffer(buffer, gpu),
            None => self.nothing(),
        }
    }

    /// No memory, for a kernel that reads none.
    pub(crate) fn nothing(mut self) -> Self {
        self.0.push(0);
        self
    }
}

impl Gpu {
    /// The kernel on this device: compiled and loaded when it is first asked for.
    pub(crate) fn load(&self, kernel: &Kernel) -> Result<Arc<Loaded>, DeviceError> {
        let key = (kernel.entry, kernel.text.clone());
        let mut modules = self
            .modules
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = modules.get(&key) {
            return Ok(loaded.clone());
        }
        let loaded = Arc::new(self.load_anew(kernel)?);
        modules.insert(key, loaded.clone());
        Ok(loaded)
    }

    fn load_anew(&self, kernel: &Kernel) -> Result<Loaded, DeviceError> {
        let source = Source {
            name: kernel.entry,
            text: &kernel.text,
        };
        let refused = |log: String| DeviceError::Compile {
            kernel: kernel.entry.into(),
            log,
        };
        let code = compiler::compile(source, &self.architecture())?.code;
        let context = self.stream.context();
        let bound = context.bind_to_thread();
        bound.map_err(|e| error("loading a kernel", e))?;
        // SAFETY: the code is what the compiler made, as a whole; the cache checks it.
        let module = unsafe { result::module::load_data(code.as_ptr().cast()) };
        let module = module.map_err(|e| match error("loading a kernel", e) {
            lost @ DeviceError::Lost { .. } => lost,
            _ if e.0 == sys::CUresult::CUDA_ERROR_OUT_OF_MEMORY => self.out_of_memory(code.len()),
            _ => refused(format!("the driver does not load it: {}", message(e))),
        })?;
        // From here on it is unloaded when it is dropped.
        let mut loaded = Loaded {
            module,
            function: std::ptr::null_mut(),
            name: kernel.entry,
            context: context.clone(),
        };
        let name = CString::new(kernel.entry).map_err(|_| refused("its name has a 0".into()))?;
        // SAFETY: the module is loaded.
        let function = unsafe { result::module::get_function(module, name) };
        loaded.function = function
            .map_err(|e| refused(format!("it has no kernel of its name: {}", message(e))))?;
        let (Shape::Blocks { shared_bytes, .. } | Shape::Threads { shared_bytes, .. }) =
            kernel.shape;
        if shared_bytes > 0 {
            let attribute =
                sys::CUfunction_attribute_enum::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
            // SAFETY: the function is one of the module that is loaded.
            let set = unsafe {
                result::function::set_function_attribute(
                    loaded.function,
                    attribute,
                    shared_bytes as i32,
                )
            };
            set.map_err(|e| error("reserving shared memory", e))?;
        }
        Ok(loaded)
    }

    /// Launches a kernel.
    ///
    /// # Safety
    /// The arguments are those of the kernel's parameters, in number, order and kind, and its buffers have room for what the kernel reads and writes with this grid.
    pub(crate) unsafe fn launch(
        &self,
        kernel: &Loaded,
        grid: (u32, u32),
        threads: u32,
        shared_bytes: usize,
        mut arguments: Arguments,
    ) -> Result<(), DeviceError> {
        let failed = |e| error(&format!("the kernel {}", kernel.name), e);
        self.stream.context().bind_to_thread().map_err(failed)?;
        let mut pointers: Vec<*mut c_void> = arguments
            .0
            .iter_mut()
            .map(|argument| (&raw mut *argument).cast())
            .collect();
        // SAFETY: as the caller says. The driver copies the arguments before it returns.
        let launched = unsafe {
            result::launch_kernel(
                kernel.function,
                (grid.0, grid.1, 1),
                (threads, 1, 1),
                shared_bytes as u32,
                self.stream.cu_stream(),
                &mut pointers,
            )
        };
        launched.map_err(failed)
    }
}
