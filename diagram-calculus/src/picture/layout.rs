//! Where nodes stand: the one layout of all formats.

use super::sketch::Sketch;

/// A place in columns, from left to right, and lines, from top to bottom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    pub(super) column: usize,
    pub(super) line: usize,
}

/// A spot for every node. Roots share the last column, and a child's is the one before its parent's. Subtrees take
/// disjoint stretches of lines, so that edges never cross; a parent stands halfway between its outermost children.
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
        // Depths were kept as columns; now count from the left.
        for spot in &mut layout.spots {
            spot.column = layout.columns - 1 - spot.column;
        }
        layout
    }

    /// As deep as the tree, which [`crate::diagram::MAX_NODES`] bounds.
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
            // A free line between leaves leaves room for a parent halfway.
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

/// Whether a curve bends upwards, or to the left if it is vertical, when it bends to the left of its way from the first
/// to the second point (x to the right, y downwards). So ties bend away from parents, whichever way they are drawn.
pub(super) fn bends_up(from: (f64, f64), to: (f64, f64)) -> bool {
    from.0 < to.0 || (from.0 == to.0 && from.1 > to.1)
}
