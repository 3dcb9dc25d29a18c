//! Least work of derivatives, counted from a network's shapes.
//!
//! A network is a first layer, which reads data, and hidden layers, which read activations: `first` and `hidden` floating point operations
//! forward, multiply and add as two, elementary functions not counted. A derivative along directions is a forward and a reverse run on
//! truncated power series with one variable for each direction. Weights have a constant coefficient and one for each single variable,
//! data a constant one only. With C the coefficients that are needed (those below a coefficient that is read off):
//!
//! | | hidden layers, times `hidden` | first layer, times `first` |
//! | --- | --- | --- |
//! | forward | Σ over c in C of 1 + its number of variables | coefficients in C of degree 0 or 1 |
//! | back to the layer's input | the same | none |
//! | weight gradients | Σ over c read off of the number of coefficients that divide c | 1 for each c read off |
//!
//! So a gradient is `2 first + 3 hidden` (394 kFLOP for the `LeNet` on Fashion-MNIST), a Hessian-vector product `3 first + 8 hidden` (883),
//! the gradient of d²l\[u,v\] `4 first + 20 hidden` (1,956), that of d²l\[v,v\] `3 first + 13 hidden` (1,300). Directions that share a sample
//! share its coefficients of degree 0: a Hessian-vector product is then `2 first + 6 hidden` (644).

use std::collections::BTreeSet;

use diagrams::calculus::plan::{Plan, Step};
use diagrams::runtime::landscape::Landscape;

/// Floating point operations forward.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    first: f64,
    hidden: f64,
}

impl Shapes {
    /// The shapes of a network that knows its work.
    pub(crate) fn of(landscape: &impl Landscape) -> Self {
        let forward = landscape.forward_flops().expect("a network");
        let gradient = landscape.gradient_flops().expect("a network");
        // A gradient is forward work three times, but for the first layer's way back.
        let first = 3.0 * forward - gradient;
        Shapes {
            first,
            hidden: forward - first,
        }
    }

    /// A loss.
    pub(crate) fn forward(self) -> f64 {
        self.first + self.hidden
    }

    /// A pass in which derivatives with these powers are read off.
    pub(crate) fn pass<P: AsRef<[u8]>>(self, powers: &[P]) -> f64 {
        self.coefficients(powers, false)
    }

    /// A pass for one more set of directions at the same sample.
    pub(crate) fn pass_beside<P: AsRef<[u8]>>(self, powers: &[P]) -> f64 {
        self.coefficients(powers, true)
    }

    fn coefficients<P: AsRef<[u8]>>(self, powers: &[P], without_constant: bool) -> f64 {
        let mut needed: BTreeSet<Vec<u8>> = BTreeSet::new();
        for powers in powers {
            needed.extend(below(powers.as_ref()));
        }
        needed.retain(|c| !(without_constant && degree(c) == 0));
        let mut flops = 0.0;
        for c in &needed {
            let variables = c.iter().filter(|&&power| power > 0).count();
            flops += 2.0 * self.hidden * (1 + variables) as f64;
            if degree(c) <= 1 {
                flops += self.first;
            }
        }
        for c in powers {
            flops += self.hidden * below(c.as_ref()).len() as f64 + self.first;
        }
        flops
    }

    /// The derivative work of a plan's classes of the given indices on n samples. In passes over pairs (or more), the samples' own runs are
    /// shared by all directions.
    pub(crate) fn plan(self, plan: &Plan, classes: std::ops::Range<usize>, n: usize) -> f64 {
        let demand = plan.demand(classes);
        let n = n as f64;
        let mut flops = 0.0;
        for step in &plan.steps {
            match step {
                Step::Loss { .. } if step.writes().iter().any(|&q| demand[q]) => {
                    flops += n * self.forward();
                }
                Step::Pass { axes, outputs, .. } => {
                    let powers: Vec<&[u8]> = outputs
                        .iter()
                        .filter(|o| demand[o.quantity])
                        .map(|o| &o.powers[..])
                        .collect();
                    if !powers.is_empty() {
                        let each = if *axes > 1 {
                            self.pass_beside(&powers)
                        } else {
                            self.pass(&powers)
                        };
                        flops += n.powi(*axes as i32) * each;
                    }
                }
                _ => {}
            }
        }
        flops
    }
}

fn degree(c: &[u8]) -> u32 {
    c.iter().map(|&power| u32::from(power)).sum()
}

/// The coefficients that divide `c`, itself among them.
fn below(c: &[u8]) -> Vec<Vec<u8>> {
    c.iter().fold(vec![vec![]], |all, &power| {
        all.iter()
            .flat_map(|start| (0..=power).map(move |p| start.iter().copied().chain([p]).collect()))
            .collect()
    })
}
