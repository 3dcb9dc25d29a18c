//! Counts of intervals that contain the truth.

/// The parts of all draws, in percent, between which an interval of 95% is as it should be.
pub(crate) const EXPECTED: [f64; 2] = [93.0, 97.0];

/// The draws of one interval.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count {
    inside: usize,
    estimates: Vec<f64>,
}

impl Count {
    /// Adds a draw.
    pub(crate) fn add(&mut self, estimate: f64, is_inside: bool) {
        self.inside += usize::from(is_inside);
        self.estimates.push(estimate);
    }

    /// The part of the draws whose interval contains the truth, in percent.
    pub(crate) fn percent(&self) -> f64 {
        100.0 * self.inside as f64 / self.estimates.len() as f64
    }

    /// The fourth central moment of the estimates over the square of the second: 3 if they are normal.
    pub(crate) fn kurtosis(&self) -> f64 {
        let count = self.estimates.len() as f64;
        let mean = self.estimates.iter().sum::<f64>() / count;
        let moment = |power| {
            let powers = self.estimates.iter().map(|x| (x - mean).powi(power));
            powers.sum::<f64>() / count
        };
        moment(4) / moment(2).powi(2)
    }

    /// Says why the part is not as it should be, if it is not.
    pub(crate) fn reason(&self) -> Option<String> {
        let (percent, kurtosis) = (self.percent(), self.kurtosis());
        // The standard error of the part itself.
        let error = 100.0 * (0.95_f64 * 0.05 / self.estimates.len() as f64).sqrt();
        let [least, most] = EXPECTED;
        if (least..=most).contains(&percent) {
            None
        } else if kurtosis > 4.0 && percent < least {
            Some(format!(
                "heavy tails: estimates have a kurtosis of {kurtosis:.1}, normal ones 3"
            ))
        } else if (least - error..=most + error).contains(&percent) {
            Some("by chance".into())
        } else if percent > most {
            Some("errors are overestimated".into())
        } else {
            Some(format!(
                "estimates are not normal (their kurtosis is {kurtosis:.1}), and the error is itself estimated"
            ))
        }
    }
}
