//! Every form of the language compiles, in any order of items.

use diagrams::prelude::*;

diagrams! {
    // Predictors may come before what they name.
    pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 2);

    spacetime OneEpoch  = sgd(train: N, batch: 1, epochs: 1);
    spacetime Shuffled  = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);
    spacetime Fixed     = sgd(train: 10, batch: 2, epochs: E, shuffle: never,);
    spacetime Repeats   = sgd(train: N, batch: 1, epochs: E);
    spacetime FullBatch = gd(train: N, steps: T);
    spacetime Tiny      = grid ["#..#", ".##."];
    // As many updates as SGD takes; a number and symbols in any order.
    spacetime AsMany    = gd(train: N, steps: N * E);
    spacetime Doubled   = sgd(train: 2 * N, batch: 2, epochs: E * 3 * M);

    diagram chain    = root(b(a));
    diagram skew     = root(a, b, c) where a ~ b ~ c;
    diagram entropic = root(c(a, b)) where a ~~ b;
    diagram alone    = root;
    diagram compact  = (01-12-13)(0-1-23);
    diagram pair     = first(a) * second(b(c)) where a ~ b, c ~~ b;
    diagram trailing = root(a, b,) where a ~ b;
    diagram spaced   = ( 0 1 - 1 2 ) ( 0 - 1 - 2 );

    // Sets may name sets that come later.
    set noise    = everything - gaussian;
    set gaussian = everything where !non_gaussian;
    set everything = all(edges <= 3);
    set drawn    = { chain, skew };
    set joined   = (drawn | { compact, trailing } | all(edges == 1)) - ({ chain } & everything);

    /// With a comment.
    pub(crate) predictor Gap: generalization_gap in Shuffled = all(edges <= 2);
    predictor Train: train_loss in Fixed = all(edges == 2, limit: 100);
    predictor Drift: displacement in FullBatch = { chain, entropic, };
    predictor Second: second_moment in Tiny = { pair };
    predictor Chosen: test_loss in Shuffled = { skew, alone, compact };

    predictor Noise: test_loss in OneEpoch = noise;
    predictor Joined: test_loss in Shuffled = joined;
    predictor Filtered: test_loss in OneEpoch =
        all(edges <= 3, limit: 1_000) where (trees || leaf_ties && !contains(spaced)) && irreducible || ties >= 2;
    predictor Bounded: test_loss in OneEpoch = (all(edges <= 3) where edges >= 2 && parts == 3 && ties <= 1) | { alone };
    predictor Both: test_loss in OneEpoch = drawn & everything where contains(chain);

    predictor Descent: test_loss in AsMany = all(edges <= 2);
    predictor Repeated: test_loss in Repeats = all(edges <= 2);
    predictor Product: train_loss in Doubled = all(edges <= 2);
    predictor Difference = Repeated - Descent;
    pub predictor Sum = -2 * Vanilla + 1/3 * Chosen - 4/2 * Vanilla;
    predictor Nested = Sum + Vanilla;

    /// Re-summed, with a comment.
    pub(crate) predictor Near: test_loss in OneEpoch = resummed all(edges <= 3) where !non_gaussian;
    predictor Force:    displacement in Repeats      = resummed { entropic, };
    predictor Measured: generalization_gap in Fixed  = resummed { rooted } | all(edges == 2, limit: 100);
    predictor Kept:    train_loss in Doubled        = resummed ((noise - { skew }) where edges <= 2);
    predictor Cells:    test_loss in Tiny            = resummed everything & all(edges <= 2);
    predictor Steps:    test_loss in AsMany          = resummed { trailing };
    diagram rooted = root(a) where root ~ a;
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
    let _ = (Noise, Joined, Filtered, Bounded, Both);
    let _ = (Descent::parameters(10, 2), Product::parameters(5, 2, 1));
    assert_eq!(order::<Difference>(), 2);
    assert_eq!(order::<Nested>(), 3);
    assert_eq!(Sum::MEASURE, Vanilla::MEASURE);
    assert_eq!(
        (Near::NAME, Near::ORDER, Near::PARAMETERS),
        ("Near", 3, &["N"][..])
    );
    assert_eq!(Force::DIAGRAMS, ["(01-12-13)(0-1-23)"]);
    let _ = (Measured, Kept, Cells, Steps);
    let _ = (Near::parameters(10), Steps::parameters(10, 2));
}
