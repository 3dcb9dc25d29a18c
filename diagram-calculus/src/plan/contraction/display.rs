//! Contractions as tensor expressions.

use std::fmt;

use super::{ContractionPlan, TensorId, TensorStep};

/// Names of indices.
const INDICES: [char; 12] = ['i', 'j', 'k', 'l', 'm', 'o', 'p', 'q', 'r', 's', 't', 'u'];

impl ContractionPlan {
    /// A tensor in terms of those that it is made of: `t5_ijk = E t2_ij t1_k`, `t6_j = t3_i t4_ij`. Indices that occur twice are summed over, E is the
    /// mean over samples, and l, g, h, j, d4, … are the derivatives of a sample's loss.
    pub fn describe(&self, tensor: TensorId) -> String {
        let rank = self.shapes[tensor].rank;
        let all: Vec<usize> = (0..rank).collect();
        let result = self.with_indices(tensor, &all);
        match &self.steps[tensor] {
            TensorStep::Derivative { .. } => result,
            TensorStep::Mean { tensor } => {
                format!("{result} = E {}", self.with_indices(*tensor, &all))
            }
            TensorStep::Product {
                left,
                right,
                pairs,
                mean,
            } => {
                let mut next = 0..rank;
                // Contracted indices come after those that stay.
                let of = |side: usize,
                          contracted: &dyn Fn(usize) -> Option<usize>,
                          next: &mut std::ops::Range<usize>|
                 -> Vec<usize> {
                    (0..self.shapes[side].rank)
                        .map(|at| {
                            contracted(at)
                                .map_or_else(|| next.next().unwrap_or(rank), |pair| rank + pair)
                        })
                        .collect()
                };
                let lefts = of(*left, &|at| pairs.iter().position(|p| p.0 == at), &mut next);
                let rights = of(
                    *right,
                    &|at| pairs.iter().position(|p| p.1 == at),
                    &mut next,
                );
                let mean = if *mean { "E " } else { "" };
                format!(
                    "{result} = {mean}{} {}",
                    self.with_indices(*left, &lefts),
                    self.with_indices(*right, &rights)
                )
            }
        }
    }

    fn with_indices(&self, tensor: TensorId, indices: &[usize]) -> String {
        let name = match &self.steps[tensor] {
            TensorStep::Derivative { order: 0 } => "l".into(),
            TensorStep::Derivative { order: 1 } => "g".into(),
            TensorStep::Derivative { order: 2 } => "h".into(),
            TensorStep::Derivative { order: 3 } => "j".into(),
            TensorStep::Derivative { order } => format!("d{order}"),
            _ => format!("t{tensor}"),
        };
        let indices: String = indices
            .iter()
            .map(|&i| INDICES[i % INDICES.len()])
            .collect();
        if indices.is_empty() {
            name
        } else {
            format!("{name}_{indices}")
        }
    }
}

impl fmt::Display for ContractionPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for tensor in 0..self.steps.len() {
            writeln!(f, "{}", self.describe(tensor))?;
        }
        Ok(())
    }
}
