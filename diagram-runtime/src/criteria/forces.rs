//! Where noise pushes, and what it costs: Example 1, Corollaries 1 and 4.

use faer::Mat;

use super::spectral::divided;
use super::{
    CovarianceOf, CriteriaError, Curvature, check_finite, check_samples, check_time, check_train,
    finite,
};
use crate::averages::mean_gradients;

impl Curvature<'_> {
    /// The mean velocity for each step of SGD on single datapoints, after T steps of size η from a minimum, that the noise's push towards flatter places
    /// gives (Corollary 1): `-½ C (F⁻¹) J ((1 - exp(-ηTH))/(ηTH)) η`, where F = ηH⊗1 + 1⊗ηH. P numbers, of θ; of size η².
    ///
    /// In words: the noise spreads the weight to a covariance Σ with `HΣ + ΣH = ηC`, in which the mean gradient is `½ J[Σ]`; weights descend it, and only along
    /// directions that are flat, ηTh ≪ 1, do they go on. (The paper's text lacks the factor -½.)
    ///
    /// # Errors
    /// [`CriteriaError::Singular`] if two eigenvalues add up to 0 but for rounding and the noise along their vectors is correlated; [`CriteriaError::Time`],
    /// [`CriteriaError::NotFinite`], [`CriteriaError::NoEigenvalues`].
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
        // (1 - e^-τh)/(τh).
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

    /// What the skewness of gradients adds to the test loss after T steps of size η of SGD on single datapoints (Example 1):
    /// `-(η³/6) Σ S_ijk J_ijk (1 - exp(-ηT(h_i + h_j + h_k)))/(η (h_i + h_j + h_k))`, over eigenvectors, S the third cumulant of gradients.
    ///
    /// Entire in H: where a sum of eigenvalues is 0 the fraction is T. About n m³/6 operations and m²/2 passes.
    ///
    /// # Errors
    /// [`CriteriaError::TooFewSamples`] for an unbiased third cumulant; [`CriteriaError::Time`], [`CriteriaError::NotFinite`].
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
                // (1 - e^-τs)/(τs), times ηT/η = T.
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

    /// The test loss of gradient descent minus that of SGD on single datapoints, both after N M steps of size η on N training points, M times around:
    /// `η² M (N - 1)/4 · G · ∇(tr C)`, to order η² (Corollary 4). SGD does better where it is positive: where descent lowers the noise. The only one
    /// of these statements that is not about a minimum.
    ///
    /// The covariance is that along the trained weights, and so is the contraction.
    ///
    /// # Errors
    /// [`CriteriaError::Time`], [`CriteriaError::NoTrainingPoints`], [`CriteriaError::NotFinite`].
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
