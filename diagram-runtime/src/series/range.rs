//! Up to which learning rate a series can be trusted.

use super::Series;
use super::polynomial;
use crate::scalar::Element;

/// The part of the change that the last term may have where a series is trusted. If further terms shrank by this factor each, as those of a geometric series, they would add up to 13% of the change.
pub const TRUSTED_PART: f64 = 0.3;

impl<T: Element> Series<T> {
    /// Returns the last term of the series at a learning rate: the coefficient of η^order times η^order. Its size is an estimate of what is missing beyond it, as long as terms shrink.
    ///
    /// # Panics
    /// If the series has several components.
    #[track_caller]
    pub fn last_term(&self, eta: f64) -> f64 {
        self.assert_single();
        let order = self.order();
        self.coefficients[order][0].to_f64() * eta.powi(order as i32)
    }

    /// Returns the learning rate up to which the last term is at most [`TRUSTED_PART`] of the change since η = 0, at this and every smaller learning rate. Beyond it, what is missing is of the
    /// size of what is predicted. It is infinite if the last term is always small. It is `None` if the series has fewer than two terms beyond η^0, so that nothing says how good it is, or is not finite.
    ///
    /// ```
    /// use diagram_runtime::series::Series;
    ///
    /// // 1 - η + η²: the last term is 0.3 of the change where η = 0.3 (1 - η).
    /// let series = Series { coefficients: vec![vec![1.0], vec![-1.0], vec![1.0]], replicates: vec![], warnings: vec![] };
    /// let eta = series.trustworthy_up_to().expect("two terms");
    /// assert!((eta - 0.3 / 1.3).abs() < 1e-12);
    /// ```
    ///
    /// # Panics
    /// If the series has several components.
    #[track_caller]
    pub fn trustworthy_up_to(&self) -> Option<f64> {
        self.assert_single();
        // Both divided by η.
        let changes = self.coefficients.iter().skip(1).map(|c| c[0].to_f64());
        let change: Vec<f64> = changes.collect();
        let last = change.len().checked_sub(1).filter(|&last| last > 0)?;
        if change.iter().any(|c| !c.is_finite()) {
            return None;
        }
        let crossing = |sign: f64| {
            let mut difference: Vec<f64> = change.iter().map(|c| TRUSTED_PART * c).collect();
            difference[last] += sign * change[last];
            polynomial::smallest_positive_root(&difference)
        };
        let crossings = [crossing(1.0), crossing(-1.0)];
        let least = crossings
            .into_iter()
            .flatten()
            .fold(f64::INFINITY, f64::min);
        // Where the first terms are 0, the last one is the change from the beginning on.
        let is_all = change[..last].iter().all(|&c| c == 0.0) && change[last] != 0.0;
        Some(if is_all { 0.0 } else { least })
    }
}
