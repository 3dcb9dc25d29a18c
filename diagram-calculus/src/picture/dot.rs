//! Diagrams in the DOT language of Graphviz.

use std::fmt::Write as _;

use super::sketch::Sketch;

impl Sketch {
    /// The diagram in the DOT language, with a line for every node, edge, tie and outline. Graphviz chooses the layout, from left to right.
    ///
    /// ```
    /// use diagram_calculus::{Diagram, picture};
    ///
    /// let drawn = picture::dot(&"(01-02)(0-12)".parse::<Diagram>()?);
    /// assert!(drawn.contains("1 -> 2 [class=tie, style=dotted, penwidth=3, constraint=false];"));
    /// # Ok::<(), diagram_calculus::diagram::NotationError>(())
    /// ```
    pub fn dot(&self) -> String {
        let mut out = String::from(
            "digraph {\n  rankdir=LR;\n  node [shape=point, width=0.12];\n  edge [dir=none];\n",
        );
        for node in 0..self.nodes() {
            let name = self.name(node).replace('\\', "\\\\").replace('"', "\\\"");
            let label = if name.is_empty() {
                String::new()
            } else {
                format!(" [xlabel=\"{name}\"]")
            };
            let _ = writeln!(out, "  {node}{label};");
        }
        for (child, parent) in self.edges() {
            let _ = writeln!(out, "  {child} -> {parent} [class=edge];");
        }
        for (a, b) in self.ties() {
            let _ = writeln!(
                out,
                "  {a} -> {b} [class=tie, style=dotted, penwidth=3, constraint=false];"
            );
        }
        for (a, b) in self.outlines() {
            let _ = writeln!(
                out,
                "  {a} -> {b} [class=outline, style=dashed, constraint=false];"
            );
        }
        out.push_str("}\n");
        out
    }
}
