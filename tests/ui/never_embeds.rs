diagrams::diagrams! {
    spacetime OneEpoch  = sgd(train: N, batch: 1, epochs: 1);
    spacetime TwoEpochs = sgd(train: N, batch: 1, epochs: 2);
    spacetime OneStep   = gd(train: N, steps: 1);
    spacetime TwoSteps  = sgd(train: 8, batch: 4, epochs: 1);
    spacetime Tiny      = grid ["#.", ".#"];

    diagram memory  = root(late(early)) where early ~ late;
    diagram compact = (01-12)(0-12);
    diagram outline = root(c(b(a))) where a ~~ c;
    diagram crossed = root(a(b), c(d)) where a ~ d, b ~ c;
    diagram chain   = root(c(b(a)));
    diagram thrice  = root(c(b(a))) where a ~ b ~ c;
    diagram star    = root(a, b, c);

    set remembered = { memory };

    predictor Memory:  test_loss in OneEpoch  = { memory };
    predictor Compact: test_loss in OneEpoch  = { compact };
    predictor Outline: test_loss in OneEpoch  = { outline };
    predictor Crossed: test_loss in OneEpoch  = { crossed };
    predictor Set:     test_loss in Tiny      = remembered;
    predictor Thrice:  test_loss in TwoEpochs = { thrice };
    predictor Chain:   test_loss in OneStep   = { chain, memory };
    predictor Batches: test_loss in TwoSteps  = { chain };
    predictor Rows:    test_loss in Tiny      = { star };
}

fn main() {}
