//! What sampling does at leading order.

use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{
    Averaging, LearningRates, Noise, Sampling, TiedForest, Training, UpdateRule,
};
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::quadratics::{Additive, Series};
use super::{coefficient, epochs, minus, numbers, run, value, vector};
use crate::common::ratio;

fn with_replacement(train: usize, batch: usize, updates: usize) -> Sampling {
    Sampling::WithReplacement {
        train,
        batches: vec![batch; updates],
    }
}

/// `HaoChen` and Sra, *Random Shuffling Beats SGD after Finite Epochs*, 2019: sampling without replacement beats sampling with replacement, since a whole epoch adds up to the gradient of the
/// training set and its noise cancels.
///
/// At order η² the displacement with replacement is larger by D = E m (m-1)/(2N) (E `h_n` `g_n` - HG) with the m = N/B updates of an epoch, since shuffling never visits a point twice within an
/// epoch. With batches of one point it is T (N-1)/(4N) ∇tr C: the implicit regularizer of shuffling. The expected test loss with replacement is larger by GD + (N-1)/(NB) T (tr HC)/2, of which
/// the second term comes from the variance of all draws given the training set.
#[test]
fn shuffling_against_replacement_at_leading_order() {
    let [untied, tied] = ["(01-12)(0-1-2)", "(01-12)(0-12)"].map(vector);
    let [apart, chain, fork] = ["(01-12)(0-1-2)", "(01-12)(0-12)", "(01-02)(0-12)"].map(value);
    for (train, batch, all) in [(2, 1, 1), (4, 1, 3), (4, 2, 2), (6, 2, 3), (3, 3, 4)] {
        let per_epoch = train / batch;
        let updates = all * per_epoch;
        let [drawn, shuffled] = [
            with_replacement(train, batch, updates),
            epochs(train, batch, all, true),
        ]
        .map(|sampling| run(sampling, UpdateRule::sgd()));
        let difference = |measure, order| {
            minus(
                &coefficient(&drawn, measure, order),
                &coefficient(&shuffled, measure, order),
            )
        };
        assert!(difference(Measure::TestLoss, 1).is_empty());
        assert!(difference(Measure::Displacement, 1).is_empty());

        let pairs = ratio(
            (all * per_epoch * (per_epoch - 1)) as i64,
            (2 * train) as i64,
        );
        let expected = [(tied.clone(), pairs.clone()), (untied.clone(), -&pairs)];
        assert_eq!(difference(Measure::Displacement, 2), numbers(expected));

        let noise = ratio(((train - 1) * updates) as i64, (2 * train * batch) as i64);
        let expected = [
            (fork.clone(), noise.clone()),
            (apart.clone(), -noise),
            (chain.clone(), pairs.clone()),
            (apart.clone(), -pairs),
        ];
        assert_eq!(difference(Measure::TestLoss, 2), numbers(expected));
    }
}

/// The same source on quadratic losses. With one Hessian h and the gradients hθ + `ξ_n` the iterates are linear in the noise, and for batches of one point the variance given the
/// training set is exactly
///
/// - η² (1 - 1/N) C Σ_{t<NE} (1-ηh)^(2t) with replacement, of order η²,
/// - η² (Σw² - (Σw)²/N) C Σ_{e<E} (1-ηh)^(2Ne) with w = (1-ηh)^i, 0 ≤ i < N, if shuffled. Its leading term is η⁴ h² C E (N²-1) N/12, two orders less.
///
/// Means are the same. So the difference of the expected test losses is h/2 times that of these variances: through η⁴, to which it is compared.
#[test]
fn shuffling_against_replacement_on_quadratics() {
    let model = Additive::new(ratio(3, 2), ratio(1, 3));
    let order = 4;
    for (train, all) in [(2, 1), (2, 3), (3, 2)] {
        let [drawn, shuffled] = [
            with_replacement(train, 1, train * all),
            epochs(train, 1, all, true),
        ]
        .map(|sampling| model.test_loss(&run(sampling, UpdateRule::sgd()), order));

        let contraction = Series::linear(&BigRational::one(), &-&model.curvature, order);
        let one = Series::constant(&BigRational::one(), order);
        let n = ratio(train as i64, 1);
        let powers: Vec<Series> = (0..=2 * train * all)
            .scan(one.clone(), |power, _| {
                let now = power.clone();
                *power = power.times(&contraction);
                Some(now)
            })
            .collect();
        let zero = Series::constant(&BigRational::zero(), order);
        let sum = |terms: &mut dyn Iterator<Item = &Series>| {
            terms.fold(zero.clone(), |sum, term| sum.plus(term))
        };
        let squares = sum(&mut (0..train).map(|i| &powers[2 * i]));
        let total = sum(&mut powers[..train].iter());
        let within = squares.plus(&total.times(&total).scaled(&-n.recip()));
        let carried = sum(&mut (0..all).map(|e| &powers[2 * train * e]));
        let every = sum(&mut (0..train * all).map(|t| &powers[2 * t]));
        let eta_squared = Series::linear(&BigRational::zero(), &BigRational::one(), order);
        let eta_squared = eta_squared.times(&eta_squared);
        let factor = &model.variance * &model.curvature / ratio(2, 1);
        let of_drawn = every
            .scaled(&(BigRational::one() - n.recip()))
            .times(&eta_squared);
        let of_shuffled = within.times(&carried).times(&eta_squared);
        let expected = of_drawn.plus(&of_shuffled.scaled(&ratio(-1, 1)));
        let found = drawn.plus(&shuffled.scaled(&ratio(-1, 1)));
        assert_eq!(found, expected.scaled(&factor), "N = {train}, E = {all}");

        let h = &model.curvature;
        let leading = h * h * ratio((all * train * (train * train - 1)) as i64, 12);
        let zero = BigRational::zero;
        assert_eq!(of_shuffled.0, [zero(), zero(), zero(), zero(), leading]);
    }
}

/// Ways to choose the batches of four updates from four training points.
fn samplings() -> Vec<Sampling> {
    vec![
        epochs(4, 1, 1, false),
        epochs(4, 2, 2, false),
        epochs(4, 2, 2, true),
        epochs(4, 4, 4, false),
        epochs(4, 4, 4, true),
        with_replacement(4, 1, 4),
        with_replacement(4, 3, 4),
        Sampling::Given {
            train: 4,
            batches: vec![vec![0, 1], vec![1, 2], vec![0, 1], vec![3, 1]],
        },
    ]
}

fn rules() -> Vec<UpdateRule> {
    let beta: BigRational = ratio(2, 3);
    let momentum = UpdateRule::sgd().with_momentum(beta);
    let halves = LearningRates::Exponential {
        factor: ratio(1, 2),
    };
    vec![
        UpdateRule::sgd(),
        UpdateRule::sgd().scheduled(halves.clone()),
        momentum.clone(),
        momentum.clone().nesterov(),
        momentum.scheduled(halves).averaged(Averaging::Tail(3)),
        UpdateRule::sgd().averaged(Averaging::Ema(ratio(4, 5))),
        UpdateRule::sgd().with_ascent(ratio(1, 2)),
    ]
}

/// r(s).
fn result(training: &Training) -> Vec<BigRational> {
    training.kernel::<BigRational>().tables().1
}

/// Tenka, *A Space-Time Approach to Analyzing Stochastic Gradient Descent*, Theorem 1 for the generalization gap: at first order in η it is η R tr C / N with the total step R = Σ r(s), for every
/// sampling of the training points and every rule, with replacement as shuffled, whatever the batches are. E `g_n` `g_n` and GG have the coefficients R/N and -R/N.
#[test]
fn the_gap_at_first_order_does_not_depend_on_sampling() {
    let [tied, untied] = ["(01)(01)", "(01)(0-1)"].map(value);
    for rule in rules() {
        for sampling in samplings() {
            let training = run(sampling, rule.clone());
            let train = training.sampling().train().expect("a training set");
            let share = result(&training).iter().sum::<BigRational>() / ratio(train as i64, 1);
            let found = coefficient(&training, Measure::GeneralizationGap, 1);
            let expected = [(tied.clone(), share.clone()), (untied.clone(), -share)];
            assert_eq!(found, numbers(expected), "{training:?}");
        }
    }
}

/// Whether an update whose rows are known visits a row.
fn visits(sampling: &Sampling, update: usize, row: usize) -> bool {
    match sampling {
        Sampling::Given { batches, .. } => batches[update].contains(&row),
        // Batches have one size, and follow each other in each epoch.
        Sampling::Epochs { batches, .. } => row / batches[0] == update % batches.len(),
        Sampling::WithReplacement { .. } | Sampling::Fresh { .. } => false,
    }
}

/// Two roots with one child each, whose open indices make the second moment of the displacement. The children are of the parts of rows and of noise that are given.
fn pair(rows: [usize; 2], noise: [usize; 2]) -> TiedForest {
    TiedForest {
        roots: 2,
        parents: vec![0, 1],
        rows: rows.map(Some).to_vec(),
        noise: Some(noise.map(Some).to_vec()),
        symmetry: 1,
    }
}

/// The covariance of the final weights at η² is C S/B + `C_b` X, with the covariance C of the gradient of one visit, the covariance `C_b` of its mean over the noise of visits, and S = Σ r(s)². Visits are the
/// draws of a point with its own label noise, say; C S/B is the part of one visit alone, and X is that of two visits of one row:
///
/// - none for one pass (Mandt, Hoffman and Blei, *Stochastic Gradient Descent as Approximate Bayesian Inference*, 2017, assume C/B for each update, independently of the others),
/// - (R² - S/B)/N with replacement,
/// - (R² - the sum over epochs of the squares of their Σ r(s))/N if shuffled,
/// - the sum over rows of the squares of Σ r(s)/B over their visits, minus S/B, if batches are given.
///
/// Of the three forests the one with different rows has the value GG, so that R² minus the others' coefficients is what it must have.
#[test]
fn the_covariance_of_the_weights_at_second_order() {
    let square = |x: &BigRational| x * x;
    let fresh = Sampling::Fresh {
        batches: vec![1, 2, 3, 2],
    };
    for rule in rules() {
        for sampling in samplings().into_iter().chain([fresh.clone()]) {
            let training = run(sampling.clone(), rule.clone());
            let r = result(&training);
            let total: BigRational = r.iter().sum();
            let of_batch = |t: usize| ratio(sampling.batch(t) as i64, 1);
            let single: BigRational = r.iter().enumerate().map(|(t, r)| r * r / of_batch(t)).sum();
            let train = ratio(4, 1);
            let between: BigRational = match &sampling {
                Sampling::Fresh { .. } | Sampling::Epochs { epochs: 1, .. } => BigRational::zero(),
                Sampling::WithReplacement { .. } => (square(&total) - &single) / train,
                Sampling::Epochs {
                    batches,
                    shuffled: true,
                    ..
                } => {
                    let of_epochs = r.chunks(batches.len());
                    let squares = of_epochs.map(|r| square(&r.iter().sum()));
                    (square(&total) - squares.sum::<BigRational>()) / train
                }
                Sampling::Epochs { .. } | Sampling::Given { .. } => {
                    let visited = |row: usize| -> BigRational {
                        let visits = (0..r.len()).filter(|&t| visits(&sampling, t, row));
                        visits.map(|t| &r[t] / of_batch(t)).sum()
                    };
                    let squares = (0..4).map(|row| square(&visited(row)));
                    squares.sum::<BigRational>() - &single
                }
            };
            let mut weights = training.weights::<BigRational>(Some(Noise::PerVisit));
            let mut weight = |rows, noise| weights.of_forest(&pair(rows, noise));
            let [one_visit, one_row, apart] = [
                weight([0, 0], [0, 0]),
                weight([0, 0], [0, 1]),
                weight([0, 1], [0, 1]),
            ];
            assert_eq!(one_visit, single, "{training:?}");
            assert_eq!(one_row, between, "{training:?}");
            assert_eq!(apart, square(&total) - single - between, "{training:?}");
        }
    }
}
