//! The paper's convolutional networks.

use crate::landscape::Landscape;
use crate::network::{
    Convolution, Data, Dense, Hidden, scratch, softmax_cross_entropy, tanh, tanh_reverse,
};
use crate::scalar::{Scalar, Weight};

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

    /// The weights of the four layers.
    fn layers<T>(theta: &[T]) -> [&[T]; 4] {
        let () = Self::SHAPES_FIT;
        let (first, rest) = theta.split_at(Self::FIRST.weights());
        let (second, rest) = rest.split_at(Self::SECOND.weights());
        let (third, fourth) = rest.split_at(Self::THIRD.weights());
        [first, second, third, fourth]
    }

    fn activations<T>(all: &mut [T]) -> [&mut [T]; 4] {
        let (first, rest) = all.split_at_mut(Self::ACTIVATIONS[0]);
        let (second, rest) = rest.split_at_mut(Self::ACTIVATIONS[1]);
        let (third, fourth) = rest.split_at_mut(Self::ACTIVATIONS[2]);
        [first, second, third, fourth]
    }

    fn run_forward<A: Scalar, W: Weight<A>>(
        theta: &[W],
        pixels: &[A::Base],
        activations: &mut [A],
    ) {
        let [w1, w2, w3, w4] = Self::layers(theta);
        let [a1, a2, a3, logits] = Self::activations(activations);
        Self::FIRST.forward::<A, W, Data>(w1, pixels, a1);
        tanh(a1);
        Self::SECOND.forward::<A, W, Hidden>(w2, a1, a2);
        tanh(a2);
        Self::THIRD.forward::<A, W, Hidden>(w3, a2, a3);
        tanh(a3);
        Self::FOURTH.forward::<A, W, Hidden>(w4, a3, logits);
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
        self.forward(theta, x)
    }

    fn forward<A: Scalar, W: Weight<A>>(&self, theta: &[W], x: &[A::Base]) -> A {
        let (pixels, label) = x.split_at(Self::PIXELS);
        scratch::with(Self::ALL_ACTIVATIONS, |activations: &mut [A]| {
            Self::run_forward(theta, pixels, activations);
            softmax_cross_entropy(&mut activations[Self::ALL_ACTIVATIONS - CLASSES..], label)
        })
    }

    fn gradient<A: Scalar, W: Weight<A>>(
        &self,
        theta: &[W],
        x: &[A::Base],
        gradient: &mut [A],
    ) -> A {
        let (pixels, label) = x.split_at(Self::PIXELS);
        let [w1, w2, w3, w4] = Self::layers(theta);
        let (g1, rest) = gradient.split_at_mut(w1.len());
        let (g2, rest) = rest.split_at_mut(w2.len());
        let (g3, g4) = rest.split_at_mut(w3.len());
        scratch::with(2 * Self::ALL_ACTIVATIONS, |both: &mut [A]| {
            let (activations, adjoints) = both.split_at_mut(Self::ALL_ACTIVATIONS);
            Self::run_forward(theta, pixels, activations);
            let [a1, a2, a3, logits] = Self::activations(activations);
            let [d1, d2, d3, _] = Self::activations(adjoints);
            let loss = softmax_cross_entropy(logits, label);
            Self::FOURTH.reverse::<A, W, Hidden>(w4, a3, logits, g4, Some(d3));
            tanh_reverse(a3, d3);
            Self::THIRD.reverse::<A, W, Hidden>(w3, a2, d3, g3, Some(d2));
            tanh_reverse(a2, d2);
            Self::SECOND.reverse::<A, W, Hidden>(w2, a1, d2, g2, Some(d1));
            tanh_reverse(a1, d1);
            Self::FIRST.reverse::<A, W, Data>(w1, pixels, d1, g1, None);
            loss
        })
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
