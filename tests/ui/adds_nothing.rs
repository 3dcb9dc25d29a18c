diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram alone = root;
    predictor Nothing: generalization_gap in OneEpoch = { alone };
    predictor Empty:   test_loss in OneEpoch          = { };
    predictor Few:     displacement in OneEpoch       = all(edges <= 0);
    predictor All:     test_loss in OneEpoch          = all(edges <= 2);
    predictor Cancels  = All - All;
    predictor Thirds   = All - 1/3 * All - 2/3 * All;
}

fn main() {}
