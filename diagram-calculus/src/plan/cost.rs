//! What a plan costs, in units of one sample's loss.

use super::{Kind, Plan, Step, Work};

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

impl Plan {
    /// The cost of the values of all classes on `samples` samples of a landscape with `dimension` weights.
    pub fn cost(&self, samples: usize, dimension: usize) -> Cost {
        self.cost_of(&vec![true; self.quantities.len()], samples, dimension)
    }

    /// The derivative work of the demanded quantities in evaluations of one sample's loss, by the number of nested sample loops: at index 1 what
    /// grows as n, at index 2 what grows as n².
    pub fn evaluations_by_loops(&self, demand: &[bool], samples: usize) -> Vec<f64> {
        let mut evaluations = vec![0.0; 3];
        for step in &self.steps {
            let loops = step.axes();
            if evaluations.len() <= loops {
                evaluations.resize(loops + 1, 0.0);
            }
            evaluations[loops] +=
                step.work(demand).evaluations() * (samples as f64).powi(loops as i32);
        }
        evaluations
    }

    /// The cost of the demanded quantities only (see [`Plan::demand`]).
    pub fn cost_of(&self, demand: &[bool], samples: usize, dimension: usize) -> Cost {
        let n = samples as f64;
        let p = dimension as f64;
        let mut cost = Cost {
            sample_evaluations: self.evaluations_by_loops(demand, samples).iter().sum(),
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
}

impl Step {
    /// Whether any of what it writes is demanded (see [`Plan::demand`]).
    pub fn is_demanded(&self, demand: &[bool]) -> bool {
        self.writes().iter().any(|&q| demand[q])
    }

    /// The derivative work for each tuple of samples, of what is demanded.
    pub fn work(&self, demand: &[bool]) -> Work {
        match self {
            Step::Loss { .. } if self.is_demanded(demand) => Work::LOSS,
            Step::Pass {
                sample,
                directions,
                outputs,
                ..
            } => {
                let powers: Vec<&[u8]> = outputs
                    .iter()
                    .filter(|o| demand[o.quantity])
                    .map(|o| &o.powers[..])
                    .collect();
                Work::of_pass(*sample, directions, &powers)
            }
            _ => Work::default(),
        }
    }
}
