//! The effects of noise on the weights and on the test loss: Example 1, Corollaries 1 and 4 of the paper.

use faer::Mat;

use super::spectral::divided;
use super::{
    CovarianceOf, CriteriaError, Curvature, check_finite, check_samples, check_time, check_train,
    finite,
};
use crate::averages::mean_gradients;

impl Curvature<'_> {
    /// Returns the mean velocity, the displacement for each step, that noise gives to SGD with batches of one point during T steps from a minimum,
    /// towards minima that are flat with respect to the noise (Corollary 1): `-½ C (F⁻¹) J ((1 - exp(-ηTH))/(ηTH)) η`, where F = ηH⊗1 + 1⊗ηH and J is
    /// the third derivative of the mean loss. The P numbers are displacements of θ, and scale with η² at fixed ηT.
    ///
    /// The noise spreads the weights to a covariance Σ that solves `HΣ + ΣH = ηC`, and the mean gradient over this spread is `½ J[Σ]`. The weights
    /// descend it, and continue to do so only along directions with a small eigenvalue h, for which ηTh ≪ 1. (The paper's formula lacks the factor
    /// -½.)
    ///
    /// # Errors
    /// [`CriteriaError::Singular`] if two eigenvalues add up to 0 up to rounding and the noise along their eigenvectors is correlated;
    /// [`CriteriaError::Time`] if η is negative or not finite; [`CriteriaError::NotFinite`], [`CriteriaError::NoEigenvalues`],
    /// [`CriteriaError::Device`].
    pub fn velocity(&self, eta: f64, steps: usize) -> Result<Vec<f64>, CriteriaError> {
        check_time("η", eta)?;
        let (h, m) = (&self.eigenvalues, self.eigenvalues.len());
        let mut spread = Mat::zeros(m, m);
        let variances = (0..m).map(|mode| self.covariance[(mode, mode)]);
        let largest = variances.fold(0.0, f64::max);
        for i in 0..m {
            for j in 0..m {
                let (covariance, sum) = (self.covariance[(i, j)], h[i] + h[j]);
                if !self.vanishes(sum) {
                    spread[(i, j)] = covariance / sum;
                } else if covariance.abs() > f64::EPSILON * m as f64 * largest {
                    return Err(CriteriaError::Singular { eigenvalue: sum });
                }
            }
        }
        let force = self.components(&self.third_along(&spread)?);
        let eta_t = eta * steps as f64;
        // The factor is (1 - e^-τh)/(τh) with τ = ηT.
        let kept = |h: f64| divided(-eta_t * h, 0.0);
        let velocity: Vec<f64> = force
            .iter()
            .zip(h)
            .map(|(force, &h)| -0.5 * eta * eta * force * kept(h))
            .collect();
        check_finite("the velocity", &velocity)?;
        let velocity = self.compose(&velocity);
        Ok(match self.derivatives.learning_rate() {
            Some(rate) => rate.to_theta(&velocity),
            None => velocity,
        })
    }

    /// Returns the contribution of the skewness of the gradients to the test loss after T steps of SGD with batches of one point, at a minimum
    /// (Example 1): `-(η³/6) Σ S_ijk J_ijk (1 - exp(-ηT(h_i + h_j + h_k)))/(η (h_i + h_j + h_k))`, summed over the eigenvectors. S is the third
    /// cumulant of the gradients and J the third derivative of the mean loss.
    ///
    /// The fraction is an entire function of H: where the sum of the eigenvalues is 0, it is T. The sum takes about 3/2 n m³ operations, and
    /// `m (m + 1)/2` derivatives of each sample.
    ///
    /// # Errors
    /// [`CriteriaError::TooFewSamples`] if there are fewer than 3 samples for an unbiased third cumulant; [`CriteriaError::Time`] if η is negative or
    /// not finite; [`CriteriaError::NotFinite`], [`CriteriaError::Device`].
    pub fn skew(&self, eta: f64, steps: usize) -> Result<f64, CriteriaError> {
        check_time("η", eta)?;
        let samples = self.noise.count();
        check_samples(samples, self.covariance_of, 2)?;
        let m = self.eigenvalues.len();
        let n = samples as f64;
        let divisor = match self.covariance_of {
            CovarianceOf::Population => n,
            CovarianceOf::Sample => (n - 1.0) * (n - 2.0) / n,
        };
        let noise: Vec<Vec<f64>> = (0..samples)
            .map(|sample| self.components(self.noise.row(sample)))
            .collect();
        let modes: Vec<Vec<f64>> = self
            .eigenvectors
            .col_iter()
            .map(|vector| self.embed(vector.iter().copied()))
            .collect();
        let eta_t = eta * steps as f64;
        let mut sum = 0.0;
        let mut add = |i: usize, j: usize, times: f64, third: &[f64]| {
            for (k, third) in self.components(third).into_iter().enumerate() {
                let products = noise.iter().map(|row| row[i] * row[j] * row[k]);
                let skewness = products.sum::<f64>() / divisor;
                let curvature = self.eigenvalues[i] + self.eigenvalues[j] + self.eigenvalues[k];
                // The factor is T (1 - e^-τs)/(τs) with τ = ηT and the sum s of the eigenvalues.
                let kept = steps as f64 * divided(-eta_t * curvature, 0.0);
                sum += times * skewness * third * kept;
            }
        };
        for (i, mode) in modes.iter().enumerate() {
            let own = mean_gradients(self.derivatives, &[vec![&mode[..]]], &[2])?;
            add(i, i, 1.0, &own[0]);
            let pairs: Vec<Vec<&[f64]>> = (i + 1..m).map(|j| vec![&mode[..], &modes[j]]).collect();
            let thirds = mean_gradients(self.derivatives, &pairs, &[1, 1])?;
            for (j, third) in (i + 1..m).zip(thirds) {
                add(i, j, 2.0, &third);
            }
        }
        finite("the effect of skewness", -eta.powi(3) / 6.0 * sum)
    }

    /// Returns the test loss of gradient descent minus that of SGD with batches of one point, to order η² (Corollary 4):
    /// `η² M (N - 1)/4 · G · ∇(tr C)`. Both take N M steps with learning rate η on N training points, which are M epochs (`epochs`) of SGD. SGD has
    /// the lower test loss where the number is positive, which is where a step along -G lowers tr C. This is the only statement of the module that
    /// does not assume a minimum.
    ///
    /// Only the trained weights enter the covariance and the contraction of G with the gradient of tr C.
    ///
    /// # Errors
    /// [`CriteriaError::Time`] if η is negative or not finite; [`CriteriaError::NoTrainingPoints`], [`CriteriaError::NotFinite`],
    /// [`CriteriaError::Device`].
    pub fn descent_minus_sgd(
        &self,
        train: usize,
        epochs: usize,
        eta: f64,
    ) -> Result<f64, CriteriaError> {
        check_time("η", eta)?;
        let train = check_train(train)?;
        let slope = self.trace_slope(|_| 1.0)?;
        let descent: f64 = self
            .trained
            .iter()
            .map(|&at| self.gradient[at] * slope[at])
            .sum();
        let steps = epochs as f64 * (train - 1.0);
        finite("the difference", eta * eta * steps / 4.0 * descent)
    }
}
