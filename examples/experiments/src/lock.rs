//! The lock that keeps two runs out of one folder: that of the operating system or, on a file system without one, a file that only one run can make.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::ExperimentError;

/// A lock, which is given back when this value is dropped.
#[derive(Debug)]
pub enum Lock {
    /// The operating system has it, for as long as the file is open.
    System,
    /// It is a file with the host and the process of the run.
    Claim(Claim),
}

/// A file that says whose a folder is. It is removed when this value is dropped, and stays if the program is killed.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
}

impl Lock {
    /// Locks an open file. Where the file system cannot, as Lustre often cannot, the file `claim` is made in its place.
    ///
    /// # Errors
    /// [`ExperimentError::InUse`] if another run has the lock, [`ExperimentError::Claimed`] if another run has made the file `claim`, and
    /// [`ExperimentError::File`] for what else goes wrong.
    pub fn of(file: &File, path: &Path, claim: &Path) -> Result<Lock, ExperimentError> {
        match try_lock(file) {
            Ok(()) => Ok(Lock::System),
            Err(TryLockError::WouldBlock) => Err(ExperimentError::InUse { path: path.into() }),
            Err(TryLockError::Error(error)) if is_missing(&error) => {
                Ok(Lock::Claim(Claim::make(claim)?))
            }
            Err(TryLockError::Error(source)) => Err(ExperimentError::File {
                path: path.into(),
                source,
            }),
        }
    }
}

/// Whether the error says that the file system has no locks: the function is not implemented, or not supported.
pub fn is_missing(error: &io::Error) -> bool {
    // 38 and 95 are ENOSYS and EOPNOTSUPP on Linux.
    error.kind() == ErrorKind::Unsupported || matches!(error.raw_os_error(), Some(38 | 95))
}

/// Locks a file, or gives up after a fifth of a second.
///
/// While this process starts another program on some thread, the new process has copies of all open files until it is loaded. These copies hold the
/// locks, even of runs that have ended, so that one attempt might fail without another run.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    const ATTEMPTS: usize = 10;
    const PAUSE: Duration = Duration::from_millis(20);
    for _ in 1..ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    file.try_lock()
}

impl Claim {
    /// Makes the file, which must not be there: of several runs, one alone can.
    ///
    /// # Errors
    /// [`ExperimentError::Claimed`] if it is there, with what is known about the run that made it.
    pub fn make(path: &Path) -> Result<Claim, ExperimentError> {
        let made = OpenOptions::new().write(true).create_new(true).open(path);
        let failed = |source| ExperimentError::File {
            path: path.into(),
            source,
        };
        match made {
            Ok(mut file) => {
                let claim = Claim { path: path.into() };
                let text = format!("{} {}\n", host(), std::process::id());
                file.write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(failed)?;
                Ok(claim)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(ExperimentError::Claimed {
                    path: path.into(),
                    by: describe(&fs::read_to_string(path).unwrap_or_default()),
                })
            }
            Err(error) => Err(failed(error)),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // There is nobody to tell that it cannot be removed: the next run does.
        let _ = fs::remove_file(&self.path);
    }
}

/// What is known about the run that wrote this into its file.
fn describe(text: &str) -> String {
    let Some((of, process)) = text.trim_end().rsplit_once(' ') else {
        return "a run that was killed while it began; if no other is running, remove the file"
            .into();
    };
    let run = format!("process {process} on {of}");
    let processes = Path::new("/proc/self");
    if of == host() && processes.exists() {
        if Path::new("/proc").join(process).exists() {
            return format!("{run}, which is running");
        }
        return format!("{run}, which is not running any more: remove the file");
    }
    format!("{run}; if that is not running any more, remove the file")
}

/// The name of this machine.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok();
    name.or_else(|| std::env::var("HOSTNAME").ok())
        .map(|name| name.trim().to_string())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this machine".into())
}
