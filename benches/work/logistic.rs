//! Logistic regression with any number of pixels, to measure how times grow with the number of weights.

use diagrams::runtime::landscape::Landscape;
use diagrams::runtime::layers::{
    AllCoefficients, Data, Dense, GradientSink, softmax_cross_entropy,
};
use diagrams::runtime::scalar::Scalar;
use diagrams::runtime::weights::{Own, Weights};

/// The same as [`Logistic`](diagrams::runtime::landscapes::Logistic), but for the number of pixels, which is a value here.
pub(crate) struct Logistic(Dense);

impl Logistic {
    /// The regression from this number of pixels to ten classes.
    pub(crate) fn new(pixels: usize) -> Self {
        Logistic(Dense {
            inputs: pixels,
            outputs: 10,
        })
    }

    fn logits<A: Scalar, W: Weights<A>>(&self, theta: W, pixels: &[A::Base]) -> Vec<A> {
        let mut logits = vec![A::constant(0.0); self.0.outputs];
        self.0
            .forward::<A, W, Data, AllCoefficients>(theta, pixels, &mut logits);
        logits
    }
}

impl Landscape for Logistic {
    fn dimension(&self) -> usize {
        self.0.weights()
    }

    fn input_width(&self) -> usize {
        self.0.inputs + self.0.outputs
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        let (pixels, label) = x.split_at(self.0.inputs);
        softmax_cross_entropy(&mut self.logits(Own(theta), pixels), label)
    }

    fn gradient<A: Scalar, W: Weights<A>, S: GradientSink<A> + ?Sized>(
        &self,
        theta: W,
        x: &[A::Base],
        gradient: &mut S,
    ) -> A {
        let (pixels, label) = x.split_at(self.0.inputs);
        let mut logits = self.logits(theta, pixels);
        let loss = softmax_cross_entropy(&mut logits, label);
        self.0
            .weight_gradient::<A, Data, S>(pixels, &logits, (gradient, 0));
        loss
    }
}
