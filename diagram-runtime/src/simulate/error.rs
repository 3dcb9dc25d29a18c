//! The errors of simulations.

use diagram_calculus::optimizer::{ProgramError, RuleError};

use crate::device::DeviceError;
use crate::lanes::InstructionSetError;

/// The reason why a simulation cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SimulationError {
    /// The landscape has no weights.
    #[error("the landscape has no weights")]
    NoWeights,
    /// A vector does not have P numbers.
    #[error("{what} has {found} numbers, but the landscape has {expected} weights")]
    Length {
        /// The vector: the initial weights or the probe.
        what: &'static str,
        /// The length of the vector.
        found: usize,
        /// The number P of weights.
        expected: usize,
    },
    /// A number of a vector is NaN or infinite.
    #[error("{what}[{index}] is not a finite number")]
    NotFinite {
        /// The vector: the initial weights or the probe.
        what: &'static str,
        /// The index of the number in the vector.
        index: usize,
    },
    /// The population is empty.
    #[error("the population is empty")]
    EmptyPopulation,
    /// The datapoints do not have as many numbers as the landscape reads.
    #[error("datapoints have {found} numbers, but the landscape wants {expected}")]
    Width {
        /// The number of numbers in a datapoint.
        found: usize,
        /// The number of numbers that the landscape reads.
        expected: usize,
    },
    /// A number of a datapoint is NaN or infinite.
    #[error("number {column} of datapoint {row} is not finite")]
    Datapoint {
        /// The index of the datapoint.
        row: usize,
        /// The index of the number in the datapoint.
        column: usize,
    },
    /// There are no learning rates.
    #[error("no learning rate is given")]
    NoLearningRate,
    /// A learning rate is zero, negative, NaN or infinite.
    #[error("the learning rate {eta} is not positive and finite")]
    LearningRate {
        /// The learning rate η.
        eta: f64,
    },
    /// Weights are to be kept at a learning rate that the simulation does not have.
    #[error("weights cannot be kept at learning rate {rate}: there are {rates}, counted from 0")]
    KeptRate {
        /// The index as given.
        rate: usize,
        /// The number of learning rates.
        rates: usize,
    },
    /// [`Optimizer::Gdc`](super::Optimizer::Gdc) was asked for with batches that are smaller than the training set.
    #[error("gdc descends on all {train} training points at once, not on batches of {batch}")]
    NotFullBatch {
        /// The number B of points in a batch.
        batch: usize,
        /// The number N of training points.
        train: usize,
    },
    /// [`Optimizer::Gdc`](super::Optimizer::Gdc) was asked for with an odd number of training points.
    #[error("gdc compares two halves of the training set, but {train} points have none")]
    NoHalves {
        /// The number N of training points.
        train: usize,
    },
    /// [`Optimizer::Sde`](super::Optimizer::Sde) was asked for without sub-steps.
    #[error("the number of sub-steps of an sde must not be 0")]
    NoSubsteps,
    /// [`Optimizer::Gdc`](super::Optimizer::Gdc) was asked for with points that are drawn with replacement.
    #[error("gdc descends on each training point once, not on points drawn with replacement")]
    DrawnPoints,
    /// The parts of an update rule do not go together, or do not fit the schedule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A program has points that are none, or asks for a batch that does not exist.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// A program is to be run, but the simulation has an optimizer of its own.
    #[error("a program takes the place of the optimizer, but the simulation is by {optimizer}")]
    ProgramAndOptimizer {
        /// The optimizer of the simulation.
        optimizer: String,
    },
    /// A mask of weight decay does not have P entries.
    #[error("weight decay has a mask of {found} entries, but the landscape has {expected} weights")]
    DecayMask {
        /// The length of the mask.
        found: usize,
        /// The number P of weights.
        expected: usize,
    },
    /// SAM or the Hessian-based update on a landscape whose learning rate is a matrix.
    #[error(
        "{what} with a learning rate that is a matrix is not defined: it is open whether the matrix takes part in it"
    )]
    RuleOnMatrix {
        /// The part of the rule.
        what: &'static str,
    },
    /// Control variates are given, but the optimizer or the way to choose batches is another one.
    #[error("control variates explain steps of sgd, not of {steps}")]
    NoControls {
        /// The steps of the simulation.
        steps: String,
    },
    /// Control variates are given that are those of another simulation.
    #[error(
        "the control variates are those of another schedule or of another number of datapoints"
    )]
    ForeignControls,
    /// A weight on the [noiseless path](super::noiseless_path) is infinite or NaN.
    #[error("gradient descent diverges: after step {step} weights are not finite")]
    Diverged {
        /// The number of the step after which this is found; the first step is 1.
        step: usize,
    },
    /// The number of trials is 0.
    #[error("at least one trial is needed")]
    NoTrials,
    /// A subset has fewer than two test points, or more than there are points in the population.
    #[error(
        "{requested} test points: a subset needs from 2 to all {population} points of the population"
    )]
    TestPoints {
        /// The number of points in the subset.
        requested: usize,
        /// The number n of points in the population.
        population: usize,
    },
    /// No kernel can be run, because its instruction set cannot be used.
    #[error(transparent)]
    InstructionSet(#[from] InstructionSetError),
    /// The device failed while the simulation ran.
    #[error(transparent)]
    Device(#[from] DeviceError),
}
