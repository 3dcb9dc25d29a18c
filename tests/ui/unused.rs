#![deny(deprecated)]

diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Unused   = gd(train: N, steps: T);
    spacetime Steps    = gd(train: N, steps: T);
    diagram drawn = root(a);
    diagram unused = root(b(a));
    set forgotten = { drawn };
    predictor All: test_loss in OneEpoch = all(edges <= 2);
    predictor Slope: test_loss in Steps = { drawn };
}

fn main() {}
