diagrams::diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    diagram rooted   = root(a) where root ~ a;
    diagram outlined = root(a, b) where b ~~ root;
    diagram compact  = (01)(01);
    diagram pair     = first(a) * second(b) where first ~ b;
    predictor Test:   test_loss in OneEpoch          = { rooted };
    predictor Gap:    generalization_gap in OneEpoch = { rooted, outlined };
    predictor Train:  train_loss in OneEpoch         = { compact };
    predictor Drift:  displacement in OneEpoch       = { rooted };
    predictor Second: second_moment in OneEpoch      = { pair };
}

fn main() {}
