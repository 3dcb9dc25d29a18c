//! Printing on standard output, and text in aligned columns.

use std::io::{ErrorKind, Result, Write};

/// Prints text on standard output. It is no error if the reader has closed the pipe, as `head` does.
///
/// # Errors
/// Any other I/O error.
pub fn print(text: &str) -> Result<()> {
    is_read(text).map(drop)
}

/// Prints text on standard output; whether there is still somebody who reads it, who may have closed the pipe.
///
/// # Errors
/// Any other I/O error.
pub fn is_read(text: &str) -> Result<bool> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}

/// Prints a line on standard error, if somebody reads it: what cannot be said there cannot be said anywhere.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Text with the cells of the rows in columns. The columns with the indices `left` are aligned to the left, the others to the right.
pub fn aligned<R: AsRef<[String]>>(rows: &[R], left: &[usize]) -> String {
    let mut widths: Vec<usize> = vec![];
    for row in rows {
        for (column, cell) in row.as_ref().iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .as_ref()
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, &width))| {
                if left.contains(&column) {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
