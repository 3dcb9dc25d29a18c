//! Optimizers as programs: written once, run on symbols for their kernel and on weights for a simulation.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::sampling::Sampling;
use super::training::{Training, TrainingError};

/// An element of the space in which an optimizer computes: weights, steps, or formal sums of them.
///
/// It has linear combinations and nothing else. So an optimizer that divides by a norm of gradients, clips them or takes roots, such as Adam, cannot be written as a [`Program`]: its points
/// are not linear in past gradients, and the counts of diagrams would depend on the loss. With a frozen diagonal in place of Adam's it can be: that is the matrix of a learning rate.
pub trait Linear: Clone {
    /// `self += factor · other`.
    fn add_scaled(&mut self, factor: &BigRational, other: &Self);

    /// `self *= factor`.
    fn scale(&mut self, factor: &BigRational);

    /// The zero of the space.
    #[must_use]
    fn zero(&self) -> Self {
        let mut zero = self.clone();
        zero.scale(&BigRational::zero());
        zero
    }

    /// `self += other`.
    fn add(&mut self, other: &Self) {
        self.add_scaled(&BigRational::one(), other);
    }

    /// `self -= other`.
    fn subtract(&mut self, other: &Self) {
        self.add_scaled(&-BigRational::one(), other);
    }
}

/// The points at which a program asks for a mean gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// Those of the batch of this number, counted from 0.
    Batch(usize),
    /// All training points.
    All,
}

/// An optimizer as a program.
///
/// ```
/// use diagram_calculus::optimizer::{Linear, Program, Sampling, Slot, Training, UpdateRule};
/// use num_rational::BigRational;
///
/// /// Polyak's heavy ball.
/// struct HeavyBall {
///     momentum: BigRational,
/// }
///
/// impl Program for HeavyBall {
///     fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V {
///         let (mut theta, mut velocity) = (start.clone(), start.zero());
///         for batch in 0..batches {
///             velocity.scale(&self.momentum);
///             velocity.add(&step(&theta, Slot::Batch(batch)));
///             theta.add(&velocity);
///         }
///         theta
///     }
/// }
///
/// let beta: BigRational = "9/10".parse()?;
/// let sampling = Sampling::epochs(4, 1, 2, false)?;
/// let program = Training::from_program(sampling.clone(), &HeavyBall { momentum: beta.clone() })?;
/// let rule = Training::new(sampling, UpdateRule::sgd().with_momentum(beta))?;
/// assert_eq!(program.kernel::<BigRational>().tables(), rule.kernel::<BigRational>().tables());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Program {
    /// Runs over so many batches from the initial weights, and returns the result. `step(point, slot)` is -η times the mean gradient at a point on the points of a slot.
    ///
    /// Points and the result are the initial weights plus a linear combination of steps, whose numbers do not depend on the steps.
    fn run<V: Linear>(&self, start: &V, batches: usize, step: &mut dyn FnMut(&V, Slot) -> V) -> V;

    /// Checks that points and the result of a run over so many batches are the initial weights plus steps, and that no other batches are asked for. Unlike the kernel this takes no longer than
    /// the program itself, and no memory.
    ///
    /// # Errors
    /// [`ProgramError`].
    fn check(&self, batches: usize) -> Result<(), ProgramError> {
        let (mut evaluations, mut checked) = (0, Ok(()));
        let start = Starts(BigRational::one());
        let result = self.run(&start, batches, &mut |point: &Starts, slot| {
            if checked.is_ok() {
                checked = check_point(&point.0, Some(evaluations))
                    .and_then(|()| check_slot(slot, evaluations, batches));
            }
            evaluations += 1;
            Starts(BigRational::zero())
        });
        checked?;
        check_point(&result.0, None)
    }
}

/// Checks how often a point has the initial weights: that of an evaluation, or the result.
fn check_point(start: &BigRational, evaluation: Option<usize>) -> Result<(), ProgramError> {
    if start.is_one() {
        return Ok(());
    }
    let what = match evaluation {
        Some(evaluation) => format!("the point of evaluation {evaluation}"),
        None => "the result".into(),
    };
    let factor = start.clone();
    Err(ProgramError::NotAPoint { what, factor })
}

/// Checks that the batch of an evaluation is one of those that there are.
fn check_slot(slot: Slot, evaluation: usize, batches: usize) -> Result<(), ProgramError> {
    match slot {
        Slot::Batch(batch) if batch >= batches => Err(ProgramError::NoSuchBatch {
            evaluation,
            batch,
            batches,
        }),
        Slot::Batch(_) | Slot::All => Ok(()),
    }
}

/// Why a program has no kernel for a way to choose batches.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// A point or the result is not the initial weights plus steps.
    #[error(
        "{what} has {factor} times the initial weights, and must have them once: points are the initial weights plus steps"
    )]
    NotAPoint {
        /// Which point.
        what: String,
        /// How often it has the initial weights.
        factor: BigRational,
    },
    /// A batch that does not exist.
    #[error("evaluation {evaluation} is on batch {batch}, but there are {batches}, counted from 0")]
    NoSuchBatch {
        /// The number of the evaluation.
        evaluation: usize,
        /// The batch.
        batch: usize,
        /// T.
        batches: usize,
    },
    /// A program that takes gradients other than one for each batch, on batches that are drawn.
    #[error(
        "evaluation {evaluation} is not on batch {evaluation}: on batches that are drawn, a program takes one gradient on each batch, in their order. Give the batches"
    )]
    NotOncePerBatch {
        /// The number of the evaluation.
        evaluation: usize,
    },
}

/// A formal sum of the initial weights and of steps.
#[derive(Clone, Debug)]
struct Formal {
    /// The factor of the initial weights.
    start: BigRational,
    /// The factor of each step, in the order of their evaluation.
    steps: Vec<BigRational>,
}

impl Linear for Formal {
    fn add_scaled(&mut self, factor: &BigRational, other: &Self) {
        self.start += factor * &other.start;
        if self.steps.len() < other.steps.len() {
            self.steps.resize(other.steps.len(), BigRational::zero());
        }
        for (sum, step) in self.steps.iter_mut().zip(&other.steps) {
            if !step.is_zero() {
                *sum += factor * step;
            }
        }
    }

    fn scale(&mut self, factor: &BigRational) {
        self.start *= factor;
        for step in &mut self.steps {
            *step *= factor;
        }
    }
}

/// The factor of the initial weights in a formal sum, whose steps are left out.
#[derive(Clone, Debug)]
struct Starts(BigRational);

impl Linear for Starts {
    fn add_scaled(&mut self, factor: &BigRational, other: &Self) {
        if !other.0.is_zero() {
            self.0 += factor * &other.0;
        }
    }

    fn scale(&mut self, factor: &BigRational) {
        self.0 *= factor;
    }
}

/// What a run on symbols records.
struct Record {
    /// The factors of earlier steps in each point.
    points: Vec<Vec<BigRational>>,
    slots: Vec<Slot>,
    result: Vec<BigRational>,
}

fn record(program: &impl Program, batches: usize) -> Result<Record, ProgramError> {
    let start = Formal {
        start: BigRational::one(),
        steps: vec![],
    };
    let (mut points, mut slots, mut checked) = (vec![], vec![], Ok(()));
    let result = program.run(&start, batches, &mut |point: &Formal, slot| {
        let evaluation = points.len();
        if checked.is_ok() {
            checked = check_point(&point.start, Some(evaluation));
        }
        let mut factors = point.steps.clone();
        factors.resize(evaluation, BigRational::zero());
        points.push(factors);
        slots.push(slot);
        let mut steps = vec![BigRational::zero(); evaluation + 1];
        steps[evaluation] = BigRational::one();
        Formal {
            start: BigRational::zero(),
            steps,
        }
    });
    checked?;
    check_point(&result.start, None)?;
    let mut result = result.steps;
    result.resize(points.len(), BigRational::zero());
    Ok(Record {
        points,
        slots,
        result,
    })
}

impl Training {
    /// The run of a program, by its kernel. Each evaluation of a gradient is an update of the run.
    ///
    /// # Errors
    /// [`TrainingError::Program`] if points are not the initial weights plus steps, if a batch does not exist, or if batches are drawn and the program does not take one gradient on each
    /// batch, in their order.
    pub fn from_program(sampling: Sampling, program: &impl Program) -> Result<Self, TrainingError> {
        sampling.check()?;
        let batches = sampling.updates();
        let Record {
            points,
            slots,
            result,
        } = record(program, batches)?;
        let in_order =
            slots.len() == batches && (0..batches).all(|batch| slots[batch] == Slot::Batch(batch));
        if in_order {
            return Training::from_kernel(sampling, points, result);
        }
        let first_other = (0..batches)
            .find(|&at| slots.get(at) != Some(&Slot::Batch(at)))
            .unwrap_or(batches);
        let drawn = || ProgramError::NotOncePerBatch {
            evaluation: first_other,
        };
        let given = |(evaluation, slot): (usize, &Slot)| {
            check_slot(*slot, evaluation, batches)?;
            match *slot {
                Slot::Batch(batch) => sampling.rows(batch).ok_or_else(drawn),
                Slot::All => match sampling.train() {
                    Some(train) if sampling.rows(0).is_some() => Ok((0..train).collect()),
                    _ => Err(drawn()),
                },
            }
        };
        let rows: Vec<Vec<usize>> = slots
            .iter()
            .enumerate()
            .map(given)
            .collect::<Result<_, _>>()?;
        let train = sampling.train().unwrap_or_default();
        let sampling = Sampling::Given {
            train,
            batches: rows,
        };
        Training::from_kernel(sampling, points, result)
    }
}
