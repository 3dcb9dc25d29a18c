//! Values as contractions of moments, where the derivatives of each sample are held as explicit tensors.
//!
//! The samples of different parts of a class are independent, so its value is a network: for each part the mean over samples of the product of its
//! nodes' derivatives, a *moment* with one index for each edge that leaves the part, contracted along those edges. A moment takes one loop over the
//! samples, whatever the class; the plan's steps, which hold no tensor with more than one index, need a loop over pairs where two parts are joined
//! by more than one edge.

mod build;
mod display;

use std::collections::BTreeSet;

use crate::value_class::ValueClass;

/// Index of a tensor of a [`ContractionPlan`].
pub type TensorId = usize;

/// One tensor, in terms of tensors that come before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TensorStep {
    /// For each sample the derivative of its loss of this order; the loss itself is that of order 0.
    Derivative {
        /// Number of indices.
        order: usize,
    },
    /// The mean over the samples of a tensor that each sample has.
    Mean {
        /// Which tensor.
        tensor: TensorId,
    },
    /// The product of two tensors, contracted over pairs of indices. Both are of each sample, or neither is. The indices that stay are those of the
    /// left tensor in order, then those of the right one.
    Product {
        /// One tensor.
        left: TensorId,
        /// The other.
        right: TensorId,
        /// Positions of the indices that are contracted, in the left and in the right tensor.
        pairs: Vec<(usize, usize)>,
        /// Whether the product is averaged over the samples.
        mean: bool,
    },
}

impl TensorStep {
    /// The tensors that it reads.
    pub fn reads(&self) -> Vec<TensorId> {
        match self {
            TensorStep::Derivative { .. } => vec![],
            TensorStep::Mean { tensor } => vec![*tensor],
            TensorStep::Product { left, right, .. } => vec![*left, *right],
        }
    }
}

/// What a step of a [`ContractionPlan`] makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorShape {
    /// Number of indices, each of which takes P values.
    pub rank: usize,
    /// Whether each sample has its own.
    pub of_each_sample: bool,
}

/// The values of some classes as contractions of moments. Equal tensors of different classes are made once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractionPlan {
    /// The tensors, each after those that it reads.
    pub steps: Vec<TensorStep>,
    /// For each class, in the order given, the tensor that is its value.
    pub outputs: Vec<TensorId>,
    shapes: Vec<TensorShape>,
}

impl ContractionPlan {
    /// Plans the values of `classes`, in their order.
    ///
    /// # Panics
    /// Never: steps are built after what they read.
    pub fn new(classes: &[ValueClass]) -> Self {
        let mut builder = build::Builder::default();
        let outputs = classes.iter().map(|class| builder.add(class)).collect();
        let plan = Self::from_steps(builder.steps, outputs);
        plan.expect("steps are built after what they read")
    }

    /// `None` if a step reads what does not come before it, or contracts indices that a tensor does not have.
    pub(super) fn from_steps(steps: Vec<TensorStep>, outputs: Vec<TensorId>) -> Option<Self> {
        let mut shapes = vec![];
        for step in &steps {
            shapes.push(shape(step, &shapes)?);
        }
        let is_value = |&id: &TensorId| shapes.get(id).is_some_and(|s| !s.of_each_sample);
        outputs.iter().all(is_value).then_some(ContractionPlan {
            steps,
            outputs,
            shapes,
        })
    }

    /// What a tensor looks like.
    pub fn shape(&self, tensor: TensorId) -> TensorShape {
        self.shapes[tensor]
    }

    /// Which tensors are needed for the values of the classes with the given indices.
    pub fn demand(&self, classes: impl IntoIterator<Item = usize>) -> Vec<bool> {
        let mut needed = vec![false; self.steps.len()];
        for class in classes {
            needed[self.outputs[class]] = true;
        }
        for (id, step) in self.steps.iter().enumerate().rev() {
            if needed[id] {
                for read in step.reads() {
                    needed[read] = true;
                }
            }
        }
        needed
    }

    /// The order of the highest derivative of a sample's loss among the demanded tensors.
    pub fn highest_derivative(&self, demand: &[bool]) -> usize {
        let orders = self.steps.iter().zip(demand).map(|step| match step {
            (TensorStep::Derivative { order }, true) => *order,
            _ => 0,
        });
        orders.max().unwrap_or(0)
    }

    /// Floating point operations of the demanded tensors, from derivatives that are there, for n samples and P weights.
    pub fn flops(&self, demand: &[bool], samples: usize, dimension: usize) -> f64 {
        let steps = self.steps.iter().enumerate().filter(|(id, _)| demand[*id]);
        steps
            .map(|(id, step)| {
                let (rank, read) = match step {
                    TensorStep::Derivative { .. } => return 0.0,
                    TensorStep::Mean { tensor } => (self.shapes[*tensor].rank, *tensor),
                    TensorStep::Product { left, pairs, .. } => {
                        (self.shapes[id].rank + pairs.len(), *left)
                    }
                };
                let tuples = if self.shapes[read].of_each_sample {
                    samples as f64
                } else {
                    1.0
                };
                2.0 * tuples * (dimension as f64).powi(rank as i32)
            })
            .sum()
    }

    /// The most numbers of a demanded tensor, and for each sample of all together, for P weights.
    pub fn numbers(&self, demand: &[bool], dimension: usize) -> Numbers {
        let mut numbers = Numbers::default();
        for shape in self.shapes.iter().zip(demand).filter(|s| *s.1).map(|s| s.0) {
            let size = (dimension as f64).powi(shape.rank as i32);
            numbers.largest = numbers.largest.max(size);
            if shape.of_each_sample {
                numbers.of_each_sample += size;
            } else {
                numbers.of_all_samples += size;
            }
        }
        numbers
    }
}

/// How many numbers the tensors of a [`ContractionPlan`] have.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Of the largest tensor.
    pub largest: f64,
    /// Of the tensors that each sample has, together.
    pub of_each_sample: f64,
    /// Of the others, together.
    pub of_all_samples: f64,
}

fn shape(step: &TensorStep, shapes: &[TensorShape]) -> Option<TensorShape> {
    match step {
        TensorStep::Derivative { order } => Some(TensorShape {
            rank: *order,
            of_each_sample: true,
        }),
        TensorStep::Mean { tensor } => {
            let tensor = shapes.get(*tensor).filter(|s| s.of_each_sample)?;
            Some(TensorShape {
                rank: tensor.rank,
                of_each_sample: false,
            })
        }
        TensorStep::Product {
            left,
            right,
            pairs,
            mean,
        } => {
            let (left, right) = (shapes.get(*left)?, shapes.get(*right)?);
            let lefts: BTreeSet<usize> = pairs.iter().map(|pair| pair.0).collect();
            let rights: BTreeSet<usize> = pairs.iter().map(|pair| pair.1).collect();
            let distinct = lefts.len() == pairs.len() && rights.len() == pairs.len();
            let there = pairs.iter().all(|p| p.0 < left.rank && p.1 < right.rank);
            let of_each_sample = left.of_each_sample;
            let alike = of_each_sample == right.of_each_sample && (of_each_sample || !mean);
            (distinct && there && alike).then(|| TensorShape {
                rank: left.rank + right.rank - 2 * pairs.len(),
                of_each_sample: of_each_sample && !mean,
            })
        }
    }
}
