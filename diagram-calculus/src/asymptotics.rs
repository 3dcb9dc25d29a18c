//! Expansions of coefficients in powers of 1/T at fixed ηT.
//!
//! Let the number T of updates grow while ηT, the duration of descent, stays fixed. A value of order d with coefficient f(T) then contributes
//! `f(T) η^d = (ηT)^d Σ a_c T^-c`. For vanilla SGD (one epoch of batches of one, so that T = N) every f is a polynomial, of degree d - c
//! for a diagram with c fuzzy ties (Proposition 1 of Tenka, *A Space-Time Approach to Analyzing SGD*), and the sum is finite. The terms of order T^0
//! are those of gradient flow, dθ/dt = -∇l; the others come from the finite size of steps and from noise.
//!
//! # Corollary 3
//!
//! Let G, H, J be the first three derivatives of the test loss, C and S the second and third cumulants of the gradient g of one datapoint, and h its
//! Hessian. To third order in ηT, the test loss of vanilla SGD is that of gradient flow plus
//!
//! ```text
//! (ηT)^2 T^-1 (1/2 C·H - 1/2 GHG)
//! (ηT)^3 T^-1 (GHHG + 1/4 JGGG - 1/2 tr CHH - 1/2 G Cov(h, H g) - 3/4 J[C, G])
//! (ηT)^3 T^-2 (-1/6 S·J + 1/4 J[C, G] - 1/12 JGGG - 1/3 GHHG + 1/2 tr CHH + 1/2 G Cov(h, H g))
//! ```
//!
//! where indices are contracted by the metric without its scale η, and all derivatives are taken at the initial weight. Each line is exact in N. The
//! formulas displayed in the paper are related to these as follows:
//!
//! - The paper's deviation from gradient flow at order T^-1, `1/2 C·H`, is the term of lowest order in ηT where GHG = 0, as at a minimum of the test
//!   loss. In general there is also -1/2 GHG, which is due to the finite step and not to noise. So `1/2 C·H` is, for any G, the excess of SGD over
//!   gradient *descent* on the test loss.
//! - The paper's deviation at order T^-2, `-1/6 (E ggg - GGG - 3 C G) J`, equals -1/6 S·J, which is the whole contribution of non-Gaussian noise, for
//!   any G. There are further terms of order T^-2 from Gaussian noise, of which 1/2 tr CHH is not zero at G = 0.

use std::collections::BTreeMap;

use crate::coefficient::Coefficient;
use crate::value_class::ValueClass;

/// The size of a schedule that grows in proportion to the number T of updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrowingSize {
    /// N, where each epoch has N/B updates. For vanilla SGD (B = E = 1) it equals T.
    Train,
    /// E, the number of epochs over the same points. For gradient descent it equals T.
    Epochs,
}

/// For each order d in ηT and power c of 1/T, the values with their coefficients.
pub type DoubleSeries = BTreeMap<(usize, i32), Vec<(ValueClass, Coefficient)>>;

impl Coefficient {
    /// The coefficients `a_c` of `self · η^order = (η·size)^order Σ a_c size^-c`, which do not depend on `size`. None of them is 0.
    ///
    /// `None` if the sum is infinite. This is so for [`GrowingSize::Train`] if the denominator has a factor N - j with j > 0, which comes from
    /// shuffling.
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

/// The double series in (ηT)^d T^-c of the values of an expansion or a combination, with `size` in place of T. The values of each term are in the order
/// given.
///
/// `None` if the series of a coefficient is infinite ([`Coefficient::in_inverse`]).
///
/// ```
/// use diagram_calculus::asymptotics::{GrowingSize, double_series};
/// use diagram_calculus::measure::{Measure, diagrams_for, expand};
/// use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
///
/// let train = Parameter::Symbol("N".into());
/// let one = Parameter::Literal(1);
/// let vanilla = Spacetime::sgd(train, one.clone(), one, Shuffle::Never);
/// let expansion = expand(Measure::TestLoss, &vanilla, diagrams_for(Measure::TestLoss, 2))?;
/// let series = double_series(&expansion.values, GrowingSize::Train).expect("finite without shuffling");
/// // The term of order (ηT)^2 / T is 1/2 C·H - 1/2 G H G, with C·H = E[g H g] - G H G.
/// let terms: Vec<String> = series[&(2, 1)].iter().map(|(class, c)| format!("{c} {class}")).collect();
/// assert_eq!(terms, ["1/2 (01-02)(0-12)", "-1 (01-02)(0-1-2)"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
