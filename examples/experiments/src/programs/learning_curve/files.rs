//! The output folder. Its files appear complete or not at all, and no file is overwritten.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use diagram_experiments::files;

/// The names of the files.
pub(crate) const NAMES: [&str; 3] = [
    "learning_curve.svg",
    "learning_curve.csv",
    "learning_curve.json",
];

/// A folder that can be written to. If the program created it and it stays empty, it is removed when this value is dropped.
pub(crate) struct OutputFolder {
    path: PathBuf,
    created: bool,
}

impl OutputFolder {
    /// Opens the given folder, which is created if it does not exist, or creates a new folder in the current one. No file of the results may be in
    /// it.
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
        // What is left over is in nobody's way.
        let _ = files::remove_waiting(&folder.path, files::LONGEST_WAIT);
        files::waiting(&folder.path, "")
            .map_err(|e| format!("{}: cannot be written to: {e}", folder.path.display()))?;
        Ok(folder)
    }

    /// Opens or creates a folder.
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

    /// Creates a folder with the first name that is free.
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

    /// The path of the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of the folder, if the program created it.
    pub(crate) fn created(&self) -> Option<PathBuf> {
        self.created.then(|| self.path.clone())
    }

    /// Writes all files, with `contents` in the order of [`NAMES`], or none if one of them cannot be written.
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
                    // An error here is ignored, because the first one is reported.
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
            // This fails if the folder is not empty, as intended.
            let _ = fs::remove_dir(&self.path);
        }
    }
}
