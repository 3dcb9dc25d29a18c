//! Networks as data: a list of layers and a loss, whose shapes are checked when the list is put together.
//!
//! This crate knows what a network is and nothing of how one is computed: the macro checks networks with it when a program is compiled, and
//! the kernels run them. A network is put together layer by layer:
//!
//! ```
//! use diagram_networks::{Activation, Convolution, Dense, Layer, Loss, Network, Shape};
//!
//! let network = Network::input(Shape::image(1, 28, 28))
//!     .then(Convolution::new(8, 3).stride(2).padding(1))
//!     .then(Activation::Gelu)
//!     .then(Layer::residual([
//!         Convolution::new(8, 3).padding(1).into(),
//!         Activation::Tanh.into(),
//!     ]))
//!     .then(Layer::average_pool(2))
//!     .then(Dense::new(32).without_bias())
//!     .then(Activation::Softplus)
//!     .then(Dense::new(10).named("logits"))
//!     .l2(1e-3)
//!     .loss(Loss::CrossEntropy)?;
//! assert_eq!(network.input_width(), 784 + 10);
//! assert_eq!(network.dimension(), 80 + 584 + 392 * 32 + 330);
//! println!("{}", network.layout());
//! # Ok::<(), diagram_networks::NetworkErrors>(())
//! ```

#![forbid(unsafe_code)]

mod check;
mod error;
mod layer;
mod layout;
mod network;
mod print;
mod shape;

pub use check::is_name;
pub use error::{At, NetworkError, NetworkErrors, Problem};
pub use layer::{Activation, Attention, Convolution, Dense, Layer, LayerKind};
pub use layout::{Layout, Tensor};
pub use network::{Declaration, Loss, Network, Parametrization, Penalty, PlacedKind, PlacedLayer};
pub use shape::Shape;
