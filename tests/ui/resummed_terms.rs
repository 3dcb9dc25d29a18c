diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram slope    = root(a);
    diagram chain    = root(b(a));
    diagram rooted   = root(a) where root ~ a;
    diagram outlined = root(a, b) where root ~~ b;
    diagram star     = root(a, b) where a ~ b;
    diagram fuzzy    = root(a, b) where a ~~ b;
    diagram squared  = first(a) * second(b) where a ~ b;
    predictor Hessian: test_loss in OneEpoch          = resummed { chain };
    predictor Compact: train_loss in OneEpoch         = resummed { chain, star };
    predictor Test:    test_loss in OneEpoch          = resummed { rooted, outlined };
    predictor Gap:     generalization_gap in OneEpoch = resummed { slope, rooted };
    predictor Drift:   displacement in OneEpoch       = resummed { star };
    predictor Rooted:  displacement in OneEpoch       = resummed { rooted };
    predictor Square:  second_moment in OneEpoch      = resummed all(edges <= 2);
    predictor Trees:   test_loss in OneEpoch          = resummed { squared };
    predictor Twice:   test_loss in OneEpoch          = resummed { star, fuzzy };
}

// The types are there in spite of their errors: no further errors here.
fn uses() {
    use diagrams::prelude::*;
    let _ = (Hessian::ORDER, Compact::diagrams(), Test::parameters(10), Square::NAME);
    let _ = (Gap::DIAGRAMS, Drift::MEASURE, Rooted::PARAMETERS, Trees::ORDER, Twice::ORDER);
}

fn main() {}
