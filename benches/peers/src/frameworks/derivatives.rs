//! Losses and their derivatives on many images.

use super::FrameworkError;
use super::data::{Images, normals};
use super::framework::Framework;
use super::network::{self, Batch, DIMENSION, Form, Network, SHAPES, Weights};
use super::timing::{Timed, Way, fastest as fastest_of};
use super::workers::Workers;
use crate::work;

/// Images.
const COUNT: usize = 1024;
/// Images at once, where they share weights.
const SHARED_BLOCKS: [usize; 3] = [16, 64, 256];
/// Images at once, where each has its own gradient.
const OWN_BLOCKS: [usize; 4] = [1, 4, 16, 64];

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derivative {
    Losses,
    MeanGradient,
    Gradients,
    MeanHvp,
    Hvps,
    Mixed,
}

impl Derivative {
    pub(crate) const ALL: [Derivative; 6] = [
        Derivative::Losses,
        Derivative::MeanGradient,
        Derivative::Gradients,
        Derivative::MeanHvp,
        Derivative::Hvps,
        Derivative::Mixed,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Derivative::Losses => work::FORWARD,
            Derivative::MeanGradient => work::MEAN_GRADIENT,
            Derivative::Gradients => work::GRADIENTS,
            Derivative::MeanHvp => work::MEAN_HVP,
            Derivative::Hvps => work::HVPS,
            Derivative::Mixed => work::MIXED,
        }
    }

    /// How many directions it is taken along before the gradient.
    pub(crate) fn directions(self) -> usize {
        match self {
            Derivative::Losses | Derivative::MeanGradient | Derivative::Gradients => 0,
            Derivative::MeanHvp | Derivative::Hvps => 1,
            Derivative::Mixed => 2,
        }
    }

    /// Whether each image has its own result and its own directions.
    fn own(self) -> bool {
        matches!(
            self,
            Derivative::Gradients | Derivative::Hvps | Derivative::Mixed
        )
    }

    pub(crate) fn is_mean(self) -> bool {
        matches!(self, Derivative::MeanGradient | Derivative::MeanHvp)
    }

    pub(crate) fn blocks(self) -> &'static [usize] {
        if self.own() {
            &OWN_BLOCKS
        } else {
            &SHARED_BLOCKS
        }
    }
}

/// Everything that a derivative is taken of, and a way to do it.
pub(crate) struct Program<'a, F: Framework> {
    network: Network<'a, F>,
    derivative: Derivative,
    blocks: Vec<Block<F::Tensor>>,
    weights: Weights<F::Tensor>,
    images: usize,
}

struct Block<T> {
    batch: Batch<T>,
    directions: Vec<Weights<T>>,
}

impl<'a, F: Framework> Program<'a, F> {
    /// `directions` have a row for each image, of which the first is for all if they share it.
    pub(crate) fn new(
        network: Network<'a, F>,
        derivative: Derivative,
        images: &Images,
        count: usize,
        block: usize,
        theta: &[f32],
        directions: &[Vec<f32>],
    ) -> Result<Self, FrameworkError> {
        let framework = network.framework;
        let mut blocks = vec![];
        for start in (0..count).step_by(block) {
            let range: Vec<usize> = (start..count.min(start + block)).collect();
            let rows = if derivative.own() {
                start..start + range.len()
            } else {
                0..1
            };
            let rows = rows.start * DIMENSION..rows.end * DIMENSION;
            blocks.push(Block {
                batch: batch(framework, network.form, images, &range, derivative.own())?,
                directions: directions[..derivative.directions()]
                    .iter()
                    .map(|table| network::weights(framework, &table[rows.clone()]))
                    .collect::<Result<_, _>>()?,
            });
        }
        Ok(Program {
            weights: network::weights(framework, theta)?,
            network,
            derivative,
            blocks,
            images: count,
        })
    }

    /// The losses, or the derivatives by each weight; for each block, or of all.
    pub(crate) fn run(&self, workers: &Workers) -> Result<Vec<Weights<F::Tensor>>, FrameworkError> {
        let results = workers.run(self.blocks.len(), |block| {
            Ok((block, self.block(&self.blocks[block])?))
        })?;
        if self.derivative.is_mean() {
            let framework = self.network.framework;
            let mut results = results.into_iter().map(|(_, result)| result);
            let Some(mut sum) = results.next() else {
                return Ok(vec![]);
            };
            for result in results {
                for (sum, x) in sum.iter_mut().zip(result) {
                    *sum = framework.add(sum, &x)?;
                }
            }
            return Ok(vec![sum]);
        }
        let mut results = results;
        results.sort_by_key(|(block, _)| *block);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }

    fn block(&self, block: &Block<F::Tensor>) -> Result<Weights<F::Tensor>, FrameworkError> {
        let framework = self.network.framework;
        let networks = block.batch.networks;
        if self.derivative == Derivative::Losses {
            return Ok(vec![self.network.losses(&[&self.weights], &block.batch)?]);
        }
        let variables: Weights<F::Tensor> = self
            .weights
            .iter()
            .map(|w| framework.variable(&framework.repeat(w, networks)?))
            .collect::<Result<_, _>>()?;
        let weights: Vec<_> = std::iter::once(&variables)
            .chain(&block.directions)
            .collect();
        let losses = self.network.losses(&weights, &block.batch)?;
        let gradients = framework.gradients(losses, &variables)?;
        let factor = if self.derivative.is_mean() {
            1.0 / self.images as f64
        } else {
            1.0
        };
        network::unscaled(framework, &gradients, factor)
    }

    /// A result's numbers: losses in order, or a row of derivatives for each network.
    pub(crate) fn numbers(
        &self,
        results: &[Weights<F::Tensor>],
    ) -> Result<Vec<f32>, FrameworkError> {
        rows(self.network.framework, results)
    }
}

/// Arrays with a group for each network as rows of numbers.
pub(crate) fn rows<F: Framework>(
    framework: &F,
    results: &[Weights<F::Tensor>],
) -> Result<Vec<f32>, FrameworkError> {
    let mut numbers = vec![];
    for result in results {
        let parts: Vec<Vec<f32>> = result
            .iter()
            .map(|part| framework.numbers(part))
            .collect::<Result<_, _>>()?;
        let [part] = &parts[..] else {
            let networks = parts[0].len() / (SHAPES[0][0] * SHAPES[0][1]);
            for network in 0..networks {
                for part in &parts {
                    let size = part.len() / networks;
                    numbers.extend(&part[network * size..(network + 1) * size]);
                }
            }
            continue;
        };
        numbers.extend(part);
    }
    Ok(numbers)
}

/// Images for one network, or each for its own.
fn batch<F: Framework>(
    framework: &F,
    form: Form,
    images: &Images,
    range: &[usize],
    own: bool,
) -> Result<Batch<F::Tensor>, FrameworkError> {
    let count = range.len();
    let (networks, each) = if own { (count, 1) } else { (1, count) };
    // Images slowest.
    let pixels: Vec<f32> = match form {
        Form::Columns => range.iter().flat_map(|&i| images.patches(i)).collect(),
        Form::Convolutions => range
            .iter()
            .flat_map(|&i| images.pixels(i).to_vec())
            .collect(),
    };
    let labels: Vec<f32> = range.iter().flat_map(|&i| images.label(i)).collect();
    let fastest = |numbers: &[f32]| -> Vec<f32> {
        if own {
            return numbers.to_vec();
        }
        let size = numbers.len() / count;
        (0..numbers.len())
            .map(|at| numbers[at % count * size + at / count])
            .collect()
    };
    Ok(Batch {
        networks,
        images: each,
        pixels: match form {
            Form::Columns => framework.tensor(fastest(&pixels), [networks, 25, 144 * each])?,
            Form::Convolutions => framework.tensor(pixels, [each, networks, 784])?,
        },
        labels: framework.tensor(fastest(&labels), [networks, 10, each])?,
    })
}

/// Times the fastest way to compute a derivative.
pub(crate) fn fastest<F: Framework>(
    framework: &F,
    images: &Images,
    derivative: Derivative,
    workers: &Workers,
) -> Result<Timed, FrameworkError> {
    let theta = normals(DIMENSION, 1);
    let directions = [2, 3].map(|seed| normals(COUNT * DIMENSION, seed));
    let mut ways = vec![];
    for form in Form::ALL {
        for &block in derivative.blocks() {
            let network = Network::new(framework, form)?;
            let program = Program::new(
                network,
                derivative,
                images,
                COUNT,
                block,
                &theta,
                &directions,
            )?;
            ways.push(Way {
                how: format!(
                    "{}, {block} images at once, {}",
                    form.name(),
                    workers.spread.name()
                ),
                run: Box::new(move || {
                    std::hint::black_box(program.run(workers)?);
                    Ok(())
                }),
            });
        }
    }
    fastest_of(COUNT, ways)
}
