//! What the macro and the library are together: declarations that compile, and the predictions that they make.

mod compiled;
mod finite_sums;
mod fixtures;
mod forms;
mod mistakes;
mod networks;
mod optimized;
mod paper;
mod published;
mod resummed;
mod shadowing;
