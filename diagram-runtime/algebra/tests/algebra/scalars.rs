//! Every operation of every algebra: exact where arithmetic is exact, within derived bounds where it rounds.

use diagram_algebra::dual::{Dual, DualWeight, PerLane};
use diagram_algebra::exact::Exact;
use diagram_algebra::lanes::{InstructionSet, Isa, IsaOp, dispatch, dispatch_to};
use diagram_algebra::multidual::MultiDual;
use diagram_algebra::scalar::{Broadcast, Element, Lanes, Scalar, Weight};
use diagram_algebra::taylor::{Line, Taylor};
use num_rational::BigRational;
use proptest::prelude::*;

/// What a float format needs for its tests.
pub(super) trait Float: Element + Copy {
    /// Half the distance from 1 to the next number.
    const UNIT: f64;
    /// The least positive number.
    const LEAST: f64;
    /// Up to this size, sines and cosines of lanes are not the standard library's.
    const CIRCLE_RANGE: f64;
    /// How far the argument of sines and cosines may be off after its reduction, but for roundings relative to what is left of it.
    const CIRCLE_REDUCTION: f64;
    fn fused(self, by: Self, to: Self) -> Self;
    fn same(self, other: Self) -> bool;
    fn wide<I: Isa>(op: impl WideOp<Self>) -> Vec<Self>;
}

/// Something to do with lanes of whatever width.
pub(super) trait WideOp<E> {
    fn run<R: Lanes<Element = E>>(self) -> Vec<E>;
}

macro_rules! float {
    ($float:ident, $lanes:ident, $unit:expr, $least:expr, $range:expr, $reduction:expr) => {
        impl Float for $float {
            const UNIT: f64 = $unit;
            const LEAST: f64 = $least;
            const CIRCLE_RANGE: f64 = $range;
            const CIRCLE_REDUCTION: f64 = $reduction;
            fn fused(self, by: Self, to: Self) -> Self {
                self.mul_add(by, to)
            }
            /// The same bits, or both NaN: which NaN is up to the machine.
            fn same(self, other: Self) -> bool {
                self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
            }
            fn wide<I: Isa>(op: impl WideOp<Self>) -> Vec<Self> {
                op.run::<I::$lanes>()
            }
        }
    };
}

float!(
    f32,
    F32,
    f32::EPSILON as f64 / 2.0,
    f32::from_bits(1) as f64,
    1e4,
    4e-11
);
float!(
    f64,
    F64,
    f64::EPSILON / 2.0,
    f64::from_bits(1),
    1e5,
    2.1e-32
);

struct OnSet<E, Op>(Op, std::marker::PhantomData<E>);

impl<E: Float, Op: WideOp<E>> IsaOp for OnSet<E, Op> {
    type Output = Vec<E>;
    fn run<I: Isa>(self) -> Vec<E> {
        E::wide::<I>(self.0)
    }
}

pub(super) fn on<E: Float>(set: InstructionSet, op: impl WideOp<E>) -> Vec<E> {
    dispatch_to(set, OnSet(op, std::marker::PhantomData))
}

/// Every operation of lanes.
const OPERATIONS: [&str; 25] = [
    "add",
    "sub",
    "mul",
    "div",
    "neg",
    "add_assign",
    "scale",
    "scale_element",
    "add_base",
    "max",
    "sqrt",
    "ln",
    "sin",
    "cos",
    "recip",
    "exp",
    "tanh",
    "from_base",
    "constant",
    "splat",
    "primal",
    "add_product",
    "add_scaled",
    "add_product_base",
    "powi",
];

fn operate<R: Lanes>(operation: usize, a: R, b: R, c: R, b0: &R::Element) -> R {
    let mut to = c;
    match OPERATIONS[operation] {
        "add" => a + b,
        "sub" => a - b,
        "mul" => a * b,
        "div" => a / b,
        "neg" => -a,
        "add_assign" => {
            to += a;
            to
        }
        "scale" => a.scale(&b),
        "scale_element" => a.scale_element(b0),
        "add_base" => {
            to.add_base(&a);
            to
        }
        "max" => Lanes::larger(&a, &b),
        "sqrt" => a.sqrt(),
        "ln" => a.ln(),
        "sin" => a.sin(),
        "cos" => a.cos(),
        "recip" => a.recip(),
        "exp" => a.exp(),
        "tanh" => a.tanh(),
        "from_base" => R::from_base(a),
        "constant" => R::constant(b0.to_f64()),
        "splat" => R::splat(b0.clone()),
        "primal" => a.primal().clone(),
        "add_product" => {
            to.add_product(&a, &b);
            to
        }
        "add_scaled" => {
            to.add_scaled(&a, b0);
            to
        }
        "add_product_base" => {
            to.add_product_base(&a, &b);
            to
        }
        "powi" => a.powi(7),
        other => unreachable!("{other}"),
    }
}

struct Operation<'a, E> {
    which: usize,
    a: &'a [E],
    b: &'a [E],
    c: &'a [E],
}

impl<E: Float> WideOp<E> for Operation<'_, E> {
    fn run<R: Lanes<Element = E>>(self) -> Vec<E> {
        let pick = |numbers: &[E], start: usize| {
            R::from_fn(|lane| numbers[(start + lane) % numbers.len()])
        };
        (0..self.a.len())
            .step_by(R::WIDTH)
            .flat_map(|start| {
                // One number for all lanes, where an operation takes that, is the second operand's first in the register.
                let b0 = self.b[start];
                let (a, b, c) = (
                    pick(self.a, start),
                    pick(self.b, start),
                    pick(self.c, start),
                );
                let result = operate::<R>(self.which, a, b, c, &b0);
                (0..R::WIDTH)
                    .map(|lane| result.lane(lane))
                    .collect::<Vec<_>>()
            })
            .take(self.a.len())
            .collect()
    }
}

fn at<E: Float>(set: InstructionSet, name: &str, a: &[E], b: &[E], c: &[E]) -> Vec<E> {
    let which = OPERATIONS
        .iter()
        .position(|o| *o == name)
        .expect("an operation");
    on(set, Operation { which, a, b, c })
}

fn map<E: Float>(set: InstructionSet, name: &str, a: &[E]) -> Vec<E> {
    at(set, name, a, a, a)
}

/// The lanes of both formats on every instruction set are as wide as the documentation of [`Isa`] says.
#[test]
fn widths_and_names() {
    struct Widths;
    impl IsaOp for Widths {
        type Output = (usize, usize, &'static str);
        fn run<I: Isa>(self) -> Self::Output {
            (I::F32::WIDTH, I::F64::WIDTH, I::NAME)
        }
    }
    for set in InstructionSet::on_this_machine() {
        let name = set.to_string();
        assert_eq!(dispatch_to(set, Widths), (16, 8, &name[..]));
    }
    assert_eq!(dispatch(Widths).2, InstructionSet::label());
    assert_eq!(
        InstructionSet::on_this_machine().last(),
        Some(&InstructionSet::Portable)
    );
}

/// What each operation must be in terms of the standard library, one number at a time. Multiply-adds are fused on machines with the instruction.
fn expected<E: Float>(set: InstructionSet, name: &str, [a, b, c, b0]: [E; 4]) -> Option<E> {
    let product = |by: E| {
        if set == InstructionSet::Portable {
            let mut to = c;
            to += a * by;
            to
        } else {
            a.fused(by, c)
        }
    };
    Some(match name {
        "add" => a + b,
        "sub" => a - b,
        "mul" | "scale" => a * b,
        "div" => a / b,
        "neg" => -a,
        "add_assign" | "add_base" => c + a,
        "scale_element" => a * b0,
        "sqrt" => a.sqrt(),
        "ln" => a.ln(),
        "recip" => E::constant(1.0) / a,
        "from_base" | "primal" => a,
        "constant" | "splat" => b0,
        "add_product" | "add_product_base" => product(b),
        "add_scaled" => product(b0),
        // Repeated squaring, from the lowest bit: 1 · a · a² · a⁴.
        "powi" => a * (a * a) * ((a * a) * (a * a)),
        // Elementary functions round differently, max has a free choice of zeros: see their own tests.
        "exp" | "tanh" | "sin" | "cos" | "max" => return None,
        other => unreachable!("{other}"),
    })
}

fn check_arithmetic<E: Float>(numbers: &[[E; 3]], width: usize) {
    let column = |i: usize| numbers.iter().map(|n| n[i]).collect::<Vec<E>>();
    let (a, b, c) = (column(0), column(1), column(2));
    for set in InstructionSet::on_this_machine() {
        for name in OPERATIONS {
            for (i, found) in at(set, name, &a, &b, &c).into_iter().enumerate() {
                let operands = [a[i], b[i], c[i], b[i / width * width]];
                if let Some(expected) = expected(set, name, operands) {
                    assert!(
                        found.same(expected),
                        "{set}: {name} of {operands:?} is {found:?}, not {expected:?}"
                    );
                }
            }
        }
    }
}

fn check_max<E: Float>(numbers: &[[E; 3]]) {
    let (a, b): (Vec<E>, Vec<E>) = numbers.iter().map(|n| (n[0], n[1])).unzip();
    for set in InstructionSet::on_this_machine() {
        let lanes = at(set, "max", &a, &b, &a);
        let plain = a.iter().zip(&b).map(|(a, b)| Lanes::larger(a, b));
        for (((a, b), found), plain) in a.iter().zip(&b).zip(lanes).zip(plain) {
            if a.partial_cmp(b).is_none() {
                assert!(
                    found.to_f64().is_nan() && plain.to_f64().is_nan(),
                    "{set}: {a:?}, {b:?}"
                );
            } else {
                let larger = if a > b { a } else { b };
                assert!(found == *larger && plain == *larger, "{set}: {a:?}, {b:?}");
            }
        }
    }
}

/// Numbers of every kind: NaN, infinite, denormal, zeros; and as many of ordinary size, where roundings show.
fn any_f64() -> impl Strategy<Value = f64> {
    prop_oneof![prop::num::f64::ANY, -10.0..10.0f64]
}

fn any_f32() -> impl Strategy<Value = f32> {
    prop_oneof![prop::num::f32::ANY, -10.0..10.0f32]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn lanes_of_doubles_are_doubles(numbers in prop::collection::vec(prop::array::uniform3(any_f64()), 1..20)) {
        check_arithmetic(&numbers, 8);
        check_max(&numbers);
    }

    #[test]
    fn lanes_of_singles_are_singles(numbers in prop::collection::vec(prop::array::uniform3(any_f32()), 1..40)) {
        check_arithmetic(&numbers, 16);
        check_max(&numbers);
    }

    #[test]
    fn sums_add_half_to_half(
        doubles in prop::array::uniform8(-10.0..10.0f64),
        singles in prop::array::uniform16(-10.0..10.0f32),
    ) {
        struct Sum<'a, T>(&'a [T]);
        impl<T: Element + Copy> WideOp<T> for Sum<'_, T> {
            fn run<R: Lanes<Element = T>>(self) -> Vec<T> {
                vec![R::from_fn(|lane| self.0[lane]).sum()]
            }
        }
        fn halved<T: Element + Copy>(numbers: &[T]) -> T {
            let (lower, upper) = numbers.split_at(numbers.len() / 2);
            match numbers {
                [number] => *number,
                _ => halved(&lower.iter().zip(upper).map(|(a, b)| *a + *b).collect::<Vec<_>>()),
            }
        }
        for set in InstructionSet::on_this_machine() {
            prop_assert_eq!(on(set, Sum(&doubles)), [halved(&doubles)]);
            prop_assert_eq!(on(set, Sum(&singles)), [halved(&singles)]);
        }
    }

    /// Lane j of scalar i is lane i of scalar j.
    #[test]
    fn tiles_are_transposed(
        doubles in prop::collection::vec(any_f64(), 64),
        singles in prop::collection::vec(any_f32(), 256),
    ) {
        struct Transpose<'a, T>(&'a [T]);
        impl<T: Element + Copy> WideOp<T> for Transpose<'_, T> {
            fn run<R: Lanes<Element = T>>(self) -> Vec<T> {
                let row = |row: &[T]| R::from_fn(|lane| row[lane]);
                let tile: Vec<R> = self.0.chunks(R::WIDTH).map(row).collect();
                let mut transposed = self.0.to_vec();
                let mut rows = transposed.chunks_mut(R::WIDTH);
                let mut given = 0..;
                R::transpose(
                    |i| tile[i].clone(),
                    |i, scalar| {
                        assert_eq!(given.next(), Some(i), "each row is given once, in order");
                        scalar.store(rows.next().expect("as many rows as lanes"));
                    },
                );
                transposed
            }
        }
        for set in InstructionSet::on_this_machine() {
            let found = on(set, Transpose(&doubles));
            for (at, number) in found.iter().enumerate() {
                prop_assert_eq!(number.to_bits(), doubles[at % 8 * 8 + at / 8].to_bits());
            }
            let found = on(set, Transpose(&singles));
            for (at, number) in found.iter().enumerate() {
                prop_assert_eq!(number.to_bits(), singles[at % 16 * 16 + at / 16].to_bits());
            }
        }
    }
}

/// Points over the range of a function: a fine grid, its neighbourhood of 0 on a logarithmic scale, and the given ones.
fn points(range: f64, special: &[f64]) -> Vec<f64> {
    let grid = (0..=20_000).map(|i| range * (f64::from(i) / 10_000.0 - 1.0));
    let small = (-1074..=9).map(|e| 2f64.powi(e) * 1.37);
    let small = small.flat_map(|x| [x, -x]);
    grid.chain(small).chain(special.iter().copied()).collect()
}

/// Within `units` of the format's relative rounding unit of a reference that is itself off by `reference_units` double units, and an `absolute`
/// error; where results are denormal the spacing is absolute, too.
fn check_elementary<E: Float>(
    name: &str,
    points: &[f64],
    reference: impl Fn(f64) -> f64,
    units: f64,
    reference_units: f64,
    absolute: f64,
) {
    let arguments: Vec<E> = points.iter().map(|&x| E::constant(x)).collect();
    for set in InstructionSet::on_this_machine() {
        for (x, found) in arguments.iter().zip(map(set, name, &arguments)) {
            let exact = reference(x.to_f64());
            // What is infinite in the format is infinite, and what is not is not, but for a rounding.
            let (rounded, found) = (E::constant(exact).to_f64(), found.to_f64());
            if !rounded.is_finite() || !found.is_finite() {
                assert!(
                    found == rounded || found.is_nan() && rounded.is_nan(),
                    "{set}: {name}({x:?}) is {found:e}, not {rounded:e}"
                );
                continue;
            }
            let tolerance =
                (units * E::UNIT + reference_units * f64::UNIT) * exact.abs() + absolute + E::LEAST;
            assert!(
                (found - exact).abs() <= tolerance,
                "{set}: {name}({x:?}) is {found:e}, not {exact:e}: off by {} units",
                (found - exact).abs() / exact.abs() / E::UNIT
            );
        }
    }
}

// The bounds, in units u = half the distance from 1 to the next number, with x = k ln 2 + r, |r| ≤ 0.35, and 2^k p + 2^k for e^x:
//
// r is off by ½ ulp(r) ≤ u/4 (the product with the first part of ln 2 and its difference from x are exact, the second part is small);
// in single precision the product with the second part is up to 0.03 and adds u/30.
// p = r + r (r s) is off by ½ ulp(p) ≤ u/4, and r² s ≤ 0.07 by the three or so roundings in s and the products: u/4.
// So e^r is off by e^r (0.28 + 0.5) u, and 1 + p rounds once more: u/2 below 1, u above.
// Relative to e^r, which is at least 0.7: at most 0.28 + 0.5/0.7 + 0.5/0.7 < 1.8 below 1, 0.28 + 0.5 + 1 < 1.8 above.
const EXP_UNITS: f64 = 1.8;
// tanh x = e / (e + 2), e = e^2x - 1; relative errors of e count 2/(e + 2) times, and sum and quotient round: 2 units.
// k = 0: r is exact; p is off by u for its sum and 4u for r² s, a sixth of it: 1.7.
// k = 1: e ≥ 0.41 is 2p + 1, off by twice 0.2 (r) + 0.25 (p) + 0.05 · 4 (r² s), and by its own rounding 0.25: 1.6 of 0.41, 3.9, which counts
// 0.83 times: 3.2. Larger k are better, as 2^k - 1 nears 2^k: (0.28 e^r + 0.5) 2^k / e < 2.2 at e ≥ 1.8.
const TANH_UNITS: f64 = 5.2;
// sin and cos, with x = k π/2 + r, |r| ≤ π/4 (and a thousandth more where k was rounded the wrong way), π/2 = P + Q + R + a rest:
//
// x - kP is exact: k P is, and is within a factor 2 of x if k is not 0. Subtracting kQ, exact too, rounds only if the result is at least half as
// large as kQ, and then nothing cancels when kR, thousands of times smaller, is subtracted: r is off by two roundings of its own size, ½ ulp(r) ≤
// u/2 each, and by an absolute error for the roundings of kR and for what is left of π/2. In double precision k ≤ 63,663 counts R u = 2.2e-37 and the
// rest 1.0e-37: 2.1e-32; in single precision k ≤ 6,367 counts 4.5e-15 and 1.7e-15: 4e-11.
// sin: the roundings of r count r cot r ≤ 1 times, 2u; r³ (1/6 - …), at most 0.11 of the result, is off by four roundings, 0.44u, and the sum
// rounds, u: 3.5.
// cos ≥ 0.7: the roundings of r, u in all, count tan r ≤ 1 times; r²/2 ≤ 0.31 is off by u, r⁴/24 - … ≤ 0.016 by three, and both sums round, u/2
// each (they are below 1): 1.4u of 0.7: 3.0.
const CIRCLE_UNITS: f64 = 3.6;
// The C library's exp, sin and cos are good to 1 ulp, at most 2u, and its tanh to 2 ulp, 4u.
const STD_EXP_UNITS: f64 = 2.0;
const STD_CIRCLE_UNITS: f64 = 2.0;
const STD_TANH_UNITS: f64 = 4.0;

const SPECIAL: [f64; 12] = [
    0.0,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    f64::MAX,
    f64::MIN,
    // The last arguments with finite results, and the first without.
    709.782_712_893_384,
    709.782_712_893_384_1,
    88.722_83,
    88.722_84,
    // Around the last positive results.
    -745.133_219_101_941_1,
    -103.972_08,
];

#[test]
fn exponentials_are_accurate_everywhere() {
    for range in [1.0, 110.0, 760.0] {
        let points = points(range, &SPECIAL);
        check_elementary::<f64>("exp", &points, f64::exp, EXP_UNITS, STD_EXP_UNITS, 0.0);
        check_elementary::<f32>("exp", &points, f64::exp, EXP_UNITS, STD_EXP_UNITS, 0.0);
    }
}

#[test]
fn hyperbolic_tangents_are_accurate_everywhere() {
    for range in [0.5, 3.0, 25.0] {
        let points = points(range, &SPECIAL);
        check_elementary::<f64>("tanh", &points, f64::tanh, TANH_UNITS, STD_TANH_UNITS, 0.0);
        check_elementary::<f32>("tanh", &points, f64::tanh, TANH_UNITS, STD_TANH_UNITS, 0.0);
    }
}

fn check_circle<E: Float>() {
    // The numbers nearest to quarter turns, where almost all of the argument cancels.
    let turns = (1..=6_366).chain((6_367..70_000).step_by(11));
    let turns: Vec<f64> = turns
        .map(|k| f64::from(k) * std::f64::consts::FRAC_PI_2)
        .flat_map(|x| [x, -x])
        .chain(SPECIAL)
        .collect();
    let end = E::CIRCLE_RANGE;
    for range in [1.0, 30.0, end, 1.01 * end, 1e9] {
        let points = points(range, &turns);
        for (name, reference) in [("sin", f64::sin as fn(f64) -> f64), ("cos", f64::cos)] {
            // Beyond the range lanes are the standard library's, good to 1 ulp as well.
            check_elementary::<E>(
                name,
                &points,
                reference,
                CIRCLE_UNITS,
                STD_CIRCLE_UNITS,
                E::CIRCLE_REDUCTION,
            );
        }
    }
}

#[test]
fn sines_and_cosines_are_accurate_everywhere() {
    check_circle::<f64>();
    check_circle::<f32>();
}

/// The sine is odd and the cosine even, to the bit; zeros keep their sign, no result leaves [-1, 1], and none depends on its neighbours, some of
/// which leave the range.
#[test]
fn sines_and_cosines_are_symmetric_and_bounded() {
    let points = points(1e3, &[0.0, 1e300, 2e5, f64::MIN_POSITIVE]);
    let opposite: Vec<f64> = points.iter().map(|x| -x).collect();
    for set in InstructionSet::on_this_machine() {
        for (name, sign) in [("sin", -1.0), ("cos", 1.0)] {
            let minus = map(set, name, &opposite);
            for ((x, y), minus) in points.iter().zip(map(set, name, &points)).zip(minus) {
                assert_eq!(y.to_bits(), (sign * minus).to_bits(), "{set}: {name}({x})");
                assert!(y.abs() <= 1.0, "{set}: {name}({x}) is {y}");
                let alone = map(set, name, &[*x; 8])[3];
                assert_eq!(y.to_bits(), alone.to_bits(), "{set}: {name}({x})");
                if name == "sin" && x.abs() < 1.0 {
                    assert_eq!(y.is_sign_negative(), x.is_sign_negative(), "{set}: {x}");
                }
            }
        }
    }
}

/// tanh is odd to the bit, zeros keep their sign, and no result leaves [-1, 1].
#[test]
fn hyperbolic_tangents_are_odd_and_bounded() {
    let points = points(25.0, &[0.0, f64::INFINITY, 1e300]);
    let opposite: Vec<f64> = points.iter().map(|x| -x).collect();
    for set in InstructionSet::on_this_machine() {
        for ((x, t), minus) in points
            .iter()
            .zip(map(set, "tanh", &points))
            .zip(map(set, "tanh", &opposite))
        {
            assert_eq!(t.to_bits(), (-minus).to_bits(), "{set}: {x}");
            assert!(t.abs() <= 1.0, "{set}: tanh({x}) is {t}");
            assert_eq!(t.is_sign_negative(), x.is_sign_negative(), "{set}: {x}");
        }
    }
}

/// Both vector instruction sets fuse and round alike: a result does not depend on which of them a machine has.
#[test]
fn vector_instruction_sets_agree_to_the_bit() {
    let fused: Vec<_> = InstructionSet::on_this_machine()
        .into_iter()
        .filter(|&set| set != InstructionSet::Portable)
        .collect();
    let points = points(30.0, &SPECIAL);
    let singles: Vec<f32> = points.iter().map(|&x| x as f32).collect();
    for name in ["exp", "tanh", "sin", "cos"] {
        for pair in fused.windows(2) {
            let same = |(a, b): (f64, f64)| a.same(b);
            assert!(
                map(pair[0], name, &points)
                    .into_iter()
                    .zip(map(pair[1], name, &points))
                    .all(same),
                "{name}"
            );
            let same = |(a, b): (f32, f32)| a.same(b);
            assert!(
                map(pair[0], name, &singles)
                    .into_iter()
                    .zip(map(pair[1], name, &singles))
                    .all(same),
                "{name}"
            );
        }
    }
}

/// Plain floats are the standard library's, and elements convert as they say.
#[test]
fn plain_floats() {
    for x in [0.3f64, 1.0, 2.5, 1e-300, f64::INFINITY] {
        assert_eq!(Scalar::exp(x).to_bits(), f64::exp(x).to_bits());
        assert_eq!(Scalar::tanh(x).to_bits(), f64::tanh(x).to_bits());
        assert_eq!(Scalar::ln(x).to_bits(), f64::ln(x).to_bits());
        assert!(Scalar::sin(x).same(f64::sin(x)) && Scalar::cos(x).same(f64::cos(x)));
        assert_eq!(Scalar::sqrt(x).to_bits(), f64::sqrt(x).to_bits());
        let single = x as f32;
        assert_eq!(Scalar::exp(single).to_bits(), f32::exp(single).to_bits());
        assert_eq!(Scalar::tanh(single).to_bits(), f32::tanh(single).to_bits());
        assert_eq!(Element::to_f64(&x).to_bits(), x.to_bits());
        assert_eq!(Element::is_finite(&x), x < f64::INFINITY);
    }
    let third = BigRational::new(1.into(), 3.into());
    assert_eq!(<f64 as Element>::from_rational(&third), 1.0 / 3.0);
    assert_eq!(<f32 as Element>::from_rational(&third), 1.0 / 3.0);
    assert_eq!(
        Exact::from_rational(&third) * Exact::from(3),
        Exact::from(1)
    );
}

/// What is not a rational number is undefined, stays so, and equals nothing.
#[test]
fn undefined_is_what_nan_is() {
    let one = || Exact::from(1);
    let undefined = [
        one() / Exact::from(0),
        Exact::constant(f64::NAN),
        Exact::constant(f64::INFINITY),
        one().exp(),
        Exact::from(2).ln(),
        Exact::from(0).ln(),
        one().tanh(),
        one().sin(),
        one().cos(),
        Exact::from(2).sqrt(),
        Exact::from(-4).sqrt(),
        Exact::UNDEFINED,
    ];
    for u in undefined {
        assert!(u.rational().is_none() && !Element::is_finite(&u) && u.to_f64().is_nan());
        let mut sum = one();
        sum += u.clone();
        let mut product = one();
        product.add_product(&u, &Exact::from(0));
        let mut onto = u.clone();
        onto.add_product(&one(), &one());
        let computed = [
            u.clone() + one(),
            one() - u.clone(),
            u.clone() * Exact::from(0),
            Exact::from(0) / u.clone(),
            -u.clone(),
            sum,
            product,
            onto,
            Lanes::larger(&u, &one()),
            Lanes::larger(&one(), &u),
            u.clone().exp(),
            u.clone().sqrt(),
            u.clone().powi(2),
        ];
        for c in computed {
            assert!(c.rational().is_none(), "{c}");
        }
        assert_ne!(u, u.clone());
        assert_eq!(u.to_string(), "undefined");
    }
    assert_eq!(Exact::constant(0.75).to_string(), "3/4");
    assert_eq!(Exact::constant(0.1).to_f64(), 0.1);
    assert_eq!(Exact::from(0).exp(), Exact::from(1));
    assert_eq!(Exact::from(1).ln(), Exact::from(0));
    assert_eq!(Exact::from(0).cos(), Exact::from(1));
    assert_eq!(Exact::constant(2.25).sqrt(), Exact::constant(1.5));
}

/// An algebra over the rationals whose elements can be written down and compared.
trait Nilpotent: Scalar<Base = Exact, Element = Exact> {
    /// The nilpotent part vanishes when multiplied with itself more often than this.
    const LENGTH: usize;
    fn of(numbers: &[Exact]) -> Self;
    fn numbers(&self) -> Vec<Exact>;
}

const NUMBERS: usize = 8;

type Nested = Dual<Dual<Dual<Exact>>>;

impl Nilpotent for Nested {
    const LENGTH: usize = 3;
    fn of(n: &[Exact]) -> Self {
        let dual = |i: usize| Dual {
            value: n[i].clone(),
            slope: n[i + 1].clone(),
        };
        let twice = |i: usize| Dual {
            value: dual(i),
            slope: dual(i + 2),
        };
        Dual {
            value: twice(0),
            slope: twice(4),
        }
    }
    fn numbers(&self) -> Vec<Exact> {
        [&self.value, &self.slope]
            .into_iter()
            .flat_map(|d| [&d.value, &d.slope])
            .flat_map(|d| [d.value.clone(), d.slope.clone()])
            .collect()
    }
}

impl Nilpotent for Taylor<Exact, 6> {
    const LENGTH: usize = 5;
    fn of(numbers: &[Exact]) -> Self {
        Taylor {
            coefficients: std::array::from_fn(|i| numbers[i].clone()),
        }
    }
    fn numbers(&self) -> Vec<Exact> {
        self.coefficients.to_vec()
    }
}

impl Nilpotent for MultiDual<Exact> {
    const LENGTH: usize = 3;
    /// A sum of products of dual components: `variable` alone makes no mixed coefficients.
    fn of(numbers: &[Exact]) -> Self {
        let component = |i: usize| {
            let slopes: Vec<Exact> = (0..3).map(|j| Exact::from(i64::from(i == j))).collect();
            MultiDual::variable(Exact::from(0), &slopes)
        };
        let mut sum = MultiDual::constant(0.0);
        for (set, number) in numbers.iter().enumerate() {
            let mut monomial = MultiDual::from_base(number.clone());
            for i in (0..3).filter(|i| set >> i & 1 == 1) {
                monomial = monomial * component(i);
            }
            sum += monomial;
        }
        sum
    }
    fn numbers(&self) -> Vec<Exact> {
        (0..8).map(|set| self.coefficient(set)).collect()
    }
}

fn assert_same<A: Nilpotent>(found: &A, expected: &A, what: &str) {
    assert_eq!(found.numbers(), expected.numbers(), "{what}");
}

/// The axioms of a commutative algebra, and every other operation in terms of sum and product. All exact.
fn check_algebra<A: Nilpotent>(numbers: &[[Exact; NUMBERS]; 3]) {
    let [a, b, c] = numbers.each_ref().map(|n| A::of(n));
    let (a, b, c) = (|| a.clone(), || b.clone(), || c.clone());
    let (zero, one) = (|| A::constant(0.0), || A::constant(1.0));
    assert_eq!(a().numbers(), numbers[0][..a().numbers().len()]);
    assert_eq!(a().primal(), &numbers[0][0]);
    assert_same(&(a() + b()), &(b() + a()), "a + b");
    assert_same(&((a() + b()) + c()), &(a() + (b() + c())), "a + b + c");
    assert_same(&(a() + zero()), &a(), "a + 0");
    assert_same(&(a() + -a()), &zero(), "a + -a");
    assert_same(&(a() - b()), &(a() + -b()), "a - b");
    assert_same(&(a() * b()), &(b() * a()), "a b");
    assert_same(&((a() * b()) * c()), &(a() * (b() * c())), "a b c");
    assert_same(&(a() * (b() + c())), &(a() * b() + a() * c()), "a (b + c)");
    assert_same(&(a() * one()), &a(), "a · 1");
    assert_same(&(a() * a() * a() * a() * a()), &a().powi(5), "a^5");
    assert_same(&a().powi(1), &a(), "a^1");
    assert_same(&a().powi(0), &one(), "a^0");

    let number = &numbers[1][1];
    let lifted = || A::from_base(number.clone());
    assert_same(&a().scale(number), &(a() * lifted()), "scale");
    assert_same(
        &a().scale_element(number),
        &(a() * lifted()),
        "scale_element",
    );
    let after = |change: &dyn Fn(&mut A)| {
        let mut to = c();
        change(&mut to);
        to
    };
    assert_same(&after(&|to| *to += a()), &(c() + a()), "add_assign");
    assert_same(
        &after(&|to| to.add_product(&a(), &b())),
        &(c() + a() * b()),
        "add_product",
    );
    assert_same(
        &after(&|to| to.add_scaled(&a(), number)),
        &(c() + a() * lifted()),
        "add_scaled",
    );
    assert_same(
        &after(&|to| to.add_product_base(&a(), number)),
        &(c() + a() * lifted()),
        "add_product_base",
    );
    assert_same(
        &after(&|to| to.add_base(number)),
        &(c() + lifted()),
        "add_base",
    );

    let nonzero = b() + A::from_base(Exact::from(20));
    assert_same(
        &(a() / nonzero.clone() * nonzero.clone()),
        &a(),
        "a / b · b",
    );
    assert_same(
        &(nonzero.clone().recip() * nonzero.clone()),
        &one(),
        "1/b · b",
    );
    let positive = nonzero.clone() * nonzero.clone();
    assert_same(&positive.sqrt(), &nonzero, "√b²");
    assert!(
        (a() / (b() - lifted_primal(&b())))
            .numbers()
            .iter()
            .all(|n| n.rational().is_none()),
        "division by a nilpotent"
    );
}

fn lifted_primal<A: Nilpotent>(a: &A) -> A {
    A::from_base(a.primal().clone())
}

/// `Σ_k numerators[k] / denominators[k] · p^k` for nilpotent p.
fn power_series<A: Nilpotent>(p: &A, coefficients: &[(i64, i64)]) -> A {
    let mut sum = A::constant(0.0);
    let mut power = A::constant(1.0);
    for &(numerator, denominator) in &coefficients[..=A::LENGTH] {
        sum += power
            .clone()
            .scale(&(Exact::from(numerator) / Exact::from(denominator)));
        power = power * p.clone();
    }
    assert_same(&power, &A::constant(0.0), "the series is complete");
    sum
}

/// Elementary functions where their values are rational: their power series, which end for nilpotent arguments.
fn check_elementary_series<A: Nilpotent>(numbers: &[Exact; NUMBERS]) {
    let a = A::of(numbers);
    let p = a.clone() - lifted_primal(&a);
    let one = || A::constant(1.0);
    let exp = [(1, 1), (1, 1), (1, 2), (1, 6), (1, 24), (1, 120)];
    let ln = [(0, 1), (1, 1), (-1, 2), (1, 3), (-1, 4), (1, 5)];
    let tanh = [(0, 1), (1, 1), (0, 1), (-1, 3), (0, 1), (2, 15)];
    let sin = [(0, 1), (1, 1), (0, 1), (-1, 6), (0, 1), (1, 120)];
    let cos = [(1, 1), (0, 1), (-1, 2), (0, 1), (1, 24), (0, 1)];
    let sqrt = [(1, 1), (1, 2), (-1, 8), (1, 16), (-5, 128), (7, 256)];
    assert_same(&p.clone().exp(), &power_series(&p, &exp), "exp");
    assert_same(&(one() + p.clone()).ln(), &power_series(&p, &ln), "ln");
    assert_same(&p.clone().tanh(), &power_series(&p, &tanh), "tanh");
    assert_same(&p.clone().sin(), &power_series(&p, &sin), "sin");
    assert_same(&p.clone().cos(), &power_series(&p, &cos), "cos");
    assert_same(
        &(one() + p.clone()).sqrt(),
        &power_series(&p, &sqrt),
        "sqrt",
    );
    let (s, c) = p.clone().sin_cos();
    assert_same(&s, &p.clone().sin(), "sin_cos");
    assert_same(&c, &p.clone().cos(), "sin_cos");
    // Identities between them, without the series.
    assert_same(&p.clone().exp().ln(), &p, "ln exp");
    assert_same(&(s.clone() * s + c.clone() * c), &one(), "sin² + cos²");
    let e = (p.clone() + p.clone()).exp();
    assert_same(
        &((e.clone() - one()) / (e + one())),
        &p.tanh(),
        "tanh by exp",
    );
}

/// Weights that are simpler than the algebra do what the scalars they stand for do.
fn check_weight<A: Nilpotent>(weight: &impl Weight<A>, lifted: &A, a: &A, x: &Exact, to: &A) {
    assert_same(&weight.lift(), lifted, "lift");
    let mut sum = to.clone();
    weight.add_times(a, &mut sum);
    assert_same(
        &sum,
        &(to.clone() + lifted.clone() * a.clone()),
        "add_times",
    );
    let mut sum = to.clone();
    weight.add_times_base(x, &mut sum);
    assert_same(
        &sum,
        &(to.clone() + lifted.clone().scale(x)),
        "add_times_base",
    );
}

/// A scalar itself, and the same number everywhere.
fn check_plain_weights<A: Nilpotent>(numbers: &[[Exact; NUMBERS]; 3], w: &Exact, x: &Exact) {
    let (a, to) = (A::of(&numbers[0]), A::of(&numbers[1]));
    let scalar = A::of(&numbers[2]);
    check_weight(&scalar, &scalar, &a, x, &to);
    check_weight(&Broadcast(w.clone()), &A::from_base(w.clone()), &a, x, &to);
}

fn check_weights(numbers: &[[Exact; NUMBERS]; 3]) {
    let [w, x, u, v, t] = [0, 1, 2, 3, 4].map(|i| numbers[2][i].clone());
    let zero = || Exact::from(0);
    check_plain_weights::<Nested>(numbers, &w, &x);
    check_plain_weights::<Taylor<Exact, 6>>(numbers, &w, &x);
    check_plain_weights::<MultiDual<Exact>>(numbers, &w, &x);

    let (a, to) = (Taylor::<Exact, 6>::of(&numbers[0]), Taylor::of(&numbers[1]));
    let mut moving = vec![zero(); 6];
    moving[..2].clone_from_slice(&[w.clone(), u.clone()]);
    let moving = Taylor::of(&moving);
    check_weight(
        &Line {
            value: w.clone(),
            slope: u.clone(),
        },
        &moving,
        &a,
        &x,
        &to,
    );
    check_weight(
        &Line {
            value: Broadcast(w.clone()),
            slope: Broadcast(u.clone()),
        },
        &moving,
        &a,
        &x,
        &to,
    );

    let (a, to) = (Nested::of(&numbers[0]), Nested::of(&numbers[1]));
    let moving = Nested::of(&[
        w.clone(),
        u.clone(),
        v.clone(),
        zero(),
        t.clone(),
        zero(),
        zero(),
        zero(),
    ]);
    let inner = DualWeight {
        value: DualWeight {
            value: Broadcast(w.clone()),
            slope: PerLane(u.clone()),
        },
        slope: PerLane(v.clone()),
    };
    check_weight(
        &DualWeight {
            value: inner,
            slope: PerLane(t.clone()),
        },
        &moving,
        &a,
        &x,
        &to,
    );
    let inner = DualWeight {
        value: DualWeight {
            value: w,
            slope: Broadcast(u),
        },
        slope: Broadcast(v),
    };
    check_weight(
        &DualWeight {
            value: inner,
            slope: Broadcast(t),
        },
        &moving,
        &a,
        &x,
        &to,
    );
}

/// Small fractions, so that nothing here is equal by chance and everything stays readable.
fn fraction() -> impl Strategy<Value = Exact> {
    (-9..10i64, 1..6i64).prop_map(|(n, d)| Exact::from(n) / Exact::from(d))
}

fn fractions() -> impl Strategy<Value = [Exact; NUMBERS]> {
    prop::array::uniform8(fraction())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn algebras_are_algebras(numbers in prop::array::uniform3(fractions())) {
        check_algebra::<Nested>(&numbers);
        check_algebra::<Taylor<Exact, 6>>(&numbers);
        check_algebra::<MultiDual<Exact>>(&numbers);
    }

    #[test]
    fn elementary_functions_of_duals_are_their_series(numbers in fractions()) {
        check_elementary_series::<Nested>(&numbers);
    }

    #[test]
    fn elementary_functions_of_series_are_their_series(numbers in fractions()) {
        check_elementary_series::<Taylor<Exact, 6>>(&numbers);
    }

    #[test]
    fn elementary_functions_of_multi_duals_are_their_series(numbers in fractions()) {
        check_elementary_series::<MultiDual<Exact>>(&numbers);
    }

    #[test]
    fn weights_are_the_scalars_they_stand_for(numbers in prop::array::uniform3(fractions())) {
        check_weights(&numbers);
    }

    /// A series is Taylor's: the polynomial's derivatives at a point, exactly.
    #[test]
    fn taylor_series_of_a_polynomial(coefficients in prop::collection::vec(fraction(), 1..7), x in fraction(), u in fraction()) {
        let value = |argument: Taylor<Exact, 6>| {
            coefficients.iter().rev().fold(Taylor::constant(0.0), |sum: Taylor<Exact, 6>, c| {
                sum * argument.clone() + Taylor::from_base(c.clone())
            })
        };
        let series = value(Line { value: x.clone(), slope: u.clone() }.lift());
        for k in 0..6u32 {
            // Σ_j c_j binomial(j, k) x^(j-k) u^k.
            let mut expected = Exact::from(0);
            for (j, c) in coefficients.iter().enumerate().skip(k as usize) {
                let binomial = (0..k as usize).fold(1, |b, i| b * (j - i) / (i + 1));
                expected += c.clone() * Exact::from(binomial as i64) * x.clone().powi(j as u32 - k) * u.clone().powi(k);
            }
            prop_assert_eq!(&series.coefficients[k as usize], &expected);
        }
    }

    /// Mixed derivatives of `x² y / z`, by hand.
    #[test]
    fn duals_of_a_rational_function(x in fraction(), y in fraction(), z in fraction()) {
        let z = z + Exact::from(10);
        let direction = |i: usize| (0..3).map(|j| Exact::from(i64::from(i == j))).collect::<Vec<_>>();
        let [a, b, c] = [&x, &y, &z].map(Exact::clone);
        let [a, b, c] = [(a, 0), (b, 1), (c, 2)].map(|(value, i)| MultiDual::variable(value, &direction(i)));
        let f = a.clone() * a * b / c;
        let two = || Exact::from(2);
        prop_assert_eq!(f.coefficient(0b000), x.clone().powi(2) * y.clone() / z.clone());
        prop_assert_eq!(f.coefficient(0b001), two() * x.clone() * y.clone() / z.clone());
        prop_assert_eq!(f.coefficient(0b010), x.clone().powi(2) / z.clone());
        prop_assert_eq!(f.coefficient(0b100), -(x.clone().powi(2) * y.clone() / z.clone().powi(2)));
        prop_assert_eq!(f.coefficient(0b011), two() * x.clone() / z.clone());
        prop_assert_eq!(f.coefficient(0b111), -(two() * x / z.powi(2)));
        prop_assert_eq!(f.coefficient(0b1000), Exact::from(0));
    }
}

/// A function with its first three derivatives.
struct Known {
    name: &'static str,
    domain: (f64, f64),
    derivatives: fn(f64) -> [f64; 4],
}

const KNOWN: [Known; 7] = [
    Known {
        name: "exp",
        domain: (-5.0, 5.0),
        derivatives: |x| [x.exp(); 4],
    },
    Known {
        name: "ln",
        domain: (0.1, 9.0),
        derivatives: |x| [x.ln(), 1.0 / x, -1.0 / (x * x), 2.0 / (x * x * x)],
    },
    Known {
        name: "tanh",
        domain: (-4.0, 4.0),
        derivatives: |x| {
            // 1 - tanh² without the cancellation.
            let (t, slope) = (x.tanh(), x.cosh().powi(-2));
            [t, slope, -2.0 * t * slope, slope * (6.0 * t * t - 2.0)]
        },
    },
    Known {
        name: "sin",
        domain: (-7.0, 7.0),
        derivatives: |x| [x.sin(), x.cos(), -x.sin(), -x.cos()],
    },
    Known {
        name: "cos",
        domain: (-7.0, 7.0),
        derivatives: |x| [x.cos(), -x.sin(), -x.cos(), x.sin()],
    },
    Known {
        name: "sqrt",
        domain: (0.1, 9.0),
        derivatives: |x| {
            let root = x.sqrt();
            [root, 0.5 / root, -0.25 / (root * x), 0.375 / (root * x * x)]
        },
    },
    Known {
        name: "recip",
        domain: (0.1, 9.0),
        derivatives: |x| {
            [
                1.0 / x,
                -1.0 / (x * x),
                2.0 / (x * x * x),
                -6.0 / (x * x * x * x),
            ]
        },
    },
];

fn apply<A: Scalar>(name: &str, a: A) -> A {
    match name {
        "exp" => a.exp(),
        "ln" => a.ln(),
        "tanh" => a.tanh(),
        "sin" => a.sin(),
        "cos" => a.cos(),
        "sqrt" => a.sqrt(),
        "recip" => a.recip(),
        other => unreachable!("{other}"),
    }
}

/// For all lanes one after the other: derivatives of order 0 to 3 by nested duals, by series, by multi-dual numbers.
struct DerivativesOf<'a, E> {
    name: &'a str,
    points: &'a [E],
}

impl<E: Float> WideOp<E> for DerivativesOf<'_, E> {
    fn run<R: Lanes<Element = E>>(self) -> Vec<E> {
        let mut found = vec![];
        for start in (0..self.points.len()).step_by(R::WIDTH) {
            let x = R::from_fn(|lane| self.points[(start + lane).min(self.points.len() - 1)]);
            let one = || R::constant(1.0);
            let inner = Dual {
                value: x.clone(),
                slope: one(),
            };
            let middle = Dual {
                value: inner,
                slope: Dual::constant(1.0),
            };
            let nested = apply(
                self.name,
                Dual {
                    value: middle,
                    slope: Dual::constant(1.0),
                },
            );
            let line = Line {
                value: x.clone(),
                slope: one(),
            };
            let series = apply::<Taylor<R, 4>>(self.name, line.lift());
            let several = apply(self.name, MultiDual::variable(x, &[one(), one(), one()]));
            let nested = [
                nested.value.value.value,
                nested.value.slope.value,
                nested.slope.value.slope,
                nested.slope.slope.slope,
            ];
            let [s0, s1, s2, s3] = series.coefficients;
            let series = [s0, s1, s2 * R::constant(2.0), s3 * R::constant(6.0)];
            let several = [0b000, 0b010, 0b101, 0b111].map(|set| several.coefficient(set));
            for lane in 0..R::WIDTH.min(self.points.len() - start) {
                for derivatives in [&nested, &series, &several] {
                    found.extend(derivatives.iter().map(|d| d.lane(lane)));
                }
            }
        }
        found
    }
}

fn check_derivatives<E: Float>() {
    for known in &KNOWN {
        let (from, to) = known.domain;
        let points: Vec<E> = (0..=40)
            .map(|i| E::constant(from + (to - from) * (f64::from(i) + 0.3) / 41.0))
            .collect();
        for set in InstructionSet::on_this_machine() {
            let found = on(
                set,
                DerivativesOf {
                    name: known.name,
                    points: &points,
                },
            );
            for (x, all) in points.iter().zip(found.chunks_exact(12)) {
                let x = x.to_f64();
                let exact = (known.derivatives)(x);
                for (method, derivatives) in ["duals", "series", "multi-duals"]
                    .iter()
                    .zip(all.chunks_exact(4))
                {
                    for (order, (found, exact)) in derivatives.iter().zip(exact).enumerate() {
                        // The k-th derivative takes at most 2^k products and sums, each of a rounding or two, of numbers no larger than
                        // the derivatives themselves, but for tanh and the functions of circles, whose terms are of size up to
                        // 4 (1 - t², a difference of numbers of size 1, times 6 t² - 2); and the reference is off by a few double units.
                        let bounded = ["tanh", "sin", "cos"].contains(&known.name);
                        let size = if bounded {
                            exact.abs().max(4.0)
                        } else {
                            exact.abs()
                        };
                        // ln, alone of the others, has a zero, at 1, but lanes compute it as the standard library does: one rounding.
                        let units = 8.0 * f64::from(1 << order);
                        let error = (found.to_f64() - exact).abs();
                        assert!(
                            error <= units * E::UNIT * size,
                            "{set}: {} of {x}, order {order}, by {method}: {found}, not {exact}, off by {} units",
                            known.name,
                            error / E::UNIT / size
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn derivatives_of_elementary_functions_on_double_lanes() {
    check_derivatives::<f64>();
}

#[test]
fn derivatives_of_elementary_functions_on_single_lanes() {
    check_derivatives::<f32>();
}
