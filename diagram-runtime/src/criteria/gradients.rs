//! Gradients of the criteria with respect to weights and hyperparameters.
//!
//! A criterion is `f = tr(C φ(H))` with a function φ. Its differential is `tr(φ(H) dC) + tr(B dH)`. In the eigenbasis of H, the entries of B are
//! those of the covariance times the divided differences of φ at the two eigenvalues (theorem of Daleckii and Krein). Both terms are computed for all
//! weights together. `dC` is twice the mean of `(g_n - G) dg_n`, so that the first term is a sum of products of each sample's Hessian with a
//! direction of its own. With the eigenvectors `b_a` of `B = Σ_a β_a b_a b_aᵀ` the second term is the sum of `β_a J[b_a, b_a, ·]`. No third
//! derivative is stored.

use diagram_algebra::dot::dot;
use faer::Mat;

use super::passes::sum_along_own;
use super::spectral::{stabilized, stabilized_difference};
use super::{
    CovarianceOf, CriteriaError, Curvature, check_finite, check_time, check_train, eigenbasis,
};
use crate::averages::mean_gradients;
use crate::device::DeviceError;

impl Curvature<'_> {
    /// Returns the gradient of [`Curvature::tic`]: P numbers, hyperparameters included. They do not contain η.
    ///
    /// If the learning rate is a matrix, the gradient is in the coordinates φ, as all gradients are.
    ///
    /// # Errors
    /// As [`Curvature::tic`], and [`CriteriaError::NotFinite`], [`CriteriaError::NoEigenvalues`], [`CriteriaError::Device`].
    pub fn tic_gradient(&self, train: usize) -> Result<Vec<f64>, CriteriaError> {
        self.tic(train)?;
        self.differentiate(train, |h| 1.0 / h, |a, b| -1.0 / (a * b))
    }

    /// Returns the gradient of [`Curvature::stic`]: P numbers, hyperparameters included, as for [`Curvature::tic_gradient`]. It is stable where
    /// eigenvalues coincide or are 0.
    ///
    /// # Errors
    /// As [`Curvature::stic`], and [`CriteriaError::NoEigenvalues`], [`CriteriaError::Device`].
    pub fn stic_gradient(&self, train: usize, eta_t: f64) -> Result<Vec<f64>, CriteriaError> {
        check_time("ηT", eta_t)?;
        self.differentiate(
            train,
            |h| stabilized(h, eta_t),
            |a, b| stabilized_difference(a, b, eta_t),
        )
    }

    /// Returns the derivative of the trained weight with respect to each hyperparameter λ: `dθ/dλ = -(1 - exp(-ηTH)) H⁻¹ ∂_λ G`, P numbers for each,
    /// in the order in which the hyperparameters were given. The components of the hyperparameters themselves are 0. If the learning rate is a
    /// matrix, the derivative is in the coordinates φ.
    ///
    /// The trained weight is that to which T steps with learning rate η lead from θ0, if θ0 is the minimum for λ and λ is changed before training. If
    /// ηT H is large, this is the derivative of the minimum.
    ///
    /// # Errors
    /// [`CriteriaError::Time`] if ηT is negative or not finite; [`CriteriaError::NotFinite`].
    pub fn response(&self, eta_t: f64) -> Result<Vec<Vec<f64>>, CriteriaError> {
        check_time("ηT", eta_t)?;
        self.hyperparameters
            .iter()
            .map(|&lambda| {
                let mut components = self.components(&self.hessian[lambda]);
                for (x, &h) in components.iter_mut().zip(&self.eigenvalues) {
                    *x *= -stabilized(h, eta_t);
                }
                check_finite("the response to a hyperparameter", &components)?;
                Ok(self.compose(&components))
            })
            .collect()
    }

    /// Returns the total derivative with respect to each hyperparameter λ of a function f of the trained weight: `∂_λ f + ∇f · dθ/dλ`, with the
    /// [response](Curvature::response) of the trained weight, in the order in which the hyperparameters were given. `gradient` is the gradient of f
    /// at θ0 with respect to all P weights; its components for the hyperparameters are the partial derivatives `∂_λ f`.
    ///
    /// # Errors
    /// [`CriteriaError::Length`] if `gradient` does not have P numbers; otherwise as [`Curvature::response`].
    pub fn trained_derivative(
        &self,
        gradient: &[f64],
        eta_t: f64,
    ) -> Result<Vec<f64>, CriteriaError> {
        if gradient.len() != self.dimension() {
            return Err(CriteriaError::Length {
                expected: self.dimension(),
                found: gradient.len(),
            });
        }
        let responses = self.response(eta_t)?;
        let hyperparameters = self.hyperparameters.iter().zip(responses);
        Ok(hyperparameters
            .map(|(&lambda, response)| gradient[lambda] + dot(gradient, &response))
            .collect())
    }

    /// Returns the gradient of `tr(C φ(H))/N`, where `function` is φ and `difference` its divided difference.
    fn differentiate(
        &self,
        train: usize,
        function: impl Fn(f64) -> f64,
        difference: impl Fn(f64, f64) -> f64,
    ) -> Result<Vec<f64>, CriteriaError> {
        let train = check_train(train)?;
        let h = &self.eigenvalues;
        let m = h.len();
        let differences = Mat::from_fn(m, m, |i, j| {
            self.covariance[(i, j)] * difference(h[i], h[j])
        });
        let mut gradient = self.third_along(&differences)?;
        let along_noise = self.trace_slope(function)?;
        for (x, noise) in gradient.iter_mut().zip(along_noise) {
            *x = (*x + noise) / train;
        }
        check_finite("the gradient of the criterion", &gradient)?;
        Ok(gradient)
    }

    /// Returns `Σ_ij M_ij J[v_i, v_j, ·]` with the third derivative J of the mean loss, for a symmetric matrix M in the eigenbasis: P numbers.
    pub(super) fn third_along(&self, matrix: &Mat<f64>) -> Result<Vec<f64>, CriteriaError> {
        let matrix = self.out_of_eigenbasis(matrix);
        let (weights, vectors) = eigenbasis(
            matrix.nrows(),
            |i, j| matrix[(i, j)],
            "the matrix that the third derivative is contracted with",
        )?;
        let directions: Vec<Vec<f64>> = vectors
            .col_iter()
            .map(|vector| self.embed(vector.iter().copied()))
            .collect();
        let sets: Vec<Vec<&[f64]>> = directions.iter().map(|u| vec![&u[..]]).collect();
        let mut sum = vec![0.0; self.dimension()];
        let thirds = mean_gradients(self.derivatives, &sets, &[2])?;
        for (weight, third) in weights.iter().zip(thirds) {
            for (sum, x) in sum.iter_mut().zip(third) {
                *sum += weight * x;
            }
        }
        Ok(sum)
    }

    /// Returns `tr(φ(H) ∇C)`, where `function` is φ and `φ(H)` is held fixed: P numbers.
    pub(super) fn trace_slope(
        &self,
        function: impl Fn(f64) -> f64,
    ) -> Result<Vec<f64>, DeviceError> {
        let weights: Vec<f64> = self.eigenvalues.iter().map(|&h| function(h)).collect();
        let m = weights.len();
        let diagonal = Mat::from_fn(m, m, |i, j| if i == j { weights[i] } else { 0.0 });
        let weight = self.out_of_eigenbasis(&diagonal);
        let directions = self.noise.map(|row| {
            let product = (0..m).map(|i| {
                let terms = self.trained.iter().enumerate();
                terms.map(|(j, &at)| weight[(i, j)] * row[at]).sum()
            });
            self.embed(product)
        });
        let samples = self.noise.count() as f64;
        let divisor = match self.covariance_of {
            CovarianceOf::Population => samples,
            CovarianceOf::Sample => samples - 1.0,
        };
        let mut slope = sum_along_own(self.derivatives, &directions)?;
        for x in &mut slope {
            *x *= 2.0 / divisor;
        }
        Ok(slope)
    }
}
