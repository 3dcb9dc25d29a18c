//! Logistic regression on images.

use crate::landscape::Landscape;
use crate::layers::{AllCoefficients, Data, Dense, GradientSink, scratch, softmax_cross_entropy};
use crate::scalar::Scalar;
use crate::weights::{Own, Weights};

/// Logistic regression: one dense layer with biases from the pixels of an image to ten classes, and the cross entropy of the softmax of its outputs.
///
/// A datapoint is the pixels of an image and then its one-hot label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logistic {
    pixels: usize,
}

const CLASSES: usize = 10;

impl Logistic {
    /// Logistic regression on Fashion-MNIST: 784 pixels, P = 7850.
    pub const FASHION: Logistic = Logistic::of_pixels(784);
    /// Logistic regression on CIFAR-10: 3072 pixels, P = 30,730.
    pub const CIFAR: Logistic = Logistic::of_pixels(3072);

    /// Logistic regression on images with the given number of pixels, counted in all channels together.
    pub const fn of_pixels(pixels: usize) -> Self {
        Logistic { pixels }
    }

    fn dense(self) -> Dense {
        Dense {
            inputs: self.pixels,
            outputs: CLASSES,
        }
    }
}

impl Landscape for Logistic {
    fn dimension(&self) -> usize {
        self.dense().weights()
    }

    fn input_width(&self) -> usize {
        self.pixels + CLASSES
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        let (pixels, label) = x.split_at(self.pixels);
        scratch::with(CLASSES, |logits: &mut [A]| {
            self.dense()
                .forward::<A, W, Data, AllCoefficients>(theta, pixels, logits);
            softmax_cross_entropy(logits, label)
        })
    }

    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let (pixels, label) = x.split_at(self.pixels);
        scratch::with(CLASSES, |logits: &mut [A]| {
            self.dense()
                .forward::<A, W, Data, AllCoefficients>(theta, pixels, logits);
            let loss = softmax_cross_entropy(logits, label);
            self.dense()
                .weight_gradient::<A, Data, S>(pixels, logits, (gradient, 0));
            loss
        })
    }

    fn forward_flops(&self) -> Option<f64> {
        Some(2.0 * self.dense().multiply_adds())
    }

    fn gradient_flops(&self) -> Option<f64> {
        Some(4.0 * self.dense().multiply_adds())
    }
}
