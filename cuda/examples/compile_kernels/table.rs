//! The table of what kernels take.

use std::fmt::Write;

use crate::disassembly::Loop;
use crate::landscapes::{ARCHITECTURES, Group, Wanted};

/// What a kernel takes, by what the compiler says of it, and what it does.
#[derive(Clone, Copy)]
pub(crate) struct Taken {
    /// The registers of a thread.
    pub(crate) registers: u64,
    /// Registers that are kept in memory for a while, in bytes that are written and read.
    pub(crate) spills: u64,
    /// The memory of a thread, in bytes.
    pub(crate) stack: u64,
    /// Its loop with the most multiplications.
    pub(crate) busiest_loop: Option<Loop>,
}

impl Taken {
    /// Reads the compiler's log. Functions that are called have stacks of their own; all are looked at.
    pub(crate) fn of(log: &str, busiest_loop: Option<Loop>) -> Option<Taken> {
        let all = |text| {
            log.lines()
                .filter_map(move |line| number_before(line, text))
        };
        Some(Taken {
            registers: all(" registers").max()?,
            spills: all(" bytes spill stores").sum::<u64>()
                + all(" bytes spill loads").sum::<u64>(),
            stack: all(" bytes stack frame").max().unwrap_or(0),
            busiest_loop,
        })
    }
}

/// The number before a text in a line.
fn number_before(line: &str, text: &str) -> Option<u64> {
    let before = &line[..line.find(text)?];
    before.split_whitespace().last()?.parse().ok()
}

/// The blocks of a kernel that a multiprocessor has room for, computed from registers and shared memory.
fn resident_blocks(kernel: &Wanted, taken: Taken) -> u64 {
    // The same for both architectures. Registers are given to warps in parts of 256, and to the four quarters of a multiprocessor apart; each block has 1 KiB of shared memory beside its own.
    const REGISTERS: u64 = 64 * 1024;
    const WARPS: u64 = 64;
    const BLOCKS: u64 = 32;
    const RESERVED: u64 = 1024;
    let block_shared = ARCHITECTURES
        .into_iter()
        .find_map(|(name, shared)| (name == kernel.architecture).then_some(shared as u64))
        .unwrap_or(0);
    let of_warp = (taken.registers * 32).next_multiple_of(256).max(256);
    let warps = (REGISTERS / 4 / of_warp * 4).min(WARPS);
    let shared = (kernel.source.shared_bytes as u64 + RESERVED).next_multiple_of(128);
    let by_shared = (block_shared + RESERVED) / shared;
    (warps / warps_of_block(kernel)).min(by_shared).min(BLOCKS)
}

fn warps_of_block(kernel: &Wanted) -> u64 {
    u64::from(kernel.source.threads).div_ceil(32).max(1)
}

/// A line of the table.
pub(crate) fn row(kernel: &Wanted, taken: Taken) -> String {
    let Wanted {
        architecture,
        numbers,
        source,
    } = kernel;
    let Taken {
        registers,
        spills,
        stack,
        busiest_loop,
    } = taken;
    let (name, threads, shared) = (&source.name, source.threads, source.shared_bytes);
    let blocks = resident_blocks(kernel, taken);
    let warps = blocks * warps_of_block(kernel);
    let [of_load, of_number] = busiest_loop.map_or_else(Default::default, |of| {
        let numbers = of.words as f64 / if of.double { 2.0 } else { 1.0 };
        [of.loads as f64, numbers].map(|loads| format!("{:.1}", of.fmas as f64 / loads))
    });
    format!(
        "| {name} | {numbers} | {architecture} | {registers} | {spills} | {stack} | {threads} | {shared} | {blocks} | {warps} | {of_load} | {of_number} |"
    )
}

/// The table of all kernels, by a compiler.
pub(crate) fn table(compiler: &str, groups: &[(Group, Vec<Taken>)]) -> String {
    let all = || groups.iter().flat_map(|(_, taken)| taken);
    let count = all().count();
    let most = all().map(|taken| taken.registers).max().unwrap_or(0);
    let spilled = all().filter(|taken| taken.spills > 0).count();
    let mut text = format!(
        "# Kernels\n\n\
         What {compiler} makes of kernels, written by `cuda/tools/compile_kernels`. Of {count} kernels none has more than {most} registers, and {spilled} keep registers in memory.\n\n\
         Registers are those of a thread, and threads those of a block. Spills (what is written and read of registers that are kept in memory), stack (of a thread) and shared memory (of a block) are bytes. \
         A stack without spills is that of functions that are called, such as sines of large arguments, or of lists whose indices are found at run time. Blocks and warps are those that a multiprocessor \
         has room for, computed from registers and shared memory; there may be fewer for other reasons. The last columns are read off the disassembly: the multiplications with addition for each load from shared memory, and for each \
         number that is loaded, up to four by a load, in the innermost loop that has the most of them; a kernel without a number there has no such loop with loads from shared memory.\n\n\
         The hash beside a landscape is that of the sources of its kernels and of the options of the compiler; a test fails if it is not that of the present ones.\n"
    );
    for (group, taken) in groups {
        let (name, fingerprint) = (group.name, group.fingerprint());
        let _ = write!(
            text,
            "\n## {name}\n\nSources: `{fingerprint}`\n\n\
             | kernel | | for | registers | spills | stack | threads | shared | blocks | warps | FMAs a load | a number |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        );
        for (kernel, &taken) in group.kernels.iter().zip(taken) {
            let _ = writeln!(text, "{}", row(kernel, taken));
        }
    }
    text
}
