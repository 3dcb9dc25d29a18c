//! From plans to Rust: for each predictor a unit type, its plan as a constant, one function for each step, and the traits that tie them together, in a
//! module of its own.
//! Re-summed predictors need no steps: their diagrams are constants.

mod arguments;
mod docs;
mod network;
mod optimized;
mod plan;
mod resummed;
mod steps;
mod unit_type;

use diagram_calculus::measure::Measure;
use diagram_calculus::value_class::ValueClass;
use diagram_language::{Head, SizeProduct, Sizes};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::plan::{Planned, PlannedContent, RawCoefficient};
use arguments::Arguments;
pub(crate) use network::networks;
pub(crate) use optimized::optimized;
pub(crate) use resummed::resummed;
use unit_type::unit_type;

/// The items of all predictors, in order.
pub(crate) fn emit(predictors: &[Planned]) -> TokenStream {
    predictors
        .iter()
        .map(|predictor| match &predictor.content {
            Some(content) => complete(predictor, content),
            None => stub(&predictor.head, predictor.sizes.as_ref()),
        })
        .collect()
}

fn complete(predictor: &Planned, content: &PlannedContent) -> TokenStream {
    let sizes = predictor.sizes.clone().unwrap_or_default();
    let steps = steps::functions(&content.blueprint.plan);
    let plan = plan::constant(&content.blueprint, &content.contraction);
    let program = plan::program(&content.blueprint);
    let coefficients = content
        .content
        .combination
        .values()
        .iter()
        .zip(&content.constants)
        .map(|((class, _), raw)| constant(class, raw));
    let parameters = parameters(&sizes);
    let metadata = metadata(&predictor.head, content, &sizes);
    let code = quote! {
        #parameters

        static TABLE: ::std::sync::OnceLock<
            ::std::vec::Vec<(__calculus::value_class::ValueClass, __calculus::coefficient::Coefficient)>
        > = ::std::sync::OnceLock::new();

        #plan

        #steps

        #program

        #[automatically_derived]
        impl __runtime::predictor::Predictor for __Type {
            #metadata
            const COEFFICIENTS: &'static [__runtime::predictor::StaticCoefficient] = &[#(#coefficients),*];

            fn coefficients() -> &'static [(
                __calculus::value_class::ValueClass,
                __calculus::coefficient::Coefficient,
            )] {
                TABLE.get_or_init(|| __runtime::predictor::coefficients(Self::COEFFICIENTS))
            }
        }
    };
    let documentation = docs::of_predictor(content);
    unit_type(&predictor.head, &documentation, predictor.is_summand, &code)
}

fn metadata(head: &Head, planned: &PlannedContent, sizes: &Sizes) -> TokenStream {
    let name = head.name.to_string();
    let content = &planned.content;
    let measure = content.measure.map(variant);
    let measure = measure.map_or_else(
        || quote!(::core::option::Option::None),
        |measure| quote!(::core::option::Option::Some(__calculus::measure::Measure::#measure)),
    );
    let order = content.order;
    let parameters = &sizes.open;
    let symbols = content.combination.symbols();
    let (train, batch, epochs) = (&symbols.train, &symbols.batch, &symbols.epochs);
    let term = |diagram: String, coefficient: String| quote!(__runtime::predictor::TermDescription { diagram: #diagram, coefficient: #coefficient });
    let mut terms: Vec<TokenStream> = content
        .terms
        .iter()
        .map(|t| term(t.diagram.to_string(), t.coefficient.text(&symbols)))
        .collect();
    if terms.is_empty() {
        let values = content.combination.values().iter();
        terms.extend(values.map(|(class, coefficient)| {
            let diagram = class.representative().to_string();
            term(diagram, coefficient.text(&symbols))
        }));
    }
    quote! {
        const NAME: &'static str = #name;
        const MEASURE: ::core::option::Option<__calculus::measure::Measure> = #measure;
        const ORDER: usize = #order;
        const PARAMETERS: &'static [&'static str] = &[#(#parameters),*];
        const SYMBOLS: [&'static str; 3] = [#train, #batch, #epochs];
        const TERMS: &'static [__runtime::predictor::TermDescription] = &[#(#terms),*];
    }
}

fn variant(measure: Measure) -> proc_macro2::Ident {
    format_ident!("{measure:?}")
}

/// A function from the open sizes to the parameters of the coefficients, so that no size can be forgotten or contradict the declaration.
fn parameters(sizes: &Sizes) -> TokenStream {
    let open = &sizes.open;
    let arguments = Arguments::new(open);
    let number = |size: &SizeProduct| arguments.number(size);
    let names = &arguments.0;
    let [train, batch, epochs] = sizes
        .slots
        .each_ref()
        .map(|slot| slot.as_ref().map_or_else(|| quote!(1), number));
    let checks = sizes.schedules.iter().map(|schedule| {
        let [train, batch, epochs] = schedule.each_ref().map(number);
        quote!(__calculus::coefficient::Parameters::new(#train, #batch, #epochs)?;)
    });
    let summary = if open.is_empty() {
        "The sizes: nothing is open.".to_string()
    } else {
        format!("The sizes, of which {} are open.", open.join(", "))
    };
    quote! {
        impl __Type {
            #[doc = #summary]
            ///
            /// # Errors
            /// If a size is 0, or batches do not divide the training points.
            #[allow(clippy::missing_errors_doc, clippy::many_single_char_names, clippy::similar_names)]
            pub fn parameters(#(#names: u64),*) -> ::core::result::Result<
                __runtime::predictor::ParametersOf<Self>,
                __calculus::coefficient::CoefficientError,
            > {
                #(#checks)*
                ::core::result::Result::Ok(__runtime::predictor::ParametersOf::new(
                    __calculus::coefficient::Parameters {
                        train: #train,
                        batch: #batch,
                        epochs: #epochs,
                    },
                ))
            }
        }
    }
}

fn constant(class: &ValueClass, raw: &RawCoefficient) -> TokenStream {
    let edges = (0..class.nodes()).flat_map(|a| {
        class
            .neighbours(a)
            .filter(move |&b| a < b)
            .map(move |b| quote!((#a, #b)))
    });
    let parts = (0..class.nodes()).map(|node| class.part(node));
    let open = steps::option(class.open());
    let numerator = raw.numerator.iter().map(
        |([n, b, e], numerator, denominator)| quote!(([#n, #b, #e], #numerator, #denominator)),
    );
    let denominator = &raw.denominator;
    quote! {
        __runtime::predictor::StaticCoefficient {
            edges: &[#(#edges),*],
            parts: &[#(#parts),*],
            open: #open,
            numerator: &[#(#numerator),*],
            denominator: &[#(#denominator),*],
        }
    }
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

        impl __runtime::predictor::Predictor for __Type {
            const NAME: &'static str = #label;
            const MEASURE: ::core::option::Option<__calculus::measure::Measure> = ::core::option::Option::None;
            const ORDER: usize = 0;
            const PARAMETERS: &'static [&'static str] = &[];
            const SYMBOLS: [&'static str; 3] = ["N", "B", "E"];
            const COEFFICIENTS: &'static [__runtime::predictor::StaticCoefficient] = &[];
            const TERMS: &'static [__runtime::predictor::TermDescription] = &[];

            fn coefficients() -> &'static [(
                __calculus::value_class::ValueClass,
                __calculus::coefficient::Coefficient,
            )] {
                ::core::unreachable!()
            }
        }
    };
    unit_type(head, &[], true, &code)
}
