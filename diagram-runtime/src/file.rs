//! Files that appear complete or not at all.

use std::io::{self, Write};
use std::path::Path;

/// Writes a file and replaces one of the same name. The content goes to a temporary file in the same folder, which is then renamed: at any moment either the old or the new file is there, and
/// it is complete.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::fs::Permissions;
        use std::os::unix::fs::PermissionsExt;
        // By default only the owner may read a temporary file. Results get the usual permissions.
        builder.permissions(Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
