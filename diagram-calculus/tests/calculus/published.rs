//! Published results on SGD and other optimizers, as statements about the coefficients of diagrams, which are exact. Each test names its source.
//!
//! In these statements l is the mean of the losses `l_n` of datapoints, G, H and J are its first three derivatives and `g_n`, `h_n` the first two of `l_n`, all at the initial weights. C is the
//! covariance of `g_n`. The expectation is over training sets, too: a result that holds given a training set is averaged over it.

mod features;
mod implicit_regularization;
mod label_noise;
mod quadratics;
mod sampling;

use diagram_calculus::ValueClass;
use diagram_calculus::measure::Measure;
use diagram_calculus::optimizer::{Sampling, Training, UpdateRule};
use num_rational::BigRational;
use num_traits::Zero;
use std::collections::BTreeMap;

use crate::common::read;

/// A linear combination of value classes. No coefficient is 0.
type Numbers = BTreeMap<ValueClass, BigRational>;

fn run(sampling: Sampling, rule: UpdateRule) -> Training {
    Training::new(sampling, rule).expect("the rule fits")
}

fn epochs(train: usize, batch: usize, epochs: usize, shuffled: bool) -> Sampling {
    Sampling::epochs(train, batch, epochs, shuffled).expect("positive sizes")
}

/// The coefficient of η^order in a measure.
fn coefficient(training: &Training, measure: Measure, order: usize) -> Numbers {
    let terms = training
        .expand::<BigRational>(measure, order)
        .expect("there is a training set");
    numbers(
        terms
            .into_iter()
            .filter(|(class, _)| class.order() == order),
    )
}

fn numbers(terms: impl IntoIterator<Item = (ValueClass, BigRational)>) -> Numbers {
    let mut numbers = Numbers::new();
    for (class, number) in terms {
        *numbers.entry(class).or_insert_with(BigRational::zero) += number;
    }
    numbers.retain(|_, number| !number.is_zero());
    numbers
}

fn minus(a: &Numbers, b: &Numbers) -> Numbers {
    let negated = b.iter().map(|(class, number)| (class.clone(), -number));
    let terms = a
        .iter()
        .map(|(class, number)| (class.clone(), number.clone()));
    numbers(terms.chain(negated))
}

/// A value of the test loss.
fn value(text: &str) -> ValueClass {
    read(text).value_class()
}

/// A value of the displacement: the diagram without its root, whose edge is the open index.
fn vector(text: &str) -> ValueClass {
    read(text)
        .displacement_class()
        .expect("a root of degree one")
}
