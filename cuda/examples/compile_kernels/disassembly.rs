//! What the loops of compiled kernels do, read off their disassembly by NVIDIA's `nvdisasm`, which is the file that the variable `DIAGRAMS_NVDISASM` names.

use std::collections::HashMap;
use std::error::Error;
use std::ffi::OsStr;
use std::io::Write;
use std::process::Command;

/// What a loop does in one iteration.
#[derive(Clone, Copy, Default)]
pub(crate) struct Loop {
    /// Multiplications with addition, of either precision.
    pub(crate) fmas: usize,
    /// Instructions that load from shared memory.
    pub(crate) loads: usize,
    /// The 32-bit words that these load.
    pub(crate) words: usize,
    /// Whether the multiplications are of 64-bit numbers.
    pub(crate) double: bool,
}

/// The loop with the most multiplications of those that load from shared memory and have no loop inside.
pub(crate) fn busiest_loop(
    disassembler: &OsStr,
    code: &[u8],
) -> Result<Option<Loop>, Box<dyn Error + Send + Sync>> {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(code)?;
    let output = Command::new(disassembler)
        .arg("-c")
        .arg(file.path())
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let loops = innermost_loops(&text);
    Ok(loops
        .into_iter()
        .filter(|of| of.loads > 0 && of.fmas > 0)
        .max_by_key(|of| of.fmas))
}

/// The loops without a loop inside: from a label to a jump back to it.
fn innermost_loops(text: &str) -> Vec<Loop> {
    let mut instructions = vec![];
    let mut labels = HashMap::new();
    for line in text.lines().map(str::trim) {
        if let Some(label) = line.strip_suffix(':') {
            labels.insert(label, instructions.len());
        } else if let Some(instruction) = instruction(line) {
            instructions.push(instruction);
        }
    }
    let jumps = instructions.iter().enumerate();
    let back: Vec<(usize, usize)> = jumps
        .filter(|(_, instruction)| instruction.starts_with("BRA"))
        .filter_map(|(at, instruction)| {
            let label = &instruction[instruction.find(".L_")?..];
            let end = label.find([')', ' ', '`']).unwrap_or(label.len());
            let start = *labels.get(&label[..end])?;
            (start <= at).then_some((start, at))
        })
        .collect();
    let is_innermost = |&(start, end): &(usize, usize)| {
        let inside =
            |&other: &(usize, usize)| other != (start, end) && other.0 >= start && other.1 <= end;
        !back.iter().any(inside)
    };
    let innermost = back.iter().filter(|of| is_innermost(of));
    innermost
        .map(|&(start, end)| counted(&instructions[start..=end]))
        .collect()
}

/// The instruction of a line such as `/*0a10*/  @P0 FFMA R1, R2, R3, R1 ;`, without its predicate.
fn instruction(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("/*")?.split_once("*/")?.1.trim();
    let is_predicate = rest.starts_with('@');
    let instruction = if is_predicate {
        rest.split_once(' ')?.1.trim()
    } else {
        rest
    };
    instruction
        .starts_with(|first: char| first.is_ascii_uppercase())
        .then_some(instruction)
}

fn counted(instructions: &[&str]) -> Loop {
    let mut of = Loop::default();
    for instruction in instructions {
        let name = instruction.split_whitespace().next().unwrap_or_default();
        match name.split('.').next() {
            Some("FFMA") => of.fmas += 1,
            Some("DFMA") => {
                of.fmas += 1;
                of.double = true;
            }
            Some("LDS") => {
                of.loads += 1;
                of.words += match name {
                    _ if name.ends_with(".128") => 4,
                    _ if name.ends_with(".64") => 2,
                    _ => 1,
                };
            }
            _ => {}
        }
    }
    of
}
