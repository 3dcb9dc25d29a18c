//! The predictors of order 3, compiled; other orders are expanded and interpreted.

use diagrams::calculus::measure::Measure;
use diagrams::calculus::plan::Blueprint;
use diagrams::prelude::*;
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::interpret::Interpreted;
use diagrams::runtime::machine::{Machine, MachineError};
use diagrams::runtime::program::Program;
use diagrams::runtime::scalar::Element;

use super::expansion::Coefficients;

/// Order of the compiled predictors.
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

/// Evaluates an expression with `$predictor` as the predictor of a measure and a shuffle.
macro_rules! with_predictor {
    ($measure:expr, $shuffle:expr, $predictor:ident => $body:expr) => {
        with_predictor!(@arms ($measure, $shuffle), $predictor => $body;
            TestLoss, Never, TestLoss; TrainLoss, Never, TrainLoss; GeneralizationGap, Never, Gap;
            Displacement, Never, Displacement; SecondMoment, Never, SecondMoment;
            TestLoss, EachEpoch, TestLossShuffled; TrainLoss, EachEpoch, TrainLossShuffled;
            GeneralizationGap, EachEpoch, GapShuffled; Displacement, EachEpoch, DisplacementShuffled;
            SecondMoment, EachEpoch, SecondMomentShuffled)
    };
    (@arms $which:expr, $predictor:ident => $body:expr; $($measure:ident, $shuffle:ident, $type:ident);*) => {
        match $which {
            $((Measure::$measure, Shuffle::$shuffle) => {
                // A constant, so that references to it live as long as the program.
                let $predictor: &'static $type = &$type;
                $body
            })*
        }
    };
}

/// The coefficients of the compiled predictor, in N, B and E.
pub(crate) fn coefficients(measure: Measure, shuffle: Shuffle) -> Coefficients {
    fn of<P: Predictor>(_: &P) -> Coefficients {
        P::coefficients().to_vec()
    }
    with_predictor!(measure, shuffle, predictor => of(predictor))
}

/// What computes the values.
pub(crate) enum ValueProgram {
    /// Code made from a declaration.
    Compiled(Measure, Shuffle),
    /// A plan made at run time.
    Interpreted(Interpreted),
}

impl Program for ValueProgram {
    fn blueprint(&self) -> &Blueprint {
        match self {
            ValueProgram::Compiled(measure, shuffle) => {
                with_predictor!(measure, shuffle, predictor => predictor.blueprint())
            }
            ValueProgram::Interpreted(interpreted) => interpreted.blueprint(),
        }
    }

    fn execute<T: Element, D: Derivatives<T> + ?Sized>(
        &self,
        machine: &mut Machine<'_, T, D>,
    ) -> Result<(), MachineError> {
        match self {
            ValueProgram::Compiled(measure, shuffle) => {
                with_predictor!(measure, shuffle, predictor => predictor.execute(machine))
            }
            ValueProgram::Interpreted(interpreted) => interpreted.execute(machine),
        }
    }
}
