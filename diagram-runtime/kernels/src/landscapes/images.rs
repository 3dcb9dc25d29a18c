//! The paper's landscapes on images: convolutional networks and logistic regression. They are declared networks.

use std::sync::LazyLock;

use diagram_networks::{Activation, Convolution, Declaration, Dense, Loss, Network, Shape};

use crate::network::NetworkLandscape;

const CLASSES: usize = 10;

/// A network of two 5x5 convolutions of stride 2 to ten channels each, a dense layer to ten activations, and a dense layer to ten classes.
///
/// A hyperbolic tangent follows each of the first three layers, and the loss is the cross entropy of the softmax of the last one. A datapoint is the
/// pixels of a square image (channel, row, column), with `side` pixels in a row, and then its one-hot label.
///
/// # Panics
/// If the image is too small for two convolutions: with less than 13 pixels in a row.
pub fn lenet(channels: usize, side: usize) -> NetworkLandscape {
    let network = Network::input(Shape::image(channels, side, side))
        .then(Convolution::new(10, 5).stride(2))
        .then(Activation::Tanh)
        .then(Convolution::new(10, 5).stride(2))
        .then(Activation::Tanh)
        .then(Dense::new(10))
        .then(Activation::Tanh)
        .then(Dense::new(CLASSES));
    landscape(network)
}

/// Logistic regression: one dense layer with biases from the pixels of an image to ten classes, and the cross entropy of the softmax of its outputs.
///
/// A datapoint is the pixels of an image, counted in all channels together, and then its one-hot label.
///
/// # Panics
/// If there are no pixels.
pub fn logistic(pixels: usize) -> NetworkLandscape {
    landscape(Network::input(Shape::Vector(pixels)).then(Dense::new(CLASSES)))
}

fn landscape(declaration: Declaration) -> NetworkLandscape {
    match declaration.loss(Loss::CrossEntropy) {
        Ok(network) => NetworkLandscape::new(&network),
        Err(errors) => panic!("{errors}"),
    }
}

/// Logistic regression on Fashion-MNIST: 784 pixels, P = 7850.
pub(super) static FASHION_LOGISTIC: LazyLock<NetworkLandscape> = LazyLock::new(|| logistic(784));
/// The network on Fashion-MNIST: one channel of 28 x 28 pixels, P = 4490.
pub(super) static FASHION_LENET: LazyLock<NetworkLandscape> = LazyLock::new(|| lenet(1, 28));
/// Logistic regression on CIFAR-10: 3072 pixels, P = 30,730.
pub(super) static CIFAR_LOGISTIC: LazyLock<NetworkLandscape> = LazyLock::new(|| logistic(3072));
/// The network on CIFAR-10: three channels of 32 x 32 pixels, P = 5890.
pub(super) static CIFAR_LENET: LazyLock<NetworkLandscape> = LazyLock::new(|| lenet(3, 32));
