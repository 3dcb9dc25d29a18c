//! The emulated driver and compiler: built by g++, and loaded in the place of the real ones.

use std::ffi::{CString, c_char, c_long};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

/// The variable with the file of the emulated driver.
const DRIVER: &str = "DIAGRAMS_EMULATED_DRIVER";

/// The emulation in a folder of the build.
pub(crate) struct Emulation {
    folder: PathBuf,
}

impl Emulation {
    /// Compiles the emulation, or says why not.
    pub(crate) fn build() -> Result<Emulation, String> {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulation");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("emulation");
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        std::fs::copy(sources.join("threads.h"), folder.join("threads.h"))
            .map_err(|error| error.to_string())?;
        let part = folder.join(format!("{}.part", std::process::id()));
        // The name inside of the library is the first that is looked for, so that no other one is found.
        let built = Command::new("g++")
            .args(["-O1", "-std=c++17", "-Wall", "-Werror", "-fPIC", "-shared"])
            .args(["-Wl,-soname,libcuda.so", "-ldl", "-o"])
            .arg(&part)
            .arg(sources.join("driver.cpp"))
            .status();
        match built {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(format!("g++ gives {status}")),
            Err(error) => return Err(format!("g++ does not start: {error}")),
        }
        let emulation = Emulation { folder };
        std::fs::rename(part, emulation.driver()).map_err(|error| error.to_string())?;
        Ok(emulation)
    }

    fn driver(&self) -> PathBuf {
        self.folder.join("libcuda.so")
    }

    /// A command on a machine with an emulated device, and without a cache of compiled code, since it changes with the emulation.
    pub(crate) fn command(&self, mut command: Command) -> Command {
        command
            .env(DRIVER, self.driver())
            .env("DIAGRAMS_NVRTC", self.driver())
            .env("DIAGRAMS_CUBIN_CACHE", "")
            .env("EMULATION_FOLDER", &self.folder);
        command
    }
}

fn library() -> Option<&'static Library> {
    static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();
    let load = || {
        let file = std::env::var_os(DRIVER)?;
        // SAFETY: the library is the one that `Emulation::build` made, whose initialization does nothing.
        let library = unsafe { Library::open(Some(file), RTLD_NOW | RTLD_GLOBAL) };
        Some(library.expect("the emulated driver"))
    };
    LIBRARY.get_or_init(load).as_ref()
}

/// Loads the emulated driver, if this process has one, before anything looks for a driver.
pub(crate) fn load() {
    library();
}

/// Whether this process has an emulated device.
pub(crate) fn is_loaded() -> bool {
    library().is_some()
}

fn ask(function: &str, kind: &str) -> i64 {
    type Ask = unsafe extern "C" fn(*const c_char) -> c_long;
    let kind = CString::new(kind).expect("no 0");
    let library = library().expect("an emulated device");
    // SAFETY: the functions of this type of the emulation read a text that ends with 0, which lives through the call.
    unsafe { (library.get::<Ask>(function.as_bytes()).expect("a function"))(kind.as_ptr()) }
}

fn tell(function: &str, text: &str, [first, second]: [i64; 2]) -> i64 {
    type Tell = unsafe extern "C" fn(*const c_char, c_long, c_long) -> c_long;
    let text = CString::new(text).expect("no 0");
    let library = library().expect("an emulated device");
    // SAFETY: the functions of the emulation that are called by this one are of this type, or give nothing back; they read a text that ends with 0, which lives through the call.
    unsafe {
        (library
            .get::<Tell>(function.as_bytes())
            .expect("a function"))(text.as_ptr(), first, second)
    }
}

/// Makes the call of a kind with the given number, from now on and counted from 1, fail with an error code of the driver or of NVRTC. The number 0 makes none fail.
pub(crate) fn fail(kind: &str, number: usize, code: i64) {
    tell("emulation_fail", kind, [number as i64, code]);
}

/// The order in which the threads of blocks run from now on: `forward`, `reverse` or `random`.
pub(crate) fn order(name: &str) {
    tell("emulation_order", name, [0, 0]);
}

/// Makes threads not wait at the barrier of a name from now on. The empty name leaves none out.
pub(crate) fn leave_out(barrier: &str) {
    tell("emulation_without", barrier, [0, 0]);
}

/// Whether threads have waited at the barrier of a name.
pub(crate) fn reached(barrier: &str) -> bool {
    tell("emulation_reached", barrier, [0, 0]) > 0
}

/// Counts the most bytes that are allocated on a device at once from now on.
pub(crate) fn forget_peak() {
    tell("emulation_forget_peak", "", [0, 0]);
}

/// The most bytes that were allocated on a device at once since the last [`forget_peak`].
pub(crate) fn peak(device: usize) -> u64 {
    tell("emulation_peak", "", [device as i64, 0]) as u64
}

/// How many calls of a kind there were since the last [`fail`].
pub(crate) fn calls(kind: &str) -> usize {
    ask("emulation_calls", kind) as usize
}

/// How many things of a kind have been made and not been given back.
pub(crate) fn live(kind: &str) -> i64 {
    ask("emulation_live", kind)
}
