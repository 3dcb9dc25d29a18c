//! Values as contractions of moments, where the derivatives of each sample are held as explicit tensors: what a
//! [`ContractionPlan`](diagram_calculus::plan::ContractionPlan) plans.
//!
//! Samples are cut into blocks whose size depends on the plan and the number of weights alone. Within a block a tensor that each sample has is stored
//! with the samples innermost, in SIMD lanes; the sums of the blocks are added up in order, so results are the same bits on any number of threads.

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

/// Numbers that the tensors of a block's samples have together, about: they stay in a core's cache.
const NUMBERS_OF_BLOCK: f64 = 32_768.0;
/// Least and most samples of a block: multiples of every lane width.
const SAMPLES_OF_BLOCK: Range<usize> = 64..1024;
/// Blocks whose sums are held at once, at most.
const BLOCKS_IN_FLIGHT: usize = 16;

/// A contraction plan with what its demanded steps need at a number of weights.
pub(crate) struct Contraction<'p> {
    plan: &'p ContractionPlan,
    demand: Vec<bool>,
    dimension: usize,
    /// Of each product that is demanded.
    indices: Vec<Option<Indices>>,
}

impl<'p> Contraction<'p> {
    /// For the values of the plan's classes with the given indices, at so many weights.
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

    /// The moments over the given samples: of each tensor that no sample has for itself its numbers, nothing of the others.
    ///
    /// # Panics
    /// If the tensors do not have the derivatives that are demanded.
    pub(crate) fn moments<T: Element>(
        &self,
        tensors: &ExplicitTensors<'_, T>,
        samples: Range<usize>,
    ) -> Moments<T> {
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
        Moments(numbers)
    }

    /// The numbers of each of the classes' values, from the moments: one for a scalar, P for a vector.
    pub(crate) fn values<T: Element>(&self, moments: Moments<T>, classes: &[usize]) -> Vec<Vec<T>> {
        let Moments(mut numbers) = moments;
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

    /// How many numbers are held at once at most, the samples' derivatives not counted, for the demanded tensors and so many samples.
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

fn samples_of_block(numbers: &Numbers) -> usize {
    let most = (NUMBERS_OF_BLOCK / numbers.of_each_sample.max(1.0)) as usize;
    let most = most.clamp(SAMPLES_OF_BLOCK.start, SAMPLES_OF_BLOCK.end);
    most - most % SAMPLES_OF_BLOCK.start
}

/// The numbers of the moments of a [`Contraction`].
pub(crate) struct Moments<T>(Vec<Vec<T>>);
