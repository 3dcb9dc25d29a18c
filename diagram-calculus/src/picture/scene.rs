//! Scenes, which are spacetimes with embedded diagrams.

mod svg;
mod tikz;
mod unicode;

use super::MAX_SIDE;
use super::embedding::{Cell, Embedding, Illegal};
use crate::spacetime::Grid;

/// The largest number of embeddings in one scene, since each is named by a capital letter.
pub const MAX_EMBEDDINGS: usize = 26;

/// A picture of a spacetime as a grid, with the points n from top to bottom and the updates t from left to right, and with embeddings on its cells, as in
/// Figure 1 of Tenka, *A Space-Time Approach to Analyzing SGD*. It is drawn by [`unicode`](Scene::unicode), [`svg`](Scene::svg) and
/// [`tikz`](Scene::tikz).
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

/// Why a scene is not drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    /// There are too many rows or columns.
    #[error("{rows} rows and {columns} columns are too many to draw: at most {MAX_SIDE} of each")]
    TooLarge {
        /// The number of rows, N.
        rows: usize,
        /// The number of columns, T.
        columns: usize,
    },
    /// A node is too far outside the grid.
    #[error(
        "node {node} at {cell} is too far off to be drawn: only rows and columns below {MAX_SIDE} are"
    )]
    FarOff {
        /// The node.
        node: usize,
        /// Its place.
        cell: Cell,
    },
    /// There are too many embeddings.
    #[error("{0} embeddings are more than the {MAX_EMBEDDINGS} of one picture")]
    TooMany(usize),
}

impl Scene {
    /// The scene of a grid and the embeddings to draw on it, which may be illegal.
    ///
    /// # Errors
    /// [`SceneError`] if the grid is too large, a node is too far outside it, or there are too many embeddings.
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

    /// The grid of cells.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The embeddings on the grid.
    pub fn embeddings(&self) -> &[Embedding] {
        &self.embeddings
    }

    /// The number of rows and of columns that are drawn, which include those of nodes outside the grid.
    fn extent(&self) -> (usize, usize) {
        let placed = self.embeddings.iter().flat_map(Embedding::placed);
        placed.fold(
            (self.grid.rows(), self.grid.updates()),
            |(rows, columns), (_, cell)| (rows.max(cell.row + 1), columns.max(cell.column + 1)),
        )
    }

    /// The nodes on a cell, each as the index of its embedding and its number.
    fn inside(&self, cell: Cell) -> Vec<(usize, usize)> {
        let embeddings = self.embeddings.iter().enumerate();
        embeddings
            .flat_map(|(at, embedding)| {
                let there = embedding.placed().filter(move |&(_, place)| place == cell);
                there.map(move |(node, _)| (at, node))
            })
            .collect()
    }

    /// The strokes that are drawn over the cells.
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
                    // A root is drawn to the right of the grid, on the row of its first child or the next free one.
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

    /// The place where a node is drawn. Nodes on one cell are drawn side by side.
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

/// A point of the picture, in units of cells from the upper left corner.
#[derive(Clone, Copy, Debug)]
struct Point {
    x: f64,
    y: f64,
}

/// An element that is drawn over the cells, and whether it shows a violation.
struct Stroke {
    kind: StrokeKind,
    illegal: bool,
}

/// The kinds of elements that are drawn over the cells.
enum StrokeKind {
    /// A node.
    Node(Point),
    /// An edge. It is bent if it is within a cell or if there are other nodes on the straight line.
    Edge { from: Point, to: Point, bent: bool },
    /// A tie between two nodes.
    Tie(Point, Point),
    /// A line between two nodes that are on the same row although they are not tied.
    Clash(Point, Point),
}

/// The strokes of one embedding whose nodes are drawn at these points.
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

/// Whether a point is strictly between two others on a horizontal line. Other lines rarely meet nodes.
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
