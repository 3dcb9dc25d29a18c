//! NaN, infinities, zeros and denormal numbers: what plain arithmetic makes of them, in their lanes and nowhere else.

use diagram_algebra::lanes::InstructionSet;
use diagram_algebra::scalar::{Element, Lanes, Scalar, Weight};
use diagram_algebra::taylor::Taylor;
use diagram_algebra::weights::{Own, Weights};
use diagram_kernels::derivatives::{
    DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::layers::{
    AllCoefficients, Convolution, Dense, GradientSink, Hidden, softmax_cross_entropy, tanh,
    tanh_reverse,
};
use diagram_kernels::samples::Samples;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::algebras::{
    InAlgebra, Inputs, Kind, Number, OnLanes, OnSharedLine, Plain, Series, Storage, Store,
    on_every_set, open, scalars,
};
use crate::balls::{Ball, Jet};
use crate::layers::{Gradient, Shaped, tolerance};
use crate::naive::{Layer, Listed, Products};

/// Both NaN, the same infinity, or within a tolerance.
fn alike(found: f64, expected: f64, tolerance: f64) -> bool {
    if expected.is_finite() {
        (found - expected).abs() <= tolerance
    } else {
        found == expected || found.is_nan() && expected.is_nan()
    }
}

/// What a layer gives: outputs, gradient, adjoints of inputs.
fn passes<K: Kind, W: Weights<K::Algebra>>(
    layer: &impl Layer,
    theta: W,
    x: &[K::Algebra],
    dz: &[K::Algebra],
) -> [Vec<K::Algebra>; 3]
where
    Hidden: Inputs<K, Item = K::Algebra>,
{
    let nan = K::Algebra::constant(f64::NAN);
    let mut z = vec![nan.clone(); layer.outputs()];
    layer.forward::<K::Algebra, _, Hidden, AllCoefficients>(theta, x, &mut z);
    let mut dx = vec![nan; layer.inputs()];
    let mut gradient = Gradient::<K::Algebra>::new(layer.weights());
    layer.input_gradient::<K::Algebra, _, AllCoefficients>(theta, dz, &mut dx);
    layer.weight_gradient::<K::Algebra, Hidden, _>(x, dz, (&mut gradient, 0));
    [z, gradient.components, dx]
}

/// One lane has NaN or an infinity somewhere, and zeros for the infinity to meet.
fn check_one_lane<L: Shaped, K: Kind, S: Storage<K>>(what: &str)
where
    Hidden: Inputs<K, Item = K::Algebra>,
{
    let layer = L::uneven();
    let all = K::Algebra::COEFFICIENTS;
    let what = format!("{what}: {layer:?}, {all} coefficients");
    for (seed, special) in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY]
        .into_iter()
        .enumerate()
    {
        let rng = &mut ChaCha8Rng::seed_from_u64(seed as u64);
        let store = Store::<K>::new(layer.weights(), rng);
        let theta = S::weights(&store);
        let clean = [layer.inputs(), layer.outputs()].map(|count| scalars::<K>(count, rng));
        let before = passes::<K, _>(&layer, theta, &clean[0], &clean[1]);
        // One of the inputs and of the adjoints is special, two are 0, in one of their coefficients.
        let lane = rng.random_range(0..K::Base::WIDTH);
        let [x, dz] = clean.clone().map(|mut numbers| {
            for value in [special, 0.0, 0.0] {
                let (at, k) = (rng.random_range(0..numbers.len()), rng.random_range(0..all));
                let mut coefficients: Vec<K::Base> =
                    (0..all).map(|k| K::coefficient(&numbers[at], k)).collect();
                let old = coefficients[k].clone();
                coefficients[k] = K::Base::from_fn(|l| {
                    if l == lane {
                        Number::of(value)
                    } else {
                        old.lane(l)
                    }
                });
                numbers[at] = K::of(&coefficients);
            }
            numbers
        });
        let after = passes::<K, _>(&layer, theta, &x, &dz);
        let mut changed = 0;
        let [theta, x, dz] = [&theta.lift(), &x, &dz].map(|numbers| open::<K>(numbers, lane));
        let expected = Listed::new(&layer).pass(&Products::of::<K>(), &theta, &x, &dz);
        for (at, found) in after.iter().enumerate() {
            for (i, (found, before)) in found.iter().zip(&before[at]).enumerate() {
                for k in 0..all {
                    let [found, before] = [found, before].map(|a| K::coefficient(a, k));
                    for other in (0..K::Base::WIDTH).filter(|&other| other != lane) {
                        assert!(
                            found.lane(other).same(before.lane(other)),
                            "{what}: {special} in lane {lane} reaches lane {other}"
                        );
                    }
                    let (found, sum) = (found.lane(lane).to_f64(), &expected[at][i][k]);
                    let unit = <<K::Base as Scalar>::Element as Number>::UNIT;
                    let tolerance = tolerance(sum, unit);
                    assert!(
                        alike(found, sum.value, tolerance),
                        "{what}: coefficient {k} of number {i} of {at} is {found}, not {}",
                        sum.value
                    );
                    changed += usize::from(!found.is_finite());
                }
            }
        }
        assert!(changed > 0, "{what}: {special} is nowhere");
    }
}

/// Whole multiples of the least positive number, small whole weights, and fixed factors of 1/4 and 1/2: every way to compute is exact, unless
/// denormal numbers are taken for 0.
fn check_denormals<K: Kind<Algebra = R, Base = R>, R: Lanes<Element: Number>>(
    layer: &impl Layer,
    what: &str,
) where
    Hidden: Inputs<K, Item = R>,
{
    assert_eq!(layer.scales(), [0.25, 0.5]);
    let rng = &mut ChaCha8Rng::seed_from_u64(3);
    let least = <R::Element as Number>::LEAST;
    let mut whole = |count: usize, unit: f64| {
        (0..count)
            .map(|_| R::from_fn(|_| Number::of(unit * f64::from(rng.random_range(-9i32..=9)))))
            .collect::<Vec<R>>()
    };
    // The smaller numbers in inputs or in adjoints. Biases are multiplied by neither.
    for [x_unit, dz_unit] in [[4.0 * least, 4.0], [4.0, 4.0 * least]] {
        let mut theta = whole(layer.weights(), 1.0);
        let biases = layer.bias(0);
        theta.splice(biases.., whole(layer.weights() - biases, 4.0 * least));
        let (x, dz) = (
            whole(layer.inputs(), x_unit),
            whole(layer.outputs(), dz_unit),
        );
        let found = passes::<K, _>(layer, Own(&theta), &x, &dz);
        let mut denormal = 0;
        for lane in 0..R::WIDTH {
            let [theta, x, dz] = [&theta, &x, &dz].map(|numbers| open::<K>(numbers, lane));
            let expected = Listed::new(layer).pass(&Products::of::<K>(), &theta, &x, &dz);
            for (found, sums) in found.iter().flatten().zip(expected.iter().flatten()) {
                let (found, expected) = (found.lane(lane).to_f64(), sums[0].value);
                // Weights times adjoints are of ordinary size, and as exact.
                assert!(found == expected, "{what}: {found:e}, not {expected:e}");
                let size = found.abs() / least;
                denormal += usize::from(0.0 < size && size < 1e5);
            }
        }
        assert!(denormal > layer.weights() / 2, "{what}");
    }
}

/// NaN, infinities, zeros, the least number, a larger denormal one, and numbers of ordinary size.
fn special<T: Number>(at: usize) -> f64 {
    let denormal = 1000.0 * T::LEAST;
    let numbers = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        0.0,
        T::LEAST,
        -denormal,
        0.75,
        -1.5,
    ];
    numbers[at % numbers.len()]
}
const SPECIAL: usize = 8;

/// All pairs of special values and special slopes.
fn pairs<R: Lanes<Element: Number>>() -> Vec<Taylor<R, 2>> {
    (0..SPECIAL * SPECIAL)
        .step_by(R::WIDTH)
        .map(|start| Taylor {
            coefficients: [SPECIAL, 1].map(|stride| {
                R::from_fn(|lane| Number::of(special::<R::Element>((start + lane) / stride)))
            }),
        })
        .collect()
}

fn jet(value: f64, slope: f64) -> Jet {
    let ball = |middle| Ball {
        middle,
        radius: 0.0,
    };
    Jet {
        value: ball(value),
        slope: ball(slope),
    }
}

/// Coefficients in a lane against those of the same formula in double precision: see [`crate::balls`]; where products underflow, each of at most
/// eight roundings is off by at most the least positive number.
fn assert_alike<R: Lanes<Element: Number>>(
    found: &Taylor<R, 2>,
    lane: usize,
    expected: Jet,
    what: &str,
) {
    for (found, ball) in found
        .coefficients
        .iter()
        .zip([expected.value, expected.slope])
    {
        let found = found.lane(lane).to_f64();
        let tolerance = ball.radius + 8.0 * <R::Element as Number>::LEAST;
        assert!(
            alike(found, ball.middle, tolerance),
            "{what}: {found:e}, not {:e}",
            ball.middle
        );
    }
}

fn check_tanh<R: Lanes<Element: Number>>(what: &str) {
    let x = pairs::<R>();
    let mut t = x.clone();
    tanh::<Taylor<R, 2>, AllCoefficients>(&mut t);
    for (x, t) in x.iter().zip(&t) {
        for lane in 0..R::WIDTH {
            let [value, slope] = [0, 1].map(|k| x.coefficients[k].lane(lane).to_f64());
            let expected = jet(value, slope).tanh::<R::Element>();
            assert_alike(
                t,
                lane,
                expected,
                &format!("{what}: tanh of {value}, {slope}"),
            );
        }
    }
    // All pairs of outputs beside all pairs of adjoints.
    for shift in 0..x.len() * R::WIDTH {
        let mut d: Vec<Taylor<R, 2>> = x.clone();
        let at = |i: usize, lane: usize, k: usize| {
            let from = (i * R::WIDTH + lane + shift) % (x.len() * R::WIDTH);
            x[from / R::WIDTH].coefficients[k].lane(from % R::WIDTH)
        };
        for (i, d) in d.iter_mut().enumerate() {
            d.coefficients = [0, 1].map(|k| R::from_fn(|lane| at(i, lane, k)));
        }
        tanh_reverse::<Taylor<R, 2>, AllCoefficients>(&x, &mut d, &mut []);
        for (i, (t, d)) in x.iter().zip(&d).enumerate() {
            for lane in 0..R::WIDTH {
                let [t, before] = [
                    [0, 1].map(|k| t.coefficients[k].lane(lane).to_f64()),
                    [0, 1].map(|k| at(i, lane, k).to_f64()),
                ];
                let expected = plain_before_tanh::<R::Element>(before, t);
                let what = format!("{what}: {before:?} before tanh of value {t:?}");
                assert_alike(d, lane, expected, &what);
            }
        }
    }
}

/// [`Jet::before_tanh`] with all products: balls leave out those with 0, which infinities make NaN.
fn plain_before_tanh<T: Number>([d, d1]: [f64; 2], [t, t1]: [f64; 2]) -> Jet {
    // Rounded as the format rounds, for what underflows there is 0 times an infinity.
    let round = |x: f64| T::of(x).to_f64();
    let ball = jet(d, d1).before_tanh::<T>(&jet(t, t1));
    let (s, s1) = (1.0 - t * t, -2.0 * round(t * t1));
    let [mut value, mut slope] = [ball.value, ball.slope];
    (value.middle, slope.middle) = (d * s, d * s1 + d1 * s);
    Jet { value, slope }
}

/// Ten logits in every lane, of which one is special, and the label elsewhere or there.
fn check_softmax<R: Lanes<Element: Number>>(what: &str) {
    let logit = |class: usize, lane: usize| match (class, lane % SPECIAL) {
        (4, special_one) => special::<R::Element>(special_one),
        (7, 2) => f64::NEG_INFINITY,
        _ => f64::from((class * 5 + lane * 3) as u32 % 11) / 4.0 - 1.5,
    };
    for label in [4, 6] {
        let mut z: Vec<R> = (0..10)
            .map(|class| R::from_fn(|lane| Number::of(logit(class, lane))))
            .collect();
        let y: Vec<R> = (0..10)
            .map(|class| R::constant(f64::from(u8::from(class == label))))
            .collect();
        let loss = softmax_cross_entropy(&mut z, &y);
        for lane in 0..R::WIDTH {
            let logits: Vec<f64> = (0..10).map(|class| logit(class, lane)).collect();
            let largest = logits
                .iter()
                .fold(f64::NEG_INFINITY, |a, &b| Lanes::larger(&a, &b));
            let shifted: Vec<f64> = logits.iter().map(|z| z - largest).collect();
            let total: f64 = shifted.iter().map(|s| s.exp()).sum();
            // A logit of minus infinity has no part in the loss, but 0 times it is NaN.
            let own = shifted.iter().enumerate();
            let own: f64 = own.map(|(k, s)| s * -f64::from(u8::from(k == label))).sum();
            // Shifted logits are at most 4: they are off by 4 units, their exponentials by 6 of themselves, the total by 16, probabilities by 24, the
            // logarithm of the total (at most 10) by 16 + 3 · 2, and the loss (at most 7) by that, 4 of the shift and 10 · 7 in its sum.
            let unit = <R::Element as Number>::UNIT + f64::UNIT;
            let found = loss.lane(lane).to_f64();
            let expected = own + total.ln();
            assert!(
                alike(found, expected, 100.0 * unit),
                "{what}: a loss of {found}, not {expected}, in lane {lane}"
            );
            for (k, s) in shifted.iter().enumerate() {
                let expected = s.exp() / total - f64::from(u8::from(k == label));
                let found = z[k].lane(lane).to_f64();
                assert!(
                    alike(found, expected, 26.0 * unit),
                    "{what}: an adjoint of {found}, not {expected}, in lane {lane}"
                );
            }
        }
    }
}

struct Special;

impl<T: Number> OnLanes<T> for Special {
    fn run<R: Lanes<Element = T>>(&self, what: &str) {
        check_one_lane::<Convolution<5, 2>, Plain<R>, InAlgebra>(what);
        check_one_lane::<Dense, Plain<R>, InAlgebra>(what);
        // 2 / (7 + 25) and 2 / (7 + 1) are squares of 1/4 and 1/2.
        let convolution = Convolution::<5, 2>::new(1, 7, 13);
        check_denormals::<Plain<R>, R>(&convolution, what);
        let dense = Dense::new(25, 7);
        check_denormals::<Plain<R>, R>(&dense, what);
        check_tanh::<R>(what);
        check_softmax::<R>(what);
    }
}

/// With derivatives, which are written once for both precisions.
struct SpecialSeries;

impl OnLanes<f32> for SpecialSeries {
    fn run<R: Lanes<Element = f32>>(&self, what: &str) {
        check_one_lane::<Convolution<3, 1>, Series<R, 2>, OnSharedLine>(what);
    }
}

impl OnLanes<f64> for SpecialSeries {
    fn run<R: Lanes<Element = f64>>(&self, what: &str) {
        check_one_lane::<Dense, Series<R, 2>, OnSharedLine>(what);
    }
}

#[test]
fn special_numbers_are_those_of_plain_arithmetic() {
    on_every_set::<f32>(&Special);
    on_every_set::<f32>(&SpecialSeries);
    on_every_set::<f64>(&Special);
    on_every_set::<f64>(&SpecialSeries);
}

/// `½ Σ_i x_i θ_i²`, whose Hessian-vector products are `x_i u_i`.
#[derive(Clone)]
pub(crate) struct Diagonal(pub(crate) usize);

impl Landscape for Diagonal {
    fn dimension(&self) -> usize {
        self.0
    }
    fn input_width(&self) -> usize {
        self.0
    }
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let mut loss = S::constant(0.0);
        for (w, x) in theta.iter().zip(x) {
            loss += (w.clone() * w.clone()).scale(x);
        }
        loss.scale_element(&S::Element::constant(0.5))
    }
    /// Component by component: by the product rule in all of them at once, an infinity in one would make the others NaN.
    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        for (at, x) in x.iter().enumerate() {
            let mut component = A::constant(0.0);
            theta.at(at).add_times_base(x, &mut component);
            gradient.put(at, component);
        }
        self.loss(&theta.lift(), x)
    }
}

/// Directions of special numbers, a row for each sample, go into lanes and come back from them, and are summed.
fn check_rows<T: Number>(set: InstructionSet, dimension: usize) {
    // Two full registers of doubles and one of singles, and three more.
    let samples = 19;
    let what = format!("{set}, {dimension} weights");
    // Datapoints of ones, and in a column of zeros for infinities to meet.
    let datum = |i: usize| T::of(if i % dimension == 3 { 0.0 } else { 1.0 });
    let data = (0..samples * dimension).map(datum).collect();
    let data = Samples::new(dimension, data).expect("whole rows");
    let component = |at: usize| {
        let (sample, i) = (at / dimension, at % dimension);
        T::of(match i {
            // Sums of whole multiples of the least number are exact.
            0 => (sample as f64 - 7.0) * 5.0 * T::LEAST,
            // One special number, in a lane of a full register or of the rest.
            1 | 2 if sample == 16 * (i - 1) + 1 => special::<T>(dimension),
            _ if i >= 3 => special::<T>(3 * sample + 5 * i),
            _ => 1.0,
        })
    };
    let rows: Vec<T> = (0..samples * dimension).map(component).collect();
    let landscape = Diagonal(dimension);
    let theta = vec![T::of(1.0); dimension];
    let local = PointDerivatives::new(&landscape, &theta, &data)
        .expect("fits")
        .with_instructions(set)
        .expect("it is available");
    let mut found = vec![T::of(7.0); rows.len()];
    let mut sums = vec![T::of(0.0); dimension];
    let pass = Pass {
        directions: vec![Direction::PerSample(&rows)],
        outputs: vec![DerivativeOutput {
            powers: &[1],
            per_sample: Some(&mut found),
            sum: Some(&mut sums),
        }],
    };
    local.pass(0..samples, pass).expect("no failure");
    for (at, (found, u)) in found.iter().zip(&rows).enumerate() {
        // Added to 0, which makes a negative zero positive.
        let mut product = T::of(0.0);
        product += datum(at) * *u;
        assert!(
            found.same(product),
            "{what}: {found:?} at {at}, not {product:?}"
        );
    }
    for (i, found) in sums.iter().enumerate() {
        let column = || found_column(&rows, i, dimension, &datum);
        let expected: f64 = column().sum();
        let size: f64 = column().map(f64::abs).sum();
        let denormal = column().all(|x| x.abs() < 1e5 * T::LEAST);
        let tolerance = if denormal {
            0.0
        } else {
            samples as f64 * (T::UNIT + f64::UNIT) * size
        };
        assert!(
            alike(found.to_f64(), expected, tolerance),
            "{what}: a sum of {found:?}, not {expected:?}, at {i}"
        );
    }
}

/// The products of a column, one for each sample.
fn found_column<T: Number>(
    rows: &[T],
    i: usize,
    dimension: usize,
    datum: &impl Fn(usize) -> T,
) -> impl Iterator<Item = f64> {
    let column = rows.iter().enumerate().skip(i).step_by(dimension);
    column.map(|(at, u)| datum(at).to_f64() * u.to_f64())
}

#[test]
fn rows_of_special_numbers_keep_to_their_lanes() {
    for set in InstructionSet::available() {
        // Fewer than a register has lanes, and more, with tiles that overlap. Every special number has its turn. Of the two precisions, which take the
        // same way, the one with the larger tiles.
        for dimension in [4, 5, 6, 7].into_iter().chain(32..40) {
            check_rows::<f32>(set, dimension);
        }
    }
}
