//! Criteria of overfitting: Corollary 2 of the paper, and the information criteria that follow from it.

use super::spectral::stabilized;
use super::{CriteriaError, Curvature, check_time, check_train, finite};

impl Curvature<'_> {
    /// Returns Takeuchi's information criterion, the generalization gap (test loss minus train loss) of N training points after a long time:
    /// `tr(C H⁻¹)/N` (Corollary 2 for T → ∞).
    ///
    /// If H has a negative eigenvalue, descent does not stay at the minimum and the number has no meaning; it is returned as the formula gives it.
    ///
    /// # Errors
    /// [`CriteriaError::Singular`] if an eigenvalue is 0 up to rounding; [`CriteriaError::NoTrainingPoints`], [`CriteriaError::NotFinite`].
    pub fn tic(&self, train: usize) -> Result<f64, CriteriaError> {
        let train = check_train(train)?;
        let mut sum = 0.0;
        for (mode, &h) in self.eigenvalues.iter().enumerate() {
            if self.vanishes(h) {
                return Err(CriteriaError::Singular { eigenvalue: h });
            }
            sum += self.covariance[(mode, mode)] / h;
        }
        finite("TIC", sum / train)
    }

    /// Returns Akaike's information criterion m/N for the generalization gap, to which TIC is equal if C = H, as for the likelihood of a correct
    /// model. The losses are negative log-likelihoods in nats.
    ///
    /// # Errors
    /// [`CriteriaError::NoTrainingPoints`].
    pub fn aic(&self, train: usize) -> Result<f64, CriteriaError> {
        Ok(self.eigenvalues.len() as f64 / check_train(train)?)
    }

    /// Returns the stabilized Takeuchi information criterion, the generalization gap (test loss minus train loss) of N training points after T steps
    /// with learning rate η: `tr(C (1 - exp(-ηTH)) H⁻¹)/N` (Corollary 2).
    ///
    /// It is an entire function of H. It is ηT tr C / N where H = 0, and equal to TIC where ηT H is large. It is defined for negative eigenvalues,
    /// too, with which it grows exponentially in ηT.
    ///
    /// # Errors
    /// [`CriteriaError::Time`] if ηT is negative or not finite; [`CriteriaError::NoTrainingPoints`]; [`CriteriaError::NotFinite`] if the exponential
    /// for a negative eigenvalue overflows.
    pub fn stic(&self, train: usize, eta_t: f64) -> Result<f64, CriteriaError> {
        check_time("ηT", eta_t)?;
        let train = check_train(train)?;
        let sum = self.weigh_variances(|h| stabilized(h, eta_t));
        finite("STIC", sum / train)
    }

    /// Returns the test loss above that of the minimum after T steps of gradient descent with learning rate η from the minimum, on N training points:
    /// `(1/2N) C ((1 - exp(-ηTH))^⊗2) H⁻¹` (Corollary 2). It is 0 where H = 0.
    ///
    /// # Errors
    /// As [`Curvature::stic`].
    pub fn test_loss_excess(&self, train: usize, eta_t: f64) -> Result<f64, CriteriaError> {
        check_time("ηT", eta_t)?;
        let train = check_train(train)?;
        // The weight is (1 - e^-τh)²/h with τ = ηT.
        let sum = self.weigh_variances(|h| h * stabilized(h, eta_t).powi(2));
        finite("the excess of the test loss", 0.5 * sum / train)
    }

    /// Returns the sum of the gradients' variances along the eigenvectors, each times a weight that depends on the eigenvalue.
    fn weigh_variances(&self, weight: impl Fn(f64) -> f64) -> f64 {
        let modes = self.eigenvalues.iter().enumerate();
        modes
            .map(|(mode, &h)| self.covariance[(mode, mode)] * weight(h))
            .sum()
    }
}
