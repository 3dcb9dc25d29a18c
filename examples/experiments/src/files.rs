//! Files that appear complete or not at all.

use std::fs;
use std::io::{Result, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// A file of this content that waits in a folder under another name, synced, until it is given its own.
///
/// # Errors
/// Those of writing.
pub fn waiting(folder: &Path, content: &str) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Results are for everybody, unlike most temporary files.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Writes a file, in place of the one that may be there: at any moment there is either, complete.
///
/// # Errors
/// Those of writing.
pub fn replace(folder: &Path, name: &str, content: &str) -> Result<()> {
    let file = waiting(folder, content)?;
    file.persist(folder.join(name)).map_err(|e| e.error)?;
    Ok(())
}
