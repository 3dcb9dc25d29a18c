//! The numbers in which sums over embeddings are computed.

use std::ops::{AddAssign, Mul};

use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

/// A commutative ring that holds the rational numbers, exactly or rounded.
pub trait RationalAlgebra: Clone + Zero + One + AddAssign + Mul<Output = Self> {
    /// The image of a rational number.
    fn from_rational(number: &BigRational) -> Self;
}

impl RationalAlgebra for BigRational {
    fn from_rational(number: &BigRational) -> Self {
        number.clone()
    }
}

impl RationalAlgebra for f64 {
    fn from_rational(number: &BigRational) -> Self {
        // A quotient of integers always has a nearest `f64`, which may be infinite.
        number.to_f64().unwrap_or(f64::NAN)
    }
}
