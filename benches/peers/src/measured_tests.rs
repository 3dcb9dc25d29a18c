//! Tests of the file of measurements: here, because a benchmark has no tests of its own.

use std::path::PathBuf;

use crate::measured::{Measured, MeasuredError, Unsupported, date};

#[test]
fn dates_of_leap_years() {
    for (days, expected) in [
        (0, "1970-01-01"),
        (11_016, "2000-02-29"),
        (11_017, "2000-03-01"),
        (20_818, "2026-12-31"),
    ] {
        assert_eq!(date(days), expected);
    }
}

/// A file in a folder of its own, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = format!("diagram-peers-{}-{name}", std::process::id());
        Scratch(std::env::temp_dir().join(folder))
    }

    fn file(&self) -> PathBuf {
        self.0.join("measured.json")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn new_measurements_replace_old_ones() -> Result<(), MeasuredError> {
    let scratch = Scratch::new("merge");
    let cannot = |work: &str, reason: &str| Unsupported {
        work: work.to_owned(),
        reason: reason.to_owned(),
    };
    let run = |command, gflops, unsupported| {
        let mut measured = Measured::today("a source", command, 2);
        measured.gemm_gflops.insert("f32".to_owned(), gflops);
        measured.unsupported = unsupported;
        measured.merge_into(&scratch.file())
    };
    run("first", 1.0, vec![cannot("a", "old"), cannot("b", "old")])?;
    run("second", 2.0, vec![cannot("c", "new"), cannot("a", "new")])?;
    let merged = Measured::read(&scratch.file())?;
    assert_eq!(merged.commands, ["first", "second"]);
    assert_eq!(merged.gemm_gflops["f32"], 2.0);
    let expected = [cannot("a", "new"), cannot("b", "old"), cannot("c", "new")];
    assert_eq!(merged.unsupported, expected);
    Ok(())
}

#[test]
fn another_file_is_an_error_and_stays() {
    let scratch = Scratch::new("other");
    let written = std::fs::create_dir_all(&scratch.0)
        .and_then(|()| std::fs::write(scratch.file(), "{\"source\": 1}"));
    assert!(written.is_ok());
    let merged = Measured::today("a source", "run", 2).merge_into(&scratch.file());
    assert!(matches!(merged, Err(MeasuredError::Json { .. })));
    let content = std::fs::read_to_string(scratch.file());
    assert_eq!(content.ok().as_deref(), Some("{\"source\": 1}"));
}
