diagrams::diagrams! {
    spacetime NoEquals sgd(train: N, batch: 1, epochs: 1);
    spacetime NoSemicolon = sgd(train: N, batch: 1, epochs: 1)
    pub spacetime Public = gd(train: N, steps: T);
    /// A comment.
    diagram documented = root(a);
    diagram 3 = root(a);
    diagram no_comma = root(a b);
    predictor NoMeasure in NoSemicolon = all(edges <= 1);
    predictor NoSpacetime: test_loss = all(edges <= 1);
    predictor Later: displacement in NoSemicolon = resummed { documented };
    = 3;
    predictor Last: test_loss in NoSemicolon = all(edges <= 1)
}

fn main() {}
