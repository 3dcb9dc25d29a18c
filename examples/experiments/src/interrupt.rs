//! Ctrl-C, and the signals that ask a program to end or say that its terminal is gone: the first one asks the program to end early, the second one ends it
//! at once.
//!
//! What is computing does not always look at the flag: values of diagrams are computed in one call. So the program is ended when it has had time to do so
//! itself, but never inside of [`keeping`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::terminal::complain;

/// The exit status after Ctrl-C.
pub const STATUS: u8 = 130;

/// How long the program has after the first Ctrl-C to end by itself, unless it has something to keep.
const PATIENCE: Duration = Duration::from_millis(600);

/// Held while there is something to keep. A signal is for the whole process, and so is this.
static KEEPING: Mutex<()> = Mutex::new(());

/// Does work that the first Ctrl-C must not end: writing what is finished, or what can end early by itself and has results then. It must not be nested.
pub fn keeping<R>(work: impl FnOnce() -> R) -> R {
    let _guard = KEEPING.lock().unwrap_or_else(PoisonError::into_inner);
    work()
}

/// Installs the handler. The first Ctrl-C prints `notice` on standard error and sets the flag that is returned; the program ends within a second, unless it
/// is [`keeping`] something. The second one ends the program at once. When the program is ended, `folder` is removed if it is empty.
///
/// A hangup is left alone if the program was started to survive it, as by `nohup`.
///
/// # Errors
/// [`io::Error`] if the system refuses to install a handler, or to start the thread that it needs.
pub fn install(notice: &'static str, folder: Option<PathBuf>) -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    on_signals(move || {
        if seen.swap(true, Ordering::Relaxed) {
            end(folder.as_deref());
        }
        complain(notice);
        let folder = folder.clone();
        // The second signal must be heard meanwhile.
        std::thread::spawn(move || {
            std::thread::sleep(PATIENCE);
            keeping(|| {
                complain("ended: nothing else was finished");
                end(folder.as_deref())
            })
        });
    })?;
    Ok(flag)
}

/// Ends the program, and removes the folder if it is empty.
fn end(folder: Option<&Path>) -> ! {
    if let Some(folder) = folder {
        // This fails if the folder is not empty or does not exist, in which cases nothing is to be done.
        let _ = std::fs::remove_dir(folder);
    }
    std::process::exit(i32::from(STATUS))
}

/// Calls `heard` on a thread of its own whenever a signal comes.
#[cfg(unix)]
fn on_signals(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    let mut signals = vec![SIGINT, SIGTERM];
    if !ignores_hangups() {
        signals.push(SIGHUP);
    }
    let mut signals = Signals::new(signals)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for _ in signals.forever() {
                heard();
            }
        })?;
    Ok(())
}

/// Whether the process was started such that it ignores hangups, as by `nohup`, as far as the system says that. It hands that on to those that it starts.
#[cfg(unix)]
pub fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal_hook::consts::SIGHUP - 1) & 1 == 1)
}

/// Calls `heard` on a thread of its own whenever Ctrl-C is pressed.
#[cfg(not(unix))]
fn on_signals(heard: impl Fn() + Send + 'static) -> io::Result<()> {
    ctrlc::set_handler(heard).map_err(io::Error::other)
}
