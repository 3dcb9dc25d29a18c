//! Diagrams as `TikZ` pictures for LaTeX.

use std::fmt::Write as _;

use super::layout::{Layout, bends_up};
use super::sketch::Sketch;

/// The `TikZ` styles of nodes, ties and outlines in all pictures.
pub(super) const STYLES: &str = "vertex/.style={circle, fill, inner sep=1.5pt}, \
     tie/.style={line width=1.6pt, dotted, opacity=0.6, bend left=35}, \
     outline/.style={dashed, bend left=35}";

impl Sketch {
    /// The diagram as a `tikzpicture`. The document needs `\usepackage{tikz}` and no other package.
    ///
    /// ```
    /// use diagram_calculus::{Diagram, picture};
    ///
    /// let drawn = picture::tikz(&"(01)(0-1)".parse::<Diagram>()?);
    /// assert!(drawn.contains(r"\draw (v1) -- (v0);"));
    /// # Ok::<(), diagram_calculus::diagram::NotationError>(())
    /// ```
    pub fn tikz(&self) -> String {
        let layout = Layout::new(self);
        let mut out = format!("\\begin{{tikzpicture}}[{STYLES}]\n");
        let longest = (0..self.nodes()).map(|node| self.name(node).chars().count());
        let pitch = 1.2 + 0.2 * longest.max().unwrap_or(0) as f64;
        for (node, spot) in layout.spots.iter().enumerate() {
            let (x, y) = (spot.column as f64 * pitch, spot.line as f64 * -0.45);
            let name = match self.name(node) {
                "" => String::new(),
                name => format!(", label={{below:{{{}}}}}", escape(name)),
            };
            let _ = writeln!(
                out,
                "\\node[vertex{name}] (v{node}) at ({x:.2},{y:.2}) {{}};"
            );
        }
        for (child, parent) in self.edges() {
            let _ = writeln!(out, "\\draw (v{child}) -- (v{parent});");
        }
        // The styles bend to the left.
        let upwards = |a: usize, b: usize| {
            let [from, to] = [a, b].map(|node| {
                let spot = layout.spots[node];
                (spot.column as f64, spot.line as f64)
            });
            if bends_up(from, to) { (a, b) } else { (b, a) }
        };
        for (a, b) in self.ties() {
            let (a, b) = upwards(a, b);
            let _ = writeln!(out, "\\draw[tie] (v{a}) to (v{b});");
        }
        for &(a, b) in self.outlines() {
            let (a, b) = upwards(a, b);
            let _ = writeln!(out, "\\draw[outline] (v{a}) to (v{b});");
        }
        out.push_str("\\end{tikzpicture}\n");
        out
    }
}

/// A text with the special characters of LaTeX escaped.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '{' => out.push_str("\\textbraceleft{}"),
            '}' => out.push_str("\\textbraceright{}"),
            '#' | '$' | '%' | '&' | '_' => out.extend(['\\', character]),
            other => out.push(other),
        }
    }
    out
}
