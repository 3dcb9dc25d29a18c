//! The costs of plans if the derivatives of each sample are held as explicit tensors.

use super::{CostParameters, Plan, Step, Work};

/// The cost of the explicit tensors for a plan on n samples of a landscape with P weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DenseCost {
    /// The work of computing the tensors, in evaluations of the loss of one sample.
    pub sample_evaluations: f64,
    /// The floating point operations of contracting them with directions.
    pub contraction_flops: f64,
    /// The numbers in the tensors.
    pub numbers: f64,
}

impl Plan {
    /// The order of the highest derivative in the demanded quantities (see [`Plan::demand`]).
    pub fn highest_derivative(&self, demand: &[bool]) -> usize {
        self.demanded_outputs(demand)
            .map(|(_, powers)| 1 + contractions(powers))
            .max()
            .unwrap_or(0)
    }

    /// The cost of computing and holding the tensors of `samples` samples.
    pub fn tensors_cost(&self, demand: &[bool], samples: usize, dimension: usize) -> DenseCost {
        let n = samples as f64;
        let p = dimension as f64;
        let mut cost = DenseCost {
            sample_evaluations: n,
            numbers: n,
            ..DenseCost::default()
        };
        for order in 1..=self.highest_derivative(demand) {
            cost.numbers += n * p.powi(order as i32);
            for powers in partitions(order - 1, order - 1) {
                // One pass for each set of basis vectors; work that the passes share is not subtracted.
                cost.sample_evaluations +=
                    n * choices(&powers, dimension) * Work::pass(&[&powers]).evaluations();
            }
        }
        cost
    }

    /// The floating point operations of contracting the tensors for the demanded quantities on `samples` of the samples.
    pub fn dense_contraction_flops(
        &self,
        demand: &[bool],
        samples: usize,
        dimension: usize,
        parameters: &CostParameters,
    ) -> f64 {
        self.demanded_outputs(demand)
            .map(|(axes, powers)| {
                let contracted: f64 = (2..=1 + contractions(powers))
                    .map(|rank| 2.0 * (dimension as f64).powi(rank as i32))
                    .sum();
                (samples as f64).powi(axes as i32) * (parameters.contraction_start + contracted)
            })
            .sum()
    }

    /// The demanded outputs of all passes, each as the number of loops of its pass and its powers.
    fn demanded_outputs<'a>(
        &'a self,
        demand: &'a [bool],
    ) -> impl Iterator<Item = (usize, &'a [u8])> + 'a {
        self.steps.iter().flat_map(move |step| {
            let (axes, outputs) = match step {
                Step::Pass { axes, outputs, .. } => (*axes, &outputs[..]),
                _ => (0, &[][..]),
            };
            outputs
                .iter()
                .filter(|o| demand[o.quantity])
                .map(move |o| (axes, &o.powers[..]))
        })
    }
}

/// The number of contracted indices.
fn contractions(powers: &[u8]) -> usize {
    powers.iter().map(|&power| usize::from(power)).sum()
}

/// The integer partitions of `total` into parts of at most `most`, each in descending order.
fn partitions(total: usize, most: usize) -> Vec<Vec<u8>> {
    if total == 0 {
        return vec![vec![]];
    }
    (1..=total.min(most))
        .rev()
        .flat_map(|first| {
            partitions(total - first, first)
                .into_iter()
                .map(move |rest| [vec![first as u8], rest].concat())
        })
        .collect()
}

/// The number of monomials in `dimension` variables that have these exponents in any order.
fn choices(powers: &[u8], dimension: usize) -> f64 {
    let mut count = 1.0;
    let mut equal = 0.0;
    for (at, power) in powers.iter().enumerate() {
        equal = if at > 0 && powers[at - 1] == *power {
            equal + 1.0
        } else {
            1.0
        };
        count *= (dimension as f64 - at as f64).max(0.0) / equal;
    }
    count
}
