//! Ctrl-C: the first ends what is under way, the second the program.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit status after Ctrl-C.
pub const STATUS: u8 = 130;

/// From now on Ctrl-C sets the flag that is returned and says `notice`; a second time it ends the program, and removes `folder` if that is
/// empty.
///
/// # Errors
/// If Ctrl-C is handled already, or cannot be.
pub fn install(
    notice: &'static str,
    folder: Option<PathBuf>,
) -> Result<Arc<AtomicBool>, ctrlc::Error> {
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
        eprintln!("{notice}");
    })?;
    Ok(flag)
}
