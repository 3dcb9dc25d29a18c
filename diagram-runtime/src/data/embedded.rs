//! The sample of Fashion-MNIST that is part of the library.

use super::idx;
use super::source::Source;
use crate::samples::Samples;
use crate::scalar::Element;

/// An IDX file of images and one of labels, concatenated and compressed by `examples/make_sample.rs`.
static SAMPLE: &[u8] = include_bytes!("../../assets/fashion-mnist-sample.gz");

/// Returns 2,000 training images of Fashion-MNIST: the first 200 of each class, in the order of the full data set.
///
/// A datapoint has 28 × 28 pixels and 10 numbers for the label, as from [`load`](super::load). Fashion-MNIST is Copyright (c) 2017 Zalando SE, under
/// the MIT licence, which is stored beside the sample.
///
/// # Panics
///
/// Never, because the sample is part of the library.
pub fn embedded_fashion<T: Element>() -> Samples<T> {
    Source::in_memory("embedded Fashion-MNIST sample", SAMPLE)
        .and_then(idx::read_joined)
        .expect("the asset is part of the library")
        .samples()
}
