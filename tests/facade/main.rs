//! What the macro and the library are together: declarations that compile, and the predictions that they make.

mod compiled;
mod forms;
mod paper;
mod resummed;
mod shadowing;
