//! Fits of times by powers of a size.

/// A measured and a predicted time at one size.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    /// The size.
    pub(crate) size: f64,
    /// The measured time, in seconds.
    pub(crate) seconds: f64,
    /// The time that the cost model predicts, in seconds.
    pub(crate) predicted: f64,
}

/// A fitted exponent and its standard error.
#[derive(Clone, Copy)]
pub(crate) struct Power {
    /// The exponent.
    pub(crate) exponent: f64,
    /// The standard error from the residuals of the fit; NaN if there are two points.
    pub(crate) standard_error: f64,
}

/// Fits an exponent to pairs of a size and a time, by least squares of the logarithms.
pub(crate) fn fit(points: impl Iterator<Item = (f64, f64)>) -> Power {
    let logs: Vec<(f64, f64)> = points.map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x0, y0) = (mean(|l| l.0), mean(|l| l.1));
    let spread: f64 = logs.iter().map(|(x, _)| (x - x0).powi(2)).sum();
    let exponent = logs.iter().map(|(x, y)| (x - x0) * (y - y0)).sum::<f64>() / spread;
    let residuals: f64 = logs
        .iter()
        .map(|(x, y)| (y - y0 - exponent * (x - x0)).powi(2))
        .sum();
    Power {
        exponent,
        standard_error: (residuals / (count - 2.0) / spread).sqrt(),
    }
}
