//! Predictors may have names that the expansion could trip over.

diagrams::diagrams! {
    spacetime Machine = sgd(train: N, batch: 1, epochs: 1);
    diagram step = root(a);
    pub predictor Machine: test_loss in Machine = { step };
    pub predictor Option: test_loss in Machine = { step };
    pub predictor Result: test_loss in Machine = { step };
    pub predictor Element: displacement in Machine = { step };
    pub predictor Predictor: test_loss in Machine = all(edges <= 1);
}

#[test]
fn names_are_free() {
    let _ = (Machine, Option, Result, Element, Predictor);
}
