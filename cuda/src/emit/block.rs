//! A run in stages: a block a sample.

use std::fmt::Write;

use diagram_kernels::network::view::{LossView, Place};

use super::{
    Float, Kernel, LAYERS, RECORDED, Shape, THREADS, Task, arguments, beginning, of_sample, rows,
    straight, weights,
};
use crate::geometry::Geometry;
use crate::program::{Kind, Levels, Program, Stage, Stages};

/// Sums that a thread keeps in registers, in 32-bit words.
const TILE: usize = 50;

/// Threads that work on a layer at least, if it has so many sums. Four warps would be more, but each would load the same numbers for fewer sums, and loads are what a multiprocessor has
/// the least room for: one costs as much as four multiplications.
const WORKING: usize = 32;

/// What divided by the words of a scalar is how many blocks a multiprocessor must have room for: the larger scalars are, the more registers a thread needs. The number was found by trying; `KERNELS.md`
/// has what comes of it.
const SCALARS_OF_BLOCKS: usize = 48;

pub(super) fn kernel(program: &Program, float: Float, task: &Task, shared_memory: usize) -> Kernel {
    let stages = &program.stages;
    let mut text = beginning(program, float);
    layers(&mut text, stages);
    weights(&mut text, task);
    if let Task::Pass { outputs, .. } = task {
        rows(&mut text, program, outputs);
    }
    let memory = Memory::of(stages, float, &[task], [0, 0], shared_memory);
    let entry = match task {
        Task::Loss => "losses",
        Task::Pass { .. } => "derivatives",
    };
    // Around the calls of functions, such as of a quotient, the compiler keeps registers in memory for the sake of more blocks, unless fewer are enough.
    let blocks = if stages.kinds.is_empty() {
        let by_registers = (SCALARS_OF_BLOCKS / task.scalar_words(float)).clamp(1, 4);
        memory.resident_blocks(shared_memory).min(by_registers)
    } else {
        1
    };
    let (arguments, of_sample) = (arguments(task), of_sample(task));
    memory.pointers(&mut text, stages, &of_sample);
    let _ = write!(
        text,
        "extern \"C\" __global__ void __launch_bounds__(THREADS, {blocks}) {entry}(const T* theta, const T* x, int n, const u32* table, const T* numbers, unsigned char* scratch{arguments}) {{\n\
         SHARED_MEMORY(shared);\nfor (int sample = blockIdx.x; sample < n; sample += gridDim.x) {{\n"
    );
    run(
        &mut text,
        stages,
        float,
        task,
        "if (thread() == 0) out[s] = loss;",
    );
    text += "}\n}\n";
    Kernel {
        text,
        entry,
        shape: memory.shape(),
    }
}

/// What the kernels of a program have in common: layers, and steps of recorded functions.
pub(super) fn layers(text: &mut String, stages: &Stages) {
    *text += LAYERS;
    if !stages.kinds.is_empty() {
        run_step(text, &stages.kinds);
    }
    for (at, stage) in stages.list.iter().enumerate() {
        if let Stage::Affine { layer, .. } = stage {
            layer_type(text, at, layer);
        }
    }
}

/// The run through all stages for one sample, forward and in a pass in reverse. Without a pass, `with_loss` are statements that all threads do with the `loss`.
pub(super) fn run(text: &mut String, stages: &Stages, float: Float, task: &Task, with_loss: &str) {
    let (words, of_derivative) = (task.scalar_words(float), task.derivative_words(float));
    let in_reverse = matches!(task, Task::Pass { .. });
    let mut scope = |write: &dyn Fn(&mut String)| {
        let mut statements = String::new();
        write(&mut statements);
        if !statements.is_empty() {
            let _ = write!(text, "{{\nSAMPLE\n{statements}}}\n");
        }
    };
    for (at, stage) in stages.list.iter().enumerate() {
        scope(&|text| forward(text, at, stage, words));
    }
    scope(&|text| loss(text, stages, in_reverse, with_loss));
    if in_reverse {
        for (at, stage) in stages.list.iter().enumerate().rev() {
            let wanted = at > stages.first_with_weights;
            scope(&|text| reverse(text, at, stage, [words, of_derivative], wanted));
        }
    }
}

/// Where the memory of a block is: for each part whether it is shared memory or scratch memory, and how many bytes after the beginning.
pub(super) struct Memory {
    /// Scalars, then their adjoints, then constants.
    activations: Region,
    adjoints_at: usize,
    constants_at: usize,
    nodes: Region,
    /// What a kernel of trials keeps from one sample to the next.
    pub(super) kept: Region,
    shared_bytes: usize,
    scratch_bytes: usize,
}

/// A part of the memory of a block.
#[derive(Clone, Copy)]
pub(super) struct Region {
    pub(super) base: &'static str,
    pub(super) at: usize,
}

impl Memory {
    /// The memory for any of the tasks. In shared memory are, in this order and as far as there is room, the first bytes `fixed`, which must be there, activations, as many bytes as are `kept`, and
    /// nodes.
    pub(super) fn of(
        stages: &Stages,
        float: Float,
        tasks: &[&Task],
        [fixed, kept]: [usize; 2],
        shared_memory: usize,
    ) -> Memory {
        let aligned = |bytes: usize| bytes.next_multiple_of(16);
        let coefficients = tasks
            .iter()
            .map(|task| task.coefficients().iter().product::<usize>());
        let of_scalar = coefficients.max().unwrap_or(1) * float.bytes();
        let in_reverse = tasks.iter().any(|task| matches!(task, Task::Pass { .. }));
        let scalars = aligned(stages.scalars * of_scalar);
        let adjoints_at = scalars;
        let constants_at = adjoints_at + if in_reverse { scalars } else { 0 };
        let mut bytes = [aligned(fixed), 0];
        let mut put = |size: usize| {
            let size = aligned(size);
            let (base, end) = if bytes[0] + size <= shared_memory {
                ("shared", &mut bytes[0])
            } else {
                ("own", &mut bytes[1])
            };
            *end += size;
            Region {
                base,
                at: *end - size,
            }
        };
        let activations = put(constants_at + stages.constants * float.bytes());
        let kept = put(kept);
        let nodes = put(stages.nodes * of_scalar);
        Memory {
            activations,
            adjoints_at,
            constants_at,
            nodes,
            kept,
            shared_bytes: bytes[0],
            scratch_bytes: bytes[1],
        }
    }

    /// The blocks whose shared memory fits into that of a multiprocessor, which is about what one block can have.
    fn resident_blocks(&self, shared_memory: usize) -> usize {
        (shared_memory / self.shared_bytes.max(1)).max(1)
    }

    pub(super) fn shape(&self) -> Shape {
        Shape::Blocks {
            threads: THREADS,
            shared_bytes: self.shared_bytes,
            scratch_bytes: self.scratch_bytes,
        }
    }

    /// The macro `OWN` is the scratch memory of a block, and `SAMPLE` what a stage reads and writes for the sample of the number `sample`, after statements that make the row, the weights and
    /// the sink of sample `s`.
    ///
    /// Each stage finds its pointers anew, from a number that the compiler does not know: pointers that stay in registers from one stage to the next would have to leave them for functions that
    /// are called.
    pub(super) fn pointers(&self, text: &mut String, stages: &Stages, of_sample: &str) {
        let Memory {
            activations: Region { base, at },
            adjoints_at,
            constants_at,
            nodes,
            scratch_bytes,
            ..
        } = self;
        let (adjoints_at, constants_at) = (at + adjoints_at, at + constants_at);
        let (nodes_base, nodes_at) = (nodes.base, nodes.at);
        let of_step = if stages.kinds.is_empty() {
            ""
        } else {
            "const Memory<A> memory = {act, adj, nodes, row, numbers};"
        };
        let of_sample = of_sample.replace('\n', " ");
        let _ = write!(
            text,
            "#undef SAMPLE\n#define SAMPLE int s = sample; FRESH(s); {of_sample} unsigned char* own = scratch + (size_t)blockIdx.x * {scratch_bytes}; A* act = (A*)({base} + {at}); \
             A* adj = (A*)({base} + {adjoints_at}); T* constants = (T*)({base} + {constants_at}); A* nodes = (A*)({nodes_base} + {nodes_at}); {of_step}\n"
        );
    }

    /// The bytes of scratch memory for each block.
    pub(super) fn scratch_bytes(&self) -> usize {
        self.scratch_bytes
    }
}

/// The function of a step, for the kinds that there are.
fn run_step(text: &mut String, kinds: &[Kind]) {
    *text += "template <class A> struct Memory;\ntemplate <class A> DEV A run_step(const Memory<A>& memory, const u32* step);\n";
    *text += RECORDED;
    *text += "template <class A> DEV A run_step(const Memory<A>& memory, const u32* step) {\n\
              const A a = memory.operand(step[1]);\nswitch (step[0]) {\n";
    for (at, kind) in kinds.iter().enumerate() {
        let b = "memory.operand(step[2])";
        let value = match kind {
            Kind::Add => format!("sum(a, {b})"),
            Kind::Subtract => format!("difference(a, {b})"),
            Kind::Multiply => format!("product(a, {b})"),
            Kind::AddProduct => format!("sum_product(a, {b}, memory.operand(step[3]))"),
            Kind::Divide => format!("quotient(a, {b})"),
            Kind::Negate => "negative(a)".into(),
            Kind::Apply(function) => format!("{}(a)", straight::name(*function)),
            Kind::Powf => "powf_of(a, memory.numbers[step[2]])".into(),
            Kind::LogAddExp => format!("log_add_exp<A>(a, {b})"),
            Kind::Max => format!("max_of<A>(a, {b})"),
            Kind::Above => format!("constant<A, T>(above<A>(a, {b}))"),
        };
        let _ = writeln!(text, "case {at}: return {value};");
    }
    *text += "}\nreturn a;\n}\n";
}

/// The numbers of a layer as constants of a type.
fn layer_type(text: &mut String, at: usize, layer: &Geometry) {
    let Geometry {
        groups,
        outputs,
        channels,
        plane,
        line,
        kernel_rows,
        kernel_columns,
        rows,
        columns,
        row_stride,
        column_stride,
        output_strides: [out_output, out_row, out_column],
        weight_strides: [weight_output, weight_entry],
        scales: [weight_scale, bias_scale],
        bias,
        first,
    } = layer;
    let unrolled = if *kernel_columns <= 8 {
        *kernel_columns
    } else {
        4
    };
    let (all, group_stride, weights) = (layer.all_outputs(), layer.group_stride(), layer.weights());
    let _ = write!(
        text,
        "struct L{at} {{\nenum {{ GROUPS = {groups}, OUTPUTS = {outputs}, ALL_OUTPUTS = {all}, CHANNELS = {channels}, PLANE = {plane}, LINE = {line}, KERNEL_ROWS = {kernel_rows}, \
         KERNEL_COLUMNS = {kernel_columns}, ROWS = {rows}, COLUMNS = {columns}, GROUP_STRIDE = {group_stride}, ROW_STRIDE = {row_stride}, COLUMN_STRIDE = {column_stride}, \
         OUT_OUTPUT = {out_output}, OUT_ROW = {out_row}, OUT_COLUMN = {out_column}, WEIGHT_OUTPUT = {weight_output}, WEIGHT_ENTRY = {weight_entry}, BIAS = {}, FIRST = {first}, \
         WEIGHTS = {weights}, UNROLLED = {unrolled} }};\n\
         DEV static double weight_scale() {{ return {weight_scale:e}; }}\nDEV static double bias_scale() {{ return {bias_scale:e}; }}\n}};\n",
        u8::from(*bias)
    );
}

/// How many outputs and how many places a thread computes, so that its sums fit into registers, and there is work for a warp. For each step of a sum, what belongs to an output and
/// what belongs to a place are loaded, which costs so much.
fn tile(
    [outputs, places]: [usize; 2],
    [output_cost, place_cost]: [usize; 2],
    all: usize,
    words: usize,
) -> [usize; 2] {
    let most = (TILE / words).max(1);
    let mut best = [1, 1];
    for rows in (1..=outputs.min(10)).filter(|rows| outputs.is_multiple_of(*rows)) {
        for columns in (1..=places.min(5)).filter(|columns| places.is_multiple_of(*columns)) {
            let size = rows * columns;
            let cost = |rows: usize, columns: usize| rows * output_cost + columns * place_cost;
            let better = size * cost(best[0], best[1]) > best[0] * best[1] * cost(rows, columns);
            if size <= most && all / size >= WORKING && better {
                best = [rows, columns];
            }
        }
    }
    best
}

/// The costs of loads of a weight, which all threads of a warp share, and of an input or an adjoint in shared memory, of which each thread needs another one.
const WEIGHT: usize = 1;
const SCALAR: usize = 2;

/// A place as a pointer, and the type of what is there.
fn place(from: &Place) -> (String, bool) {
    match from {
        Place::Datapoint(at) => (format!("row + {}", at.start), false),
        Place::Constants(at) => (format!("constants + {}", at.start), false),
        Place::Scalars(at) => (format!("act + {}", at.start), true),
    }
}

fn levels(text: &mut String, Levels { at, count }: Levels) {
    let _ = writeln!(text, "run_levels(memory, table, {at}, {count});");
}

fn forward(text: &mut String, at: usize, stage: &Stage, words: usize) {
    let _ = match stage {
        Stage::Gather { from, to } => {
            let (start, count) = (to.start, to.len());
            write!(
                text,
                "gather(row, table + {from}, constants + {start}, {count}, thread());\nBARRIER(gather);\n"
            )
        }
        Stage::OneHot { tokens, to } => {
            let (start, count) = (to.start, to.len());
            let (tokens, vocabulary) = (tokens.start, count / tokens.len());
            write!(
                text,
                "one_hot(row + {tokens}, constants + {start}, {count}, {vocabulary}, thread());\nBARRIER(one_hot);\n"
            )
        }
        Stage::Inputs { from, to } => {
            let (from, _) = place(from);
            let (start, count) = (to.start, to.len());
            write!(
                text,
                "inputs<A, T>({from}, act + {start}, {count}, thread());\nBARRIER(inputs);\n"
            )
        }
        Stage::Lift { position, to } => {
            let (start, count) = (to.start, to.len());
            write!(
                text,
                "lift<A>(w, {position}, act + {start}, {count}, thread());\nBARRIER(lift);\n"
            )
        }
        Stage::Affine { layer, from, to } => {
            let (from, is_scalar) = place(from);
            let kind = if is_scalar { "A" } else { "T" };
            let all = layer.all_outputs() * layer.rows * layer.columns;
            let [rows, columns] =
                tile([layer.outputs, layer.columns], [WEIGHT, SCALAR], all, words);
            let start = to.start;
            write!(
                text,
                "affine_forward<L{at}, {rows}, {columns}, A>(w, (const {kind}*)({from}), act + {start}, thread());\nBARRIER(affine);\n"
            )
        }
        Stage::Tanh { at } => {
            let (start, count) = (at.start, at.len());
            write!(
                text,
                "tanh_forward(act + {start}, {count}, thread());\nBARRIER(tanh);\n"
            )
        }
        Stage::Recorded(recorded) => {
            levels(text, recorded.forward);
            let (results, start, count) = (recorded.results, recorded.to.start, recorded.to.len());
            writeln!(
                text,
                "results(memory, table + {results}, act + {start}, {count}, thread());"
            )
        }
    };
}

/// The loss, and in a pass the adjoints of what it reads; all others are 0.
fn loss(text: &mut String, stages: &Stages, in_reverse: bool, with_loss: &str) {
    if in_reverse {
        let scalars = stages.scalars;
        let _ = write!(
            text,
            "for (int i = thread(); i < {scalars}; i += THREADS) set(adj[i], 0);\nBARRIER(zero);\n"
        );
    }
    let _ = match &stages.loss {
        LossView::CrossEntropy { logits, label } => {
            let (start, count, label) = (logits.start, logits.len(), label.start);
            if in_reverse {
                writeln!(
                    text,
                    "cross_entropy<A>(act + {start}, adj + {start}, row + {label}, {count}, thread());"
                )
            } else {
                write!(
                    text,
                    "const T loss = cross_entropy_loss(act + {start}, row + {label}, {count});\n{with_loss}\nBARRIER(loss);\n"
                )
            }
        }
        LossView::Scalar(at) => {
            if in_reverse {
                write!(
                    text,
                    "if (thread() == 0) set(adj[{at}], 1);\nBARRIER(adjoint);\n"
                )
            } else {
                write!(
                    text,
                    "const T loss = act[{at}];\n{with_loss}\nBARRIER(loss);\n"
                )
            }
        }
    };
}

fn reverse(
    text: &mut String,
    at: usize,
    stage: &Stage,
    [words, of_derivative]: [usize; 2],
    wanted: bool,
) {
    let _ = match stage {
        Stage::Affine { layer, from, to } => {
            let start = to.start;
            if let (true, Place::Scalars(inputs)) = (wanted, from) {
                let all = layer.groups * layer.group_stride();
                let [rows, _] = tile([layer.channels, 1], [WEIGHT, SCALAR], all, words);
                let inputs = inputs.start;
                let _ = writeln!(
                    text,
                    "affine_input_gradient<L{at}, {rows}, A>(w, adj + {start}, adj + {inputs}, thread());"
                );
            }
            let (from, is_scalar) = place(from);
            let kind = if is_scalar { "A" } else { "T" };
            let [rows, columns] = tile(
                [layer.outputs, layer.kernel_columns],
                [SCALAR, SCALAR],
                layer.weights(),
                of_derivative,
            );
            write!(
                text,
                "affine_weight_gradient<L{at}, {rows}, {columns}, A>((const {kind}*)({from}), adj + {start}, sink, thread());\nBARRIER(affine_reverse);\n"
            )
        }
        Stage::Lift { position, to } => {
            let (start, count) = (to.start, to.len());
            write!(
                text,
                "lift_reverse(adj + {start}, {position}, sink, {count}, thread());\nBARRIER(lift_reverse);\n"
            )
        }
        Stage::Tanh { at } if wanted => {
            let (start, count) = (at.start, at.len());
            write!(
                text,
                "tanh_reverse(act + {start}, adj + {start}, {count}, thread());\nBARRIER(tanh_reverse);\n"
            )
        }
        Stage::Recorded(recorded) if wanted => {
            levels(text, recorded.reverse);
            let (pulls, count) = (recorded.pulls, recorded.pulled);
            writeln!(text, "pull(memory, table + {pulls}, {count}, thread());")
        }
        _ => Ok(()),
    };
}
