//! Every layer against its list of terms: forward, and all that the reverse pass gives, on shapes that leave every kind of remainder of the
//! register blocks.

use diagram_algebra::scalar::{Lanes, Scalar};
use diagram_algebra::weights::Weights;
use diagram_kernels::layers::{
    AllCoefficients, Convolution, Data, Dense, GradientSink, Hidden, Patches,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::algebras::{
    InAlgebra, Inputs, Kind, Moving, Number, Numbers, OnLanes, OnOwnLine, OnSharedLine, Plain,
    Series, Storage, Store, With, on_every_set, open, scalars,
};
use crate::naive::{Layer, Listed, Products, Sum};

/// Random shapes for each layer, algebra and instruction set.
const SHAPES: u64 = 3;

/// A layer with shapes to choose from.
pub(crate) trait Shaped: Layer + Sized {
    /// One that leaves remainders of all blocks, whatever their size.
    fn uneven() -> Self;
    fn random(rng: &mut ChaCha8Rng) -> Self;
}

impl<const K: usize, const STRIDE: usize> Shaped for Convolution<K, STRIDE> {
    fn uneven() -> Self {
        // 13 = 10 + 1 + 1 + 1 = 2 · 5 + 3 = 6 · 2 + 1, 7 = 4 + 2 + 1. Rows and columns at the end that no kernel meets, if the stride leaves room.
        Convolution::new(3, 13, 6 * STRIDE + K + (STRIDE - 1))
    }
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let side_out = rng.random_range(1..=5);
        let inputs = rng.random_range(1..=13);
        let outputs = rng.random_range(1..=13);
        let side_in = (side_out - 1) * STRIDE + K + rng.random_range(0..STRIDE);
        Convolution::new(inputs, outputs, side_in)
    }
}

impl Shaped for Dense {
    fn uneven() -> Self {
        Dense::new(17, 23)
    }
    fn random(rng: &mut ChaCha8Rng) -> Self {
        Dense::new(rng.random_range(1..=23), rng.random_range(1..=23))
    }
}

/// Two groups of patches of 2 × 3 numbers with gaps between them, in a grid: in groups after each other, or as tokens.
fn patches(outputs: usize, rows: usize, columns: usize, tokens: bool) -> Patches {
    let (groups, offsets) = (2, vec![0, 1, 3, 9, 10, 12]);
    let width = 3 * columns + 1;
    let positions = rows * columns;
    let of_group = outputs * positions;
    let output_strides = if tokens {
        [1, groups * outputs * columns, groups * outputs]
    } else {
        [of_group / outputs, columns, 1]
    };
    let entries = offsets.len();
    Patches {
        groups,
        outputs,
        offsets,
        rows,
        columns,
        input_strides: [rows * width + 13, width, 3],
        output_strides,
        weight_strides: if tokens {
            [1, groups * outputs]
        } else {
            [entries, 1]
        },
        scales: [0.25, 0.5],
        bias: true,
    }
}

impl Shaped for Patches {
    fn uneven() -> Self {
        // 7 = 4 + 1 + 1 + 1 = 4 + 2 + 1 outputs, and 6 = 4 + 2 entries.
        patches(7, 2, 7, false)
    }
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let [outputs, rows, columns] = [1..=9, 1..=3, 1..=9].map(|range| rng.random_range(range));
        patches(outputs, rows, columns, rng.random_bool(0.5))
    }
}

/// A gradient, and how often each of its components was given.
pub(crate) struct Gradient<A> {
    pub(crate) components: Vec<A>,
    pub(crate) given: Vec<usize>,
}

impl<A: Scalar> Gradient<A> {
    pub(crate) fn new(length: usize) -> Self {
        Gradient {
            components: vec![A::constant(f64::NAN); length],
            given: vec![0; length],
        }
    }
}

impl<A: Scalar> GradientSink<A> for Gradient<A> {
    type Part = AllCoefficients;
    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self.components[position] = component;
        self.given[position] += 1;
    }
}

/// How much a sum may differ from one that was added in another order.
///
/// A term goes through a product, as many additions as there are terms, a product with a fixed factor that is itself rounded, and in the plain
/// sum through no more. Whatever the order, and whether or not products are fused with additions, k roundings of every term leave a sum within
/// `k u / (1 - k u)` of the sum of its terms' absolute values (Higham 2002, section 3.1 and lemma 3.1), here from the true sum on both sides.
/// No product underflows. The last factor is for the roundings of this bound.
pub(crate) fn tolerance(sum: &Sum, unit: f64) -> f64 {
    let gamma = |unit: f64| {
        let roundings = (sum.terms + 4) as f64 * unit;
        roundings / (1.0 - roundings)
    };
    (gamma(unit) + gamma(f64::UNIT)) * sum.size * (1.0 + 1e-9)
}

/// Coefficients of scalars against sums.
fn compare(found: &[Vec<f64>], expected: &[Vec<Sum>], unit: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (found, sums)) in found.iter().zip(expected).enumerate() {
        for (k, (found, sum)) in found.iter().zip(sums).enumerate() {
            let off = (found - sum.value).abs();
            let tolerance = tolerance(sum, unit);
            // So that NaN fails.
            assert!(
                off <= tolerance,
                "{what}: coefficient {k} of number {at} is {found:e}, not {:e}: off by {off:e}, tolerance {tolerance:e}",
                sum.value
            );
        }
    }
}

fn check_shape<L: Layer, K: Kind, X: Inputs<K>, S: Storage<K>>(layer: &L, seed: u64, what: &str) {
    let what = format!("{what}: {layer:?}, seed {seed}");
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let store = Store::<K>::new(layer.weights(), rng);
    let theta = S::weights(&store);
    let x: Vec<X::Item> = (0..layer.inputs()).map(|_| X::random(rng)).collect();
    let dz = scalars::<K>(layer.outputs(), rng);

    // Whatever was there is overwritten, and no component comes twice or elsewhere.
    let nan = K::Algebra::constant(f64::NAN);
    let mut z = vec![nan.clone(); layer.outputs()];
    layer.forward::<K::Algebra, _, X, AllCoefficients>(theta, &x, &mut z);
    let mut dx = vec![nan; layer.inputs()];
    let first = 3;
    let mut gradient = Gradient::<K::Algebra>::new(first + layer.weights());
    layer.input_gradient::<K::Algebra, _, AllCoefficients>(theta, &dz, &mut dx);
    layer.weight_gradient::<K::Algebra, X, _>(&x, &dz, (&mut gradient, first));
    assert_eq!(gradient.given[..first], [0; 3], "{what}");
    assert!(gradient.given[first..].iter().all(|&n| n == 1), "{what}");

    let theta = theta.lift();
    let (listed, products) = (Listed::new(layer), Products::of::<K>());
    for lane in 0..K::Base::WIDTH {
        let x: Vec<_> = x.iter().map(|x| X::in_lane(x, lane)).collect();
        let open = |scalars: &[K::Algebra]| open::<K>(scalars, lane);
        let expected = listed.pass(&products, &open(&theta), &x, &open(&dz));
        let [outputs, components, inputs] = expected;
        for (found, expected, name) in [
            (&z[..], &outputs, "outputs"),
            (&gradient.components[first..], &components, "gradient"),
            (&dx, &inputs, "adjoints of inputs"),
        ] {
            let unit = <<K::Base as Scalar>::Element as Number>::UNIT;
            let what = format!("{what}, lane {lane}, {name}");
            compare(&open(found), expected, unit, &what);
        }
    }
}

fn check<L: Shaped, K: Kind, X: Inputs<K>, S: Storage<K>>(what: &str) {
    let kinds = [
        std::any::type_name::<L>(),
        std::any::type_name::<X>(),
        std::any::type_name::<S>(),
    ];
    let what = format!(
        "{what}: {} {} coefficients",
        kinds
            .map(|kind| kind.rsplit("::").next().unwrap_or(kind))
            .join(" "),
        K::Algebra::COEFFICIENTS
    );
    check_shape::<L, K, X, S>(&L::uneven(), 0, &what);
    for seed in 1..=SHAPES {
        // Shapes of their own for everything that is checked.
        let seed = what.bytes().fold(seed, |seed, byte| {
            seed.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        let layer = L::random(&mut ChaCha8Rng::seed_from_u64(seed));
        check_shape::<L, K, X, S>(&layer, seed, &what);
    }
}

/// Not everything with everything, which would take minutes to compile: each algebra with the weights that derivatives use for it, each shape of
/// kernels with few coefficients and with many. Kernels are written once for both precisions, whose lanes fill the same registers: each combination
/// is compiled for one of them.
struct InSingles;

impl OnLanes<f32> for InSingles {
    fn run<R: Lanes<Element = f32>>(&self, what: &str) {
        check::<Convolution<5, 2>, Plain<R>, Data, Numbers>(what);
        check::<Convolution<5, 2>, Series<R, 3>, Hidden, OnSharedLine>(what);
        check::<Convolution<3, 1>, Twice<R>, Hidden, Moving>(what);
        check::<Convolution<2, 3>, With<Plain<R>>, Hidden, Moving>(what);
        check::<Convolution<1, 1>, Plain<R>, Hidden, Numbers>(what);

        check::<Patches, Plain<R>, Data, Numbers>(what);
        check::<Patches, Series<R, 3>, Hidden, OnSharedLine>(what);
        check::<Patches, Twice<R>, Hidden, Moving>(what);
        check::<Dense, Plain<R>, Hidden, InAlgebra>(what);
        check::<Dense, Series<R, 3>, Hidden, OnSharedLine>(what);
        check::<Dense, With<Plain<R>>, Hidden, InAlgebra>(what);
        check::<Dense, Thrice<R>, Data, Moving>(what);
    }
}

struct InDoubles;

impl OnLanes<f64> for InDoubles {
    fn run<R: Lanes<Element = f64>>(&self, what: &str) {
        check::<Convolution<5, 2>, Plain<R>, Hidden, InAlgebra>(what);
        check::<Convolution<3, 1>, Series<R, 2>, Hidden, OnSharedLine>(what);
        check::<Convolution<2, 3>, Series<R, 4>, Data, OnOwnLine>(what);
        check::<Convolution<1, 1>, Thrice<R>, Hidden, Moving>(what);

        check::<Dense, Plain<R>, Data, Numbers>(what);
        check::<Dense, Series<R, 2>, Hidden, OnSharedLine>(what);
        check::<Dense, Series<R, 4>, Hidden, OnOwnLine>(what);
        check::<Dense, Twice<R>, Hidden, Moving>(what);
    }
}

type Twice<R> = With<With<Plain<R>>>;
type Thrice<R> = With<Twice<R>>;

#[test]
fn layers_are_their_terms_in_single_precision() {
    on_every_set::<f32>(&InSingles);
}

#[test]
fn layers_are_their_terms_in_double_precision() {
    on_every_set::<f64>(&InDoubles);
}
