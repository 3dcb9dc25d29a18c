//! Re-summed predictions, which hold near a minimum for any number of updates (Theorem 2 of Tenka, *A Space-Time Approach to Analyzing Stochastic
//! Gradient Descent*).
//!
//! The expectation of SGD exceeds the noiseless path by a sum over [re-summed diagrams](diagram_calculus::resummed), whose edges stand for the
//! propagator `K(Δt) = (I - ηH)^(Δt-1) η`. [`ResummedValues`] computes the tensors of the nodes of the diagrams from a landscape once, in the
//! eigenbasis of ηH. A [`ResummedCurve`] then sums exactly over all embeddings into a course of updates, for any learning rate; the time grows with
//! the logarithm of T. A [`ContinuumCurve`] has integrals and exponentials in place of the sums and powers, as gradient flow and stochastic
//! differential equations do.
//!
//! All derivatives are taken at the initial weights. If these are not a minimum of the test loss, the gradient enters as a power series like all
//! other derivatives but the Hessian. It is not an error if the Hessian is not positive; propagators then grow with time.
//! [`ResummedValues::curvatures`] returns its eigenvalues.
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
//! // The loss is l_x(w) = w²/2 + x w, where x is -1 or 1. At w = 0 the variance of the gradient is 1.
//! let landscape = Polynomial::new(1, vec![vec![2], vec![1]])?;
//! let population = Samples::new(2, vec![0.5, -1.0, 0.5, 1.0])?;
//! let local = PointDerivatives::new(&landscape, &[0.0], &population)?;
//! let values = ResummedValues::new(&resummed_for(Measure::TestLoss, 2), &local, Modes::All)?;
//!
//! // The course is a million steps of SGD, each on a datapoint of its own.
//! let number = Parameter::Literal;
//! let sgd = Spacetime::sgd(number(1_000_000), number(1), number(1), Shuffle::Never);
//! let course = Course::new(&sgd, &Parameters::new(1_000_000, 1, 1)?)?;
//! let predicted = values.curve(&course).at(0.1)?;
//! // The excess is half of the stationary variance of the recursion w' = 0.9 w - 0.1 x.
//! assert!((predicted.excess() - 0.5 * 0.01 / (1.0 - 0.81)).abs() < 1e-12);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod basis;
mod continuum;
mod curve;
mod error;
mod krylov;
mod modes;
mod moments;
mod predictor;
mod tensor;
mod values;

pub use continuum::ContinuumCurve;
pub use curve::{NotFinite, ResummedCurve, ResummedPrediction};
pub use error::ResummedValueError;
pub use modes::Modes;
pub use predictor::{ResummedPredictor, StaticSpacetime, course, diagrams};
pub use values::ResummedValues;
