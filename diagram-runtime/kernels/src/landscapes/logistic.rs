//! Logistic regression on images.

use crate::landscape::Landscape;
use crate::layers::{AllCoefficients, Data, Dense, GradientSink, scratch, softmax_cross_entropy};
use crate::scalar::Scalar;
use crate::weights::{Own, Weights};

/// One dense layer with bias from the pixels of an image to ten classes, softmax cross entropy; a datapoint is its pixels, then its one-hot label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logistic {
    pixels: usize,
}

const CLASSES: usize = 10;

impl Logistic {
    /// Logistic regression on Fashion-MNIST.
    pub const FASHION: Logistic = Logistic::of_pixels(784);
    /// Logistic regression on CIFAR-10.
    pub const CIFAR: Logistic = Logistic::of_pixels(3072);

    /// On images of so many pixels, in all channels.
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
            self.dense().reverse::<A, W, Data, S, AllCoefficients>(
                theta,
                pixels,
                logits,
                (gradient, 0),
                None,
            );
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
