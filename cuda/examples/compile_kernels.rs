//! Compiles kernels of landscapes of all kinds for devices that need not be there, and writes a table of what they take. It fails if a kernel is not compiled or
//! keeps registers in memory. `tools/compile_kernels` fetches the compiler and runs it.
//!
//! Arguments: the file of the table, and then `--check` if the table must be there already as it would be written, or `--only` and a part of the names of landscapes, which
//! are compiled without a table.

use std::error::Error;
use std::fmt::Write;

use diagram_cuda::compiler::{Source, compile};
use diagram_cuda::{DeviceLandscape, KernelSource};
use diagram_kernels::graph::{Expression, Graph};
use diagram_kernels::landscapes::{GaussianFit, LinearScrew, Named};
use diagram_kernels::network::NetworkLandscape;
use diagram_kernels::networks::{
    Activation, Attention, Convolution, Dense, Layer, Loss, Network, Shape,
};

/// Architectures with the shared memory that a block can have, in bytes.
const ARCHITECTURES: [(&str, usize); 2] = [("sm_80", 163 * 1024), ("sm_90", 227 * 1024)];

/// Derivatives: a name, and the powers of their outputs.
type Derivatives = (&'static str, &'static [&'static [u8]]);

const PASSES: [Derivatives; 6] = [
    ("gradient", &[&[]]),
    ("[u]", &[&[1]]),
    ("[u], [u,u]", &[&[1], &[2]]),
    ("[u,u,u]", &[&[3]]),
    ("[u,v]", &[&[1, 1]]),
    ("[u,v,w]", &[&[1, 1, 1]]),
];
const FOURTH: [Derivatives; 1] = [("[u,u,u,u]", &[&[4]])];

fn perceptron(inputs: usize, hidden: usize) -> Result<Graph, Box<dyn Error>> {
    Ok(Graph::of((inputs + 2) * hidden, inputs + 1, |w, x| {
        let unit = |own: &[Expression]| {
            let z: Expression = (0..inputs).map(|i| own[i] * x[i]).sum();
            own[inputs + 1] * (z + own[inputs]).tanh()
        };
        let output: Expression = w.chunks(inputs + 2).map(unit).sum();
        (output - x[inputs]).square() * 0.5
    })?)
}

/// Networks that have every layer between them.
fn networks() -> Result<Vec<(&'static str, DeviceLandscape)>, Box<dyn Error>> {
    let of_images = Network::input(Shape::image(2, 8, 8))
        .then(Convolution::new(4, 3).padding(1).groups(2))
        .then(Activation::Gelu)
        .then(Layer::residual([
            Convolution::new(4, 3).padding(1).into(),
            Activation::Silu.into(),
        ]))
        .then(Layer::average_pool(2))
        .then(Layer::layer_norm())
        .then(Layer::scale())
        .then(Activation::Sine)
        .then(Dense::new(3))
        .l2(0.01)
        .loss(Loss::CrossEntropy)?;
    let of_tokens = Network::input(Shape::Tokens(4))
        .then(Layer::embedding(6, 4))
        .then(Attention::new(2).causal())
        .then(Activation::Softplus)
        .then(Dense::new(2))
        .then(Activation::Sigmoid)
        .loss(Loss::MeanSquared)?;
    Ok(vec![
        (
            "images, many layers",
            NetworkLandscape::new(&of_images).into(),
        ),
        (
            "tokens, attention",
            NetworkLandscape::new(&of_tokens).into(),
        ),
    ])
}

fn landscapes() -> Result<Vec<(&'static str, DeviceLandscape)>, Box<dyn Error>> {
    let mut all: Vec<(&str, DeviceLandscape)> = vec![
        ("Gaussian fit", Graph::record(&GaussianFit)?.into()),
        ("linear screw", Graph::record(&LinearScrew)?.into()),
        ("perceptron, 31 weights", perceptron(3, 6)?.into()),
        ("perceptron, 1320 weights", perceptron(20, 60)?.into()),
    ];
    for (name, named) in [
        ("Fashion LeNet", Named::FashionLeNet),
        ("CIFAR LeNet", Named::CifarLeNet),
        ("Fashion logistic", Named::FashionLogistic),
    ] {
        let network = named.network().ok_or("no network")?;
        all.push((name, network.clone().into()));
    }
    all.extend(networks()?);
    Ok(all)
}

/// The number before a text in a compiler's log.
fn number_before(log: &str, text: &str) -> Option<u64> {
    let before = &log[..log.find(text)?];
    before.split_whitespace().last()?.parse().ok()
}

/// The table's row of a kernel, and whether it keeps registers in memory.
fn row(
    (landscape, derivatives, float): (&str, &str, &str),
    kernel: &KernelSource,
    architecture: &str,
) -> Result<(String, bool), Box<dyn Error>> {
    let source = Source {
        name: derivatives,
        text: &kernel.text,
    };
    let log = compile(source, architecture)?.log;
    // A function that is called has a frame of its own; all are looked at.
    let spills: u64 = log
        .lines()
        .filter_map(|line| Some((line, number_before(line, " bytes spill stores")?)))
        .map(|(line, stores)| stores + number_before(line, " bytes spill loads").unwrap_or(0))
        .sum();
    let most = |text| {
        log.lines()
            .filter_map(|line| number_before(line, text))
            .max()
    };
    let registers = most(" registers").ok_or("the compiler tells no registers")?;
    let stack = most(" bytes stack frame").unwrap_or(0);
    let shared = kernel.shared_bytes;
    let row = format!(
        "| {landscape} | {derivatives} | {float} | {architecture} | {registers} | {spills} | {stack} | {shared} |"
    );
    Ok((row, spills > 0))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, rest @ ..] = &arguments[..] else {
        return Err("the first argument is the file of the table".into());
    };
    let compiler = compile(
        Source {
            name: "nothing",
            text: "extern \"C\" __global__ void nothing() {}\n",
        },
        "sm_90",
    )?
    .compiler;
    let mut table = format!(
        "# Kernels\n\nWhat {compiler} makes of kernels, written by `cuda/tools/compile_kernels`. Registers are those of a thread; spills, stack and shared memory are bytes; the stack of a thread without spills is that of functions that are called, such as \
         sines of large arguments.\n\n| landscape | derivatives | | for | registers | spills | stack | shared |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
    );
    let mut spilled = vec![];
    let only = match rest {
        [option, name] if option == "--only" => Some(name),
        _ => None,
    };
    for (name, landscape) in landscapes()? {
        if only.is_some_and(|only| !name.contains(only.as_str())) {
            continue;
        }
        let fourth = name == "linear screw" || name == "Fashion LeNet";
        let passes: Vec<Derivatives> = PASSES
            .into_iter()
            .chain(FOURTH.into_iter().filter(|_| fourth))
            .collect();
        let powers: Vec<_> = passes.iter().map(|&(_, powers)| powers).collect();
        let names: Vec<&str> = std::iter::once("loss")
            .chain(passes.iter().map(|&(name, _)| name))
            .collect();
        for (architecture, shared_memory) in ARCHITECTURES {
            let single = landscape.kernels::<f32>(&powers, shared_memory)?;
            let double = landscape.kernels::<f64>(&powers, shared_memory)?;
            for (float, kernels) in [("f32", single), ("f64", double)] {
                for (kernel, derivatives) in kernels.iter().zip(&names) {
                    let (row, spills) = row((name, derivatives, float), kernel, architecture)?;
                    eprintln!("{row}");
                    writeln!(table, "{row}")?;
                    if spills {
                        spilled.push(row);
                    }
                }
            }
        }
    }
    if !spilled.is_empty() {
        return Err(format!(
            "kernels that keep registers in memory:\n{}",
            spilled.join("\n")
        )
        .into());
    }
    if only.is_some() {
        return Ok(());
    }
    if rest.iter().any(|argument| argument == "--check") {
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
    Ok(())
}
