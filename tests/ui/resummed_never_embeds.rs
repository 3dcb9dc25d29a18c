diagrams::diagrams! {
    spacetime OneEpoch  = sgd(train: N, batch: 1, epochs: 1);
    spacetime TwoEpochs = sgd(train: N, batch: 1, epochs: 2);
    spacetime OneStep   = gd(train: N, steps: 1);
    spacetime OnePoint  = gd(train: 1, steps: T);
    spacetime Tiny      = grid ["#.", ".#"];

    diagram memory  = root(late(early)) where early ~ late;
    diagram crossed = root(a(b), c(d)) where a ~ d, b ~ c;
    diagram force   = root(c(a, b)) where a ~~ b;
    diagram thrice  = root(c(b(a))) where a ~ b ~ c;
    diagram pairs   = root(a, b, c, d) where a ~ b, c ~ d;
    diagram means   = root(a, b, c);

    predictor Memory:  test_loss in OneEpoch  = resummed { memory };
    predictor Crossed: test_loss in OneEpoch  = resummed { crossed };
    predictor Thrice:  test_loss in TwoEpochs = resummed { thrice };
    predictor Step:    test_loss in OneStep   = resummed { force, memory };
    predictor Rows:    test_loss in OnePoint  = resummed { means, pairs };
    predictor Grid:    test_loss in Tiny      = resummed { means, memory };
    predictor Nothing: test_loss in OneEpoch  = resummed all(edges == 2) where !trees && !leaf_ties;
}

fn main() {}
