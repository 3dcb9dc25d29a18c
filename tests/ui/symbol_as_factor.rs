diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    predictor All: test_loss in OneEpoch = all(edges <= 2);
    predictor Symbol   = N * All;
    predictor Last     = All * N;
    predictor Number   = All * 2;
    predictor Quotient = All / 2;
    predictor Decimal  = 0.5 * All;
    predictor Alone    = 2;
    predictor Zero     = 0 * All + 1/0 * All;
    predictor Suffix   = 2u8 * All;
}

fn main() {}
