//! NVRTC, the compiler of kernels, in any version from 12.0. Eight of its functions are used, which all these versions have.

use std::ffi::{CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::OnceLock;

use libloading::Library;

use super::Source;
use super::search::{Machine, candidates};
use crate::DeviceError;
use crate::driver::driver;

/// The oldest version that is used.
const OLDEST: (c_int, c_int) = (12, 0);

type Program = *mut c_void;
type Size = unsafe extern "C" fn(Program, *mut usize) -> c_int;
type Text = unsafe extern "C" fn(Program, *mut c_char) -> c_int;

/// The compiler.
pub(crate) struct Nvrtc {
    version: (c_int, c_int),
    create: unsafe extern "C" fn(
        *mut Program,
        *const c_char,
        *const c_char,
        c_int,
        *const *const c_char,
        *const *const c_char,
    ) -> c_int,
    destroy: unsafe extern "C" fn(*mut Program) -> c_int,
    compile: unsafe extern "C" fn(Program, c_int, *const *const c_char) -> c_int,
    code: (Size, Text),
    log: (Size, Text),
    /// Keeps the functions in memory.
    _library: Library,
}

/// A program in the compiler, which is destroyed when it is dropped.
struct Compilation<'a>(&'a Nvrtc, Program);

impl Drop for Compilation<'_> {
    fn drop(&mut self) {
        // SAFETY: the program was made by this compiler and is not used any more.
        unsafe { (self.0.destroy)(&raw mut self.1) };
    }
}

impl Nvrtc {
    /// The compiler, which is looked for once in a process: in the file that the variable `DIAGRAMS_NVRTC` names, or in the system's folders, toolkits and
    /// Python's wheels.
    pub(crate) fn get() -> Result<&'static Nvrtc, DeviceError> {
        static FOUND: OnceLock<Result<Nvrtc, DeviceError>> = OnceLock::new();
        FOUND
            .get_or_init(|| {
                let variable = |name: &str| std::env::var_os(name);
                if let Some(file) = variable("DIAGRAMS_NVRTC") {
                    let reason = |reason| DeviceError::NoNvrtc {
                        reason: format!("DIAGRAMS_NVRTC: {reason}"),
                    };
                    return Nvrtc::open(&PathBuf::from(file)).map_err(reason);
                }
                let machine = Machine {
                    variable: &variable,
                    root: Path::new("/"),
                };
                Nvrtc::first(&candidates(
                    &machine,
                    driver().map_or(OLDEST.0 as u32, |driver| driver.version.0),
                ))
            })
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The first of these files that can be used.
    fn first(files: &[PathBuf]) -> Result<Nvrtc, DeviceError> {
        let mut reasons = vec![];
        for file in files {
            match Nvrtc::open(file) {
                Ok(nvrtc) => return Ok(nvrtc),
                Err(reason) => reasons.push(reason),
            }
        }
        Err(DeviceError::NoNvrtc {
            reason: reasons.join("; "),
        })
    }

    /// Opens a file, or says what is wrong with it.
    fn open(file: &Path) -> Result<Nvrtc, String> {
        let wrong = |reason: &dyn std::fmt::Display| format!("{}: {reason}", file.display());
        // SAFETY: opening the library runs its initialization. The file has the name of NVRTC, or the user says that it is NVRTC.
        let library = unsafe { Library::new(file) }.map_err(|error| wrong(&error))?;
        macro_rules! function {
            ($name:literal) => {{
                // SAFETY: the type is that of the function with this name in all versions of NVRTC, and the library lives as long as the pointer.
                let function = unsafe { library.get($name) };
                *function.map_err(|_| wrong(&concat!("it has no function ", $name)))?
            }};
        }
        let version: unsafe extern "C" fn(*mut c_int, *mut c_int) -> c_int =
            function!("nvrtcVersion");
        let (mut major, mut minor) = (0, 0);
        // SAFETY: both pointers are to numbers that live through the call.
        let code = unsafe { version(&raw mut major, &raw mut minor) };
        if code != 0 {
            return Err(wrong(&format!(
                "it does not tell its version: error {code}"
            )));
        }
        if (major, minor) < OLDEST {
            return Err(wrong(&format!(
                "it is version {major}.{minor}, and {}.{} is the oldest that is used",
                OLDEST.0, OLDEST.1
            )));
        }
        Ok(Nvrtc {
            version: (major, minor),
            create: function!("nvrtcCreateProgram"),
            destroy: function!("nvrtcDestroyProgram"),
            compile: function!("nvrtcCompileProgram"),
            code: (function!("nvrtcGetCUBINSize"), function!("nvrtcGetCUBIN")),
            log: (
                function!("nvrtcGetProgramLogSize"),
                function!("nvrtcGetProgramLog"),
            ),
            _library: library,
        })
    }

    /// What tells this compiler from others that may give other code.
    pub(crate) fn identity(&self) -> String {
        format!("NVRTC {}.{}", self.version.0, self.version.1)
    }

    /// Compiles a program with the given options, among which the architecture of a device. Returns the code, and what the compiler says.
    pub(crate) fn compile(
        &self,
        source: Source<'_>,
        options: &[String],
    ) -> Result<(Vec<u8>, String), DeviceError> {
        let wrong = |log: String| DeviceError::Compile {
            kernel: source.name.into(),
            log,
        };
        let text = |text: &str| {
            CString::new(text).map_err(|_| wrong("the source has a character 0".into()))
        };
        let (code, name) = (text(source.text)?, text(source.name)?);
        let options = options.iter().map(|option| text(option));
        let options = options.collect::<Result<Vec<_>, _>>()?;
        let options: Vec<*const c_char> = options.iter().map(|option| option.as_ptr()).collect();
        let mut program = ptr::null_mut();
        // SAFETY: both texts end with 0 and live through the call, which copies them; there are no headers.
        let result = unsafe {
            (self.create)(
                &raw mut program,
                code.as_ptr(),
                name.as_ptr(),
                0,
                ptr::null(),
                ptr::null(),
            )
        };
        if result != 0 {
            return Err(wrong(format!("NVRTC takes no program: error {result}")));
        }
        let program = Compilation(self, program);
        // SAFETY: the program is not destroyed yet, and the options are as many texts that end with 0 and live through the call.
        let result = unsafe { (self.compile)(program.1, options.len() as c_int, options.as_ptr()) };
        let log = program.read(self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let log = log.trim_end_matches(['\0', '\n']);
        if result != 0 {
            return Err(wrong(format!("{}, error {result}: {log}", self.identity())));
        }
        match program.read(self.code) {
            Some(code) if !code.is_empty() => Ok((code, log.into())),
            _ => Err(wrong(format!("{} gives no code", self.identity()))),
        }
    }
}

impl Compilation<'_> {
    /// The bytes that one of the compiler's functions counts and another one writes.
    fn read(&self, (size, text): (Size, Text)) -> Option<Vec<u8>> {
        let mut count = 0;
        // SAFETY: the program is not destroyed yet, and the pointer is one to a number that lives through the call.
        if unsafe { size(self.1, &raw mut count) } != 0 {
            return None;
        }
        let mut bytes = vec![0; count];
        // SAFETY: the program is not destroyed yet, and there is room for as many bytes as it has said that it writes.
        let result = unsafe { text(self.1, bytes.as_mut_ptr().cast()) };
        (result == 0).then_some(bytes)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::{Path, PathBuf};

    use super::Nvrtc;
    use crate::DeviceError;

    #[test]
    fn a_file_that_is_no_compiler_says_why() {
        let reason = |file: &str| Nvrtc::open(Path::new(file)).err().expect("no compiler");
        let missing = reason("/nowhere/libnvrtc.so.12");
        assert!(
            missing.starts_with("/nowhere/libnvrtc.so.12: "),
            "{missing}"
        );
        // A library, but not this one.
        let other = reason("libm.so.6");
        assert_eq!(other, "libm.so.6: it has no function nvrtcVersion");
        let folder = tempfile::tempdir().expect("a folder");
        let text = folder.path().join("libnvrtc.so.12");
        std::fs::write(&text, "not a library").expect("written");
        assert!(Nvrtc::open(&text).is_err());
    }

    #[test]
    fn the_error_names_all_that_was_tried_and_what_to_do() {
        let files = ["/nowhere/libnvrtc.so.12", "libm.so.6"].map(PathBuf::from);
        let error = Nvrtc::first(&files).err().expect("no compiler");
        assert!(matches!(error, DeviceError::NoNvrtc { .. }));
        let message = error.to_string();
        for part in [
            "/nowhere/libnvrtc.so.12",
            "libm.so.6",
            "DIAGRAMS_NVRTC",
            "pip install",
        ] {
            assert!(message.contains(part), "{message}");
        }
    }
}
