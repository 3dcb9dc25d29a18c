//! The experiments of Tenka, *A Space-Time Approach to Analyzing SGD*, and the harness that they all run in.
//!
//! An [`Experiment`] says what its sweep consists of ([`cells`](Experiment::cells)), how one cell is run, and what follows from all of them:
//! a [`Report`] of verdicts, tables and figures, all computed from the outcomes. The harness does the rest. Finished cells are kept on disk as
//! they finish, so that an experiment that was interrupted, or killed, goes on where it was; outputs appear complete or not at all.
//!
//! | module | subject |
//! | --- | --- |
//! | [`experiment`], [`report`] | what an experiment is made of |
//! | [`harness`] | running it, keeping what is finished |
//! | [`command`] | command lines |
//! | [`page`], [`markdown`] | a report on many experiments as one web page; its verdicts and times as tables |
//! | [`band`], [`curve`] | measured means with simultaneous 95% bands, and which predictions lie inside |
//! | [`trials`], [`learned`], [`judged`] | SGD on a built-in landscape, measured and predicted at many learning rates, from many initial weights |
//! | [`fit`] | polynomials through measured points |
//! | [`population`] | datapoints and initial weights |
//! | [`plot`], [`table`], [`terminal`], [`files`], [`progress`], [`interrupt`] | what programs show and write |
//! | [`figure1`], [`figure3`], [`figure4_gdc`], [`figure4_gap`], [`figure5_screw`], [`figure5_curvature`], [`gaussian_fit_sde`], [`multi_epoch`], [`stic_selection`] | the experiments, listed in [`ALL`] |
//!
//! A new experiment is a file that implements [`Experiment`], a line in [`ALL`], and an example of three lines with its target in `Cargo.toml`.
#![forbid(unsafe_code)]

pub mod band;
pub mod command;
pub mod curve;
pub mod error;
pub mod experiment;
pub mod figure1;
pub mod figure3;
pub mod figure4_gap;
pub mod figure4_gdc;
pub mod figure5_curvature;
pub mod figure5_screw;
pub mod files;
pub mod fit;
pub mod gaussian_fit_sde;
pub mod harness;
pub mod interrupt;
pub mod judged;
pub mod learned;
mod ledger;
pub mod markdown;
pub mod multi_epoch;
pub mod page;
pub mod plot;
pub mod population;
pub mod progress;
pub mod provenance;
pub mod report;
pub mod stic_selection;
pub mod table;
pub mod terminal;
pub mod trials;

pub use error::ExperimentError;
pub use experiment::{Experiment, Finished, Scale, Settings};
pub use harness::{AnyExperiment, Conducted, Session};
pub use progress::Progress;
pub use report::{Figure, Judgement, Report, Verdict};
pub use table::{Entry, Table};

/// Every experiment, in the order of the paper.
pub static ALL: &[&dyn AnyExperiment] = &[
    &figure1::Figure1,
    &figure3::Figure3,
    &figure4_gdc::Figure4Gdc,
    &figure4_gap::Figure4Gap,
    &figure5_screw::Figure5Screw,
    &figure5_curvature::Figure5Curvature,
    &gaussian_fit_sde::GaussianFitSde,
    &multi_epoch::MultiEpoch,
    &stic_selection::SticSelection,
];
