//! Predictors of other optimizers: the plan of their values, their diagrams and their optimizer as constants.

use diagram_calculus::optimizer::{Averaging, BatchChoice, Betas, LearningRates, UpdateRule};
use diagram_calculus::picture::meaning::sentence_for;
use diagram_calculus::plan::{Blueprint, ContractionPlan};
use diagram_language::{DeclaredPredictor, Head, Optimized, Sizes};
use num_rational::BigRational;
use num_traits::ToPrimitive;
use proc_macro2::TokenStream;
use quote::quote;

use super::docs::{LONGEST, MOST_DRAWINGS, picture};
use super::{parameters, plan, steps, unit_type, variant};

/// The items of all predictors of other optimizers, in order.
pub(crate) fn optimized(predictors: &[DeclaredPredictor<Optimized>]) -> TokenStream {
    predictors
        .iter()
        .map(|predictor| match &predictor.content {
            Some(content) => {
                let sizes = predictor.sizes.clone().unwrap_or_default();
                complete(&predictor.head, content, &sizes)
            }
            None => stub(&predictor.head, predictor.sizes.as_ref()),
        })
        .collect()
}

fn complete(head: &Head, content: &Optimized, sizes: &Sizes) -> TokenStream {
    let blueprint = Blueprint::new(&content.classes);
    let contraction = ContractionPlan::new(&blueprint.plan.classes);
    let steps = steps::functions(&blueprint.plan);
    let plan = plan::constant(&blueprint, &contraction);
    let program = plan::program(&blueprint);
    let parameters = parameters(sizes);
    let label = head.name.to_string();
    let measure = variant(content.measure);
    let order = content.order;
    let open = &sizes.open;
    let notations = content.diagrams.iter().map(|t| t.diagram.to_string());
    let batches = batches(content.training.batches);
    let rule = rule(&content.training.rule);
    let code = quote! {
        #parameters

        #plan

        #steps

        #program

        #[automatically_derived]
        impl __runtime::optimized::OptimizerPredictor for __Type {
            const NAME: &'static str = #label;
            const MEASURE: __calculus::measure::Measure = __calculus::measure::Measure::#measure;
            const ORDER: usize = #order;
            const PARAMETERS: &'static [&'static str] = &[#(#open),*];
            const DIAGRAMS: &'static [&'static str] = &[#(#notations),*];
            const BATCHES: __calculus::optimizer::BatchChoice = #batches;

            fn rule() -> __calculus::optimizer::UpdateRule {
                #rule
            }
        }
    };
    unit_type(head, &documentation(content), false, &code)
}

fn batches(batches: BatchChoice) -> TokenStream {
    let choice = match batches {
        BatchChoice::Epochs { shuffled } => quote!(Epochs { shuffled: #shuffled }),
        BatchChoice::Full => quote!(Full),
        BatchChoice::WithReplacement => quote!(WithReplacement),
        BatchChoice::Fresh => quote!(Fresh),
    };
    quote!(__calculus::optimizer::BatchChoice::#choice)
}

/// An expression that makes the rule.
fn rule(rule: &UpdateRule) -> TokenStream {
    let learning_rates = match &rule.learning_rates {
        LearningRates::Constant => quote!(Constant),
        LearningRates::List(list) => {
            let numbers = list.iter().map(number);
            quote!(List(::std::vec![#(#numbers),*]))
        }
        LearningRates::Warmup { updates } => quote!(Warmup { updates: #updates }),
        LearningRates::Cosine => quote!(Cosine),
        LearningRates::Step { every, factor } => {
            let factor = number(factor);
            quote!(Step { every: #every, factor: #factor })
        }
        LearningRates::Exponential { factor } => {
            let factor = number(factor);
            quote!(Exponential { factor: #factor })
        }
        LearningRates::OneCycle => quote!(OneCycle),
    };
    let momentum = rule.momentum.as_ref().map(|momentum| {
        let beta = match &momentum.beta {
            Betas::Constant(beta) => {
                let beta = number(beta);
                quote!(Constant(#beta))
            }
            Betas::List(list) => {
                let numbers = list.iter().map(number);
                quote!(List(::std::vec![#(#numbers),*]))
            }
        };
        let (dampening, nesterov) = (number(&momentum.dampening), momentum.nesterov);
        quote!(__calculus::optimizer::Momentum {
            beta: __calculus::optimizer::Betas::#beta,
            dampening: #dampening,
            nesterov: #nesterov,
        })
    });
    let averaging = match &rule.averaging {
        Averaging::Last => quote!(Last),
        Averaging::Tail(k) => quote!(Tail(#k)),
        Averaging::Ema(gamma) => {
            let gamma = number(gamma);
            quote!(Ema(#gamma))
        }
        Averaging::Weights(list) => {
            let numbers = list.iter().map(number);
            quote!(Weights(::std::vec![#(#numbers),*]))
        }
    };
    let ascent = rule.ascent.as_ref().map(|ascent| {
        let radius = number(&ascent.radius);
        let group = steps::option(ascent.group);
        quote!(__calculus::optimizer::Ascent { radius: #radius, group: #group })
    });
    let hessian = rule.hessian.as_ref().map(number);
    let [momentum, ascent, hessian] = [momentum, ascent, hessian].map(|part| {
        part.map_or_else(
            || quote!(::core::option::Option::None),
            |part| quote!(::core::option::Option::Some(#part)),
        )
    });
    quote! {
        __calculus::optimizer::UpdateRule {
            learning_rates: __calculus::optimizer::LearningRates::#learning_rates,
            momentum: #momentum,
            averaging: __calculus::optimizer::Averaging::#averaging,
            ascent: #ascent,
            hessian: #hessian,
            weight_decay: ::core::option::Option::None,
        }
    }
}

/// Numbers of declarations have numerators and denominators below 2⁶⁴.
fn number(number: &BigRational) -> TokenStream {
    let numerator = number.numer().to_i128().unwrap_or_default();
    let denominator = number.denom().to_i128().unwrap_or(1);
    quote!(__runtime::optimized::fraction(#numerator, #denominator))
}

/// Lines of Markdown.
fn documentation(content: &Optimized) -> Vec<String> {
    let source = content.source.trim_start_matches([':', '=', ' ']);
    let mut lines = vec![
        String::new(),
        format!(
            " Predicts the {} up to η^{}: `{source}`.",
            content.measure, content.order
        ),
        String::new(),
        format!(
            " {} diagrams with {} distinct values, which are those of SGD; their weights follow from the optimizer's kernel when all sizes are known: an edge from update s to update t \
             weighs a(t, s), and an edge to the root r(s).",
            content.diagrams.len(),
            content.classes.len()
        ),
    ];
    if content.diagrams.len() <= LONGEST {
        let drawn = content.diagrams.len() <= MOST_DRAWINGS;
        lines.extend([
            String::new(),
            " | diagram | meaning |".into(),
            " | --- | --- |".into(),
        ]);
        for term in &content.diagrams {
            lines.push(format!(
                " | {} | {} |",
                picture(term.name.as_deref(), &term.sketch, &term.diagram, drawn),
                sentence_for(content.measure, &term.sketch)
            ));
        }
    }
    lines
}

/// The type of a predictor with errors: enough that its uses are no further errors.
fn stub(head: &Head, sizes: Option<&Sizes>) -> TokenStream {
    let parameters = sizes.map(parameters);
    let label = head.name.to_string();
    let code = quote! {
        #parameters

        impl __runtime::program::Program for __Type {
            fn blueprint(&self) -> &__calculus::plan::Blueprint {
                ::core::unreachable!()
            }

            fn execute(
                &self,
                _: &mut dyn __runtime::executor::Execute,
            ) -> ::core::result::Result<(), __runtime::executor::ExecutorError> {
                ::core::unreachable!()
            }
        }

        impl __runtime::optimized::OptimizerPredictor for __Type {
            const NAME: &'static str = #label;
            const MEASURE: __calculus::measure::Measure = __calculus::measure::Measure::TestLoss;
            const ORDER: usize = 0;
            const PARAMETERS: &'static [&'static str] = &[];
            const DIAGRAMS: &'static [&'static str] = &[];
            const BATCHES: __calculus::optimizer::BatchChoice = __calculus::optimizer::BatchChoice::Full;

            fn rule() -> __calculus::optimizer::UpdateRule {
                ::core::unreachable!()
            }
        }
    };
    unit_type(head, &[], true, &code)
}
