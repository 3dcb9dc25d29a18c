//! Error function, logistic function, softplus, real powers and logarithms of sums of exponentials, against series with hundreds of digits.

use diagram_algebra::dual::Dual;
use diagram_algebra::exact::Exact;
use diagram_algebra::lanes::InstructionSet;
use diagram_algebra::multidual::MultiDual;
use diagram_algebra::scalar::{Element, Lanes, Scalar};
use diagram_algebra::taylor::Taylor;

use crate::precise::Precise;
use crate::scalars::{Float, WideOp, on};

/// A function with its first four derivatives.
struct Known {
    name: &'static str,
    apply: Function,
    /// Each derivative with the sum of the magnitudes of the terms that it is the sum of.
    derivatives: fn(f64) -> [(Precise, Precise); 5],
}

/// A function of one number.
#[derive(Clone, Copy)]
enum Function {
    Erf,
    Sigmoid,
    Softplus,
    Power(f64),
}

impl Function {
    fn apply<A: Scalar>(self, x: A) -> A {
        match self {
            Function::Erf => x.erf(),
            Function::Sigmoid => x.sigmoid(),
            Function::Softplus => x.softplus(),
            Function::Power(exponent) => x.powf(exponent),
        }
    }
}

fn whole(number: i64) -> Precise {
    Precise::whole(number)
}

/// The exponential of the negative magnitude; 0 where no float is as small.
fn small_exponential(x: f64) -> Precise {
    if x.abs() > 800.0 {
        whole(0)
    } else {
        (-Precise::of(x.abs())).exp()
    }
}

fn sigmoid(x: f64) -> Precise {
    let small = small_exponential(x);
    let numerator = if x < 0.0 { small.clone() } else { whole(1) };
    numerator.over(&(whole(1) + small))
}

fn softplus(x: f64) -> Precise {
    Precise::of(x.max(0.0)) + small_exponential(x).ln_1p()
}

fn erf(x: f64) -> Precise {
    // Beyond 6 the rest is less than exp(-36) / 6 < 4e-17, half a unit of double precision, whose error is counted below.
    if x.abs() > 6.0 {
        whole(x.signum() as i64)
    } else {
        Precise::of(x).erf()
    }
}

/// The derivatives of the logistic function as polynomials in its value, with the sums of the magnitudes of the terms.
fn sigmoid_derivatives(x: f64) -> [(Precise, Precise); 5] {
    const POLYNOMIALS: [&[i64]; 5] = [
        &[1],
        &[1, -1],
        &[1, -3, 2],
        &[1, -7, 12, -6],
        &[1, -15, 50, -60, 24],
    ];
    let s = sigmoid(x);
    POLYNOMIALS.map(|polynomial| {
        let (mut sum, mut size, mut power) = (whole(0), whole(0), s.clone());
        for &factor in polynomial {
            let term = power.clone() * whole(factor);
            sum = sum + term.clone();
            size = size + term.abs();
            power = power * s.clone();
        }
        (sum, size)
    })
}

fn softplus_derivatives(x: f64) -> [(Precise, Precise); 5] {
    let value = softplus(x);
    let [d1, d2, d3, d4, _] = sigmoid_derivatives(x);
    [(value.clone(), value), d1, d2, d3, d4]
}

/// Polynomials of Hermite times the first derivative.
fn erf_derivatives(x: f64) -> [(Precise, Precise); 5] {
    let value = erf(x);
    let square = Precise::of(x) * Precise::of(x);
    let first = (-square).exp() * Precise::two_over_root_pi();
    let terms: [&[(i64, u32)]; 4] = [
        &[(1, 0)],
        &[(-2, 1)],
        &[(4, 2), (-2, 0)],
        &[(-8, 3), (12, 1)],
    ];
    let [d1, d2, d3, d4] = terms.map(|terms| {
        let (mut sum, mut size) = (whole(0), whole(0));
        for &(factor, power) in terms {
            let mut term = first.clone() * whole(factor);
            for _ in 0..power {
                term = term * Precise::of(x);
            }
            sum = sum + term.clone();
            size = size + term.abs();
        }
        (sum, size)
    });
    [(value.clone(), value), d1, d2, d3, d4]
}

/// The power with an exponent that is a multiple of 1/4, by square roots.
fn quarter_power(x: f64, exponent: f64) -> Precise {
    let quarters = (4.0 * exponent) as i64;
    let root = Precise::of(x).sqrt().sqrt();
    let power = (0..quarters.abs()).fold(whole(1), |power, _| power * root.clone());
    if quarters < 0 {
        whole(1).over(&power)
    } else {
        power
    }
}

fn power_derivatives<const QUARTERS: i64>(x: f64) -> [(Precise, Precise); 5] {
    let exponent = QUARTERS as f64 / 4.0;
    std::array::from_fn(|order| {
        let factor: f64 = (0..order).map(|k| exponent - k as f64).product();
        let derivative = Precise::of(factor) * quarter_power(x, exponent - order as f64);
        (derivative.clone(), derivative)
    })
}

const KNOWN: [Known; 8] = [
    Known {
        name: "erf",
        apply: Function::Erf,
        derivatives: erf_derivatives,
    },
    Known {
        name: "sigmoid",
        apply: Function::Sigmoid,
        derivatives: sigmoid_derivatives,
    },
    Known {
        name: "softplus",
        apply: Function::Softplus,
        derivatives: softplus_derivatives,
    },
    Known {
        name: "power -3/4",
        apply: Function::Power(-0.75),
        derivatives: power_derivatives::<-3>,
    },
    Known {
        name: "power 1/2",
        apply: Function::Power(0.5),
        derivatives: power_derivatives::<2>,
    },
    Known {
        name: "power 5/2",
        apply: Function::Power(2.5),
        derivatives: power_derivatives::<10>,
    },
    Known {
        name: "power 2",
        apply: Function::Power(2.0),
        derivatives: power_derivatives::<8>,
    },
    Known {
        name: "power 0",
        apply: Function::Power(0.0),
        derivatives: power_derivatives::<0>,
    },
];

/// For all points, one after the other: the derivatives of order 0 to 4 by nested duals, by series and by multi-dual numbers.
struct DerivativesOf<'a, E> {
    function: Function,
    points: &'a [E],
}

impl<E: Float> WideOp<E> for DerivativesOf<'_, E> {
    fn run<R: Lanes<Element = E>>(self) -> Vec<E> {
        let mut found = vec![];
        for points in self.points.chunks(R::WIDTH) {
            let x = R::from_fn(|lane| points[lane.min(points.len() - 1)]);
            let one = || R::constant(1.0);
            let d1 = Dual {
                value: x.clone(),
                slope: one(),
            };
            let d2 = Dual {
                value: d1,
                slope: Dual::constant(1.0),
            };
            let d3 = Dual {
                value: d2,
                slope: Dual::constant(1.0),
            };
            let d4 = Dual {
                value: d3,
                slope: Dual::constant(1.0),
            };
            let nested = self.function.apply(d4);
            let nested = [
                nested.value.value.value.value,
                nested.value.slope.value.value,
                nested.slope.value.slope.value,
                nested.slope.slope.slope.value,
                nested.slope.slope.slope.slope,
            ];
            let mut line = Taylor::<R, 5>::from_base(x.clone());
            line.coefficients[1] = one();
            let mut series = self.function.apply(line).coefficients;
            for (order, coefficient) in series.iter_mut().enumerate() {
                let factorial: f64 = (1..=order).map(|k| k as f64).product();
                *coefficient = coefficient.clone().times(factorial);
            }
            let directions: Vec<R> = (0..4).map(|_| one()).collect();
            let several = self.function.apply(MultiDual::variable(x, &directions));
            let several =
                [0b0000, 0b0100, 0b1001, 0b1110, 0b1111].map(|set| several.coefficient(set));
            for lane in 0..points.len() {
                for derivatives in [&nested, &series, &several] {
                    found.extend(derivatives.iter().map(|d| d.lane(lane)));
                }
            }
        }
        found
    }
}

/// The values of single floats and of all instruction sets' lanes.
fn values<E: Float>(function: Function, points: &[E]) -> Vec<(String, Vec<E>)> {
    struct Values<'a, E>(Function, &'a [E]);
    impl<E: Float> WideOp<E> for Values<'_, E> {
        fn run<R: Lanes<Element = E>>(self) -> Vec<E> {
            let mut found = vec![];
            for points in self.1.chunks(R::WIDTH) {
                let x = R::from_fn(|lane| points[lane.min(points.len() - 1)]);
                let value = self.0.apply(x);
                found.extend((0..points.len()).map(|lane| value.lane(lane)));
            }
            found
        }
    }
    let single = points.iter().map(|&x| function.apply(x)).collect();
    let mut all = vec![("single".to_string(), single)];
    for set in InstructionSet::on_this_machine() {
        all.push((set.to_string(), on(set, Values(function, points))));
    }
    all
}

/// A grid, and a logarithmic scale from the least numbers up to the range.
fn points<E: Float>(range: f64) -> Vec<E> {
    let grid = (-120..=120).map(|i| range * (f64::from(i) + 0.3) / 120.3);
    let small = (-1074..=0).step_by(13).map(|e| 2f64.powi(e) * range);
    let small = small.flat_map(|x| [x, -x]);
    let all = grid.chain(small).chain([0.0, -0.0]);
    all.map(E::constant).collect()
}

fn check_values<E: Float>(
    function: Function,
    reference: fn(f64) -> Precise,
    points: &[E],
    units: f64,
) {
    let exact: Vec<Precise> = points.iter().map(|x| reference(x.to_f64())).collect();
    for (way, found) in values(function, points) {
        for ((x, found), exact) in points.iter().zip(found).zip(&exact) {
            let off = exact.units_off(found.to_f64(), exact, E::UNIT, E::LEAST);
            assert!(
                off <= units,
                "{way}: at {x:?} it is {found:?}, off by {off} units from {}",
                exact.to_f64()
            );
        }
    }
}

// Bounds in units u, half the distance from 1 to the next number. The exponential e of a negative magnitude is off by 1.8u in lanes (see `scalars`) and
// by one ulp, 2u, in the standard library.
//
// Logistic function: of e / (1 + e) ≤ 1/2 the error of e counts 1 / (1 + e) ≤ 1 times, sum and quotient round: 4u. Of 1 / (1 + e) it counts
// e / (1 + e) ≤ 1/2 times: 3u.
const SIGMOID_UNITS: f64 = 4.0;
// Softplus: 2s = 2e / (2 + e) is off by 2u for e, and u each for sum and quotient: 4u. Series, z = s² ≤ 1/9 times 1/3 + …: 0.04, off by ten units at
// most: 0.4u. ln(1 + e) = 2s (1 + series) rounds once more: 1u, and in portable code twice: 2u. The errors of s count at most
// d ln artanh s / d ln s ≤ 1.09 times. Adding max(x, 0) rounds: 1u. In all 4.4 + 0.4 + 2 + 1 < 8.
const SOFTPLUS_UNITS: f64 = 8.0;
// The library's error function is good to one ulp, which is up to 2u; beyond 6 the reference is off by half a unit.
const ERF_UNITS: f64 = 2.5;
// The standard library's powers are good to one ulp; in single precision they are rounded once more.
const POWER_UNITS: f64 = 3.0;

#[test]
fn logistic_functions_are_accurate_everywhere() {
    for range in [1.0, 40.0, 800.0] {
        check_values::<f64>(Function::Sigmoid, sigmoid, &points(range), SIGMOID_UNITS);
        check_values::<f32>(Function::Sigmoid, sigmoid, &points(range), SIGMOID_UNITS);
    }
}

#[test]
fn softplus_is_accurate_everywhere() {
    for range in [1.0, 40.0, 800.0] {
        check_values::<f64>(Function::Softplus, softplus, &points(range), SOFTPLUS_UNITS);
        check_values::<f32>(Function::Softplus, softplus, &points(range), SOFTPLUS_UNITS);
    }
}

#[test]
fn error_functions_are_accurate_everywhere() {
    for range in [0.9, 7.0, 30.0] {
        check_values::<f64>(Function::Erf, erf, &points(range), ERF_UNITS);
        check_values::<f32>(Function::Erf, erf, &points(range), ERF_UNITS);
    }
}

#[test]
fn powers_are_accurate() {
    fn check<E: Float>() {
        let positive = |x: &E| x.to_f64() > 1e-30;
        let points: Vec<E> = points(60.0).into_iter().filter(positive).collect();
        for known in KNOWN {
            if let Function::Power(_) = known.apply {
                let derivatives = known.derivatives;
                let exact: Vec<Precise> = points
                    .iter()
                    .map(|x| derivatives(x.to_f64())[0].0.clone())
                    .collect();
                for (way, found) in values(known.apply, &points) {
                    for ((x, found), exact) in points.iter().zip(found).zip(&exact) {
                        let off = exact.units_off(found.to_f64(), exact, E::UNIT, E::LEAST);
                        assert!(
                            off <= POWER_UNITS,
                            "{way}: {} of {x:?} is {found:?}, off by {off}",
                            known.name
                        );
                    }
                }
            }
        }
    }
    check::<f32>();
    check::<f64>();
}

/// Values at the ends of the range of floats.
#[test]
fn nothing_overflows_and_nan_stays() {
    fn check<E: Float>() {
        let ends = [
            f64::NEG_INFINITY,
            f64::MIN,
            f64::MAX,
            f64::INFINITY,
            f64::NAN,
        ];
        let points = ends.map(E::constant);
        let expected: [(Function, [f64; 4]); 3] = [
            (Function::Sigmoid, [0.0, 0.0, 1.0, 1.0]),
            (
                Function::Softplus,
                [0.0, 0.0, points[2].to_f64(), f64::INFINITY],
            ),
            (Function::Erf, [-1.0, -1.0, 1.0, 1.0]),
        ];
        for (function, expected) in expected {
            for (way, found) in values(function, &points) {
                let found: Vec<f64> = found.iter().map(Element::to_f64).collect();
                assert_eq!(found[..4], expected, "{way}");
                assert!(found[4].is_nan(), "{way}");
            }
        }
    }
    check::<f32>();
    check::<f64>();
}

/// The derivatives of order k take some 2^k products and sums of the terms that they are made of, each off by a rounding or two, and values and first
/// derivatives that are off by up to 8 units.
#[test]
fn derivatives_are_those_of_the_series() {
    fn check<E: Float>() {
        for known in KNOWN {
            let (from, to) = match known.apply {
                Function::Power(_) => (0.02, 9.0),
                Function::Erf => (-5.0, 5.0),
                _ => (-60.0, 60.0),
            };
            let points: Vec<E> = (0..60)
                .map(|i| E::constant(from + (to - from) * (f64::from(i) + 0.3) / 60.0))
                .collect();
            let exact: Vec<_> = points
                .iter()
                .map(|x| (known.derivatives)(x.to_f64()))
                .collect();
            for set in InstructionSet::on_this_machine() {
                let op = DerivativesOf {
                    function: known.apply,
                    points: &points,
                };
                let found = on(set, op);
                for ((x, found), exact) in points.iter().zip(found.chunks(15)).zip(&exact) {
                    for (at, found) in found.iter().enumerate() {
                        let (way, order) = (["duals", "series", "multi-duals"][at / 5], at % 5);
                        let (derivative, size) = &exact[order];
                        // In single precision the argument of exp(-x²) is rounded, which counts x² times.
                        let argument = match known.apply {
                            Function::Erf if order > 0 => 2.0 * x.to_f64() * x.to_f64(),
                            _ => 0.0,
                        };
                        let units = f64::from(1 << order) * 8.0 + argument * (order + 1) as f64;
                        let off = if *size == whole(0) {
                            found.to_f64().abs() / E::UNIT
                        } else {
                            derivative.units_off(found.to_f64(), size, E::UNIT, E::LEAST * 16.0)
                        };
                        assert!(
                            off <= units,
                            "{set}: {} of {x}, order {order}, by {way}: {found}, not {}, off by {off} units",
                            known.name,
                            derivative.to_f64()
                        );
                    }
                }
            }
        }
    }
    check::<f32>();
    check::<f64>();
}

/// At a base of zero a power has derivatives as far as they are finite, and those of a whole power are all finite; a negative base may have a whole
/// exponent.
#[test]
fn powers_of_zero_and_of_negative_numbers() {
    let line = |value: f64| Taylor {
        coefficients: [value, 1.0, 0.0, 0.0],
    };
    let dual = |value: f64| Dual {
        value: Dual { value, slope: 1.0 },
        slope: Dual::constant(1.0),
    };
    assert_eq!(line(0.0).powf(2.0).coefficients, [0.0, 0.0, 1.0, 0.0]);
    assert_eq!(line(0.0).powf(0.0).coefficients, [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(line(-2.0).powf(3.0).coefficients, [-8.0, 12.0, -6.0, 1.0]);
    assert_eq!(line(0.0).powf(2.5).coefficients[..3], [0.0, 0.0, 0.0]);
    assert!(!line(0.0).powf(2.5).coefficients[3].is_finite());
    assert!(line(-2.0).powf(0.5).primal().is_nan());
    assert_eq!(dual(0.0).powf(2.0).slope.slope, 2.0);
    assert_eq!(dual(0.0).powf(1.0).slope.value, 1.0);
    let several = MultiDual::variable(0.0, &[1.0, 1.0]).powf(2.0);
    assert_eq!(several.coefficient(0b11), 2.0);
}

/// In exact arithmetic a function has a value where that is rational.
#[test]
fn rational_values_are_exact() {
    let of = |numerator: i64, denominator: i64| Exact::from(numerator) / Exact::from(denominator);
    assert_eq!(of(4, 9).powf(1.5), of(8, 27));
    assert_eq!(of(4, 9).powf(-0.5), of(3, 2));
    assert_eq!(of(-2, 3).powf(3.0), of(-8, 27));
    assert_eq!(of(0, 1).powf(0.1), of(0, 1));
    assert_eq!(of(0, 1).powf(0.0), of(1, 1));
    assert_eq!(of(1, 1).powf(0.1), of(1, 1));
    assert_eq!(of(0, 1).sigmoid(), of(1, 2));
    assert_eq!(of(0, 1).erf(), of(0, 1));
    // All derivatives of the logistic function at zero are rational; that of the error function is not.
    let line = Taylor {
        coefficients: [0, 1, 0, 0].map(Exact::from),
    };
    assert_eq!(
        line.clone().sigmoid().coefficients,
        [of(1, 2), of(1, 4), of(0, 1), of(-1, 48)]
    );
    assert!(line.erf().coefficients[1].rational().is_none());
    let undefined = [
        of(2, 1).powf(0.5),
        of(-4, 1).powf(0.5),
        of(0, 1).powf(-1.0),
        of(2, 1).powf(f64::NAN),
        of(2, 1).powf(1e300),
        of(1, 1).sigmoid(),
        of(0, 1).softplus(),
        of(1, 2).erf(),
    ];
    for (at, number) in undefined.iter().enumerate() {
        assert!(number.rational().is_none(), "{at}: {number}");
    }
}

/// Up to roundings of the largest exponents the logarithm of the sum is that of the series, in any order and at any size; its gradient is the softmax.
#[test]
fn logarithms_of_sums_of_exponentials() {
    let lists: [&[f64]; 6] = [
        &[0.0, 0.0],
        &[1.0, -2.0, 0.5, 3.25],
        &[-700.0, 700.0],
        &[1e300, -1e300, 3.0],
        &[-1e10, 1.0, -20.0],
        &[f64::NEG_INFINITY, 2.0, 1.5],
    ];
    for list in lists {
        let largest = list.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum = list
            .iter()
            .fold(whole(0), |sum, &x| sum + small_exponential(x - largest));
        // The sums are at most 2, so that the series of ln(1 + …) converges.
        let expected = Precise::of(largest) + (sum.clone() - whole(1)).ln_1p();
        let dual = |at: usize| -> Vec<Dual<f64>> {
            let number = |(i, &value): (usize, &f64)| Dual {
                value,
                slope: f64::from(u8::from(i == at)),
            };
            list.iter().enumerate().map(number).collect()
        };
        for at in 0..list.len() {
            let Dual { value, slope } = Scalar::log_sum_exp(&dual(at));
            // Each of up to three steps is off by a rounding or two of the value and by 8 units of a softplus below ln 2.
            let size = expected.abs() + whole(1);
            assert!(
                expected.units_off(value, &size, f64::EPSILON / 2.0, 0.0) <= 30.0,
                "{list:?}: {value}"
            );
            let probability = small_exponential(list[at] - largest).over(&sum);
            // A logistic function for each step, each off by 4 units and by the rounding of its argument.
            let exact = probability.to_f64();
            let argument = 2.0
                * list.iter().fold(0.0f64, |size, x| {
                    if x.abs() < 1e3 {
                        size.max(x.abs())
                    } else {
                        size
                    }
                });
            assert!(
                (slope - exact).abs() <= (20.0 + 3.0 * argument) * f64::EPSILON,
                "{list:?} {at}: {slope}, not {exact}"
            );
        }
    }
    let none: [f64; 0] = [];
    assert_eq!(Scalar::log_sum_exp(&none), f64::NEG_INFINITY);
    assert_eq!(Scalar::log_sum_exp(&[3.5]), 3.5);
}

/// Numbers and data in formulas.
#[test]
fn sums_and_products_with_constants() {
    let x = Dual {
        value: Exact::from(3),
        slope: Exact::from(1),
    };
    let half = Exact::from(1) / Exact::from(2);
    let found = x
        .minus(0.5)
        .square()
        .times(0.5)
        .plus(2.0)
        .plus_base(&half)
        .minus_base(&Exact::from(5));
    // (x - 1/2)²/2 + 2 + 1/2 - 5 at 3, and its slope x - 1/2.
    assert_eq!(
        (found.value, found.slope),
        (Exact::constant(0.625), Exact::constant(2.5))
    );
}
