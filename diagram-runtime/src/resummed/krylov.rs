//! The leading eigenvectors, computed from products of the Hessian with vectors by the Lanczos method with full reorthogonalisation.
//!
//! The matrix-free eigensolver of faer does not serve here. It takes vectors of zeros for further basis vectors where the Hessian maps the Krylov space to
//! itself, as Hessians of low rank or with repeated eigenvalues do; it gives no bound of the eigenvalues that it leaves out; and a product cannot fail.

use super::basis::{Basis, eigenbasis};
use super::error::ResummedValueError;
use crate::averages::mean_gradient;
use crate::derivatives::Derivatives;
use crate::landscape::initialization;

/// The largest residual of an eigenvector, relative to the largest eigenvalue, at which it counts as found. The error of the eigenvalue is of second
/// order in the residual, because it is a Rayleigh quotient.
const RESIDUAL: f64 = 1e-6;
/// The number of products after which convergence is tested again.
const INTERVAL: usize = 10;
/// The largest number of products: the first number for each eigenvector that is wanted, plus the second. A spectrum without gaps converges slowly.
const MOST_PRODUCTS: (usize, usize) = (10, 100);

/// Returns the `count` eigenvectors whose eigenvalues have the largest absolute values.
pub(super) fn leading(
    derivatives: &dyn Derivatives<f64>,
    count: usize,
    seed: u64,
) -> Result<Basis, ResummedValueError> {
    let dimension = derivatives.dimension();
    let most = dimension.min(MOST_PRODUCTS.0 * count + MOST_PRODUCTS.1);
    let mut krylov: Vec<Vec<f64>> = vec![];
    let mut diagonal = vec![];
    let mut beside: Vec<f64> = vec![];
    let mut next = initialization(dimension, seed);
    normalize(&mut next);
    loop {
        krylov.push(next);
        let newest = &krylov[krylov.len() - 1];
        next = mean_gradient(derivatives, &[newest], &[1])?;
        diagonal.push(dot(newest, &next));
        make_orthogonal(&mut next, &krylov);
        let length = normalize(&mut next);
        let full = krylov.len() == most;
        // If H maps the Krylov space to itself, the space contains a single eigenvector for each eigenvalue to which its first vector has a
        // component. For eigenvalues with several eigenvectors, another starting vector can find further ones.
        let exhausted =
            length <= f64::EPSILON * diagonal.iter().fold(0.0, |m: f64, d| m.max(d.abs()));
        if exhausted && !full && krylov.len() <= count {
            next = another(&krylov, seed);
            beside.push(0.0);
            continue;
        }
        if full || exhausted || (krylov.len() > count && krylov.len().is_multiple_of(INTERVAL)) {
            let ritz = Ritz::new(&diagonal, &beside, length)?;
            if full || exhausted || ritz.converged(count) {
                return ritz.basis(&krylov, count);
            }
        }
        beside.push(length);
    }
}

/// Returns a unit vector that is orthogonal to all of the given ones.
fn another(krylov: &[Vec<f64>], seed: u64) -> Vec<f64> {
    let mut vector = initialization(krylov[0].len(), seed.wrapping_add(krylov.len() as u64));
    make_orthogonal(&mut vector, krylov);
    normalize(&mut vector);
    vector
}

/// The eigenvalues and eigenvectors of the Hessian restricted to the Krylov space, in descending order of the absolute eigenvalues.
struct Ritz {
    curvatures: Vec<f64>,
    /// The eigenvectors in the Krylov basis.
    vectors: Vec<Vec<f64>>,
    /// The lengths of `H v - h v` for the eigenvectors v and eigenvalues h.
    residuals: Vec<f64>,
}

impl Ritz {
    fn new(diagonal: &[f64], beside: &[f64], last: f64) -> Result<Self, ResummedValueError> {
        let size = diagonal.len();
        let tridiagonal = |row: usize, column: usize| match row.abs_diff(column) {
            0 => diagonal[row],
            1 => beside[row.min(column)],
            _ => 0.0,
        };
        let (curvatures, vectors) = eigenbasis(size, tridiagonal)?;
        let mut order: Vec<usize> = (0..size).collect();
        order.sort_by(|&a, &b| curvatures[b].abs().total_cmp(&curvatures[a].abs()));
        Ok(Ritz {
            curvatures: order.iter().map(|&mode| curvatures[mode]).collect(),
            residuals: order
                .iter()
                .map(|&mode| (last * vectors[mode][size - 1]).abs())
                .collect(),
            vectors: order.iter().map(|&mode| vectors[mode].clone()).collect(),
        })
    }

    /// Returns whether the wanted eigenvectors are found, together with the next one, whose eigenvalue bounds what is left out.
    fn converged(&self, count: usize) -> bool {
        let largest = self.curvatures[0].abs();
        let wanted = self.residuals.iter().take(count + 1);
        wanted.len() > count
            && wanted
                .into_iter()
                .all(|&residual| residual <= RESIDUAL * largest)
    }

    fn basis(&self, krylov: &[Vec<f64>], count: usize) -> Result<Basis, ResummedValueError> {
        let count = count.min(self.curvatures.len());
        let largest = self.curvatures[0].abs();
        if let Some(&residual) = self.residuals[..count]
            .iter()
            .find(|&&residual| residual > RESIDUAL * largest)
        {
            return Err(ResummedValueError::NotConverged {
                products: krylov.len(),
                residual: residual / largest,
            });
        }
        let vector = |coefficients: &Vec<f64>| {
            let mut vector = vec![0.0; krylov[0].len()];
            for (coefficient, direction) in coefficients.iter().zip(krylov) {
                for (sum, component) in vector.iter_mut().zip(direction) {
                    *sum += coefficient * component;
                }
            }
            vector
        };
        Ok(Basis {
            curvatures: self.curvatures[..count].to_vec(),
            vectors: self.vectors[..count].iter().map(vector).collect(),
            // The eigenvalues that were not found are taken to be smaller than those that were. If the Krylov space has no further eigenvector, H is
            // taken to be 0 outside it.
            left_out: Some(
                self.curvatures
                    .get(count)
                    .map_or(0.0, |h| h.abs() + self.residuals[count]),
            ),
        })
    }
}

/// Subtracts the components along orthonormal vectors. Doing so twice makes the result orthogonal up to rounding (Kahan and Parlett).
fn make_orthogonal(vector: &mut [f64], to: &[Vec<f64>]) {
    for _ in 0..2 {
        for direction in to {
            let along = dot(direction, vector);
            for (component, other) in vector.iter_mut().zip(direction) {
                *component -= along * other;
            }
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Scales the vector to length 1 unless it is 0, and returns its former length.
fn normalize(vector: &mut [f64]) -> f64 {
    let length = dot(vector, vector).sqrt();
    if length > 0.0 {
        for component in vector {
            *component /= length;
        }
    }
    length
}
