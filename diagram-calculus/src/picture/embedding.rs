//! Embeddings of diagrams, which place nodes on cells.

use std::fmt;

use crate::diagram::Diagram;
use crate::spacetime::Grid;

/// The cell of the training point `row` in the update `column`, both counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// The number of the training point, n.
    pub row: usize,
    /// The number of the update, t.
    pub column: usize,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(n={}, t={})", self.row, self.column)
    }
}

/// A diagram whose non-root nodes are assigned to cells. The assignment may be illegal, which [`check`](Embedding::check) finds (section 1.3 and Figure 1 of
/// Tenka, *A Space-Time Approach to Analyzing SGD*).
///
/// Roots stand for the measurement at the end and have no cell. Nodes have the numbers that they have in the [`Diagram`].
///
/// ```
/// use diagram_calculus::picture::{Cell, Embedding, Illegal};
/// use diagram_calculus::spacetime::Grid;
///
/// let grid = Grid::from_rows(&["#.", ".#"])?;
/// let cell = Cell { row: 1, column: 1 };
/// let stuck = Embedding::new("(01-12)(0-12)".parse()?, vec![cell, cell])?;
/// let reason = stuck.check(&grid).unwrap_err();
/// assert_eq!(reason, Illegal::SameCell { child: 2, parent: 1, cell });
/// assert_eq!(reason.to_string(), "the edge from node 2 to node 1 stays within the cell (n=1, t=1)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedding {
    diagram: Diagram,
    cells: Vec<Cell>,
}

/// The number of cells is not that of the nodes other than roots.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cells} cells are given for {nodes} nodes besides the roots; there must be one for each")]
pub struct WrongLength {
    /// The number of cells given.
    pub cells: usize,
    /// The number of nodes to place.
    pub nodes: usize,
}

/// A condition of legal embeddings that an embedding violates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// A node is not on a cell of the spacetime.
    #[error("node {node} lies at {cell}, which is no cell of the spacetime")]
    NoSuchCell {
        /// The node.
        node: usize,
        /// Its place.
        cell: Cell,
    },
    /// Both ends of an edge are on the same cell.
    #[error("the edge from node {child} to node {parent} stays within the cell {cell}")]
    SameCell {
        /// The end of the edge that should be earlier.
        child: usize,
        /// The end of the edge that should be later.
        parent: usize,
        /// The cell of both ends.
        cell: Cell,
    },
    /// The child of an edge is not strictly before its parent.
    #[error("node {child} at {from} is not strictly before its parent {parent} at {to}")]
    NotBefore {
        /// The end of the edge that should be earlier.
        child: usize,
        /// The end of the edge that should be later.
        parent: usize,
        /// The cell of the child.
        from: Cell,
        /// The cell of the parent.
        to: Cell,
    },
    /// Two nodes of one part are on different rows.
    #[error("nodes {} and {} are tied, but lie on different rows, at {} and {}", nodes.0, nodes.1, cells.0, cells.1)]
    TiedApart {
        /// The two nodes.
        nodes: (usize, usize),
        /// The cells of the two nodes.
        cells: (Cell, Cell),
    },
    /// Two nodes of different parts are on the same row.
    #[error("nodes {} and {} are not tied, but share a row, at {} and {}", nodes.0, nodes.1, cells.0, cells.1)]
    UntiedTogether {
        /// The two nodes.
        nodes: (usize, usize),
        /// The cells of the two nodes.
        cells: (Cell, Cell),
    },
}

impl Embedding {
    /// The embedding that places the non-root nodes of the diagram, in their order, on these cells.
    ///
    /// # Errors
    /// [`WrongLength`] if there is not one cell for each of these nodes.
    pub fn new(diagram: Diagram, cells: Vec<Cell>) -> Result<Self, WrongLength> {
        let nodes = diagram.edges();
        if cells.len() != nodes {
            return Err(WrongLength {
                cells: cells.len(),
                nodes,
            });
        }
        Ok(Embedding { diagram, cells })
    }

    /// The embedded diagram.
    pub fn diagram(&self) -> &Diagram {
        &self.diagram
    }

    /// The cell of a node, or `None` for a root and for a node that the diagram does not have.
    pub fn cell(&self, node: usize) -> Option<Cell> {
        let index = node.checked_sub(self.diagram.roots())?;
        self.cells.get(index).copied()
    }

    /// Checks that the embedding is legal.
    ///
    /// # Errors
    /// The first of its [`violations`](Embedding::violations).
    pub fn check(&self, grid: &Grid) -> Result<(), Illegal> {
        self.violations(grid).next().map_or(Ok(()), Err)
    }

    /// All violated conditions: those of single nodes first, then those of edges, then those of rows.
    pub fn violations(&self, grid: &Grid) -> impl Iterator<Item = Illegal> {
        let off = self.placed().filter_map(|(node, cell)| {
            let there = grid.contains(cell.row, cell.column);
            (!there).then_some(Illegal::NoSuchCell { node, cell })
        });
        off.chain(self.broken_edges()).chain(self.broken_rows())
    }

    /// The non-root nodes and their cells.
    pub(super) fn placed(&self) -> impl Iterator<Item = (usize, Cell)> {
        (self.diagram.roots()..).zip(self.cells.iter().copied())
    }

    /// The violations of the condition that children are strictly before their parents.
    fn broken_edges(&self) -> impl Iterator<Item = Illegal> {
        self.placed().filter_map(|(child, from)| {
            let parent = self.diagram.parent(child)?;
            let to = self.cell(parent)?;
            if from == to {
                Some(Illegal::SameCell {
                    child,
                    parent,
                    cell: from,
                })
            } else {
                (from.column >= to.column).then_some(Illegal::NotBefore {
                    child,
                    parent,
                    from,
                    to,
                })
            }
        })
    }

    /// The violations of the condition that two nodes are on one row if and only if they are tied.
    fn broken_rows(&self) -> impl Iterator<Item = Illegal> {
        self.placed().flat_map(move |(b, second)| {
            self.placed()
                .take_while(move |&(a, _)| a < b)
                .filter_map(move |(a, first)| {
                    let (nodes, cells) = ((a, b), (first, second));
                    let tied = self.diagram.part(a) == self.diagram.part(b);
                    match (tied, first.row == second.row) {
                        (true, false) => Some(Illegal::TiedApart { nodes, cells }),
                        (false, true) => Some(Illegal::UntiedTogether { nodes, cells }),
                        _ => None,
                    }
                })
        })
    }
}
