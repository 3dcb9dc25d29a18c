//! Wrong declarations are refused at the token that is wrong: each file in `tests/ui` does not compile, and the compiler says what the file beside it
//! has. `UI=overwrite` writes those files. (Right declarations are tests of their own.)
//!
//! The compiler is run on the library that was built for this test, so that nothing is built a second time.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Files in a folder with an ending, in order.
fn files(folder: &Path, ending: &str) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension() == Some(OsStr::new(ending)))
        .collect()
}

/// The folder where cargo has put this test and the libraries.
fn built() -> PathBuf {
    let test = env::current_exe().expect("this program");
    test.parent().expect("its folder").into()
}

/// The library: builds with other features lie beside it, but what was built last has the sources of today.
fn library(built: &Path) -> PathBuf {
    let name = |path: &PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str);
        name.is_some_and(|name| name.starts_with("libdiagrams-"))
    };
    files(built, "rlib")
        .into_iter()
        .filter(name)
        .max_by_key(|path| {
            let file = fs::metadata(path).expect("a file");
            file.modified().expect("a time")
        })
        .expect("cargo builds the library before its tests")
}

/// What the compiler says of a program that must be wrong, without what it says of every wrong program.
fn said(program: &Path, library: &Path, built: &Path) -> String {
    let out = tempfile::tempdir().expect("a folder");
    let output = Command::new(env::var_os("RUSTC").unwrap_or("rustc".into()))
        .args(["--edition", "2024", "--emit", "metadata", "-A", "dead_code"])
        .args(["--color", "never", "--diagnostic-width", "140"])
        .arg("--out-dir")
        .arg(out.path())
        .arg("--extern")
        .arg(format!("diagrams={}", library.display()))
        .arg("-L")
        .arg(format!("dependency={}", built.display()))
        .arg(program)
        .output()
        .expect("the compiler starts");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(!output.status.success(), "{} compiles", program.display());
    let every = [
        "error: aborting due to ",
        "For more information about ",
        "Some errors have detailed explanations",
    ];
    let lines = text.lines().map(str::trim_end);
    let lines: Vec<&str> = lines
        .filter(|line| !every.iter().any(|start| line.starts_with(start)))
        .collect();
    lines.join("\n").trim().to_string() + "\n"
}

#[test]
fn wrong_declarations() {
    let built = built();
    let library = library(&built);
    let overwrite = env::var_os("UI").is_some_and(|value| value == "overwrite");
    let mut different = String::new();
    // Cargo runs tests in the folder of their package, from which places in messages are named.
    let programs = files(Path::new("tests/ui"), "rs");
    assert!(!programs.is_empty());
    for program in programs {
        let said = said(&program, &library, &built);
        let file = program.with_extension("stderr");
        if overwrite {
            fs::write(&file, said).expect("written");
            continue;
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if said != expected {
            let _ = writeln!(different, "{}:\n{said}", program.display());
        }
    }
    assert!(
        different.is_empty(),
        "other messages than expected\n{different}"
    );
}
