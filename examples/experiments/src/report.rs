//! The results of an experiment: verdicts, tables, figures and remarks.

use std::fmt;

use serde::Serialize;

use crate::table::Table;

/// The results of an experiment. Everything in it is computed from the outcomes of its cells.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The judgements of the paper's claims.
    pub verdicts: Vec<Verdict>,
    /// The tables. The first one is the summary, which is printed on the terminal and written to `NAME.csv`; the others are written to
    /// `NAME_TABLE.csv`.
    pub tables: Vec<Table>,
    /// The figures, each of which is written to `FIGURE.svg`.
    pub figures: Vec<Figure>,
    /// Remarks in words on the sizes, on the bands, and on what the results depend on.
    pub remarks: Vec<String>,
}

/// A claim, and whether the data agree with it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// The claim in words.
    pub claim: String,
    /// The measurement in words, with its uncertainty.
    pub measured: String,
    /// Whether they agree.
    pub judgement: Judgement,
}

impl Verdict {
    /// A verdict on a claim that the data can decide.
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

    /// A verdict on a claim that the data cannot decide.
    pub fn undecided(claim: impl Into<String>, measured: impl Into<String>) -> Self {
        Verdict {
            claim: claim.into(),
            measured: measured.into(),
            judgement: Judgement::Undecided,
        }
    }
}

/// Whether a claim and the data agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Judgement {
    /// The data agree with the claim.
    Agrees,
    /// The data contradict the claim.
    Differs,
    /// The data do not suffice to decide.
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

/// A figure of a report.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The name of the file without its extension.
    pub name: String,
    /// The caption.
    pub caption: String,
    /// An `<svg>` element.
    pub svg: String,
}
