//! Kernels as text in CUDA C++.

mod block;
mod straight;
mod trials;

use std::fmt::Write;

use crate::program::{Program, Whole};

pub(crate) use trials::{
    Metric, Rule, STREAM_WORDS, TrialTask, draw_kernel, trial_kernel, trials_by_threads,
};

const ALGEBRA: &str = include_str!("kernels/algebra.cuh");
const LAYERS: &str = include_str!("kernels/layers.cuh");
const RECORDED: &str = include_str!("kernels/recorded.cuh");
const DRAWS: &str = include_str!("kernels/draws.cuh");
const TABLES: &str = include_str!("kernels/tables.cuh");

/// The number of threads of a block in kernels where a block does a sample.
const THREADS: u32 = 128;

/// Node-coefficients of straight-line code, in 32-bit words, up to which registers hold what is needed.
const STRAIGHT_LIMIT: usize = 3000;

/// The numbers that a kernel computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Float {
    Single,
    Double,
}

impl Float {
    /// That of the type `f32` or `f64`.
    pub(crate) fn of<T>() -> Self {
        if size_of::<T>() == 4 {
            Float::Single
        } else {
            Float::Double
        }
    }

    fn name(self) -> &'static str {
        match self {
            Float::Single => "float",
            Float::Double => "double",
        }
    }

    /// The number of bytes of a number.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Float::Single => 4,
            Float::Double => 8,
        }
    }
}

/// What a kernel computes of each sample.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Task {
    /// The loss, without penalties.
    Loss,
    /// Derivatives along directions: how often each is contracted in each of them.
    Pass {
        directions: usize,
        outputs: Vec<Vec<u8>>,
    },
}

/// Kernels have a limited number of parameters.
const MOST_OUTPUTS: usize = 32;
const MOST_DIRECTIONS: usize = 16;

impl Task {
    /// Derivatives along so many directions, with the powers of each output.
    pub(crate) fn pass<'a>(directions: usize, powers: impl IntoIterator<Item = &'a [u8]>) -> Task {
        Task::Pass {
            directions,
            outputs: powers.into_iter().map(<[u8]>::to_vec).collect(),
        }
    }

    /// Whether a kernel computes so many outputs along so many directions.
    pub(crate) fn has_room(directions: usize, outputs: usize) -> bool {
        directions <= MOST_DIRECTIONS && outputs <= MOST_OUTPUTS
    }

    /// The number of coefficients of the algebra for each direction.
    fn coefficients(&self) -> Vec<usize> {
        match self {
            Task::Loss => vec![],
            Task::Pass {
                directions,
                outputs,
            } => {
                let of = |direction: usize| {
                    let powers = outputs.iter().map(|powers| usize::from(powers[direction]));
                    powers.max().unwrap_or(0) + 1
                };
                (0..*directions).map(of).collect()
            }
        }
    }

    /// The size of a scalar in 32-bit words.
    fn scalar_words(&self, float: Float) -> usize {
        self.coefficients().iter().product::<usize>() * float.bytes() / 4
    }

    /// The size of the coefficients of a derivative that become outputs, in 32-bit words. Others need not be computed.
    fn derivative_words(&self, float: Float) -> usize {
        let outputs = match self {
            Task::Loss => 0,
            Task::Pass { outputs, .. } => outputs.len(),
        };
        outputs * float.bytes() / 4
    }

    /// The number of directions.
    fn directions(&self) -> usize {
        match self {
            Task::Loss => 0,
            Task::Pass { directions, .. } => *directions,
        }
    }

    /// The algebra, as a type.
    fn algebra(&self) -> String {
        let series = |inside: String, &count: &usize| format!("Series<{inside}, {count}>");
        self.coefficients().iter().rev().fold("T".into(), series)
    }
}

/// A kernel, and how it is launched.
///
/// The arguments of the kernel for a [`Task`] are: θ, the datapoints, how many there are, then for kernels of blocks table, numbers and scratch memory; then for the loss where losses go, and
/// for a pass where samples and directions are if they do not follow each other, each direction with the distance from one sample's to the next, and where each derivative goes, P numbers for each sample.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    pub(crate) text: String,
    pub(crate) entry: &'static str,
    pub(crate) shape: Shape,
}

/// How the work is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A thread a sample or trial; shared memory is that of a block.
    Threads { threads: u32, shared_bytes: usize },
    /// A block a sample or trial, which needs memory: shared, and scratch memory for each block of the grid.
    Blocks {
        threads: u32,
        shared_bytes: usize,
        scratch_bytes: usize,
    },
}

impl Shape {
    /// The scratch memory for each block of the grid, in bytes.
    pub(crate) fn scratch_bytes(self) -> usize {
        match self {
            Shape::Threads { .. } => 0,
            Shape::Blocks { scratch_bytes, .. } => scratch_bytes,
        }
    }
}

/// The kernel for a task, on devices where a block has so much shared memory.
pub(crate) fn kernel(program: &Program, float: Float, task: &Task, shared_memory: usize) -> Kernel {
    match straight_line(program, float, task) {
        Some(whole) => straight::kernel(program, whole, float, task),
        None => block::kernel(program, float, task, shared_memory),
    }
}

/// The recorded loss, if a task is short enough for straight-line code.
fn straight_line<'a>(program: &'a Program, float: Float, task: &Task) -> Option<&'a Whole> {
    let whole = program.graph.as_ref()?;
    (whole.tape.steps.len() * task.scalar_words(float) <= STRAIGHT_LIMIT).then_some(whole)
}

/// The number of threads of a block of a kernel of tables.
pub(crate) const TABLE_THREADS: u32 = 128;

/// The kernel of tables with this name.
pub(crate) fn tables(float: Float, entry: &'static str) -> Kernel {
    let number = float.name();
    let shared_bytes = if entry == "dots" {
        TABLE_THREADS as usize * 8
    } else {
        0
    };
    Kernel {
        text: format!("{ALGEBRA}typedef {number} T;\n{TABLES}"),
        entry,
        shape: Shape::Threads {
            threads: TABLE_THREADS,
            shared_bytes,
        },
    }
}

/// A number as a literal of the type T.
fn literal(value: f64) -> String {
    if value.is_nan() {
        "(T(0) / T(0))".into()
    } else if value.is_infinite() {
        format!("(T({}) / T(0))", if value > 0.0 { 1 } else { -1 })
    } else {
        format!("T({value:e})")
    }
}

/// The beginning of every kernel of a landscape: algebras, numbers and penalties.
fn beginning(program: &Program, float: Float) -> String {
    let (number, dimension, width) = (float.name(), program.dimension, program.input_width);
    let mut text = format!(
        "{ALGEBRA}\ntypedef {number} T;\nenum {{ THREADS = {THREADS}, P = {dimension}, WIDTH = {width} }};\n\
         // The coefficient λ of the penalty ½ λ θ² on a weight.\nDEV T penalty_of(int i) {{\n"
    );
    for (part, coefficient) in &program.penalties {
        let (start, end) = (part.start, part.end);
        let coefficient = literal(*coefficient);
        let _ = writeln!(
            text,
            "    if (i >= {start} && i < {end}) return {coefficient};"
        );
    }
    text + "    return T(0);\n}\n"
}

/// The algebra of a task, and weights along the directions of a sample.
fn weights(text: &mut String, task: &Task) {
    let (algebra, directions) = (task.algebra(), task.directions());
    let _ = write!(
        text,
        "typedef {algebra} A;\nenum {{ Q = {directions} }};\n\
         // Weights along the directions of a sample.\nstruct Weights {{\n    const T* theta;\n"
    );
    for d in 0..directions {
        let _ = writeln!(text, "    const T* u{d};");
    }
    *text +=
        "    DEV Line<T, Q> at(int i) const {\n        Line<T, Q> w;\n        w.v = theta[i];\n";
    for d in 0..directions {
        let _ = writeln!(text, "        w.s[{d}] = u{d}[i];");
    }
    *text += "        return w;\n    }\n};\n";
}

/// Where the derivatives of a sample go, with what penalties add to them: a type with members beside the weights, and statements that put the derivative `g` of weight `i`.
fn sink(text: &mut String, program: &Program, members: &str, put: &str) {
    let penalty = if program.penalties.is_empty() {
        ""
    } else {
        "        add_to(g, scaled(lifted<A>(w.at(i)), penalty_of(i)));\n"
    };
    let _ = write!(
        text,
        "// The derivatives of a sample.\nstruct Sink {{\n    Weights w;\n{members}    DEV void put(int i, A g) {{\n{penalty}{put}    }}\n}};\n"
    );
}

/// The sink of a pass, which writes a row for each output.
fn rows(text: &mut String, program: &Program, outputs: &[Vec<u8>]) {
    let members = joined(0..outputs.len(), |o| format!("    T* o{o};\n"));
    let put = joined(outputs.iter().enumerate(), |(o, powers)| {
        let derivative = derivative(powers);
        format!("        o{o}[i] = {derivative};\n")
    });
    sink(text, program, &members, &put);
}

/// The derivative with these powers, of which `g` has the coefficients.
fn derivative(powers: &[u8]) -> String {
    let coefficient = joined(powers, |power| format!(".c[{power}]"));
    let factorials = powers.iter().map(|&power| factorial(power)).product();
    let factor = literal(factorials);
    format!("{factor} * g{coefficient}")
}

/// Pieces of text one after the other.
fn joined<I: IntoIterator>(items: I, piece: impl Fn(I::Item) -> String) -> String {
    items.into_iter().map(piece).collect::<Vec<_>>().concat()
}

fn factorial(n: u8) -> f64 {
    (1..=n).map(f64::from).product()
}

/// The arguments for directions and outputs in a kernel's head.
fn arguments(task: &Task) -> String {
    let mut text = String::new();
    match task {
        Task::Loss => text += ", T* out",
        Task::Pass {
            directions,
            outputs,
        } => {
            text += ", const u32* places";
            for d in 0..*directions {
                let _ = write!(text, ", const T* u{d}, int d{d}");
            }
            for o in 0..outputs.len() {
                let _ = write!(text, ", T* o{o}");
            }
        }
    }
    text
}

/// Statements that make the weights and, in a pass, the sink of sample `s`.
fn of_sample(task: &Task) -> String {
    let Task::Pass {
        directions,
        outputs,
    } = task
    else {
        return "const T* row = x + (size_t)s * WIDTH;\nconst Weights w = {theta};\n".into();
    };
    // The rows of the datapoints of all samples are listed first, then those of each direction.
    let mut text = "const T* row = x + (size_t)(places ? places[s] : s) * WIDTH;\n".to_owned();
    let u = joined(0..*directions, |d| {
        let list = d + 1;
        format!(", u{d} + (places ? (size_t)places[(size_t){list} * n + s] * P : (size_t)s * d{d})")
    });
    let o = joined(0..outputs.len(), |o| format!(", o{o} + (size_t)s * P"));
    let _ = write!(
        text,
        "const Weights w = {{theta{u}}};\nSink sink = {{w{o}}};\n"
    );
    text
}
