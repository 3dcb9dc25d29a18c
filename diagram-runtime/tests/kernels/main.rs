//! The kernels of networks: each layer against its terms, a further direction against a fresh run, special numbers against plain arithmetic, whole
//! networks against a proven bound on roundings, and values on any number of threads.

mod algebras;
mod balls;
mod beyond;
mod layers;
mod naive;
mod networks;
mod special;
