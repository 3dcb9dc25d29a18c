//! Expansions as tokens.

use std::time::Instant;

use diagram_language::Report;
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::expand;

/// A tenth above what it is.
const MOST_BYTES: usize = 152_000;
const MOST_FUNCTIONS: usize = 143;

/// Every form of the language.
fn everything() -> TokenStream {
    quote! {
        spacetime Shuffled = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);
        spacetime AsMany = gd(train: N, steps: N * E);
        spacetime Tiny = grid ["#..#", ".##."];
        spacetime Heavy = sgd(train: N, batch: B, epochs: E, momentum: [1/2, 1/3], dampening: 1/10, schedule: step(2, 1/10), average: [0, 1/2, 1/2]);
        spacetime Drawn = sgd(train: N, batch: B, steps: T, sampling: with_replacement, sam: 1/2, micro_batch: 1);
        diagram chain = root(b(a));
        diagram entropic = root(c(a, b)) where a ~~ b;
        diagram compact = (01-12-13)(0-1-23);
        set drawn = { chain, entropic } | { compact };
        set chosen = (drawn | all(edges <= 2)) where !trees || contains(chain) && edges >= 2;
        predictor P: generalization_gap in Shuffled = all(edges <= 3);
        predictor Q: test_loss in AsMany = chosen - { compact };
        predictor R: displacement in Tiny = { chain, entropic };
        predictor S: train_loss in Shuffled = all(edges <= 2) where irreducible;
        predictor D = S - 1/2 * P;
        predictor O: test_loss in Heavy = all(edges <= 3);
        predictor U: displacement in Drawn = all(edges <= 2);
        predictor A: test_loss in Shuffled = resummed all(edges <= 3);
        predictor B: displacement in Tiny = resummed { entropic } | all(edges <= 2);
        predictor C: generalization_gap in AsMany = resummed all(edges <= 2) where !non_gaussian;
        network M = input(1, 8, 8, parametrization: standard) -> conv(4, kernel: 3, pad: 1) -> gelu
            -> block: residual { conv(4, kernel: 3, pad: 1) -> tanh } -> avg_pool(2) -> layer_norm -> scale -> flatten
            -> dense(10, bias: false) -> cross_entropy + l2(1/1000) + l2(0.5, block);
        network T = input(tokens: 4) -> embedding(8, 4) -> attention(heads: 2) -> dense(1) -> poisson;
    }
}

#[test]
fn expansion_is_the_same_every_time() {
    let first = expand(everything()).to_string();
    for name in ["P", "Q", "R", "S", "D", "O", "U", "A", "B", "C", "M", "T"] {
        assert!(first.contains(&format!("struct {name}")), "{name}");
    }
    assert!(!first.contains("compile_error"));
    for _ in 0..3 {
        assert_eq!(expand(everything()).to_string(), first);
    }
}

fn up_to(edges: usize) -> TokenStream {
    let edges = Literal::usize_unsuffixed(edges);
    quote! {
        spacetime One = sgd(train: N, batch: 1, epochs: 1);
        predictor P: test_loss in One = all(edges <= #edges, limit: 100_000);
    }
}

/// The compiler's time and memory grow with what it is given to read, most of all with the number of functions.
#[test]
fn expansions_stay_small() {
    let code = expand(up_to(4)).to_string();
    assert!(code.len() <= MOST_BYTES, "{} bytes", code.len());
    let functions = code.matches("fn step_").count();
    assert!(functions <= MOST_FUNCTIONS, "{functions} functions");
}

/// Figures, not a test: `cargo test -p diagram-macros --lib -- --ignored --nocapture`.
#[test]
#[ignore = "takes seconds and asserts nothing"]
fn how_long_expansions_take() {
    for edges in 3..=6 {
        let mut report = Report::default();
        let start = Instant::now();
        let model = diagram_language::read(up_to(edges), &mut report);
        let read = start.elapsed();
        let start = Instant::now();
        let planned = crate::plan::plan(model.predictors, &mut report);
        let plan = start.elapsed();
        let start = Instant::now();
        let code = crate::emit::emit(&planned);
        let emit = start.elapsed();
        assert!(report.into_errors().is_empty());
        let code = code.to_string();
        let (bytes, functions) = (code.len(), code.matches("fn step_").count());
        println!(
            "all(edges <= {edges}): read {read:.2?}, plan {plan:.2?}, emit {emit:.2?}; {bytes} bytes, {functions} steps"
        );
    }
}

/// Figures for another optimizer, not a test, by the same command.
#[test]
#[ignore = "takes seconds and asserts nothing"]
fn how_long_expansions_for_other_optimizers_take() {
    for edges in 3..=5 {
        let edges = Literal::usize_unsuffixed(edges);
        let declaration = quote! {
            spacetime Heavy = sgd(train: N, batch: B, epochs: E, momentum: 9/10, schedule: cosine);
            predictor P: test_loss in Heavy = all(edges <= #edges);
        };
        let start = Instant::now();
        let code = expand(declaration).to_string();
        let time = start.elapsed();
        println!(
            "all(edges <= {edges}) with momentum and a schedule: {time:.2?}, {} bytes",
            code.len()
        );
    }
}

#[test]
fn arguments_are_no_patterns_of_constants() {
    let code = expand(quote! {
        spacetime One = sgd(train: N, batch: n, epochs: IN);
        predictor N: test_loss in One = all(edges <= 1);
    })
    .to_string();
    assert!(
        code.contains("fn parameters (n : u64 , n_ : u64 , in_ : u64)"),
        "{code}"
    );
}

#[test]
fn one_function_for_each_step_and_no_more() {
    let code = expand(quote! {
        spacetime One = sgd(train: N, batch: 1, epochs: 1);
        predictor P: test_loss in One = all(edges <= 2);
    })
    .to_string();
    let defined = code.matches("fn step_").count();
    // Each function is defined once and named once in the list of steps.
    assert_eq!(code.matches("step_").count(), 2 * defined);
    assert!(
        defined >= 3,
        "losses, gradients and at least one contraction"
    );
}

/// What `cargo doc` shows of a network.
#[test]
fn networks_are_documented() {
    let code = expand(quote! {
        network M = input(3) -> hidden: dense(4) -> residual { tanh } -> dense(1) -> binary_logistic + l2(1/1000);
    })
    .to_string();
    for line in [
        " A network of 21 weights: `input(3) -> hidden: dense(4) -> residual { tanh } -> dense(1) -> binary_logistic + l2(0.001)`",
        " A datapoint is 4 numbers: the input (3), and the label (1).",
        " | hidden | `dense(4)` | 4 | 16 |",
        " | 1 | `residual` | 4 | 0 |",
        " | 1.0 | `tanh` | 4 | 0 |",
        " 2.bias         1      20..21     1.000000",
    ] {
        assert!(code.contains(&format!("{line:?}")), "{line}\n{code}");
    }
}

#[test]
fn mistakes_leave_the_types_behind() {
    let code = expand(quote! {
        spacetime One = sgd(train: N, batch: 1, epoch: 1);
        predictor P: test_loss in One = all(edges <= 2);
        predictor Q: tset_loss in One = all(edges <= 2);
        network M = input(3) -> relu -> dense(2) -> cross_entropy;
        network T input(3);
    })
    .to_string();
    for name in ["P", "Q", "M", "T"] {
        assert!(code.contains(&format!("struct {name}")), "{name}");
    }
    // A misspelt size, an unknown measure, a layer with a kink, a missing sign; nothing about uses of `One`.
    assert_eq!(code.matches("compile_error").count(), 4);
}
