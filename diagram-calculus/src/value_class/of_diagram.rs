//! The value classes of diagrams.

use super::ValueClass;
use crate::diagram::Diagram;

impl Diagram {
    /// What the diagram's value depends on: the forest without its roots, and the partition.
    pub fn value_class(&self) -> ValueClass {
        ValueClass::canonical(&self.neighbours(), self.part_of_nodes(), None)
    }

    /// What the diagram's term of the displacement depends on: the root taken off, its child's index left open in
    /// its place. `None` unless there is one root, alone in its part and of degree 1.
    pub fn displacement_class(&self) -> Option<ValueClass> {
        if self.roots() != 1 || !self.roots_are_alone() || self.children(0).count() != 1 {
            return None;
        }
        let mut neighbours = self.neighbours().split_off(1);
        for list in &mut neighbours {
            list.retain(|&node| node != 0);
            for node in list {
                *node -= 1;
            }
        }
        let parts: Vec<u8> = self.part_of_nodes()[1..]
            .iter()
            .map(|part| part - 1)
            .collect();
        // The root's only child is the one node of level 1.
        Some(ValueClass::canonical(&neighbours, &parts, Some(0)))
    }
}
