//! Least work of derivatives, counted from a network's shapes: see [`diagrams::calculus::plan::Work`].
//!
//! `first` and `hidden` floating point operations forward, multiply and add as two, elementary functions not counted. A gradient is
//! 394 kFLOP for the `LeNet` on Fashion-MNIST, a Hessian-vector product 883 (644 beside others at the same samples), the gradient of d²l\[u,v\]
//! 1,956, that of d²l\[v,v\] 1,300.

use diagrams::calculus::plan::{Plan, Step, Work};
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
        self.flops(Work::pass(powers))
    }

    /// A pass for one more set of directions at the same sample.
    pub(crate) fn pass_beside<P: AsRef<[u8]>>(self, powers: &[P]) -> f64 {
        self.flops(Work::pass_beside(powers))
    }

    fn flops(self, work: Work) -> f64 {
        work.first * self.first + work.hidden * self.hidden
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
