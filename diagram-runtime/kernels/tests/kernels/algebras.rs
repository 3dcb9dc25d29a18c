//! Algebras with their coefficients laid open, and random numbers, weights and inputs in them.

use std::marker::PhantomData;

use diagram_algebra::dual::Dual;
use diagram_algebra::lanes::{InstructionSet, Isa, IsaOp, dispatch_to};
use diagram_algebra::scalar::{Element, Lanes, Scalar};
use diagram_algebra::taylor::Taylor;
use diagram_algebra::weights::{Directions, DualWeights, Lines, Own, Shared, Weights};
use diagram_kernels::layers::{Data, Hidden, Input};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// `f32` or `f64`.
pub(crate) trait Number: Element + Copy {
    /// Half the distance from 1 to the next number.
    const UNIT: f64;
    /// The least positive number.
    const LEAST: f64;
    /// The same bits, or both NaN: which NaN is up to the machine.
    fn same(self, other: Self) -> bool;
    fn of(number: f64) -> Self;
}

macro_rules! number {
    ($number:ident) => {
        impl Number for $number {
            const UNIT: f64 = $number::EPSILON as f64 / 2.0;
            const LEAST: f64 = $number::from_bits(1) as f64;
            fn same(self, other: Self) -> bool {
                self.to_bits() == other.to_bits() || self.is_nan() && other.is_nan()
            }
            fn of(number: f64) -> $number {
                number as $number
            }
        }
    };
}
number!(f32);
number!(f64);

/// Something to do with lanes of whatever instruction set; `what` names it.
pub(crate) trait OnLanes<T> {
    fn run<R: Lanes<Element = T>>(&self, what: &str);
}

/// With the lanes of every instruction set that the machine has.
pub(crate) fn on_every_set<T: Element>(op: &impl OnLanes<T>) {
    struct OnSet<'a, T, Op>(&'a Op, &'a str, PhantomData<T>);
    impl<T: Element, Op: OnLanes<T>> IsaOp for OnSet<'_, T, Op> {
        type Output = ();
        fn run<I: Isa>(self) {
            self.0.run::<T::Wide<I>>(self.1);
        }
    }
    for set in InstructionSet::on_this_machine() {
        dispatch_to(set, OnSet(op, &set.to_string(), PhantomData));
    }
}

/// An algebra, as what it is: coefficients, and which of them the product of two belongs to.
pub(crate) trait Kind {
    type Base: Lanes<Element: Number>;
    type Algebra: Scalar<Base = Self::Base, Element = <Self::Base as Scalar>::Element>;
    /// As many as the algebra has, the value without derivatives first.
    fn of(coefficients: &[Self::Base]) -> Self::Algebra;
    fn coefficient(a: &Self::Algebra, index: usize) -> Self::Base;
    /// Where the product of two coefficients goes, if anywhere.
    fn product(i: usize, j: usize) -> Option<usize>;
}

/// No derivatives.
pub(crate) struct Plain<R>(PhantomData<R>);

/// Truncated Taylor series.
pub(crate) struct Series<R, const M: usize>(PhantomData<R>);

/// One more dual component.
pub(crate) struct With<K>(PhantomData<K>);

impl<R: Lanes<Element: Number>> Kind for Plain<R> {
    type Base = R;
    type Algebra = R;
    fn of(coefficients: &[R]) -> R {
        coefficients[0].clone()
    }
    fn coefficient(a: &R, _: usize) -> R {
        a.clone()
    }
    fn product(_: usize, _: usize) -> Option<usize> {
        Some(0)
    }
}

impl<R: Lanes<Element: Number>, const M: usize> Kind for Series<R, M> {
    type Base = R;
    type Algebra = Taylor<R, M>;
    fn of(coefficients: &[R]) -> Self::Algebra {
        Taylor {
            coefficients: std::array::from_fn(|k| coefficients[k].clone()),
        }
    }
    fn coefficient(a: &Self::Algebra, index: usize) -> R {
        a.coefficients[index].clone()
    }
    fn product(i: usize, j: usize) -> Option<usize> {
        (i + j < M).then_some(i + j)
    }
}

/// Coefficients are numbered by sets of dual components, the outermost in the highest bit.
impl<K: Kind> Kind for With<K> {
    type Base = K::Base;
    type Algebra = Dual<K::Algebra>;
    fn of(coefficients: &[K::Base]) -> Self::Algebra {
        let (value, slope) = coefficients.split_at(coefficients.len() / 2);
        Dual {
            value: K::of(value),
            slope: K::of(slope),
        }
    }
    fn coefficient(a: &Self::Algebra, index: usize) -> K::Base {
        let half = K::Algebra::COEFFICIENTS;
        if index < half {
            K::coefficient(&a.value, index)
        } else {
            K::coefficient(&a.slope, index - half)
        }
    }
    fn product(i: usize, j: usize) -> Option<usize> {
        (i & j == 0).then_some(i | j)
    }
}

/// The coefficients in a lane.
fn in_lane<K: Kind>(a: &K::Algebra, lane: usize) -> Vec<f64> {
    (0..K::Algebra::COEFFICIENTS)
        .map(|i| K::coefficient(a, i).lane(lane).to_f64())
        .collect()
}

/// The coefficients of scalars in a lane.
pub(crate) fn open<K: Kind>(scalars: &[K::Algebra], lane: usize) -> Vec<Vec<f64>> {
    scalars.iter().map(|a| in_lane::<K>(a, lane)).collect()
}

/// A single-precision number of either sign and a size of 1/4 to 4, so that no product of a few underflows.
fn number<T: Number>(rng: &mut ChaCha8Rng) -> T {
    let size = 4f64.powf(2.0 * rng.random::<f64>() - 1.0) as f32;
    T::of(f64::from(if rng.random() { size } else { -size }))
}

pub(crate) fn lanes<R: Lanes<Element: Number>>(rng: &mut ChaCha8Rng) -> R {
    R::from_fn(|_| number(rng))
}

pub(crate) fn scalar<K: Kind>(rng: &mut ChaCha8Rng) -> K::Algebra {
    let coefficients: Vec<K::Base> = (0..K::Algebra::COEFFICIENTS).map(|_| lanes(rng)).collect();
    K::of(&coefficients)
}

pub(crate) fn scalars<K: Kind>(count: usize, rng: &mut ChaCha8Rng) -> Vec<K::Algebra> {
    (0..count).map(|_| scalar::<K>(rng)).collect()
}

/// Numbers to make weights of.
pub(crate) struct Store<K: Kind> {
    pub(crate) own: Vec<K::Algebra>,
    pub(crate) values: Vec<<K::Base as Scalar>::Element>,
    shared_slopes: Vec<<K::Base as Scalar>::Element>,
    slopes: Vec<Vec<K::Base>>,
}

impl<K: Kind> Store<K> {
    pub(crate) fn new(weights: usize, rng: &mut ChaCha8Rng) -> Self {
        Store {
            own: scalars::<K>(weights, rng),
            values: (0..weights).map(|_| number(rng)).collect(),
            shared_slopes: (0..weights).map(|_| number(rng)).collect(),
            slopes: (0..3)
                .map(|_| (0..weights).map(|_| lanes(rng)).collect())
                .collect(),
        }
    }
}

/// How weights are stored.
pub(crate) trait Storage<K: Kind> {
    type Weights<'a>: Weights<K::Algebra>
    where
        K: 'a;
    fn weights(store: &Store<K>) -> Self::Weights<'_>;
}

/// [`Own`].
pub(crate) struct InAlgebra;
/// [`Shared`].
pub(crate) struct Numbers;
/// [`Lines`] of the same direction for all lanes.
pub(crate) struct OnSharedLine;
/// [`Lines`] of a direction for each lane.
pub(crate) struct OnOwnLine;
/// [`DualWeights`], nested as the algebra is.
pub(crate) struct Moving;

impl<K: Kind> Storage<K> for InAlgebra {
    type Weights<'a>
        = Own<'a, K::Algebra>
    where
        K: 'a;
    fn weights(store: &Store<K>) -> Self::Weights<'_> {
        Own(&store.own)
    }
}

impl<K: Kind> Storage<K> for Numbers {
    type Weights<'a>
        = Shared<'a, <K::Base as Scalar>::Element>
    where
        K: 'a;
    fn weights(store: &Store<K>) -> Self::Weights<'_> {
        Shared(&store.values)
    }
}

impl<R: Lanes<Element: Number>, const M: usize> Storage<Series<R, M>> for OnSharedLine {
    type Weights<'a> = Lines<Shared<'a, R::Element>, Shared<'a, R::Element>>;
    fn weights(store: &Store<Series<R, M>>) -> Self::Weights<'_> {
        Lines {
            values: Shared(&store.values),
            slopes: Shared(&store.shared_slopes),
        }
    }
}

impl<R: Lanes<Element: Number>, const M: usize> Storage<Series<R, M>> for OnOwnLine {
    type Weights<'a> = Lines<Shared<'a, R::Element>, Own<'a, R>>;
    fn weights(store: &Store<Series<R, M>>) -> Self::Weights<'_> {
        Lines {
            values: Shared(&store.values),
            slopes: Own(&store.slopes[0]),
        }
    }
}

/// What [`Moving`] weights are, one dual component after the other.
pub(crate) trait Moves: Kind {
    type Moving<'a>: Weights<Self::Algebra>
    where
        Self: 'a;
    fn moving<'a>(
        values: &'a [<Self::Base as Scalar>::Element],
        slopes: &'a [Vec<Self::Base>],
    ) -> Self::Moving<'a>;
}

impl<R: Lanes<Element: Number>> Moves for Plain<R> {
    type Moving<'a> = Shared<'a, R::Element>;
    fn moving<'a>(values: &'a [R::Element], _: &'a [Vec<R>]) -> Self::Moving<'a> {
        Shared(values)
    }
}

impl<K: Moves> Moves for With<K> {
    type Moving<'a>
        = DualWeights<K::Moving<'a>, Directions<'a, K::Base>>
    where
        K: 'a;
    fn moving<'a>(
        values: &'a [<Self::Base as Scalar>::Element],
        slopes: &'a [Vec<Self::Base>],
    ) -> Self::Moving<'a> {
        let (mine, inner) = slopes.split_first().expect("three at most");
        DualWeights {
            values: K::moving(values, inner),
            slopes: Directions(mine),
        }
    }
}

impl<K: Moves> Storage<With<K>> for Moving {
    type Weights<'a>
        = <With<K> as Moves>::Moving<'a>
    where
        K: 'a;
    fn weights(store: &Store<With<K>>) -> Self::Weights<'_> {
        With::<K>::moving(&store.values, &store.slopes)
    }
}

/// Inputs of a layer, laid open.
pub(crate) trait Inputs<K: Kind>: Input<K::Algebra> {
    fn random(rng: &mut ChaCha8Rng) -> Self::Item;
    /// Another input with the same value without derivatives.
    fn along_another(input: &Self::Item, rng: &mut ChaCha8Rng) -> Self::Item;
    /// Its coefficients in a lane: of data, the value alone.
    fn in_lane(input: &Self::Item, lane: usize) -> Vec<f64>;
}

impl<K: Kind> Inputs<K> for Data {
    fn random(rng: &mut ChaCha8Rng) -> K::Base {
        lanes(rng)
    }
    fn along_another(input: &K::Base, _: &mut ChaCha8Rng) -> K::Base {
        input.clone()
    }
    fn in_lane(input: &K::Base, lane: usize) -> Vec<f64> {
        vec![input.lane(lane).to_f64()]
    }
}

impl<K: Kind> Inputs<K> for Hidden {
    fn random(rng: &mut ChaCha8Rng) -> K::Algebra {
        scalar::<K>(rng)
    }
    fn along_another(input: &K::Algebra, rng: &mut ChaCha8Rng) -> K::Algebra {
        scalar::<K>(rng).with_primal(input.primal().clone())
    }
    fn in_lane(input: &K::Algebra, lane: usize) -> Vec<f64> {
        in_lane::<K>(input, lane)
    }
}
