//! Terms of re-summed measures as tensor expressions.

use super::datapoint;
use super::expression::{Notation, superscript};
use crate::measure::Measure;
use crate::picture::Sketch;
use crate::resummed::ResummedDiagram;

/// The tensor expression of a term that is summed over its embeddings, from the root to the leaves.
///
/// ```
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::picture::meaning::{Notation, resummed_expression};
/// use diagram_calculus::resummed::ResummedDiagram;
///
/// let write = |measure, compact: &str| -> Result<String, Box<dyn std::error::Error>> {
///     let term = ResummedDiagram::new(measure, compact.parse()?)?;
///     Ok(resummed_expression(&term, Notation::Text))
/// };
/// assert_eq!(write(Measure::TestLoss, "(01-02)(0-12)")?, "E[H[K δg_n, K δg_n]]");
/// assert_eq!(write(Measure::Displacement, "(01-12-13)(0-1-23)")?, "E[K J[K δg_n, K δg_n]]");
/// assert_eq!(write(Measure::GeneralizationGap, "(01)(01)")?, "E[δg_n K δg_n]");
/// assert_eq!(write(Measure::TestLoss, "(01)(0-1)")?, "G K G");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn resummed_expression(term: &ResummedDiagram, notation: Notation) -> String {
    let sketch = Sketch::from(term.diagram());
    let writer = ResummedWriter {
        marks: sketch.marks(),
        sketch,
        notation,
    };
    let value = match term.measure() {
        // The index of the root is open.
        Measure::Displacement => writer.along_edges(0).concat(),
        _ => writer.contracted(0),
    };
    match notation {
        _ if term.is_noiseless() => value,
        Notation::Text => format!("E[{value}]"),
        Notation::Latex => format!("\\mathbb{{E}}[{value}]"),
    }
}

/// Writes the nodes of a term as tensors.
struct ResummedWriter {
    sketch: Sketch,
    marks: Vec<Option<usize>>,
    notation: Notation,
}

impl ResummedWriter {
    /// For each child of a node, the propagator of its edge applied to the child's tensor.
    fn along_edges(&self, node: usize) -> Vec<String> {
        let children = self.sketch.children(node);
        children
            .map(|child| format!("K{}{}", self.space(), self.contracted(child)))
            .collect()
    }

    /// The tensor of a node contracted with those of its descendants.
    fn contracted(&self, node: usize) -> String {
        let below = self.along_edges(node);
        let above = usize::from(node != 0);
        let tensor = self.tensor(below.len() + above, self.marks[node]);
        match &below[..] {
            [] => tensor,
            [one] => format!("{tensor}{}{one}", self.space()),
            many => format!("{tensor}[{}]", many.join(", ")),
        }
    }

    fn tensor(&self, degree: usize, mark: Option<usize>) -> String {
        let higher = || match self.notation {
            Notation::Text => format!("∇{}l", superscript(degree)),
            Notation::Latex => format!("\\nabla^{{{degree}}} l"),
        };
        let (mean, noise) = match degree {
            0 => ("l".into(), "l".into()),
            1 => ("G".into(), "g".into()),
            2 => ("H".into(), "h".into()),
            3 => ("J".into(), "j".into()),
            _ => (higher(), higher()),
        };
        match (mark.map(datapoint), self.notation) {
            (None, _) => mean,
            (Some(n), Notation::Text) => format!("δ{noise}_{n}"),
            (Some(n), Notation::Latex) => format!("\\delta {noise}_{{{n}}}"),
        }
    }

    fn space(&self) -> &'static str {
        match self.notation {
            Notation::Text => " ",
            Notation::Latex => "\\, ",
        }
    }
}
