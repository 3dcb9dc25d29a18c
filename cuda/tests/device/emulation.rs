//! The emulated driver and compiler: built by g++, and loaded in the place of the real ones.

use std::ffi::{CString, c_char, c_long};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

/// The variable with the file of the emulated driver.
const DRIVER: &str = "DIAGRAMS_EMULATED_DRIVER";

/// The variable with the sanitizers that check kernels and the emulated driver, such as `address,undefined`.
const SANITIZE: &str = "EMULATION_SANITIZE";

/// The emulation in a folder of the build.
pub(crate) struct Emulation {
    folder: PathBuf,
    sanitizers: Option<String>,
}

impl Emulation {
    /// Compiles the emulation, or says why not.
    pub(crate) fn build() -> Result<Emulation, String> {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulation");
        let sanitizers = std::env::var(SANITIZE)
            .ok()
            .filter(|names| !names.is_empty());
        let name = match &sanitizers {
            Some(names) => format!("emulation-{names}"),
            None => "emulation".into(),
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let emulation = Emulation { folder, sanitizers };
        let folder = &emulation.folder;
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        std::fs::copy(sources.join("threads.h"), folder.join("threads.h"))
            .map_err(|error| error.to_string())?;
        let part = folder.join(format!("{}.part", std::process::id()));
        // The name inside of the library is the first that is looked for, so that no other one is found.
        let built = Command::new("g++")
            .args(["-O1", "-std=c++17", "-Wall", "-Werror", "-fPIC", "-shared"])
            .args(emulation.sanitizer_options())
            .args(["-Wl,-soname,libcuda.so", "-ldl", "-o"])
            .arg(&part)
            .arg(sources.join("driver.cpp"))
            .status();
        match built {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(format!("g++ gives {status}")),
            Err(error) => return Err(format!("g++ does not start: {error}")),
        }
        std::fs::rename(part, emulation.driver()).map_err(|error| error.to_string())?;
        Ok(emulation)
    }

    fn driver(&self) -> PathBuf {
        self.folder.join("libcuda.so")
    }

    /// Whether a sanitizer checks kernels.
    pub(crate) fn has_sanitizer(&self, name: &str) -> bool {
        let names = self.sanitizers.as_deref().unwrap_or_default();
        names.split(',').any(|other| other == name)
    }

    /// Options for g++, by which the first thing that a sanitizer finds ends the program.
    fn sanitizer_options(&self) -> Vec<String> {
        let of = |names| {
            // What the sanitizers add makes g++ warn of the standard library.
            let others = [
                "-fno-sanitize-recover=all",
                "-fno-omit-frame-pointer",
                "-g1",
                "-Wno-maybe-uninitialized",
            ];
            let names = std::iter::once(format!("-fsanitize={names}"));
            names.chain(others.map(String::from)).collect()
        };
        self.sanitizers.as_deref().map(of).unwrap_or_default()
    }

    /// A command on a machine with an emulated device, and without a cache of compiled code, since it changes with the emulation.
    pub(crate) fn command(&self, mut command: Command) -> Command {
        if self.sanitizers.is_some() {
            let flags = std::env::var("EMULATION_FLAGS").unwrap_or_else(|_| "-O1".into());
            let options = self.sanitizer_options().join(" ");
            command.env("EMULATION_FLAGS", format!("{flags} {options}"));
            command.env("UBSAN_OPTIONS", "print_stacktrace=1");
        }
        if self.has_sanitizer("address") {
            // It has to be there before the program, which is compiled without. What Rust keeps to the end counts as leaks.
            command.env("LD_PRELOAD", runtime("libasan.so"));
            command.env("ASAN_OPTIONS", "detect_leaks=0");
        }
        command
            .env(DRIVER, self.driver())
            .env("DIAGRAMS_NVRTC", self.driver())
            .env("DIAGRAMS_CUBIN_CACHE", "")
            .env("EMULATION_FOLDER", &self.folder);
        command
    }
}

/// The file of a library of g++.
fn runtime(name: &str) -> String {
    let mut question = Command::new("g++");
    let answer = question.arg(format!("-print-file-name={name}")).output();
    let file = answer.expect("g++ starts").stdout;
    String::from_utf8_lossy(&file).trim().to_owned()
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
