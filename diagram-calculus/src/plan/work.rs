//! The work of derivatives, counted from what any network looks like.
//!
//! A network is a first layer, which reads data, and hidden layers, which read activations. A derivative along directions is a forward and a
//! reverse run on truncated power series with one variable for each direction. Weights have a constant coefficient and one for each single
//! variable, data a constant one only. With C the coefficients that are needed (those below a coefficient that is read off), in multiples of the
//! forward work of plain numbers:
//!
//! | | hidden layers | first layer |
//! | --- | --- | --- |
//! | forward | Σ over c in C of 1 + its number of variables | coefficients in C of degree 0 or 1 |
//! | back to the layer's input | the same | none |
//! | weight gradients | Σ over c read off of the number of coefficients that divide c | 1 for each c read off |
//!
//! So a gradient is 2 of the first layer and 3 of the hidden ones, a Hessian-vector product 3 and 8, the gradient of d²l\[u,v\] 4 and 20, that of
//! d²l\[v,v\] 3 and 13. Directions that share a sample share its coefficients of degree 0: a Hessian-vector product is then 2 and 6.

use std::collections::BTreeSet;
use std::ops::{Add, Mul};

use super::{CostParameters, Operand};

/// Share of the first layer in a forward run where the shapes are not known: that of the paper's convnets.
const FIRST_LAYER: f64 = 0.46;

/// Work in multiples of the forward work of a network's first layer and of its hidden layers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// Multiples of the first layer's.
    pub first: f64,
    /// Multiples of the hidden layers'.
    pub hidden: f64,
}

impl Work {
    /// A loss.
    pub const LOSS: Work = Work {
        first: 1.0,
        hidden: 1.0,
    };

    /// The least work of a run in which derivatives with these powers are read off: how often each direction is contracted.
    pub fn pass<P: AsRef<[u8]>>(powers: &[P]) -> Work {
        Work::coefficients(powers, false)
    }

    /// The least work of one more run along other directions at the same sample.
    pub fn pass_beside<P: AsRef<[u8]>>(powers: &[P]) -> Work {
        Work::coefficients(powers, true)
    }

    /// The work of a plan's pass for each tuple of samples, when an executor with these parameters runs it.
    ///
    /// A pass along several directions has one variable for each time that a direction is contracted. A pass along a single direction that does
    /// not depend on the differentiated samples is run for many directions in one call: the first of them also computes what all of them share.
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

    /// In evaluations of a loss, of a network whose first layer has the share that the paper's convnets give it.
    pub fn evaluations(self) -> f64 {
        FIRST_LAYER * self.first + (1.0 - FIRST_LAYER) * self.hidden
    }

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

/// The same derivatives with a variable of its own for each time that a direction is contracted: of a direction's copies the first ones.
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
