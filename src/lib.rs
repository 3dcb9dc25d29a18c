//! Predictors of the results of stochastic gradient descent by diagrams. They are declared in a macro, checked by the compiler and compiled.
//!
//! The expected test loss of SGD is a power series in the learning rate η whose terms are *diagrams*: rooted trees with a partition of
//! their nodes, embedded into the grid of (datapoint, update) cells that a training schedule visits (Tenka, *A Space-Time Approach to
//! Analyzing SGD*, Theorem 1). After T updates on N training points, in batches of B, for E epochs, it is
//!
//! $$\mathbb{E} \left( l(\theta_T) \right) = \sum_D c_D(N, B, E) \cdot v_D(\theta_0) \cdot \eta^{|D|},$$
//!
//! where D runs over diagrams and $|D|$ is the number of edges. The value $v_D$ is computed from derivatives of the loss landscape at the
//! initial weights. The coefficient $c_D$, an exact rational function, is the only factor that depends on the schedule.
//!
//! ```
//! use diagrams::prelude::*;
//! use diagrams::runtime::landscapes::GaussianFit;
//!
//! diagrams! {
//!     spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
//!     pub predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);
//! }
//!
//! // Training sets are drawn from these datapoints, and the test loss is the mean over them.
//! let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5])?;
//! // The values are computed once for each initialization.
//! let values = Vanilla::values(&PointDerivatives::new(&GaussianFit, &[0.0], &population)?, &Options::population())?;
//! // They hold for every schedule. This one has ten training points and an update for each.
//! let curve = Vanilla::series(&values, &Vanilla::parameters(10)?)?;
//! // The initial weights minimize the test loss, so that noise raises it.
//! assert!(curve.at(0.05).value > curve.at(0.0).value);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`diagrams!`] documents the language. [`calculus`] is the combinatorics, in exact arithmetic. [`runtime`] has landscapes, derivatives, values,
//! series and simulations.
#![forbid(unsafe_code)]
#![allow(clippy::doc_markdown, reason = "formulas have underscores")]

mod declared;

pub use declared::{Declaration, Declared, DeclaredOptimized, DeclaredResummed, network, parse};
pub use diagram_calculus as calculus;
#[cfg(feature = "cuda-unversioned")]
pub use diagram_cuda as cuda;
pub use diagram_language as language;
/// # An example of each kind of declaration
///
/// ```
/// use diagrams::prelude::*;
///
/// diagrams! {
///     spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
///     spacetime Shuffled = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);
///     spacetime Full     = gd(train: N, steps: N * M);
///     spacetime Tiny     = grid ["#..#", ".##."];
///     spacetime Heavy    = sgd(train: N, batch: B, epochs: E, momentum: 9/10, nesterov, schedule: cosine, average: tail(10));
///     spacetime Drawn    = sgd(train: N, batch: B, steps: T, sampling: with_replacement, sam: 1/2);
///
///     diagram chain    = root(b(a));
///     diagram skew     = root(a, b, c) where a ~ b ~ c;
///     diagram entropic = root(c(a, b)) where a ~~ b;
///     diagram pair     = first(a) * second(b) where a ~ b;
///     diagram twig     = (01-02)(0-1-2);
///
///     set Few   = all(edges <= 3) where ties <= 1 && !contains(chain);
///     set Mixed = (Few | { skew }) - { twig };
///
///     pub predictor Vanilla: test_loss in OneEpoch          = all(edges <= 3);
///     pub predictor Gap:     generalization_gap in Shuffled = all(edges == 2, limit: 100);
///     pub predictor Train:   train_loss in Tiny             = Few;
///     pub predictor Chosen:  test_loss in Full              = Mixed | { entropic };
///     pub predictor Square:  second_moment in OneEpoch      = { pair };
///     pub predictor Drift:   displacement in Full           = all(edges <= 2);
///     pub network Classifier = input(2) -> dense(8) -> tanh -> dense(1) -> binary_logistic + l2(1/1000);
///
///     pub predictor Sum = 2 * Vanilla - 1/3 * Chosen;
///
///     pub predictor Momentum: test_loss in Heavy            = all(edges <= 3);
///     pub predictor Ascent:  displacement in Drawn          = all(edges <= 2);
///
///     pub predictor Near:   test_loss in OneEpoch           = resummed all(edges <= 3) where !non_gaussian;
///     pub predictor Moved:  displacement in OneEpoch        = resummed { entropic };
///     pub predictor Overfit: generalization_gap in Shuffled = resummed all(edges <= 2);
/// }
///
/// assert_eq!(Sum::PARAMETERS, ["N", "M"]);
/// assert_eq!(Moved::DIAGRAMS, ["(01-12-13)(0-1-23)"]);
/// assert_eq!(Classifier::network().dimension(), 33);
/// # let _ = (Gap, Train, Square, Drift, Near, Overfit, Momentum, Ascent);
/// ```
pub use diagram_macros::diagrams;
pub use diagram_runtime as runtime;
pub use diagram_runtime::networks;

/// The items that most programs use, to be imported as `use diagrams::prelude::*`.
pub mod prelude {
    pub use crate::calculus::coefficient::Parameters;
    pub use crate::calculus::measure::Measure;
    #[cfg(feature = "cuda-unversioned")]
    pub use crate::cuda::{Device, OnDevice};
    pub use crate::diagrams;
    pub use crate::runtime::derivatives::PointDerivatives;
    pub use crate::runtime::graph::{Expression, Graph};
    pub use crate::runtime::landscape::{Landscape, initialization};
    pub use crate::runtime::landscapes::Named;
    pub use crate::runtime::learning_rate::LearningRate;
    pub use crate::runtime::optimized::OptimizerPredictor;
    pub use crate::runtime::predictor::{ParametersOf, Predictor};
    pub use crate::runtime::resummed::{Modes, ResummedPredictor};
    pub use crate::runtime::samples::Samples;
    pub use crate::runtime::scalar::Scalar;
    pub use crate::runtime::series::{Prediction, Series};
    pub use crate::runtime::simulate::{Schedule, Shuffle, Simulation, TestPoints};
    pub use crate::runtime::values::{Options, Reading, Values};
}

/// Makes documentation tests of the code in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Makes documentation tests of the code in the description of the language.
#[cfg(doctest)]
#[doc = include_str!("../docs/language.md")]
struct Language;

/// Makes documentation tests of the code in the page on own landscapes.
#[cfg(doctest)]
#[doc = include_str!("../docs/own_landscape.md")]
struct OwnLandscape;

/// Makes documentation tests of the code in the page on data.
#[cfg(doctest)]
#[doc = include_str!("../docs/data.md")]
struct Data;

/// Makes documentation tests of the code in the page on networks.
#[cfg(doctest)]
#[doc = include_str!("../docs/networks.md")]
struct Networks;
