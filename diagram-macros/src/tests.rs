//! Expansions as tokens.

use quote::quote;

use crate::expand;

#[test]
fn expansion_is_the_same_every_time() {
    let declaration = || {
        quote! {
            spacetime Shuffled = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);
            predictor P: generalization_gap in Shuffled = all(edges <= 3);
        }
    };
    let first = expand(declaration()).to_string();
    assert!(first.contains("struct P"));
    assert!(!first.contains("compile_error"));
    for _ in 0..3 {
        assert_eq!(expand(declaration()).to_string(), first);
    }
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

#[test]
fn mistakes_leave_the_types_behind() {
    let code = expand(quote! {
        spacetime One = sgd(train: N, batch: 1, epoch: 1);
        predictor P: test_loss in One = all(edges <= 2);
        predictor Q: tset_loss in One = all(edges <= 2);
    })
    .to_string();
    assert!(code.contains("struct P") && code.contains("struct Q"));
    // A misspelt size, an unknown measure; nothing about uses of `One`.
    assert_eq!(code.matches("compile_error").count(), 2);
}
