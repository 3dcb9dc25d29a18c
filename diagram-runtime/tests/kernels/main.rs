//! The kernels of networks: each layer against its terms.

mod algebras;
mod layers;
mod naive;
