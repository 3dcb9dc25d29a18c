//! Kernels of trials: draws, steps of optimizers, and measures at the end.

use std::fmt::Write;

use super::block::{self, Memory, Region};
use super::{
    ALGEBRA, DRAWS, Float, Kernel, Shape, THREADS, Task, beginning, derivative, joined, sink,
    straight, straight_line, weights,
};
use crate::program::{Program, Whole};

const TRIALS: &str = include_str!("../kernels/trials.cuh");
const SGD: &str = include_str!("../kernels/sgd.cuh");
const GDC: &str = include_str!("../kernels/gdc.cuh");
const SDE: &str = include_str!("../kernels/sde.cuh");
const MEASURE: &str = include_str!("../kernels/measure.cuh");
const DRAW: &str = include_str!("../kernels/draw.cuh");

/// By what gradients are multiplied in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Metric {
    Scalar,
    Diagonal,
    Full,
}

/// The rule of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Stochastic gradient descent.
    Sgd,
    /// Gradient descent with a term that imitates noise.
    Gdc,
    /// The stochastic differential equation.
    Sde,
}

/// What a kernel of a landscape does with trials. Its arguments are those of the kernel in the file of its name in `kernels/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrialTask {
    Steps(Rule, Metric),
    Measure,
}

/// The words that a stream keeps.
pub(crate) const STREAM_WORDS: usize = 16;

/// The sums that a trial keeps from one sample to the next.
const SUMS: usize = 4;

/// The most 32-bit words of all lists together for which loops over them are unrolled, so that registers can hold the lists. Beyond, they are in local memory.
const UNROLLED: usize = 96;

/// Keeps the compiler from unrolling a loop.
const ROLLED: &str = "_Pragma(\"unroll 1\")";

/// The product of a sample's Hessian with a direction: the most that an optimizer asks of a sample.
fn product() -> Task {
    Task::Pass {
        directions: 1,
        outputs: vec![vec![1]],
    }
}

/// A function of one sample that a kernel of trials calls.
struct OfSample {
    /// The name of the macro that calls it.
    name: &'static str,
    task: Task,
    /// The lists of P numbers that it adds to.
    lists: usize,
}

/// What a function does with the loss.
const KEEP_LOSS: &str = "value = loss;";

impl TrialTask {
    /// What is computed of samples.
    fn of_samples(self) -> Vec<OfSample> {
        let gradient = |lists| OfSample {
            name: "ADD_GRADIENT",
            task: Task::Pass {
                directions: 0,
                outputs: vec![vec![]],
            },
            lists,
        };
        match self {
            TrialTask::Steps(Rule::Sgd | Rule::Sde, _) => vec![gradient(1)],
            TrialTask::Steps(Rule::Gdc, _) => vec![
                gradient(2),
                OfSample {
                    name: "ADD_PRODUCT",
                    task: product(),
                    lists: 1,
                },
            ],
            TrialTask::Measure => vec![OfSample {
                name: "LOSS",
                task: Task::Loss,
                lists: 0,
            }],
        }
    }

    /// The number of lists of P numbers that a trial has: as many as its kernel makes.
    fn lists(self) -> usize {
        let (_, source, _) = self.source();
        source.matches("LIST(").count()
    }

    /// The kernel's name and text, with what it multiplies gradients by.
    fn source(self) -> (&'static str, &'static str, Metric) {
        match self {
            TrialTask::Steps(Rule::Sgd, metric) => ("steps", SGD, metric),
            TrialTask::Steps(Rule::Gdc, metric) => ("steps", GDC, metric),
            TrialTask::Steps(Rule::Sde, metric) => ("steps", SDE, metric),
            TrialTask::Measure => ("measure", MEASURE, Metric::Scalar),
        }
    }
}

/// The kernel `draw` of what trials draw, or `begin` of their beginning at a learning rate, which do not depend on the landscape.
pub(crate) fn draw_kernel(entry: &'static str) -> Kernel {
    Kernel {
        text: format!("{ALGEBRA}{DRAWS}{DRAW}"),
        entry,
        shape: Shape::Threads {
            threads: straight::THREADS,
            shared_bytes: straight::THREADS as usize * STREAM_WORDS * 4,
        },
    }
}

/// The recorded loss if a thread does a trial, as straight-line code. Otherwise a block does.
pub(crate) fn trials_by_threads(program: &Program, float: Float) -> Option<&Whole> {
    // All kernels of a landscape have the same shape.
    straight_line(program, float, &product())
}

/// A kernel of a landscape for trials, on devices where a block has so much shared memory.
pub(crate) fn trial_kernel(
    program: &Program,
    float: Float,
    task: TrialTask,
    shared_memory: usize,
) -> Kernel {
    let (entry, source, metric) = task.source();
    let mut text = beginning(program, float);
    text += DRAWS;
    text += "enum Metric { SCALAR, DIAGONAL, FULL };\n";
    let metric = match metric {
        Metric::Scalar => "SCALAR",
        Metric::Diagonal => "DIAGONAL",
        Metric::Full => "FULL",
    };
    let shape = match trials_by_threads(program, float) {
        Some(whole) => threads(&mut text, program, float, whole, task),
        None => blocks(&mut text, program, float, task, shared_memory),
    };
    let bounds = bounds(shape, float, task, !program.stages.kinds.is_empty());
    let _ = write!(
        text,
        "#define TRIAL_BOUNDS {bounds}\nenum {{ METRIC = {metric} }};\n"
    );
    text += TRIALS;
    text += source;
    Kernel { text, entry, shape }
}

/// The bounds of a kernel: the threads of a block, and the blocks that a multiprocessor must have room for.
///
/// Around functions that are called, divisions among them, the compiler keeps registers in memory unless it is told how few blocks are enough: then a thread has up to 168 registers with three blocks of 128
/// threads, and with four of 64, and 255 with two of 128. Products in single precision of landscapes without such functions are the exception: with a number of blocks the compiler loads so far ahead that
/// registers run out. The numbers were found by trying; `KERNELS.md` has what comes of them.
fn bounds(shape: Shape, float: Float, task: TrialTask, calls: bool) -> String {
    match (shape, float, task) {
        (Shape::Threads { threads, .. }, ..) => format!("{threads}, 4"),
        (Shape::Blocks { threads, .. }, Float::Single, TrialTask::Steps(Rule::Gdc, _))
            if !calls =>
        {
            threads.to_string()
        }
        (Shape::Blocks { threads, .. }, Float::Single, _) => format!("{threads}, 3"),
        (Shape::Blocks { threads, .. }, Float::Double, _) => format!("{threads}, 2"),
    }
}

impl OfSample {
    /// The parameters: weights, directions, and then in a pass a factor and lists.
    fn parameters(&self) -> String {
        let u = joined(0..self.task.directions(), |d| format!(", const T* u{d}"));
        let to = joined(0..self.lists, |list| format!(", T* to{list}"));
        match self.task {
            Task::Loss => format!("const T* theta{u}, int sample"),
            Task::Pass { .. } => format!("const T* theta{u}, int sample, T by{to}"),
        }
    }

    /// Statements that make the row, the weights and the sink of sample `s`.
    fn sample(&self) -> String {
        let u = joined(0..self.task.directions(), |d| format!(", u{d}"));
        let mut text =
            format!("const T* row = x + (size_t)s * WIDTH;\nconst Weights w = {{theta{u}}};\n");
        if let Task::Pass { .. } = self.task {
            let to = joined(0..self.lists, |list| format!(", to{list}"));
            let _ = writeln!(text, "Sink sink = {{w, by{to}}};");
        }
        text
    }

    /// The sink: with one list, a multiple of the derivative is added to it; with two, the derivative to the first and a multiple to the second.
    fn sink(&self, text: &mut String, program: &Program) {
        let Task::Pass { outputs, .. } = &self.task else {
            return;
        };
        let derivative = derivative(&outputs[0]);
        let members = joined(0..self.lists, |list| format!("    T* to{list};\n"));
        let put = if self.lists == 1 {
            format!("        to0[i] += by * ({derivative});\n")
        } else {
            format!(
                "        const T slope = {derivative};\n        to0[i] += slope;\n        to1[i] += by * slope;\n"
            )
        };
        sink(text, program, &format!("    T by;\n{members}"), &put);
    }
}

/// Writes a function of one sample, in a namespace with its weights and its sink, and the macro that calls it. The body computes the derivatives, or the loss as `value`.
fn function(text: &mut String, program: &Program, of: &OfSample, body: impl FnOnce(&mut String)) {
    let (name, parameters) = (of.name, of.parameters());
    let space = format!("space_of_{}", name.to_lowercase());
    let [result, begin, end] = match of.task {
        Task::Loss => ["T", "T value;\n", "return value;\n"],
        Task::Pass { .. } => ["void", "", ""],
    };
    let _ = writeln!(text, "namespace {space} {{");
    weights(text, &of.task);
    of.sink(text, program);
    let _ = write!(
        text,
        "DEV {result} run(LANDSCAPE, {parameters}) {{\n{begin}"
    );
    body(text);
    let _ = write!(
        text,
        "{end}}}\n}}\n#define {name}(...) {space}::run(OF_LANDSCAPE, __VA_ARGS__)\n"
    );
}

/// A thread does a trial.
fn threads(
    text: &mut String,
    program: &Program,
    float: Float,
    whole: &Whole,
    task: TrialTask,
) -> Shape {
    let threads = straight::THREADS;
    let words = program.dimension * task.lists() * float.bytes() / 4;
    let unroll = match task {
        // The sums over a row of the matrix would be unrolled, too, and what they read be kept in registers.
        TrialTask::Steps(Rule::Gdc, Metric::Full) => ROLLED,
        _ if words > UNROLLED => ROLLED,
        _ => "UNROLL",
    };
    let _ = write!(
        text,
        "#define LANDSCAPE const T* x\n#define OF_LANDSCAPE x\n\
         #define WORKER 0\n#define WORKERS 1\n#define WAIT(name) ((void)0)\n#define TOTAL(number) (number)\n\
         #define ALL_THREADS ((size_t)gridDim.x * blockDim.x)\n#define THIS_THREAD ((size_t)blockIdx.x * blockDim.x + threadIdx.x)\n\
         #define TRIALS(count) for (size_t trial = THIS_THREAD; trial < (count); trial += ALL_THREADS)\n\
         #define LISTS SHARED_MEMORY(shared)\n#define LIST(name) T name[P]\n#define SUMS(name, count) double name[count]\n\
         #define EACH(i) {unroll} for (int i = 0; i < P; ++i)\n\
         #define WEIGHT(trial, i) weights[(size_t)(i) * trials + (trial)]\n\
         #define OWN_WORDS ((u32*)shared + threadIdx.x)\n#define OWN_WORDS_APART int(blockDim.x)\n\
         #define SIGNS_APART ALL_THREADS\n#define SIGNS_FIRST THIS_THREAD\n"
    );
    for of in task.of_samples() {
        function(text, program, &of, |text| {
            *text += "const int s = sample;\n";
            *text += &of.sample();
            straight::run(text, program, whole, &of.task, KEEP_LOSS);
        });
    }
    Shape::Threads {
        threads,
        shared_bytes: threads as usize * STREAM_WORDS * 4,
    }
}

/// A block does a trial.
fn blocks(
    text: &mut String,
    program: &Program,
    float: Float,
    task: TrialTask,
    shared_memory: usize,
) -> Shape {
    let stages = &program.stages;
    block::layers(text, stages);
    let of_samples = task.of_samples();
    let tasks: Vec<&Task> = of_samples.iter().map(|of| &of.task).collect();
    // In shared memory are the sums of the threads, then those that the first of them keeps, then the words of the stream.
    let sums = THREADS as usize * 8;
    let list = program.dimension * float.bytes();
    let of_words = sums + SUMS * 8;
    let fixed = of_words + STREAM_WORDS * 4;
    let memory = Memory::of(
        stages,
        float,
        &tasks,
        [fixed, task.lists() * list],
        shared_memory,
    );
    let Region { base, at } = memory.kept;
    let scratch = memory.scratch_bytes();
    let _ = write!(
        text,
        "#define LANDSCAPE const T* x, const u32* table, const T* numbers, unsigned char* scratch\n#define OF_LANDSCAPE x, table, numbers, scratch\n\
         #define WORKER thread()\n#define WORKERS THREADS\n#define WAIT(name) BARRIER(name)\n#define TOTAL(number) total_of(number, (double*)shared)\n\
         #define TRIALS(count) for (int trial = blockIdx.x; trial < (count); trial += gridDim.x)\n\
         #define LISTS SHARED_MEMORY(shared); unsigned char* own = scratch + (size_t)blockIdx.x * {scratch}; T* list = (T*)({base} + {at})\n\
         #define LIST(name) T* name = list; list += P\n\
         #define EACH(i) for (int i = thread(); i < P; i += THREADS)\n\
         #define WEIGHT(trial, i) weights[(size_t)(trial) * P + (i)]\n\
         #define OWN_WORDS ((u32*)(shared + {of_words}))\n#define SUMS(name, count) double* name = (double*)(shared + {sums})\n#define OWN_WORDS_APART 1\n\
         #define SIGNS_APART 1\n#define SIGNS_FIRST (size_t)blockIdx.x * ((points + 63) / 64 * 2)\n\
         DEV double total_of(double number, double* sums) {{\n    sums[threadIdx.x] = number;\n    BARRIER(sums);\n    double total = 0;\n    \
         for (int i = 0; i < THREADS; ++i) total += sums[i];\n    BARRIER(total);\n    return total;\n}}\n"
    );
    for of in &of_samples {
        function(text, program, of, |text| {
            *text += "SHARED_MEMORY(shared);\n";
            memory.pointers(text, stages, &of.sample());
            block::run(text, stages, float, &of.task, KEEP_LOSS);
        });
    }
    memory.shape()
}
