//! A recorded loss and its gradient as straight-line code: a thread a sample.

use std::fmt::Write;

use diagram_kernels::graph::{Function, Node, Operation};

use super::{Float, Kernel, Shape, Task, arguments, beginning, literal, of_sample, rows, weights};
use crate::program::{Program, Whole};
use crate::tape::Step;

/// The number of threads of a block where a thread does a sample or trial.
pub(super) const THREADS: u32 = 64;

pub(super) fn kernel(program: &Program, whole: &Whole, float: Float, task: &Task) -> Kernel {
    let mut text = beginning(program, float);
    weights(&mut text, task);
    if let Task::Pass { outputs, .. } = task {
        rows(&mut text, program, outputs);
    }
    let (arguments, of_sample) = (arguments(task), of_sample(task));
    let entry = match task {
        Task::Loss => "losses",
        Task::Pass { .. } => "derivatives",
    };
    let _ = write!(
        text,
        "extern \"C\" __global__ void __launch_bounds__({THREADS}) {entry}(const T* theta, const T* x, int n{arguments}) {{\n\
         const int s = blockIdx.x * blockDim.x + threadIdx.x;\nif (s >= n) return;\n{of_sample}"
    );
    run(&mut text, program, whole, task, "out[s] = loss;");
    text += "}\n";
    Kernel {
        text,
        entry,
        shape: Shape::Threads {
            threads: THREADS,
            shared_bytes: 0,
        },
    }
}

/// Statements that compute one sample: its loss, with statements that make use of it, or in a pass its derivatives, which go to the sink.
pub(super) fn run(
    text: &mut String,
    program: &Program,
    whole: &Whole,
    task: &Task,
    with_loss: &str,
) {
    let gradient = whole.gradient.iter().map(|&(_, node)| node);
    let needed = match task {
        Task::Loss => whole.tape.needed([whole.loss]),
        Task::Pass { .. } => whole.tape.needed(gradient),
    };
    for (at, &step) in whole.tape.steps.iter().enumerate() {
        if needed[at] {
            let kind = if whole.tape.moving[at] { "A" } else { "T" };
            let value = expression(step, &whole.tape.moving);
            let _ = writeln!(text, "const {kind} v{at} = {value};");
        }
    }
    match task {
        Task::Loss => {
            let loss = whole.loss;
            let _ = writeln!(text, "const T loss = v{loss};\n{with_loss}");
        }
        Task::Pass { .. } => {
            let mut left = whole.gradient.iter().peekable();
            for position in 0..program.dimension {
                match left.next_if(|&&(weight, _)| weight == position) {
                    Some(&(_, node)) => {
                        let value = lifted(node, &whole.tape.moving);
                        let _ = writeln!(text, "sink.put({position}, {value});");
                    }
                    None => {
                        let _ = writeln!(text, "sink.put({position}, constant<A, T>(T(0)));");
                    }
                }
            }
        }
    }
}

/// A node in the algebra.
fn lifted(node: Node, moving: &[bool]) -> String {
    if moving[node as usize] {
        format!("v{node}")
    } else {
        format!("constant<A, T>(v{node})")
    }
}

/// What a step computes: a number of the ground ring if no weight has an effect on it, and otherwise one of the algebra.
fn expression(step: Step, moving: &[bool]) -> String {
    use Operation as O;
    let moves = |node: Node| moving[node as usize];
    let add = |a: String, a_moves: bool, b: String, b_moves: bool| match (a_moves, b_moves) {
        (true, false) => format!("shifted({a}, {b})"),
        (false, true) => format!("shifted({b}, {a})"),
        _ => format!("sum({a}, {b})"),
    };
    let multiply = |a: Node, b: Node| match (moves(a), moves(b)) {
        (true, false) => format!("scaled(v{a}, v{b})"),
        (false, true) => format!("scaled(v{b}, v{a})"),
        _ => format!("product(v{a}, v{b})"),
    };
    // Both operands in the same ring.
    let alike = |name: &str, a: Node, b: Node| {
        if moves(a) || moves(b) {
            format!("{name}<A>({}, {})", lifted(a, moving), lifted(b, moving))
        } else {
            format!("{name}<T>(v{a}, v{b})")
        }
    };
    match step {
        Step::Seed(_) => unreachable!("a loss has no seeds"),
        Step::Above(a, b) => alike("above", a, b),
        Step::Of(operation) => match operation {
            O::Constant(value) => literal(value),
            O::Weight(at) => format!("lifted<A>(w.at({at}))"),
            O::Input(at) => format!("row[{at}]"),
            O::Add(a, b) => add(format!("v{a}"), moves(a), format!("v{b}"), moves(b)),
            O::Subtract(a, b) => match (moves(a), moves(b)) {
                (true, false) => format!("shifted(v{a}, -v{b})"),
                (false, true) => format!("shifted(negative(v{b}), v{a})"),
                _ => format!("difference(v{a}, v{b})"),
            },
            O::Multiply(a, b) => multiply(a, b),
            O::AddProduct(a, b, c) if moves(a) == moves(b) && moves(b) == moves(c) => {
                format!("sum_product(v{a}, v{b}, v{c})")
            }
            O::AddProduct(a, b, c) => add(
                format!("v{a}"),
                moves(a),
                multiply(b, c),
                moves(b) || moves(c),
            ),
            O::Divide(a, b) => match (moves(a), moves(b)) {
                (true, false) => format!("scaled(v{a}, T(1) / v{b})"),
                (false, true) => format!("scaled(recip(v{b}), v{a})"),
                _ => format!("quotient(v{a}, v{b})"),
            },
            O::Negate(a) => format!("negative(v{a})"),
            O::Apply(function, a) => format!("{}(v{a})", name(function)),
            O::Powf(a, exponent) => format!("powf_of(v{a}, {})", literal(exponent)),
            O::LogAddExp(a, b) => alike("log_add_exp", a, b),
            O::Max(a, b) => alike("max_of", a, b),
        },
    }
}

/// The name of a function in the kernels.
pub(super) fn name(function: Function) -> &'static str {
    match function {
        Function::Exp => "exp_of",
        Function::Ln => "ln_of",
        Function::Tanh => "tanh_of",
        Function::Sin => "sin_of",
        Function::Cos => "cos_of",
        Function::Sqrt => "sqrt_of",
        Function::Erf => "erf_of",
        Function::Sigmoid => "sigmoid_of",
        Function::Softplus => "softplus_of",
        Function::Relu => "relu_of",
        Function::Abs => "abs_of",
    }
}
