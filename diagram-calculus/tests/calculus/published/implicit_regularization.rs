//! Modified losses: what a method of finite steps minimizes if it is seen as gradient flow.
//!
//! Through second order in η the flow of time τ of the loss l + b η |G|²/2 displaces the weights by -τ (G + b η HG) + τ²/2 HG, with τ in units of η.

use diagram_calculus::ValueClass;
use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{Training, UpdateRule};
use num_rational::BigRational;
use num_traits::{One, Zero};

use super::{Numbers, coefficient, epochs, minus, numbers, run, vector};
use crate::common::ratio;

/// G, HG, HHG and J(G, G) of a training set of one point, on which every update is the same function of the weights.
fn of_one_point() -> [ValueClass; 4] {
    [
        "(01)(0-1)",
        "(01-12)(0-12)",
        "(01-12-23)(0-123)",
        "(01-12-13)(0-123)",
    ]
    .map(vector)
}

/// Gradient descent on one point: batches are all alike, so that the loss of this point stands for any loss.
fn descent(updates: usize, rule: UpdateRule) -> Training {
    run(epochs(1, 1, updates, false), rule)
}

/// The displacement through η³ by the flow of time τ along the field -(G + b HG), by its order in η.
///
/// With f = -G it is τ f + (τ²/2 + b' τ) f'f + (τ³/6 + b' τ²) f'f'f + (τ³/6 + b' τ²/2) f''(f, f), where b' = -b.
fn flow(time: &BigRational, b: &BigRational) -> [Numbers; 3] {
    let [g, hg, hhg, jgg] = of_one_point();
    let (square, cube) = (time * time, time * time * time / ratio(6, 1));
    let half = ratio(1, 2);
    [
        numbers([(g, -time)]),
        numbers([(hg, &square * &half - b * time)]),
        numbers([
            (hhg, b * &square - &cube),
            (jgg, b * &square * &half - &cube),
        ]),
    ]
}

fn difference_from_flow(training: &Training, time: &BigRational, b: &BigRational) -> Vec<Numbers> {
    let flow = flow(time, b);
    (1..=3)
        .map(|order| {
            minus(
                &coefficient(training, Measure::Displacement, order),
                &flow[order - 1],
            )
        })
        .collect()
}

/// Barrett and Dherin, *Implicit Gradient Regularization*, 2021, Theorem 3.1: gradient descent with the step η follows the gradient flow of l + (η/4) |G|², with an error of order η³ in each step.
///
/// Displacements of gradient descent and of this flow agree through η². At η³ they differ by T (f'f'f/3 + f''(f, f)/12) with f = -G, which is what backward error analysis adds to the field
/// at the next order (Hairer, Lubich and Wanner, *Geometric Numerical Integration*, 2006, section IX.1). Without the modification they differ at η² by T/2 HG.
///
/// All coefficients are polynomials in T of degree 3 at most, so that four numbers of updates stand for all.
#[test]
fn gradient_descent_follows_the_flow_of_a_modified_loss() {
    let [_, hg, hhg, jgg] = of_one_point();
    for updates in 1..=5 {
        let training = descent(updates, UpdateRule::sgd());
        let time = ratio(updates as i64, 1);
        // (η/4) |G|² = b η |G|²/2 with b = 1/2.
        let [first, second, third] = &difference_from_flow(&training, &time, &ratio(1, 2))[..]
        else {
            panic!("three orders");
        };
        assert!(first.is_empty() && second.is_empty(), "T = {updates}");
        let left = [
            (hhg.clone(), -&time / ratio(3, 1)),
            (jgg.clone(), -&time / ratio(12, 1)),
        ];
        assert_eq!(*third, numbers(left), "T = {updates}");

        let plain = difference_from_flow(&training, &time, &BigRational::zero());
        assert!(plain[0].is_empty());
        assert_eq!(plain[1], numbers([(hg.clone(), -&time / ratio(2, 1))]));
    }
}

/// The coefficients c with Σ c f(T) = values(T) for T = 0, 1, …, by elimination.
fn solved(
    functions: &[Box<dyn Fn(usize) -> BigRational>],
    values: &[BigRational],
) -> Vec<BigRational> {
    let size = functions.len();
    let mut rows: Vec<Vec<BigRational>> = (0..size)
        .map(|t| {
            let row = functions.iter().map(|function| function(t));
            row.chain([values[t].clone()]).collect()
        })
        .collect();
    for column in 0..size {
        let pivot = (column..size)
            .find(|&row| !rows[row][column].is_zero())
            .expect("the functions are independent");
        rows.swap(column, pivot);
        let scale = rows[column][column].clone();
        for entry in &mut rows[column] {
            *entry /= &scale;
        }
        let pivot = rows[column].clone();
        for (at, row) in rows.iter_mut().enumerate() {
            if at != column {
                let factor = row[column].clone();
                for (entry, other) in row.iter_mut().zip(&pivot) {
                    *entry -= &factor * other;
                }
            }
        }
    }
    rows.into_iter().map(|row| row[size].clone()).collect()
}

/// A number of the displacement of T updates, as a polynomial of T: what is left where β^T has died out. It is checked that the rest is made of T^i β^(jT) with i + j ≤ order.
fn settled(
    rule: &UpdateRule,
    beta: &BigRational,
    order: usize,
    class: &ValueClass,
) -> Vec<BigRational> {
    let number = |updates: usize| -> BigRational {
        if updates == 0 {
            return BigRational::zero();
        }
        let found = coefficient(
            &descent(updates, rule.clone()),
            Measure::Displacement,
            order,
        );
        found.get(class).cloned().unwrap_or_else(BigRational::zero)
    };
    let mut functions: Vec<Box<dyn Fn(usize) -> BigRational>> = vec![];
    for j in 0..=order {
        for i in 0..=order - j {
            let beta = beta.clone();
            functions.push(Box::new(move |t| {
                ratio(t as i64, 1).pow(i as i32) * beta.pow((j * t) as i32)
            }));
        }
    }
    let size = functions.len();
    let values: Vec<BigRational> = (0..size + 3).map(number).collect();
    let found = solved(&functions, &values);
    for (t, value) in values.iter().enumerate() {
        let terms = functions
            .iter()
            .zip(&found)
            .map(|(function, c)| function(t) * c);
        assert_eq!(*value, terms.sum::<BigRational>(), "T = {t}");
    }
    // The functions without β come first.
    found[..=order].to_vec()
}

/// The learning rate and b of the gradient flow that a method with momentum follows once β^T has died out.
///
/// By then T updates displace the weights as the flow of time τ = rate T does that began at `θ_0` - c G with a constant c, through η by -(τ + c) G and through η² by
/// (τ²/2 - (b - c) τ + a constant) HG: the flow's own terms and the effect of the other start.
fn modified_flow(rule: &UpdateRule, beta: &BigRational) -> (BigRational, BigRational) {
    let [g, hg, ..] = of_one_point();
    let first = settled(rule, beta, 1, &g);
    let second = settled(rule, beta, 2, &hg);
    let rate = -&first[1];
    let c = -&first[0];
    assert_eq!(second[2], &rate * &rate / ratio(2, 1));
    let b = c - &second[1] / &rate;
    (rate, b)
}

/// Kovachki and Stuart, *Continuous Time Analysis of Momentum Methods*, 2021, and Ghosh, Lyu, Zhang and Wang, *Implicit regularization in Heavy-ball momentum accelerated stochastic gradient
/// descent*, 2023: heavy ball momentum follows the gradient flow of rate η/(1 - β) of the modified loss l + η (1+β)/(4 (1-β)²) |G|².
///
/// At the same rate ε = η/(1 - β) this is l + (ε/4) (1+β)/(1-β) |G|², so that the regularizer is (1+β)/(1-β) times that of gradient descent, as Ghosh et al. say. From a start at rest the
/// weights lag behind this flow by the constant β/(1-β)² η G, and it is joined but for terms of order β^T.
#[test]
fn heavy_ball_momentum_follows_the_flow_of_a_modified_loss() {
    for beta in ["1/2", "2/3", "9/10", "-1/3"].map(|text| text.parse::<BigRational>().unwrap()) {
        let rest = BigRational::one() - &beta;
        let rule = UpdateRule::sgd().with_momentum(beta.clone());
        let (rate, b) = modified_flow(&rule, &beta);
        assert_eq!(rate, rest.recip());
        // b/2 is the factor of η |G|².
        let expected = (BigRational::one() + &beta) / (ratio(4, 1) * &rest * &rest);
        assert_eq!(b / ratio(2, 1), expected, "β = {beta}");
        let lag = &settled(&rule, &beta, 1, &of_one_point()[0])[0];
        assert_eq!(*lag, &beta / (&rest * &rest));
    }
}

/// The same for Nesterov's momentum, where the modified loss of Kovachki and Stuart is l + η (1 - β + 2β²)/(4 (1-β)²) |G|²: a gradient at `θ_t` + a (`θ_t` - θ_{t-1}) instead of `θ_t` changes 1 + β into
/// 1 + β - 2a (1-β), and a = β. The points at which `PyTorch` keeps the weights are these look-ahead points, which move along the same flow.
#[test]
fn nesterovs_momentum_follows_the_flow_of_a_modified_loss() {
    for beta in ["1/2", "2/3", "9/10"].map(|text| text.parse::<BigRational>().unwrap()) {
        let rest = BigRational::one() - &beta;
        let rule = UpdateRule::sgd().with_momentum(beta.clone()).nesterov();
        let (rate, b) = modified_flow(&rule, &beta);
        assert_eq!(rate, rest.recip());
        let expected = (&rest + ratio(2, 1) * &beta * &beta) / (ratio(4, 1) * &rest * &rest);
        assert_eq!(b / ratio(2, 1), expected, "β = {beta}");
    }
}

/// The mean over training sets of HG of the training set: two of its N points are the same one with probability 1/N.
fn mean_over_sets(parts: usize) -> [BigRational; 2] {
    let same = ratio(1, parts as i64);
    [BigRational::one() - &same, same]
}

/// Smith, Dherin, Barrett and De, *On the Origin of Implicit Regularization in Stochastic Gradient Descent*, 2021, equation 1 and section 2: over one epoch of m = N/B updates the mean iterate, over
/// all shuffles, follows the gradient flow of l + (η/4m) Σ |`g_k`|² with the gradients `g_k` of the m batches, with an error of order η³. The sum is (η/4) |G|² plus the variance of
/// batches (η/4m) Σ |`g_k` - G|², whose mean over shuffles is (N-B)/(N-1) (η/4B) Γ with the mean Γ of |`g_n` - G|² over the training set.
///
/// Here l, G and Γ are of the training set. The displacement is averaged over training sets on both sides, by which HG becomes (1 - 1/N) HG + (1/N) E `h_n` `g_n`. Both forms are compared with it.
/// With E epochs the same is true for m E updates.
#[test]
fn shuffled_sgd_follows_the_flow_of_a_modified_loss() {
    let [untied, tied] = ["(01-12)(0-1-2)", "(01-12)(0-12)"].map(vector);
    let both = |[apart, same]: [BigRational; 2], factor: &BigRational| {
        numbers([
            (untied.clone(), apart * factor),
            (tied.clone(), same * factor),
        ])
    };
    let plus = |a: &Numbers, b: &Numbers| numbers(a.clone().into_iter().chain(b.clone()));
    let half = ratio(1, 2);
    for (train, batch) in [(2, 1), (5, 1), (6, 1), (6, 2), (6, 3), (8, 4), (3, 3)] {
        for all in 1..=3 {
            let training = run(epochs(train, batch, all, true), UpdateRule::sgd());
            let updates = ratio((all * train / batch) as i64, 1);
            let found = coefficient(&training, Measure::Displacement, 2);
            // Gradient flow, and -T η ∇ of η/4 times a square, which is -T η² HG/2 of what the square is of.
            let flow = both(mean_over_sets(train), &(&updates * &updates * &half));
            let of_batches = both(mean_over_sets(batch), &(-&updates * &half));
            assert_eq!(
                found,
                plus(&flow, &of_batches),
                "N = {train}, B = {batch}, E = {all}"
            );

            let of_all = both(mean_over_sets(train), &(-&updates * &half));
            if train > 1 {
                // -T η² (N-B)/(N-1)/(4B) ∇Γ, and the mean of ∇Γ over training sets is 2 (1 - 1/N) (E h g - HG).
                let share = ratio((train - batch) as i64, (train - 1) as i64)
                    * ratio((train - 1) as i64, train as i64);
                let noise = -&updates * share / ratio(2 * batch as i64, 1);
                let noise = both([-BigRational::one(), BigRational::one()], &noise);
                assert_eq!(found, plus(&plus(&flow, &of_all), &noise));
                assert_eq!(noise.is_empty(), train == batch);
            }
        }
    }
}
