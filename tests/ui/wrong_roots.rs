diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram star  = root(a, b, c);
    diagram alone = root;
    diagram pair  = first(a) * second(b);
    diagram three = x(a) * y(b) * z(c);
    predictor Degree: displacement in OneEpoch  = { star, alone };
    predictor Two:    test_loss in OneEpoch     = { pair };
    predictor One:    second_moment in OneEpoch = { star, three };
}

fn main() {}
