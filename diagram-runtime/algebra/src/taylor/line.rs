//! Weights that are Taylor series of degree 1.

use super::Taylor;
use crate::scalar::{Lanes, Scalar, Weight};
use crate::unroll::each;

/// A weight on a line, `value + slope·t`. A product with it takes 2M - 1 multiply-adds instead of M(M+1)/2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line<V, D> {
    /// The weight at t = 0.
    pub value: V,
    /// The component of the direction.
    pub slope: D,
}

impl<R: Lanes, V: Weight<R>, D: Weight<R>, const M: usize> Weight<Taylor<R, M>> for Line<V, D> {
    #[inline(always)]
    fn add_times(&self, a: &Taylor<R, M>, accumulator: &mut Taylor<R, M>) {
        each::<M>(
            #[inline(always)]
            |k| {
                let sum = &mut accumulator.coefficients[k];
                self.value.add_times(&a.coefficients[k], sum);
                if k > 0 {
                    self.slope.add_times(&a.coefficients[k - 1], sum);
                }
            },
        );
    }

    #[inline(always)]
    fn add_times_base(&self, x: &R, accumulator: &mut Taylor<R, M>) {
        self.value
            .add_times_base(x, &mut accumulator.coefficients[0]);
        if M > 1 {
            self.slope
                .add_times_base(x, &mut accumulator.coefficients[1]);
        }
    }

    #[inline(always)]
    fn lift(&self) -> Taylor<R, M> {
        let mut series = Taylor::from_base(self.value.lift());
        if M > 1 {
            series.coefficients[1] = self.slope.lift();
        }
        series
    }
}
