//! One function for each step of a plan.

use diagram_calculus::plan::{Operand, PassOutput, Plan, Step};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The names of the step functions, in the order of execution.
pub(super) fn names(plan: &Plan) -> impl Iterator<Item = Ident> + '_ {
    plan.steps
        .iter()
        .enumerate()
        .map(|(at, step)| name(at, step))
}

/// Named by kind and place: `step_03_pass`.
fn name(at: usize, step: &Step) -> Ident {
    let kind = match step {
        Step::Loss { .. } => "loss",
        Step::Pass { .. } => "pass",
        Step::Mean { .. } => "mean",
        Step::Dot { .. } => "dot",
        Step::Product { .. } => "product",
    };
    format_ident!("step_{at:03}_{kind}")
}

/// Of more values than this the documentation of a step names no more: most steps of a large expansion serve hundreds.
const MOST_NAMED: usize = 8;

/// All step functions, each documented with what it computes and for whom.
pub(super) fn functions(plan: &Plan) -> TokenStream {
    let served = served(plan);
    plan.steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let name = name(at, step);
            let call = call(plan, step);
            let documentation = documentation(plan, step, &served);
            quote! {
                #(#[doc = #documentation])*
                fn #name(
                    executor: &mut dyn __runtime::executor::Execute,
                ) -> ::core::result::Result<(), __runtime::executor::ExecutorError> {
                    executor.#call
                }
            }
        })
        .collect()
}

/// For each quantity the classes of the values that need it, a bit for each class.
fn served(plan: &Plan) -> Vec<Vec<u64>> {
    let words = plan.classes.len().div_ceil(64);
    let mut served = vec![vec![0; words]; plan.quantities.len()];
    for (class, &quantity) in plan.outputs.iter().enumerate() {
        served[quantity][class / 64] |= 1 << (class % 64);
    }
    // Steps come after those that they read from.
    for step in plan.steps.iter().rev() {
        let classes = union(&step.writes(), &served);
        for quantity in step.reads() {
            for (word, more) in served[quantity].iter_mut().zip(&classes) {
                *word |= more;
            }
        }
    }
    served
}

fn union(quantities: &[usize], served: &[Vec<u64>]) -> Vec<u64> {
    let mut all = vec![0; served.first().map_or(0, Vec::len)];
    for &quantity in quantities {
        for (word, more) in all.iter_mut().zip(&served[quantity]) {
            *word |= more;
        }
    }
    all
}

fn documentation(plan: &Plan, step: &Step, served: &[Vec<u64>]) -> Vec<String> {
    let writes = step.writes();
    let expressions: Vec<String> = writes
        .iter()
        .map(|&quantity| format!("`{}`", plan.expression(quantity)))
        .collect();
    let classes = union(&writes, served);
    let count: usize = classes.iter().map(|word| word.count_ones() as usize).sum();
    let mut named: Vec<String> = (0..plan.classes.len())
        .filter(|class| classes[class / 64] >> (class % 64) & 1 == 1)
        .take(MOST_NAMED)
        .map(|class| format!("`{}`", plan.classes[class]))
        .collect();
    if let Some(more @ 1..) = count.checked_sub(MOST_NAMED) {
        named.push(format!("and {more} more"));
    }
    vec![
        format!(" {}", expressions.join(", ")),
        String::new(),
        format!(" For {}.", named.join(", ")),
    ]
}

fn call(plan: &Plan, step: &Step) -> TokenStream {
    match step {
        Step::Loss { keep, mean } => {
            let (keep, mean) = (option(*keep), option(*mean));
            quote!(losses(#keep, #mean))
        }
        Step::Pass {
            axes,
            sample,
            directions,
            outputs,
        } => {
            let directions = directions.iter().map(operand);
            let outputs = outputs.iter().map(output);
            quote!(pass(#axes, #sample, &[#(#directions),*], &[#(#outputs),*]))
        }
        Step::Mean {
            operand,
            kept,
            quantity,
        } => {
            let rank = plan.quantities[*operand].rank;
            quote!(mean(#operand, #rank, &[#(#kept),*], #quantity))
        }
        Step::Dot {
            axes,
            left,
            right,
            kept,
            quantity,
        } => {
            let (left, right) = (operand(left), operand(right));
            quote!(dot(#axes, &#left, &#right, &[#(#kept),*], #quantity))
        }
        Step::Product {
            axes,
            factors,
            kept,
            quantity,
        } => {
            let factors = factors.iter().map(operand);
            quote!(product(#axes, &[#(#factors),*], &[#(#kept),*], #quantity))
        }
    }
}

fn operand(operand: &Operand) -> TokenStream {
    let Operand { quantity, axes } = operand;
    let axes = axes.iter();
    quote!(__calculus::plan::Operand::new(#quantity, &[#(#axes),*]))
}

fn output(output: &PassOutput) -> TokenStream {
    let PassOutput {
        powers,
        mean,
        quantity,
    } = output;
    let powers = powers.iter();
    let constructor = if *mean { quote!(mean) } else { quote!(of_each) };
    quote!(__calculus::plan::PassOutput::#constructor(&[#(#powers),*], #quantity))
}

/// An index that may be missing, as a constant.
pub(super) fn option(quantity: Option<usize>) -> TokenStream {
    quantity.map_or_else(
        || quote!(::core::option::Option::None),
        |quantity| quote!(::core::option::Option::Some(#quantity)),
    )
}
