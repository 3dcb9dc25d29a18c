//! Diagrams placed on cells.

use std::fmt;

use crate::diagram::Diagram;
use crate::spacetime::Grid;

/// Point `row` in update `column`; both count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// n, the training point.
    pub row: usize,
    /// t, the update.
    pub column: usize,
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(n={}, t={})", self.row, self.column)
    }
}

/// A diagram whose non-root nodes are assigned to cells, legally or not: [`check`](Embedding::check) tells (section
/// 1.3 and Figure 1 of Tenka, *A Space-Time Approach to Analyzing SGD*).
///
/// Roots stand for the measurement at the end and have no cell. Nodes are numbered as the [`Diagram`] numbers them.
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

/// Not one cell for each node that is no root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{cells} cells are given for {nodes} nodes besides the roots; there must be one for each")]
pub struct WrongLength {
    /// Cells given.
    pub cells: usize,
    /// Nodes to place.
    pub nodes: usize,
}

/// What an embedding breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Illegal {
    /// A node lies on no cell of the spacetime.
    #[error("node {node} lies at {cell}, which is no cell of the spacetime")]
    NoSuchCell {
        /// The node.
        node: usize,
        /// Where it lies.
        cell: Cell,
    },
    /// An edge within a cell.
    #[error("the edge from node {child} to node {parent} stays within the cell {cell}")]
    SameCell {
        /// The edge's earlier end.
        child: usize,
        /// Its later end.
        parent: usize,
        /// The cell of both.
        cell: Cell,
    },
    /// An edge whose child is not strictly before its parent.
    #[error("node {child} at {from} is not strictly before its parent {parent} at {to}")]
    NotBefore {
        /// The edge's earlier end.
        child: usize,
        /// Its later end.
        parent: usize,
        /// The child's cell.
        from: Cell,
        /// The parent's cell.
        to: Cell,
    },
    /// Two nodes of one part on different rows.
    #[error("nodes {} and {} are tied, but lie on different rows, at {} and {}", nodes.0, nodes.1, cells.0, cells.1)]
    TiedApart {
        /// The nodes.
        nodes: (usize, usize),
        /// Their cells.
        cells: (Cell, Cell),
    },
    /// Two nodes of different parts on one row.
    #[error("nodes {} and {} are not tied, but share a row, at {} and {}", nodes.0, nodes.1, cells.0, cells.1)]
    UntiedTogether {
        /// The nodes.
        nodes: (usize, usize),
        /// Their cells.
        cells: (Cell, Cell),
    },
}

impl Embedding {
    /// The diagram with its non-root nodes, in their order, on these cells.
    ///
    /// # Errors
    /// [`WrongLength`].
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

    /// What is embedded.
    pub fn diagram(&self) -> &Diagram {
        &self.diagram
    }

    /// The cell of a node; `None` for roots, and for nodes that the diagram does not have.
    pub fn cell(&self, node: usize) -> Option<Cell> {
        let index = node.checked_sub(self.diagram.roots())?;
        self.cells.get(index).copied()
    }

    /// Whether it is legal.
    ///
    /// # Errors
    /// The first of its [`violations`](Embedding::violations).
    pub fn check(&self, grid: &Grid) -> Result<(), Illegal> {
        self.violations(grid).next().map_or(Ok(()), Err)
    }

    /// Everything that it breaks: nodes off the cells first, then edges, then rows.
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
