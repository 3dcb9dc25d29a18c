//! Logistic regression on images.

use crate::landscape::Landscape;
use crate::layers::{Data, Dense, GradientSink, Whole, scratch, softmax_cross_entropy};
use crate::scalar::Scalar;
use crate::weights::{Own, Weights};

/// One dense layer with bias from `PIXELS` inputs to ten classes, softmax cross entropy; a datapoint is its pixels, then its one-hot label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logistic<const PIXELS: usize>;

/// Logistic regression on Fashion-MNIST.
pub type FashionLogistic = Logistic<784>;
/// Logistic regression on CIFAR-10.
pub type CifarLogistic = Logistic<3072>;

const CLASSES: usize = 10;

impl<const PIXELS: usize> Logistic<PIXELS> {
    const DENSE: Dense = Dense {
        inputs: PIXELS,
        outputs: CLASSES,
    };
}

impl<const PIXELS: usize> Landscape for Logistic<PIXELS> {
    fn dimension(&self) -> usize {
        Self::DENSE.weights()
    }

    fn input_width(&self) -> usize {
        PIXELS + CLASSES
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        self.forward(Own(theta), x)
    }

    fn forward<A: Scalar, W: Weights<A>>(&self, theta: W, x: &[A::Base]) -> A {
        let (pixels, label) = x.split_at(PIXELS);
        scratch::with(CLASSES, |logits: &mut [A]| {
            Self::DENSE.forward::<A, W, Data, Whole>(theta, pixels, logits);
            softmax_cross_entropy(logits, label)
        })
    }

    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let (pixels, label) = x.split_at(PIXELS);
        scratch::with(CLASSES, |logits: &mut [A]| {
            Self::DENSE.forward::<A, W, Data, Whole>(theta, pixels, logits);
            let loss = softmax_cross_entropy(logits, label);
            Self::DENSE.reverse::<A, W, Data, S, Whole>(theta, pixels, logits, (gradient, 0), None);
            loss
        })
    }

    fn forward_flops(&self) -> Option<f64> {
        Some(2.0 * Self::DENSE.multiply_adds())
    }

    fn gradient_flops(&self) -> Option<f64> {
        Some(4.0 * Self::DENSE.multiply_adds())
    }
}
