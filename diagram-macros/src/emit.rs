//! From plans to Rust: for each predictor a unit type, one function for each step, and the traits that tie them together.

mod docs;
mod steps;

use diagram_calculus::measure::Measure;
use diagram_calculus::spacetime::{Batch, Parameter, Schedule, Spacetime};
use diagram_calculus::value_class::ValueClass;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::plan::{Planned, PlannedContent, RawCoefficient};
use crate::syntax::Head;

/// The items of all predictors, in order.
pub(crate) fn emit(predictors: &[Planned]) -> TokenStream {
    predictors
        .iter()
        .map(|predictor| match &predictor.content {
            Some(content) => complete(&predictor.head, content),
            None => stub(&predictor.head, predictor.spacetime.as_ref()),
        })
        .collect()
}

fn complete(head: &Head, content: &PlannedContent) -> TokenStream {
    let Head {
        attributes,
        visibility,
        name,
    } = head;
    let documentation = docs::of_predictor(content);
    let parameters = parameters(visibility, &content.expansion.spacetime);
    let steps = steps::functions(&content.blueprint.plan);
    let step_names = steps::names(&content.blueprint.plan);
    let coefficients = content
        .expansion
        .values
        .iter()
        .zip(&content.constants)
        .map(|((class, _), raw)| constant(class, raw));
    let metadata = metadata(head, content);
    quote! {
        #attributes
        #(#[doc = #documentation])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        #visibility struct #name;

        impl #name {
            #parameters
        }

        const _: () = {
            use ::diagrams::calculus as __calculus;
            use ::diagrams::runtime as __runtime;

            /// Value classes and their exact coefficients.
            static COEFFICIENTS: &[__runtime::predictor::StaticCoefficient] = &[#(#coefficients),*];

            static TABLE: ::std::sync::OnceLock<
                ::std::vec::Vec<(__calculus::value_class::ValueClass, __calculus::coefficient::Coefficient)>
            > = ::std::sync::OnceLock::new();

            static BLUEPRINT: ::std::sync::OnceLock<__calculus::plan::Blueprint> = ::std::sync::OnceLock::new();

            #steps

            #[automatically_derived]
            impl __runtime::program::Program for #name {
                fn blueprint(&self) -> &__calculus::plan::Blueprint {
                    BLUEPRINT.get_or_init(|| {
                        __runtime::predictor::blueprint(<#name as __runtime::predictor::Predictor>::coefficients())
                    })
                }

                fn execute<T: __runtime::scalar::Element, D: __runtime::derivatives::Derivatives<T> + ?Sized>(
                    &self,
                    machine: &mut __runtime::machine::Machine<'_, T, D>,
                ) -> ::core::result::Result<(), __runtime::machine::MachineError> {
                    for step in [#(#step_names::<T, D>),*] {
                        step(machine)?;
                    }
                    ::core::result::Result::Ok(())
                }
            }

            #[automatically_derived]
            impl __runtime::predictor::Predictor for #name {
                #metadata

                fn coefficients() -> &'static [(
                    __calculus::value_class::ValueClass,
                    __calculus::coefficient::Coefficient,
                )] {
                    TABLE.get_or_init(|| __runtime::predictor::coefficients(COEFFICIENTS))
                }
            }
        };
    }
}

fn metadata(head: &Head, content: &PlannedContent) -> TokenStream {
    let name = head.name.to_string();
    let expansion = &content.expansion;
    let measure = variant(expansion.measure);
    let order = content.order;
    let parameters = expansion.spacetime.parameters();
    let symbols = expansion.spacetime.symbols();
    let terms = expansion.terms.iter().map(|term| {
        let diagram = term.diagram.to_string();
        let coefficient = term.coefficient.text(&symbols);
        quote!(__runtime::predictor::TermDescription { diagram: #diagram, coefficient: #coefficient })
    });
    quote! {
        const NAME: &'static str = #name;
        const MEASURE: __calculus::measure::Measure = __calculus::measure::Measure::#measure;
        const ORDER: usize = #order;
        const PARAMETERS: &'static [&'static str] = &[#(#parameters),*];
        const TERMS: &'static [__runtime::predictor::TermDescription] = &[#(#terms),*];
    }
}

fn variant(measure: Measure) -> proc_macro2::Ident {
    format_ident!("{measure:?}")
}

/// A function from the open sizes to all sizes, so that no size can be forgotten or contradict the declaration.
fn parameters(visibility: &TokenStream, spacetime: &Spacetime) -> TokenStream {
    let result = quote! {
        ::core::result::Result<
            ::diagrams::calculus::coefficient::Parameters,
            ::diagrams::calculus::coefficient::CoefficientError,
        >
    };
    let (train, batch, epochs) = match spacetime {
        Spacetime::Grid(grid) => {
            let (rows, batch) = (grid.rows() as u64, grid.batch() as u64);
            return quote! {
                /// The sizes of the grid: nothing is open.
                ///
                /// # Errors
                /// None; schedules share the signature.
                #visibility fn parameters() -> #result {
                    ::core::result::Result::Ok(::diagrams::calculus::coefficient::Parameters {
                        train: #rows,
                        batch: #batch,
                        epochs: 1,
                    })
                }
            };
        }
        Spacetime::Schedule(Schedule {
            train,
            batch,
            epochs,
            ..
        }) => (
            train,
            match batch {
                Batch::Of(batch) => batch,
                Batch::Full => train,
            },
            epochs,
        ),
    };
    let open = spacetime.parameters();
    let names = open.iter().map(|name| format_ident!("{name}"));
    let sizes = [train, batch, epochs].map(|parameter| match parameter {
        Parameter::Literal(number) => quote!(#number),
        Parameter::Symbol(name) => {
            let name = format_ident!("{name}");
            quote!(#name)
        }
    });
    let summary = format!(
        "The sizes of the schedule{}.",
        if open.is_empty() {
            ": nothing is open".to_string()
        } else {
            format!(", of which {} are open", open.join(", "))
        }
    );
    quote! {
        #[doc = #summary]
        ///
        /// # Errors
        /// If a size is 0, or batches do not divide the training points.
        #[allow(non_snake_case)]
        #visibility fn parameters(#(#names: u64),*) -> #result {
            ::diagrams::calculus::coefficient::Parameters::new(#(#sizes),*)
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
fn stub(head: &Head, spacetime: Option<&Spacetime>) -> TokenStream {
    let Head {
        attributes,
        visibility,
        name,
    } = head;
    let label = name.to_string();
    let parameters = spacetime.map(|spacetime| parameters(visibility, spacetime));
    quote! {
        #attributes
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        #visibility struct #name;

        impl #name {
            #parameters
        }

        const _: () = {
            use ::diagrams::calculus as __calculus;
            use ::diagrams::runtime as __runtime;

            impl __runtime::program::Program for #name {
                fn blueprint(&self) -> &__calculus::plan::Blueprint {
                    ::core::unreachable!()
                }

                fn execute<T: __runtime::scalar::Element, D: __runtime::derivatives::Derivatives<T> + ?Sized>(
                    &self,
                    _: &mut __runtime::machine::Machine<'_, T, D>,
                ) -> ::core::result::Result<(), __runtime::machine::MachineError> {
                    ::core::unreachable!()
                }
            }

            impl __runtime::predictor::Predictor for #name {
                const NAME: &'static str = #label;
                const MEASURE: __calculus::measure::Measure = __calculus::measure::Measure::TestLoss;
                const ORDER: usize = 0;
                const PARAMETERS: &'static [&'static str] = &[];
                const TERMS: &'static [__runtime::predictor::TermDescription] = &[];

                fn coefficients() -> &'static [(
                    __calculus::value_class::ValueClass,
                    __calculus::coefficient::Coefficient,
                )] {
                    ::core::unreachable!()
                }
            }
        };
    }
}
