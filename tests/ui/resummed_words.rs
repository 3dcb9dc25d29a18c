use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram pair = root(a, b) where a ~ b;
    set Few = resummed all(edges <= 2);
    predictor Vanilla: test_loss in OneEpoch = all(edges <= 2);
    predictor Near:    test_loss in OneEpoch = resummed all(edges <= 2);
    predictor Nested:  test_loss in OneEpoch = (resummed all(edges <= 2)) | { pair };
    predictor Second:  test_loss in OneEpoch = { pair } | resummed all(edges <= 2);
    predictor Twice:   test_loss in OneEpoch = resummed resummed { pair };
    predictor Alone:   test_loss in OneEpoch = resummed;
    predictor Empty:   test_loss in OneEpoch = resummed { };
    predictor Wrong:   test_loss in OneEpoch = resumed { pair };
    predictor Typed:   test_loss in OneEpoch = resummed al(edges <= 2);
    predictor Large:   test_loss in OneEpoch = resummed all(edges <= 8);
    predictor Few2:    displacement in OneEpoch = resummed all(edges <= 0);
    predictor Sum      = 2 * Vanilla - Near;
    predictor Reread   = resummed Vanilla;
    predictor Both     = Sum + Vanilla;
    resummed Item: test_loss in OneEpoch = all(edges <= 2);
}

// Uses of predictors with errors are no errors.
fn uses() {
    let _ = (Alone::DIAGRAMS, Typed::diagrams(), Large::DIAGRAMS, Twice::DIAGRAMS);
    let _ = (Sum::COEFFICIENTS, Nested::COEFFICIENTS);
}

fn main() {}
