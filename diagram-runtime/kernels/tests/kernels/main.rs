//! The kernels of networks: each layer against its terms, a further direction against a fresh run, special numbers against plain arithmetic, whole
//! networks against a proven bound on roundings; and derivatives of landscapes against plain loops, finite differences and closed
//! forms; and the kernels of simulators against loops.

mod algebras;
mod balls;
mod beyond;
mod declared;
mod derivatives;
mod expressions;
mod graphs;
mod inlining;
mod landscapes;
mod layers;
mod naive;
mod naive_lenet;
mod networks;
mod regularized;
mod simulator;
mod special;
mod support;
