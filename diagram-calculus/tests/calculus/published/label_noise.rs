//! Label noise at a global minimum.

use diagram_calculus::optimizer::{Noise, Sampling, TiedForest, UpdateRule, tied_forests};
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::{epochs, run};
use crate::common::ratio;

/// The loss ((1 + z) w - ε)²/2 of the weights w and z with the label noise ε = ±σ, at the global minimum w = z = 0. Its minima are the line w = 0, on which the Hessian has the eigenvalue (1 + z)².
struct Valley {
    sigma: BigRational,
}

/// The weight z.
const FLAT: usize = 1;

impl Valley {
    /// The derivative along w and z, so many times each, at the start.
    fn derivative(&self, sign: i64, along: [usize; 2]) -> BigRational {
        let epsilon = &self.sigma * ratio(sign, 1);
        // w²/2 + w²z + w²z²/2 - ε (w + wz), and the factorials of the powers.
        match along {
            [2, 0] => ratio(1, 1),
            [2, 1 | 2] => ratio(2, 1),
            [1, 0 | 1] => -epsilon,
            [0, 0] => &epsilon * &epsilon / ratio(2, 1),
            _ => BigRational::zero(),
        }
    }

    /// The value of a forest as a term of the displacement of z: the root's edge is the open index. There is one datapoint, so that only noise is averaged.
    fn displacement(&self, forest: &TiedForest) -> BigRational {
        let noise = forest.noise.as_ref().expect("noise");
        let part: Vec<usize> = noise.iter().map(|part| part.expect("a visit")).collect();
        let parts = part.iter().max().map_or(0, |last| last + 1);
        let mut sum = BigRational::zero();
        // The index of the edge above each node; that of node 1 is z.
        for indices in 0..1_usize << forest.edges() {
            let index = |node: usize| indices >> (node - 1) & 1;
            if index(1) != FLAT {
                continue;
            }
            let mut along = vec![[0, 0]; forest.nodes()];
            for (child, &parent) in (1..).zip(&forest.parents) {
                along[child][index(child)] += 1;
                along[parent][index(child)] += 1;
            }
            let product = (0..parts).map(|at| {
                let nodes: Vec<usize> = (1..forest.nodes())
                    .filter(|node| part[node - 1] == at)
                    .collect();
                let moment = |sign| -> BigRational {
                    nodes
                        .iter()
                        .map(|&node| self.derivative(sign, along[node]))
                        .product()
                };
                (moment(1) + moment(-1)) / ratio(2, 1)
            });
            sum += product.product::<BigRational>();
        }
        sum
    }
}

/// The forests of a displacement.
fn forests(edges: usize) -> impl Iterator<Item = TiedForest> {
    tied_forests(1, edges, Some(Noise::PerVisit), false)
        .filter(|forest| forest.children()[0].len() == 1)
}

/// Whether a leaf shares its visit with no other node, so that it stands for the mean of `g_n` over the noise.
fn has_mean_leaf(forest: &TiedForest) -> bool {
    let noise = forest.noise.as_ref().expect("noise");
    let children = forest.children();
    (forest.roots..forest.nodes()).any(|node| {
        let own = noise[node - forest.roots];
        children[node].is_empty() && noise.iter().filter(|&&part| part == own).count() == 1
    })
}

/// Damian, Ma and Lee, *Label Noise SGD Provably Prefers Flat Global Minimizers*, 2021, section 1: near a global minimum of a loss of squares SGD with label noise of variance σ² follows the
/// gradient flow of l + λ R with λ = ησ²/B and R = -(1/2η) tr log(1 - ηH/2), which is tr H/4 for small η.
///
/// At a global minimum each point has the gradient 0 but for its label noise. So every leaf must share its visit with another node, and only one displacement of up to three edges is left: a third
/// derivative whose two children are one visit, a *different* one from its own. With a training set its node may be of the same row or of another one; the coefficients of the two add up to -½ Σ_{s<t} 1/B
/// = -T (T-1)/(4B), whatever the sampling: the entropic force -½ J: η² C t/B of the variance that weights have gathered by update t.
///
/// This is the beginning of the regularizer. Later the variance is the stationary η C / (B h (2 - ηh)) with C = σ² H, so that the force is -(η/2) ησ²/B J:(2 - ηH)⁻¹, which is -η λ ∇R exactly.
#[test]
fn one_diagram_is_the_force_of_label_noise() {
    let ways: Vec<(Sampling, usize)> = vec![
        (epochs(1, 1, 4, false), 1),
        (epochs(3, 1, 2, false), 1),
        (epochs(4, 2, 2, true), 2),
        (epochs(3, 3, 4, false), 3),
        (
            Sampling::WithReplacement {
                train: 3,
                batches: vec![2; 5],
            },
            2,
        ),
        (
            Sampling::Fresh {
                batches: vec![1; 4],
            },
            1,
        ),
    ];
    for (sampling, batch) in ways {
        let updates = sampling.updates() as i64;
        let training = run(sampling, UpdateRule::sgd());
        let mut weights = training.weights::<BigRational>(Some(Noise::PerVisit));
        let left: Vec<(TiedForest, BigRational)> = (1..=3)
            .flat_map(forests)
            .filter(|forest| !has_mean_leaf(forest))
            .map(|forest| (weights.of_forest(&forest), forest))
            .filter(|(weight, _)| !weight.is_zero())
            .map(|(weight, forest)| (forest, weight))
            .collect();
        for (forest, _) in &left {
            assert_eq!(forest.parents, [0, 1, 1]);
            let noise = forest.noise.as_ref().expect("noise");
            assert!(noise[1] == noise[2] && noise[0] != noise[1]);
        }
        assert!((1..=2).contains(&left.len()));
        let total: BigRational = left.iter().map(|(_, weight)| weight).sum();
        assert_eq!(
            total,
            ratio(-updates * (updates - 1), 4 * batch as i64),
            "{training:?}"
        );
    }
}

/// The same on a valley, where J has the component 2 along wwz: the displacement of z is -T (T-1)/(2B) σ² η³. It is compared with all 2^(TB) draws of noise, with the weights as power series in η.
#[test]
fn label_noise_in_a_valley_against_all_draws() {
    let valley = Valley { sigma: ratio(2, 3) };
    let variance = &valley.sigma * &valley.sigma;
    for (updates, batch) in [(1, 1), (3, 1), (4, 1), (2, 2), (3, 2)] {
        // Rows are copies of the one datapoint, which all take part in each update.
        let training = run(epochs(batch, batch, updates, false), UpdateRule::sgd());
        let mut weights = training.weights::<BigRational>(Some(Noise::PerVisit));
        let by_diagrams: Vec<BigRational> = (1..=4)
            .map(|edges| {
                let terms = forests(edges)
                    .map(|forest| weights.of_forest(&forest) * valley.displacement(&forest));
                terms.sum()
            })
            .collect();
        assert_eq!(
            by_diagrams,
            by_draws(&valley, updates, batch),
            "T = {updates}, B = {batch}"
        );
        let pairs = ratio((updates * (updates - 1)) as i64, (2 * batch) as i64);
        assert_eq!(
            by_diagrams[..3],
            [BigRational::zero(), BigRational::zero(), -pairs * &variance]
        );
    }
}

/// The coefficients of η, …, η⁴ in the mean of z over all draws.
fn by_draws(valley: &Valley, updates: usize, batch: usize) -> Vec<BigRational> {
    const ORDER: usize = 4;
    let product = |a: &[BigRational], b: &[BigRational]| {
        let mut product = vec![BigRational::zero(); ORDER + 1];
        for (i, x) in a.iter().enumerate() {
            for (j, y) in b.iter().enumerate().take(ORDER + 1 - i) {
                product[i + j] += x * y;
            }
        }
        product
    };
    let zero = vec![BigRational::zero(); ORDER + 1];
    let mut total = zero.clone();
    let draws = 1_usize << (updates * batch);
    for draw in 0..draws {
        let (mut w, mut slope) = (zero.clone(), zero.clone());
        slope[0] = BigRational::one();
        for update in 0..updates {
            let noise: BigRational = (0..batch)
                .map(|slot| {
                    if draw >> (update * batch + slot) & 1 == 1 {
                        1
                    } else {
                        -1
                    }
                })
                .map(|sign| &valley.sigma * ratio(sign, batch as i64))
                .sum();
            // With the slope 1 + z the residual is slope · w - ε, and its mean over the batch is with the mean ε.
            let mut residual = product(&slope, &w);
            residual[0] -= noise;
            let (along_w, along_z) = (product(&residual, &slope), product(&residual, &w));
            for power in 1..=ORDER {
                w[power] -= &along_w[power - 1];
                slope[power] -= &along_z[power - 1];
            }
        }
        for (sum, z) in total.iter_mut().zip(&slope) {
            *sum += z;
        }
    }
    total
        .drain(1..)
        .map(|sum| sum / ratio(draws as i64, 1))
        .collect()
}
