diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram nodes    = r(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, s, t, u, v);
    diagram outlines = r(a, b, c, d, e, f, g, h, i, j) where a ~~ b ~~ c ~~ d ~~ e ~~ f ~~ g ~~ h ~~ i ~~ j;
    diagram nine     = r(a, b, c, d, e, f, g, h, i);
    diagram eight    = r(a, b, c, d, e, f, g);
    predictor Listed:   test_loss in OneEpoch = { nine };
    predictor Contains: test_loss in OneEpoch = all(edges <= 2) where contains(eight);
    predictor Nested:   test_loss in OneEpoch = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((all(edges <= 1)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))));
}

fn uses() {
    let _ = (Listed, Contains, Nested);
}

fn main() {}
