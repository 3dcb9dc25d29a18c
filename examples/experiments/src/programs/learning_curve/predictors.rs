//! The compiled predictors, which have order 3. Other orders are expanded and interpreted.

use diagrams::calculus::measure::Measure;
use diagrams::prelude::*;
use diagrams::runtime::predictor::DynPredictor;

/// The order of the compiled predictors.
pub(crate) const ORDER: usize = 3;

diagrams! {
    spacetime Fixed    = sgd(train: N, batch: B, epochs: E);
    spacetime Shuffled = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);

    predictor TestLoss:             test_loss in Fixed             = all(edges <= 3);
    predictor TrainLoss:            train_loss in Fixed            = all(edges <= 3);
    predictor Gap:                  generalization_gap in Fixed    = all(edges <= 3);
    predictor Displacement:         displacement in Fixed          = all(edges <= 3);
    predictor SecondMoment:         second_moment in Fixed         = all(edges <= 3);
    predictor TestLossShuffled:     test_loss in Shuffled          = all(edges <= 3);
    predictor TrainLossShuffled:    train_loss in Shuffled         = all(edges <= 3);
    predictor GapShuffled:          generalization_gap in Shuffled = all(edges <= 3);
    predictor DisplacementShuffled: displacement in Shuffled       = all(edges <= 3);
    predictor SecondMomentShuffled: second_moment in Shuffled      = all(edges <= 3);
}

/// The predictors of training without shuffling, one for each measure.
const FIXED: [&dyn DynPredictor; 5] = [&TestLoss, &TrainLoss, &Gap, &Displacement, &SecondMoment];

/// The predictors of training with a shuffle before each epoch, one for each measure.
const SHUFFLED: [&dyn DynPredictor; 5] = [
    &TestLossShuffled,
    &TrainLossShuffled,
    &GapShuffled,
    &DisplacementShuffled,
    &SecondMomentShuffled,
];

/// The compiled predictor of a measure.
pub(crate) fn predictor(measure: Measure, shuffle: Shuffle) -> &'static dyn DynPredictor {
    let all = match shuffle {
        Shuffle::Never => FIXED,
        Shuffle::EachEpoch => SHUFFLED,
    };
    all.into_iter()
        .find(|predictor| predictor.measure() == Some(measure))
        .expect("there is one for each measure")
}
