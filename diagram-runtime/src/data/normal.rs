//! A finite population that stands for the standard normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::samples::Samples;
use crate::scalar::Element;

/// `count` datapoints of one number each, in rising order, that stand for the standard normal distribution: the quantiles at `(i + ½) / count`,
/// scaled to variance 1.
///
/// As a population they are good for exact statements: they are symmetric about 0 to the bit, so that all odd moments are exactly 0, and their
/// variance (the mean of squares, divided by `count`) is 1 to rounding. Higher even moments are too small, since there are no tails: the
/// fourth moment, 3 for a normal distribution, is 2.25 for 10 datapoints, 2.83 for 100 and 2.97 for 1,000; the sixth, 15, is 6.2, 12.0 and 14.3. Statements that the third and
/// higher cumulants of gradients do not enter are exact; else take these moments from the data, as all values of diagrams do.
///
/// They are sorted: not exchangeable, as a reading of them as a [sample](crate::values::Reading::Sample) would need. One datapoint alone is 0.
///
/// # Panics
/// Never.
pub fn normal_quantiles<T: Element>(count: usize) -> Samples<T> {
    let normal = Normal::standard();
    // The lower half; the upper one mirrors it.
    let lower: Vec<f64> = (0..count / 2)
        .map(|i| normal.inverse_cdf((i as f64 + 0.5) / count as f64))
        .collect();
    let squares: f64 = lower.iter().rev().map(|x| 2.0 * x * x).sum();
    let scale = (count as f64 / squares).sqrt();
    let number = |x: &f64| T::constant(x * scale);
    let mut numbers: Vec<T> = lower.iter().map(number).collect();
    if !count.is_multiple_of(2) {
        numbers.push(T::constant(0.0));
    }
    numbers.extend(lower.iter().rev().map(|x| -number(x)));
    Samples::new(1, numbers).expect("rows of one number are never incomplete")
}
