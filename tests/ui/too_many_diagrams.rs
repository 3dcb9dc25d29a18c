diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    predictor Large:   test_loss in OneEpoch     = all(edges <= 8);
    predictor Exactly: test_loss in OneEpoch     = all(edges == 7);
    predictor Pairs:   second_moment in OneEpoch = all(edges <= 6);
    predictor Limited: test_loss in OneEpoch     = all(edges <= 3, limit: 10);
    predictor Huge:    test_loss in OneEpoch     = all(edges <= 12);
    predictor Larger:  test_loss in OneEpoch     = all(edges == 40, limit: 1_000_000);
    predictor Limit:   test_loss in OneEpoch     = all(edges <= 9, limit: 99999999999);
    predictor Suffix:  test_loss in OneEpoch     = all(edges <= 3u8);
    predictor Number:  test_loss in OneEpoch     = all(edges <= 99999999999999999999999999);
}

fn main() {}
