//! Finding embeddings to draw. (Counting them needs no search: [`Spacetime::embeddings`](crate::spacetime::Spacetime::embeddings).)

use super::embedding::{Cell, Embedding, Illegal};
use crate::diagram::Diagram;
use crate::spacetime::Grid;

/// The most cells that [`Embedding::legal`] tries before it gives up.
pub const MAX_STEPS: usize = 1_000_000;

/// No embedding was found within [`MAX_STEPS`], and not all were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no embedding found among the first {MAX_STEPS} cells tried")]
pub struct SearchTooLong;

impl Embedding {
    /// All legal embeddings, each once; as many as [`Spacetime::embeddings`](crate::spacetime::Spacetime::embeddings)
    /// counts. A lazy search without limit.
    pub fn all<'a>(grid: &'a Grid, diagram: &'a Diagram) -> Embeddings<'a> {
        Embeddings(EmbeddingSearch::new(grid, diagram, Rows::ByParts, &[]))
    }

    /// A legal embedding to be drawn beside others; `None` if there is none. It is spread over the updates and keeps off
    /// cells in use where that is possible.
    ///
    /// # Errors
    /// [`SearchTooLong`].
    ///
    /// ```
    /// use diagram_calculus::picture::Embedding;
    /// use diagram_calculus::spacetime::Grid;
    ///
    /// let tied = "(01-12)(0-12)".parse()?;
    /// // Example 3 of the paper: with a single visit of every point, a tied edge fits nowhere.
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

    /// An embedding that shows what is not legal, with the reason, to be drawn beside others; `None` for a diagram without
    /// edges, which has nothing to place.
    ///
    /// It breaks a legal embedding in one place: an edge drawn within a cell if there is an edge between non-root nodes,
    /// else a wrong row, else a node off the cells. If the diagram does not embed at all, its ties are left out so
    /// that the times agree, or if that does not help, all nodes are put into one cell.
    ///
    /// # Errors
    /// [`SearchTooLong`].
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

/// A legal embedding with one thing wrong.
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
            // A tied node leaves its row.
            (Some(_), Some(cell)) => {
                cells[last] = cell;
                return cells;
            }
            // An untied node joins another's.
            (None, _) => {
                cells[last] = cells[0];
                return cells;
            }
            // There is no other row.
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

fn distance(a: Cell, b: Cell) -> usize {
    a.row.abs_diff(b.row) + a.column.abs_diff(b.column)
}

fn all_cells(grid: &Grid) -> impl Iterator<Item = Cell> {
    let columns = grid.columns().iter().enumerate();
    columns.flat_map(|(column, rows)| rows.iter().map(move |&row| Cell { row, column }))
}

/// What rows nodes may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    /// Two nodes share a row if and only if they share a part.
    ByParts,
    /// No two nodes share a row, as if none were tied.
    Distinct,
}

/// Backtracking, node by node, parents first.
#[derive(Debug)]
struct EmbeddingSearch<'a> {
    grid: &'a Grid,
    diagram: &'a Diagram,
    rows: Rows,
    /// Cells to keep off where that is possible.
    taken: Vec<Cell>,
    started: bool,
    /// For every node tried so far the cells that are left to try.
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

    /// Places a node or takes one back; false once everything was tried.
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

    /// Lists the cells for the next node: free ones first, then those near its share of the time.
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

    /// Edges down to the node's deepest descendant, each of which needs an earlier update.
    fn height(&self, node: usize) -> usize {
        let children = self.diagram.children(node);
        children
            .map(|child| self.height(child) + 1)
            .max()
            .unwrap_or(0)
    }
}
