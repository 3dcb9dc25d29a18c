//! The value classes of diagrams.

use super::ValueClass;
use crate::diagram::Diagram;

impl Diagram {
    /// The class of the diagram's value: the diagram without the choice of roots.
    pub fn value_class(&self) -> ValueClass {
        ValueClass::canonical(&self.neighbours(), self.part_of_nodes(), None)
    }

    /// The class of the diagram's value as a term of the displacement: the root is removed, and the index of its child is left open. `None` unless there is
    /// exactly one root, which is alone in its part and has degree 1.
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
