//! What follows from an experiment.

use std::fmt;

use serde::Serialize;

use crate::table::Table;

/// What follows from an experiment: everything in it is computed from outcomes.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The paper's statements, and what was measured.
    pub verdicts: Vec<Verdict>,
    /// The first is the summary, which is printed and becomes `NAME.csv`; others become `NAME_TABLE.csv`.
    pub tables: Vec<Table>,
    /// Pictures, each of which becomes `FIGURE.svg`.
    pub figures: Vec<Figure>,
    /// How to read it all, in words: sizes, how bands were made, what the result depends on.
    pub remarks: Vec<String>,
}

/// A statement, and what the data say to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The statement in words.
    pub claim: String,
    /// What was measured, with its uncertainty.
    pub measured: String,
    /// Whether both agree.
    pub judgement: Judgement,
}

impl Verdict {
    /// A statement that the data can decide.
    pub fn new(claim: impl Into<String>, measured: impl Into<String>, agrees: bool) -> Self {
        Verdict {
            claim: claim.into(),
            measured: measured.into(),
            judgement: if agrees {
                Judgement::Agrees
            } else {
                Judgement::Differs
            },
        }
    }

    /// A statement that these data cannot decide.
    pub fn undecided(claim: impl Into<String>, measured: impl Into<String>) -> Self {
        Verdict {
            claim: claim.into(),
            measured: measured.into(),
            judgement: Judgement::Undecided,
        }
    }
}

/// Whether a statement and the data agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// They do.
    Agrees,
    /// They do not: a result like any other.
    Differs,
    /// The data do not suffice to tell.
    Undecided,
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Judgement::Agrees => "agrees",
            Judgement::Differs => "differs",
            Judgement::Undecided => "undecided",
        })
    }
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The file's name without its ending.
    pub name: String,
    /// What it shows.
    pub caption: String,
    /// An `<svg>` element.
    pub svg: String,
}
