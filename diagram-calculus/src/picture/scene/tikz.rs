//! Scenes as `TikZ` pictures for LaTeX.

use std::fmt::Write as _;

use super::{Point, Scene, StrokeKind};
use crate::picture::layout::bends_up;
use crate::picture::tikz::STYLES;

impl Scene {
    /// The scene as a `tikzpicture`, drawn like [`Scene::svg`]. The document needs `\usepackage{tikz}` and no other package.
    pub fn tikz(&self) -> String {
        let mut out = format!(
            "\\begin{{tikzpicture}}[x=0.5cm, y=-0.5cm, cell/.style={{fill=black!15}}, {STYLES}]\n"
        );
        for (column, points) in self.grid.columns().iter().enumerate() {
            for &row in points {
                let _ = writeln!(out, "\\fill[cell] ({column},{row}) rectangle +(1,1);");
            }
        }
        let (rows, columns) = (self.grid.rows(), self.grid.updates());
        let _ = writeln!(
            out,
            "\\draw[gray] (0,0) rectangle ({columns},{rows});\n\
             \\node at (-0.5,0.5) {{$n$}};\n\\node at (0.5,-0.5) {{$t$}};"
        );
        for stroke in self.strokes() {
            let red = if stroke.illegal { ", red" } else { "" };
            let _ = match stroke.kind {
                StrokeKind::Node(point) => {
                    writeln!(out, "\\node[vertex{red}] at {} {{}};", at(point))
                }
                StrokeKind::Edge { from, to, bent } => {
                    let bend = if bent { down(from, to) } else { "" };
                    writeln!(out, "\\draw[black{red}{bend}] {} to {};", at(from), at(to))
                }
                // The styles bend to the left, which is upwards if the ends are in this order.
                StrokeKind::Tie(a, b) => {
                    let (a, b) = upwards(a, b);
                    writeln!(out, "\\draw[tie{red}] {} to {};", at(a), at(b))
                }
                StrokeKind::Clash(a, b) => {
                    let (a, b) = upwards(a, b);
                    writeln!(
                        out,
                        "\\draw[densely dashed, bend left=50{red}] {} to {};",
                        at(a),
                        at(b)
                    )
                }
            };
        }
        out.push_str("\\end{tikzpicture}\n");
        out
    }
}

/// The two points in the order in which a bend to the left is a bend upwards.
fn upwards(a: Point, b: Point) -> (Point, Point) {
    if bends_up((a.x, a.y), (b.x, b.y)) {
        (a, b)
    } else {
        (b, a)
    }
}

/// The `TikZ` options for a bend downwards that is visible also between nodes of one cell.
fn down(from: Point, to: Point) -> &'static str {
    let close = (from.x - to.x).abs() < 1.0;
    match (bends_up((from.x, from.y), (to.x, to.y)), close) {
        (true, false) => ", bend right=25",
        (false, false) => ", bend left=25",
        (true, true) => ", bend right=80, looseness=6",
        (false, true) => ", bend left=80, looseness=6",
    }
}

/// The coordinates of a point.
fn at(point: Point) -> String {
    format!("({:.2},{:.2})", point.x, point.y)
}
