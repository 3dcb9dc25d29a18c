//! The handler of Ctrl-C: the first one asks the program to end early, the second one ends it at once.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit status after Ctrl-C.
pub const STATUS: u8 = 130;

/// Installs the handler. The first Ctrl-C prints `notice` on standard error and sets the flag that is returned. The second one removes `folder` if
/// that is empty, and ends the program.
///
/// # Errors
/// [`ctrlc::Error`] if there is a handler already, or if the system refuses to install one.
pub fn install(
    notice: &'static str,
    folder: Option<PathBuf>,
) -> Result<Arc<AtomicBool>, ctrlc::Error> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            if let Some(folder) = &folder {
                // This fails if the folder is not empty or does not exist, in which cases nothing is to be done.
                let _ = std::fs::remove_dir(folder);
            }
            std::process::exit(i32::from(STATUS));
        }
        eprintln!("{notice}");
    })?;
    Ok(flag)
}
