//! Diagrams as SVG.

use std::fmt::Write as _;

use super::layout::{Layout, bends_up};
use super::sketch::Sketch;

const MARGIN: usize = 24;
const COLUMN: usize = 52;
const LINE: usize = 20;
/// The width of a character of a name.
const LETTER: usize = 7;

/// The attributes of a tie, a wide and faint dotted line.
pub(super) const TIE: &str = r#"fill="none" stroke-width="5" stroke-linecap="round" stroke-dasharray="0 6" stroke-opacity="0.55""#;
/// The attributes of an outline, a thin dashed line.
const OUTLINE: &str = r#"fill="none" stroke-width="1" stroke-dasharray="4 3""#;

impl Sketch {
    /// The diagram as a self-contained `<svg>` element in the colour of the surrounding text.
    ///
    /// Edges are thin lines, fuzzy ties are wide dotted lines, and fuzzy outlines are thin dashed lines. The elements have the classes `node`, `edge`, `tie`
    /// and `outline`.
    ///
    /// ```
    /// use diagram_calculus::{Diagram, picture};
    ///
    /// let drawn = picture::svg(&"(01-02)(0-12)".parse::<Diagram>()?);
    /// assert_eq!(drawn.matches("class=\"node\"").count(), 3);
    /// assert_eq!(drawn.matches("class=\"tie\"").count(), 1);
    /// # Ok::<(), diagram_calculus::diagram::NotationError>(())
    /// ```
    pub fn svg(&self) -> String {
        let layout = Layout::new(self);
        let longest = (0..self.nodes()).map(|node| self.name(node).chars().count());
        // Names are centred below their nodes.
        let overhang = longest.max().unwrap_or(0) * LETTER;
        let (margin, pitch) = (MARGIN + overhang / 2, COLUMN + overhang);
        let at = |node: usize| {
            let spot = layout.spots[node];
            let (x, y) = (margin + spot.column * pitch, MARGIN + spot.line * LINE);
            (x as f64, y as f64)
        };
        let mut out = open(
            2 * margin + (layout.columns - 1) * pitch,
            2 * MARGIN + (layout.lines - 1) * LINE,
            self.notation(),
        );
        for (a, b) in self.ties() {
            let path = arc(at(a), at(b), Bend::Up);
            let _ = writeln!(out, r#"<path class="tie" d="{path}" {TIE}/>"#);
        }
        for &(a, b) in self.outlines() {
            let path = arc(at(a), at(b), Bend::Up);
            let _ = writeln!(out, r#"<path class="outline" d="{path}" {OUTLINE}/>"#);
        }
        for (child, parent) in self.edges() {
            let ((x1, y1), (x2, y2)) = (at(child), at(parent));
            let _ = writeln!(
                out,
                r#"<line class="edge" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#
            );
        }
        for node in 0..self.nodes() {
            let (x, y) = at(node);
            let _ = writeln!(
                out,
                r#"<circle class="node" cx="{x}" cy="{y}" r="4" fill="currentColor"/>"#
            );
            if !self.name(node).is_empty() {
                let _ = writeln!(
                    out,
                    r#"<text x="{x}" y="{}" text-anchor="middle" font-size="11" font-family="monospace" fill="currentColor" stroke="none">{}</text>"#,
                    y + 16.0,
                    escape(self.name(node))
                );
            }
        }
        out.push_str("</svg>\n");
        out
    }
}

/// The beginning of an `<svg>` element whose strokes have the colour of the surrounding text.
pub(super) fn open(width: usize, height: usize, title: &str) -> String {
    let title = escape(title);
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" stroke="currentColor">
<title>{title}</title>
"#
    )
}

/// The direction in which a curve bends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Bend {
    Up,
    Down,
}

/// The path of a curve that bends away from the straight line, where an edge may be.
pub(super) fn arc(from: (f64, f64), to: (f64, f64), bend: Bend) -> String {
    let ((x1, y1), (x2, y2)) = (from, to);
    let (dx, dy) = (x2 - x1, y2 - y1);
    let length = dx.hypot(dy).max(1.0);
    let by = (length * 0.35).clamp(14.0, 40.0) / length;
    let side = if bends_up(from, to) == (bend == Bend::Up) {
        by
    } else {
        -by
    };
    let x = f64::midpoint(x1, x2) + side * dy;
    let y = f64::midpoint(y1, y2) - side * dx;
    format!("M{x1:.1} {y1:.1}Q{x:.1} {y:.1} {x2:.1} {y2:.1}")
}

/// A text with the special characters of XML escaped.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
