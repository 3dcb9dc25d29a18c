//! Functions of eigenvalues and their divided differences. They are accurate for eigenvalues of any sign that are arbitrarily close to each other.
//!
//! All of them are divided differences of the exponential function: `(1 - e^-τh)/h = τ exp[-τh, 0]`, and the divided difference of this function is
//! `-τ² exp[-τa, -τb, 0]`. They are entire functions, and they are computed without cancellation.

/// Returns the divided difference `exp[a, b] = (e^a - e^b)/(a - b)`, which is `e^a` at a = b.
pub(super) fn divided(a: f64, b: f64) -> f64 {
    let (least, greatest) = (a.min(b), a.max(b));
    let width = greatest - least;
    if width == 0.0 {
        return greatest.exp();
    }
    // The exponential of the greater argument is factored out, so that nothing overflows if the result does not.
    greatest.exp() * -(-width).exp_m1() / width
}

/// The least difference between the greatest and the least argument for which the recursion is used. From there on it loses less than one decimal
/// digit.
const WIDE: f64 = 1.0;
/// The number of terms of the series. If all arguments are within half of [`WIDE`] of their middle, the first omitted term is below
/// `binomial(20, 2) 2^-18 / 20!` < 1e-21.
const TERMS: usize = 18;

/// Returns the divided difference `exp[a, b, c] = (exp[a, b] - exp[b, c])/(a - c)`, which is `½ e^a` at a = b = c.
pub(super) fn twice_divided(a: f64, b: f64, c: f64) -> f64 {
    let mut sorted = [a, b, c];
    sorted.sort_by(f64::total_cmp);
    let [a, b, c] = sorted;
    if c - a >= WIDE {
        return (divided(b, c) - divided(a, b)) / (c - a);
    }
    // The series is exp[a, b, c] = e^m Σ_k h_k(a - m, b - m, c - m) / (k + 2)!, with the complete homogeneous polynomials h_k.
    let middle = f64::midpoint(a, c);
    let (x, y, z) = (a - middle, b - middle, c - middle);
    let (mut one, mut two, mut three) = (1.0, 1.0, 1.0);
    let mut factorial = 2.0;
    let mut sum = 0.5;
    for k in 1..TERMS {
        one *= x;
        two = one + y * two;
        three = two + z * three;
        factorial *= k as f64 + 2.0;
        sum += three / factorial;
    }
    middle.exp() * sum
}

/// Returns `(1 - e^-τh)/h`, which is τ at h = 0. The time τ is ηT.
pub(super) fn stabilized(h: f64, time: f64) -> f64 {
    time * divided(-time * h, 0.0)
}

/// Returns the divided difference of [`stabilized`] at two eigenvalues.
pub(super) fn stabilized_difference(a: f64, b: f64, time: f64) -> f64 {
    -time * time * twice_divided(-time * a, -time * b, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `exp[a, b, c]` as an integral over the simplex, `∫_0^1 (1 - s) e^(...)`: by the series of `exp` about 0 in plain sums, for moderate arguments.
    fn by_series(a: f64, b: f64, c: f64) -> f64 {
        // h_k(a, b, c) = Σ_{i+j+l=k} a^i b^j c^l, k up to 60.
        let mut sum = 0.0;
        let mut factorial = 1.0;
        for k in 0..60 {
            if k > 0 {
                factorial *= f64::from(k) + 2.0;
            } else {
                factorial = 2.0;
            }
            let mut homogeneous = 0.0;
            for i in 0..=k {
                for j in 0..=k - i {
                    homogeneous += a.powi(i) * b.powi(j) * c.powi(k - i - j);
                }
            }
            sum += homogeneous / factorial;
        }
        sum
    }

    /// Positive arguments: nothing cancels in the series, which is good to its 60 roundings. Shifting all arguments by -m multiplies by `e^-m`, which
    /// covers the others. The recursion for wide arguments loses a factor of 4 at most: two terms of ratio `e^(1/2)` at least.
    #[test]
    fn divided_differences_are_their_series() {
        let arguments = [0.0, 1e-9, 0.3, 0.300_000_1, 1.1, 2.5, 4.0];
        for a in arguments {
            for b in arguments {
                for c in arguments {
                    let expected = by_series(a, b, c);
                    for shift in [0.0, -3.0, -40.0, 7.0] {
                        let found = twice_divided(a + shift, b + shift, c + shift);
                        let error = found / (expected * shift.exp()) - 1.0;
                        // Shifted arguments are rounded: 40 units of 1e-16, and the exponential of -40 counts as many.
                        assert!(error.abs() < 1e-13, "{a}, {b}, {c}, {shift}: {error:e}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_stabilized_inverse_is_entire() {
        assert_eq!(stabilized(0.0, 3.0), 3.0);
        assert_eq!(stabilized_difference(0.0, 0.0, 3.0), -4.5);
        for h in [1e-300, 1e-12, -1e-12] {
            assert!((stabilized(h, 3.0) - 3.0).abs() < 1e-11, "{h}");
        }
        assert_eq!(stabilized(2.0, 1e6), 0.5);
        // 1/a and 1/b, and the difference of them.
        assert!((stabilized_difference(2.0, 4.0, 1e4) + 0.125).abs() < 1e-15);
        let negative = stabilized(-2.0, 3.0);
        assert!((negative / ((6f64.exp() - 1.0) / 2.0) - 1.0).abs() < 1e-15);
    }
}
