//! The paper's convolutional networks.

use crate::landscape::Landscape;
use crate::layers::{
    AllCoefficients, BeyondPrimal, CoefficientPart, Convolution, Data, Dense, GradientSink, Hidden,
    PrimalCache, scratch, softmax_cross_entropy, tanh, tanh_reverse,
};
use crate::scalar::Scalar;
use crate::weights::{Own, Weights};

/// A network of two 5x5 convolutions of stride 2 to ten channels each, a dense layer to ten activations, and a dense layer to ten classes.
///
/// A hyperbolic tangent follows each of the first three layers, and the loss is the cross entropy of the softmax of the last one. A datapoint is the
/// pixels of a square image (channel, row, column) and then its one-hot label. The sizes of the image are values of this type and no type parameters, so
/// that networks for different images share their compiled code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeNet {
    channels: usize,
    /// The number of pixels in a row of an image, and of outputs in a row of each convolution.
    sides: [usize; 3],
}

const MAPS: usize = 10;
const CLASSES: usize = 10;
const KERNEL: usize = 5;
const STRIDE: usize = 2;

impl LeNet {
    /// The network on Fashion-MNIST: one channel of 28 x 28 pixels, P = 4490.
    pub const FASHION: LeNet = LeNet::of_images(1, 28);
    /// The network on CIFAR-10: three channels of 32 x 32 pixels, P = 5890.
    pub const CIFAR: LeNet = LeNet::of_images(3, 32);

    /// The network on images with the given numbers of channels and of pixels in a row.
    const fn of_images(channels: usize, side: usize) -> Self {
        let first = (side - KERNEL) / STRIDE + 1;
        let second = (first - KERNEL) / STRIDE + 1;
        LeNet {
            channels,
            sides: [side, first, second],
        }
    }

    fn first(self) -> Convolution<KERNEL, STRIDE> {
        Convolution {
            inputs: self.channels,
            outputs: MAPS,
            side_in: self.sides[0],
            side_out: self.sides[1],
        }
    }

    fn second(self) -> Convolution<KERNEL, STRIDE> {
        Convolution {
            inputs: MAPS,
            outputs: MAPS,
            side_in: self.sides[1],
            side_out: self.sides[2],
        }
    }

    fn third(self) -> Dense {
        Dense {
            inputs: MAPS * self.sides[2] * self.sides[2],
            outputs: MAPS,
        }
    }

    fn fourth() -> Dense {
        Dense {
            inputs: MAPS,
            outputs: CLASSES,
        }
    }

    fn pixels(self) -> usize {
        self.channels * self.sides[0] * self.sides[0]
    }

    /// The numbers of activations after each of the four layers; those of the last are the logits.
    fn activations(self) -> [usize; 4] {
        let [_, first, second] = self.sides;
        [MAPS * first * first, MAPS * second * second, MAPS, CLASSES]
    }

    fn all_activations(self) -> usize {
        self.activations().iter().sum()
    }

    /// The positions in θ at which the weights of the four layers begin, and the end of θ.
    fn layers(self) -> [usize; 5] {
        let first = self.first().weights();
        let second = first + self.second().weights();
        let third = second + self.third().weights();
        [0, first, second, third, third + Self::fourth().weights()]
    }

    /// The weights of each of the four layers.
    #[inline(always)]
    fn weights_of_layers<A: Scalar, W: Weights<A>>(self, theta: W) -> [W; 4] {
        let layers = self.layers();
        std::array::from_fn(|i| theta.range(layers[i]..layers[i + 1]))
    }

    /// The activations of each of the four layers.
    fn split_activations<T>(self, all: &mut [T]) -> [&mut [T]; 4] {
        let [first, second, third, _] = self.activations();
        let (first, rest) = all.split_at_mut(first);
        let (second, rest) = rest.split_at_mut(second);
        let (third, fourth) = rest.split_at_mut(third);
        [first, second, third, fourth]
    }

    /// The forward pass from pixels to logits. The last layer is small, and all its coefficients are computed even if primal values are known.
    fn run_forward<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        self,
        theta: W,
        pixels: &[A::Base],
        activations: &mut [A],
    ) {
        let [w1, w2, w3, w4] = self.weights_of_layers(theta);
        let [a1, a2, a3, logits] = self.split_activations(activations);
        self.first().forward::<A, W, Data, P>(w1, pixels, a1);
        tanh::<A, P>(a1);
        self.second().forward::<A, W, Hidden, P>(w2, a1, a2);
        tanh::<A, P>(a2);
        self.third().forward::<A, W, Hidden, P>(w3, a2, a3);
        tanh::<A, P>(a3);
        Self::fourth().forward::<A, W, Hidden, AllCoefficients>(w4, a3, logits);
    }

    /// The forward and the reverse pass. `numbers` is the memory for activations and adjoints; `overwritten`, unless it is empty, keeps the primal values
    /// of adjoints that are overwritten.
    fn run_gradient<
        A: Scalar,
        W: Weights<A>,
        S: GradientSink<A> + ?Sized,
        P: CoefficientPart<A>,
    >(
        self,
        theta: W,
        x: &[A::Base],
        numbers: &mut [A],
        overwritten: &mut [A::Base],
        gradient: &mut S,
    ) -> A {
        let (pixels, label) = x.split_at(self.pixels());
        let [_, w2, w3, w4] = self.weights_of_layers(theta);
        let [at1, at2, at3, at4, _] = self.layers();
        let (activations, adjoints) = numbers.split_at_mut(self.all_activations());
        self.run_forward::<A, W, P>(theta, pixels, activations);
        let [a1, a2, a3, logits] = self.split_activations(activations);
        let [d1, d2, d3, _] = self.split_activations(adjoints);
        let (o1, o2) = overwritten.split_at_mut(overwritten.len().min(d1.len()));
        let loss = softmax_cross_entropy(logits, label);
        Self::fourth().input_gradient::<A, W, AllCoefficients>(w4, logits, d3);
        Self::fourth().weight_gradient::<A, Hidden, S>(a3, logits, (gradient, at4));
        tanh_reverse::<A, AllCoefficients>(a3, d3, &mut []);
        self.third().input_gradient::<A, W, P>(w3, d3, d2);
        self.third()
            .weight_gradient::<A, Hidden, S>(a2, d3, (gradient, at3));
        tanh_reverse::<A, P>(a2, d2, o2);
        self.second().input_gradient::<A, W, P>(w2, d2, d1);
        self.second()
            .weight_gradient::<A, Hidden, S>(a1, d2, (gradient, at2));
        tanh_reverse::<A, P>(a1, d1, o1);
        self.first()
            .weight_gradient::<A, Data, S>(pixels, d1, (gradient, at1));
        loss
    }
}

impl Landscape for LeNet {
    fn dimension(&self) -> usize {
        self.first().weights()
            + self.second().weights()
            + self.third().weights()
            + Self::fourth().weights()
    }

    fn input_width(&self) -> usize {
        self.pixels() + CLASSES
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        let (pixels, label) = x.split_at(self.pixels());
        scratch::with(self.all_activations(), |activations: &mut [A]| {
            self.run_forward::<A, W, AllCoefficients>(theta, pixels, activations);
            softmax_cross_entropy(&mut activations[self.all_activations() - CLASSES..], label)
        })
    }

    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        scratch::with(2 * self.all_activations(), |numbers: &mut [A]| {
            self.run_gradient::<A, W, S, AllCoefficients>(theta, x, numbers, &mut [], gradient)
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
            2 * self.all_activations(),
            self.activations()[0] + self.activations()[1],
        ];
        let known = cache.is_known();
        let (numbers, overwritten) = cache.learn(sizes);
        if known {
            self.run_gradient::<A, W, S, BeyondPrimal>(theta, x, numbers, overwritten, gradient)
        } else {
            self.run_gradient::<A, W, S, AllCoefficients>(theta, x, numbers, overwritten, gradient)
        }
    }

    fn forward_flops(&self) -> Option<f64> {
        let later = self.second().multiply_adds()
            + self.third().multiply_adds()
            + Self::fourth().multiply_adds();
        Some(2.0 * (self.first().multiply_adds() + later))
    }

    fn gradient_flops(&self) -> Option<f64> {
        // The forward pass, the weight gradients, and the input gradients of all layers but the first take the same number of operations for each layer.
        let first = self.first().multiply_adds();
        Some(self.forward_flops()? * 3.0 - 2.0 * first)
    }
}
