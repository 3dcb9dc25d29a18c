//! A model of the work of derivatives of a feed-forward network.
//!
//! A network consists of a first layer, which reads data, and hidden layers, which read activations. A derivative along directions is a forward and a
//! reverse run on truncated power series with one variable for each direction. The series of a weight has a constant coefficient and one for each
//! single variable, that of a datum only a constant one. A coefficient of a result is needed if it divides one that is an output of the pass. With C
//! the set of needed coefficients, the work in multiples of that of a forward run on plain numbers is:
//!
//! | | hidden layers | first layer |
//! | --- | --- | --- |
//! | forward | Σ over c in C of 1 + its number of variables | coefficients in C of degree 0 or 1 |
//! | backward to the layer's input | the same | none |
//! | weight gradients | Σ over outputs c of the number of coefficients that divide c | 1 for each output c |
//!
//! So a gradient takes 2 times the work of the first layer and 3 times that of the hidden ones, a Hessian-vector product 3 and 8 times, the gradient of
//! d²l\[u,v\] 4 and 20 times, and that of d²l\[v,v\] 3 and 13 times. The coefficients of degree 0 do not depend on the directions. A Hessian-vector
//! product beside others at the same sample does not compute them again, and takes 2 and 6 times.

use std::collections::BTreeSet;
use std::ops::{Add, Mul};

use super::{CostParameters, Operand, Step};

/// The share of the first layer in the work of a forward run, where the shapes of the network are not known. It is that of the paper's convolutional
/// networks.
const FIRST_LAYER: f64 = 0.46;

/// Work in multiples of the forward work of the first layer of a network and of its hidden layers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// The multiple of the forward work of the first layer.
    pub first: f64,
    /// The multiple of the forward work of the hidden layers.
    pub hidden: f64,
}

impl Work {
    /// The work of a loss.
    pub const LOSS: Work = Work {
        first: 1.0,
        hidden: 1.0,
    };

    /// The work of the demanded derivatives of a step for each tuple of samples.
    pub fn of_step(step: &Step, demand: &[bool], parameters: &CostParameters) -> Work {
        match step {
            Step::Loss { .. } if step.is_demanded(demand) => Work::LOSS,
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
                Work::of_pass(*sample, directions, &powers, parameters)
            }
            _ => Work::default(),
        }
    }

    /// The work of a pass whose outputs have these powers, which say how often each direction is contracted.
    pub fn pass<P: AsRef<[u8]>>(powers: &[P]) -> Work {
        Work::coefficients(powers, false)
    }

    /// The work of a further pass along other directions at the same sample.
    pub fn pass_beside<P: AsRef<[u8]>>(powers: &[P]) -> Work {
        Work::coefficients(powers, true)
    }

    /// The work of a pass of a plan for each tuple of samples, if an executor with these parameters runs it.
    ///
    /// A pass along several directions has one variable for each time that a direction is contracted. A pass along a single direction that does not
    /// depend on the differentiated samples is run for many directions in one call, of which the first also computes what all of them share.
    pub(super) fn of_pass<P: AsRef<[u8]>>(
        sample: usize,
        directions: &[Operand],
        powers: &[P],
        parameters: &CostParameters,
    ) -> Work {
        if powers.is_empty() {
            return Work::default();
        }
        let [direction] = directions else {
            return Work::pass(&variables(powers));
        };
        let highest = powers.iter().map(|p| p.as_ref()[0]).max();
        let alone = Work::pass(powers);
        let on_pairs = !direction.axes.is_empty() && !direction.axes.contains(&sample);
        if on_pairs && highest <= Some(parameters.highest_shared_power) {
            let beside = Work::pass_beside(powers);
            beside + (alone + beside * -1.0) * (1.0 / parameters.directions_per_call as f64)
        } else {
            alone
        }
    }

    /// The work in evaluations of the loss, for a network whose first layer has the same share of the work as in the paper's convolutional networks.
    pub fn evaluations(self) -> f64 {
        FIRST_LAYER * self.first + (1.0 - FIRST_LAYER) * self.hidden
    }

    /// The work of the table in the documentation of this module, with or without the coefficients of degree 0.
    fn coefficients<P: AsRef<[u8]>>(powers: &[P], without_constant: bool) -> Work {
        let mut needed: BTreeSet<Vec<u8>> = BTreeSet::new();
        for powers in powers {
            needed.extend(below(powers.as_ref()));
        }
        needed.retain(|c| !(without_constant && degree(c) == 0));
        let mut work = Work::default();
        for c in &needed {
            let variables = c.iter().filter(|&&power| power > 0).count();
            work.hidden += 2.0 * (1 + variables) as f64;
            if degree(c) <= 1 {
                work.first += 1.0;
            }
        }
        for c in powers {
            work.hidden += below(c.as_ref()).len() as f64;
            work.first += 1.0;
        }
        work
    }
}

impl Add for Work {
    type Output = Work;

    fn add(self, other: Work) -> Work {
        Work {
            first: self.first + other.first,
            hidden: self.hidden + other.hidden,
        }
    }
}

impl Mul<f64> for Work {
    type Output = Work;

    fn mul(self, by: f64) -> Work {
        Work {
            first: self.first * by,
            hidden: self.hidden * by,
        }
    }
}

/// The total degree of a monomial.
fn degree(c: &[u8]) -> u32 {
    c.iter().map(|&power| u32::from(power)).sum()
}

/// The monomials that divide `c`, including `c` itself.
fn below(c: &[u8]) -> Vec<Vec<u8>> {
    c.iter().fold(vec![vec![]], |all, &power| {
        all.iter()
            .flat_map(|start| (0..=power).map(move |p| start.iter().copied().chain([p]).collect()))
            .collect()
    })
}

/// The same derivatives with a separate variable for each time that a direction is contracted. A power k of a direction becomes the product of the first
/// k of its variables.
fn variables<P: AsRef<[u8]>>(powers: &[P]) -> Vec<Vec<u8>> {
    let directions = powers.iter().map(|p| p.as_ref().len()).max().unwrap_or(0);
    let copies: Vec<u8> = (0..directions)
        .map(|d| powers.iter().map(|p| p.as_ref()[d]).max().unwrap_or(0))
        .collect();
    powers
        .iter()
        .map(|powers| {
            powers
                .as_ref()
                .iter()
                .zip(&copies)
                .flat_map(|(&power, &copies)| (0..copies).map(move |copy| u8::from(copy < power)))
                .collect()
        })
        .collect()
}
