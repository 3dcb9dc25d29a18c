//! Figure 1 of the paper: two spacetimes, and embeddings of diagrams into them.

use diagrams::calculus::Diagram;
use diagrams::calculus::coefficient::Parameters;
use diagrams::calculus::picture::meaning::sentence;
use diagrams::calculus::picture::{Cell, Embedding, Illegal, Scene, concrete};
use diagrams::calculus::spacetime::{Grid, Parameter, Shuffle, Spacetime};
use serde::{Deserialize, Serialize};

use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::progress::Progress;
use crate::report::{Figure, Report, Verdict};
use crate::table::Table;

/// The number of training points N of both spacetimes.
const TRAIN: u64 = 8;
/// The number of updates T of both spacetimes.
const STEPS: u64 = 16;

/// Draws legal and illegal embeddings into two spacetimes with N = 8 and T = 16, and checks what the calculus says about them (Figure 1).
pub struct Figure1;

/// An embedding of a diagram into a spacetime, which is legal or breaks one rule.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Placed {
    panel: Panel,
    diagram: &'static str,
    wrong: Option<Wrong>,
}

/// One of the two spacetimes of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Panel {
    /// Batches of B = 1, shuffled before each epoch.
    Left,
    /// Batches of B = 2, the same in every epoch.
    Right,
}

/// The rule that an embedding breaks, which the calculus is expected to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
enum Wrong {
    /// An edge has both ends on one cell.
    SameCell,
    /// Time does not increase along an edge between two cells.
    NotBefore,
    /// Two tied nodes are on different rows.
    TiedApart,
    /// Two nodes that are not tied are on one row.
    UntiedTogether,
}

/// What the calculus says about an embedding and its diagram.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Judged {
    /// The reason why the embedding is illegal; `None` if it is legal.
    reason: Option<String>,
    /// Whether the calculus says what was expected.
    as_expected: bool,
    /// The number of legal embeddings of the diagram, listed one by one.
    listed: u64,
    /// The number of legal embeddings that the calculus counts without a list.
    counted: f64,
    /// The picture of the embedding.
    svg: String,
}

/// Diagrams on each spacetime, with the rules that their embeddings are to break.
const SWEEP: [(Panel, &str, &[Option<Wrong>]); 5] = [
    (
        Panel::Left,
        "(01-12)(0-1-2)",
        &[None, Some(Wrong::NotBefore), Some(Wrong::UntiedTogether)],
    ),
    (Panel::Left, "(01-12)(0-12)", &[None, Some(Wrong::SameCell)]),
    (
        Panel::Left,
        "(01-02)(0-12)",
        &[None, Some(Wrong::TiedApart)],
    ),
    (Panel::Right, "(01-02-13-34)(0-14-2-3)", &[None]),
    (
        Panel::Right,
        "(01-12)(0-12)",
        &[None, Some(Wrong::SameCell)],
    ),
];

impl Experiment for Figure1 {
    const NAME: &'static str = "figure1";
    const TITLE: &'static str = "Figure 1: diagrams in spacetime";
    const CLAIM: &'static str = "Two spacetimes with N = 8, T = 16: B = 1 with inter-epoch shuffling, and B = 2 without. An embedding is \
        legal if along every edge time increases strictly, so that no edge stays within a cell, and if two nodes share a row if and only \
        if they are tied.";
    const VERSION: u32 = 1;

    type Cell = Placed;
    type Outcome = Judged;

    fn cells(&self, _: &Settings) -> Vec<Placed> {
        let placed = SWEEP.iter().flat_map(|&(panel, diagram, ways)| {
            ways.iter().map(move |&wrong| Placed {
                panel,
                diagram,
                wrong,
            })
        });
        placed.collect()
    }

    fn run(
        &self,
        placed: &Placed,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Judged, ExperimentError> {
        let grid = concrete(&placed.panel.spacetime(), settings.seed)?;
        let diagram: Diagram = placed.diagram.parse()?;
        let embedding = placed.embedding(&grid, &diagram)?;
        let reason = embedding.check(&grid).err();
        let listed = progress.spinning("listing embeddings", || {
            Embedding::all(&grid, &diagram).count() as u64
        });
        let counted = Spacetime::Grid(grid.clone()).embeddings(&diagram);
        Ok(Judged {
            as_expected: reason.as_ref().map(Wrong::of) == placed.wrong.map(Some),
            reason: reason.map(|reason| reason.to_string()),
            listed,
            // The count in an explicit grid is a number, which does not depend on these sizes and is small enough to be exact as a double.
            counted: counted.evaluate_f64(&Parameters::new(TRAIN, 1, 1)?)?,
            svg: Scene::new(grid, [embedding])?.svg(),
        })
    }

    fn report(
        &self,
        settings: &Settings,
        finished: &[Finished<Placed, Judged>],
    ) -> Result<Report, ExperimentError> {
        let mut table = Table::new(
            "embeddings",
            "Embeddings, what the calculus says of them, and how many legal ones there are in this spacetime",
            [
                "spacetime",
                "diagram",
                "embedding",
                "reason",
                "listed",
                "counted",
            ],
        );
        let mut figures = vec![];
        for (at, Finished { cell, outcome, .. }) in finished.iter().enumerate() {
            let (reason, legal) = match &outcome.reason {
                Some(reason) => (reason.as_str(), "illegal"),
                None => ("", "legal"),
            };
            table.row([
                cell.panel.name().into(),
                cell.diagram.into(),
                legal.into(),
                reason.into(),
                outcome.listed.into(),
                outcome.counted.into(),
            ]);
            figures.push(Figure {
                name: format!("figure1_{}", at + 1),
                caption: cell.caption(outcome)?,
                svg: outcome.svg.clone(),
            });
        }
        Ok(Report {
            verdicts: vec![legality(finished), counts(finished)],
            tables: vec![table],
            figures,
            remarks: vec![format!(
                "The shuffles of the left spacetime follow from seed {}. The paper's own pictures of the diagrams are not in its text; these \
                 diagrams show each way in which an embedding can be wrong.",
                settings.seed
            )],
        })
    }
}

/// Whether the calculus judges every embedding as expected.
fn legality(finished: &[Finished<Placed, Judged>]) -> Verdict {
    let right = finished.iter().filter(|f| f.outcome.as_expected).count();
    let legal = finished.iter().filter(|f| f.cell.wrong.is_none()).count();
    Verdict::new(
        "Embeddings are legal and illegal as the caption's two rules say, and edges within a cell are forbidden",
        format!(
            "{right} of {} embeddings are judged as drawn: {legal} legal, {} with one thing wrong, named by the calculus",
            finished.len(),
            finished.len() - legal
        ),
        right == finished.len(),
    )
}

/// Whether both ways of counting embeddings agree.
fn counts(finished: &[Finished<Placed, Judged>]) -> Verdict {
    let equal = finished
        .iter()
        .filter(|f| f.outcome.listed as f64 == f.outcome.counted)
        .count();
    Verdict::new(
        "Counting needs no list: the calculus counts what a search over cells finds",
        format!("{equal} of {} counts are equal", finished.len()),
        equal == finished.len(),
    )
}

impl Panel {
    fn spacetime(self) -> Spacetime {
        let (batch, shuffle) = match self {
            Panel::Left => (1, Shuffle::EachEpoch),
            Panel::Right => (2, Shuffle::Never),
        };
        let [train, size, epochs] = [TRAIN, batch, STEPS * batch / TRAIN].map(Parameter::Literal);
        Spacetime::sgd(train, size, epochs, shuffle)
    }

    fn name(self) -> &'static str {
        match self {
            Panel::Left => "B = 1, shuffled",
            Panel::Right => "B = 2, not shuffled",
        }
    }
}

impl Wrong {
    /// The rule that the calculus names; `None` if it is one that no embedding of this experiment is meant to break.
    fn of(reason: &Illegal) -> Option<Wrong> {
        match reason {
            Illegal::SameCell { .. } => Some(Wrong::SameCell),
            Illegal::NotBefore { .. } => Some(Wrong::NotBefore),
            Illegal::TiedApart { .. } => Some(Wrong::TiedApart),
            Illegal::UntiedTogether { .. } => Some(Wrong::UntiedTogether),
            Illegal::NoSuchCell { .. } => None,
        }
    }
}

impl Placed {
    /// A legal embedding, or one that breaks the given rule and no other.
    fn embedding(&self, grid: &Grid, diagram: &Diagram) -> Result<Embedding, ExperimentError> {
        let legal = Embedding::legal(grid, diagram, &[])?;
        let Some(wrong) = self.wrong else {
            return legal.ok_or_else(|| self.nowhere());
        };
        // Among all ways to move one node of a legal embedding to another cell, this takes the first that breaks this rule alone.
        let first = diagram.roots();
        let legal = legal.ok_or_else(|| self.nowhere())?;
        let cells: Vec<Cell> = (first..diagram.nodes())
            .filter_map(|node| legal.cell(node))
            .collect();
        let everywhere = grid.columns().iter().enumerate();
        let everywhere =
            everywhere.flat_map(|(column, rows)| rows.iter().map(move |&row| Cell { row, column }));
        everywhere
            .flat_map(|cell| {
                let cells = &cells;
                (0..cells.len()).map(move |node| {
                    let mut moved = cells.clone();
                    moved[node] = cell;
                    moved
                })
            })
            .filter_map(|moved| Embedding::new(diagram.clone(), moved).ok())
            .find(|moved| {
                let mut reasons = moved.violations(grid).map(|reason| Wrong::of(&reason));
                reasons.next() == Some(Some(wrong)) && reasons.next().is_none()
            })
            .ok_or_else(|| self.nowhere())
    }

    /// The error that there is no embedding of the wanted kind.
    fn nowhere(&self) -> ExperimentError {
        let wanted = match self.wrong {
            Some(wrong) => format!("{wrong:?}"),
            None => "legal".into(),
        };
        ExperimentError::Other(format!(
            "{} does not embed as wanted: {wanted}",
            self.diagram
        ))
    }

    fn caption(&self, judged: &Judged) -> Result<String, ExperimentError> {
        let (panel, diagram) = (self.panel.name(), self.diagram);
        Ok(match &judged.reason {
            Some(reason) => format!("{panel}: {diagram}, illegal: {reason}."),
            None => format!(
                "{panel}: {diagram}, legal. {}",
                sentence(&diagram.parse::<Diagram>()?)
            ),
        })
    }
}
