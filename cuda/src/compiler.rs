//! From the source of kernels to code for one device.
//!
//! The compiler is NVRTC, which needs no device: [`compile_for`] compiles for any architecture.

mod cache;
mod nvrtc;
mod search;

use cache::Cache;
pub(crate) use cache::hash;
use nvrtc::Nvrtc;

use crate::DeviceError;

/// Options of every compilation beside the architecture. The last two make the compiler tell registers and spills, and change nothing else.
pub(crate) const OPTIONS: [&str; 3] = [
    "--std=c++17",
    "--ptxas-options=-v",
    "--ptxas-options=--warn-on-spills",
];

/// A program in CUDA C++, as it is given to the compiler.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name, for messages.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

/// A program that has been compiled for one architecture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The code, a cubin.
    pub code: Vec<u8>,
    /// What the compiler says, among it registers, stack, spills and shared memory of each kernel.
    pub log: String,
    /// The compiler and its version.
    pub compiler: String,
}

/// Compiles a program for devices of an architecture, such as `sm_90`, which needs no device, or reads from the cache what it was compiled to before.
///
/// # Errors
/// [`DeviceError::NoNvrtc`] and [`DeviceError::Compile`].
pub fn compile(source: Source<'_>, architecture: &str) -> Result<Compiled, DeviceError> {
    let nvrtc = Nvrtc::get()?;
    let mut options = vec![format!("--gpu-architecture={architecture}")];
    options.extend(OPTIONS.map(String::from));
    let compiler = nvrtc.identity();
    let cache = Cache::usual();
    let key = cache::key(&compiler, &options, source.text);
    let (code, log) = if let Some(kept) = cache.read(&key) {
        kept
    } else {
        let (code, log) = nvrtc.compile(source, &options)?;
        cache.write(&key, &code, &log);
        (code, log)
    };
    Ok(Compiled {
        code,
        log,
        compiler,
    })
}
