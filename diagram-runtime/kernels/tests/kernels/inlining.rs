//! Operations on lanes become vector code only where they are inlined into a kernel that is compiled for the instruction set; left as calls they take ten
//! times as long, and nothing else shows it. A function that was not inlined has a symbol in the library. And what has none is compiled by every program
//! that uses it.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Symbols that no kernel leaves behind, as the compiler writes them: operations of lanes, of registers, and of Taylor series and dual numbers, which are
/// functions of lanes wherever they are not of plain numbers.
const OPERATIONS: [&str; 4] = [
    "_$LT$diagram_algebra..lanes..vector..Vector$LT$G$GT$$u20$as$u20$",
    "$u20$as$u20$diagram_algebra..lanes..register..Register",
    "_$LT$diagram_algebra..taylor..Taylor$LT$",
    "_$LT$diagram_algebra..dual..Dual$LT$S$GT$$u20$as$u20$",
];

/// The library that was built for this test: other builds may lie beside it, but what was built last has the sources of today.
fn library() -> PathBuf {
    let test = env::current_exe().expect("this program");
    let folder = test.parent().expect("its folder");
    let entries = fs::read_dir(folder).expect("a folder");
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        let ending = path.extension().and_then(|ending| ending.to_str());
        name.is_some_and(|name| name.starts_with("libdiagram_kernels-")) && ending == Some("rlib")
    };
    let modified = |path: &PathBuf| {
        let file = fs::metadata(path).expect("a file");
        file.modified().expect("a time")
    };
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(is_library)
        .max_by_key(modified)
        .expect("cargo builds the library before its tests")
}

fn contains(library: &[u8], symbol: &str) -> bool {
    library
        .windows(symbol.len())
        .any(|bytes| bytes == symbol.as_bytes())
}

fn left_as_calls(path: &Path) -> Vec<&'static str> {
    let library = fs::read(path).expect("the library can be read");
    // Symbols that must be there, in the same notation: were it another one, nothing could be found.
    for kernel in ["each_block", "any_order", "diagram_algebra..multidual"] {
        assert!(contains(&library, kernel), "{kernel}");
    }
    let mut left = OPERATIONS.to_vec();
    left.retain(|symbol| contains(&library, symbol));
    left
}

#[test]
fn no_kernel_leaves_vector_operations_as_calls() {
    assert_eq!(left_as_calls(&library()), Vec::<&str>::new());
}

/// A program that simulates a built-in landscape takes what is here; were a function between them inlined into the program, so would be the kernels.
#[test]
fn simulators_of_built_in_landscapes_are_compiled_in_the_library() {
    let library = fs::read(library()).expect("the library can be read");
    let of_any_landscape = "Simulator$LT$T$GT$$u20$for$u20$L$GT$";
    for kernel in ["7descend", "13add_gradients", "20add_hessian_products"] {
        let symbol = format!("{of_any_landscape}{kernel}");
        assert!(contains(&library, &symbol), "{symbol}");
    }
}
