use diagrams::prelude::*;

diagrams! {
    spacetme   OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime  Steps = dg(train: N, steps: T);
    spacetime  Tiny = grids ["#"];
    digram     skew = root(a, b) wher a ~ b;
    diagram    tied = root(a, b) were a ~ b;
    sett       chosen = { skew };
    predicter  A: test_loss in OneEpoch = chosen;
    predictor  B: test_los in OneEpoch = all(edges <= 2);
    predictor  C: test_loss inn OneEpoch = all(edges <= 2);
    predictor  D: test_loss in OneEpoch = al(edges <= 2);
    predictor  E: test_loss in OneEpoch = all(edgs <= 2);
    predictor  F: test_loss in OneEpoch = all(edge <= 2);
    predictor  G: test_loss in OneEpoch = all(edges <= 2, limt: 100);
    predictor  H: test_loss in OneEpoch = all(edges <= 2) wher trees;
    predictor  I: test_loss in OneEpoch = all(edges <= 2) where tree;
    predictor  J: test_loss in OneEpoch = all(edges <= 2) where tie >= 1;
    predictor  K: test_loss in OneEpoch = all(edges <= 2) where contain(skew);
    predictor  L: test_loss in OneEpoch = all(edges <= 2) where edges;
    prediction M: test_loss in OneEpoch = all(edges <= 2);
    theorem    N: test_loss in OneEpoch = all(edges <= 2);
    Forgotten = sgd(train: N, batch: 1, epochs: 1);
    predictor  O: test_loss in Forgotten = all(edges <= 2);
}

// The types are there in spite of their errors: no further errors here.
fn uses() {
    let _ = (A::ORDER, B::ORDER, C::ORDER, D::ORDER, E::ORDER, F::ORDER, G::ORDER, H::ORDER);
    let _ = (I::ORDER, J::ORDER, K::ORDER, L::ORDER, M::ORDER, O::ORDER);
}

fn main() {}
