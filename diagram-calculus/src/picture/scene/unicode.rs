//! Scenes as monospaced text.

use std::fmt::Write as _;

use super::{Scene, letter};
use crate::diagram::label;
use crate::picture::embedding::{Cell, Embedding};

impl Scene {
    /// The scene as lines of monospaced text, in which `▒▒` is a cell, `··` is a gap, and `A2` is node 2 of embedding A. Below the grid, a legend lists for
    /// every embedding its edges, from child to parent, its ties, and its violations. Roots have no cell.
    pub fn unicode(&self) -> String {
        let (rows, columns) = self.extent();
        let content = |row, column| -> String {
            let inside = self.inside(Cell { row, column });
            let names = inside
                .iter()
                .map(|&(at, node)| format!("{}{}", letter(at), label(node)));
            names.collect()
        };
        let cells: Vec<Vec<String>> = (0..rows)
            .map(|row| (0..columns).map(|column| content(row, column)).collect())
            .collect();
        let longest = cells.iter().flatten().map(String::len).max();
        let width = longest.unwrap_or(0).max(2);
        let mut out = String::from("n\\t");
        for column in 0..columns {
            let _ = write!(out, " {column:>width$}");
        }
        out.push('\n');
        for (row, cells) in cells.iter().enumerate() {
            let _ = write!(out, "{row:>2} ");
            for (column, content) in cells.iter().enumerate() {
                let empty = if self.grid.contains(row, column) {
                    "▒"
                } else {
                    "·"
                };
                let padding = empty.repeat(width - content.len());
                let _ = write!(out, " {content}{padding}");
            }
            out.push('\n');
        }
        for (at, embedding) in self.embeddings.iter().enumerate() {
            self.legend(&mut out, letter(at), embedding);
        }
        out
    }

    fn legend(&self, out: &mut String, letter: char, embedding: &Embedding) {
        let diagram = embedding.diagram();
        let _ = write!(out, "{letter} = {diagram}");
        let edges: Vec<String> = (0..diagram.nodes())
            .filter_map(|node| Some((node, diagram.parent(node)?)))
            .map(|(node, parent)| format!("{}→{}", label(node), label(parent)))
            .collect();
        let ties: Vec<String> = (0..diagram.parts())
            .map(|part| diagram.members(part))
            .map(|members| members.map(|node| label(node).to_string()).collect())
            .filter(|members: &Vec<String>| members.len() > 1)
            .map(|members| members.join("┄"))
            .collect();
        for (separator, what, items) in [(": ", "edges", edges), ("; ", "ties", ties)] {
            if !items.is_empty() {
                let _ = write!(out, "{separator}{what} {}", items.join(" "));
            }
        }
        out.push('\n');
        for reason in embedding.violations(&self.grid) {
            let _ = writeln!(out, "    illegal: {reason}");
        }
    }
}
