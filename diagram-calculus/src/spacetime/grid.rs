//! Spacetimes given by explicit cells.

/// A spacetime of explicit cells. Rows are training points, columns are updates, and every update has the same number of points.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    rows: usize,
    /// The points of each update, in ascending order.
    columns: Vec<Vec<usize>>,
}

/// Why cells do not form a grid. Rows and columns are counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// There are no rows or no columns.
    #[error("the grid has no {0}")]
    Empty(&'static str),
    /// The rows have different lengths.
    #[error("row {row} has {found} columns, but row 0 has {expected}")]
    Ragged {
        /// The first row that differs.
        row: usize,
        /// The number of its columns.
        found: usize,
        /// The number of columns of row 0.
        expected: usize,
    },
    /// A character is neither `#`, a cell, nor `.`, a gap.
    #[error("row {row}, column {column} has {found:?}; '#' is a cell, '.' is none")]
    Character {
        /// The row.
        row: usize,
        /// The column.
        column: usize,
        /// The character there.
        found: char,
    },
    /// The updates have different numbers of points.
    #[error(
        "column {column} has {found} cells, but column 0 has {expected}: every update needs the same batch size"
    )]
    Uneven {
        /// The first column that differs.
        column: usize,
        /// The number of its cells.
        found: usize,
        /// The number of cells of column 0.
        expected: usize,
    },
    /// An update has no points.
    #[error("column {column} has no cells")]
    NoCells {
        /// The column.
        column: usize,
    },
    /// An update names a point that does not exist.
    #[error("column {column} names row {row}, but there are {rows} rows")]
    NoSuchRow {
        /// The column.
        column: usize,
        /// The row that it names.
        row: usize,
        /// The number of rows.
        rows: usize,
    },
    /// An update names a point twice.
    #[error("column {column} names row {row} twice")]
    Repeated {
        /// The column.
        column: usize,
        /// The row.
        row: usize,
    },
}

impl Grid {
    /// The grid drawn by these rows, in which `#` is a cell and `.` is none.
    ///
    /// # Errors
    /// [`GridError`] if these do not form a grid.
    ///
    /// ```
    /// use diagram_calculus::spacetime::Grid;
    ///
    /// let grid = Grid::from_rows(&["#..#", ".##."])?;
    /// assert_eq!((grid.rows(), grid.updates(), grid.batch()), (2, 4, 1));
    /// # Ok::<(), diagram_calculus::spacetime::GridError>(())
    /// ```
    pub fn from_rows<S: AsRef<str>>(rows: &[S]) -> Result<Grid, GridError> {
        let Some(first) = rows.first() else {
            return Err(GridError::Empty("rows"));
        };
        let expected = first.as_ref().chars().count();
        let mut columns = vec![vec![]; expected];
        for (row, drawn) in rows.iter().enumerate() {
            let found = drawn.as_ref().chars().count();
            if found != expected {
                return Err(GridError::Ragged {
                    row,
                    found,
                    expected,
                });
            }
            for (column, character) in drawn.as_ref().chars().enumerate() {
                match character {
                    '#' => columns[column].push(row),
                    '.' => {}
                    found => return Err(GridError::Character { row, column, found }),
                }
            }
        }
        Grid::from_columns(rows.len(), &columns)
    }

    /// The grid with `rows` training points and the given points in each update.
    ///
    /// # Errors
    /// [`GridError`] if these do not form a grid.
    pub fn from_columns(rows: usize, columns: &[Vec<usize>]) -> Result<Grid, GridError> {
        if rows == 0 {
            return Err(GridError::Empty("rows"));
        }
        let Some(first) = columns.first() else {
            return Err(GridError::Empty("columns"));
        };
        let expected = first.len();
        let mut sorted = vec![];
        for (column, points) in columns.iter().enumerate() {
            if points.is_empty() {
                return Err(GridError::NoCells { column });
            }
            if points.len() != expected {
                return Err(GridError::Uneven {
                    column,
                    found: points.len(),
                    expected,
                });
            }
            if let Some(&row) = points.iter().find(|&&row| row >= rows) {
                return Err(GridError::NoSuchRow { column, row, rows });
            }
            let mut points = points.clone();
            points.sort_unstable();
            if let Some(pair) = points.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(GridError::Repeated {
                    column,
                    row: pair[0],
                });
            }
            sorted.push(points);
        }
        Ok(Grid {
            rows,
            columns: sorted,
        })
    }

    /// N, the number of training points.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// T, the number of updates.
    pub fn updates(&self) -> usize {
        self.columns.len()
    }

    /// B, the number of points in each update.
    pub fn batch(&self) -> usize {
        self.columns[0].len()
    }

    /// The points of each update, in ascending order.
    pub fn columns(&self) -> &[Vec<usize>] {
        &self.columns
    }

    /// Whether point `row` takes part in update `column`.
    pub fn contains(&self, row: usize, column: usize) -> bool {
        self.columns
            .get(column)
            .is_some_and(|points| points.binary_search(&row).is_ok())
    }
}
