//! The driver: one check of its library and version, before which nothing else is called, and its errors.
//!
//! cudarc panics where a library or a function of it is missing, even while it writes an error. So the library is opened here first, and asked for its
//! version by functions that every driver has. A driver of CUDA 12.0 or newer has all others.

use std::ffi::c_int;
use std::sync::OnceLock;

use cudarc::driver::DriverError;
use libloading::Library;

use crate::DeviceError;

/// The oldest version of CUDA whose drivers are supported.
const OLDEST: (u32, u32) = (12, 0);

/// A driver that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Driver {
    /// The version of CUDA that it is for.
    pub(crate) version: (u32, u32),
    /// The number of devices.
    pub(crate) devices: usize,
}

/// The driver, which is looked for once in a process.
pub(crate) fn driver() -> Result<Driver, DeviceError> {
    static CHECKED: OnceLock<Result<Driver, DeviceError>> = OnceLock::new();
    CHECKED.get_or_init(check).clone()
}

fn check() -> Result<Driver, DeviceError> {
    let missing = |reason: String| DeviceError::NoDriver { reason };
    let mut names = ["cuda", "nvcuda"]
        .into_iter()
        .flat_map(cudarc::get_lib_name_candidates);
    // SAFETY: opening the library runs its initialization, which is that of a driver; there is no other library with such a name.
    let library = names.find_map(|name| unsafe { Library::new(name) }.ok());
    let library = library
        .ok_or_else(|| missing("the library libcuda.so.1 or nvcuda.dll was not found".into()))?;
    // The library that toolkits have for linking says that it is a stub.
    let number = ask(&library, "cuDriverGetVersion")?.map_err(|code| {
        missing(format!(
            "the driver does not tell its version: error {code}"
        ))
    })?;
    let version = (number / 1000, number % 1000 / 10);
    if version < OLDEST {
        return Err(DeviceError::DriverTooOld {
            found: version,
            needed: OLDEST,
        });
    }
    let devices = match start(&library)? {
        0 => ask(&library, "cuDeviceGetCount")?.map_err(|code| {
            missing(format!(
                "the driver does not tell its devices: error {code}"
            ))
        })?,
        NO_DEVICE => 0,
        code => {
            return Err(missing(format!("the driver does not start: error {code}")));
        }
    };
    // What cudarc opens under the same name is this library.
    std::mem::forget(library);
    Ok(Driver {
        version,
        devices: devices as usize,
    })
}

const NO_DEVICE: c_int = 100;

/// The error of a driver without one of its functions.
fn without(function: &str) -> DeviceError {
    DeviceError::NoDriver {
        reason: format!("its library has no function {function}"),
    }
}

/// Starts the driver, and returns its error code.
fn start(library: &Library) -> Result<c_int, DeviceError> {
    type Start = unsafe extern "C" fn(u32) -> c_int;
    // SAFETY: in every version of the driver, this function takes flags and returns an error code.
    let start = unsafe { library.get::<Start>("cuInit") }.map_err(|_| without("cuInit"))?;
    // SAFETY: the only flags that there are, none.
    Ok(unsafe { start(0) })
}

/// The number that one of the driver's functions writes, or its error code.
fn ask(library: &Library, function: &str) -> Result<Result<u32, c_int>, DeviceError> {
    type Ask = unsafe extern "C" fn(*mut c_int) -> c_int;
    // SAFETY: in every version of the driver, the functions that are asked write a number and return an error code.
    let ask = unsafe { library.get::<Ask>(function) }.map_err(|_| without(function))?;
    let mut number = 0;
    // SAFETY: the pointer is one to a number that lives through the call.
    let code = unsafe { ask(&raw mut number) };
    Ok(if code == 0 {
        Ok(number.unsigned_abs())
    } else {
        Err(code)
    })
}

/// What the driver says about an error.
pub(crate) fn message(error: DriverError) -> String {
    let code = error.0 as u32;
    let name = error.error_name().map(|name| name.to_string_lossy());
    let text = error.error_string().map(|text| text.to_string_lossy());
    match (name, text) {
        (Ok(name), Ok(text)) => format!("{name}: {text}"),
        _ => format!("error {code}"),
    }
}

/// The error of a call of the driver, at which the device was at `what`.
pub(crate) fn error(what: &str, error: DriverError) -> DeviceError {
    let (what, message) = (what.into(), message(error));
    match error.0 as u32 {
        // The context is destroyed, or every later call gives the same error.
        4 | 46 | 201 | 214 | 220 | 226 | 700 | 702 | 709..=719 | 721 | 999 => {
            DeviceError::Lost { what, message }
        }
        _ => DeviceError::Launch { what, message },
    }
}
