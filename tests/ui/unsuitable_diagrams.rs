use diagrams::prelude::*;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Tiny     = grid ["#.", ".#"];

    diagram rooted = root(a) where root ~ a;
    diagram chain  = root(b(a)) where a ~ b;
    diagram same   = r(x(y)) where x ~ y;
    diagram star   = root(a, b, c);
    diagram pair   = first(a) * second(b);
    diagram alone  = root;

    predictor Rooted:   generalization_gap in OneEpoch = { rooted };
    predictor Never:    test_loss in OneEpoch          = { chain };
    predictor Rows:     test_loss in Tiny              = { star };
    predictor Twice:    test_loss in OneEpoch          = { star, star };
    predictor Drawn:    test_loss in OneEpoch          = { chain, same };
    predictor Degree:   displacement in OneEpoch       = { star };
    predictor Roots:    test_loss in OneEpoch          = { pair };
    predictor OneRoot:  second_moment in OneEpoch      = { star };
    predictor Nothing:  generalization_gap in OneEpoch = { alone };
    predictor Empty:    test_loss in OneEpoch          = { };
}

fn main() {}
