//! Counts the floating point operations that derivatives of a network take at least: see [`diagrams::calculus::plan::Work`].
//!
//! A multiply-add counts as two operations, and elementary functions are not counted.

use diagrams::calculus::plan::{Plan, Step, Work};
use diagrams::runtime::landscape::Landscape;

/// The floating point operations of a forward pass at one sample, split into those of the first layer and those of all layers behind it.
#[derive(Clone, Copy)]
pub(crate) struct Shapes {
    first: f64,
    hidden: f64,
}

impl Shapes {
    /// The operations of a network that reports those of a loss and of a gradient.
    pub(crate) fn of(landscape: &impl Landscape) -> Self {
        let forward = landscape.forward_flops().expect("a network");
        let gradient = landscape.gradient_flops().expect("a network");
        // A gradient takes three times the operations of a forward pass, without those of the gradient with respect to the input of the first layer.
        let first = 3.0 * forward - gradient;
        Shapes {
            first,
            hidden: forward - first,
        }
    }

    /// The operations of a loss.
    pub(crate) fn forward(self) -> f64 {
        self.first + self.hidden
    }

    /// The operations of a pass that computes the derivatives with these powers, for one set of directions.
    pub(crate) fn pass<P: AsRef<[u8]>>(self, powers: &[P]) -> f64 {
        self.flops(Work::pass(powers))
    }

    /// The operations of a pass for one more set of directions at the same sample.
    pub(crate) fn pass_beside<P: AsRef<[u8]>>(self, powers: &[P]) -> f64 {
        self.flops(Work::pass_beside(powers))
    }

    fn flops(self, work: Work) -> f64 {
        work.first * self.first + work.hidden * self.hidden
    }

    /// The operations of the derivatives that a plan's classes with the given indices take on n samples. In passes over pairs of samples or more,
    /// what depends on the differentiated sample alone is counted as shared by all directions.
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
