//! The macro `diagrams!`: declared spacetimes, diagrams, predictors and networks, checked and expanded at compile time.
//!
//! Users take it from the crate `diagrams`, which the expansion refers to.
//!
//! The crate `diagram-language` makes a model of the tokens, or reports what is wrong; `plan` finds the tensor steps that the predictors' values
//! need, `emit` writes them down. Stages after an error go on with what is left.
#![forbid(unsafe_code)]

mod emit;
mod plan;
#[cfg(test)]
mod tests;

use diagram_language::Report;

/// Declares spacetimes, diagrams, sets, predictors and networks; each predictor and each network becomes a type.
///
/// ```text
/// items      = { spacetime | diagram | set-item | predictor | network-item }
/// spacetime  = "spacetime" NAME "=" ( sgd | gd | grid ) ";"
/// sgd        = "sgd" "(" "train" ":" size "," "batch" ":" size "," "epochs" ":" size [ "," "shuffle" ":" ( "never" | "each_epoch" ) ] { "," option } ")"
///            | "sgd" "(" "train" ":" size "," "batch" ":" size "," "steps" ":" size "," "sampling" ":" "with_replacement" { "," option } ")"
///            | "sgd" "(" "batch" ":" size "," "steps" ":" size "," "sampling" ":" "fresh" { "," option } ")"
/// gd         = "gd" "(" "train" ":" size "," "steps" ":" size { "," option } ")"
/// option     = "momentum" ":" ( number | numbers ) | "nesterov" | "dampening" ":" number | "schedule" ":" ( schedule | numbers )
///            | "average" ":" ( "tail" "(" INTEGER ")" | "ema" "(" number ")" | numbers )
///            | "sam" ":" number | "micro_batch" ":" INTEGER | "extragradient" | "hessian" ":" number
/// schedule   = "constant" | "cosine" | "one_cycle" | "warmup" "(" INTEGER ")" | "step" "(" INTEGER "," number ")" | "exponential" "(" number ")"
/// numbers    = "[" number { "," number } "]"
/// number     = [ "-" ] INTEGER [ "/" INTEGER ]
/// grid       = "grid" "[" STRING { "," STRING } "]"                 rows are points, columns updates, '#' a cell, '.' none
/// size       = factor { "*" factor }                                products tie sizes together
/// factor     = INTEGER | NAME                                       a name stays open: a parameter of the predictor
/// diagram    = "diagram" NAME "=" ( tree { "*" tree } [ "where" ties { "," ties } ] | compact ) ";"
/// tree       = NODE [ "(" tree { "," tree } ")" ]                   parent(children), root first; two trees for the second moment
/// ties       = NODE ( "~" | "~~" ) NODE { ( "~" | "~~" ) NODE }     "~" shares a datapoint; "~~" is tied minus untied
/// compact    = "(" edges ")" "(" parts ")"                          as in (01-02-13)(0-1-23)
/// set-item   = "set" NAME "=" set ";"
/// set        = operand { ( "|" | "&" | "-" ) operand } [ "where" condition ]         the same operator throughout
/// operand    = "all" "(" "edges" ( "<=" | "==" ) INTEGER [ "," "limit" ":" INTEGER ] ")" | "{" NAME { "," NAME } "}" | NAME | "(" set ")"
/// condition  = both { "||" both }
/// both       = simple { "&&" simple }
/// simple     = "!" simple | "(" condition ")" | "contains" "(" NAME ")" | count ( "<=" | "==" | ">=" ) INTEGER
///            | "trees" | "leaf_ties" | "non_gaussian" | "irreducible"
/// count      = "edges" | "ties" | "parts"
/// predictor  = { ATTRIBUTE } [ "pub" ] "predictor" NAME ( ":" measure "in" NAME "=" [ "resummed" ] set | "=" sum ) ";"
/// measure    = "test_loss" | "train_loss" | "generalization_gap" | "displacement" | "second_moment"
/// sum        = [ "-" ] summand { ( "+" | "-" ) summand }
/// summand    = [ INTEGER [ "/" INTEGER ] "*" ] NAME
/// network-item = { ATTRIBUTE } [ "pub" ] "network" NAME "=" network ";"
/// network    = input { "->" layer } "->" loss { "+" "l2" "(" REAL { "," NAME } ")" }
/// input      = "input" "(" shape [ "," "parametrization" ":" ( "xavier" | "standard" ) ] ")"
/// shape      = INTEGER [ "," INTEGER "," INTEGER ] | "tokens" ":" INTEGER [ "," "width" ":" INTEGER ]
/// layer      = [ NAME ":" ] ( WORD [ "(" arguments ")" ] | "residual" "{" layer { "->" layer } "}" )
/// loss       = "cross_entropy" | "binary_logistic" | "mean_squared" | "poisson"
/// ```
///
/// The order of items does not matter. A predictor `P` becomes a unit type with the traits `Predictor` and `Program` of the runtime and a function
/// `P::parameters` of the sizes that are open; a re-summed one has the trait `ResummedPredictor` instead, and one in a spacetime with
/// options of an optimizer the trait `OptimizerPredictor`. A network
/// `M` becomes a unit type with the functions `M::network` and `M::layout`. `all(…)` expands to at most 10,000 diagrams unless `limit` says otherwise. docs/language.md says
/// what each form means.
///
/// Everything that is wrong is reported at once, each mistake at its token. What is declared and never used is a warning.
#[proc_macro]
pub fn diagrams(tokens: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(tokens.into()).into()
}

fn expand(tokens: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    let mut report = Report::default();
    let model = diagram_language::read(tokens, &mut report);
    let mut code = emit::resummed(&model.resummed);
    code.extend(emit::optimized(&model.optimized));
    code.extend(emit::networks(&model.networks));
    let predictors = plan::plan(model.predictors, &mut report);
    code.extend(emit::emit(&predictors));
    code.extend(report.into_tokens());
    code
}
