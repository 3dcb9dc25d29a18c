//! Diagrams as monospaced text.

use super::layout::{Layout, Spot};
use super::sketch::Sketch;

/// The number of characters of an edge, beside the text of the node.
const EDGE: usize = 5;
/// The distance in characters between the text of a parent and the point where the edges of its children join.
const JOINT: usize = 3;

impl Sketch {
    /// The diagram as lines of monospaced text.
    ///
    /// The nodes of a part have the same circled letter, and a node alone in its part is a dot. Below the diagram, dotted lines join the letters of parts
    /// that have a fuzzy outline between them.
    ///
    /// ```
    /// use diagram_calculus::picture::Sketch;
    ///
    /// let entropic = Sketch::new(&[None, Some(0), Some(1), Some(1)], &[0, 1, 2, 3], &[(2, 3)])?;
    /// assert_eq!(
    ///     entropic.unicode(),
    ///     "\
    /// ⓐ──┐
    ///    ├──●─────●
    /// ⓑ──┘
    /// ⓐ┄┄ⓑ
    /// "
    /// );
    /// # Ok::<(), diagram_calculus::outline::OutlineError>(())
    /// ```
    pub fn unicode(&self) -> String {
        let layout = Layout::new(self);
        let marks = self.marks();
        let texts: Vec<String> = (0..self.nodes())
            .map(|node| format!("{}{}", marks[node].map_or('●', letter), self.name(node)))
            .collect();
        let widest = texts.iter().map(|text| text.chars().count()).max();
        let pitch = widest.unwrap_or(0) + EDGE;
        let mut lines = vec![vec![' '; layout.columns * pitch]; layout.lines];
        for (node, text) in texts.iter().enumerate() {
            let Spot { column, line } = layout.spots[node];
            for (at, character) in text.chars().enumerate() {
                lines[line][column * pitch + at] = character;
            }
        }
        for parent in 0..self.nodes() {
            let children: Vec<usize> = self.children(parent).collect();
            let (Some(first), Some(last)) = (children.first(), children.last()) else {
                continue;
            };
            let Spot { column, line } = layout.spots[parent];
            let joint = column * pitch - JOINT;
            for &child in &children {
                let from = layout.spots[child].column * pitch + texts[child].chars().count();
                lines[layout.spots[child].line][from..joint].fill('─');
            }
            lines[line][joint..column * pitch].fill('─');
            let (first, last) = (layout.spots[*first].line, layout.spots[*last].line);
            for at in first..=last {
                let child = children.iter().any(|&c| layout.spots[c].line == at);
                lines[at][joint] = corner((at > first, at < last), (child, at == line));
            }
        }
        let mut out = String::new();
        for line in lines {
            out.push_str(line.iter().collect::<String>().trim_end());
            out.push('\n');
        }
        for &(a, b) in self.outlines() {
            let [a, b] = [a, b].map(|node| marks[node].map_or('●', letter));
            out.extend([a, '┄', '┄', b, '\n']);
        }
        out
    }
}

/// The circled letter of a part.
fn letter(mark: usize) -> char {
    // There are fewer marked parts than letters: of at most 21 nodes, there are at most 16 parts with outlines, and the other marked parts have several
    // nodes.
    char::from_u32('ⓐ' as u32 + mark as u32).unwrap_or('●')
}

/// The box-drawing character with arms (up, down) and (left, right).
fn corner(vertical: (bool, bool), horizontal: (bool, bool)) -> char {
    match (vertical, horizontal) {
        ((true, true), (true, true)) => '┼',
        ((true, true), (true, false)) => '┤',
        ((true, true), (false, true)) => '├',
        ((true, true), (false, false)) => '│',
        ((true, false), (_, true)) => '┴',
        ((true, false), _) => '┘',
        ((false, true), (_, true)) => '┬',
        ((false, true), _) => '┐',
        ((false, false), _) => '─',
    }
}
