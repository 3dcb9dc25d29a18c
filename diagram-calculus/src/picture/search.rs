//! Search for embeddings. ([`Spacetime::embeddings`](crate::spacetime::Spacetime::embeddings) counts them without a search.)

use super::embedding::{Cell, Embedding, Illegal};
use crate::diagram::Diagram;
use crate::spacetime::Grid;

/// The number of cells that [`Embedding::legal`] tries before it gives up.
pub const MAX_STEPS: usize = 1_000_000;

/// The search was stopped after [`MAX_STEPS`] cells without an embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no embedding found among the first {MAX_STEPS} cells tried")]
pub struct SearchTooLong;

impl Embedding {
    /// All legal embeddings, each once. Their number is [`Spacetime::embeddings`](crate::spacetime::Spacetime::embeddings). The iterator searches as it is
    /// advanced, without limit.
    pub fn all<'a>(grid: &'a Grid, diagram: &'a Diagram) -> Embeddings<'a> {
        Embeddings(EmbeddingSearch::new(grid, diagram, Rows::ByParts, &[]))
    }

    /// A legal embedding to be drawn beside others, or `None` if there is none. Where possible it is spread over the updates and avoids the cells of the
    /// others.
    ///
    /// # Errors
    /// [`SearchTooLong`] if the search takes more than [`MAX_STEPS`].
    ///
    /// ```
    /// use diagram_calculus::picture::Embedding;
    /// use diagram_calculus::spacetime::Grid;
    ///
    /// let tied = "(01-12)(0-12)".parse()?;
    /// // Example 3 of the paper: if every point is visited once, an edge between tied nodes has no embedding.
    /// assert_eq!(Embedding::legal(&Grid::from_rows(&["#.", ".#"])?, &tied, &[])?, None);
    /// assert!(Embedding::legal(&Grid::from_rows(&["##", "##"])?, &tied, &[])?.is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn legal(
        grid: &Grid,
        diagram: &Diagram,
        beside: &[Embedding],
    ) -> Result<Option<Embedding>, SearchTooLong> {
        let cells = EmbeddingSearch::new(grid, diagram, Rows::ByParts, beside).first()?;
        Ok(cells.map(|cells| embedding(diagram, cells)))
    }

    /// An illegal embedding to be drawn beside others, with its first violation; `None` for a diagram without edges, which has no nodes to place.
    ///
    /// It differs from a legal embedding by one node. If there is an edge between non-root nodes, its ends are put on one cell; otherwise a node is put on
    /// a wrong row, or if that is impossible, outside the cells. If the diagram has no legal embedding, the result is an embedding of the diagram without
    /// its ties, or if there is none either, all nodes are put on one cell.
    ///
    /// # Errors
    /// [`SearchTooLong`] if the search takes more than [`MAX_STEPS`].
    pub fn illegal(
        grid: &Grid,
        diagram: &Diagram,
        beside: &[Embedding],
    ) -> Result<Option<(Embedding, Illegal)>, SearchTooLong> {
        if diagram.edges() == 0 {
            return Ok(None);
        }
        let cells = if let Some(legal) =
            EmbeddingSearch::new(grid, diagram, Rows::ByParts, beside).first()?
        {
            broken(grid, diagram, legal)
        } else if let Some(loose) =
            EmbeddingSearch::new(grid, diagram, Rows::Distinct, beside).first()?
        {
            loose
        } else {
            let cell = Cell {
                row: grid.columns()[0][0],
                column: 0,
            };
            vec![cell; diagram.edges()]
        };
        let embedding = embedding(diagram, cells);
        let reason = embedding.check(grid).err();
        Ok(reason.map(|reason| (embedding, reason)))
    }
}

/// The iterator of [`Embedding::all`].
#[derive(Debug)]
pub struct Embeddings<'a>(EmbeddingSearch<'a>);

impl Iterator for Embeddings<'_> {
    type Item = Embedding;

    fn next(&mut self) -> Option<Embedding> {
        while self.0.step() {
            if self.0.complete() {
                return Some(embedding(self.0.diagram, self.0.placed.clone()));
            }
        }
        None
    }
}

fn embedding(diagram: &Diagram, cells: Vec<Cell>) -> Embedding {
    Embedding::new(diagram.clone(), cells).expect("the search places every node")
}

/// The cells of a legal embedding with one of them changed so that the embedding is illegal.
fn broken(grid: &Grid, diagram: &Diagram, mut cells: Vec<Cell>) -> Vec<Cell> {
    let roots = diagram.roots();
    let inner = (roots..diagram.nodes())
        .filter_map(|child| Some((child, diagram.parent(child)?)))
        .find(|&(_, parent)| parent >= roots);
    if let Some((child, parent)) = inner {
        cells[child - roots] = cells[parent - roots];
        return cells;
    }
    let last = cells.len() - 1;
    if last > 0 {
        let tied = |&at: &usize| diagram.part(roots + at) == diagram.part(roots + last);
        let used: Vec<usize> = cells.iter().map(|cell| cell.row).collect();
        let elsewhere = all_cells(grid)
            .filter(|cell| !used.contains(&cell.row))
            .min_by_key(|&cell| distance(cell, cells[last]));
        match ((0..last).find(tied), elsewhere) {
            // A tied node is moved to another row.
            (Some(_), Some(cell)) => {
                cells[last] = cell;
                return cells;
            }
            // An untied node is moved to the row of another node.
            (None, _) => {
                cells[last] = cells[0];
                return cells;
            }
            // There is no other row with cells.
            (Some(_), None) => {}
        }
    }
    let gap = (0..grid.updates())
        .flat_map(|column| (0..grid.rows()).map(move |row| Cell { row, column }))
        .filter(|cell| !grid.contains(cell.row, cell.column))
        .min_by_key(|&cell| distance(cell, cells[last]));
    cells[last] = gap.unwrap_or(Cell {
        row: grid.rows(),
        column: 0,
    });
    cells
}

/// The distance of two cells in rows and columns.
fn distance(a: Cell, b: Cell) -> usize {
    a.row.abs_diff(b.row) + a.column.abs_diff(b.column)
}

/// All cells of a grid, column by column.
fn all_cells(grid: &Grid) -> impl Iterator<Item = Cell> {
    let columns = grid.columns().iter().enumerate();
    columns.flat_map(|(column, rows)| rows.iter().map(move |&row| Cell { row, column }))
}

/// The condition on the rows of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    /// Two nodes are on the same row if and only if they are in the same part.
    ByParts,
    /// No two nodes are on the same row, as if none were tied.
    Distinct,
}

/// A backtracking search that places one node after the other, parents first.
#[derive(Debug)]
struct EmbeddingSearch<'a> {
    grid: &'a Grid,
    diagram: &'a Diagram,
    rows: Rows,
    /// Cells that are avoided where possible.
    taken: Vec<Cell>,
    started: bool,
    /// For each node that is being placed, the cells that are left to try.
    left: Vec<std::vec::IntoIter<Cell>>,
    placed: Vec<Cell>,
}

impl<'a> EmbeddingSearch<'a> {
    fn new(grid: &'a Grid, diagram: &'a Diagram, rows: Rows, beside: &[Embedding]) -> Self {
        let placed = beside.iter().flat_map(Embedding::placed);
        EmbeddingSearch {
            grid,
            diagram,
            rows,
            taken: placed.map(|(_, cell)| cell).collect(),
            started: false,
            left: vec![],
            placed: vec![],
        }
    }

    fn first(mut self) -> Result<Option<Vec<Cell>>, SearchTooLong> {
        for _ in 0..MAX_STEPS {
            if !self.step() {
                return Ok(None);
            }
            if self.complete() {
                return Ok(Some(self.placed));
            }
        }
        Err(SearchTooLong)
    }

    fn complete(&self) -> bool {
        self.placed.len() == self.diagram.edges()
    }

    /// Places a node or takes one back. Returns false when all embeddings have been tried.
    fn step(&mut self) -> bool {
        if !self.started {
            self.started = true;
            if !self.complete() {
                self.descend();
            }
            return true;
        }
        if self.placed.len() == self.left.len() {
            self.placed.pop();
        }
        let Some(top) = self.left.last_mut() else {
            return false;
        };
        if let Some(cell) = top.next() {
            self.placed.push(cell);
            if !self.complete() {
                self.descend();
            }
        } else {
            self.left.pop();
            self.placed.pop();
        }
        true
    }

    /// Lists the cells to try for the next node. Free cells come before those in use, and cells near an even distribution over the available time come
    /// first.
    fn descend(&mut self) {
        let roots = self.diagram.roots();
        let node = roots + self.placed.len();
        let end = self
            .diagram
            .parent(node)
            .and_then(|parent| parent.checked_sub(roots))
            .map_or(self.grid.updates(), |parent| self.placed[parent].column);
        let fits = |cell: &Cell| {
            (0..self.placed.len()).all(|other| {
                let tied = self.rows == Rows::ByParts
                    && self.diagram.part(roots + other) == self.diagram.part(node);
                tied == (self.placed[other].row == cell.row)
            })
        };
        let mut cells: Vec<Cell> = all_cells(self.grid)
            .take_while(|cell| cell.column < end)
            .filter(fits)
            .collect();
        let height = self.height(node);
        let ideal = end * (height + 1) / (height + 2);
        cells.sort_by_key(|cell| {
            let in_use = self.taken.contains(cell) || self.placed.contains(cell);
            (in_use, cell.column.abs_diff(ideal))
        });
        self.left.push(cells.into_iter());
    }

    /// The number of edges to the deepest descendant of a node, each of which needs an earlier update.
    fn height(&self, node: usize) -> usize {
        let children = self.diagram.children(node);
        children
            .map(|child| self.height(child) + 1)
            .max()
            .unwrap_or(0)
    }
}
