//! The costs of plans, with one evaluation of the loss of one sample as the unit.

use std::collections::BTreeMap;

use super::{CostParameters, Kind, Plan, Step, Work};

/// The cost of a plan on n samples of a landscape with P weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// The work of derivatives, in evaluations of the loss of one sample.
    pub sample_evaluations: f64,
    /// The floating point operations of dot products, products and averages.
    pub contraction_flops: f64,
    /// The numbers in the tables that are stored, which are those of rank 0 and 1.
    pub stored_numbers: f64,
}

impl Plan {
    /// The cost of the demanded quantities (see [`Plan::demand`]) on `samples` samples of a landscape with `dimension` weights.
    pub fn cost(
        &self,
        demand: &[bool],
        samples: usize,
        dimension: usize,
        parameters: &CostParameters,
    ) -> Cost {
        let n = samples as f64;
        let p = dimension as f64;
        let mut cost = Cost {
            sample_evaluations: self.sample_evaluations(demand, samples, parameters),
            ..Cost::default()
        };
        for step in self.steps.iter().filter(|step| step.is_demanded(demand)) {
            match step {
                Step::Loss { .. } | Step::Pass { .. } => {}
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

    /// The work of the derivatives in the demanded quantities, in evaluations of the loss of one sample.
    fn sample_evaluations(
        &self,
        demand: &[bool],
        samples: usize,
        parameters: &CostParameters,
    ) -> f64 {
        // Steps with the same number of loops are added first, since their work is of the same order of magnitude.
        let mut by_loops: BTreeMap<usize, f64> = BTreeMap::new();
        for step in &self.steps {
            let tuples = (samples as f64).powi(step.axes() as i32);
            *by_loops.entry(step.axes()).or_default() +=
                Work::of_step(step, demand, parameters).evaluations() * tuples;
        }
        by_loops.values().sum()
    }
}
