//! Many small training runs: batches of 1, then the losses on test points of their own.

use std::rc::Rc;

use super::FrameworkError;
use super::data::{Images, Random, normals};
use super::framework::Framework;
use super::network::{self, Batch, DIMENSION, Form, Network, SHAPES, Weights, scale};
use super::timing::{Timed, Way, fastest as fastest_of};
use super::workers::Workers;
use crate::work::STEPS;

/// Training runs at once.
const BLOCKS: [usize; 4] = [1, 4, 16, 32];
/// The learning rate.
const ETA: f64 = 0.1;

/// All images as arrays to select from, and the weights to start from.
pub(crate) struct Training<'a, F: Framework> {
    /// For updates and for test points.
    networks: [Network<'a, F>; 2],
    /// For updates and for test points.
    pixels: [F::Tensor; 2],
    labels: F::Tensor,
    images: usize,
    start: Weights<F::Tensor>,
}

impl<'a, F: Framework> Training<'a, F> {
    /// Updates and test points each have their form.
    pub(crate) fn new(
        framework: &'a F,
        forms: [Form; 2],
        images: &Images,
        theta: &[f32],
    ) -> Result<Self, FrameworkError> {
        let count = images.len();
        let table = |form| match form {
            Form::Columns => {
                let numbers = (0..count).flat_map(|i| images.patches(i)).collect();
                framework.tensor(numbers, [count, 25, 144])
            }
            Form::Convolutions => framework.tensor(images.pixels.clone(), [count, 1, 784]),
        };
        let labels = (0..count).flat_map(|i| images.label(i)).collect();
        Ok(Training {
            networks: [
                Network::new(framework, forms[0])?,
                Network::new(framework, forms[1])?,
            ],
            pixels: [table(forms[0])?, table(forms[1])?],
            labels: framework.tensor(labels, [count, 10, 1])?,
            images: count,
            start: network::weights(framework, theta)?,
        })
    }

    /// Trains networks side by side; returns their weights, scaled.
    pub(crate) fn train(
        &self,
        networks: usize,
        steps: usize,
        random: &mut Random,
    ) -> Result<Weights<F::Tensor>, FrameworkError> {
        let network = &self.networks[0];
        let framework = network.framework;
        let mut weights = self
            .start
            .iter()
            .map(|w| framework.repeat(w, networks))
            .collect::<Result<Weights<_>, _>>()?;
        for _ in 0..steps {
            let points = framework.index(&random.positions(networks, self.images))?;
            let pixels = framework.select_groups(&self.pixels[0], &points)?;
            let batch = Batch {
                networks,
                images: 1,
                pixels: match network.form {
                    Form::Columns => pixels,
                    Form::Convolutions => framework.reshape(&pixels, [1, networks, 784])?,
                },
                labels: framework.select_groups(&self.labels, &points)?,
            };
            let variables = weights
                .iter()
                .map(|w| framework.variable(w))
                .collect::<Result<Weights<_>, _>>()?;
            let losses = network.losses(&[&variables], &batch)?;
            let gradients = framework.gradients(losses, &variables)?;
            for ((w, gradient), shape) in weights.iter_mut().zip(gradients).zip(SHAPES) {
                // Weights are kept scaled, so that the scale counts twice.
                let update = framework.affine(&gradient, -ETA * scale(shape).powi(2), 0.0)?;
                *w = framework.add(w, &update)?;
            }
        }
        Ok(weights)
    }

    /// The losses of a network on some points.
    fn test(
        &self,
        weights: &Weights<F::Tensor>,
        network: usize,
        points: &[usize],
    ) -> Result<Vec<f32>, FrameworkError> {
        let count = points.len();
        let framework = self.networks[1].framework;
        let one = framework.index(&[network])?;
        let weights = weights
            .iter()
            .map(|w| framework.select_groups(w, &one))
            .collect::<Result<Weights<_>, _>>()?;
        let points = framework.index(points)?;
        let pixels = framework.select_groups(&self.pixels[1], &points)?;
        let labels = framework.select_groups(&self.labels, &points)?;
        let batch = Batch {
            networks: 1,
            images: count,
            pixels: match self.networks[1].form {
                Form::Columns => {
                    let pixels = framework.reshape(&pixels, [count, 25 * 144, 1])?;
                    framework.reshape(&framework.rotate(&pixels)?, [1, 25, 144 * count])?
                }
                Form::Convolutions => pixels,
            },
            labels: framework.reshape(&framework.rotate(&labels)?, [1, 10, count])?,
        };
        framework.numbers(&self.networks[1].losses(&[&weights], &batch)?)
    }

    /// Mean test losses of trained networks; without test points, the weights are all.
    fn run(
        &self,
        networks: usize,
        test_points: usize,
        random: &mut Random,
    ) -> Result<Vec<f32>, FrameworkError> {
        let weights = self.train(networks, STEPS, random)?;
        if test_points == 0 {
            std::hint::black_box(weights);
            return Ok(vec![]);
        }
        (0..networks)
            .map(|network| {
                let points = random.positions(test_points, self.images);
                let losses = self.test(&weights, network, &points)?;
                Ok(losses.iter().sum::<f32>() / test_points as f32)
            })
            .collect()
    }
}

/// Times the fastest way to train.
pub(crate) fn fastest<F: Framework>(
    framework: &F,
    images: &Images,
    test_points: usize,
    workers: &Workers,
) -> Result<Timed, FrameworkError> {
    let theta = normals(DIMENSION, 1);
    // Each core has a block, even of the largest.
    let trials = BLOCKS[BLOCKS.len() - 1] * workers.threads;
    let mut ways = vec![];
    for forms in Form::ALL
        .into_iter()
        .flat_map(|u| Form::ALL.map(|t| [u, t]))
    {
        if test_points == 0 && forms[0] != forms[1] {
            continue;
        }
        let training = Rc::new(Training::new(framework, forms, images, &theta)?);
        for block in BLOCKS {
            let training = training.clone();
            let tests = match test_points {
                0 => String::new(),
                _ => format!(", tests: {}", forms[1].name()),
            };
            ways.push(Way {
                how: format!(
                    "{}{tests}, {block} trials at once, {}",
                    forms[0].name(),
                    workers.spread.name()
                ),
                run: Box::new(move || {
                    let training = &*training;
                    std::hint::black_box(workers.run(trials / block, |seed| {
                        training.run(block, test_points, &mut Random(seed as u64))
                    })?);
                    Ok(())
                }),
            });
        }
    }
    fastest_of(trials * STEPS, ways)
}

/// The change of weights of networks after one update, unscaled, and the points that made it.
pub(crate) fn one_update<F: Framework>(
    training: &Training<'_, F>,
    networks: usize,
    seed: u64,
) -> Result<(Vec<f32>, Vec<usize>), FrameworkError> {
    let framework = training.networks[0].framework;
    let trained = training.train(networks, 1, &mut Random(seed))?;
    let change = training
        .start
        .iter()
        .zip(&trained)
        .zip(SHAPES)
        .map(|((start, end), shape)| {
            let start = framework.affine(start, -1.0, 0.0)?;
            framework.affine(
                &framework.add(end, &start)?,
                -1.0 / (ETA * scale(shape)),
                0.0,
            )
        })
        .collect::<Result<_, _>>()?;
    let points = Random(seed).positions(networks, training.images);
    Ok((super::derivatives::rows(framework, &[change])?, points))
}
