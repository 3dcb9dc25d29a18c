//! Values as contractions of moments, where the derivatives of each sample are held as explicit tensors. A
//! [`ContractionPlan`](diagram_calculus::plan::ContractionPlan) is the plan of such a computation.
//!
//! The samples are cut into blocks whose size depends only on the demanded tensors of the plan and the number of weights. Within a block, the tensors
//! of the samples are stored with the samples innermost, in SIMD lanes. The sums of the blocks are added in order, so that the results are the same
//! bits on any number of threads.

mod block;
mod indices;

use std::ops::Range;

use diagram_calculus::plan::{ContractionPlan, Numbers, TensorStep};
use rayon::prelude::*;

use crate::lanes::dispatch;
use crate::scalar::Element;
use crate::tensors::ExplicitTensors;

use block::SumsOfBlock;
use indices::Indices;

/// The approximate number of numbers in the tensors of a block's samples, chosen so that they fit in the cache of a core.
const NUMBERS_OF_BLOCK: f64 = 32_768.0;
/// The least and the largest number of samples in a block: multiples of the number of lanes of every instruction set.
const SAMPLES_OF_BLOCK: Range<usize> = 64..1024;
/// The largest number of blocks whose sums are held at the same time.
const BLOCKS_IN_FLIGHT: usize = 16;

/// A contraction plan with the demanded steps, for a given number P of weights.
pub(crate) struct Contraction<'p> {
    plan: &'p ContractionPlan,
    demand: Vec<bool>,
    dimension: usize,
    /// The positions of the components in each demanded product.
    indices: Vec<Option<Indices>>,
}

impl<'p> Contraction<'p> {
    /// The contractions for the values of the plan's classes with the given indices, for `dimension` weights.
    pub(crate) fn new(
        plan: &'p ContractionPlan,
        classes: impl IntoIterator<Item = usize>,
        dimension: usize,
    ) -> Self {
        let demand = plan.demand(classes);
        let indices = plan.steps.iter().zip(&demand).map(|step| match step {
            (
                TensorStep::Product {
                    left, right, pairs, ..
                },
                true,
            ) => {
                let ranks = [left, right].map(|&side| plan.shape(side).rank);
                Some(Indices::new(ranks, pairs, dimension))
            }
            _ => None,
        });
        Contraction {
            indices: indices.collect(),
            plan,
            demand,
            dimension,
        }
    }

    /// Returns the moments over the given samples. A tensor of each single sample, and one that is not demanded, has no numbers in them.
    ///
    /// # Panics
    /// If the tensors lack a derivative that is demanded.
    pub(crate) fn moments<T: Element>(
        &self,
        tensors: &ExplicitTensors<'_, T>,
        samples: Range<usize>,
    ) -> TensorMoments<T> {
        let count = samples.len();
        let size = self.samples_of_block();
        let blocks: Vec<Range<usize>> = samples
            .clone()
            .step_by(size)
            .map(|first| first..samples.end.min(first + size))
            .collect();
        let mut numbers: Vec<Vec<T>> = vec![];
        for blocks in blocks.chunks(BLOCKS_IN_FLIGHT) {
            let sums: Vec<Vec<Vec<T>>> = blocks
                .par_iter()
                .map(|samples| {
                    dispatch(SumsOfBlock {
                        contraction: self,
                        tensors,
                        samples: samples.clone(),
                    })
                })
                .collect();
            for block in sums {
                if numbers.is_empty() {
                    numbers = block;
                } else {
                    for (sum, more) in numbers.iter_mut().flatten().zip(block.iter().flatten()) {
                        *sum += more.clone();
                    }
                }
            }
        }
        let by = T::constant(count as f64);
        for sum in numbers.iter_mut().flatten() {
            *sum = sum.clone() / by.clone();
        }
        TensorMoments(numbers)
    }

    /// Returns the numbers of the value of each class, computed from the moments: one for a scalar, P for a vector.
    pub(crate) fn values<T: Element>(
        &self,
        moments: TensorMoments<T>,
        classes: &[usize],
    ) -> Vec<Vec<T>> {
        let TensorMoments(mut numbers) = moments;
        for (id, step) in self.plan.steps.iter().enumerate() {
            if let (TensorStep::Product { left, right, .. }, Some(indices)) =
                (step, &self.indices[id])
                && !self.plan.shape(*left).of_each_sample
            {
                numbers[id] = indices.contract(&numbers[*left], &numbers[*right]);
            }
        }
        let outputs = classes.iter().map(|&class| self.plan.outputs[class]);
        outputs.map(|output| numbers[output].clone()).collect()
    }

    fn samples_of_block(&self) -> usize {
        samples_of_block(&self.plan.numbers(&self.demand, self.dimension))
    }

    /// Returns the largest number of numbers that are held at the same time for the demanded tensors, without the derivatives of the samples
    /// themselves.
    pub(crate) fn memory(
        plan: &ContractionPlan,
        demand: &[bool],
        dimension: usize,
        samples: usize,
    ) -> f64 {
        let numbers = plan.numbers(demand, dimension);
        let size = samples_of_block(&numbers);
        let blocks = samples.div_ceil(size).min(BLOCKS_IN_FLIGHT) as f64;
        (numbers.of_all_samples + numbers.of_each_sample * size as f64) * blocks
    }
}

/// Returns the number of samples in a block.
fn samples_of_block(numbers: &Numbers) -> usize {
    let most = (NUMBERS_OF_BLOCK / numbers.of_each_sample.max(1.0)) as usize;
    let most = most.clamp(SAMPLES_OF_BLOCK.start, SAMPLES_OF_BLOCK.end);
    most - most % SAMPLES_OF_BLOCK.start
}

/// The numbers of the moments of a [`Contraction`], indexed by the steps of its plan.
pub(crate) struct TensorMoments<T>(Vec<Vec<T>>);
