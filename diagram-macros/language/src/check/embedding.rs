//! Why a diagram has no place in a spacetime.

use diagram_calculus::Diagram;
use diagram_calculus::spacetime::{Parameter, Schedule, Spacetime};

/// Why no embedding exists.
pub(super) fn why_never(diagram: &Diagram, spacetime: &Spacetime) -> String {
    let strict = "along an edge time increases strictly";
    if is_one_epoch(spacetime)
        && let Some((child, ancestor)) = tied_along_path(diagram)
    {
        return format!(
            "{strict}, but nodes {child} and {ancestor} of {diagram} are tied and so share a row, which is visited only once"
        );
    }
    let parts = diagram.parts() - diagram.roots();
    if let Some(rows) = rows(spacetime)
        && parts as u64 > rows
    {
        return format!("it has {parts} parts below the root for {rows} rows");
    }
    format!("{strict} and untied nodes never share a row, which leaves no place for {diagram}")
}

/// The number of training points, if it is known.
fn rows(spacetime: &Spacetime) -> Option<u64> {
    match spacetime {
        Spacetime::Grid(grid) => Some(grid.rows() as u64),
        Spacetime::Schedule(Schedule {
            train: Parameter::Literal(train),
            ..
        }) => Some(*train),
        Spacetime::Schedule(_) => None,
    }
}

fn is_one_epoch(spacetime: &Spacetime) -> bool {
    matches!(
        spacetime,
        Spacetime::Schedule(Schedule {
            epochs: Parameter::Literal(1),
            ..
        })
    )
}

/// A node and one of its ancestors below the root, tied.
fn tied_along_path(diagram: &Diagram) -> Option<(usize, usize)> {
    (0..diagram.nodes()).find_map(|node| {
        let mut ancestor = diagram.parent(node);
        while let Some(at) = ancestor {
            if diagram.parent(at).is_some() && diagram.part(at) == diagram.part(node) {
                return Some((node, at));
            }
            ancestor = diagram.parent(at);
        }
        None
    })
}
