//! Terms of re-summed measures as tensor expressions.

use super::datapoint;
use super::expression::superscript;
use crate::measure::Measure;
use crate::picture::Sketch;
use crate::resummed::ResummedDiagram;

/// What is summed over the embeddings of a term, from the root down.
///
/// ```
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::picture::meaning::resummed_expression;
/// use diagram_calculus::resummed::ResummedDiagram;
///
/// let write = |measure, compact: &str| -> Result<String, Box<dyn std::error::Error>> {
///     Ok(resummed_expression(&ResummedDiagram::new(measure, compact.parse()?)?))
/// };
/// assert_eq!(write(Measure::TestLoss, "(01-02)(0-12)")?, "E[H[K δg_n, K δg_n]]");
/// assert_eq!(write(Measure::Displacement, "(01-12-13)(0-1-23)")?, "E[K J[K δg_n, K δg_n]]");
/// assert_eq!(write(Measure::GeneralizationGap, "(01)(01)")?, "E[δg_n K δg_n]");
/// assert_eq!(write(Measure::TestLoss, "(01)(0-1)")?, "G K G");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn resummed_expression(term: &ResummedDiagram) -> String {
    let sketch = Sketch::from(term.diagram());
    let marks = sketch.marks();
    let value = match term.measure() {
        // The root's index is open.
        Measure::Displacement => sketch
            .children(0)
            .map(|child| along_edge(&sketch, &marks, child))
            .collect(),
        _ => contracted(&sketch, &marks, 0),
    };
    if term.is_noiseless() {
        value
    } else {
        format!("E[{value}]")
    }
}

fn along_edge(sketch: &Sketch, marks: &[Option<usize>], node: usize) -> String {
    format!("K {}", contracted(sketch, marks, node))
}

/// The tensor of a node contracted with all that is below it.
fn contracted(sketch: &Sketch, marks: &[Option<usize>], node: usize) -> String {
    let children = sketch.children(node);
    let below: Vec<String> = children
        .map(|child| along_edge(sketch, marks, child))
        .collect();
    let above = usize::from(node != 0);
    let tensor = tensor(below.len() + above, marks[node]);
    match &below[..] {
        [] => tensor,
        [one] => format!("{tensor} {one}"),
        many => format!("{tensor}[{}]", many.join(", ")),
    }
}

fn tensor(degree: usize, mark: Option<usize>) -> String {
    let (mean, noise) = match degree {
        0 => ("l".into(), "l".into()),
        1 => ("G".into(), "g".into()),
        2 => ("H".into(), "h".into()),
        3 => ("J".into(), "j".into()),
        _ => {
            let symbol = format!("∇{}l", superscript(degree));
            (symbol.clone(), symbol)
        }
    };
    match mark {
        None => mean,
        Some(mark) => format!("δ{noise}_{}", datapoint(mark)),
    }
}
