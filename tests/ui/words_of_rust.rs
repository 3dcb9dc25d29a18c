use diagrams::prelude::*;

diagrams! {
    spacetime type = gd(train: N, steps: T);
    spacetime OneEpoch = sgd(train: fn, batch: 1, epochs: 1);
    diagram chain = root(match(a));
    diagram fork = root(a, b) where a ~ move;
    set few = { chain, loop };
    predictor super: test_loss in OneEpoch = all(edges <= 1);
    predictor Some: test_loss in impl = all(edges <= 1);
    predictor Few: test_loss in OneEpoch = all(edges <= 1) where contains(dyn);
    predictor Sum = 2 * enum;
    predictor Sets: test_loss in OneEpoch = few | mod;
}

fn main() {}
