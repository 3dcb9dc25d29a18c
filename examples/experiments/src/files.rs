//! Writes files such that each appears complete or not at all.

use std::fs;
use std::io::{Result, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes the content to a temporary file in the folder and syncs it to disk. The caller gives the file its name; otherwise it is removed.
///
/// # Errors
/// An I/O error if the file cannot be made or written.
pub fn waiting(folder: &Path, content: impl AsRef<[u8]>) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // By default only the owner may read a temporary file. Results get the usual permissions.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content.as_ref())?;
    file.as_file().sync_all()?;
    Ok(file)
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
