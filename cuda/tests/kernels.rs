//! The table of what kernels take is that of the present kernels. This needs no compiler.

#[path = "../examples/compile_kernels/landscapes.rs"]
mod landscapes;

use std::error::Error;
use std::path::Path;

#[test]
fn the_table_is_that_of_the_present_kernels() -> Result<(), Box<dyn Error + Send + Sync>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("KERNELS.md");
    let table = std::fs::read_to_string(file)?;
    let changed: Vec<&str> = landscapes::groups()?
        .iter()
        .filter(|group| {
            let section = format!("## {}\n\nSources: `{}`\n", group.name, group.fingerprint());
            !table.contains(&section)
        })
        .map(|group| group.name)
        .collect();
    assert!(
        changed.is_empty(),
        "kernels are others than those in cuda/KERNELS.md: {}; run cuda/tools/compile_kernels",
        changed.join(", ")
    );
    Ok(())
}
