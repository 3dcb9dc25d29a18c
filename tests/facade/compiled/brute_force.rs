//! SGD on every training set, weights as truncated power series in η: the definition of what the calculus predicts.

use num_rational::BigRational;
use num_traits::Zero;

use super::Problem;

/// A power series in η, lowest power first.
type Series = Vec<BigRational>;

/// Averages over all training sets, each of the same probability.
pub(crate) struct Expected {
    pub(crate) test_loss: Series,
    pub(crate) train_loss: Series,
    pub(crate) displacement: [Series; 2],
    pub(crate) second_moment: Series,
}

impl Expected {
    pub(crate) fn gap(&self) -> Series {
        let difference = self.test_loss.iter().zip(&self.train_loss);
        difference.map(|(test, train)| test - train).collect()
    }
}

/// Trains on the given rows of each training set of `train` points, column by column.
pub(crate) fn series(
    problem: &Problem,
    train: usize,
    columns: &[Vec<usize>],
    order: usize,
) -> Expected {
    let population = problem.points.len();
    let sets = population.pow(train as u32);
    let mut expected = Expected {
        test_loss: zero(order),
        train_loss: zero(order),
        displacement: [zero(order), zero(order)],
        second_moment: zero(order),
    };
    for set in 0..sets {
        let points: Vec<&[i64]> = (0..train)
            .map(|row| &problem.points[set / population.pow(row as u32) % population][..])
            .collect();
        let mut theta = problem.theta.map(|weight| constant(weight, order));
        for rows in columns {
            descend(problem, &points, rows, &mut theta);
        }
        let test = mean_loss(problem, problem.points.iter().map(|p| &p[..]), &theta);
        let share = ratio(1, sets as i64);
        accumulate(&mut expected.test_loss, &test, &share);
        accumulate(&mut expected.second_moment, &product(&test, &test), &share);
        let training = mean_loss(problem, points.iter().copied(), &theta);
        accumulate(&mut expected.train_loss, &training, &share);
        for axis in 0..2 {
            accumulate(&mut expected.displacement[axis], &theta[axis], &share);
        }
    }
    for axis in 0..2 {
        expected.displacement[axis][0] -= ratio(problem.theta[axis], 1);
    }
    expected
}

/// `θ -= η/B · Σ ∇l`
fn descend(problem: &Problem, points: &[&[i64]], rows: &[usize], theta: &mut [Series; 2]) {
    let order = theta[0].len() - 1;
    let mut step = [zero(order), zero(order)];
    for &row in rows {
        for (exponents, &coefficient) in problem.monomials.iter().zip(points[row]) {
            for axis in 0..2 {
                if exponents[axis] > 0 {
                    let mut lowered = exponents.clone();
                    lowered[axis] -= 1;
                    let slope = monomial(&lowered, theta);
                    let factor = coefficient * i64::from(exponents[axis]);
                    accumulate(&mut step[axis], &slope, &ratio(factor, rows.len() as i64));
                }
            }
        }
    }
    for (weight, mut slope) in theta.iter_mut().zip(step) {
        // Multiplied by η: one power up.
        slope.rotate_right(1);
        slope[0] = BigRational::zero();
        accumulate(weight, &slope, &ratio(-1, 1));
    }
}

fn mean_loss<'a>(
    problem: &Problem,
    points: impl ExactSizeIterator<Item = &'a [i64]>,
    theta: &[Series; 2],
) -> Series {
    let count = points.len() as i64;
    let mut sum = zero(theta[0].len() - 1);
    for point in points {
        for (exponents, &coefficient) in problem.monomials.iter().zip(point) {
            accumulate(
                &mut sum,
                &monomial(exponents, theta),
                &ratio(coefficient, count),
            );
        }
    }
    sum
}

fn monomial(exponents: &[u32], theta: &[Series; 2]) -> Series {
    let one = constant(1, theta[0].len() - 1);
    exponents
        .iter()
        .zip(theta)
        .fold(one, |value, (&power, weight)| {
            (0..power).fold(value, |value, _| product(&value, weight))
        })
}

fn product(a: &Series, b: &Series) -> Series {
    (0..a.len())
        .map(|k| (0..=k).map(|i| &a[i] * &b[k - i]).sum())
        .collect()
}

fn accumulate(sum: &mut Series, term: &Series, factor: &BigRational) {
    for (sum, term) in sum.iter_mut().zip(term) {
        *sum += term * factor;
    }
}

fn zero(order: usize) -> Series {
    vec![BigRational::zero(); order + 1]
}

fn constant(value: i64, order: usize) -> Series {
    let mut series = zero(order);
    series[0] = ratio(value, 1);
    series
}

fn ratio(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}
