//! The experiments of Tenka, *A Space-Time Approach to Analyzing SGD*, and the harness that they all run in.
//!
//! An [`Experiment`] defines the [`cells`](Experiment::cells) of its sweep, how one cell is run, and the [`Report`] of verdicts, tables and figures
//! that is computed from the outcomes of all cells. The harness runs the cells and writes the report. It stores each cell on disk when it finishes,
//! so that an experiment that was interrupted or killed goes on with the remaining cells. Files of results appear complete or not at all.
//!
//! | module | subject |
//! | --- | --- |
//! | [`experiment`], [`report`] | the trait of experiments, and their reports |
//! | [`harness`] | runs experiments and stores finished cells |
//! | [`command`] | the command lines of the experiments |
//! | [`page`], [`markdown`] | the results of many experiments as a web page, and as tables in Markdown |
//! | [`band`], [`curve`] | measured means with simultaneous 95% bands, and the predictions that lie inside |
//! | [`trials`], [`learned`], [`judged`] | learning curves of built-in landscapes, measured and predicted from many initial weights |
//! | [`approximants`] | Padé approximants of learning curves beside the series |
//! | [`fit`] | polynomials through measured points |
//! | [`chain`] | exact expectations of SGD on one weight |
//! | [`population`], [`own_data`] | the datapoints and the initial weights of built-in landscapes |
//! | [`plot`], [`table`], [`terminal`], [`files`], [`progress`], [`interrupt`] | the output of the programs, and the handler of Ctrl-C |
//! | [`provenance`], [`digest`], [`error`] | what results were made with, and the errors |
//! | [`options`] | what the options of several programs have in common |
//! | [`lock`] | keeps two runs out of one folder |
//! | [`figure1`], [`figure3`], [`figure4_gdc`], [`figure4_gap`], [`figure5_screw`], [`figure5_curvature`], [`figure_resummation`], [`gaussian_fit_sde`], [`multi_epoch`], [`stic_selection`], [`optimizers`] | the experiments, which [`ALL`] lists |
//!
//! To add an experiment, implement [`Experiment`] in a file of its own, add it to [`ALL`], and add an example that calls [`command::one`], with its
//! target in `Cargo.toml`.
#![forbid(unsafe_code)]

pub mod approximants;
pub mod band;
pub mod chain;
pub mod chosen;
pub mod command;
pub mod curve;
pub mod device;
pub mod digest;
pub mod error;
pub mod experiment;
pub mod figure1;
pub mod figure3;
pub mod figure4_gap;
pub mod figure4_gdc;
pub mod figure5_curvature;
pub mod figure5_screw;
pub mod figure_resummation;
pub mod files;
pub mod fit;
pub mod forecast;
pub mod gaussian_fit_sde;
pub mod harness;
pub mod interrupt;
pub mod judged;
pub mod learned;
mod ledger;
pub mod lock;
pub mod markdown;
pub mod multi_epoch;
pub mod optimizers;
pub mod options;
pub mod own_data;
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
    &figure_resummation::FigureResummation,
    &gaussian_fit_sde::GaussianFitSde,
    &multi_epoch::MultiEpoch,
    &stic_selection::SticSelection,
    &optimizers::Optimizers,
];
