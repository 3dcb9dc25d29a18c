//! The corollaries of the paper about minima as functions of a landscape: how much a trained weight overfits, and where noise pushes it. The
//! gradients of the criteria of overfitting can be descended to choose hyperparameters.
//!
//! The corollaries need only two properties of a landscape at a weight vector θ0: the mean Hessian H and the covariance C of the gradients (Tenka, *A
//! Space-Time Approach to Analyzing Stochastic Gradient Descent*, section 4). A [`Curvature`] contains both in the eigenbasis of H. The statements
//! are of leading order and hold at a minimum of the test loss, where the mean gradient G is 0; the functions evaluate them at any weight vector. If
//! the learning rate is a matrix ([`LearningRate::on`](crate::learning_rate::LearningRate::on)), H, C and all derivatives are in the coordinates φ of
//! θ = L φ, in which the learning rate is the scalar η.
//!
//! ```
//! use diagram_runtime::criteria::{CovarianceOf, Curvature};
//! use diagram_runtime::data::normal_quantiles;
//! use diagram_runtime::derivatives::PointDerivatives;
//! use diagram_runtime::landscapes::{L2, L2Coefficient, MeanEstimation};
//!
//! // Which coefficient λ of the l2 term gives the least loss on new data, after training on 10 points?
//! let means = MeanEstimation { hessian: 0.5, noise: 1.0, optimum: 1.0 };
//! let regularized = L2 { landscape: means, coefficient: L2Coefficient::LastWeight };
//! let population = normal_quantiles::<f64>(100);
//! let (train, eta_t) = (10, 50.0);
//! let mut lambda = 1.0;
//! for _ in 0..200 {
//!     // The weight at which training without noise ends.
//!     let trained = [0.5 / (0.5 + lambda), lambda];
//!     let local = PointDerivatives::new(&regularized, &trained, &population)?;
//!     let curvature = Curvature::new(&local, CovarianceOf::Population)?.with_hyperparameters(&[1])?;
//!     let gap = curvature.stic_gradient(train, eta_t)?;
//!     // The test loss does not contain the l2 term, whose slope along the weight is λ w.
//!     let loss = [curvature.gradient()[0] - lambda * trained[0], 0.0];
//!     let both = [loss[0] + gap[0], loss[1] + gap[1]];
//!     lambda -= 2.0 * curvature.trained_derivative(&both, eta_t)?[0];
//! }
//! // The exact coefficient is s² h / N / (h² o² - s² / N).
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
use crate::warning::Warning;
use passes::Rows;

/// The distribution whose covariance of gradients is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CovarianceOf {
    /// The distribution is that of the data: sums over the n samples are divided by n.
    Population,
    /// The data are independent draws from an unknown distribution. Sums for covariances are divided by n - 1, and those for third cumulants by
    /// `(n - 1)(n - 2)/n`, so that both are unbiased. Criteria are not linear in the Hessian and keep a bias of order 1/n.
    Sample,
}

/// The reason why a criterion cannot be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CriteriaError {
    /// There are no data, or too few for an unbiased estimate.
    #[error("{samples} datapoints are too few: at least {needed} are needed")]
    TooFewSamples {
        /// The number n of samples.
        samples: usize,
        /// The smallest number of samples that suffices.
        needed: usize,
    },
    /// A hyperparameter is not the index of a weight, or is given twice.
    #[error(
        "weight {index} cannot be a hyperparameter: the {dimension} weights count from 0, and each may be given once"
    )]
    Hyperparameter {
        /// The index as given.
        index: usize,
        /// The number P of weights.
        dimension: usize,
    },
    /// All weights are hyperparameters.
    #[error("all weights are hyperparameters: nothing is trained")]
    NothingTrained,
    /// A derivative, or a number that is computed from it, is infinite or NaN.
    #[error("{what} is not finite; are the weights, the data or the time too large?")]
    NotFinite {
        /// The quantity that is not finite.
        what: &'static str,
    },
    /// The decomposition of a symmetric matrix did not converge.
    #[error("the eigenvalues of {what} were not found")]
    NoEigenvalues {
        /// The matrix.
        what: &'static str,
    },
    /// The formula divides by an eigenvalue of the Hessian, or by a sum of two, that is 0 up to rounding.
    #[error(
        "the Hessian is singular: it has {eigenvalue:e} where the formula divides; STIC is finite there"
    )]
    Singular {
        /// The eigenvalue, or the sum of two.
        eigenvalue: f64,
    },
    /// A learning rate η, or a product ηT of learning rate and time, is negative, infinite or NaN.
    #[error("{what} must be finite and not negative, but is {value}")]
    Time {
        /// The name of the number.
        what: &'static str,
        /// The number as given.
        value: f64,
    },
    /// The number N of training points is 0.
    #[error("the number of training points must not be 0")]
    NoTrainingPoints,
    /// The derivatives cannot be computed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A gradient has another length than the weights.
    #[error("a gradient has {expected} numbers, one for each weight, but {found} are given")]
    Length {
        /// The number P of weights.
        expected: usize,
        /// The length of the gradient as given.
        found: usize,
    },
}

/// The mean Hessian and the covariance of the gradients at a weight vector, in the eigenbasis of the Hessian.
///
/// Of the P weights, m are trained, and the others are [hyperparameters](Self::with_hyperparameters). The numbers that are held do not contain η;
/// functions take η or ηT as an argument. The Hessian takes P products with a vector, the covariance about 2 n m² operations for n samples, and the
/// eigenvectors about m³, so that P should not exceed some hundreds.
pub struct Curvature<'d> {
    derivatives: &'d dyn Derivatives<f64>,
    covariance_of: CovarianceOf,
    /// The mean loss.
    loss: f64,
    /// The mean gradient at θ0: P numbers.
    gradient: Vec<f64>,
    /// The gradient of each sample minus the mean gradient: n x P numbers.
    noise: Rows,
    /// The products of the mean Hessian with all basis vectors: P x P numbers.
    hessian: Vec<Vec<f64>>,
    /// The indices of the m trained weights, in ascending order.
    trained: Vec<usize>,
    /// The indices of the hyperparameters, in the order in which they were given.
    hyperparameters: Vec<usize>,
    /// The m eigenvalues of the Hessian of the trained weights, in ascending order.
    eigenvalues: Vec<f64>,
    /// The eigenvectors as columns: m x m numbers.
    eigenvectors: Mat<f64>,
    /// The covariance of the gradients along the eigenvectors: m x m numbers.
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
    /// The curvature at the weights of `derivatives`, over all of its samples. All weights are trained.
    ///
    /// # Errors
    /// [`CriteriaError::TooFewSamples`] if there are no samples, or one for an unbiased covariance; [`CriteriaError::NotFinite`],
    /// [`CriteriaError::NoEigenvalues`], [`CriteriaError::Device`].
    ///
    /// # Panics
    /// If there are no weights.
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

    /// Makes the weights with these indices hyperparameters: weights whose learning rate is 0. Hessian and covariance then are those of the other
    /// weights. Gradients of criteria have components for all weights.
    ///
    /// If the learning rate is a matrix, a hyperparameter is a coordinate of φ. It needs a row and a column of the factor L for itself, with any
    /// positive number on the diagonal; if that number is 1, the coordinate is the weight itself.
    ///
    /// # Errors
    /// [`CriteriaError::Hyperparameter`] if an index is not below P or is given twice; [`CriteriaError::NothingTrained`] if no other weight is left;
    /// [`CriteriaError::NotFinite`], [`CriteriaError::NoEigenvalues`].
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

    /// Computes the eigenbasis of the Hessian of the trained weights, and the covariance in it.
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

    /// Returns the number P of weights, hyperparameters included.
    pub fn dimension(&self) -> usize {
        self.gradient.len()
    }

    /// Returns the m eigenvalues of the Hessian of the trained weights, in ascending order. They can have any sign.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// Returns the covariance of the gradients along two eigenvectors, which have the order of the eigenvalues.
    ///
    /// # Panics
    /// If an index is not below m.
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        self.covariance[(i, j)]
    }

    /// Returns what to know about the criteria.
    pub fn warnings(&self) -> Vec<Warning> {
        Warning::about(self.derivatives.is_piecewise())
    }

    /// Returns the mean loss of the samples.
    pub fn loss(&self) -> f64 {
        self.loss
    }

    /// Returns the gradient of the mean loss: P numbers, hyperparameters included.
    pub fn gradient(&self) -> &[f64] {
        &self.gradient
    }

    /// Converts a matrix M in the eigenbasis to one in the coordinates of the trained weights: `U M Uᵀ` with the eigenvectors U.
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

    /// Returns P numbers from one for each trained weight, with 0 for each hyperparameter.
    fn embed(&self, trained: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let mut all = vec![0.0; self.dimension()];
        for (&at, number) in self.trained.iter().zip(trained) {
            all[at] = number;
        }
        all
    }

    /// Returns the m components along the eigenvectors of a vector of P numbers.
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

    /// Returns the vector of P numbers with the given components along the eigenvectors.
    fn compose(&self, components: &[f64]) -> Vec<f64> {
        let row = |row: usize| {
            let terms = components.iter().enumerate();
            terms
                .map(|(mode, x)| self.eigenvectors[(row, mode)] * x)
                .sum()
        };
        self.embed((0..self.trained.len()).map(row))
    }

    /// Returns whether a sum of eigenvalues is 0 up to the rounding of their computation.
    fn vanishes(&self, sum: f64) -> bool {
        let largest = self
            .eigenvalues
            .iter()
            .fold(0.0, |a: f64, h| a.max(h.abs()));
        sum.abs() <= f64::EPSILON * self.trained.len() as f64 * largest
    }
}

/// Checks that there are enough samples: at least one for a population, and at least `lost + 1` for an unbiased estimate that loses `lost` degrees of
/// freedom.
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

/// Checks that numbers are finite.
fn check_finite<'n>(
    what: &'static str,
    numbers: impl IntoIterator<Item = &'n f64>,
) -> Result<(), CriteriaError> {
    if numbers.into_iter().all(|number| number.is_finite()) {
        return Ok(());
    }
    Err(CriteriaError::NotFinite { what })
}

/// Checks that a learning rate or a time is finite and not negative.
fn check_time(what: &'static str, value: f64) -> Result<(), CriteriaError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(CriteriaError::Time { what, value })
}

/// Returns the number of training points, which must not be 0.
fn check_train(train: usize) -> Result<f64, CriteriaError> {
    if train == 0 {
        return Err(CriteriaError::NoTrainingPoints);
    }
    Ok(train as f64)
}

/// Returns a number, which must be finite.
fn finite(what: &'static str, value: f64) -> Result<f64, CriteriaError> {
    check_finite(what, [&value])?;
    Ok(value)
}

/// Returns the eigenvalues, in ascending order, and the eigenvectors of a symmetric matrix with `size` rows.
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
