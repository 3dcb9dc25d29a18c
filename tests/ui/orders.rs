diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    predictor Large:   test_loss in OneEpoch    = all(edges <= 8);
    predictor Larger:  test_loss in OneEpoch    = all(edges == 40, limit: 1_000_000_000);
    predictor Limited: test_loss in OneEpoch    = all(edges <= 3, limit: 10);
    predictor Few:     displacement in OneEpoch = all(edges <= 0);
    predictor Suffix:  test_loss in OneEpoch    = all(edges <= 3u8);
    predictor Less:    test_loss in OneEpoch    = all(edges < 3);
    predictor Nodes:   test_loss in OneEpoch    = all(nodes <= 3);
}

fn main() {}
