//! How much is overfitted: Corollary 2 and the criteria that come of it.

use super::spectral::stabilized;
use super::{CriteriaError, Curvature, check_time, check_train, finite};

impl Curvature<'_> {
    /// Takeuchi's criterion, the generalization gap of N training points after a long time: `tr(C H⁻¹)/N`.
    ///
    /// Where H has a negative eigenvalue descent would not stay, and the number says nothing; it is given as the formula has it.
    ///
    /// # Errors
    /// [`CriteriaError::Singular`] if an eigenvalue is 0 but for rounding; [`CriteriaError::NoTrainingPoints`].
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

    /// Akaike's criterion: m/N, which TIC is where C = H, as for the likelihood of a model that is right. Losses are in nats.
    ///
    /// # Errors
    /// [`CriteriaError::NoTrainingPoints`].
    pub fn aic(&self, train: usize) -> Result<f64, CriteriaError> {
        Ok(self.eigenvalues.len() as f64 / check_train(train)?)
    }

    /// The stabilized criterion, the generalization gap of N training points after T steps of size η: `tr(C (1 - exp(-ηTH)) H⁻¹)/N`, test loss minus
    /// train loss (Corollary 2).
    ///
    /// Entire in H: ηT tr C / N where H = 0, TIC where ηT H is large, and defined for negative eigenvalues, along which it grows exponentially with ηT.
    ///
    /// # Errors
    /// [`CriteriaError::Time`], [`CriteriaError::NoTrainingPoints`]; [`CriteriaError::NotFinite`] if the exponential of a negative eigenvalue overflows.
    pub fn stic(&self, train: usize, eta_t: f64) -> Result<f64, CriteriaError> {
        check_time("ηT", eta_t)?;
        let train = check_train(train)?;
        let sum = self.weigh_variances(|h| stabilized(h, eta_t));
        finite("STIC", sum / train)
    }

    /// The test loss above the minimum after T steps of size η of gradient descent on N training points:
    /// `(1/2N) C ((1 - exp(-ηTH))^⊗2) H⁻¹` (Corollary 2). Starting at the minimum, where G = 0. 0 where H = 0.
    ///
    /// # Errors
    /// As [`Curvature::stic`].
    pub fn test_loss_excess(&self, train: usize, eta_t: f64) -> Result<f64, CriteriaError> {
        check_time("ηT", eta_t)?;
        let train = check_train(train)?;
        // (1 - e^-τh)²/h.
        let sum = self.weigh_variances(|h| h * stabilized(h, eta_t).powi(2));
        finite("the excess of the test loss", 0.5 * sum / train)
    }

    fn weigh_variances(&self, weight: impl Fn(f64) -> f64) -> f64 {
        let modes = self.eigenvalues.iter().enumerate();
        modes
            .map(|(mode, &h)| self.covariance[(mode, mode)] * weight(h))
            .sum()
    }
}
