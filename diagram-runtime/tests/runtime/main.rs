//! Values, criteria, re-summed values, simulations and data, each against another way to compute it.

mod checkpoints;
mod control_variates;
mod criteria;
mod data;
mod data_file;
mod descents;
mod draws;
mod failures;
mod final_weights;
mod initializations;
mod layer_rates;
mod learning_rate;
mod optimizers;
mod panics;
mod reference;
mod refusals;
mod resummed;
mod sample_reading;
mod saved_values;
mod series;
mod simulate;
mod summarize;
mod tensors;
mod threads;
mod values_brute_force;
mod warnings;
