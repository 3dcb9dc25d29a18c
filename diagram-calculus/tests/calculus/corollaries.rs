//! The examples of the paper, Proposition 1 and corollaries 3 and 4 as exact symbolic statements. The corollaries are also compared with the average over
//! all training sets of a small landscape. (Table 2 is tested in `filters`.)

use diagram_calculus::asymptotics::{DoubleSeries, GrowingSize, double_series};
use diagram_calculus::coefficient::{Coefficient, Parameters};
use diagram_calculus::combination::{Combination, Product};
use diagram_calculus::enumerate::diagrams;
use diagram_calculus::measure::{Expansion, Measure, diagrams_for, expand};
use diagram_calculus::outline::Outlined;
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagram_calculus::{Diagram, ValueClass};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use std::collections::BTreeMap;

use crate::common::{ratio, read, symbol};

fn one() -> Parameter {
    Parameter::Literal(1)
}

fn vanilla() -> Spacetime {
    Spacetime::sgd(symbol("N"), one(), one(), Shuffle::Never)
}

fn gd() -> Spacetime {
    Spacetime::gd(symbol("N"), symbol("T"))
}

/// SGD with batches of one point, for M epochs in the same order.
fn pure_sgd() -> Spacetime {
    Spacetime::sgd(symbol("N"), one(), symbol("M"), Shuffle::Never)
}

fn test_loss(spacetime: &Spacetime, order: usize) -> Expansion {
    expand(
        Measure::TestLoss,
        spacetime,
        diagrams_for(Measure::TestLoss, order),
    )
    .unwrap()
}

fn n() -> Coefficient {
    Coefficient::power([1, 0, 0])
}

#[test]
fn example_2_the_loss_falls_by_g_squared_for_each_update() {
    let expansion = test_loss(&vanilla(), 1);
    let expected = [
        (read("()(0)").value_class(), Coefficient::one()),
        (read("(01)(0-1)").value_class(), n().neg()),
    ];
    assert_eq!(expansion.values, expected);
}

#[test]
fn example_3_each_point_once_admits_no_tied_chain() {
    let chain = read("(01-12)(0-12)");
    assert!(vanilla().embeddings(&chain).is_zero());
    assert!(!vanilla().embeddings(&read("(01-12)(0-1-2)")).is_zero());
}

#[test]
fn example_4_gradient_descent_admits_n_times_n_choose_2() {
    let chain = read("(01-12)(0-12)");
    let b = Coefficient::power([0, 1, 0]);
    let count = gd().embeddings(&chain).substitute(&[n(), b, n()]).unwrap();
    assert_eq!(count, n().mul(&n().binomial(2)));
    for points in 1..6 {
        let steps = Spacetime::gd(Parameter::Literal(points), Parameter::Literal(points));
        let pairs = (0..points).flat_map(|_| (0..points).flat_map(|later| 0..later));
        let expected = Coefficient::from_integer(pairs.count());
        assert_eq!(steps.embeddings(&chain), expected);
    }
}

/// Whether a node is tied to one of its ancestors. Proposition 1 excludes such diagrams, which have no embedding.
fn ties_an_ancestor(diagram: &Diagram) -> bool {
    (0..diagram.nodes()).any(|node| {
        let ancestors = std::iter::successors(diagram.parent(node), |&above| diagram.parent(above));
        let part = diagram.part(node);
        ancestors
            .into_iter()
            .any(|above| diagram.part(above) == part)
    })
}

/// The number of linear orders of the nodes below the root in which children precede parents and parts are contiguous, divided by the number of
/// automorphisms.
fn orders(diagram: &Diagram) -> i64 {
    fn extend(diagram: &Diagram, order: &mut Vec<usize>) -> i64 {
        if order.len() == diagram.edges() {
            return 1;
        }
        let mut count = 0;
        for node in 1..diagram.nodes() {
            let children_first = diagram.children(node).all(|child| order.contains(&child));
            // A part may be left only when it is complete.
            let contiguous = order.last().is_none_or(|&last| {
                let part = diagram.part(last);
                part == diagram.part(node)
                    || diagram.members(part).all(|other| order.contains(&other))
            });
            if !order.contains(&node) && children_first && contiguous {
                order.push(node);
                count += extend(diagram, order);
                order.pop();
            }
        }
        count
    }
    extend(diagram, &mut Vec::new()) / diagram.automorphisms() as i64
}

fn factorial(k: usize) -> i64 {
    (1..=k as i64).product()
}

#[test]
fn proposition_1() {
    let all = (0..=4).flat_map(diagrams);
    for term in expand(Measure::TestLoss, &vanilla(), all).unwrap().terms {
        let diagram = term.diagram.tied();
        let d = diagram.edges();
        // The sizes of the parts other than the root's, which is part 0.
        let sizes = (1..diagram.parts()).map(|part| diagram.members(part).count());
        let multinomial = factorial(d) / sizes.map(factorial).product::<i64>();
        let sign = if d % 2 == 0 { 1 } else { -1 };
        let orders = if ties_an_ancestor(diagram) {
            0
        } else {
            orders(diagram)
        };
        let number = ratio(sign * orders * multinomial, factorial(d));
        let expected = n().binomial(diagram.parts() - 1).scale(&number);
        assert_eq!(term.coefficient, expected, "{diagram}");
    }
}

/// A linear combination of value classes. No coefficient is 0.
type Numbers = BTreeMap<ValueClass, BigRational>;

/// The linear combination of the values of diagrams with outlines.
fn sum(terms: &[(BigRational, Outlined)]) -> Numbers {
    let mut numbers = Numbers::new();
    for (number, outlined) in terms {
        for (diagram, sign) in outlined.signed() {
            let share = number * BigRational::from_integer(sign.into());
            *numbers
                .entry(diagram.value_class())
                .or_insert_with(BigRational::zero) += share;
        }
    }
    numbers.retain(|_, number| !number.is_zero());
    numbers
}

/// The coefficients of (ηT)^d T^-c in a series whose coefficients do not depend on the sizes.
fn numbers(series: &DoubleSeries, d: usize, c: i32) -> Numbers {
    let terms = series.get(&(d, c)).into_iter().flatten();
    let anywhere = Parameters {
        train: 1,
        batch: 1,
        epochs: 1,
    };
    terms
        .map(|(class, number)| (class.clone(), number.evaluate(&anywhere).unwrap()))
        .collect()
}

/// The rooted trees with two edges, and two of those with three.
const CHAIN: [Option<usize>; 3] = [None, Some(0), Some(1)];
const FORK: [Option<usize>; 3] = [None, Some(0), Some(0)];
const STAR: [Option<usize>; 4] = [None, Some(0), Some(0), Some(0)];
const TWIG: [Option<usize>; 4] = [None, Some(0), Some(0), Some(1)];

/// A tree without ties and with outlines between these nodes, which stand for covariances.
fn outlined(parents: &[Option<usize>], outlines: &[(usize, usize)]) -> Outlined {
    let parts: Vec<usize> = (0..parents.len()).collect();
    Outlined::new(parents, &parts, outlines).unwrap()
}

/// The value GHG.
fn ghg() -> Outlined {
    outlined(&CHAIN, &[])
}

/// The value C·H.
fn ch() -> Outlined {
    outlined(&FORK, &[(1, 2)])
}

/// The values GHHG, JGGG, tr CHH, G Cov(h, Hg) and J[C, G].
fn third_order() -> [Outlined; 5] {
    [
        outlined(&TWIG, &[]),
        outlined(&STAR, &[]),
        outlined(&TWIG, &[(2, 3)]),
        outlined(&TWIG, &[(1, 2)]),
        outlined(&STAR, &[(1, 2)]),
    ]
}

/// A multiple of S·J. Two outlines in a chain give E ggg - 2 (E gg) G + GGG, and the third cumulant subtracts one more covariance times G.
fn skew(number: &BigRational) -> [(BigRational, Outlined); 2] {
    [
        (number.clone(), outlined(&STAR, &[(1, 2), (2, 3)])),
        (-number, outlined(&STAR, &[(1, 2)])),
    ]
}

fn vanilla_series() -> DoubleSeries {
    double_series(&test_loss(&vanilla(), 3).values, GrowingSize::Train).unwrap()
}

/// The terms of order T^0 are those of gradient flow, whose loss has the derivatives -GG, 2 GHG and -4 GHHG - 2 JGGG.
#[test]
fn without_ties_it_is_gradient_flow() {
    let series = vanilla_series();
    let [ghhg, jggg, ..] = third_order();
    let gg = Outlined::from(read("(01)(0-1)"));
    assert_eq!(numbers(&series, 1, 0), sum(&[(ratio(-1, 1), gg)]));
    assert_eq!(numbers(&series, 2, 0), sum(&[(ratio(2, 2), ghg())]));
    let third = sum(&[(ratio(-4, 6), ghhg), (ratio(-2, 6), jggg)]);
    assert_eq!(numbers(&series, 3, 0), third);
    let keys: Vec<(usize, i32)> = series.keys().copied().collect();
    assert_eq!(
        keys,
        [(0, 0), (1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]
    );
}

#[test]
fn corollary_3() {
    let series = vanilla_series();
    let first = sum(&[(ratio(1, 2), ch()), (ratio(-1, 2), ghg())]);
    assert_eq!(numbers(&series, 2, 1), first);

    let factors = [
        ratio(1, 1),
        ratio(1, 4),
        ratio(-1, 2),
        ratio(-1, 2),
        ratio(-3, 4),
    ];
    let terms: Vec<_> = factors.into_iter().zip(third_order()).collect();
    assert_eq!(numbers(&series, 3, 1), sum(&terms));

    let factors = [
        ratio(-1, 3),
        ratio(-1, 12),
        ratio(1, 2),
        ratio(1, 2),
        ratio(1, 4),
    ];
    let gaussian = factors.into_iter().zip(third_order());
    let terms: Vec<_> = gaussian.chain(skew(&ratio(-1, 6))).collect();
    assert_eq!(numbers(&series, 3, 2), sum(&terms));
}

/// The formula in the paper for the contribution of non-Gaussian noise, -1/6 ((E ggg - GGG) J - 3 C G J), is that of the third cumulant.
#[test]
fn the_papers_skew_is_the_third_cumulant() {
    let [_, jggg, _, _, jcg] = third_order();
    let all = Outlined::from(read("(01-02-03)(0-123)"));
    let displayed = sum(&[(ratio(-1, 6), all), (ratio(1, 6), jggg), (ratio(3, 6), jcg)]);
    assert_eq!(displayed, sum(&skew(&ratio(-1, 6))));
}

/// At order T^-1 the excess of SGD over gradient descent on the test loss is 1/2 C·H for any initial weight, since -1/2 GHG is due to the finite step.
#[test]
fn finite_steps_alone_cost_half_ghg() {
    // Gradient descent on the test loss is gradient descent on one training point (N = 1) whose loss is the mean, so that tied nodes have the values of
    // untied ones.
    let steps = double_series(
        &test_loss(&Spacetime::gd(one(), symbol("T")), 2).values,
        GrowingSize::Epochs,
    );
    let untied = |class: &ValueClass| {
        let tree = class.representative();
        let parents: Vec<Option<usize>> = (0..tree.nodes()).map(|node| tree.parent(node)).collect();
        let alone: Vec<usize> = (0..tree.nodes()).collect();
        Diagram::new(&parents, &alone).unwrap().value_class()
    };
    let mut mean = Numbers::new();
    for (class, number) in numbers(&steps.unwrap(), 2, 1) {
        *mean.entry(untied(&class)).or_insert_with(BigRational::zero) += number;
    }
    assert_eq!(mean, sum(&[(ratio(-1, 2), ghg())]));
}

/// With shuffling the denominators contain N - j, so that the series in 1/N is infinite. The series in 1/E is finite.
#[test]
fn infinite_series_are_refused() {
    let two = Parameter::Literal(2);
    let shuffled = Spacetime::sgd(symbol("N"), two, symbol("E"), Shuffle::EachEpoch);
    let values = test_loss(&shuffled, 4).values;
    assert!(values.iter().any(|(_, c)| c.denominator().len() > 1));
    assert!(double_series(&values, GrowingSize::Train).is_none());
    let series = double_series(&values, GrowingSize::Epochs).unwrap();
    // The series adds up to the coefficients.
    let at = Parameters {
        train: 8,
        batch: 2,
        epochs: 5,
    };
    for (class, coefficient) in &values {
        let shares = series.iter().flat_map(|(&(d, c), terms)| {
            terms
                .iter()
                .filter(|(other, _)| other == class)
                .map(move |(_, share)| {
                    let power = ratio(5, 1).pow(d as i32 - c);
                    share.evaluate(&at).unwrap() * power
                })
        });
        assert_eq!(
            shares.sum::<BigRational>(),
            coefficient.evaluate(&at).unwrap()
        );
    }
}

/// The test loss of gradient descent minus that of SGD with as many updates is M (N - 1)/2 times the outlined chain, whose value is G Cov(h, g), which is
/// half of G·∇(tr C).
#[test]
fn corollary_4() {
    let sgd = test_loss(&pure_sgd(), 2);
    let gd = Combination::from(&test_loss(&gd(), 2));
    let gd = gd.substitute("T", &Product::of(&["N", "M"])).unwrap();
    let difference = gd.minus(&sgd).unwrap();
    assert_eq!(difference.symbols().epochs, "M");
    let m = Coefficient::power([0, 0, 1]);
    let weight = m.mul(&n().sub(&Coefficient::one())).scale(&ratio(1, 2));
    let expected: BTreeMap<ValueClass, Coefficient> = outlined(&CHAIN, &[(1, 2)])
        .signed()
        .map(|(diagram, sign)| {
            let sign = Coefficient::from_integer(sign);
            (diagram.value_class(), weight.mul(&sign))
        })
        .collect();
    let found: BTreeMap<_, _> = difference.values().iter().cloned().collect();
    assert_eq!(found, expected);
}

fn displacement(spacetime: &Spacetime) -> Combination {
    let diagrams = diagrams_for(Measure::Displacement, 2);
    Combination::from(&expand(Measure::Displacement, spacetime, diagrams).unwrap())
}

/// HG, whose two nodes are untied, and E `h_n` `g_n`.
fn open_chains() -> [ValueClass; 2] {
    ["(01-12)(0-1-2)", "(01-12)(0-12)"].map(|text| read(text).displacement_class().unwrap())
}

/// The displacement of gradient descent minus that of SGD with as many updates is η² M (N - 1)/2 Cov(h, g), half of the gradient of M (N - 1)/2 tr C: SGD descends
/// on the loss plus η (N - 1)/(4N) tr C, as section 5.2 of the paper says of the batch size.
#[test]
fn corollary_4_as_a_displacement() {
    let sgd = displacement(&pure_sgd());
    let gd = displacement(&gd())
        .substitute("T", &Product::of(&["N", "M"]))
        .unwrap();
    let difference = gd.minus(&sgd).unwrap();
    let m = Coefficient::power([0, 0, 1]);
    let weight = m.mul(&n().sub(&Coefficient::one())).scale(&ratio(1, 2));
    let [untied, tied] = open_chains();
    let expected = BTreeMap::from([(untied, weight.neg()), (tied, weight)]);
    let found: BTreeMap<_, _> = difference.values().iter().cloned().collect();
    assert_eq!(found, expected);
}

/// The paper compares SGD for M epochs at the learning rate η/M with SGD for one epoch at η: through η² they differ by η² N (M - 1)/(2M) E `h_n` `g_n`, which is
/// η² N (M - 1)/(4M) ∇(|G|² + tr C). More epochs descend less on the mean square of a datapoint's gradient. The test loss differs by G times that and by nothing else: the variance of
/// the weights is as large as after one epoch, since each row has M visits of the size η/M.
#[test]
fn many_epochs_against_one_at_equal_total_step() {
    let once = Spacetime::sgd(symbol("N"), one(), one(), Shuffle::Never);
    let m = Coefficient::power([0, 0, 1]);
    let slower = m.recip().unwrap();
    let difference = |many: &[(ValueClass, Coefficient)], single: &[(ValueClass, Coefficient)]| {
        let mut sums: BTreeMap<ValueClass, Coefficient> = BTreeMap::new();
        let mut add = |class: &ValueClass, c: Coefficient| {
            let sum = sums.entry(class.clone()).or_insert_with(Coefficient::zero);
            *sum = sum.add(&c);
        };
        for (class, c) in many {
            add(
                class,
                (0..class.order()).fold(c.clone(), |c, _| c.mul(&slower)),
            );
        }
        for (class, c) in single {
            add(class, c.neg());
        }
        sums.retain(|_, c| !c.is_zero());
        sums
    };
    let share = n()
        .mul(&m.sub(&Coefficient::one()))
        .mul(&slower)
        .scale(&ratio(1, 2));
    let found = difference(
        displacement(&pure_sgd()).values(),
        displacement(&once).values(),
    );
    let [_, tied] = open_chains();
    assert_eq!(found, BTreeMap::from([(tied, share.clone())]));

    let found = difference(
        &test_loss(&pure_sgd(), 2).values,
        &test_loss(&once, 2).values,
    );
    let chain = read("(01-12)(0-12)").value_class();
    assert_eq!(found, BTreeMap::from([(chain, share)]));
}

// The brute force below uses a population of two datapoints with different probabilities and one weight. It trains on every training set, with the weight
// as a power series in η.

const ORDER: usize = 3;

/// The coefficients of 1, x, x², … in the loss of a datapoint at the weight x, whose initial value is 0.
type Loss = Vec<BigRational>;

/// The coefficients of 1, η, …, η^ORDER.
type Series = Vec<BigRational>;

fn points() -> [(BigRational, Loss); 2] {
    let loss = |numbers: [i64; 5]| numbers.map(|number| ratio(number, 2)).to_vec();
    [
        (ratio(1, 3), loss([1, 3, -2, 5, 1])),
        (ratio(2, 3), loss([0, -4, 3, 1, -7])),
    ]
}

fn derivative(loss: &Loss) -> Loss {
    let shifted = loss.iter().enumerate().skip(1);
    shifted
        .map(|(power, c)| c * ratio(power as i64, 1))
        .collect()
}

fn product(a: &Series, b: &Series) -> Series {
    let mut product = vec![BigRational::zero(); ORDER + 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate().take(ORDER + 1 - i) {
            product[i + j] += x * y;
        }
    }
    product
}

fn at(loss: &Loss, weight: &Series) -> Series {
    let mut value = vec![BigRational::zero(); ORDER + 1];
    for coefficient in loss.iter().rev() {
        value = product(&value, weight);
        value[0] += coefficient;
    }
    value
}

fn mean(derivatives: usize) -> Loss {
    let mut mean = Loss::new();
    for (probability, loss) in points() {
        let loss = (0..derivatives).fold(loss, |loss, _| derivative(&loss));
        mean.resize(loss.len(), BigRational::zero());
        for (sum, c) in mean.iter_mut().zip(&loss) {
            *sum += &probability * c;
        }
    }
    mean
}

/// The expected test loss after updates on these batches of training points.
fn brute_force(train: usize, batches: &[Vec<usize>]) -> Series {
    let points = points();
    let mut expected = vec![BigRational::zero(); ORDER + 1];
    for set in 0..1_usize << train {
        let drawn = |row: usize| &points[set >> row & 1];
        let mut weight = vec![BigRational::zero(); ORDER + 1];
        for batch in batches {
            let mut step = vec![BigRational::zero(); ORDER + 1];
            for &row in batch {
                for (sum, c) in step.iter_mut().zip(at(&derivative(&drawn(row).1), &weight)) {
                    *sum += c;
                }
            }
            for power in 1..=ORDER {
                weight[power] -= &step[power - 1] / ratio(batch.len() as i64, 1);
            }
        }
        let probability: BigRational = (0..train).map(|row| drawn(row).0.clone()).product();
        for (sum, c) in expected.iter_mut().zip(at(&mean(0), &weight)) {
            *sum += &probability * c;
        }
    }
    expected
}

/// The joint moment of derivatives of these orders at one datapoint.
fn moment(orders: &[usize]) -> BigRational {
    let at_start = |loss: &Loss, order: usize| {
        let loss = (0..order).fold(loss.clone(), |loss, _| derivative(&loss));
        loss[0].clone()
    };
    let points = points();
    let terms = points.iter().map(|(probability, loss)| {
        let factors = orders.iter().map(|&order| at_start(loss, order));
        factors.fold(probability.clone(), |product, factor| product * factor)
    });
    terms.sum()
}

/// The value of a class, which for one weight is the product of the moments of its parts.
fn value(class: &ValueClass) -> BigRational {
    let parts = (0..class.parts()).map(|part| {
        let members = (0..class.nodes()).filter(|&node| class.part(node) == part);
        let degrees: Vec<usize> = members.map(|node| class.degree(node)).collect();
        moment(&degrees)
    });
    parts.product()
}

/// The coefficients of the polynomial of least degree with these values at 0, 1, 2, …, by Lagrange interpolation.
fn interpolated(values: &[BigRational]) -> Vec<BigRational> {
    let mut total = vec![BigRational::zero(); values.len()];
    for (i, value) in values.iter().enumerate() {
        let mut basis = vec![value.clone()];
        for j in (0..values.len()).filter(|&j| j != i) {
            let over = ratio(1, i as i64 - j as i64);
            let mut next = vec![BigRational::zero(); basis.len() + 1];
            for (power, c) in basis.iter().enumerate() {
                next[power + 1] += c * &over;
                next[power] -= c * &over * BigRational::from_integer(BigInt::from(j));
            }
            basis = next;
        }
        for (sum, c) in total.iter_mut().zip(basis) {
            *sum += c;
        }
    }
    total
}

/// Corollary 3 in the form of the module `asymptotics`, with the moments of the landscape, agrees with the average over all training sets.
#[test]
fn corollary_3_against_every_training_set() {
    let runs: Vec<Series> = (0..=4)
        .map(|train| brute_force(train, &(0..train).map(|row| vec![row]).collect::<Vec<_>>()))
        .collect();
    let [g, h, j] = [1, 2, 3].map(|order| moment(&[order]));
    let c = moment(&[1, 1]) - &g * &g;
    let s = moment(&[1, 1, 1]) - ratio(3, 1) * &c * &g - &g * &g * &g;
    let gh = moment(&[1, 2]) - &g * &h;
    assert!(
        ![&g, &h, &j, &c, &s, &gh]
            .iter()
            .any(|number| number.is_zero())
    );

    let second = interpolated(&runs.iter().map(|run| run[2].clone()).collect::<Vec<_>>());
    assert_eq!(
        second[1],
        ratio(1, 2) * &c * &h - ratio(1, 2) * &g * &h * &g
    );
    assert_eq!(second[3..], [BigRational::zero(), BigRational::zero()]);

    let third = interpolated(&runs.iter().map(|run| run[3].clone()).collect::<Vec<_>>());
    let parts = [
        &g * &g * &h * &h,
        &j * &g * &g * &g,
        &c * &h * &h,
        &g * &h * &gh,
        &j * &c * &g,
    ];
    let weighted = |factors: [BigRational; 5]| {
        let terms = factors
            .iter()
            .zip(&parts)
            .map(|(factor, part)| factor * part);
        terms.sum::<BigRational>()
    };
    let first = weighted([
        ratio(1, 1),
        ratio(1, 4),
        ratio(-1, 2),
        ratio(-1, 2),
        ratio(-3, 4),
    ]);
    assert_eq!(third[2], first);
    let rest = weighted([
        ratio(-1, 3),
        ratio(-1, 12),
        ratio(1, 2),
        ratio(1, 2),
        ratio(1, 4),
    ]);
    assert_eq!(third[1], rest - s * &j / ratio(6, 1));
    assert_eq!(third[4], BigRational::zero());

    // The series from the diagrams agrees as well.
    let series = vanilla_series();
    for (d, found) in [(2, second), (3, third)] {
        for c in 0..d {
            let terms = numbers(&series, d, c as i32);
            let sum = terms.iter().map(|(class, number)| number * value(class));
            assert_eq!(sum.sum::<BigRational>(), found[d - c], "({d}, {c})");
        }
    }
}

/// Corollary 4, with the derivative of C as a function of the weight, agrees with the average over all training sets.
#[test]
fn corollary_4_against_every_training_set() {
    // tr C = E l_n'^2 - l'^2; its derivative at 0 is twice the coefficients 0 and 1 of each square.
    let slope = |loss: &Loss| ratio(2, 1) * &loss[0] * &loss[1];
    let squares = points().map(|(probability, loss)| probability * slope(&derivative(&loss)));
    let gradient_of_c = squares.into_iter().sum::<BigRational>() - slope(&mean(1));
    let g = mean(1)[0].clone();
    for (train, epochs) in [(1, 3), (2, 1), (2, 3), (3, 2), (4, 1)] {
        let rows: Vec<usize> = (0..train).collect();
        let one_by_one: Vec<Vec<usize>> = (0..epochs)
            .flat_map(|_| rows.iter().map(|&r| vec![r]))
            .collect();
        let sgd = brute_force(train, &one_by_one);
        let gd = brute_force(train, &vec![rows.clone(); train * epochs]);
        assert_eq!(gd[..2], sgd[..2]);
        let factor = ratio((epochs * (train - 1)) as i64, 4);
        assert_eq!(
            &gd[2] - &sgd[2],
            factor * &g * &gradient_of_c,
            "{train} points, {epochs} epochs"
        );
    }
    assert!(!(gradient_of_c * g).is_zero());
}
