//! A finite population that represents the standard normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

use crate::samples::Samples;
use crate::scalar::Element;

/// Returns `count` datapoints of one number each, in ascending order, that represent the standard normal distribution: the quantiles at
/// `(i + ½) / count`, scaled to variance 1.
///
/// They are a population for exact statements. They are exactly symmetric about 0, so that all odd moments are exactly 0, and their variance (the
/// mean of their squares) is 1 up to rounding. Higher even moments are too small, because there are no tails: the fourth moment, 3 for a normal
/// distribution, is 2.25 for 10 datapoints, 2.83 for 100 and 2.97 for 1,000; the sixth, 15 for a normal distribution, is 6.2, 12.0 and 14.3.
/// Statements are exact if the third and higher cumulants of the gradients do not enter them. Otherwise these moments have to be taken from the data,
/// as all values of diagrams do.
///
/// The datapoints are sorted and so not exchangeable, as they have to be if they are read as a [sample](crate::values::Reading::Sample). A single
/// datapoint is 0.
///
/// # Panics
/// Never, because datapoints of one number are always complete.
pub fn normal_quantiles<T: Element>(count: usize) -> Samples<T> {
    let normal = Normal::standard();
    // The upper half is the mirror image of the lower one.
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
