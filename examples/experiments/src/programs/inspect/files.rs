//! The output folder. It appears complete or not at all, and no existing file is changed.

use std::fs;
use std::path::Path;

use diagram_experiments::files;
use tempfile::TempDir;

use super::error::InspectError;
use super::format::{csv, html, latex};
use super::report::Report;

/// Checks that the folder does not exist and can be made, before anything is computed.
pub(crate) fn check(folder: &Path) -> Result<(), InspectError> {
    if folder.symlink_metadata().is_ok() {
        let reason = "exists already; choose another name, nothing is overwritten";
        return Err(wrong(folder, reason));
    }
    draft(folder).map(drop)
}

/// Writes all files into a new folder of this name, and returns their number.
pub(crate) fn write(report: &Report, folder: &Path) -> Result<usize, InspectError> {
    let contents = contents(report)?;
    let draft = draft(folder)?;
    for (name, content) in &contents {
        fs::write(draft.path().join(name), content)
            .map_err(|e| wrong(folder, format!("{name}: {e}")))?;
    }
    check_free(folder)?;
    fs::rename(draft.path(), folder).map_err(|e| wrong(folder, e.to_string()))?;
    // The folder was renamed, so that it is not to be removed.
    let _ = draft.keep();
    Ok(contents.len())
}

/// Checks again that the folder does not exist, because renaming would replace an empty folder that was made meanwhile.
fn check_free(folder: &Path) -> Result<(), InspectError> {
    match folder.symlink_metadata() {
        Ok(_) => Err(wrong(folder, "exists by now")),
        Err(_) => Ok(()),
    }
}

/// A temporary folder beside the output folder. It is removed unless it is renamed.
fn draft(folder: &Path) -> Result<TempDir, InspectError> {
    files::draft(folder).map_err(|e| {
        let beside = files::folder_of(folder).display();
        wrong(folder, format!("cannot be made in {beside}: {e}"))
    })
}

fn wrong(folder: &Path, reason: impl Into<String>) -> InspectError {
    InspectError::Out {
        folder: folder.into(),
        reason: reason.into(),
    }
}

/// The names and the contents of all files.
fn contents(report: &Report) -> Result<Vec<(String, String)>, InspectError> {
    let mut files = vec![
        ("index.html".into(), html(report)),
        ("coefficients.csv".into(), csv(report)?),
        ("terms.tex".into(), latex(report)),
    ];
    for (at, predicted) in report.predictors.iter().enumerate() {
        // The number keeps names apart that differ in upper and lower case alone, which some file systems ignore.
        let name = predicted.name.trim_start_matches("r#");
        for (term, entry) in predicted.pictured().iter().enumerate() {
            let stem = format!("{}_{name}_{:03}", at + 1, term + 1);
            files.push((format!("{stem}.svg"), entry.sketch.svg()));
            files.push((format!("{stem}.tikz.tex"), entry.sketch.tikz()));
            files.push((format!("{stem}.dot"), entry.sketch.dot()));
        }
    }
    for (at, drawn) in report.grids.iter().enumerate() {
        let stem = format!("grid_{:03}", at + 1);
        files.push((format!("{stem}.svg"), drawn.svg.clone()));
        files.push((format!("{stem}.tikz.tex"), drawn.tikz.clone()));
        files.push((format!("{stem}.txt"), drawn.in_letters()));
    }
    Ok(files)
}
