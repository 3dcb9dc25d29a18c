//! The options of the command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Print the diagrams of a declaration, their meanings and their exact coefficients.
#[derive(Parser)]
#[command(
    name = "inspect",
    version,
    after_help = "Exit status: 0; 2 after an error, with nothing on standard output.\n\nExamples:\n  inspect --order 2 --spacetime \"sgd(train: N, batch: 1, epochs: 1)\" --at N=10\n  inspect --file declaration.txt --out pictures"
)]
pub(crate) struct Arguments {
    /// Largest number of edges of a diagram, which is the highest power of η.
    #[arg(long, value_name = "d", default_value_t = 3)]
    pub(crate) order: usize,

    /// Measure that is predicted.
    #[arg(long, value_enum, default_value_t = MeasureName::TestLoss)]
    pub(crate) measure: MeasureName,

    /// Spacetime, written as in a declaration: sgd(…), gd(…) or grid […].
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "sgd(train: N, batch: 1, epochs: 1)"
    )]
    pub(crate) spacetime: String,

    /// Condition on the diagrams, written as in a declaration, such as "trees" or "ties >= 1 && parts <= 2".
    #[arg(long = "where", value_name = "CONDITION")]
    pub(crate) condition: Option<String>,

    /// File with a declaration, in place of --order, --measure, --spacetime and --where; - reads standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["order", "measure", "spacetime", "condition"], value_parser = diagram_experiments::options::path)]
    pub(crate) file: Option<PathBuf>,

    /// Values of the open sizes, such as N=10,M=2, at which coefficients are evaluated.
    #[arg(long, value_name = "SIZES", value_delimiter = ',')]
    pub(crate) at: Vec<String>,

    /// Format of the text that is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,

    /// Folder to which pictures of all terms, index.html, coefficients.csv and terms.tex are written in addition. It must not exist yet.
    #[arg(long, value_name = "DIR", value_parser = diagram_experiments::options::path)]
    pub(crate) out: Option<PathBuf>,

    /// Draw the spacetimes as grids, with a legal and an illegal embedding of each diagram.
    #[arg(long)]
    pub(crate) grid: bool,

    /// Diagram to draw on the grids, in compact notation or by its declared name. May be repeated. Without it, all declared diagrams are drawn.
    #[arg(long, value_name = "DIAGRAM", requires = "grid")]
    pub(crate) diagram: Vec<String>,

    /// Seed of the shuffles of drawn spacetimes.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    pub(crate) seed: u64,
}

/// The name of a measure on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum MeasureName {
    /// Mean loss over the population after training.
    TestLoss,
    /// Mean loss over the training set after training.
    TrainLoss,
    /// Test loss minus train loss.
    GeneralizationGap,
    /// Change of the weights, a vector.
    Displacement,
    /// Square of the test loss.
    SecondMoment,
}

impl MeasureName {
    /// The name of the measure in a declaration.
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

/// The name of a format on the command line.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Format {
    /// Text for a terminal, with drawings.
    Text,
    /// A complete LaTeX document.
    Latex,
    /// One JSON object.
    Json,
    /// A table with a row for each coefficient, without grids.
    Csv,
}
