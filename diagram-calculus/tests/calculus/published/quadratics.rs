//! Stationary distributions and averages on quadratic losses, where a run is a linear recursion.

use diagram_calculus::ValueClass;
use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{Averaging, Sampling, Training, UpdateRule};
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::run;
use crate::common::ratio;

/// The coefficients of 1, η, η², ….
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Series(pub(super) Vec<BigRational>);

impl Series {
    pub(super) fn constant(number: &BigRational, order: usize) -> Self {
        Series::linear(number, &BigRational::zero(), order)
    }

    pub(super) fn linear(number: &BigRational, slope: &BigRational, order: usize) -> Self {
        let mut all = vec![BigRational::zero(); order + 1];
        all[0] = number.clone();
        all[1] = slope.clone();
        Series(all)
    }

    pub(super) fn plus(&self, other: &Series) -> Self {
        Series(self.0.iter().zip(&other.0).map(|(a, b)| a + b).collect())
    }

    pub(super) fn times(&self, other: &Series) -> Self {
        let mut product = vec![BigRational::zero(); self.0.len()];
        for (i, a) in self.0.iter().enumerate() {
            for (j, b) in other.0.iter().enumerate().take(self.0.len() - i) {
                product[i + j] += a * b;
            }
        }
        Series(product)
    }

    pub(super) fn scaled(&self, factor: &BigRational) -> Self {
        Series(self.0.iter().map(|a| a * factor).collect())
    }
}

/// The losses hθ²/2 + `ξ_n` θ of one weight with `ξ_n` = 2s and -s with the probabilities 1/3 and 2/3, at the initial weight `θ_0`.
pub(super) struct Additive {
    pub(super) curvature: BigRational,
    pub(super) variance: BigRational,
    start: BigRational,
    noise: [(BigRational, BigRational); 2],
}

impl Additive {
    /// With s = 1, of variance 2.
    pub(super) fn new(curvature: BigRational, start: BigRational) -> Self {
        Additive {
            curvature,
            variance: ratio(2, 1),
            start,
            noise: [(ratio(1, 3), ratio(2, 1)), (ratio(2, 3), ratio(-1, 1))],
        }
    }

    /// The derivative of a loss at the start.
    fn derivative(&self, noise: &BigRational, order: usize) -> BigRational {
        let (h, start) = (&self.curvature, &self.start);
        match order {
            0 => h * start * start / ratio(2, 1) + noise * start,
            1 => h * start + noise,
            2 => h.clone(),
            _ => BigRational::zero(),
        }
    }

    fn value(&self, class: &ValueClass) -> BigRational {
        let parts = (0..class.parts()).map(|part| {
            let nodes = (0..class.nodes()).filter(|&node| class.part(node) == part);
            let degrees: Vec<usize> = nodes.map(|node| class.degree(node)).collect();
            let moments = self.noise.iter().map(|(probability, noise)| {
                let factors = degrees.iter().map(|&degree| self.derivative(noise, degree));
                probability * factors.product::<BigRational>()
            });
            moments.sum::<BigRational>()
        });
        parts.product()
    }

    /// The expected test loss by its diagrams.
    pub(super) fn test_loss(&self, training: &Training, order: usize) -> Series {
        let terms = training
            .expand::<BigRational>(Measure::TestLoss, order)
            .expect("no weight decay");
        let mut sums = vec![BigRational::zero(); order + 1];
        for (class, weight) in terms {
            sums[class.order()] += weight * self.value(&class);
        }
        Series(sums)
    }

    /// The expected test loss hE(θ²)/2 after updates with fresh points, by the recursion of the second moments of two successive weights.
    fn recursion(&self, beta: &BigRational, batch: usize, updates: usize, order: usize) -> Series {
        let constant = |number: &BigRational| Series::constant(number, order);
        let ahead = Series::linear(&(BigRational::one() + beta), &-&self.curvature, order);
        let behind = constant(&-beta);
        let eta = Series::linear(&BigRational::zero(), &BigRational::one(), order);
        let noise = eta
            .times(&eta)
            .scaled(&(&self.variance / ratio(batch as i64, 1)));
        let start = constant(&(&self.start * &self.start));
        // E θ_t², E θ_t θ_{t-1} and E θ_{t-1}². At rest θ_{-1} = θ_0.
        let (mut now, mut mixed, mut before) = (start.clone(), start.clone(), start);
        for _ in 0..updates {
            let crossed = ahead.times(&behind).times(&mixed).scaled(&ratio(2, 1));
            let next = ahead.times(&ahead).times(&now);
            let next = next
                .plus(&crossed)
                .plus(&behind.times(&behind).times(&before));
            let next = next.plus(&noise);
            mixed = ahead.times(&now).plus(&behind.times(&mixed));
            (before, now) = (now, next);
        }
        now.scaled(&(&self.curvature / ratio(2, 1)))
    }
}

fn fresh(batch: usize, updates: usize) -> Sampling {
    Sampling::Fresh {
        batches: vec![batch; updates],
    }
}

/// The variance to which θ_{t+1} = `θ_t` - η (h `θ_t` + ξ) + β (`θ_t` - θ_{t-1}) tends, with independent ξ of variance C: η C (1+β) / ((1-β) h (2 (1+β) - ηh)).
fn stationary(
    eta: &BigRational,
    h: &BigRational,
    c: &BigRational,
    beta: &BigRational,
) -> BigRational {
    let (more, less) = (BigRational::one() + beta, BigRational::one() - beta);
    eta * c * &more / (less * h * (ratio(2, 1) * more - eta * h))
}

/// Liu, Ziyin and Ueda, *Noise and Fluctuation of Finite Learning Rate Stochastic Gradient Descent*, 2021, the theorems for SGD and for momentum: on a quadratic loss SGD has the stationary variance
/// Σ = η C / (h (2 - ηh)), and heavy ball momentum the one that solves
/// 2 (1-β) h Σ - η h² Σ (1+β²)/(1-β²) + 2 η h² Σ β/(1-β²) = η C, which is the formula of [`stationary`]. For small η it is η C / (2 (1-β) h), that of Mandt, Hoffman and Blei, *Stochastic Gradient
/// Descent as Approximate Bayesian Inference*, 2017.
#[test]
fn the_stationary_variance_solves_its_equations() {
    let [h, c] = [ratio(3, 2), ratio(2, 1)];
    for (eta, beta) in [
        ("1/10", "0"),
        ("1/10", "9/10"),
        ("2/3", "1/2"),
        ("2/3", "-1/4"),
    ] {
        let [eta, beta]: [BigRational; 2] = [eta, beta].map(|text| text.parse().unwrap());
        let sigma = stationary(&eta, &h, &c, &beta);
        // The second moments of two successive weights are carried over into themselves.
        let ahead = BigRational::one() + &beta - &eta * &h;
        let mixed = &ahead * &sigma / (BigRational::one() + &beta);
        assert_eq!(mixed, &ahead * &sigma - &beta * &mixed);
        let next = &ahead * &ahead * &sigma - ratio(2, 1) * &ahead * &beta * &mixed
            + &beta * &beta * &sigma
            + &eta * &eta * &c;
        assert_eq!(next, sigma);
        let rest = BigRational::one() - &beta * &beta;
        let published = ratio(2, 1) * (BigRational::one() - &beta) * &h * &sigma
            - &eta * &h * &h * &sigma * (BigRational::one() + &beta * &beta) / &rest
            + ratio(2, 1) * &eta * &h * &h * &sigma * &beta / &rest;
        assert_eq!(published, &eta * &c);
    }
    // Without momentum it is that of SGD.
    let eta = ratio(1, 7);
    let sgd = &eta * &c / (&h * (ratio(2, 1) - &eta * &h));
    assert_eq!(stationary(&eta, &h, &c, &BigRational::zero()), sgd);
}

/// The series of diagrams is that of the recursion through η⁴, after any number of updates, and the recursion tends to the stationary variance.
#[test]
fn the_way_to_the_stationary_variance() {
    let model = Additive::new(ratio(3, 2), ratio(1, 3));
    for beta in ["0", "1/2", "9/10"].map(|text| text.parse::<BigRational>().unwrap()) {
        let rule = if beta.is_zero() {
            UpdateRule::sgd()
        } else {
            UpdateRule::sgd().with_momentum(beta.clone())
        };
        for (batch, updates) in [(1, 1), (1, 2), (1, 5), (2, 3), (3, 4)] {
            let found = model.test_loss(&run(fresh(batch, updates), rule.clone()), 4);
            let expected = model.recursion(&beta, batch, updates, 4);
            assert_eq!(found, expected, "β = {beta}, B = {batch}, T = {updates}");
        }
    }
    // The recursion in numbers: the eigenvalues have the modulus √β at most, and 0.9^(400/2) < 1e-9.
    for (eta, beta) in [(0.3, 0.0), (0.3, 0.5), (0.1, 0.9)] {
        let (h, c) = (1.5, 2.0);
        let ahead = 1.0 + beta - eta * h;
        let (mut now, mut mixed, mut before) = (0.0, 0.0, 0.0);
        for _ in 0..400 {
            let next = ahead * ahead * now - 2.0 * ahead * beta * mixed
                + beta * beta * before
                + eta * eta * c;
            mixed = ahead * now - beta * mixed;
            (before, now) = (now, next);
        }
        let number = |x: f64| BigRational::from_float(x).expect("finite");
        let sigma = stationary(&number(eta), &number(h), &number(c), &number(beta));
        let sigma = sigma.to_f64().expect("a number");
        assert!((now / sigma - 1.0).abs() < 1e-9, "{now} {sigma}");
    }
}

/// Polyak and Juditsky, *Acceleration of Stochastic Approximation by Averaging*, 1992, Theorem 1: the mean of T iterates at a minimum has the covariance H⁻¹ C H⁻¹ / T, whatever the step is.
///
/// With a constant step on a quadratic loss it has the variance C/(hT)² Σ_{k=1..T} (1 - (1-ηh)^k)² exactly. The series of the diagrams is this polynomial through η⁴, and T times it tends to C/h²
/// with an error of at most 2/(ηhT). Its leading term η² C (T+1)(2T+1)/(6T) is η² C S with S = Σ r(s)² = Σ (k/T)², which a last iterate has as η² C T: averages have a third of
/// the variance before the weights settle.
#[test]
fn averages_of_iterates() {
    let model = Additive::new(ratio(3, 2), BigRational::zero());
    let (h, c) = (&model.curvature, &model.variance);
    for updates in [1, 2, 4, 7] {
        let rule = UpdateRule::sgd().averaged(Averaging::Tail(updates));
        let found = model.test_loss(&run(fresh(1, updates), rule), 4);
        let contraction = Series::linear(&BigRational::one(), &-h, 4);
        let one = Series::constant(&BigRational::one(), 4);
        let mut power = one.clone();
        let mut sum = Series::constant(&BigRational::zero(), 4);
        for _ in 0..updates {
            power = power.times(&contraction);
            let left = one.plus(&power.scaled(&ratio(-1, 1)));
            sum = sum.plus(&left.times(&left));
        }
        let t = ratio(updates as i64, 1);
        let variance = sum.scaled(&(c / (h * h * &t * &t)));
        assert_eq!(found, variance.scaled(&(h / ratio(2, 1))), "T = {updates}");
        let settled = (&t + ratio(1, 1)) * (ratio(2, 1) * &t + ratio(1, 1)) / (ratio(6, 1) * &t);
        assert_eq!(variance.0[2], settled * c);
    }
    // Σ (1 - q^k)² in closed form.
    for (eta, updates) in [(ratio(1, 10), 200), (ratio(1, 3), 500)] {
        let q = BigRational::one() - &eta * h;
        let t = ratio(updates, 1);
        let geometric = |q: &BigRational| {
            q * (BigRational::one() - q.pow(updates as i32)) / (BigRational::one() - q)
        };
        let sum = &t - ratio(2, 1) * geometric(&q) + geometric(&(&q * &q));
        let off = BigRational::one() - sum / &t;
        assert!(off > BigRational::zero() && off < ratio(2, 1) / (eta * h * t));
    }
}
