//! Training runs, and the expansion of measures over them.

use std::collections::BTreeMap;

use num_rational::BigRational;

use super::counts;
use super::kernel::Kernel;
use super::program::ProgramError;
use super::rule::{RuleError, UpdateRule};
use super::sampling::{Sampling, SamplingError};
use super::tied_forest::{Noise, TiedForest};
use crate::coefficient::{Coefficient, Parameters};
use crate::diagram::Diagram;
use crate::measure::{Measure, MeasureError, diagrams_for, terms};
use crate::resummed::RationalAlgebra;
use crate::value_class::ValueClass;

/// A training run whose sizes are known: how its batches are chosen, and how weights follow from their gradients.
///
/// ```
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::optimizer::{Sampling, Training, UpdateRule};
/// use num_rational::BigRational;
///
/// let heavy_ball = UpdateRule::sgd().with_momentum("1/2".parse()?);
/// let training = Training::new(Sampling::epochs(4, 1, 1, false)?, heavy_ball)?;
/// let terms = training.expand::<BigRational>(Measure::TestLoss, 1)?;
/// // The loss itself, and -η R |G|² with the total step R = Σ r(s) = 15/8 + 7/4 + 3/2 + 1.
/// assert_eq!(terms[1].1, "-49/8".parse()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Training {
    sampling: Sampling,
    method: Method,
}

/// How weights follow from gradients.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Method {
    Rule(Box<UpdateRule>),
    Tables {
        points: Vec<Vec<BigRational>>,
        result: Vec<BigRational>,
    },
}

/// The largest work of a sweep, in steps.
const MOST_WORK: f64 = 1e9;

fn shorter(rows: bool) -> &'static str {
    if rows {
        "shuffle before each epoch, or take fewer batches"
    } else {
        "or take fewer updates"
    }
}

/// Why there is no such training run, or no such expansion.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TrainingError {
    /// The batches make no run.
    #[error(transparent)]
    Sampling(#[from] SamplingError),
    /// The rule does not fit the run.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The program has no kernel.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// The measure is not one of the run.
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// A measure of the training set where there is none.
    #[error("the {0} needs a training set, but every point of the run is a new one")]
    NoTrainingSet(Measure),
    /// Weight decay changes values.
    #[error(
        "weight decay adds nodes of its own, whose values are not those of diagrams; see `tied_forests`"
    )]
    WeightDecay,
    /// The sums over embeddings would take too long, or too much memory.
    #[error(
        "order {order} of this run is too much: it has some {work:.0e} steps, of which {MOST_WORK:.0e} are affordable; lower the order, {}", shorter(*.rows)
    )]
    TooMuchWork {
        /// The largest number of edges of a diagram.
        order: usize,
        /// About how many steps the sweep over updates has for the largest diagrams.
        work: f64,
        /// Whether rows have to be remembered, of which there are too many kinds.
        rows: bool,
    },
    /// The tables of a kernel do not have the sizes of the run.
    #[error("the kernel has {found} {what}, and {updates} updates need {needed}")]
    Kernel {
        /// What the kernel has.
        what: &'static str,
        /// How many.
        found: usize,
        /// T.
        updates: usize,
        /// How many are needed.
        needed: usize,
    },
}

impl Training {
    /// The run of a rule.
    ///
    /// # Errors
    /// [`TrainingError`] if the batches make no run, or the rule does not fit it.
    pub fn new(sampling: Sampling, rule: UpdateRule) -> Result<Self, TrainingError> {
        sampling.check()?;
        let updates = sampling.updates();
        let mut sizes: Vec<usize> = (0..updates).map(|t| sampling.batch(t)).collect();
        sizes.sort_unstable();
        sizes.dedup();
        for size in sizes {
            rule.check(updates, size)?;
        }
        Ok(Training {
            sampling,
            method: Method::Rule(Box::new(rule)),
        })
    }

    /// The run of the optimizer with a kernel: the gradient of update t is taken at `θ_0` + Σ_{s<t} `points[t][s]` `u_s`, and the result is `θ_0` + `Σ_s` `result[s]` `u_s`, with
    /// `u_s` = -η `g_s`.
    ///
    /// # Errors
    /// [`TrainingError`] if the batches make no run, or the tables do not have an entry for each update, and in `points[t]` for each earlier one.
    pub fn from_kernel(
        sampling: Sampling,
        points: Vec<Vec<BigRational>>,
        result: Vec<BigRational>,
    ) -> Result<Self, TrainingError> {
        sampling.check()?;
        let updates = sampling.updates();
        let check = |what, found, needed| {
            if found == needed {
                return Ok(());
            }
            Err(TrainingError::Kernel {
                what,
                found,
                updates,
                needed,
            })
        };
        check("points", points.len(), updates)?;
        check("numbers for the result", result.len(), updates)?;
        for (t, row) in points.iter().enumerate() {
            check("numbers for a point", row.len(), t)?;
        }
        Ok(Training {
            sampling,
            method: Method::Tables { points, result },
        })
    }

    /// How batches are chosen.
    pub fn sampling(&self) -> &Sampling {
        &self.sampling
    }

    /// The rule; `None` if the run is given by its kernel.
    pub fn rule(&self) -> Option<&UpdateRule> {
        match &self.method {
            Method::Rule(rule) => Some(rule),
            Method::Tables { .. } => None,
        }
    }

    /// The kernel in some numbers.
    pub fn kernel<R: RationalAlgebra>(&self) -> Kernel<R> {
        match &self.method {
            Method::Rule(rule) => {
                Kernel::of_rule(rule, self.sampling.updates(), |t| self.sampling.batch(t))
            }
            Method::Tables { points, result } => {
                let numbers = |list: &Vec<BigRational>| list.iter().map(R::from_rational).collect();
                let points: Vec<Vec<R>> = points.iter().map(numbers).collect();
                Kernel::of_tables(&points, &numbers(result))
            }
        }
    }

    /// The sums over embeddings in this run, in some numbers.
    pub fn weights<R: RationalAlgebra>(&self, noise: Option<Noise>) -> Weights<'_, R> {
        Weights {
            sampling: &self.sampling,
            kernel: self.kernel(),
            noise,
            known: BTreeMap::new(),
        }
    }

    /// A measure as a sum of value classes with their weights, up to η^order: the weight of a class of order k is multiplied by η^k and the value. It is sorted by order, then by class, and has
    /// every class of the diagrams, also if its weight is 0.
    ///
    /// # Errors
    /// [`TrainingError::NoTrainingSet`] for the train loss and the gap without a training set; [`TrainingError::WeightDecay`] if the rule has weight decay;
    /// [`TrainingError::TooMuchWork`] if the sums would take too long.
    pub fn expand<R: RationalAlgebra>(
        &self,
        measure: Measure,
        order: usize,
    ) -> Result<Vec<(ValueClass, R)>, TrainingError> {
        self.expand_diagrams(measure, &diagrams_for(measure, order))
    }

    /// The part of a measure that these diagrams are, as [`Training::expand`] gives it for all.
    ///
    /// # Errors
    /// As [`Training::expand`], and [`TrainingError::Measure`] if a diagram is no term of the measure.
    pub fn expand_diagrams<R: RationalAlgebra>(
        &self,
        measure: Measure,
        diagrams: &[Diagram],
    ) -> Result<Vec<(ValueClass, R)>, TrainingError> {
        if self.rule().is_some_and(|rule| rule.weight_decay.is_some()) {
            return Err(TrainingError::WeightDecay);
        }
        self.check_work(diagrams.iter().map(Diagram::edges).max().unwrap_or(0))?;
        let train = match (measure, self.sampling.train()) {
            (_, Some(train)) => Coefficient::from_integer(train),
            (Measure::TrainLoss | Measure::GeneralizationGap, None) => {
                return Err(TrainingError::NoTrainingSet(measure));
            }
            (_, None) => Coefficient::one(),
        };
        let nothing_open = Parameters {
            train: 1,
            batch: 1,
            epochs: 1,
        };
        let mut weights = self.weights::<R>(None);
        let mut sums: BTreeMap<(usize, ValueClass), R> = BTreeMap::new();
        for diagram in diagrams {
            let values = terms::values(measure, &diagram.clone().into(), &train)?;
            let weight = weights.of(diagram);
            for (class, factor) in values {
                let factor = factor
                    .evaluate(&nothing_open)
                    .map_err(|_| MeasureError::EmptySpacetime)?;
                let term = weight.clone() * R::from_rational(&factor);
                *sums.entry((class.order(), class)).or_insert_with(R::zero) += term;
            }
        }
        let terms = sums.into_iter().map(|((_, class), sum)| (class, sum));
        Ok(terms.collect())
    }

    /// Refuses sweeps that would take hours. For diagrams of d edges there are up to 2^d sets of placed nodes, a channel for each of d - 1 open edges, and a row for each of d/2 parts if batches
    /// are given.
    pub(super) fn check_work(&self, order: usize) -> Result<(), TrainingError> {
        let updates = self.sampling.updates() as f64;
        let channels = match &self.method {
            Method::Rule(rule) if rule.momentum.is_some() => 2.0,
            Method::Rule(_) => 1.0,
            Method::Tables { .. } => updates,
        };
        let rows = match &self.sampling {
            Sampling::Epochs {
                batches,
                epochs,
                shuffled: false,
            } if *epochs > 1 => batches.len() as f64,
            Sampling::Given { train, .. } => *train as f64,
            _ => 1.0,
        };
        let sets = 2.0_f64.powi(order as i32);
        let open = channels.powi(order.saturating_sub(1) as i32);
        let remembered = rows.powi(order as i32 / 2);
        let work = sets * open * remembered * (updates + rows);
        if work > MOST_WORK {
            return Err(TrainingError::TooMuchWork {
                order,
                work,
                rows: remembered > open,
            });
        }
        Ok(())
    }
}

/// The weights of diagrams in one training run, each computed once.
pub struct Weights<'a, R> {
    sampling: &'a Sampling,
    kernel: Kernel<R>,
    noise: Option<Noise>,
    /// The sums over embeddings of forests whose roots are one.
    known: BTreeMap<TiedForest, R>,
}

impl<R: RationalAlgebra> Weights<'_, R> {
    /// The weight of a diagram: the sum over its embeddings of the product of the weights of all edges, each with -1/B, divided by |Aut|. Roots are assumed to be alone in their parts.
    pub fn of(&mut self, diagram: &Diagram) -> R {
        let symmetry = diagram.automorphisms();
        let mut forest = TiedForest::from(&terms::with_one_root(diagram));
        forest.symmetry = symmetry;
        self.of_forest(&forest)
    }

    /// The weight of a tied forest, as of a diagram. Nodes of weight decay have edges with -1 in place of -1/B.
    pub fn of_forest(&mut self, forest: &TiedForest) -> R {
        // Roots come after all updates, so that it makes no difference whose children nodes are.
        let merged = TiedForest {
            roots: 1,
            parents: forest
                .parents
                .iter()
                .map(|parent| (parent + 1).saturating_sub(forest.roots))
                .collect(),
            symmetry: 1,
            ..forest.clone()
        };
        let (sampling, kernel, noise) = (self.sampling, &self.kernel, self.noise);
        let sum = self
            .known
            .entry(merged)
            .or_insert_with_key(|forest| counts::embeddings(sampling, kernel, noise, forest))
            .clone();
        let sign = if forest.edges().is_multiple_of(2) {
            1
        } else {
            -1
        };
        let factor = BigRational::new(sign.into(), forest.symmetry.into());
        sum * R::from_rational(&factor)
    }
}
