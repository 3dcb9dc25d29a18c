//! Tests of the calculus: one binary, one module for each subject.

mod coefficient_text;
mod combinations;
mod common;
mod corollaries;
mod counts_brute_force;
mod diagram_canonical;
mod diagram_counts;
mod diagram_measures;
mod diagram_notation;
mod diagram_values;
mod filters;
mod optimizers;
mod outlines;
mod picture_diagrams;
mod picture_embeddings;
mod picture_meaning;
mod plan;
mod published;
mod resummed;
