use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram chain = root(b(a));
    set chains = { chain };

    predictor A: test_loss in OneEpoc = all(edges <= 1);
    predictor B: test_lose in OneEpoch = all(edges <= 1);
    predictor C: test_loss in OneEpoch = { chian, skew };
    predictor D: test_loss in OneEpoch = chain;
    predictor E: test_loss in OneEpoch = chans;
    predictor F: test_loss in OneEpoch = all(edges <= 2) where contains(skew) || !contains(chians);
    predictor G = A - 2 * H;
}

// The types are there in spite of their errors: no further errors here.
fn uses() {
    let _ = (A::ORDER, B::NAME, C::TERMS, D::PARAMETERS, E::ORDER, F::ORDER, G::ORDER);
    let _ = D::parameters(10);
}

fn main() {}
