//! Spacetimes for LaTeX.

use std::fmt::Write as _;

use super::{Point, Scene, Shape};
use crate::picture::tikz::STYLES;

impl Scene {
    /// As a `tikzpicture`; the document needs `\usepackage{tikz}` and nothing else. Drawn as [`Scene::svg`] is.
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
            let _ = match stroke.shape {
                Shape::Node(point) => writeln!(out, "\\node[vertex{red}] at {} {{}};", at(point)),
                Shape::Edge { from, to, bent } => {
                    let bend = if bent { ", bend left=80" } else { "" };
                    writeln!(out, "\\draw[black{red}{bend}] {} to {};", at(from), at(to))
                }
                Shape::Tie(a, b) => writeln!(out, "\\draw[tie{red}] {} to {};", at(a), at(b)),
                Shape::Clash(a, b) => {
                    writeln!(
                        out,
                        "\\draw[densely dotted, bend right=50{red}] {} to {};",
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

fn at(point: Point) -> String {
    format!("({:.2},{:.2})", point.x, point.y)
}
