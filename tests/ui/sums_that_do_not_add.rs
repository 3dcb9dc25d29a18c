diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Other    = sgd(train: M, batch: 1, epochs: 1);
    spacetime Many     = sgd(train: N, batch: B, epochs: E);
    spacetime Steps    = gd(train: N, steps: T);
    predictor Loss:  test_loss in OneEpoch    = all(edges <= 2);
    predictor Drift: displacement in OneEpoch = all(edges <= 2);
    predictor Named: test_loss in Other       = all(edges <= 2);
    predictor Open:  test_loss in Many        = all(edges <= 2);
    predictor Gd:    test_loss in Steps       = all(edges <= 2);
    predictor Kinds   = Loss - Drift;
    predictor Trains  = Loss - Named;
    predictor Symbols = Open - Gd;
    predictor Itself  = Loss - Itself;
    predictor Left    = 2 * Right;
    predictor Right   = Loss + Left;
    predictor After   = Right - Loss;
}

fn main() {}
