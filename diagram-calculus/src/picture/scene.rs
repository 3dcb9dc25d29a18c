//! Spacetimes with diagrams on them.

mod svg;
mod tikz;
mod unicode;

use super::MAX_SIDE;
use super::embedding::{Cell, Embedding, Illegal};
use crate::spacetime::Grid;

/// The most embeddings in one picture: each has a capital letter.
pub const MAX_EMBEDDINGS: usize = 26;

/// A spacetime as a grid, points n downwards and updates t to the right, with embeddings on its cells, as in Figure 1
/// of Tenka, *A Space-Time Approach to Analyzing SGD*. It draws itself: [`unicode`](Scene::unicode),
/// [`svg`](Scene::svg), [`tikz`](Scene::tikz).
///
/// ```
/// use diagram_calculus::picture::{Embedding, Scene};
/// use diagram_calculus::spacetime::Grid;
///
/// let grid = Grid::from_rows(&["#..#", ".##."])?;
/// let embedding = Embedding::legal(&grid, &"(01-12)(0-12)".parse()?, &[])?;
/// let scene = Scene::new(grid, embedding)?;
/// assert_eq!(
///     scene.unicode(),
///     "\
/// n\\t  0  1  2  3
///  0  ▒▒ ·· ·· ▒▒
///  1  ·· A2 A1 ··
/// A = (01-12)(0-12): edges 1→0 2→1; ties 1┄2
/// "
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    grid: Grid,
    embeddings: Vec<Embedding>,
}

/// What is not drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    /// Too many rows or columns.
    #[error("{rows} rows and {columns} columns are too many to draw: at most {MAX_SIDE} of each")]
    TooLarge {
        /// N.
        rows: usize,
        /// T.
        columns: usize,
    },
    /// A node far off the grid.
    #[error(
        "node {node} at {cell} is too far off to be drawn: only rows and columns below {MAX_SIDE} are"
    )]
    FarOff {
        /// The node.
        node: usize,
        /// Where it lies.
        cell: Cell,
    },
    /// Too many embeddings.
    #[error("{0} embeddings are more than the {MAX_EMBEDDINGS} of one picture")]
    TooMany(usize),
}

impl Scene {
    /// A grid and the embeddings to draw on it, legal or not.
    ///
    /// # Errors
    /// [`SceneError`].
    pub fn new(
        grid: Grid,
        embeddings: impl IntoIterator<Item = Embedding>,
    ) -> Result<Self, SceneError> {
        let (rows, columns) = (grid.rows(), grid.updates());
        if rows.max(columns) > MAX_SIDE {
            return Err(SceneError::TooLarge { rows, columns });
        }
        let embeddings: Vec<Embedding> = embeddings.into_iter().collect();
        if embeddings.len() > MAX_EMBEDDINGS {
            return Err(SceneError::TooMany(embeddings.len()));
        }
        for (node, cell) in embeddings.iter().flat_map(Embedding::placed) {
            if cell.row.max(cell.column) >= MAX_SIDE {
                return Err(SceneError::FarOff { node, cell });
            }
        }
        Ok(Scene { grid, embeddings })
    }

    /// The cells.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// What lies on them.
    pub fn embeddings(&self) -> &[Embedding] {
        &self.embeddings
    }

    /// Rows and columns drawn: the grid's, and those of nodes off it.
    fn extent(&self) -> (usize, usize) {
        let placed = self.embeddings.iter().flat_map(Embedding::placed);
        placed.fold(
            (self.grid.rows(), self.grid.updates()),
            |(rows, columns), (_, cell)| (rows.max(cell.row + 1), columns.max(cell.column + 1)),
        )
    }

    /// The nodes in a cell, as (embedding, node).
    fn inside(&self, cell: Cell) -> Vec<(usize, usize)> {
        let embeddings = self.embeddings.iter().enumerate();
        embeddings
            .flat_map(|(at, embedding)| {
                let there = embedding.placed().filter(move |&(_, place)| place == cell);
                there.map(move |(node, _)| (at, node))
            })
            .collect()
    }

    /// What is drawn over the cells.
    fn strokes(&self) -> Vec<Stroke> {
        let (_, columns) = self.extent();
        let mut strokes = vec![];
        let mut taken: Vec<usize> = vec![];
        for (at, embedding) in self.embeddings.iter().enumerate() {
            let diagram = embedding.diagram();
            let points: Vec<Point> = (0..diagram.nodes())
                .map(|node| {
                    if let Some(cell) = embedding.cell(node) {
                        return self.point(cell, at, node);
                    }
                    // A root stands right of the grid, on the row of its first child, or the next free one.
                    let child = diagram.children(node).next();
                    let cell = child.and_then(|child| embedding.cell(child));
                    let mut row = cell.map_or(0, |cell| cell.row);
                    while taken.contains(&row) {
                        row += 1;
                    }
                    taken.push(row);
                    Point {
                        x: columns as f64 + 1.0,
                        y: row as f64 + 0.5,
                    }
                })
                .collect();
            let illegal: Vec<Illegal> = embedding.violations(&self.grid).collect();
            strokes.extend(strokes_of(embedding, &points, &illegal));
        }
        strokes
    }

    /// Where a node is drawn: nodes of one cell stand side by side.
    fn point(&self, cell: Cell, embedding: usize, node: usize) -> Point {
        let inside = self.inside(cell);
        let place = inside.iter().position(|&other| other == (embedding, node));
        let share = (place.unwrap_or(0) as f64 + 1.0) / (inside.len() as f64 + 1.0);
        Point {
            x: cell.column as f64 + share,
            y: cell.row as f64 + 0.5,
        }
    }
}

/// In units of cells, from the upper left corner.
#[derive(Clone, Copy, Debug)]
struct Point {
    x: f64,
    y: f64,
}

/// Something drawn over the cells, and whether it is what makes its embedding illegal.
struct Stroke {
    kind: StrokeKind,
    illegal: bool,
}

enum StrokeKind {
    Node(Point),
    /// An edge; one within a cell, or with other nodes on the straight line, bends to be told from others.
    Edge {
        from: Point,
        to: Point,
        bent: bool,
    },
    Tie(Point, Point),
    /// Two nodes that are not tied but share a row.
    Clash(Point, Point),
}

fn strokes_of(embedding: &Embedding, points: &[Point], illegal: &[Illegal]) -> Vec<Stroke> {
    let diagram = embedding.diagram();
    let mut strokes = vec![];
    for part in 0..diagram.parts() {
        let members: Vec<usize> = diagram.members(part).collect();
        for pair in members.windows(2) {
            let cells = (embedding.cell(pair[0]), embedding.cell(pair[1]));
            strokes.push(Stroke {
                kind: StrokeKind::Tie(points[pair[0]], points[pair[1]]),
                illegal: matches!(cells, (Some(a), Some(b)) if a.row != b.row),
            });
        }
    }
    for reason in illegal {
        if let Illegal::UntiedTogether { nodes: (a, b), .. } = *reason {
            strokes.push(Stroke {
                kind: StrokeKind::Clash(points[a], points[b]),
                illegal: true,
            });
        }
    }
    for node in 0..diagram.nodes() {
        let Some(parent) = diagram.parent(node) else {
            continue;
        };
        let wrong = illegal.iter().any(|reason| {
            matches!(reason, Illegal::SameCell { child, .. } | Illegal::NotBefore { child, .. } if *child == node)
        });
        strokes.push(Stroke {
            kind: StrokeKind::Edge {
                from: points[node],
                to: points[parent],
                bent: embedding.cell(node) == embedding.cell(parent)
                    || points
                        .iter()
                        .any(|&point| between(points[node], point, points[parent])),
            },
            illegal: wrong,
        });
    }
    for (node, &point) in points.iter().enumerate() {
        let off =
            |reason: &Illegal| matches!(reason, Illegal::NoSuchCell { node: n, .. } if *n == node);
        strokes.push(Stroke {
            kind: StrokeKind::Node(point),
            illegal: illegal.iter().any(off),
        });
    }
    strokes
}

/// Whether a point lies on the line between two others of its row: the only lines that meet nodes as a rule.
fn between(from: Point, point: Point, to: Point) -> bool {
    from.y == point.y
        && point.y == to.y
        && (point.x > from.x) != (point.x > to.x)
        && point.x != from.x
        && point.x != to.x
}

/// The capital letter of an embedding.
fn letter(embedding: usize) -> char {
    char::from(b'A' + (embedding % MAX_EMBEDDINGS) as u8)
}
