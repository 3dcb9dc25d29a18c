//! Values of tied forests by their definition: derivatives of polynomials as explicit tensors, and averages over all choices of datapoints and noise.

use std::collections::BTreeMap;

use diagrams::calculus::optimizer::TiedForest;
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::case::{LandscapeDescription, Monomial, fraction};

/// A polynomial as (exponents, coefficient).
type Polynomial = Vec<(Vec<u32>, BigRational)>;

/// The losses of a case.
pub(super) struct Losses {
    dimension: usize,
    theta0: Vec<BigRational>,
    /// For each datapoint, its loss for each value of the noise. All datapoints have as many.
    noisy: Vec<Vec<Polynomial>>,
    /// For each datapoint the loss that is measured.
    measured: Vec<Polynomial>,
    /// λ of each weight; empty without weight decay.
    decay: Vec<BigRational>,
    tensors: BTreeMap<(Loss, usize), Vec<BigRational>>,
}

/// The loss whose derivative a node is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    /// Of a datapoint with some noise; a mean where one is not given.
    Trained(Option<usize>, Option<usize>),
    /// The measured loss of a datapoint, or its mean.
    Measured(Option<usize>),
    /// λ/2 |θ|².
    Decay,
}

/// What the root of a tree is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    /// The measured loss of a new datapoint.
    Test,
    /// The measured loss of the datapoint of a part.
    Tied(usize),
    /// The weights, with an open index.
    Weights,
}

impl Losses {
    pub(super) fn new(
        description: &LandscapeDescription,
        decay: Vec<BigRational>,
    ) -> Result<Self, String> {
        let dimension = description.dimension;
        let polynomial = |monomials: &Vec<Monomial>| -> Result<Polynomial, String> {
            let read = |m: &Monomial| {
                if m.exponents.len() != dimension {
                    return Err(format!(
                        "a monomial has {} exponents in dimension {dimension}",
                        m.exponents.len()
                    ));
                }
                Ok((m.exponents.clone(), fraction(&m.coefficient)?))
            };
            monomials.iter().map(read).collect()
        };
        let list = |all: &Vec<Vec<Monomial>>| -> Result<Vec<Polynomial>, String> {
            all.iter().map(polynomial).collect()
        };
        let (noisy, measured) = if description.noisy_datapoints.is_empty() {
            let plain = list(&description.datapoints)?;
            (plain.iter().map(|l| vec![l.clone()]).collect(), plain)
        } else {
            let noisy: Vec<Vec<Polynomial>> = description
                .noisy_datapoints
                .iter()
                .map(list)
                .collect::<Result<_, _>>()?;
            (noisy, list(&description.measured_datapoints)?)
        };
        let values = noisy.first().map_or(0, Vec::len);
        if values == 0 || noisy.iter().any(|n| n.len() != values) {
            return Err("there are no datapoints, or they have different numbers of noises".into());
        }
        if measured.len() != noisy.len() {
            return Err("noisy_datapoints and measured_datapoints differ in length".into());
        }
        let theta0: Vec<_> = description
            .theta0
            .iter()
            .map(|x| fraction(x))
            .collect::<Result<_, _>>()?;
        if theta0.len() != dimension {
            return Err(format!("theta0 has {} numbers", theta0.len()));
        }
        Ok(Losses {
            dimension,
            theta0,
            noisy,
            measured,
            decay,
            tensors: BTreeMap::new(),
        })
    }

    /// The value of a forest with these roots: the mean over independent datapoints, one for each part, and over independent noise. It has an index for each root that is [`Root::Weights`], the last of
    /// which is innermost.
    pub(super) fn value(&mut self, forest: &TiedForest, roots: &[Root]) -> Vec<BigRational> {
        let below = forest.edges();
        let size = |parts: &[Option<usize>]| parts.iter().flatten().max().map_or(0, |p| p + 1);
        let nowhere = vec![None; below];
        let noise = forest.noise.as_ref().unwrap_or(&nowhere);
        let members = |parts: &[Option<usize>], part: usize| {
            parts.iter().filter(|p| **p == Some(part)).count()
        };
        // What only one node depends on is averaged in the derivative of that node.
        let shared_rows: Vec<usize> = (0..size(&forest.rows))
            .filter(|&part| members(&forest.rows, part) > 1 || roots.contains(&Root::Tied(part)))
            .collect();
        let shared_noise: Vec<usize> = (0..size(noise))
            .filter(|&part| members(noise, part) > 1)
            .collect();
        let (points, noises) = (self.noisy.len(), self.noisy[0].len());
        let choices = points.pow(shared_rows.len() as u32) * noises.pow(shared_noise.len() as u32);
        let children = forest.children();
        let mut sum: Vec<BigRational> = vec![];
        for choice in 0..choices {
            let mut rest = choice;
            let mut row = vec![None; size(&forest.rows)];
            for &part in &shared_rows {
                row[part] = Some(rest % points);
                rest /= points;
            }
            let mut value = vec![None; size(noise)];
            for &part in &shared_noise {
                value[part] = Some(rest % noises);
                rest /= noises;
            }
            let loss = |node: usize| match node.checked_sub(forest.roots) {
                None => match roots[node] {
                    Root::Tied(part) => Loss::Measured(row[part]),
                    _ => Loss::Measured(None),
                },
                Some(at) => match forest.rows[at] {
                    None => Loss::Decay,
                    Some(part) => Loss::Trained(row[part], noise[at].and_then(|part| value[part])),
                },
            };
            let mut product = vec![BigRational::one()];
            for (at, root) in roots.iter().enumerate() {
                let factor = match root {
                    Root::Weights => self.message(children[at][0], &children, &loss),
                    _ => self.contract(at, &children, &loss, 0),
                };
                let outer = product
                    .iter()
                    .flat_map(|a| factor.iter().map(move |b| a * b));
                product = outer.collect();
            }
            if sum.is_empty() {
                sum = product;
            } else {
                for (sum, number) in sum.iter_mut().zip(product) {
                    *sum += number;
                }
            }
        }
        let count = BigRational::from_integer(choices.into());
        for number in &mut sum {
            *number /= &count;
        }
        sum
    }

    /// What a node gives to its parent: a number for each component of the weights.
    fn message(
        &mut self,
        node: usize,
        children: &[Vec<usize>],
        loss: &dyn Fn(usize) -> Loss,
    ) -> Vec<BigRational> {
        self.contract(node, children, loss, 1)
    }

    /// The derivative of a node, contracted with what its children give, with so many indices left.
    fn contract(
        &mut self,
        node: usize,
        children: &[Vec<usize>],
        loss: &dyn Fn(usize) -> Loss,
        open: usize,
    ) -> Vec<BigRational> {
        let below: Vec<Vec<BigRational>> = children[node]
            .iter()
            .map(|&child| self.message(child, children, loss))
            .collect();
        let mut tensor = self.tensor(loss(node), open + below.len());
        // The last index is contracted first.
        for vector in below.iter().rev() {
            tensor = tensor
                .chunks_exact(self.dimension)
                .map(|row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
                .collect();
        }
        tensor
    }

    /// The derivative of an order of a loss at the initial weights, with the last index innermost.
    fn tensor(&mut self, loss: Loss, order: usize) -> Vec<BigRational> {
        if let Some(known) = self.tensors.get(&(loss, order)) {
            return known.clone();
        }
        let entries = self.dimension.pow(order as u32);
        let tensor: Vec<BigRational> = (0..entries)
            .map(|entry| {
                let mut rest = entry;
                let mut indices = vec![];
                for _ in 0..order {
                    indices.push(rest % self.dimension);
                    rest /= self.dimension;
                }
                self.derivative(loss, &indices)
            })
            .collect();
        self.tensors.insert((loss, order), tensor.clone());
        tensor
    }

    fn derivative(&self, loss: Loss, indices: &[usize]) -> BigRational {
        let mean = |all: Vec<BigRational>| {
            let count = BigRational::from_integer(all.len().into());
            all.iter().sum::<BigRational>() / count
        };
        match loss {
            Loss::Decay => match indices {
                [i] => &self.decay[*i] * &self.theta0[*i],
                [i, j] if i == j => self.decay[*i].clone(),
                _ => BigRational::zero(),
            },
            Loss::Measured(Some(point)) => self.of_polynomial(&self.measured[point], indices),
            Loss::Measured(None) => mean(
                self.measured
                    .iter()
                    .map(|l| self.of_polynomial(l, indices))
                    .collect(),
            ),
            Loss::Trained(point, noise) => {
                let points = self.noisy.iter().enumerate();
                mean(
                    points
                        .filter(|(at, _)| point.is_none_or(|p| p == *at))
                        .flat_map(|(_, noises)| noises.iter().enumerate())
                        .filter(|(at, _)| noise.is_none_or(|z| z == *at))
                        .map(|(_, l)| self.of_polynomial(l, indices))
                        .collect(),
                )
            }
        }
    }

    fn of_polynomial(&self, polynomial: &Polynomial, indices: &[usize]) -> BigRational {
        let mut sum = BigRational::zero();
        for (exponents, coefficient) in polynomial {
            let mut exponents = exponents.clone();
            let mut term = coefficient.clone();
            for &index in indices {
                term *= BigRational::from_integer(exponents[index].into());
                exponents[index] = exponents[index].saturating_sub(1);
            }
            if !term.is_zero() {
                for (weight, &exponent) in self.theta0.iter().zip(&exponents) {
                    term *= weight.pow(exponent as i32);
                }
                sum += term;
            }
        }
        sum
    }
}
