//! A sample of Fashion-MNIST inside the library.

use super::idx;
use super::source::Source;
use crate::samples::Samples;
use crate::scalar::Element;

/// Made by `examples/make_sample.rs`: an IDX file of images and one of labels, joined and compressed.
static SAMPLE: &[u8] = include_bytes!("../../assets/fashion-mnist-sample.gz");

/// 2,000 training images of Fashion-MNIST, the first 200 of each class, in the order of the full data set.
///
/// 28 × 28 pixels and 10 numbers for the label, as from [`load`](super::load). Fashion-MNIST is Copyright (c) 2017 Zalando SE, MIT licence;
/// the licence lies beside the asset.
///
/// # Panics
///
/// Never: the asset is part of the library.
pub fn embedded_fashion<T: Element>() -> Samples<T> {
    Source::in_memory("embedded Fashion-MNIST sample", SAMPLE)
        .and_then(idx::read_joined)
        .expect("the asset is part of the library")
        .samples()
}
