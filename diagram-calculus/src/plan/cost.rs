//! What a plan costs, in units of one sample's loss.

use super::{Kind, Plan, Step};

/// Share of the layers' multiply-adds that propagate back to inputs, beside those that make weight gradients: the first layer has
/// no input gradient. Half is typical of the paper's convnets.
const INPUT_GRADIENT_SHARE: f64 = 0.54;

/// Cost of a plan on n samples of a landscape with P weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// Derivative work, in evaluations of one sample's loss.
    pub sample_evaluations: f64,
    /// Floating point operations of dot products and averages, outside the landscape.
    pub contraction_flops: f64,
    /// Numbers held in tables that are stored (ranks 0 and 1).
    pub stored_numbers: f64,
}

/// Cost of one pass in units of one loss, counted in multiply-adds of the algebra that the outputs' powers need.
///
/// One direction to power K needs univariate Taylor series of M = K + 1 coefficients: weights move on a line, so a product with a weight
/// costs 2M - 1, a product of two series M(M+1)/2. Several directions need multi-dual numbers: 2^q coefficients.
pub fn pass_units<'a>(powers: impl IntoIterator<Item = &'a [u8]>) -> f64 {
    let mut most: Vec<u8> = vec![];
    let mut any = false;
    for p in powers {
        any = true;
        most.resize(p.len(), 0);
        for (m, &power) in most.iter_mut().zip(p) {
            *m = (*m).max(power);
        }
    }
    if !any {
        return 0.0;
    }
    let (by_weight, full) = match most[..] {
        [] => (1.0, 1.0),
        [power] => {
            let m = f64::from(power) + 1.0;
            (2.0 * m - 1.0, m * (m + 1.0) / 2.0)
        }
        _ => {
            let q = most.iter().map(|&p| i32::from(p)).sum::<i32>();
            (2f64.powi(q) * (1.0 + f64::from(q) / 2.0), 3f64.powi(q))
        }
    };
    by_weight * (1.0 + INPUT_GRADIENT_SHARE) + full
}

impl Plan {
    /// The cost of the values of all classes on `samples` samples of a landscape with `dimension` weights.
    pub fn cost(&self, samples: usize, dimension: usize) -> Cost {
        self.cost_of(&vec![true; self.quantities.len()], samples, dimension)
    }

    /// The cost of the demanded quantities only (see [`Plan::demand`]).
    pub fn cost_of(&self, demand: &[bool], samples: usize, dimension: usize) -> Cost {
        let n = samples as f64;
        let p = dimension as f64;
        let mut cost = Cost::default();
        for step in &self.steps {
            if !step.writes().iter().any(|&q| demand[q]) {
                continue;
            }
            match step {
                Step::Loss { .. } => cost.sample_evaluations += n,
                Step::Pass { axes, outputs, .. } => {
                    let units = pass_units(
                        outputs
                            .iter()
                            .filter(|o| demand[o.quantity])
                            .map(|o| &o.powers[..]),
                    );
                    cost.sample_evaluations += units * n.powi(*axes as i32);
                }
                Step::Mean { operand, .. } => {
                    cost.contraction_flops += p * n.powi(self.quantities[*operand].rank as i32);
                }
                Step::Dot { axes, .. } => cost.contraction_flops += 2.0 * p * n.powi(*axes as i32),
                Step::Product { axes, factors, .. } => {
                    cost.contraction_flops += factors.len() as f64 * n.powi(*axes as i32);
                }
            }
        }
        for (quantity, _) in self
            .quantities
            .iter()
            .zip(demand)
            .filter(|&(q, &d)| d && q.rank <= 1)
        {
            let width = if quantity.kind == Kind::Vector {
                p
            } else {
                1.0
            };
            cost.stored_numbers += width * n.powi(quantity.rank as i32);
        }
        cost
    }
}
