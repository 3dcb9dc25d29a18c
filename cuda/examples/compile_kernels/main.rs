//! Compiles kernels of landscapes of all kinds for devices that need not be there, and writes a table of what they take. It fails if a kernel is not compiled or
//! keeps registers in memory. `tools/compile_kernels` fetches the compiler and the disassembler, and runs it.
//!
//! Arguments: the file of the table, and then `--check` if the table must be there already as it would be written; or `--only` and a part of the names of landscapes and
//! kernels, such as `LeNet steps of SGD, scalar f32 sm_90`, of which those are compiled without a table; or `--compile`, by which all are compiled without a table, and may keep registers in memory.

mod disassembly;
mod landscapes;
mod table;

use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use diagram_cuda::compiler::{Source, compile};

use landscapes::{Group, Wanted};
use table::Taken;

/// Compiles a kernel. Its name is that of its landscape with its own.
fn taken(name: &str, kernel: &Wanted) -> Result<Taken, Box<dyn Error + Send + Sync>> {
    let source = Source {
        name,
        text: &kernel.source.text,
    };
    let compiled = compile(source, kernel.architecture)?;
    let disassembler = std::env::var_os("DIAGRAMS_NVDISASM");
    let disassembler = disassembler.ok_or("DIAGRAMS_NVDISASM names no disassembler")?;
    let busiest_loop = disassembly::busiest_loop(&disassembler, &compiled.code)?;
    let log = compiled.log;
    let taken = Taken::of(&log, busiest_loop);
    taken.ok_or_else(|| format!("the compiler tells no registers: {log}").into())
}

/// Compiles kernels on all cores, and returns what they take in their order.
fn compile_all(kernels: &[(String, &Wanted)]) -> Result<Vec<Taken>, Box<dyn Error + Send + Sync>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = vec![];
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some((name, kernel)) = kernels.get(at) else {
                return done;
            };
            let taken = taken(name, kernel);
            match &taken {
                Ok(taken) => eprintln!("{name} {}", table::row(kernel, *taken)),
                Err(error) => eprintln!("{name}: {error}"),
            }
            done.push((at, taken));
        }
    };
    let mut done = thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect::<Vec<_>>()
    });
    done.sort_by_key(|&(at, _)| at);
    done.into_iter().map(|(_, taken)| taken).collect()
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (file, check, only, may_spill) = match &arguments[..] {
        [file] => (file, false, None, false),
        [file, option] if option == "--check" => (file, true, None, false),
        [file, option, part] if option == "--only" => (file, false, Some(part.as_str()), false),
        [file, option] if option == "--compile" => (file, false, Some(""), true),
        _ => return Err("the arguments are FILE [--check | --only PART | --compile]".into()),
    };
    let groups = landscapes::groups()?;
    let named = |group: &Group, kernel: &Wanted| {
        let (landscape, name) = (group.name, &kernel.source.name);
        let (numbers, architecture) = (kernel.numbers, kernel.architecture);
        format!("{landscape} {name} {numbers} {architecture}")
    };
    let all = groups.iter().flat_map(|group| {
        let kernels = group.kernels.iter();
        kernels.map(|kernel| (named(group, kernel), kernel))
    });
    let kernels: Vec<(String, &Wanted)> = all
        .filter(|(name, _)| only.is_none_or(|part| name.contains(part)))
        .collect();
    let taken = compile_all(&kernels)?;
    let spilled: Vec<String> = kernels
        .iter()
        .zip(&taken)
        .filter(|(_, taken)| taken.spills > 0)
        .map(|((name, _), taken)| format!("{name}: {} bytes", taken.spills))
        .collect();
    let spilled = if spilled.is_empty() {
        Ok(())
    } else if may_spill {
        eprintln!("{} kernels keep registers in memory", spilled.len());
        Ok(())
    } else {
        let spilled = spilled.join("\n");
        Err(format!("kernels that keep registers in memory:\n{spilled}").into())
    };
    if only.is_some() {
        return spilled;
    }
    let nothing = Source {
        name: "nothing",
        text: "extern \"C\" __global__ void nothing() {}\n",
    };
    let compiler = compile(nothing, "sm_90")?.compiler;
    let mut taken = taken.into_iter();
    let groups: Vec<(Group, Vec<Taken>)> = groups
        .into_iter()
        .map(|group| {
            let taken = taken.by_ref().take(group.kernels.len()).collect();
            (group, taken)
        })
        .collect();
    let table = table::table(&compiler, &groups);
    if check {
        if std::fs::read_to_string(file)? != table {
            return Err(
                format!("{file} is not what it would be; run cuda/tools/compile_kernels").into(),
            );
        }
    } else {
        let part = format!("{file}.part");
        std::fs::write(&part, table)?;
        std::fs::rename(part, file)?;
    }
    spilled
}
