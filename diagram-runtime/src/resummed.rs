//! Re-summed predictions: near a minimum, for any number of updates (Theorem 2 of Tenka, *A Space-Time Approach to Analyzing SGD*).
//!
//! What SGD's expectation exceeds the noiseless path by is a sum over [re-summed diagrams](diagram_calculus::resummed), whose edges carry the
//! propagator `K(Δt) = (I - ηH)^(Δt-1) η`. [`ResummedValues`] reads the tensors that their nodes stand for off a landscape once, in the eigenbasis of
//! ηH. A [`ResummedCurve`] then sums over all embeddings into a course of updates, exactly, for any learning rate: in time that grows with the
//! logarithm of T. A [`ContinuumCurve`] has integrals and exponentials in place of the sums: what gradient flow and stochastic differential
//! equations know.
//!
//! Derivatives are taken once, at the initial weights; where those are no minimum of the test loss, gradients are summed in powers like everything
//! else but the Hessian. A Hessian that is not positive is no error: propagators then grow with time. [`ResummedValues::curvatures`] says.
//!
//! ```
//! use diagram_calculus::coefficient::Parameters;
//! use diagram_calculus::measure::Measure;
//! use diagram_calculus::resummed::{Course, resummed_for};
//! use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
//! use diagram_runtime::derivatives::PointDerivatives;
//! use diagram_runtime::landscapes::Polynomial;
//! use diagram_runtime::resummed::{Modes, ResummedValues};
//! use diagram_runtime::samples::Samples;
//!
//! // l_x(w) = w²/2 + x w, where x is -1 or 1: at w = 0 the gradient's variance is 1.
//! let landscape = Polynomial::new(1, vec![vec![2], vec![1]])?;
//! let population = Samples::new(2, vec![0.5, -1.0, 0.5, 1.0])?;
//! let local = PointDerivatives::new(&landscape, &[0.0], &population)?;
//! let values = ResummedValues::new(&resummed_for(Measure::TestLoss, 2), &local, Modes::All)?;
//!
//! // A million steps of SGD, every one on a datapoint of its own.
//! let number = Parameter::Literal;
//! let sgd = Spacetime::sgd(number(1_000_000), number(1), number(1), Shuffle::Never);
//! let course = Course::new(&sgd, &Parameters::new(1_000_000, 1, 1)?)?;
//! let predicted = values.curve(&course).at(0.1)?;
//! // Of the recursion w' = 0.9 w - 0.1 x: half of its stationary variance.
//! assert!((predicted.excess() - 0.5 * 0.01 / (1.0 - 0.81)).abs() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod basis;
mod continuum;
mod curve;
mod krylov;
mod moments;
mod predictor;
mod tensor;
mod values;

pub use basis::Modes;
pub use continuum::ContinuumCurve;
pub use curve::{NotFinite, ResummedCurve, ResummedPrediction};
pub use predictor::{ResummedPredictor, StaticSpacetime, course, diagrams};
pub use values::{ResummedValueError, ResummedValues};
