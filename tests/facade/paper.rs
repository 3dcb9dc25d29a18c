//! The paper's statements as declarations: each line of the table in docs/language.md, compiled and checked.
//!
//! Symbols are checked against formulas written another way; values in exact rationals on a landscape of one weight, where every tensor of the
//! paper is a number: losses `a θ + b θ²/2 + c θ³/6` at θ = 0 have g = a, h = b, j = c.

use diagrams::calculus::asymptotics::{GrowingSize, double_series};
use diagrams::calculus::coefficient::{Coefficient, Parameters};
use diagrams::calculus::measure::{Measure, diagrams_for, expand};
use diagrams::calculus::{Diagram, ValueClass};
use diagrams::prelude::{
    Modes, Options, PointDerivatives, Predictor, ResummedPredictor, Samples, Values,
};
use diagrams::runtime::exact::Exact;
use diagrams::runtime::landscapes::Polynomial;
use diagrams::runtime::predictor::ParametersOf;
use num_rational::BigRational;

diagrams::diagrams! {
    spacetime OneEpoch   = sgd(train: N, batch: 1, epochs: 1);
    spacetime ManyEpochs = sgd(train: N, batch: 1, epochs: M);
    spacetime FullBatch  = gd(train: N, steps: N * M);
    spacetime Square     = gd(train: N, steps: N);
    spacetime Shuffled   = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);

    diagram skew  = root(a, b, c) where a ~~ b ~~ c;
    diagram chain = root(b(a)) where a ~ b;
    diagram noise = root(b(a)) where a ~~ b;

    // Example 2.
    predictor First: test_loss in OneEpoch = all(edges <= 1);
    // Example 4.
    predictor Tied: test_loss in Square = { chain };
    // Table 2.
    predictor Ode:     test_loss in OneEpoch = all(edges == 3) where ties == 0;
    predictor Coarse:  test_loss in OneEpoch = all(edges == 3) where ties == 1;
    predictor Coarser: test_loss in OneEpoch = all(edges == 3) where ties == 2;
    predictor Third:   test_loss in OneEpoch = all(edges == 3);
    predictor Parts = Ode + Coarse + Coarser;
    // Proposition 1 and Corollary 3.
    predictor Vanilla: test_loss in OneEpoch = all(edges <= 4);
    // Example 1 and the non-Gaussian share of Corollary 3.
    predictor Skew: test_loss in OneEpoch = { skew };
    // Theorem 1, with its gap form.
    predictor Test:  test_loss in Shuffled          = all(edges <= 3);
    predictor Train: train_loss in Shuffled         = all(edges <= 3);
    predictor Gap:   generalization_gap in Shuffled = all(edges <= 3);
    predictor Overfitting = Test - Train;
    // Corollary 4.
    predictor Sgd: test_loss in ManyEpochs = all(edges <= 2);
    predictor Gd:  test_loss in FullBatch  = all(edges <= 2);
    predictor BatchSize = Gd - Sgd;
    predictor Noise: test_loss in FullBatch = { noise };

    spacetime Descent = gd(train: N, steps: T);

    diagram entropic = root(c(a, b)) where a ~ b;
    diagram pair     = root(a, b) where a ~ b;
    diagram measured = root(a) where root ~ a;

    // Example 1 and Corollaries 1 and 2, re-summed.
    predictor LongSkew:    test_loss in OneEpoch         = resummed { skew };
    predictor Force:       displacement in OneEpoch      = resummed { entropic };
    predictor Overfitted:  test_loss in Descent          = resummed { pair };
    predictor TicGap: generalization_gap in Descent = resummed { measured };
}

/// Four datapoints: a, b, c of each.
const POINTS: [[i64; 3]; 4] = [[3, 1, 2], [-1, 4, 0], [2, -2, 5], [0, 3, -1]];

fn ratio(numerator: i64, denominator: i64) -> BigRational {
    BigRational::new(numerator.into(), denominator.into())
}

fn mean(of: impl Fn(&[i64; 3]) -> i64) -> BigRational {
    ratio(POINTS.iter().map(of).sum(), POINTS.len() as i64)
}

/// The values of a predictor's diagrams on that landscape.
fn values<P: Predictor>() -> Values<Exact> {
    let landscape = Polynomial::new(1, vec![vec![1], vec![2], vec![3]]).unwrap();
    let numbers = POINTS
        .iter()
        .flat_map(|&[a, b, c]| [ratio(a, 1), ratio(b, 2), ratio(c, 6)].map(Exact::from));
    let samples = Samples::new(3, numbers.collect()).unwrap();
    let theta = [Exact::from(0)];
    let local = PointDerivatives::new(&landscape, &theta, &samples).unwrap();
    P::values(&local, &Options::population()).unwrap()
}

/// The coefficient of η^order in a predictor's series there.
fn coefficient<P: Predictor>(sizes: &ParametersOf<P>, order: usize) -> BigRational {
    let series = P::series(&values::<P>(), sizes).unwrap();
    series.coefficients[order][0].rational().unwrap().clone()
}

fn texts<P: Predictor>() -> Vec<(String, String)> {
    P::coefficients()
        .iter()
        .map(|(class, c)| (class.to_string(), c.text(&P::symbols())))
        .collect()
}

fn n() -> Coefficient {
    Coefficient::power([1, 0, 0])
}

#[test]
fn example_2_each_update_takes_off_g_squared() {
    let found = texts::<First>();
    let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (&a[..], &b[..])).collect();
    assert_eq!(found, [("()(0)", "1"), ("(01)(0-1)", "-N")]);
    let g = mean(|p| p[0]);
    let sizes = First::parameters(7).unwrap();
    assert_eq!(coefficient::<First>(&sizes, 1), -ratio(7, 1) * &g * &g);
}

/// In one epoch the chain's tied nodes would share a row that is visited once: the compiler refuses it (tests/ui), and so does text.
#[test]
fn example_3_the_tied_chain_has_no_place_in_one_epoch() {
    let text = "spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
                diagram chain = root(b(a)) where a ~ b;
                predictor Never: test_loss in OneEpoch = { chain };";
    let mistakes = diagrams::parse(text).unwrap_err().0;
    assert_eq!(mistakes.len(), 1);
    let at = &mistakes[0].source[mistakes[0].column - 1..];
    assert_eq!((mistakes[0].line, at), (3, "chain };"));
    assert!(mistakes[0].message.contains("never embeds in `OneEpoch`"));
}

/// N binomial(N, 2) embeddings, each divided by (-N)².
#[test]
fn example_4_full_batches_give_it_n_times_n_choose_2() {
    let embeddings = n().mul(&n().binomial(2));
    let [(class, coefficient)] = Tied::coefficients() else {
        panic!("one value");
    };
    assert_eq!(class.to_string(), "(01-12)(0-12)");
    let below = n().mul(&n()).recip().unwrap();
    assert_eq!(*coefficient, embeddings.mul(&below));
}

/// Six values that embed, two, three and one of them with no, one and two ties; orderings (4 + 2) + (2 + 2 + 3) + 1.
#[test]
fn table_2() {
    let numbers = |coefficients: &[(ValueClass, Coefficient)], ties: usize| -> Vec<BigRational> {
        let mut orderings: Vec<BigRational> = coefficients
            .iter()
            .map(|(class, c)| {
                // Proposition 1: the sign (-1)^3, 1/3!, binomial(N, P) and the multinomial of the parts' sizes, and what is left are orderings.
                let parts = 3 - ties;
                let sizes = match (ties, parts) {
                    (0, _) => 6,
                    (1, _) => 3,
                    _ => 1,
                };
                let unit = n().binomial(parts).scale(&ratio(-sizes, 6));
                let at = Parameters::new(11, 1, 1).unwrap();
                assert_eq!(class.order(), 3);
                c.evaluate(&at).unwrap() / unit.evaluate(&at).unwrap()
            })
            .collect();
        orderings.sort();
        orderings.reverse();
        orderings
    };
    let whole = |numbers: &[i64]| -> Vec<BigRational> {
        numbers.iter().map(|&number| ratio(number, 1)).collect()
    };
    assert_eq!(numbers(Ode::coefficients(), 0), whole(&[4, 2]));
    assert_eq!(numbers(Coarse::coefficients(), 1), whole(&[3, 2, 2]));
    assert_eq!(numbers(Coarser::coefficients(), 2), whole(&[1]));
    assert_eq!(Parts::coefficients(), Third::coefficients());
}

/// `(-1)^d/d! |ords| binomial(N, P) multinomial(d; part sizes)` for every diagram without ties along a path, with |ords| by trying all orders.
#[test]
fn proposition_1() {
    let mut sums: Vec<(ValueClass, Coefficient)> = vec![];
    for diagram in diagrams_for(Measure::TestLoss, 4) {
        let coefficient = vanilla(&diagram);
        match sums
            .iter_mut()
            .find(|(class, _)| *class == diagram.value_class())
        {
            Some((_, sum)) => *sum = sum.add(&coefficient),
            None => sums.push((diagram.value_class(), coefficient)),
        }
    }
    sums.retain(|(_, sum)| !sum.is_zero());
    assert_eq!(sums.len(), Vanilla::coefficients().len());
    for (class, coefficient) in Vanilla::coefficients() {
        let (_, expected) = sums.iter().find(|(other, _)| other == class).unwrap();
        assert_eq!(coefficient, expected, "{class}");
    }
}

fn vanilla(diagram: &Diagram) -> Coefficient {
    let d = diagram.edges();
    let tied_along_a_path = (1..=d).any(|node| {
        std::iter::successors(diagram.parent(node), |&at| diagram.parent(at))
            .any(|at| at != 0 && diagram.part(at) == diagram.part(node))
    });
    if tied_along_a_path {
        return Coefficient::zero();
    }
    let orders = permutations(d).filter(|order| {
        let place = |node: usize| order.iter().position(|&at| at == node).unwrap();
        (1..=d).all(|node| {
            let before = diagram.parent(node) == Some(0)
                || place(node) < place(diagram.parent(node).unwrap());
            let part: Vec<usize> = diagram.members(diagram.part(node)).map(place).collect();
            let (first, last) = (part.iter().min().unwrap(), part.iter().max().unwrap());
            before && last - first + 1 == part.len()
        })
    });
    let factorial = |k: usize| (1..=k as i64).product::<i64>();
    let sizes = (0..diagram.parts()).filter(|&part| diagram.members(part).all(|node| node != 0));
    let multinomial = sizes.fold(factorial(d), |all, part| {
        all / factorial(diagram.members(part).count())
    });
    let sign = if d.is_multiple_of(2) { 1 } else { -1 };
    let number = ratio(
        sign * orders.count() as i64 * multinomial,
        factorial(d) * diagram.automorphisms() as i64,
    );
    n().binomial(diagram.parts() - 1).scale(&number)
}

/// Of 1, …, d.
fn permutations(d: usize) -> impl Iterator<Item = Vec<usize>> {
    let mut all = vec![vec![]];
    for node in 1..=d {
        all = all
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, node);
                    longer
                })
            })
            .collect();
    }
    all.into_iter()
}

/// With literal sizes the coefficients are Rust constants.
#[test]
fn constants_where_nothing_is_open() {
    diagrams::diagrams! {
        spacetime Ten = sgd(train: 10, batch: 1, epochs: 1);
        predictor Tenth: test_loss in Ten = all(edges <= 1);
    }
    const NUMBERS: [Option<(i128, i128)>; 2] = [
        Tenth::COEFFICIENTS[0].number(),
        Tenth::COEFFICIENTS[1].number(),
    ];
    assert_eq!(NUMBERS, [Some((1, 1)), Some((-10, 1))]);
    assert_eq!(First::COEFFICIENTS[1].number(), None);
}

/// At order 1/T, SGD differs from gradient flow by ½ C·H - ½ GHG (η T)²; of 1/T², S·J/6 is what non-Gaussian noise adds (η T)³.
#[test]
fn corollary_3() {
    let (g, h) = (mean(|p| p[0]), mean(|p| p[1]));
    let variance = mean(|p| p[0] * p[0]) - &g * &g;
    let values = values::<Vanilla>();
    let at = Parameters::new(1, 1, 1).unwrap();
    let share = |order: usize, c: i32, coefficients: &[(ValueClass, Coefficient)]| {
        let series = double_series(coefficients, GrowingSize::Train).unwrap();
        let terms = series.get(&(order, c)).cloned().unwrap_or_default();
        terms
            .iter()
            .map(|(class, number)| {
                let value = &values.get(class).unwrap().estimate[0];
                number.evaluate(&at).unwrap() * value.rational().unwrap()
            })
            .sum::<BigRational>()
    };
    let half = ratio(1, 2);
    let first = &half * (&variance * &h) - &half * (&g * &h * &g);
    assert_eq!(share(2, 1, Vanilla::coefficients()), first);

    // The diagram's two outlines are E ggg - 2 E(gg) G + GGG; the third cumulant takes off C G once more.
    let outlined =
        mean(|p| p[0] * p[0] * p[0]) - ratio(2, 1) * mean(|p| p[0] * p[0]) * &g + &g * &g * &g;
    let j = mean(|p| p[2]);
    assert_eq!(
        coefficient::<Skew>(&Skew::parameters(5).unwrap(), 3),
        -ratio(5, 6) * outlined * j
    );
}

/// Theorem 1 and its gap form agree: test loss minus train loss is the gap, in symbols.
#[test]
fn theorem_1_for_the_gap() {
    assert_eq!(Overfitting::coefficients(), Gap::coefficients());
    assert_eq!(Overfitting::MEASURE, None);
    assert_eq!(Gap::MEASURE, Some(Measure::GeneralizationGap));
}

/// GD's test loss minus SGD's with as many updates is η² M (N - 1)/4 G·∇C, and comes from the outlined chain alone.
#[test]
fn corollary_4() {
    let found = texts::<BatchSize>();
    let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (&a[..], &b[..])).collect();
    assert_eq!(
        found,
        [
            ("(01-02)(0-1-2)", "-M (N - 1)/2"),
            ("(01-12)(0-12)", "M (N - 1)/2")
        ]
    );
    let (train, epochs) = (6, 3);
    let sizes = BatchSize::parameters(train as u64, epochs as u64).unwrap();
    let (g, h) = (mean(|p| p[0]), mean(|p| p[1]));
    let gradient_of_c = ratio(2, 1) * (mean(|p| p[0] * p[1]) - &g * &h);
    let expected = ratio(epochs * (train - 1), 4) * g * gradient_of_c;
    assert_eq!(coefficient::<BatchSize>(&sizes, 2), expected);
    // The chain's own coefficient depends on more updates than the difference does.
    let text = &texts::<Noise>()[1].1;
    assert_eq!(text, "M (N M - 1)/2");
}

/// Two weights at a test minimum, with curvatures 2 and 0.3, a third derivative in all directions, and skewed noise of the gradient alone.
struct Minimum {
    landscape: Polynomial,
    samples: Samples<f64>,
}

const CURVATURES: [f64; 2] = [2.0, 0.3];
/// J of www, wwz, wzz and zzz, by how often z comes.
const THIRD: [f64; 4] = [0.5, -1.2, 0.8, 0.4];
/// Gradients of four datapoints; their mean is 0.
const GRADIENTS: [[f64; 2]; 4] = [[3.0, 1.0], [-1.0, 2.0], [-1.0, -2.0], [-1.0, -1.0]];

impl Minimum {
    fn new() -> Self {
        let monomials = [
            [2, 0],
            [0, 2],
            [3, 0],
            [2, 1],
            [1, 2],
            [0, 3],
            [1, 0],
            [0, 1],
        ];
        let landscape = Polynomial::new(2, monomials.map(Vec::from).to_vec()).unwrap();
        let [www, wwz, wzz, zzz] = THIRD;
        let mean = [
            CURVATURES[0] / 2.0,
            CURVATURES[1] / 2.0,
            www / 6.0,
            wwz / 2.0,
            wzz / 2.0,
            zzz / 6.0,
        ];
        let rows = GRADIENTS.iter().flat_map(|g| [&mean[..], &g[..]].concat());
        let samples = Samples::new(monomials.len(), rows.collect()).unwrap();
        Minimum { landscape, samples }
    }

    fn local(&self) -> PointDerivatives<'_, Polynomial, f64> {
        PointDerivatives::new(&self.landscape, &[0.0, 0.0], &self.samples).unwrap()
    }
}

/// The mean of a product of gradient components: cumulants of two and three gradients, since their mean is 0.
fn cumulant(components: &[usize]) -> f64 {
    let product = |g: &[f64; 2]| components.iter().map(|&i| g[i]).product::<f64>();
    GRADIENTS.iter().map(product).sum::<f64>() / 4.0
}

fn third(components: &[usize]) -> f64 {
    THIRD[components.iter().sum::<usize>()]
}

fn indices(count: usize) -> impl Iterator<Item = Vec<usize>> {
    (0..1_usize << count).map(move |bits| (0..count).map(|at| bits >> at & 1).collect())
}

/// `(1 - exp(-η T h)) / (η h)`
fn relaxed(eta: f64, steps: f64, curvature: f64) -> f64 {
    -(-eta * steps * curvature).exp_m1() / (eta * curvature)
}

/// The excess in the continuum.
fn continuum<P: ResummedPredictor>(sizes: &ParametersOf<P>, eta: f64) -> Vec<f64> {
    let minimum = Minimum::new();
    let values = P::values(&minimum.local(), Modes::All).unwrap();
    let course = P::course(sizes).unwrap();
    let curve = values.continuum(&course).unwrap();
    curve.at(eta).unwrap().excess_vector().to_vec()
}

/// A matrix exponential of five states at most, whose entries are below ten, and sums of a few numbers of like size.
#[track_caller]
fn assert_close(found: f64, expected: f64) {
    let error = (found / expected - 1.0).abs();
    assert!(error < 1e-11, "{found} against {expected}: {error:.1e}");
}

/// -(η³/6) Σ S J (1 - exp(-T η (h + h' + h''))) / (η (h + h' + h'')).
#[test]
fn example_1_over_long_times() {
    for (steps, eta) in [(10, 0.01), (1_000, 0.01), (1_000_000, 0.1)] {
        let sum: f64 = indices(3)
            .map(|at| {
                let curvature = at.iter().map(|&i| CURVATURES[i]).sum();
                cumulant(&at) * third(&at) * relaxed(eta, steps as f64, curvature)
            })
            .sum();
        let found = continuum::<LongSkew>(&LongSkew::parameters(steps).unwrap(), eta);
        assert_close(found[0], -eta.powi(3) / 6.0 * sum);
    }
}

/// T times the mean velocity, -½ C F⁻¹ J (I - exp(-TηH))/(TηH) η with F = ηH ⊗ I + I ⊗ ηH, is where the noise has long settled: its variance at time
/// t is the stationary one but for exp(-ηt(h + h')), which the corollary leaves out and the integral has.
#[test]
fn corollary_1() {
    let eta = 0.01;
    for steps in [300, 3_000, 30_000] {
        let found = continuum::<Force>(&Force::parameters(steps).unwrap(), eta);
        let time = steps as f64;
        for direction in [0, 1] {
            let curvature = CURVATURES[direction];
            let (mut settled, mut unsettled, mut size) = (0.0, 0.0, 0.0_f64);
            for at in indices(2) {
                let both = CURVATURES[at[0]] + CURVATURES[at[1]];
                // C lies over two edges, each with its η; a third leads to the displacement.
                let force = -0.5 * eta.powi(3) * cumulant(&at) / (eta * both)
                    * third(&[at[0], at[1], direction]);
                settled += force * relaxed(eta, time, curvature);
                size += (force * relaxed(eta, time, curvature)).abs();
                // The integral of exp(-ηh(T - t)) exp(-η(h' + h'')t).
                let decayed = |h: f64| (-eta * time * h).exp();
                unsettled +=
                    force * (decayed(curvature) - decayed(both)) / (eta * (both - curvature));
            }
            assert_close(found[direction], settled - unsettled);
            // Of each summand at most 2/(2 - 0.6) exp(-0.3 ηT): the slowest decays. Rounding as above.
            let left = 1.5 * (-0.3 * eta * time).exp() + 1e-11;
            assert!((found[direction] - settled).abs() <= left * size, "{steps}");
        }
    }
}

/// Above the minimum (1/2N) C (I - exp(-ηTH))^⊗2 H⁻¹; the gap is C (I - exp(-ηTH)) H⁻¹ / N, which tends to TIC.
#[test]
fn corollary_2() {
    for (train, steps, eta) in [(5, 10, 0.01), (8, 1_000, 0.02), (100, 1_000_000, 0.1)] {
        let excess = continuum(&Overfitted::parameters(train, steps).unwrap(), eta)[0];
        let gap = continuum(&TicGap::parameters(train, steps).unwrap(), eta)[0];
        let (mut above, mut between, mut tic) = (0.0, 0.0, 0.0);
        for (direction, curvature) in CURVATURES.into_iter().enumerate() {
            let variance = cumulant(&[direction, direction]) / train as f64;
            let reached = eta * curvature * relaxed(eta, steps as f64, curvature);
            above += 0.5 * variance * reached * reached / curvature;
            between += variance * reached / curvature;
            tic += variance / curvature;
        }
        assert_close(excess, above);
        assert_close(gap, between);
        if eta * steps as f64 > 1e4 {
            assert_close(gap, tic);
        }
    }
}

/// Values of one spacetime serve the others: they are computed once.
#[test]
fn values_are_shared_between_spacetimes() {
    let landscape = Polynomial::new(1, vec![vec![1], vec![2]]).unwrap();
    let samples = Samples::new(2, vec![1.0, 0.5, -0.25, 2.0]).unwrap();
    let local = PointDerivatives::new(&landscape, &[0.5], &samples).unwrap();
    let values = Sgd::values(&local, &Options::population()).unwrap();
    let sgd = Sgd::series(&values, &Sgd::parameters(4, 2).unwrap()).unwrap();
    let gd = Gd::series(&values, &Gd::parameters(4, 2).unwrap()).unwrap();
    let difference = BatchSize::series(&values, &BatchSize::parameters(4, 2).unwrap()).unwrap();
    let at = |series: &diagrams::prelude::Series<f64>| series.at(0.1).value;
    // Three sums of a handful of numbers of size 1.
    assert!((at(&gd) - at(&sgd) - at(&difference)).abs() < 1e-14);
}

/// What a user would do by hand.
#[test]
fn a_declaration_is_what_the_calculus_expands() {
    let text = "spacetime S = sgd(train: N, batch: 1, epochs: 1);
                predictor P: test_loss in S = all(edges <= 4) where ties <= 1 && !irreducible;";
    let declaration = diagrams::parse(text).unwrap();
    let predictor = declaration.predictor("P").unwrap();
    let terms = predictor
        .content
        .terms
        .iter()
        .map(|term| term.diagram.clone());
    let (_, spacetime) = &declaration.model().spacetimes[0];
    let expected = expand(Measure::TestLoss, &spacetime.spacetime, terms).unwrap();
    assert_eq!(predictor.content.combination.values(), expected.values);
}
