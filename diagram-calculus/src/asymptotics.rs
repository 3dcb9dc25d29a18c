//! Coefficients in powers of 1/T at fixed ηT.
//!
//! Let the number T of updates grow and ηT, the time of descent, stay fixed. A value of order d with coefficient f(T) then contributes
//! `f(T) η^d = (ηT)^d Σ a_c T^-c`. For vanilla SGD (one epoch of batches of one, so that T = N) every f is a polynomial, of degree d - c
//! for a diagram with c fuzzy ties (Proposition 1 of Tenka, *A Space-Time Approach to Analyzing SGD*), and the sum is finite. The terms T^0
//! are gradient flow's, dθ/dt = -∇l; the others are what steps of finite size and noise add.
//!
//! # Corollary 3
//!
//! Write G, H, J for the derivatives of the test loss, C and S for the second and third cumulants of the gradient g of one datapoint, h for its
//! Hessian. To third order in ηT, vanilla SGD's test loss is gradient flow's, plus
//!
//! ```text
//! (ηT)^2 T^-1 (1/2 C·H - 1/2 GHG)
//! (ηT)^3 T^-1 (GHHG + 1/4 JGGG - 1/2 tr CHH - 1/2 G Cov(h, H g) - 3/4 J[C, G])
//! (ηT)^3 T^-2 (-1/6 S·J + 1/4 J[C, G] - 1/12 JGGG - 1/3 GHHG + 1/2 tr CHH + 1/2 G Cov(h, H g))
//! ```
//!
//! with indices contracted by the metric, its scale η taken out, all at the initial weight. Each line is exact in N. The paper's display
//! relates to it as follows:
//!
//! - Its deviation from gradient flow at order T^-1, `1/2 C·H`, is the lowest order in ηT where GHG = 0, as at a minimum of the test loss.
//!   Elsewhere -1/2 GHG comes with it, which is no noise but the finite step: `1/2 C·H` is, at any G, what SGD has in excess of gradient
//!   *descent* on the test loss.
//! - Its deviation at order T^-2, `-1/6 (E ggg - GGG - 3 C G) J`, is -1/6 S·J: all of what non-Gaussian noise adds, at any G. It is not all
//!   of T^-2: Gaussian noise has a share too, of which 1/2 tr CHH stays at G = 0.

use std::collections::BTreeMap;

use crate::coefficient::Coefficient;
use crate::value_class::ValueClass;

/// The size that is proportional to the number T of updates as that grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrowingSize {
    /// N: each epoch has T = N/B updates. For vanilla SGD (B = E = 1) it is T.
    Train,
    /// E: more epochs over the same points. For gradient descent it is T.
    Epochs,
}

/// Values with coefficients, by order d in ηT and power c of 1/T.
pub type DoubleSeries = BTreeMap<(usize, i32), Vec<(ValueClass, Coefficient)>>;

impl Coefficient {
    /// The `a_c`, free of `size`, in `self · η^order = (η·size)^order Σ a_c size^-c`; none of them 0.
    ///
    /// `None` if the sum is infinite: for [`GrowingSize::Train`] if N - j stands in the denominator with another j than 0, as shuffling brings it.
    pub fn in_inverse(
        &self,
        size: GrowingSize,
        order: usize,
    ) -> Option<BTreeMap<i32, Coefficient>> {
        let (shift, below) = match size {
            GrowingSize::Train if self.denominator().len() > 1 => return None,
            GrowingSize::Train => (
                self.denominator().first().map_or(0, |&k| k as i32),
                Coefficient::one(),
            ),
            GrowingSize::Epochs => (0, self.over_denominator()),
        };
        let order = i32::try_from(order).unwrap_or(i32::MAX);
        let mut sums: BTreeMap<i32, Coefficient> = BTreeMap::new();
        for (&[n, b, e], number) in self.numerator() {
            let (power, rest) = match size {
                GrowingSize::Train => (n - shift, [0, b, e]),
                GrowingSize::Epochs => (e, [n, b, 0]),
            };
            let monomial = Coefficient::power(rest).scale(number).mul(&below);
            let sum = sums
                .entry(order.saturating_sub(power))
                .or_insert_with(Coefficient::zero);
            *sum = sum.add(&monomial);
        }
        sums.retain(|_, sum| !sum.is_zero());
        Some(sums)
    }
}

/// The double series of an expansion's or a combination's values: what stands at (ηT)^d T^-c, T being `size`. Values in the order given.
///
/// `None` if a coefficient's series is infinite ([`Coefficient::in_inverse`]).
pub fn double_series(
    values: &[(ValueClass, Coefficient)],
    size: GrowingSize,
) -> Option<DoubleSeries> {
    let mut series = DoubleSeries::new();
    for (class, coefficient) in values {
        for (c, share) in coefficient.in_inverse(size, class.order())? {
            let terms = series.entry((class.order(), c)).or_default();
            terms.push((class.clone(), share));
        }
    }
    Some(series)
}
