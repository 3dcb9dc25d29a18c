//! Re-summed predictors: their diagrams and their spacetime as constants.

mod docs;

use diagram_calculus::spacetime::{Batch, Grid, Shuffle, Spacetime};
use diagram_language::{DeclaredPredictor, Head, Resummed, Sizes};
use proc_macro2::TokenStream;
use quote::quote;

use super::{parameters, unit_type, variant};

/// The items of all re-summed predictors, in order.
pub(crate) fn resummed(predictors: &[DeclaredPredictor<Resummed>]) -> TokenStream {
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

fn complete(head: &Head, content: &Resummed, sizes: &Sizes) -> TokenStream {
    let parameters = parameters(sizes);
    let label = head.name.to_string();
    let measure = variant(content.measure);
    let order = content.order;
    let open = &sizes.open;
    let notations = content.diagrams().map(|term| term.diagram().to_string());
    let spacetime = spacetime(&content.spacetime);
    let code = quote! {
        #parameters

        static DIAGRAMS: ::std::sync::OnceLock<
            ::std::vec::Vec<__calculus::resummed::ResummedDiagram>
        > = ::std::sync::OnceLock::new();

        #[automatically_derived]
        impl __runtime::resummed::ResummedPredictor for __Type {
            const NAME: &'static str = #label;
            const MEASURE: __calculus::measure::Measure = __calculus::measure::Measure::#measure;
            const ORDER: usize = #order;
            const PARAMETERS: &'static [&'static str] = &[#(#open),*];
            const DIAGRAMS: &'static [&'static str] = &[#(#notations),*];
            const SPACETIME: __runtime::resummed::StaticSpacetime = #spacetime;

            fn diagrams() -> &'static [__calculus::resummed::ResummedDiagram] {
                DIAGRAMS.get_or_init(|| __runtime::resummed::diagrams(Self::MEASURE, Self::DIAGRAMS))
            }
        }
    };
    unit_type(head, &docs::of_predictor(content), false, &code)
}

fn spacetime(spacetime: &Spacetime) -> TokenStream {
    match spacetime {
        Spacetime::Grid(grid) => {
            let rows = rows(grid);
            quote!(__runtime::resummed::StaticSpacetime::Grid(&[#(#rows),*]))
        }
        Spacetime::Schedule(schedule) => match schedule.batch {
            Batch::Full => quote!(__runtime::resummed::StaticSpacetime::Gd),
            Batch::Of(_) => {
                let shuffle = schedule.shuffle == Shuffle::EachEpoch;
                quote!(__runtime::resummed::StaticSpacetime::Sgd { shuffle: #shuffle })
            }
        },
    }
}

/// As they are drawn.
fn rows(grid: &Grid) -> Vec<String> {
    let cell = |row, update| if grid.contains(row, update) { '#' } else { '.' };
    let drawn = |row| {
        (0..grid.updates())
            .map(|update| cell(row, update))
            .collect()
    };
    (0..grid.rows()).map(drawn).collect()
}

/// The type of a predictor with errors: enough that its uses are no further errors.
fn stub(head: &Head, sizes: Option<&Sizes>) -> TokenStream {
    let parameters = sizes.map(parameters);
    let label = head.name.to_string();
    let code = quote! {
        #parameters

        impl __runtime::resummed::ResummedPredictor for __Type {
            const NAME: &'static str = #label;
            const MEASURE: __calculus::measure::Measure = __calculus::measure::Measure::TestLoss;
            const ORDER: usize = 0;
            const PARAMETERS: &'static [&'static str] = &[];
            const DIAGRAMS: &'static [&'static str] = &[];
            const SPACETIME: __runtime::resummed::StaticSpacetime = __runtime::resummed::StaticSpacetime::Gd;

            fn diagrams() -> &'static [__calculus::resummed::ResummedDiagram] {
                ::core::unreachable!()
            }
        }
    };
    unit_type(head, &[], true, &code)
}
