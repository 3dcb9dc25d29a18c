//! The documents at the root and in `docs` name files that exist, and the page of examples names all of them.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All documents, by their paths from the root.
fn documents() -> Vec<PathBuf> {
    let mut documents = vec![];
    for folder in ["", "docs"].map(Path::new) {
        for entry in fs::read_dir(root().join(folder)).expect("a folder") {
            let path = folder.join(entry.expect("an entry").file_name());
            if path.extension().is_some_and(|ending| ending == "md") {
                documents.push(path);
            }
        }
    }
    documents
}

#[test]
fn links_lead_to_files() {
    for document in documents() {
        let text = fs::read_to_string(root().join(&document)).expect("a document");
        let folder = document.parent().expect("a folder");
        // What follows `](`, and the definitions of links by name.
        let named = text.lines().filter(|line| line.starts_with('['));
        let named = named.filter_map(|line| Some(line.split_once("]: ")?.1));
        let inline = text.split("](").skip(1);
        let inline = inline.filter_map(|rest| Some(rest.split_once(')')?.0));
        for link in named.chain(inline) {
            let path = link.split('#').next().unwrap_or_default();
            let outside = path.is_empty() || path.contains("://");
            let there = root().join(folder).join(path).exists();
            assert!(outside || there, "{}: {link}", document.display());
        }
    }
}

/// The tables say where what is added goes and what tests it: every path in them exists.
#[test]
fn places_for_what_is_added_exist() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("a document");
    let rows = text.lines().filter(|line| line.starts_with("| a"));
    let spans = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let mut found = 0;
    for path in spans.filter(|span| span.contains('/') && !span.contains(' ')) {
        // A file beside one that was named before is named alone.
        let beside = root().join("diagram-runtime/kernels/src").join(path);
        assert!(root().join(path).exists() || beside.exists(), "{path}");
        found += 1;
    }
    assert!(found > 10);
}

#[test]
fn every_numbered_example_is_on_the_first_page_and_short() {
    let page = fs::read_to_string(root().join("README.md")).expect("a document");
    let entries = fs::read_dir(root().join("examples")).expect("a folder");
    let mut count = 0;
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .expect("UTF-8");
        if name.starts_with('0') {
            assert!(page.contains(&format!("](examples/{name})")), "{name}");
            let text = fs::read_to_string(&path).expect("an example");
            assert!(text.lines().count() <= 60, "{name}");
            count += 1;
        }
    }
    assert!(count > 0);
}
