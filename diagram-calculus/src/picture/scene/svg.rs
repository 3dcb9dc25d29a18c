//! Scenes as SVG.

use std::fmt::Write as _;

use super::{Point, Scene, StrokeKind};
use crate::picture::svg::{Bend, TIE, arc, open};

const CELL: f64 = 24.0;
const MARGIN: f64 = 24.0;
/// The colour of violations, a red that is visible on light and on dark pages.
const ILLEGAL: &str = "#e0443e";

impl Scene {
    /// The scene as an `<svg>` element in the colours of [`Sketch::svg`](crate::picture::Sketch::svg). Cells are shaded. Violations are red, and two nodes
    /// that should not be on the same row are joined by a dashed line. The elements have the classes `cell`, `node`, `edge`, `tie` and `clash`, and those
    /// of violations also the class `illegal`.
    pub fn svg(&self) -> String {
        let (rows, columns) = self.extent();
        let strokes = self.strokes();
        // Roots may be drawn below the grid.
        let lowest = strokes.iter().map(|stroke| match stroke.kind {
            StrokeKind::Node(point) => point.y.ceil(),
            _ => 0.0,
        });
        let height = lowest.fold(rows as f64, f64::max);
        let pixels = |cells: f64| (cells * CELL + 2.0 * MARGIN) as usize;
        let title = format!("spacetime of {rows} points and {columns} updates");
        let mut out = open(pixels(columns as f64 + 1.0), pixels(height), &title);
        out.push_str("<g stroke=\"none\" fill=\"currentColor\" font-size=\"12\" font-family=\"serif\" font-style=\"italic\">\n");
        let _ = writeln!(out, r#"<text x="8" y="{}">n</text>"#, MARGIN + 16.0);
        let _ = writeln!(out, r#"<text x="{}" y="16">t</text>"#, MARGIN + 8.0);
        out.push_str("</g>\n");
        for (column, points) in self.grid.columns().iter().enumerate() {
            for &row in points {
                let (x, y) = at(Point {
                    x: column as f64,
                    y: row as f64,
                });
                let _ = writeln!(
                    out,
                    r#"<rect class="cell" x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="currentColor" fill-opacity="0.15" stroke="none"/>"#
                );
            }
        }
        let _ = writeln!(
            out,
            r#"<rect x="{MARGIN}" y="{MARGIN}" width="{}" height="{}" fill="none" stroke-opacity="0.3"/>"#,
            self.grid.updates() as f64 * CELL,
            self.grid.rows() as f64 * CELL
        );
        for stroke in strokes {
            let (class, colour) = if stroke.illegal {
                (" illegal", ILLEGAL)
            } else {
                ("", "currentColor")
            };
            let _ = match stroke.kind {
                StrokeKind::Node(point) => {
                    let (x, y) = at(point);
                    writeln!(
                        out,
                        r#"<circle class="node{class}" cx="{x:.1}" cy="{y:.1}" r="3.5" fill="{colour}" stroke="none"/>"#
                    )
                }
                StrokeKind::Edge { from, to, bent } => {
                    let (from, to) = (at(from), at(to));
                    let path = if bent {
                        arc(from, to, Bend::Down)
                    } else {
                        format!("M{:.1} {:.1}L{:.1} {:.1}", from.0, from.1, to.0, to.1)
                    };
                    writeln!(
                        out,
                        r#"<path class="edge{class}" d="{path}" fill="none" stroke="{colour}"/>"#
                    )
                }
                StrokeKind::Tie(a, b) => {
                    let path = arc(at(a), at(b), Bend::Up);
                    writeln!(
                        out,
                        r#"<path class="tie{class}" d="{path}" {TIE} stroke="{colour}"/>"#
                    )
                }
                StrokeKind::Clash(a, b) => {
                    let path = arc(at(a), at(b), Bend::Up);
                    writeln!(
                        out,
                        r#"<path class="clash{class}" d="{path}" fill="none" stroke-width="1.5" stroke-dasharray="2 2" stroke="{colour}"/>"#
                    )
                }
            };
        }
        out.push_str("</svg>\n");
        out
    }
}

/// The coordinates of a point in pixels.
fn at(point: Point) -> (f64, f64) {
    (MARGIN + point.x * CELL, MARGIN + point.y * CELL)
}
