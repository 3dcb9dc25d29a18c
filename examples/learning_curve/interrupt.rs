//! Ctrl-C: the first ends the trials, the second the program.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status after Ctrl-C.
pub(crate) const STATUS: u8 = 130;

/// From now on Ctrl-C sets the flag that is returned; a second time it ends the program, and removes `folder` if that is empty.
pub(crate) fn install(folder: Option<PathBuf>) -> Result<Arc<AtomicBool>, String> {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::Relaxed) {
            if let Some(folder) = &folder {
                // Not empty, or gone already: nothing that could be done about it now.
                let _ = std::fs::remove_dir(folder);
            }
            std::process::exit(i32::from(STATUS));
        }
        eprintln!("ending with what is finished; Ctrl-C again to drop everything");
    })
    .map_err(|e| format!("Ctrl-C cannot be handled: {e}"))?;
    Ok(flag)
}
