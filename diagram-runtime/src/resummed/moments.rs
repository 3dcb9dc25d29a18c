//! Derivatives of the losses along the eigenvectors, and joint moments of their noise.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use rayon::prelude::*;

use super::basis::Basis;
use super::error::ResummedValueError;
use crate::averages::{mean_gradient, mean_loss, sample_gradients};
use crate::derivatives::Derivatives;
use crate::device::DeviceError;

/// The largest number of numbers that one table may hold: 1 GiB.
const MOST_NUMBERS: f64 = 134_217_728.0;

/// The derivatives of all degrees that were asked for, along m eigenvectors.
pub(super) struct NoiseMoments<'a> {
    derivatives: &'a dyn Derivatives<f64>,
    basis: &'a Basis,
    /// The mean derivative of each degree: m^degree numbers, with the first index slowest.
    means: BTreeMap<usize, Vec<f64>>,
    /// The noise of each degree: for each of m^degree indices, the derivative of each sample minus the mean derivative.
    noises: BTreeMap<usize, Vec<Vec<f64>>>,
}

impl<'a> NoiseMoments<'a> {
    pub(super) fn new(derivatives: &'a dyn Derivatives<f64>, basis: &'a Basis) -> Self {
        NoiseMoments {
            derivatives,
            basis,
            means: BTreeMap::new(),
            noises: BTreeMap::new(),
        }
    }

    /// Returns the number m of eigenvectors.
    pub(super) fn modes(&self) -> usize {
        self.basis.vectors.len()
    }

    /// Returns the mean derivative of a degree: m^degree numbers.
    pub(super) fn mean(&mut self, degree: usize) -> Result<Vec<f64>, ResummedValueError> {
        if let Some(mean) = self.means.get(&degree) {
            return Ok(mean.clone());
        }
        let mean = if degree == 0 {
            vec![mean_loss(self.derivatives)?]
        } else {
            check_size(self.modes(), degree, 1)?;
            let (derivatives, basis) = (self.derivatives, self.basis);
            let along = |key: &[usize]| {
                let (directions, powers) = directions(basis, key);
                mean_gradient(derivatives, &directions, &powers).map(|mean| basis.components(&mean))
            };
            symmetric(self.modes(), degree, along, |row, mode| row[mode])?
        };
        check_finite(&mean)?;
        self.means.insert(degree, mean.clone());
        Ok(mean)
    }

    /// Returns the mean over the samples of the product of the noises of the nodes of a part: `m^edges` numbers. A node is given by its edges.
    pub(super) fn noise(
        &mut self,
        nodes: &[Vec<usize>],
        edges: usize,
    ) -> Result<Vec<f64>, ResummedValueError> {
        check_size(self.modes(), edges, 1)?;
        for node in nodes {
            self.prepare(node.len())?;
        }
        let samples = self.derivatives.samples();
        let moment = |indices: &[usize]| {
            let rows: Vec<&[f64]> = nodes
                .iter()
                .map(|node| {
                    let at = flat(self.modes(), node.iter().map(|&edge| indices[edge]));
                    &self.noises[&node.len()][at][..]
                })
                .collect();
            let product = |sample: usize| rows.iter().map(|row| row[sample]).product::<f64>();
            (0..samples).map(product).sum::<f64>() / samples as f64
        };
        Ok(indices(self.modes(), edges).map(|at| moment(&at)).collect())
    }

    /// Computes the noise of a degree if it is not computed yet.
    fn prepare(&mut self, degree: usize) -> Result<(), ResummedValueError> {
        if self.noises.contains_key(&degree) {
            return Ok(());
        }
        let samples = self.derivatives.samples();
        check_size(self.modes(), degree, samples)?;
        let (derivatives, basis) = (self.derivatives, self.basis);
        let along = |key: &[usize]| {
            let (directions, powers) = directions(basis, key);
            let rows = sample_gradients(derivatives, &directions, &powers)?;
            let rows = rows.par_chunks(derivatives.dimension());
            Ok(rows.map(|row| basis.components(row)).collect::<Vec<_>>())
        };
        let mut noises = symmetric(self.modes(), degree, along, |rows, mode| {
            rows.iter().map(|row| row[mode]).collect::<Vec<f64>>()
        })?;
        for noise in &mut noises {
            check_finite(noise)?;
            let mean = noise.iter().sum::<f64>() / samples as f64;
            for number in noise {
                *number -= mean;
            }
        }
        self.noises.insert(degree, noises);
        Ok(())
    }
}

/// Returns all lists of `length` indices of eigenvectors, with the last index fastest.
pub(super) fn indices(modes: usize, length: usize) -> impl Iterator<Item = Vec<usize>> {
    let first = (modes > 0 || length == 0).then(|| vec![0; length]);
    std::iter::successors(first, move |indices| {
        let mut next = indices.clone();
        let place = next.iter().rposition(|&index| index + 1 < modes)?;
        next[place] += 1;
        next[place + 1..].fill(0);
        Some(next)
    })
}

/// Returns the position of a list of indices among all lists of its length.
pub(super) fn flat(modes: usize, indices: impl Iterator<Item = usize>) -> usize {
    indices.fold(0, |at, index| at * modes + index)
}

/// Returns a symmetric tensor of a degree, computed from its rows, in which one index is open and the others are in ascending order.
fn symmetric<R, X>(
    modes: usize,
    degree: usize,
    row: impl Fn(&[usize]) -> Result<R, DeviceError>,
    entry: impl Fn(&R, usize) -> X,
) -> Result<Vec<X>, DeviceError> {
    let mut rows: BTreeMap<Vec<usize>, R> = BTreeMap::new();
    indices(modes, degree)
        .map(|mut at| {
            at.sort_unstable();
            let open = at.pop().unwrap_or_default();
            let known = match rows.entry(at) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(vacant) => {
                    let row = row(vacant.key())?;
                    vacant.insert(row)
                }
            };
            Ok(entry(known, open))
        })
        .collect()
}

/// Returns the distinct eigenvectors among the given ones, and how often each occurs.
fn directions<'b>(basis: &'b Basis, key: &[usize]) -> (Vec<&'b [f64]>, Vec<u8>) {
    let mut directions: Vec<&[f64]> = vec![];
    let mut powers: Vec<u8> = vec![];
    for run in key.chunk_by(|a, b| a == b) {
        directions.push(&basis.vectors[run[0]]);
        powers.push(run.len() as u8);
    }
    (directions, powers)
}

/// Checks that a table has at most [`MOST_NUMBERS`] numbers.
pub(super) fn check_size(
    modes: usize,
    degree: usize,
    samples: usize,
) -> Result<(), ResummedValueError> {
    let numbers = (modes as f64).powi(degree as i32) * samples as f64;
    if numbers > MOST_NUMBERS {
        return Err(ResummedValueError::TooLarge {
            modes,
            indices: degree,
            numbers,
        });
    }
    Ok(())
}

fn check_finite(numbers: &[f64]) -> Result<(), ResummedValueError> {
    if numbers.iter().all(|number| number.is_finite()) {
        Ok(())
    } else {
        Err(ResummedValueError::NotFinite("a derivative"))
    }
}
