diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram chain = root(b(a));
    diagram star  = root(a, b);
    set itself = itself | { chain };
    set left   = { chain } | right;
    set right  = left & { star };
    predictor Disjoint:  test_loss in OneEpoch = { chain } & { star };
    predictor Untouched: test_loss in OneEpoch = { chain } - { star };
    predictor Removed:   test_loss in OneEpoch = all(edges == 1) - all(edges <= 2);
    predictor Filtered:  test_loss in OneEpoch = all(edges <= 2) where edges >= 3;
    predictor Outlines:  test_loss in OneEpoch = all(edges <= 2) where trees && ties >= 1;
}

fn main() {}
