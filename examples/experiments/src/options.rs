//! What the options of several programs have in common.

use std::path::PathBuf;

/// The largest number of threads that may be asked for: more than any one machine has cores, and few enough to be started.
pub const MOST_THREADS: usize = 1024;

/// Reads a path from the command line. Results are stored with their paths as text, so that one that is no text is refused before anything is computed; one with
/// control characters would change the terminal that it is printed on, and is mostly a mistake of a script.
///
/// # Errors
/// A text about the character that is not taken.
pub fn path(text: &str) -> Result<PathBuf, String> {
    match text.chars().find(|character| character.is_control()) {
        None => Ok(text.into()),
        Some(character) => Err(format!(
            "a path with the control character {character:?} is not taken"
        )),
    }
}
