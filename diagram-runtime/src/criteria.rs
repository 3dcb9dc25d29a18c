//! How much a trained weight overfits, and where noise pushes it, near a minimum: the paper's corollaries as functions of a landscape, and
//! gradients of the criteria, which may be descended to choose hyperparameters.
//!
//! All that is needed of a landscape near a weight θ0 are the mean Hessian H and the covariance C of gradients (Tenka, *A Space-Time Approach to
//! Analyzing SGD*, section 4). A [`Curvature`] holds them in the eigenbasis of H. The statements are of leading order, at a minimum of the test
//! loss (G = 0); they are evaluated wherever they are asked for. With a learning rate that is a matrix
//! ([`LearningRate::on`](crate::learning_rate::LearningRate::on)) H, C and all derivatives are in the coordinates φ of θ = L φ, in which the
//! learning rate is the number η.
//!
//! ```
//! use diagram_runtime::criteria::{CovarianceOf, Curvature};
//! use diagram_runtime::data::normal_quantiles;
//! use diagram_runtime::derivatives::PointDerivatives;
//! use diagram_runtime::landscapes::{L2, L2Coefficient, MeanEstimation};
//!
//! // Which l2 coefficient λ makes the loss on new data least, after training on 10 points?
//! let means = MeanEstimation { hessian: 0.5, noise: 1.0, optimum: 1.0 };
//! let regularized = L2 { landscape: means, coefficient: L2Coefficient::LastWeight };
//! let population = normal_quantiles::<f64>(100);
//! let (train, eta_t) = (10, 50.0);
//! let mut lambda = 1.0;
//! for _ in 0..200 {
//!     // Where training ends, but for noise.
//!     let trained = [0.5 / (0.5 + lambda), lambda];
//!     let local = PointDerivatives::new(&regularized, &trained, &population)?;
//!     let curvature = Curvature::new(&local, CovarianceOf::Population)?.with_hyperparameters(&[1])?;
//!     let gap = curvature.stic_gradient(train, eta_t)?;
//!     // What is lost is measured without the regularization, whose slope along the weight is λ w.
//!     let loss = [curvature.gradient()[0] - lambda * trained[0], 0.0];
//!     let both = [loss[0] + gap[0], loss[1] + gap[1]];
//!     lambda -= 2.0 * curvature.trained_derivative(&both, eta_t)?[0];
//! }
//! // s² h / N / (h² o² - s² / N)
//! assert!((lambda - 1.0 / 3.0).abs() < 1e-6);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod forces;
mod gaps;
mod gradients;
mod passes;
mod spectral;

use std::fmt;

use faer::linalg::matmul::matmul;
use faer::{Accum, ColRef, Mat, Par};

use crate::averages::{mean_hessian, mean_loss};
use crate::derivatives::Derivatives;
use crate::device::DeviceError;
use crate::eigen::{EigenError, eigen};
use passes::Rows;

/// What the covariance of gradients is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CovarianceOf {
    /// The data are the distribution: sums over the n samples are divided by n.
    Population,
    /// The data are independent draws from an unknown distribution: covariances are divided by n - 1, third cumulants by (n - 1)(n - 2)/n, so that
    /// they are unbiased. Criteria, which are not linear in the Hessian, keep a bias of order 1/n.
    Sample,
}

/// Why there is no criterion.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CriteriaError {
    /// No data, or too few for an unbiased estimate.
    #[error("{samples} datapoints are too few: at least {needed} are needed")]
    TooFewSamples {
        /// n.
        samples: usize,
        /// What would do.
        needed: usize,
    },
    /// A hyperparameter that is no weight, or is given twice.
    #[error(
        "weight {index} cannot be a hyperparameter: the {dimension} weights count from 0, and each may be given once"
    )]
    Hyperparameter {
        /// As given.
        index: usize,
        /// P.
        dimension: usize,
    },
    /// All weights are hyperparameters.
    #[error("all weights are hyperparameters: nothing is trained")]
    NothingTrained,
    /// A derivative, or what is computed from it, is infinite or NaN.
    #[error("{what} is not finite; are the weights, the data or the time too large?")]
    NotFinite {
        /// What.
        what: &'static str,
    },
    /// The decomposition of a symmetric matrix did not converge.
    #[error("the eigenvalues of {what} were not found")]
    NoEigenvalues {
        /// Of what.
        what: &'static str,
    },
    /// A sum of eigenvalues of the Hessian that the formula divides by is 0, to rounding.
    #[error(
        "the Hessian is singular: it has {eigenvalue:e} where the formula divides; STIC is finite there"
    )]
    Singular {
        /// The eigenvalue, or sum of two or three.
        eigenvalue: f64,
    },
    /// A time, learning rate or number of epochs that is none.
    #[error("{what} must be finite and not negative, but is {value}")]
    Time {
        /// What.
        what: &'static str,
        /// As given.
        value: f64,
    },
    /// N = 0.
    #[error("the number of training points must not be 0")]
    NoTrainingPoints,
    /// The derivatives cannot be computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A gradient of another length.
    #[error("a gradient has {expected} numbers, one for each weight, but {found} are given")]
    Length {
        /// P.
        expected: usize,
        /// As given.
        found: usize,
    },
}

/// The mean Hessian and the gradients' covariance at a weight, in the eigenbasis of the Hessian.
///
/// Lengths: P weights, of which m are trained and the others are [hyperparameters](Self::with_hyperparameters). Nothing here scales with η; functions
/// take η, or ηT, as an argument. Dense: m products of the Hessian with a vector, and about m³ operations; for P up to some hundreds.
pub struct Curvature<'d> {
    derivatives: &'d dyn Derivatives<f64>,
    covariance_of: CovarianceOf,
    /// The mean loss.
    loss: f64,
    /// θ0's mean gradient: P numbers.
    gradient: Vec<f64>,
    /// What each sample's gradient exceeds the mean by: n x P.
    noise: Rows,
    /// Products of the mean Hessian with all basis vectors: P x P.
    hessian: Vec<Vec<f64>>,
    /// Indices of the weights that are trained, ascending: m.
    trained: Vec<usize>,
    hyperparameters: Vec<usize>,
    /// Eigenvalues of the Hessian of the trained weights, ascending: m.
    eigenvalues: Vec<f64>,
    /// Its eigenvectors as columns: m x m.
    eigenvectors: Mat<f64>,
    /// The covariance along them: m x m.
    covariance: Mat<f64>,
}

impl fmt::Debug for Curvature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Curvature")
            .field("trained", &self.trained)
            .field("hyperparameters", &self.hyperparameters)
            .field("eigenvalues", &self.eigenvalues)
            .finish_non_exhaustive()
    }
}

impl<'d> Curvature<'d> {
    /// Of all samples of `derivatives`, all weights trained.
    ///
    /// # Errors
    /// [`CriteriaError::TooFewSamples`], [`CriteriaError::NotFinite`], [`CriteriaError::NoEigenvalues`], [`CriteriaError::Device`].
    pub fn new(
        derivatives: &'d dyn Derivatives<f64>,
        covariance_of: CovarianceOf,
    ) -> Result<Self, CriteriaError> {
        let (samples, dimension) = (derivatives.samples(), derivatives.dimension());
        check_samples(samples, covariance_of, 1)?;
        let mut noise = Rows::gradients(derivatives)?;
        let gradient = noise.center();
        let hessian = mean_hessian(derivatives)?;
        let mut curvature = Curvature {
            derivatives,
            covariance_of,
            loss: mean_loss(derivatives)?,
            gradient,
            noise,
            hessian,
            trained: (0..dimension).collect(),
            hyperparameters: vec![],
            eigenvalues: vec![],
            eigenvectors: Mat::new(),
            covariance: Mat::new(),
        };
        curvature.decompose()?;
        Ok(curvature)
    }

    /// The same with the weights of these indices as hyperparameters: weights with a learning rate of 0. Hessian and covariance are those of the other
    /// weights, and gradients say how criteria depend on all.
    ///
    /// With a learning rate that is a matrix, a hyperparameter is a coordinate of φ. Give it a row and column of the factor of its own, with any positive
    /// number on the diagonal: with 1 it is a weight.
    ///
    /// # Errors
    /// [`CriteriaError::Hyperparameter`], [`CriteriaError::NothingTrained`], [`CriteriaError::NoEigenvalues`].
    pub fn with_hyperparameters(mut self, indices: &[usize]) -> Result<Self, CriteriaError> {
        let dimension = self.gradient.len();
        let mut trained = vec![true; dimension];
        for &index in indices {
            match trained.get_mut(index) {
                Some(trained) if *trained => *trained = false,
                _ => return Err(CriteriaError::Hyperparameter { index, dimension }),
            }
        }
        self.trained = (0..dimension).filter(|&at| trained[at]).collect();
        self.hyperparameters = indices.to_vec();
        if self.trained.is_empty() {
            return Err(CriteriaError::NothingTrained);
        }
        self.decompose()?;
        Ok(self)
    }

    fn decompose(&mut self) -> Result<(), CriteriaError> {
        let (trained, samples) = (&self.trained, self.noise.count());
        let m = trained.len();
        let entry = |i: usize, j: usize| self.hessian[trained[i]][trained[j]];
        (self.eigenvalues, self.eigenvectors) = eigenbasis(m, entry, "the Hessian")?;
        let noise = Mat::from_fn(samples, m, |sample, i| self.noise.row(sample)[trained[i]]);
        let mut along = Mat::zeros(samples, m);
        let replace = Accum::Replace;
        let vectors = &self.eigenvectors;
        matmul(&mut along, replace, &noise, vectors, 1.0, Par::Seq);
        self.covariance = Mat::zeros(m, m);
        let divisor = match self.covariance_of {
            CovarianceOf::Population => samples as f64,
            CovarianceOf::Sample => samples as f64 - 1.0,
        };
        matmul(
            &mut self.covariance,
            replace,
            along.transpose(),
            &along,
            1.0 / divisor,
            Par::Seq,
        );
        check_finite(
            "the covariance of gradients",
            self.covariance.col_iter().flat_map(ColRef::iter),
        )
    }

    /// P.
    pub fn dimension(&self) -> usize {
        self.gradient.len()
    }

    /// Eigenvalues of the Hessian of the trained weights, ascending: m numbers, of any sign.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// The covariance of gradients along two eigenvectors, in the order of the eigenvalues.
    ///
    /// # Panics
    /// If an index is not below m.
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        self.covariance[(i, j)]
    }

    /// The mean loss of the samples.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// The gradient of the mean loss: P numbers, hyperparameters included.
    pub fn gradient(&self) -> &[f64] {
        &self.gradient
    }

    /// A matrix along eigenvectors as one along the trained weights: `U M Uᵀ`.
    fn out_of_eigenbasis(&self, matrix: &Mat<f64>) -> Mat<f64> {
        let m = self.trained.len();
        let mut half = Mat::zeros(m, m);
        let mut whole = Mat::zeros(m, m);
        let u = &self.eigenvectors;
        let replace = Accum::Replace;
        matmul(&mut half, replace, u, matrix, 1.0, Par::Seq);
        matmul(&mut whole, replace, &half, u.transpose(), 1.0, Par::Seq);
        whole
    }

    /// P numbers from one for each trained weight; hyperparameters do not move.
    fn embed(&self, trained: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut all = vec![0.0; self.dimension()];
        for (&at, number) in self.trained.iter().zip(trained) {
            all[at] = number;
        }
        all
    }

    /// The components along the eigenvectors of P numbers.
    fn components(&self, vector: &[f64]) -> Vec<f64> {
        (0..self.trained.len())
            .map(|mode| {
                let terms = self.trained.iter().enumerate();
                terms
                    .map(|(row, &at)| self.eigenvectors[(row, mode)] * vector[at])
                    .sum()
            })
            .collect()
    }

    /// P numbers from components along the eigenvectors.
    fn compose(&self, components: &[f64]) -> Vec<f64> {
        let row = |row: usize| {
            let terms = components.iter().enumerate();
            terms
                .map(|(mode, x)| self.eigenvectors[(row, mode)] * x)
                .sum()
        };
        self.embed((0..self.trained.len()).map(row))
    }

    /// Whether a sum of eigenvalues is 0 but for the roundings of their computation.
    fn vanishes(&self, sum: f64) -> bool {
        let largest = self
            .eigenvalues
            .iter()
            .fold(0.0, |a: f64, h| a.max(h.abs()));
        sum.abs() <= f64::EPSILON * self.trained.len() as f64 * largest
    }
}

/// An unbiased estimate loses so many degrees of freedom.
fn check_samples(
    samples: usize,
    covariance_of: CovarianceOf,
    lost: usize,
) -> Result<(), CriteriaError> {
    let needed = match covariance_of {
        CovarianceOf::Population => 1,
        CovarianceOf::Sample => lost + 1,
    };
    if samples < needed {
        return Err(CriteriaError::TooFewSamples { samples, needed });
    }
    Ok(())
}

fn check_finite<'n>(
    what: &'static str,
    numbers: impl IntoIterator<Item = &'n f64>,
) -> Result<(), CriteriaError> {
    if numbers.into_iter().all(|number| number.is_finite()) {
        return Ok(());
    }
    Err(CriteriaError::NotFinite { what })
}

fn check_time(what: &'static str, value: f64) -> Result<(), CriteriaError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(CriteriaError::Time { what, value })
}

fn check_train(train: usize) -> Result<f64, CriteriaError> {
    if train == 0 {
        return Err(CriteriaError::NoTrainingPoints);
    }
    Ok(train as f64)
}

/// A number that must be finite.
fn finite(what: &'static str, value: f64) -> Result<f64, CriteriaError> {
    check_finite(what, [&value])?;
    Ok(value)
}

/// The eigenbasis of a symmetric matrix of this size.
fn eigenbasis(
    size: usize,
    entry: impl Fn(usize, usize) -> f64,
    what: &'static str,
) -> Result<(Vec<f64>, Mat<f64>), CriteriaError> {
    eigen(size, entry).map_err(|error| match error {
        EigenError::NotFinite => CriteriaError::NotFinite { what },
        EigenError::NotFound => CriteriaError::NoEigenvalues { what },
    })
}
