//! A further run along other directions against a fresh one: the same bits, and what is known stays as it is.
//!
//! Both do the same operations on the coefficients beyond the value, in the same order: blocks of sums differ, but no sum is cut by a block, and
//! products are fused where the code says so and nowhere else.

use std::marker::PhantomData;
use std::ops::Range;

use diagram_algebra::scalar::{Element, Lanes, Scalar};
use diagram_kernels::layers::{
    AllCoefficients, BeyondPrimal, CoefficientPart, Convolution, Dense, GradientSink, Hidden,
    HighestCoefficient, tanh, tanh_reverse,
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::algebras::{
    Inputs, Kind, Moving, Number, OnLanes, OnSharedLine, Plain, Series, Storage, Store, With,
    on_every_set, scalars,
};
use crate::layers::{Gradient, Shaped};

/// A gradient of which a part is asked for; the rest is not looked at.
struct Only<A, P>(Vec<A>, PhantomData<P>);

impl<A: Scalar, P: CoefficientPart<A>> Only<A, P> {
    fn new(length: usize) -> Self {
        Only(vec![A::constant(f64::NAN); length], PhantomData)
    }
}

impl<A: Scalar, P: CoefficientPart<A>> GradientSink<A> for Only<A, P> {
    type Part = P;
    #[inline(always)]
    fn put(&mut self, position: usize, component: A) {
        self.0[position] = component;
    }
}

/// The same bits in the coefficients of the range, in every lane.
fn assert_same<K: Kind>(
    found: &[K::Algebra],
    expected: &[K::Algebra],
    coefficients: Range<usize>,
    what: &str,
) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        for k in coefficients.clone() {
            for lane in 0..K::Base::WIDTH {
                let [a, b] = [found, expected].map(|a| K::coefficient(a, k).lane(lane));
                assert!(
                    a.to_f64().is_finite() && a.same(b),
                    "{what}: coefficient {k} of number {at} in lane {lane} is {a:?}, not {b:?}"
                );
            }
        }
    }
}

/// Scalars of which the values without derivatives are known, and nothing else.
fn known<K: Kind>(primals: &[K::Algebra]) -> Vec<K::Algebra> {
    let nan = vec![K::Base::constant(f64::NAN); K::Algebra::COEFFICIENTS];
    let known = |a: &K::Algebra| K::of(&nan).with_primal(a.primal().clone());
    primals.iter().map(known).collect()
}

/// A run beyond neither reads nor writes the values of its results, so marks can take their place.
fn check_layer<L: Shaped, K: Kind, S: Storage<K>>(what: &str)
where
    Hidden: Inputs<K, Item = K::Algebra>,
{
    let layer = L::uneven();
    let rng = &mut ChaCha8Rng::seed_from_u64(4);
    let store = Store::<K>::new(layer.weights(), rng);
    let x = scalars::<K>(layer.inputs(), rng);
    let dz = scalars::<K>(layer.outputs(), rng);
    let marks = scalars::<K>(layer.outputs().max(layer.inputs()), rng);
    let theta = S::weights(&store);

    let nan = K::Algebra::constant(f64::NAN);
    let mut z = vec![nan.clone(); layer.outputs()];
    layer.forward::<K::Algebra, _, Hidden, AllCoefficients>(theta, &x, &mut z);
    let mut dx = vec![nan; layer.inputs()];
    let mut gradient = Gradient::<K::Algebra>::new(layer.weights());
    layer.input_gradient::<K::Algebra, _, AllCoefficients>(theta, &dz, &mut dx);
    layer.weight_gradient::<K::Algebra, Hidden, _>(&x, &dz, (&mut gradient, 0));

    let mut z_again = known::<K>(&marks[..layer.outputs()]);
    layer.forward::<K::Algebra, _, Hidden, BeyondPrimal>(theta, &x, &mut z_again);
    let mut dx_again = known::<K>(&marks[..layer.inputs()]);
    let mut rest = Only::<K::Algebra, BeyondPrimal>::new(layer.weights());
    layer.input_gradient::<K::Algebra, _, BeyondPrimal>(theta, &dz, &mut dx_again);
    layer.weight_gradient::<K::Algebra, Hidden, _>(&x, &dz, (&mut rest, 0));
    let mut top = Only::<K::Algebra, HighestCoefficient>::new(layer.weights());
    layer.weight_gradient::<K::Algebra, Hidden, _>(&x, &dz, (&mut top, 0));

    let all = K::Algebra::COEFFICIENTS;
    let same = |found: &[K::Algebra], expected: &[K::Algebra], range, name: &str| {
        let what = format!("{what}: {layer:?}, {all} coefficients, {name}");
        assert_same::<K>(found, expected, range, &what);
    };
    same(&z_again, &z, 1..all, "outputs");
    same(&z_again, &marks[..z.len()], 0..1, "known outputs");
    same(&dx_again, &dx, 1..all, "adjoints");
    same(&dx_again, &marks[..dx.len()], 0..1, "known adjoints");
    same(&rest.0, &gradient.components, 1..all, "gradient");
    same(&top.0, &gradient.components, all - 1..all, "highest");
}

/// tanh forward and in reverse along one direction, then along another in the same memory.
fn check_tanh<K: Kind>(what: &str)
where
    Hidden: Inputs<K, Item = K::Algebra>,
{
    let all = K::Algebra::COEFFICIENTS;
    let rng = &mut ChaCha8Rng::seed_from_u64(6);
    let [first, adjoints] = [0, 1].map(|_| scalars::<K>(9, rng));
    let mut others = |numbers: &[K::Algebra]| {
        let other = |a: &K::Algebra| <Hidden as Inputs<K>>::along_another(a, rng);
        numbers.iter().map(other).collect::<Vec<_>>()
    };
    let (second, second_adjoints) = (others(&first), others(&adjoints));

    let mut t = first;
    tanh::<K::Algebra, AllCoefficients>(&mut t);
    let mut d = adjoints;
    let mut overwritten = vec![K::Base::constant(f64::NAN); d.len()];
    tanh_reverse::<K::Algebra, AllCoefficients>(&t, &mut d, &mut overwritten);

    let mut fresh = second.clone();
    tanh::<K::Algebra, AllCoefficients>(&mut fresh);
    let mut fresh_d = second_adjoints.clone();
    // Nothing is to be kept.
    tanh_reverse::<K::Algebra, AllCoefficients>(&fresh, &mut fresh_d, &mut []);

    // A layer before writes the derivatives and leaves the value, which is that of the first run's results.
    let beside = |derivatives: Vec<K::Algebra>, values: &[K::Algebra]| {
        let pairs = derivatives.into_iter().zip(values);
        pairs
            .map(|(a, value)| a.with_primal(value.primal().clone()))
            .collect::<Vec<_>>()
    };
    let mut again = beside(second, &t);
    tanh::<K::Algebra, BeyondPrimal>(&mut again);
    let mut again_d = beside(second_adjoints, &d);
    tanh_reverse::<K::Algebra, BeyondPrimal>(&again, &mut again_d, &mut overwritten);

    let what = format!("{what}: tanh, {all} coefficients");
    assert_same::<K>(&again, &fresh, 0..all, &what);
    assert_same::<K>(&again_d, &fresh_d, 0..all, &format!("{what}, reverse"));
}

/// Kernels are written once for both precisions, so each algebra is compiled for one of them.
struct InSingles;

impl OnLanes<f32> for InSingles {
    fn run<R: Lanes<Element = f32>>(&self, what: &str) {
        check_layer::<Convolution<5, 2>, Series<R, 3>, OnSharedLine>(what);
        check_layer::<Dense, Series<R, 2>, OnSharedLine>(what);
        check_tanh::<Series<R, 3>>(what);
        check_tanh::<With<With<Plain<R>>>>(what);
    }
}

struct InDoubles;

impl OnLanes<f64> for InDoubles {
    fn run<R: Lanes<Element = f64>>(&self, what: &str) {
        check_layer::<Convolution<2, 3>, With<Plain<R>>, Moving>(what);
        check_layer::<Dense, Series<R, 3>, OnSharedLine>(what);
        check_tanh::<Series<R, 2>>(what);
    }
}

#[test]
fn a_further_direction_gives_the_bits_of_a_fresh_run() {
    on_every_set::<f32>(&InSingles);
    on_every_set::<f64>(&InDoubles);
}
