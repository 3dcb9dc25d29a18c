//! The expected test loss of SGD on polynomial losses of one weight as the exact expectation of a Markov chain: without diagrams and without random
//! draws.
//!
//! In one epoch of batch 1 every update draws a datapoint x of its own, so that the weight is a Markov chain, which goes from θ to `θ - η l_x'(θ)`.
//! Let `u_t(θ)` be the expected test loss after t updates from θ. Then `u_0 = l`, and `u_{t+1}(θ)` is the mean over x of `u_t(θ - η l_x'(θ))`. On an
//! interval that no update leaves, all `u_t` are analytic, and their values at Chebyshev points determine them up to an error that falls
//! exponentially with the number of points. An update is a matrix on these values, and T updates are its power, by repeated squaring.

use nalgebra::{DMatrix, DVector};

/// The expectations of SGD from the middle of an interval, on the uniform distribution over some polynomial losses.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The coefficients of θ^1, θ^2 and so on of each datapoint's loss.
    losses: Vec<Vec<f64>>,
    start: f64,
    radius: f64,
    points: usize,
}

/// The reason why a chain has no expectations.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ChainError {
    /// An update leaves the interval, on which the losses are polynomials that are interpolated.
    #[error(
        "at the learning rate {eta} an update leads from {from} to {to}, out of the interval; choose a larger one or a smaller learning rate"
    )]
    Leaves {
        /// The learning rate η.
        eta: f64,
        /// The weight before the update.
        from: f64,
        /// The weight after it.
        to: f64,
    },
}

impl Chain {
    /// The chain of weights between `start - radius` and `start + radius`. `losses` has the coefficients of θ^1, θ^2 and so on for each datapoint.
    /// Functions of the weight are interpolated at `2 half + 1` points, of which the start is one.
    pub fn new(losses: Vec<Vec<f64>>, start: f64, radius: f64, half: usize) -> Self {
        Chain {
            losses,
            start,
            radius,
            points: 2 * half + 1,
        }
    }

    /// The expected test loss after so many updates from the start.
    ///
    /// # Errors
    /// [`ChainError::Leaves`].
    pub fn test_loss(&self, eta: f64, updates: u64) -> Result<f64, ChainError> {
        let nodes = self.nodes();
        let test_loss = |theta: f64| {
            let each = self.losses.iter().map(|loss| value(loss, theta));
            each.sum::<f64>() / self.losses.len() as f64
        };
        let mut expected =
            DVector::from_iterator(nodes.len(), nodes.iter().map(|&at| test_loss(at)));
        // The matrices of powers of an update are kept without the identity, to which they are close if η is small: adding it would round it off.
        let mut change = self.update(eta, &nodes)?;
        let mut left = updates;
        while left > 0 {
            if left % 2 == 1 {
                expected += &change * &expected;
            }
            left /= 2;
            change = &change * 2.0 + &change * &change;
            balance(&mut change);
        }
        Ok(expected[nodes.len() / 2])
    }

    /// The Chebyshev points, ascending. The one in the middle is the start.
    fn nodes(&self) -> Vec<f64> {
        let last = self.points as f64 - 1.0;
        let angle = |at: usize| std::f64::consts::FRAC_PI_2 * (2.0 * at as f64 / last - 1.0);
        (0..self.points)
            .map(|at| self.start + self.radius * angle(at).sin())
            .collect()
    }

    /// The matrix of an update on functions that are given by their values at the points, minus the identity.
    fn update(&self, eta: f64, nodes: &[f64]) -> Result<DMatrix<f64>, ChainError> {
        let count = self.losses.len() as f64;
        let mut matrix = DMatrix::zeros(nodes.len(), nodes.len());
        for (row, &from) in nodes.iter().enumerate() {
            for loss in &self.losses {
                let step = -eta * slope(loss, from);
                if (from + step - self.start).abs() > self.radius {
                    let to = from + step;
                    return Err(ChainError::Leaves { eta, from, to });
                }
                for (column, weight) in moved(nodes, row, step).into_iter().enumerate() {
                    matrix[(row, column)] += weight / count;
                }
            }
        }
        balance(&mut matrix);
        Ok(matrix)
    }
}

/// The value of a polynomial without a constant.
fn value(loss: &[f64], theta: f64) -> f64 {
    loss.iter().rev().fold(0.0, |sum, c| (sum + c) * theta)
}

/// Its derivative.
fn slope(loss: &[f64], theta: f64) -> f64 {
    let powers = (1..=loss.len()).rev().zip(loss.iter().rev());
    powers.fold(0.0, |sum, (power, c)| sum * theta + power as f64 * c)
}

/// The weights by which the values at all points but one give the change of an interpolated function along a step from that one; its own is 0 here.
///
/// This is the barycentric formula times the step, in which no two close numbers are subtracted, however small the step is.
fn moved(nodes: &[f64], from: usize, step: f64) -> Vec<f64> {
    let mut weights = vec![0.0; nodes.len()];
    let distance = |column: usize| (nodes[from] - nodes[column]) + step;
    if let Some(met) = (0..nodes.len()).find(|&at| at != from && distance(at) == 0.0) {
        weights[met] = 1.0;
        return weights;
    }
    // Barycentric weights alternate in sign; those at the ends are half as large.
    let last = nodes.len() - 1;
    let size = |at: usize| if at == 0 || at == last { 0.5 } else { 1.0 };
    let mut total = 1.0;
    for column in (0..nodes.len()).filter(|&column| column != from) {
        let sign = if (column + from).is_multiple_of(2) {
            1.0
        } else {
            -1.0
        };
        weights[column] = sign * size(column) / size(from) * step / distance(column);
        total += weights[column];
    }
    for weight in &mut weights {
        *weight /= total;
    }
    weights
}

/// Makes the rows add up to 0 by their entries on the diagonal: an update does not change constants.
fn balance(matrix: &mut DMatrix<f64>) {
    for at in 0..matrix.nrows() {
        matrix[(at, at)] = 0.0;
        matrix[(at, at)] = -matrix.row(at).sum();
    }
}
