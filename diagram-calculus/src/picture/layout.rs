//! The layout of diagrams, which is the same for all formats.

use super::sketch::Sketch;

/// A place in the layout. Columns are counted from left to right, lines from top to bottom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) column: usize,
    pub(super) line: usize,
}

/// The places of all nodes. Roots are in the last column, and the column of a child is the one before its parent's. Subtrees occupy disjoint intervals of
/// lines, so that edges do not cross, and a parent is halfway between its outermost children.
pub(super) struct Layout {
    pub(super) spots: Vec<Spot>,
    pub(super) columns: usize,
    pub(super) lines: usize,
}

impl Layout {
    pub(super) fn new(sketch: &Sketch) -> Layout {
        let mut layout = Layout {
            spots: vec![Spot::default(); sketch.nodes()],
            columns: 0,
            lines: 0,
        };
        for root in sketch.roots() {
            layout.place(sketch, root, 0);
        }
        // Until here the columns are depths. Now they are counted from the left.
        for spot in &mut layout.spots {
            spot.column = layout.columns - 1 - spot.column;
        }
        layout
    }

    /// Places the subtree of a node. The depth of the recursion is that of the tree, which [`crate::diagram::MAX_NODES`] bounds.
    fn place(&mut self, sketch: &Sketch, node: usize, depth: usize) {
        self.columns = self.columns.max(depth + 1);
        let mut ends: Option<(usize, usize)> = None;
        for child in sketch.children(node) {
            self.place(sketch, child, depth + 1);
            let line = self.spots[child].line;
            ends = Some((ends.map_or(line, |(first, _)| first), line));
        }
        let line = if let Some((first, last)) = ends {
            usize::midpoint(first, last)
        } else {
            // The line between two leaves is left free for a parent halfway between them.
            let line = if self.lines == 0 { 0 } else { self.lines + 1 };
            self.lines = line + 1;
            line
        };
        self.spots[node] = Spot {
            column: depth,
            line,
        };
    }
}

/// Whether a curve from the first point to the second that bends to its left side bends upwards, or to the left if it is vertical. The x axis points to the
/// right and the y axis downwards. This is used to let ties bend away from parents, in whichever order their ends are given.
pub(super) fn bends_up(from: (f64, f64), to: (f64, f64)) -> bool {
    from.0 < to.0 || (from.0 == to.0 && from.1 > to.1)
}
