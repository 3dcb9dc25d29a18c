//! Every form of the language compiles, in any order of items.

use diagrams::prelude::*;

diagrams! {
    // Predictors may come before what they name.
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 2);

    spacetime OneEpoch  = sgd(train: N, batch: 1, epochs: 1);
    spacetime Shuffled  = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);
    spacetime Fixed     = sgd(train: 10, batch: 2, epochs: E, shuffle: never,);
    spacetime FullBatch = gd(train: N, steps: T);
    spacetime Tiny      = grid ["#..#", ".##."];

    diagram chain    = root(b(a));
    diagram skew     = root(a, b, c) where a ~ b ~ c;
    diagram entropic = root(c(a, b)) where a ~~ b;
    diagram alone    = root;
    diagram compact  = (01-12-13)(0-1-23);
    diagram pair     = first(a) * second(b(c)) where a ~ b, c ~~ b;

    /// With a comment.
    pub(crate) predictor Gap: generalization_gap in Shuffled = all(edges <= 2);
    predictor Train: train_loss in Fixed = all(edges == 2, limit: 100);
    predictor Drift: displacement in FullBatch = { chain, entropic, };
    predictor Second: second_moment in Tiny = { pair };
    predictor Chosen: test_loss in Shuffled = { skew, alone, compact };
}

/// Predictors are types that generic code can be written against.
fn order<P: Predictor>() -> usize {
    P::ORDER
}

#[test]
fn all_forms_become_types() {
    assert_eq!(order::<Vanilla>(), 2);
    let _ = (Gap, Train, Drift, Second, Chosen);
    let _ = (
        Vanilla::parameters(10),
        Gap::parameters(10, 5, 2),
        Train::parameters(3),
    );
    let _ = (Drift::parameters(10, 5), Second::parameters());
}
