//! The paper's convolutional networks.

use crate::landscape::Landscape;
use crate::layers::{
    Beyond, Convolution, Data, Dense, GradientSink, Hidden, Part, PrimalCache, Whole, scratch,
    softmax_cross_entropy, tanh, tanh_reverse,
};
use crate::scalar::Scalar;
use crate::weights::{Own, Weights};

/// Two 5x5 convolutions of stride 2 to ten channels each, tanh; dense to ten, tanh; dense to ten classes; softmax cross entropy.
///
/// Images have `CHANNELS` channels of `SIDE` x `SIDE` pixels; the convolutions leave sides of `SIDE1` and `SIDE2`. A datapoint is its
/// pixels (channel, row, column), then its one-hot label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeNet<const CHANNELS: usize, const SIDE: usize, const SIDE1: usize, const SIDE2: usize>;

/// On Fashion-MNIST: P = 4490.
pub type FashionLeNet = LeNet<1, 28, 12, 4>;
/// On CIFAR-10: P = 5890.
pub type CifarLeNet = LeNet<3, 32, 14, 5>;

const MAPS: usize = 10;
const CLASSES: usize = 10;
const KERNEL: usize = 5;
const STRIDE: usize = 2;

impl<const CHANNELS: usize, const SIDE: usize, const SIDE1: usize, const SIDE2: usize>
    LeNet<CHANNELS, SIDE, SIDE1, SIDE2>
{
    const FIRST: Convolution<KERNEL, STRIDE> = Convolution {
        inputs: CHANNELS,
        outputs: MAPS,
        side_in: SIDE,
        side_out: SIDE1,
    };
    const SECOND: Convolution<KERNEL, STRIDE> = Convolution {
        inputs: MAPS,
        outputs: MAPS,
        side_in: SIDE1,
        side_out: SIDE2,
    };
    const THIRD: Dense = Dense {
        inputs: MAPS * SIDE2 * SIDE2,
        outputs: MAPS,
    };
    const FOURTH: Dense = Dense {
        inputs: MAPS,
        outputs: CLASSES,
    };
    const PIXELS: usize = CHANNELS * SIDE * SIDE;
    /// Activations behind the first convolution, the second, the third layer, and the logits.
    const ACTIVATIONS: [usize; 4] = [MAPS * SIDE1 * SIDE1, MAPS * SIDE2 * SIDE2, MAPS, CLASSES];
    const ALL_ACTIVATIONS: usize =
        Self::ACTIVATIONS[0] + Self::ACTIVATIONS[1] + Self::ACTIVATIONS[2] + Self::ACTIVATIONS[3];

    const SHAPES_FIT: () = assert!(
        SIDE1 == (SIDE - KERNEL) / STRIDE + 1 && SIDE2 == (SIDE1 - KERNEL) / STRIDE + 1,
        "the sides must be what the convolutions leave"
    );

    /// Where the weights of the four layers begin and end in θ.
    const LAYERS: [usize; 5] = {
        let first = Self::FIRST.weights();
        let second = first + Self::SECOND.weights();
        let third = second + Self::THIRD.weights();
        [0, first, second, third, third + Self::FOURTH.weights()]
    };

    /// The weights of the four layers.
    #[inline(always)]
    fn layers<A: Scalar, W: Weights<A>>(theta: W) -> [W; 4] {
        let () = Self::SHAPES_FIT;
        std::array::from_fn(|i| theta.range(Self::LAYERS[i]..Self::LAYERS[i + 1]))
    }

    fn activations<T>(all: &mut [T]) -> [&mut [T]; 4] {
        let (first, rest) = all.split_at_mut(Self::ACTIVATIONS[0]);
        let (second, rest) = rest.split_at_mut(Self::ACTIVATIONS[1]);
        let (third, fourth) = rest.split_at_mut(Self::ACTIVATIONS[2]);
        [first, second, third, fourth]
    }

    /// From pixels to logits. The last layer is small: it is always computed anew.
    fn run_forward<A: Scalar, W: Weights<A>, P: Part<A>>(
        theta: W,
        pixels: &[A::Base],
        activations: &mut [A],
    ) {
        let [w1, w2, w3, w4] = Self::layers(theta);
        let [a1, a2, a3, logits] = Self::activations(activations);
        Self::FIRST.forward::<A, W, Data, P>(w1, pixels, a1);
        tanh::<A, P>(a1);
        Self::SECOND.forward::<A, W, Hidden, P>(w2, a1, a2);
        tanh::<A, P>(a2);
        Self::THIRD.forward::<A, W, Hidden, P>(w3, a2, a3);
        tanh::<A, P>(a3);
        Self::FOURTH.forward::<A, W, Hidden, Whole>(w4, a3, logits);
    }

    /// Forward and reverse. `numbers` is room for activations and adjoints; `overwritten`, unless it is empty, keeps primal parts of adjoints.
    fn run_gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized, P: Part<A>>(
        theta: W,
        x: &[A::Base],
        numbers: &mut [A],
        overwritten: &mut [A::Base],
        gradient: &mut S,
    ) -> A {
        let (pixels, label) = x.split_at(Self::PIXELS);
        let [w1, w2, w3, w4] = Self::layers(theta);
        let [at1, at2, at3, at4, _] = Self::LAYERS;
        let (activations, adjoints) = numbers.split_at_mut(Self::ALL_ACTIVATIONS);
        Self::run_forward::<A, W, P>(theta, pixels, activations);
        let [a1, a2, a3, logits] = Self::activations(activations);
        let [d1, d2, d3, _] = Self::activations(adjoints);
        let (o1, o2) = overwritten.split_at_mut(overwritten.len().min(d1.len()));
        let loss = softmax_cross_entropy(logits, label);
        Self::FOURTH.reverse::<A, W, Hidden, S, Whole>(w4, a3, logits, (gradient, at4), Some(d3));
        tanh_reverse::<A, Whole>(a3, d3, &mut []);
        Self::THIRD.reverse::<A, W, Hidden, S, P>(w3, a2, d3, (gradient, at3), Some(d2));
        tanh_reverse::<A, P>(a2, d2, o2);
        Self::SECOND.reverse::<A, W, Hidden, S, P>(w2, a1, d2, (gradient, at2), Some(d1));
        tanh_reverse::<A, P>(a1, d1, o1);
        Self::FIRST.reverse::<A, W, Data, S, P>(w1, pixels, d1, (gradient, at1), None);
        loss
    }
}

impl<const CHANNELS: usize, const SIDE: usize, const SIDE1: usize, const SIDE2: usize> Landscape
    for LeNet<CHANNELS, SIDE, SIDE1, SIDE2>
{
    fn dimension(&self) -> usize {
        Self::FIRST.weights()
            + Self::SECOND.weights()
            + Self::THIRD.weights()
            + Self::FOURTH.weights()
    }

    fn input_width(&self) -> usize {
        Self::PIXELS + CLASSES
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        let (pixels, label) = x.split_at(Self::PIXELS);
        scratch::with(Self::ALL_ACTIVATIONS, |activations: &mut [A]| {
            Self::run_forward::<A, W, Whole>(theta, pixels, activations);
            softmax_cross_entropy(&mut activations[Self::ALL_ACTIVATIONS - CLASSES..], label)
        })
    }

    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        scratch::with(2 * Self::ALL_ACTIVATIONS, |numbers: &mut [A]| {
            Self::run_gradient::<A, W, S, Whole>(theta, x, numbers, &mut [], gradient)
        })
    }

    const CACHES_PRIMALS: bool = true;

    fn gradient_along<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        cache: &mut PrimalCache<A>,
        gradient: &mut S,
    ) -> A {
        let sizes = [
            2 * Self::ALL_ACTIVATIONS,
            Self::ACTIVATIONS[0] + Self::ACTIVATIONS[1],
        ];
        let known = cache.is_known();
        let (numbers, overwritten) = cache.learn(sizes);
        if known {
            Self::run_gradient::<A, W, S, Beyond>(theta, x, numbers, overwritten, gradient)
        } else {
            Self::run_gradient::<A, W, S, Whole>(theta, x, numbers, overwritten, gradient)
        }
    }

    fn forward_flops(&self) -> Option<f64> {
        let later = Self::SECOND.multiply_adds()
            + Self::THIRD.multiply_adds()
            + Self::FOURTH.multiply_adds();
        Some(2.0 * (Self::FIRST.multiply_adds() + later))
    }

    fn gradient_flops(&self) -> Option<f64> {
        // Forward, weight gradients, and for all but the first layer input gradients.
        let first = Self::FIRST.multiply_adds();
        Some(self.forward_flops()? * 3.0 - 2.0 * first)
    }
}
