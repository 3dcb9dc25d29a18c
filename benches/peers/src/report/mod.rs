//! All files of measurements as one page for users.

mod limits;
mod page;
mod table;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::measured::{Machine, Measured, MeasuredError};

/// How the library's own sources start.
const OURS: &str = "diagrams";
/// The peer that is named first and that targets refer to.
const FIRST_PEER: &str = "JAX";

/// What became of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// It was written.
    Written,
    /// It already is what it should be.
    Same,
    /// It was only checked, and it is not what it should be.
    Different,
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is not one of measurements.
    #[error("{0}")]
    Measured(String),
    /// There is nothing to report.
    #[error("no files of measurements (*.json) in {}", .0.display())]
    Nothing(PathBuf),
    /// Two files would need the same column.
    #[error("{source_name} was measured twice on a machine: {}", path.display())]
    Twice {
        /// The source of both.
        source_name: String,
        /// The second one.
        path: PathBuf,
    },
}

/// Sources that measured on the same machine: only those are compared.
struct Group {
    machine: Machine,
    ours: Option<Measured>,
    /// The first one first, then by name.
    peers: Vec<Measured>,
}

/// Makes the page of all files of a folder, or only checks whether it is up to date.
///
/// # Errors
///
/// [`ReportError`].
pub fn report(folder: &Path, page: &Path, check: bool) -> Result<Reported, ReportError> {
    let file = |path: &Path, source| ReportError::File {
        path: path.to_owned(),
        source,
    };
    let groups = read(folder)?;
    let text = page::page(&groups);
    let old = match std::fs::read_to_string(page) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(file(page, error)),
    };
    if old.as_ref() == Some(&text) {
        return Ok(Reported::Same);
    }
    if check {
        return Ok(Reported::Different);
    }
    std::fs::write(page, text).map_err(|source| file(page, source))?;
    Ok(Reported::Written)
}

fn read(folder: &Path) -> Result<Vec<Group>, ReportError> {
    let file = |source| ReportError::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = std::fs::read_dir(folder)
        .map_err(file)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(file)?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    // The system's order is any.
    paths.sort();
    let mut files = vec![];
    for path in paths {
        let measured = Measured::read(&path)
            .map_err(|error: MeasuredError| ReportError::Measured(error.to_string()))?;
        files.push((path, measured));
    }
    let groups = group(files)?;
    if groups.is_empty() {
        return Err(ReportError::Nothing(folder.to_owned()));
    }
    Ok(groups)
}

fn group(files: Vec<(PathBuf, Measured)>) -> Result<Vec<Group>, ReportError> {
    let mut groups: BTreeMap<Machine, Group> = BTreeMap::new();
    for (path, measured) in files {
        let group = groups
            .entry(measured.machine.clone())
            .or_insert_with(|| Group {
                machine: measured.machine.clone(),
                ours: None,
                peers: vec![],
            });
        let ours = measured.source.starts_with(OURS);
        let twice = group
            .peers
            .iter()
            .any(|peer| peer.source == measured.source);
        if twice || (ours && group.ours.is_some()) {
            return Err(ReportError::Twice {
                source_name: measured.source,
                path,
            });
        }
        if ours {
            group.ours = Some(measured);
        } else {
            group.peers.push(measured);
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group
            .peers
            .sort_by_key(|peer| (!peer.source.starts_with(FIRST_PEER), peer.source.clone()));
    }
    // The machine on which the library and most others were measured comes first.
    groups.sort_by_key(|group| (group.ours.is_none(), usize::MAX - group.peers.len()));
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(json: &str) -> (PathBuf, Measured) {
        let measured = serde_json::from_str(json).expect("the fixture's format");
        (PathBuf::from("fixture.json"), measured)
    }

    fn fixture() -> Vec<(PathBuf, Measured)> {
        vec![
            measured(include_str!("fixture/burn.json")),
            measured(include_str!("fixture/diagrams.json")),
            measured(include_str!("fixture/jax.json")),
        ]
    }

    #[test]
    fn the_page_of_a_fixture() -> Result<(), ReportError> {
        let page = page::page(&group(fixture())?);
        assert_eq!(page, include_str!("fixture/page.md"));
        Ok(())
    }

    #[test]
    fn machines_are_not_compared() -> Result<(), ReportError> {
        let mut files = fixture();
        files[2].1.machine.cores = 64;
        let groups = group(files)?;
        let peers: Vec<usize> = groups.iter().map(|group| group.peers.len()).collect();
        assert_eq!(peers, [1, 1]);
        assert!(groups[0].ours.is_some());
        Ok(())
    }

    #[test]
    fn a_source_has_one_file() {
        let mut files = fixture();
        files.extend(fixture());
        assert!(matches!(group(files), Err(ReportError::Twice { .. })));
    }
}
