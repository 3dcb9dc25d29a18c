//! What was planned, as a constant: nothing is planned when a program runs.

use diagram_calculus::plan::{Blueprint, ContractionPlan};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::LONGEST;
use super::steps;

/// The blueprint of the steps and the plan of the contraction. As bytes they are two tokens for the compiler to read, however large they are; the
/// documentation says what is contracted.
pub(super) fn constant(plan: &Blueprint, contraction: &ContractionPlan) -> TokenStream {
    let blueprint = Literal::byte_string(&plan.encode());
    let documentation = documentation(contraction, plan.requested);
    let contraction = Literal::byte_string(&contraction.encode());
    quote! {
        #(#[doc = #documentation])*
        static PLAN: __runtime::predictor::EmittedPlan =
            __runtime::predictor::EmittedPlan::new(#blueprint, #contraction);
    }
}

/// The tensors that the requested values need, those that only unbiased estimates need left out.
fn documentation(contraction: &ContractionPlan, requested: usize) -> Vec<String> {
    let mut lines = vec![
        " The plan. Where each sample's derivatives l, g, h, j, … are held as tensors, the values are contractions of"
            .to_string(),
        " their moments over the samples (E):".to_string(),
        " ```text".to_string(),
    ];
    let demand = contraction.demand(0..requested);
    let tensors = (0..contraction.steps.len())
        .filter(|&tensor| demand[tensor] && !contraction.steps[tensor].reads().is_empty());
    lines.extend(
        tensors
            .take(LONGEST)
            .map(|tensor| format!(" {}", contraction.describe(tensor))),
    );
    lines.push(" ```".to_string());
    lines
}

/// The implementation of `Program` by the steps of the plan.
pub(super) fn program(blueprint: &Blueprint) -> TokenStream {
    let step_names = steps::names(&blueprint.plan);
    quote! {
        #[automatically_derived]
        impl __runtime::program::Program for __Type {
            fn blueprint(&self) -> &__calculus::plan::Blueprint {
                PLAN.blueprint()
            }

            fn execute(
                &self,
                executor: &mut dyn __runtime::executor::Execute,
            ) -> ::core::result::Result<(), __runtime::executor::ExecutorError> {
                for step in [#(#step_names),*] {
                    step(executor)?;
                }
                ::core::result::Result::Ok(())
            }

            fn contraction(&self) -> ::core::option::Option<&__calculus::plan::ContractionPlan> {
                ::core::option::Option::Some(PLAN.contraction())
            }
        }
    }
}
