//! Writes files such that each appears complete or not at all.

use std::fs;
use std::io::{ErrorKind, Result, Write};
use std::path::Path;
use std::time::Duration;

use tempfile::{NamedTempFile, TempDir};

/// What the names of temporary files begin and end with.
const WAITING: (&str, &str) = (".diagrams-", ".tmp");

/// A temporary file that was changed longer ago than this is one of a run that was killed.
pub const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// Removes the temporary files of runs that were killed: those that were changed no later than `age` ago. Only files that [`waiting`] names are looked at.
///
/// # Errors
/// An I/O error if the folder cannot be listed, or a file not be removed.
pub fn remove_waiting(folder: &Path, age: Duration) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = name
            .to_str()
            .is_some_and(|name| name.starts_with(WAITING.0) && name.ends_with(WAITING.1));
        if !is_ours {
            continue;
        }
        // A time in the future, as of a machine with another clock, is no age.
        let passed = entry.metadata()?.modified()?.elapsed().unwrap_or_default();
        if passed >= age {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() == ErrorKind::IsADirectory => {
                    fs::remove_dir_all(entry.path())?;
                }
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Writes the content to a temporary file in the folder and syncs it to disk. The caller gives the file its name; otherwise it is removed.
///
/// # Errors
/// An I/O error if the file cannot be made or written.
pub fn waiting(folder: &Path, content: impl AsRef<[u8]>) -> Result<NamedTempFile> {
    let mut file = builder(0o666).tempfile_in(folder)?;
    file.write_all(content.as_ref())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Makes a temporary folder beside the path, for the caller to rename to that when it is complete; otherwise it is removed. Those of runs that were killed
/// are removed first.
///
/// # Errors
/// An I/O error if the folder cannot be made.
pub fn draft(path: &Path) -> Result<TempDir> {
    let beside = folder_of(path);
    // What is left over is in nobody's way.
    let _ = remove_waiting(beside, LONGEST_WAIT);
    builder(0o777).tempdir_in(beside)
}

/// The folder that a file or a folder is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// What makes temporary files and folders with these permissions: by default only the owner may read them, and results get the usual permissions.
fn builder(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(WAITING.0).suffix(WAITING.1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// Writes a file and replaces one of the same name. At any moment either the old or the new file is there, and it is complete.
///
/// # Errors
/// An I/O error if the file cannot be written or renamed.
pub fn replace(folder: &Path, name: &str, content: &str) -> Result<()> {
    let file = waiting(folder, content)?;
    file.persist(folder.join(name)).map_err(|e| e.error)?;
    Ok(())
}
