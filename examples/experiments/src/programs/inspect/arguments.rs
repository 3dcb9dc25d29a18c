//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Print what the calculus knows of a declaration: its diagrams, what they mean, and their exact coefficients.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Arguments {
    /// Highest number of edges of a diagram.
    #[arg(long, value_name = "d", default_value_t = 3)]
    pub(crate) order: usize,

    /// What is predicted.
    #[arg(long, value_enum, default_value_t = MeasureName::TestLoss)]
    pub(crate) measure: MeasureName,

    /// Spacetime in the language: sgd(…), gd(…) or grid […].
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "sgd(train: N, batch: 1, epochs: 1)"
    )]
    pub(crate) spacetime: String,

    /// Condition that the diagrams must meet, in the language, such as "trees" or "ties >= 1 && parts <= 2".
    #[arg(long = "where", value_name = "CONDITION")]
    pub(crate) condition: Option<String>,

    /// File with a declaration, in place of the four options above; - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["order", "measure", "spacetime", "condition"])]
    pub(crate) file: Option<PathBuf>,

    /// Values of the open sizes, such as N=10,M=2: then coefficients are numbers, too.
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    pub(crate) at: Vec<String>,

    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// Folder to write as well: pictures of every term, index.html, coefficients.csv and terms.tex. It must not exist yet.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,

    /// Draw the spacetimes as grids, with a legal embedding and an illegal one of every diagram.
    #[arg(long)]
    pub(crate) grid: bool,

    /// Diagram to draw on the grids: compact notation or a declared name; may be repeated. Without it, all declared ones.
    #[arg(long, value_name = "DIAGRAM", requires = "grid")]
    pub(crate) diagram: Vec<String>,

    /// What the shuffles of a drawn spacetime follow from.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// What is predicted.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MeasureName {
    TestLoss,
    TrainLoss,
    GeneralizationGap,
    Displacement,
    SecondMoment,
}

impl MeasureName {
    /// In the language.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::TestLoss => "test_loss",
            Self::TrainLoss => "train_loss",
            Self::GeneralizationGap => "generalization_gap",
            Self::Displacement => "displacement",
            Self::SecondMoment => "second_moment",
        }
    }
}

/// What is printed.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Pictures and columns for a terminal.
    Text,
    /// A document that compiles.
    Latex,
    /// One JSON object.
    Json,
    /// A line for every coefficient; no grids.
    Csv,
}
