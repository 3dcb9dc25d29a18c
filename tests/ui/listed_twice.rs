diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram star    = root(a, b, c) where a ~ b;
    diagram again   = r(x, y, z) where y ~ z;
    diagram compact = (01-02-03)(0-1-23);
    diagram outline = root(a, b) where a ~~ b;
    diagram mirror  = root(a, b) where b ~~ a;
    predictor Twice: test_loss in OneEpoch = { star, star };
    predictor Drawn: test_loss in OneEpoch = { star, again, compact };
    predictor Lines: test_loss in OneEpoch = { outline, mirror };
    predictor Parts: test_loss in OneEpoch = all(edges <= 2) | { outline };
}

fn main() {}
