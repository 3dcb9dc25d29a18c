#![deny(dead_code, unused_must_use)]

diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Unused   = gd(train: N, steps: T);
    spacetime Steps    = gd(train: N, steps: T);
    diagram drawn = root(a);
    diagram unused = root(b(a));
    diagram r#type = root(c(b(a)));
    diagram _kept = root(b(a));
    set forgotten = { drawn };
    pub predictor All: test_loss in OneEpoch = all(edges <= 2);
    pub predictor Slope: test_loss in Steps = { drawn };
}

fn main() {}
