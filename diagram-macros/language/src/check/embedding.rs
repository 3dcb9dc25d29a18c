//! Explanations of why a diagram has no embedding in a spacetime.

use std::collections::VecDeque;

use diagram_calculus::spacetime::{Batch, EpochSchedule, Parameter, Spacetime};

use super::drawn_forest::DrawnForest;

/// Why a diagram has no embedding, and a help.
pub(super) fn why_never(forest: &DrawnForest, spacetime: &Spacetime) -> (String, String) {
    let limits = Limits::of(spacetime);
    too_many_parts(forest, &limits)
        .or_else(|| tied_along_path(forest, &limits))
        .or_else(|| circle_of_parts(forest, &limits))
        .or_else(|| too_long_path(forest, &limits))
        .unwrap_or_else(|| {
            let why = "no places are left in which children come before their parents, tied nodes share a row and others do not";
            (why.into(), "remove it, or choose a larger spacetime".into())
        })
}

/// Bounds that a spacetime sets to embeddings, as far as its sizes are known.
struct Limits {
    /// The number of training points.
    rows: Option<u64>,
    /// The largest number of updates that visit the same row.
    visits: Option<u64>,
    /// The number of updates.
    updates: Option<u64>,
    /// A help for how to have more visits of a row.
    more: &'static str,
}

impl Limits {
    fn of(spacetime: &Spacetime) -> Self {
        match spacetime {
            Spacetime::Grid(grid) => {
                let visits = |row: &usize| {
                    let columns = grid.columns().iter();
                    columns.filter(|column| column.contains(row)).count() as u64
                };
                Limits {
                    rows: Some(grid.rows() as u64),
                    visits: (0..grid.rows()).map(|row| visits(&row)).max(),
                    updates: Some(grid.updates() as u64),
                    more: "visit a row more often",
                }
            }
            Spacetime::Schedule(schedule) => Limits {
                rows: literal(&schedule.train),
                visits: literal(&schedule.epochs),
                updates: updates(schedule),
                more: match schedule.batch {
                    Batch::Full => "take more steps",
                    Batch::Of(_) => "choose more epochs",
                },
            },
        }
    }
}

/// The value of a size that is a number.
fn literal(parameter: &Parameter) -> Option<u64> {
    match parameter {
        Parameter::Literal(number) => Some(*number),
        Parameter::Symbol(_) => None,
    }
}

/// The number of updates of a schedule, if its sizes are numbers.
fn updates(schedule: &EpochSchedule) -> Option<u64> {
    let epochs = literal(&schedule.epochs)?;
    match &schedule.batch {
        Batch::Full => Some(epochs),
        Batch::Of(batch) => {
            epochs.checked_mul(literal(&schedule.train)?.checked_div(literal(batch)?)?)
        }
    }
}

/// There are more parts than rows.
fn too_many_parts(forest: &DrawnForest, limits: &Limits) -> Option<(String, String)> {
    let rows = limits.rows?;
    let parts = forest.parts_on_rows();
    (parts as u64 > rows).then(|| {
        let why = format!(
            "{} sit on different rows, which takes {parts}, but there {}",
            if forest.means_sit_on_rows {
                "nodes that are not tied"
            } else {
                "parts of tied nodes"
            },
            match rows {
                1 => "is 1 training point".to_string(),
                rows => format!("are {rows} training points"),
            }
        );
        (
            why,
            "remove it, tie nodes, or choose more training points".into(),
        )
    })
}

/// A path has more tied nodes than a row has visits, although tied nodes on a path have different times.
fn tied_along_path(forest: &DrawnForest, limits: &Limits) -> Option<(String, String)> {
    let visits = limits.visits?;
    let (tied, visits) = forest.nodes().find_map(|node| {
        let mut tied = forest.path_up(node);
        tied.retain(|&above| forest.parts[above] == forest.parts[node]);
        (tied.len() as u64 > visits).then_some((tied, visits))
    })?;
    let times = match visits {
        1 => "only once".into(),
        visits => format!("only {visits} times"),
    };
    let why = format!(
        "along an edge time increases strictly, so that {} come at different times, but they are tied and so share a row, which is visited {times}",
        forest.name_all(&tied)
    );
    Some((why, format!("remove it, untie them, or {}", limits.more)))
}

/// The edges between parts form a cycle although every row is visited once, so that all nodes of a part have the same time.
fn circle_of_parts(forest: &DrawnForest, limits: &Limits) -> Option<(String, String)> {
    if limits.visits? > 1 {
        return None;
    }
    let circle = forest.nodes().find_map(|node| circle(forest, node))?;
    let steps: Vec<String> = circle
        .iter()
        .map(|&(child, parent)| format!("{} before {}", forest.name(child), forest.name(parent)))
        .collect();
    let why = format!(
        "each row is visited only once, so that tied nodes share one time, and along an edge time increases strictly: {} runs in a circle",
        steps.join(", tied to ")
    );
    Some((
        why,
        format!("remove it, untie nodes of the circle, or {}", limits.more),
    ))
}

/// A shortest cycle of parts through the part of a node, as the edges from child to parent along it.
fn circle(forest: &DrawnForest, start: usize) -> Option<Vec<(usize, usize)>> {
    let mut ways: VecDeque<Vec<(usize, usize)>> = VecDeque::from([vec![]]);
    let mut seen = vec![false; forest.parents.len()];
    while let Some(way) = ways.pop_front() {
        let at = way.last().map_or(start, |&(_, parent)| parent);
        for child in forest
            .nodes()
            .filter(|&n| forest.parts[n] == forest.parts[at])
        {
            let Some(parent) = forest.parents[child].filter(|&p| !forest.is_root(p)) else {
                continue;
            };
            let mut longer = way.clone();
            longer.push((child, parent));
            if forest.parts[parent] == forest.parts[start] {
                return Some(longer);
            }
            if !std::mem::replace(&mut seen[forest.parts[parent]], true) {
                ways.push_back(longer);
            }
        }
    }
    None
}

/// A path has more nodes than there are updates.
fn too_long_path(forest: &DrawnForest, limits: &Limits) -> Option<(String, String)> {
    let updates = limits.updates?;
    let paths = forest.nodes().map(|node| forest.path_up(node));
    let longest = paths.max_by_key(Vec::len)?;
    (longest.len() as u64 > updates).then(|| {
        let why = format!(
            "along an edge time increases strictly, so that {} take {} updates, but there {}",
            forest.name_all(&longest),
            longest.len(),
            match updates {
                1 => "is only 1".to_string(),
                updates => format!("are only {updates}"),
            }
        );
        (
            why,
            "remove it, or choose a spacetime with more updates".into(),
        )
    })
}
