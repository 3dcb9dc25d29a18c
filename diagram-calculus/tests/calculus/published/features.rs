//! Linear regression on Gaussian features.

use diagram_calculus::ValueClass;
use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{Sampling, UpdateRule};
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::quadratics::Series;
use super::run;
use crate::common::ratio;

/// The losses (x·δ - ε)²/2 of independent Gaussian features x with the variances λ and label noise ε of variance σ², at the distance δ from the weights of the labels.
struct Features {
    variances: [BigRational; 2],
    distance: [BigRational; 2],
    noise: BigRational,
}

impl Features {
    /// E x^power by a feature: λ^(power/2) times the number of pairings.
    fn moment(&self, feature: usize, power: usize) -> BigRational {
        if !power.is_multiple_of(2) {
            return BigRational::zero();
        }
        let odd = (1..power as i64).step_by(2).product();
        self.variances[feature].pow(power as i32 / 2) * ratio(odd, 1)
    }

    /// The value of a class. A node of degree two is x x, a node of degree one x (x·δ - ε), and one of more edges 0.
    fn value(&self, class: &ValueClass) -> BigRational {
        let edges: Vec<(usize, usize)> = (0..class.nodes())
            .flat_map(|a| class.neighbours(a).map(move |b| (a, b)))
            .filter(|(a, b)| a < b)
            .collect();
        if (0..class.nodes()).any(|node| class.degree(node) > 2) {
            return BigRational::zero();
        }
        if edges.is_empty() {
            // Half of E (x·δ)² + σ².
            let squares = self.variances.iter().zip(&self.distance);
            let sum: BigRational = squares
                .map(|(variance, delta)| variance * delta * delta)
                .sum();
            return (sum + &self.noise) / ratio(2, 1);
        }
        // Each edge has a feature, and so has the x·δ of each leaf; the feature number 2 stands for -ε there.
        let leaves: Vec<usize> = (0..class.nodes())
            .filter(|&node| class.degree(node) == 1)
            .collect();
        let mut total = BigRational::zero();
        for indices in 0..1_usize << edges.len() {
            for residuals in 0..3_usize.pow(leaves.len() as u32) {
                let mut powers = vec![[0, 0, 0]; class.parts()];
                let mut factor = BigRational::one();
                for (at, &(a, b)) in edges.iter().enumerate() {
                    for node in [a, b] {
                        powers[class.part(node)][indices >> at & 1] += 1;
                    }
                }
                for (at, &leaf) in leaves.iter().enumerate() {
                    let feature = residuals / 3_usize.pow(at as u32) % 3;
                    powers[class.part(leaf)][feature] += 1;
                    factor *= self.distance.get(feature).cloned().unwrap_or(ratio(-1, 1));
                }
                for [first, second, noise] in powers {
                    factor *= self.moment(0, first) * self.moment(1, second);
                    // Diagrams of up to three edges have two leaves at most.
                    factor *= match noise {
                        0 => BigRational::one(),
                        2 => self.noise.clone(),
                        _ => BigRational::zero(),
                    };
                }
                total += factor;
            }
        }
        total
    }
}

/// Bordelon and Pehlevan, *Learning Curves for SGD on Structured Features*, 2022, the theorem for Gaussian features, with label noise: on Gaussian features with fresh batches of B points the mean squares `c_k` of the distances from the optimum
/// in the eigendirections of the covariance follow c' = A c + η² σ²/B λ with A = (1 - η diag λ)² + (η²/B) (diag λ² + λ λᵀ), and the loss is λ·c/2 + σ²/2.
///
/// The features' fourth moments enter by the term of order 1/B. The series of diagrams is this recursion through η³, with all twelve values of order three by Wick's theorem.
#[test]
fn learning_curves_on_gaussian_features() {
    let order = 3;
    let model = Features {
        variances: [ratio(2, 1), ratio(1, 3)],
        distance: [ratio(1, 2), ratio(-3, 1)],
        noise: ratio(3, 4),
    };
    for (batch, updates) in [(1, 1), (1, 3), (2, 2), (3, 4)] {
        let sampling = Sampling::Fresh {
            batches: vec![batch; updates],
        };
        let training = run(sampling, UpdateRule::sgd());
        let mut found = vec![BigRational::zero(); order + 1];
        for (class, weight) in training
            .expand::<BigRational>(Measure::TestLoss, order)
            .expect("no weight decay")
        {
            found[class.order()] += weight * model.value(&class);
        }

        let size = ratio(batch as i64, 1);
        let eta = Series::linear(&BigRational::zero(), &BigRational::one(), order);
        let eta_squared = eta.times(&eta);
        let mut squares: Vec<Series> = model
            .distance
            .iter()
            .map(|delta| Series::constant(&(delta * delta), order))
            .collect();
        let loss = |squares: &[Series], noise: &BigRational| {
            let start = Series::constant(noise, order);
            model
                .variances
                .iter()
                .zip(squares)
                .fold(start, |sum, (variance, square)| {
                    sum.plus(&square.scaled(variance))
                })
        };
        for _ in 0..updates {
            // λ·c + σ² is twice the loss.
            let twice = loss(&squares, &model.noise);
            squares = model
                .variances
                .iter()
                .zip(&squares)
                .map(|(variance, square)| {
                    let kept = Series::linear(&BigRational::one(), &-variance, order);
                    let drawn = square.scaled(&(variance * variance / &size));
                    let drawn = drawn.plus(&twice.scaled(&(variance / &size)));
                    kept.times(&kept)
                        .times(square)
                        .plus(&drawn.times(&eta_squared))
                })
                .collect();
        }
        let expected = loss(&squares, &model.noise).scaled(&ratio(1, 2));
        assert_eq!(found, expected.0, "B = {batch}, T = {updates}");
    }
}
