use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram chain = root(b(a));

    predictor A: test_loss in OneEpoc = all(edges <= 1);
    predictor B: test_los in OneEpoch = all(edges <= 1);
    predictor C: test_loss in OneEpoch = { chian, skew };
    predictor D: test_loss in OneEpoch = some(edges <= 1);
    predicter E: test_loss in OneEpoch = all(edges <= 1);
}

// The types are there in spite of their errors: no further errors here.
fn uses() {
    let _ = (A::ORDER, B::NAME, C::TERMS, D::PARAMETERS);
}

fn main() {}
