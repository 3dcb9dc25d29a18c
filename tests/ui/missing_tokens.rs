diagrams::diagrams! {
    spacetime NoEquals sgd(train: N, batch: 1, epochs: 1);
    spacetime NoSemicolon = sgd(train: N, batch: 1, epochs: 1)
    predictor Before: test_loss in NoSemicolon = all(edges <= 1)
    /// A comment of the next item.
    pub predictor After: test_loss in NoSemicolon = all(edges <= 1);
    diagram 3 = root(a);
    diagram type = root(a);
    diagram no_comma = root(a b);
    diagram no_tie = root(a, b) where a;
    predictor NoMeasure in NoSemicolon = all(edges <= 1);
    predictor NoSpacetime: test_loss = all(edges <= 1);
    predictor NoSet: test_loss in NoSemicolon;
    predictor NoBound: test_loss in NoSemicolon = all;
    predictor NoNumber: test_loss in NoSemicolon = all(edges <=);
    predictor NoComma: test_loss in NoSemicolon = { a b };
    predictor NoCondition: test_loss in NoSemicolon = all(edges <= 1) where;
    predictor Later: displacement in NoSemicolon = resummed { no_comma };
    = 3;
    predictor Last: test_loss in NoSemicolon = all(edges <= 1)
}

fn main() {}
