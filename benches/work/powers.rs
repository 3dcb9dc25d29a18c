//! Powers that times grow with.

/// Times at one size.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    /// The size.
    pub(crate) size: f64,
    /// Measured.
    pub(crate) seconds: f64,
    /// By the cost model.
    pub(crate) predicted: f64,
}

/// A power and its standard error.
#[derive(Clone, Copy)]
pub(crate) struct Power {
    pub(crate) exponent: f64,
    /// From the residuals; NaN for two points.
    pub(crate) standard_error: f64,
}

/// Least squares of log seconds on log size.
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
