//! Cases with an optimizer: their training runs, and their series by diagrams.

use diagrams::calculus::ValueClass;
use diagrams::calculus::measure::Measure;
use diagrams::calculus::optimizer::{
    Ascent, Averaging, Betas, LearningRates, Momentum, Noise, Sampling, Spread, TiedForest,
    Training, UpdateRule, WeightDecay, Weights, tied_forests,
};
use num_rational::BigRational;
use num_traits::Zero;

use super::case::{
    AveragingDescription, Case, KernelDescription, NoiseName, OneOrMany, OptimizerDescription,
    SamplingName, fraction,
};
use super::tensors::{Losses, Root};

/// What a case is about.
pub(super) struct Run {
    training: Training,
    noise: Option<Noise>,
    losses: Losses,
    dimension: usize,
    decays: bool,
}

impl Run {
    pub(super) fn new(case: &Case, description: &OptimizerDescription) -> Result<Self, String> {
        let sampling = sampling(case)?;
        let dimension = case.landscape.dimension;
        let training = match &description.kernel {
            Some(kernel) => from_kernel(sampling, kernel)?,
            None => {
                Training::new(sampling, rule(description, dimension)?).map_err(|e| e.to_string())?
            }
        };
        let decay = match training.rule().and_then(|rule| rule.weight_decay.as_ref()) {
            None => vec![],
            Some(decay) => (0..dimension)
                .map(|at| match &decay.mask {
                    Some(mask) if !mask[at] => BigRational::zero(),
                    _ => decay.rate.clone(),
                })
                .collect(),
        };
        let noise = case.noise_per.map(|noise| match noise {
            NoiseName::Slot => Noise::PerVisit,
            NoiseName::Update => Noise::PerUpdate,
        });
        if noise.is_some() == case.landscape.noisy_datapoints.is_empty() {
            return Err("noise_per and noisy_datapoints go together".into());
        }
        Ok(Run {
            decays: !decay.is_empty(),
            losses: Losses::new(&case.landscape, decay)?,
            training,
            noise,
            dimension,
        })
    }

    /// The series of a measure as classes of ordinary diagrams; `None` if noise or weight decay need other values.
    pub(super) fn expand(
        &self,
        measure: Measure,
        order: usize,
    ) -> Result<Option<Vec<(ValueClass, BigRational)>>, String> {
        if self.noise.is_some() || self.decays {
            return Ok(None);
        }
        let terms = self.training.expand::<BigRational>(measure, order);
        let terms = terms.map_err(|e| e.to_string())?;
        Ok(Some(
            terms.into_iter().filter(|(_, w)| !w.is_zero()).collect(),
        ))
    }

    /// The expected squared displacement and the displacement as classes of ordinary diagrams, as [`Run::expand`].
    pub(super) fn spread(&self, order: usize) -> Result<Option<Spread<BigRational>>, String> {
        if self.noise.is_some() || self.decays {
            return Ok(None);
        }
        let spread = self.training.spread(order);
        spread.map(Some).map_err(|e| e.to_string())
    }

    /// The series of a measure, one for each component, by values of tied forests.
    pub(super) fn series(
        &mut self,
        measure: Measure,
        order: usize,
    ) -> Result<Vec<Vec<BigRational>>, String> {
        let train = self.training.sampling().train();
        let mut weights = self.training.weights(self.noise);
        let (noise, decays) = (self.noise, self.decays);
        let losses = &mut self.losses;
        match measure {
            Measure::TestLoss => {
                let term = |forest: &TiedForest| losses.value(forest, &[Root::Test]);
                Ok(sum(&mut weights, noise, decays, 1, order, 1, term))
            }
            Measure::SecondMoment => {
                let term = |forest: &TiedForest| losses.value(forest, &[Root::Test; 2]);
                Ok(sum(&mut weights, noise, decays, 2, order, 1, term))
            }
            Measure::TrainLoss | Measure::GeneralizationGap => {
                let train = train.ok_or("there is no training set")?;
                let term = |forest: &TiedForest| {
                    let test = losses.value(forest, &[Root::Test]).swap_remove(0);
                    let mut gap = BigRational::zero();
                    for part in 0..forest.parts() {
                        gap += &test - losses.value(forest, &[Root::Tied(part)]).swap_remove(0);
                    }
                    gap /= BigRational::from_integer(train.into());
                    vec![if measure == Measure::TrainLoss {
                        test - gap
                    } else {
                        gap
                    }]
                };
                Ok(sum(&mut weights, noise, decays, 1, order, 1, term))
            }
            Measure::Displacement => {
                let width = self.dimension;
                let term = |forest: &TiedForest| of_weights(losses, forest, width);
                Ok(sum(&mut weights, noise, decays, 1, order, width, term))
            }
        }
    }

    /// The covariance of the result, row by row.
    pub(super) fn covariance(&mut self, order: usize) -> Result<Vec<Vec<BigRational>>, String> {
        let displacement = self.series(Measure::Displacement, order)?;
        let mut weights = self.training.weights(self.noise);
        let (width, losses) = (self.dimension * self.dimension, &mut self.losses);
        let term = |forest: &TiedForest| of_weights(losses, forest, width);
        let mut entries = sum(&mut weights, self.noise, self.decays, 2, order, width, term);
        for (at, entry) in entries.iter_mut().enumerate() {
            let (i, j) = (at / self.dimension, at % self.dimension);
            for (k, sum) in entry.iter_mut().enumerate() {
                for l in 0..=k {
                    *sum -= &displacement[i][l] * &displacement[j][k - l];
                }
            }
        }
        Ok(entries)
    }
}

/// The value of a forest whose roots are weights, which have one child each, with so many numbers; 0 for other forests.
fn of_weights(losses: &mut Losses, forest: &TiedForest, width: usize) -> Vec<BigRational> {
    let children = forest.children();
    if (0..forest.roots).all(|root| children[root].len() == 1) {
        losses.value(forest, &[Root::Weights, Root::Weights][..forest.roots])
    } else {
        vec![BigRational::zero(); width]
    }
}

/// Σ over forests of their weights times terms of so many numbers, for each number the coefficients of the powers of η.
fn sum(
    weights: &mut Weights<'_, BigRational>,
    noise: Option<Noise>,
    decays: bool,
    roots: usize,
    order: usize,
    width: usize,
    mut term: impl FnMut(&TiedForest) -> Vec<BigRational>,
) -> Vec<Vec<BigRational>> {
    let mut sums = vec![vec![BigRational::zero(); order + 1]; width];
    for edges in 0..=order {
        for forest in tied_forests(roots, edges, noise, decays) {
            let weight = weights.of_forest(&forest);
            if !weight.is_zero() {
                for (sum, number) in sums.iter_mut().zip(term(&forest)) {
                    sum[edges] += &weight * number;
                }
            }
        }
    }
    sums
}

fn sampling(case: &Case) -> Result<Sampling, String> {
    let name = case.sampling.unwrap_or(SamplingName::Given);
    let updates = case.updates;
    let train = || case.train_points.ok_or("missing field `train_points`");
    let length = || updates.ok_or("missing field `updates`");
    if name != SamplingName::Given && case.batches.is_some() {
        return Err("batches are given, but sampling is not \"given\"".into());
    }
    let sampling = match name {
        SamplingName::Given => {
            let batches = case.batches.clone().ok_or("missing field `batches`")?;
            if updates.is_some_and(|updates| updates != batches.len()) {
                return Err(format!("there are {} batches", batches.len()));
            }
            if let Some(batch) = batches.iter().find(|b| b.len() != case.batch_size) {
                return Err(format!(
                    "batch_size is {}, but there is a batch of {}",
                    case.batch_size,
                    batch.len()
                ));
            }
            Sampling::Given {
                train: train()?,
                batches,
            }
        }
        SamplingName::WithReplacement => Sampling::WithReplacement {
            train: train()?,
            batches: vec![case.batch_size; length()?],
        },
        SamplingName::Fresh => Sampling::Fresh {
            batches: vec![case.batch_size; length()?],
        },
        SamplingName::ShuffledEachEpoch => {
            let (train, updates) = (train()?, length()?);
            let visits = updates.saturating_mul(case.batch_size);
            if train == 0 || visits % train != 0 || train % case.batch_size.max(1) != 0 {
                return Err("the updates are not whole epochs".into());
            }
            Sampling::epochs(train, case.batch_size, visits / train, true)
                .map_err(|e| e.to_string())?
        }
    };
    sampling.check().map_err(|e| e.to_string())?;
    Ok(sampling)
}

fn fractions(list: &[String]) -> Result<Vec<BigRational>, String> {
    list.iter().map(|number| fraction(number)).collect()
}

fn from_kernel(sampling: Sampling, kernel: &KernelDescription) -> Result<Training, String> {
    let points = kernel
        .a
        .iter()
        .map(|row| fractions(row))
        .collect::<Result<_, _>>()?;
    Training::from_kernel(sampling, points, fractions(&kernel.r)?).map_err(|e| e.to_string())
}

fn rule(description: &OptimizerDescription, dimension: usize) -> Result<UpdateRule, String> {
    let optional = |text: &Option<String>| text.as_deref().map(fraction).transpose();
    let momentum = match &description.momentum {
        None => None,
        Some(beta) => Some(Momentum {
            beta: match beta {
                OneOrMany::One(beta) => Betas::Constant(fraction(beta)?),
                OneOrMany::Many(betas) => Betas::List(fractions(betas)?),
            },
            dampening: optional(&description.dampening)?.unwrap_or_else(BigRational::zero),
            nesterov: description.nesterov,
        }),
    };
    let averaging = match &description.averaging {
        None => Averaging::Last,
        Some(AveragingDescription::Tail(k)) => Averaging::Tail(*k),
        Some(AveragingDescription::Ema(gamma)) => Averaging::Ema(fraction(gamma)?),
        Some(AveragingDescription::Weights(weights)) => Averaging::Weights(fractions(weights)?),
    };
    let mask = match &description.decay_mask {
        None => None,
        Some(mask) if mask.len() != dimension => {
            return Err(format!("decay_mask has {} numbers", mask.len()));
        }
        Some(mask) => Some(mask.iter().map(|&bit| bit != 0).collect()),
    };
    let multipliers = description.learning_rate_multipliers.as_deref();
    Ok(UpdateRule {
        learning_rates: match multipliers {
            None => LearningRates::Constant,
            Some(list) => LearningRates::List(fractions(list)?),
        },
        momentum,
        averaging,
        ascent: optional(&description.sam_radius)?.map(|radius| Ascent {
            radius,
            group: description.sam_group,
        }),
        hessian: optional(&description.hessian_lambda)?,
        weight_decay: optional(&description.weight_decay)?.map(|rate| WeightDecay {
            rate,
            coupled: !description.decoupled,
            mask,
        }),
    })
}
