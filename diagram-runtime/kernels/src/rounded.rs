//! Results in single precision that are computed in double precision and rounded. Landscapes of one to three weights use them instead of a second set of
//! compiled kernels.

use std::ops::Range;

use crate::derivatives::{DerivativeOutput, Derivatives, Direction, Pass};
use crate::device::DeviceError;
use crate::recorded::{Recorded, RecordedPoint};
use crate::samples::Samples;
use crate::scalar::Element;
use crate::simulator::{Points, Simulator, TestSet};
use crate::slab::Slab;

/// Converts numbers to double precision.
fn widen(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

/// Rounds numbers to single precision.
fn round(wide: &[f64], numbers: &mut [f32]) {
    for (number, &wide) in numbers.iter_mut().zip(wide) {
        *number = wide as f32;
    }
}

/// Derivatives that are computed in double precision and then rounded.
pub(crate) struct RoundedDerivatives<'a>(pub(crate) Box<dyn Derivatives<f64> + 'a>);

/// The memory in double precision for one output of a pass: the derivatives of all samples, and their sum.
struct Wide {
    per_sample: Option<Vec<f64>>,
    sum: Option<Vec<f64>>,
}

impl Derivatives<f32> for RoundedDerivatives<'_> {
    fn samples(&self) -> usize {
        self.0.samples()
    }

    fn dimension(&self) -> usize {
        self.0.dimension()
    }

    fn is_piecewise(&self) -> bool {
        self.0.is_piecewise()
    }

    fn gradient_flops(&self) -> Option<f64> {
        self.0.gradient_flops()
    }

    fn recorded(&self) -> Result<RecordedPoint<f32>, DeviceError> {
        let wide = self.0.recorded()?;
        let mut theta = vec![0.0; wide.theta.len()];
        round(&wide.theta, &mut theta);
        Ok(RecordedPoint {
            landscape: wide.landscape,
            theta,
            samples: wide.samples.map(|&number| number as f32),
        })
    }

    fn losses(&self, samples: Range<usize>, out: &mut [f32]) -> Result<(), DeviceError> {
        let mut wide = vec![0.0; out.len()];
        self.0.losses(samples, &mut wide)?;
        round(&wide, out);
        Ok(())
    }

    fn passes(
        &self,
        samples: Range<usize>,
        mut passes: Vec<Pass<'_, f32>>,
    ) -> Result<(), DeviceError> {
        let directions: Vec<Vec<Vec<f64>>> = passes
            .iter()
            .map(|pass| {
                let numbers = pass.directions.iter().map(|direction| match *direction {
                    Direction::Shared(u) | Direction::PerSample(u) => widen(u),
                });
                numbers.collect()
            })
            .collect();
        let zeros = |numbers: &&mut [f32]| vec![0.0; numbers.len()];
        let mut outputs: Vec<Vec<Wide>> = passes
            .iter()
            .map(|pass| {
                let wide = pass.outputs.iter().map(|output| Wide {
                    per_sample: output.per_sample.as_ref().map(zeros),
                    sum: output.sum.as_ref().map(zeros),
                });
                wide.collect()
            })
            .collect();
        let wide = passes
            .iter()
            .zip(&directions)
            .zip(&mut outputs)
            .map(|((pass, directions), outputs)| wide_pass(pass, directions, outputs))
            .collect();
        self.0.passes(samples, wide)?;
        for (pass, outputs) in passes.iter_mut().zip(outputs) {
            for (output, wide) in pass.outputs.iter_mut().zip(outputs) {
                if let (Some(rows), Some(wide)) = (&mut output.per_sample, wide.per_sample) {
                    round(&wide, rows);
                }
                if let (Some(sum), Some(wide)) = (&mut output.sum, wide.sum) {
                    for (sum, wide) in sum.iter_mut().zip(wide) {
                        *sum += wide as f32;
                    }
                }
            }
        }
        Ok(())
    }

    fn select(&self, indices: &[usize]) -> Box<dyn Derivatives<f32> + '_> {
        Box::new(RoundedDerivatives(self.0.select(indices)))
    }
}

/// A pass in double precision, with the given directions and with outputs that go to the given memory.
fn wide_pass<'j>(
    pass: &Pass<'j, f32>,
    directions: &'j [Vec<f64>],
    outputs: &'j mut [Wide],
) -> Pass<'j, f64> {
    let directions = pass.directions.iter().zip(directions);
    let outputs = pass.outputs.iter().zip(outputs);
    Pass {
        directions: directions
            .map(|(direction, wide)| match direction {
                Direction::Shared(_) => Direction::Shared(wide),
                Direction::PerSample(_) => Direction::PerSample(wide),
            })
            .collect(),
        outputs: outputs
            .map(|(output, wide)| DerivativeOutput {
                powers: output.powers,
                per_sample: wide.per_sample.as_deref_mut(),
                sum: wide.sum.as_deref_mut(),
            })
            .collect(),
    }
}

/// A simulator that computes in double precision and rounds the results of each call, among them the weights.
///
/// A slab in single precision has more lanes than one in double precision. Its lanes are therefore divided into parts, which are computed one after the
/// other.
pub(crate) struct RoundedSimulator<S>(pub(crate) S);

/// The numbers of lanes in single and in double precision.
const LANES: [usize; 2] = [<f32 as Element>::LANES, <f64 as Element>::LANES];
/// The number of parts that the lanes of a slab in single precision are divided into.
const PARTS: usize = LANES[0] / LANES[1];

/// The slab in double precision that has the lanes of one part of a slab in single precision.
fn part(numbers: &[f32], part: usize) -> Slab<f64> {
    let mut slab = Slab::zeros(numbers.len() / PARTS);
    for (wide, numbers) in slab
        .chunks_exact_mut(LANES[1])
        .zip(numbers.chunks_exact(LANES[0]))
    {
        for (wide, &number) in wide.iter_mut().zip(&numbers[part * LANES[1]..]) {
            *wide = f64::from(number);
        }
    }
    slab
}

/// Rounds a slab in double precision and writes it to the lanes of one part of a slab in single precision.
fn put_part(slab: &[f64], part: usize, numbers: &mut [f32]) {
    for (wide, numbers) in slab
        .chunks_exact(LANES[1])
        .zip(numbers.chunks_exact_mut(LANES[0]))
    {
        round(wide, &mut numbers[part * LANES[1]..(part + 1) * LANES[1]]);
    }
}

/// The datapoints of the steps of one part of the lanes, in double precision.
struct PartPoints {
    /// The datapoints in the order of their use.
    population: Samples<f64>,
    /// The indices of these datapoints: 0, 1, 2, ….
    rows: Vec<usize>,
    /// Whether each lane has its own datapoints.
    each_lane: bool,
}

impl PartPoints {
    fn new(population: &Samples<f32>, points: Points<'_>, part: usize) -> Self {
        let (selected, each_lane): (Vec<usize>, bool) = match points {
            Points::EachLane(rows) => {
                let first = part * LANES[1];
                let steps = rows.chunks_exact(LANES[0]);
                let of_part = steps.flat_map(|step| &step[first..first + LANES[1]]);
                (of_part.copied().collect(), true)
            }
            Points::AllLanes(rows) => (rows.to_vec(), false),
        };
        PartPoints {
            population: population.select(&selected).map(|&x| f64::from(x)),
            rows: (0..selected.len()).collect(),
            each_lane,
        }
    }

    fn points(&self) -> Points<'_> {
        if self.each_lane {
            Points::EachLane(&self.rows)
        } else {
            Points::AllLanes(&self.rows)
        }
    }
}

impl<S: Simulator<f64>> Simulator<f32> for RoundedSimulator<S> {
    fn sizes(&self) -> (usize, usize) {
        self.0.sizes()
    }

    fn is_piecewise(&self) -> bool {
        self.0.is_piecewise()
    }

    fn recorded(&self) -> Result<Recorded, DeviceError> {
        self.0.recorded()
    }

    fn losses(
        &self,
        theta: &[f32],
        population: &Samples<f32>,
        points: Points<'_>,
        losses: &mut [f32],
    ) -> Result<(), DeviceError> {
        for at in 0..PARTS {
            let points = PartPoints::new(population, points, at);
            let mut wide = vec![0.0; losses.len() / PARTS];
            let theta = part(theta, at);
            self.0
                .losses(&theta, &points.population, points.points(), &mut wide)?;
            put_part(&wide, at, losses);
        }
        Ok(())
    }

    fn pack(&self, population: &Samples<f32>) -> Slab<f32> {
        let wide = self.0.pack(&population.map(|&x| f64::from(x)));
        let mut packed = Slab::zeros(wide.len());
        round(&wide, &mut packed);
        packed
    }

    fn test_losses(
        &self,
        theta: &[f32],
        points: TestSet<'_, f32>,
        losses: &mut [f32],
    ) -> Result<(), DeviceError> {
        let mut wide = vec![0.0; losses.len()];
        let theta = widen(theta);
        match points {
            TestSet::Rows(population, rows) => {
                let points = PartPoints::new(population, Points::AllLanes(rows), 0);
                let points = TestSet::Rows(&points.population, &points.rows);
                self.0.test_losses(&theta, points, &mut wide)?;
            }
            TestSet::Packed(packed) => {
                let mut slab = Slab::zeros(packed.len());
                for (wide, &number) in slab.iter_mut().zip(packed) {
                    *wide = f64::from(number);
                }
                self.0
                    .test_losses(&theta, TestSet::Packed(&slab), &mut wide)?;
            }
        }
        round(&wide, losses);
        Ok(())
    }

    fn add_gradients(
        &self,
        theta: &[f32],
        population: &Samples<f32>,
        points: Points<'_>,
        weights: &[f32],
        total: &mut [f32],
    ) -> Result<(), DeviceError> {
        for at in 0..PARTS {
            let points = PartPoints::new(population, points, at);
            let mut sum = part(total, at);
            self.0.add_gradients(
                &part(theta, at),
                &points.population,
                points.points(),
                &part(weights, at),
                &mut sum,
            )?;
            put_part(&sum, at, total);
        }
        Ok(())
    }

    fn add_hessian_products(
        &self,
        theta: &[f32],
        direction: &[f32],
        population: &Samples<f32>,
        points: Points<'_>,
        weights: &[f32],
        total: &mut [f32],
    ) -> Result<(), DeviceError> {
        for at in 0..PARTS {
            let points = PartPoints::new(population, points, at);
            let mut sum = part(total, at);
            self.0.add_hessian_products(
                &part(theta, at),
                &part(direction, at),
                &points.population,
                points.points(),
                &part(weights, at),
                &mut sum,
            )?;
            put_part(&sum, at, total);
        }
        Ok(())
    }

    fn descend(
        &self,
        theta: &mut [f32],
        population: &Samples<f32>,
        points: Points<'_>,
        step: &f32,
    ) -> Result<(), DeviceError> {
        for at in 0..PARTS {
            let points = PartPoints::new(population, points, at);
            let mut wide = part(theta, at);
            self.0.descend(
                &mut wide,
                &points.population,
                points.points(),
                &f64::from(*step),
            )?;
            put_part(&wide, at, theta);
        }
        Ok(())
    }

    fn sum_gradients(
        &self,
        theta: &[f64],
        population: &Samples<f64>,
        points: Range<usize>,
    ) -> Result<Vec<f64>, DeviceError> {
        self.0.sum_gradients(theta, population, points)
    }
}
