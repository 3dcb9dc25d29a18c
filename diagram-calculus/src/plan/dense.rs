//! What a plan costs if the derivatives of each sample are held as explicit tensors.

use super::{CostParameters, Plan, Step, Work};

/// Cost of the values of a plan on n samples of a landscape with P weights by explicit tensors.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DenseCost {
    /// Work of filling the tensors, in evaluations of one sample's loss.
    pub sample_evaluations: f64,
    /// Floating point operations of contracting them with directions.
    pub contraction_flops: f64,
    /// Numbers held.
    pub numbers: f64,
}

impl Plan {
    /// The order of the highest derivative of a sample's loss that the demanded quantities contain (see [`Plan::demand`]).
    pub fn highest_derivative(&self, demand: &[bool]) -> usize {
        self.demanded_outputs(demand)
            .map(|(_, powers)| 1 + contractions(powers))
            .max()
            .unwrap_or(0)
    }

    /// The cost of holding the tensors of `samples` samples.
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
                // Sets of basis vectors that share their first run are counted as if they did not.
                cost.sample_evaluations +=
                    n * choices(&powers, dimension) * Work::pass(&[&powers]).evaluations();
            }
        }
        cost
    }

    /// The operations of contracting held tensors for the demanded quantities on `samples` of the samples.
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

    /// Of the passes: their number of loops and the powers that they read off.
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

fn contractions(powers: &[u8]) -> usize {
    powers.iter().map(|&power| usize::from(power)).sum()
}

/// The ways to write `total` as a sum of positive numbers of at most `most`, in descending order.
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

/// How many monomials in `dimension` variables have these exponents, in any order.
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
