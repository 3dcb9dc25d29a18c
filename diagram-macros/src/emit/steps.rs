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

/// All step functions, each documented with what it computes and for whom.
pub(super) fn functions(plan: &Plan) -> TokenStream {
    let demands: Vec<Vec<bool>> = (0..plan.classes.len())
        .map(|class| plan.demand([class]))
        .collect();
    plan.steps
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let name = name(at, step);
            let call = call(plan, step);
            let documentation = documentation(plan, step, &demands);
            quote! {
                #(#[doc = #documentation])*
                fn #name<T: __runtime::scalar::Element, D: __runtime::derivatives::Derivatives<T> + ?Sized>(
                    machine: &mut __runtime::machine::Machine<'_, T, D>,
                ) -> ::core::result::Result<(), __runtime::machine::MachineError> {
                    machine.#call
                }
            }
        })
        .collect()
}

fn documentation(plan: &Plan, step: &Step, demands: &[Vec<bool>]) -> Vec<String> {
    let writes = step.writes();
    let expressions: Vec<String> = writes
        .iter()
        .map(|&quantity| format!("`{}`", plan.expression(quantity)))
        .collect();
    let served: Vec<String> = plan
        .classes
        .iter()
        .zip(demands)
        .filter(|(_, demand)| writes.iter().any(|&quantity| demand[quantity]))
        .map(|(class, _)| format!("`{class}`"))
        .collect();
    vec![
        format!(" {}", expressions.join(", ")),
        String::new(),
        format!(" For {}.", served.join(", ")),
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
            quote!(dot(#axes, #left, #right, &[#(#kept),*], #quantity))
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
    quote!(__runtime::machine::Operand { quantity: #quantity, axes: &[#(#axes),*] })
}

fn output(output: &PassOutput) -> TokenStream {
    let PassOutput {
        powers,
        mean,
        quantity,
    } = output;
    quote!(__runtime::machine::Output { powers: &[#(#powers),*], mean: #mean, quantity: #quantity })
}

/// An index that may be missing, as a constant.
pub(super) fn option(quantity: Option<usize>) -> TokenStream {
    quantity.map_or_else(
        || quote!(::core::option::Option::None),
        |quantity| quote!(::core::option::Option::Some(#quantity)),
    )
}
