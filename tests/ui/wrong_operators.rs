diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram minus = root(a, b) where a - b;
    diagram and = root(a, b, c) where a ~ b && b ~ c;
    diagram bracket = root[a, b];
    predictor A: test_loss in OneEpoch = all(edges =< 3);
    predictor B: test_loss in OneEpoch = all(edges => 3);
    predictor C: test_loss in OneEpoch = all(edges >= 3);
    predictor D: test_loss in OneEpoch = all(edges < 3);
    predictor E: test_loss in OneEpoch = all(edges = 3);
    predictor F: test_loss in OneEpoch = all(edges <= 3) where ties => 1;
    predictor G: test_loss in OneEpoch = all(edges <= 3) where ties =< 1;
    predictor H: test_loss in OneEpoch = all(edges <= 3) where ties > 1;
    predictor I: test_loss in OneEpoch = all(edges <= 3) where ties != 1;
    predictor J: test_loss in OneEpoch = all(edges <= 3) where trees & irreducible;
    predictor K: test_loss in OneEpoch = all(edges <= 3) where trees or irreducible;
    predictor L: test_loss in OneEpoch = all(edges <= 3) where trees, irreducible;
    predictor M: test_loss in OneEpoch = all(edges <= 3) where trees where irreducible;
    predictor O: test_loss in OneEpoch = all(edges == 3) || { minus };
    predictor P: test_loss in OneEpoch = all(edges == 3) + { minus };
    predictor Q: test_loss in OneEpoch = all(edges == 3) | { minus } - { and };
}

fn main() {}
