//! The output folder. Files appear in it complete or not at all, and none is ever overwritten.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use diagram_experiments::files;
use tempfile::NamedTempFile;

/// Names of the files.
pub(crate) const NAMES: [&str; 3] = [
    "learning_curve.svg",
    "learning_curve.csv",
    "learning_curve.json",
];

/// A folder that can be written to. If it was created here and stays empty, it is removed again.
pub(crate) struct OutputFolder {
    path: PathBuf,
    created: bool,
}

impl OutputFolder {
    /// The given folder, created if it does not exist; without one, a fresh folder in the current one.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, String> {
        let folder = match path {
            Some(path) => OutputFolder::at(path)?,
            None => OutputFolder::fresh()?,
        };
        for name in NAMES {
            let file = folder.path.join(name);
            if file.symlink_metadata().is_ok() {
                return Err(format!("{} exists already", file.display()));
            }
        }
        NamedTempFile::new_in(&folder.path)
            .map_err(|e| format!("{}: cannot be written to: {e}", folder.path.display()))?;
        Ok(folder)
    }

    fn at(path: &Path) -> Result<Self, String> {
        let failed = |e| format!("{}: the folder cannot be created: {e}", path.display());
        let created = match fs::create_dir(path) {
            Ok(()) => true,
            Err(e) if e.kind() == ErrorKind::AlreadyExists && path.is_dir() => false,
            Err(e) => return Err(failed(e)),
        };
        Ok(OutputFolder {
            path: path.into(),
            created,
        })
    }

    fn fresh() -> Result<Self, String> {
        let names = std::iter::once("learning_curve-out".to_string())
            .chain((2..).map(|number| format!("learning_curve-out-{number}")));
        for name in names {
            match fs::create_dir(&name) {
                Ok(()) => {
                    return Ok(OutputFolder {
                        path: name.into(),
                        created: true,
                    });
                }
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(format!("{name}: the folder cannot be created: {e}")),
            }
        }
        Err("there is no name left for an output folder".into())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is, if it was created here.
    pub(crate) fn created(&self) -> Option<PathBuf> {
        self.created.then(|| self.path.clone())
    }

    /// Writes all files, or none.
    pub(crate) fn write(&self, contents: [&str; NAMES.len()]) -> Result<(), String> {
        let mut waiting = vec![];
        for (name, content) in NAMES.into_iter().zip(contents) {
            let path = self.path.join(name);
            let file = files::waiting(&self.path, content)
                .map_err(|e| format!("{}: {e}", path.display()))?;
            waiting.push((path, file));
        }
        let mut written = vec![];
        for (path, file) in waiting {
            if let Err(e) = file.persist_noclobber(&path) {
                for earlier in written {
                    // The first error is the one to report.
                    let _ = fs::remove_file(earlier);
                }
                return Err(format!("{}: {}", path.display(), e.error));
            }
            written.push(path);
        }
        Ok(())
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if self.created {
            // Fails if there is something in it, as it should.
            let _ = fs::remove_dir(&self.path);
        }
    }
}
