//! Diagrams as sentences.

use std::fmt::Write as _;

use super::datapoint;
use crate::measure::Measure;
use crate::picture::Sketch;
use crate::resummed::ResummedDiagram;

const NUMBERS: [&str; 7] = ["no", "one", "two", "three", "four", "five", "six"];
const ORDINALS: [&str; 9] = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
];

/// A sentence that describes a diagram.
///
/// Every node other than a root is the gradient step of an update. Its children are earlier updates that changed this gradient, several of them jointly
/// through a higher derivative. The root is the derivative of the test loss that the last updates are contracted with. Datapoints that are not named are
/// independent of all others (sections 1.2 to 1.4 of Tenka, *A Space-Time Approach to Analyzing SGD*). Different diagrams have different sentences. For
/// an outline the sentence adds that only the difference due to a shared datapoint is meant.
///
/// ```
/// use diagram_calculus::Diagram;
/// use diagram_calculus::picture::meaning::sentence;
///
/// let tell = |compact: &str| Ok::<_, diagram_calculus::diagram::NotationError>(sentence(&compact.parse::<Diagram>()?));
/// assert_eq!(tell("(01)(0-1)")?, "An update meets the gradient of the test loss.");
/// assert_eq!(
///     tell("(01-02)(0-12)")?,
///     "Two updates on datapoint n jointly meet the curvature of the test loss."
/// );
/// assert_eq!(
///     tell("(01-12)(0-12)")?,
///     "An update on datapoint n (changed by an earlier update on datapoint n) meets the gradient of the test loss."
/// );
/// # Ok::<(), diagram_calculus::diagram::NotationError>(())
/// ```
pub fn sentence(diagram: impl Into<Sketch>) -> String {
    sentence_for(Measure::TestLoss, diagram)
}

/// The [`sentence`] for a diagram as a term of a measure. The loss in it is the one that is measured, and in a displacement the last update moves the
/// weights.
///
/// ```
/// use diagram_calculus::Diagram;
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::picture::meaning::sentence_for;
///
/// let step: Diagram = "(01)(0-1)".parse()?;
/// assert_eq!(sentence_for(Measure::Displacement, &step), "An update moves the weights.");
/// assert_eq!(sentence_for(Measure::TrainLoss, &step), "An update meets the gradient of the train loss.");
/// # Ok::<(), diagram_calculus::diagram::NotationError>(())
/// ```
pub fn sentence_for(measure: Measure, diagram: impl Into<Sketch>) -> String {
    let measured = match measure {
        Measure::TestLoss | Measure::SecondMoment | Measure::Displacement => "the test loss",
        Measure::TrainLoss => "the train loss",
        Measure::GeneralizationGap => "the generalization gap",
    };
    let sketch = diagram.into();
    let marks = sketch.marks();
    let trees: Vec<String> = sketch
        .roots()
        .map(|root| {
            let loss = match marks[root] {
                None => measured.into(),
                Some(mark) => format!("the loss on datapoint {}", datapoint(mark)),
            };
            let children = sketch.children(root).count();
            let updates = updates(&sketch, &marks, root, "", &on_datapoint);
            met(measure, &loss, children, &updates)
        })
        .collect();
    let mut words = trees.join(", times: ");
    for (at, &(a, b)) in sketch.outlines().iter().enumerate() {
        let [a, b] = [a, b].map(|node| marks[node].map_or("", datapoint));
        let start = if at == 0 {
            ": only what it adds if"
        } else {
            " and"
        };
        let _ = write!(words, "{start} {a} and {b} are one datapoint");
    }
    as_sentence(&words)
}

/// A sentence that describes a term of a re-summed measure.
///
/// Tied nodes are the noise of their datapoint, whose loss minus the test loss they are derivatives of. The other nodes are means. The propagators between
/// updates are not mentioned.
///
/// ```
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::picture::meaning::resummed_sentence;
/// use diagram_calculus::resummed::ResummedDiagram;
///
/// let tell = |measure, compact: &str| -> Result<String, Box<dyn std::error::Error>> {
///     Ok(resummed_sentence(&ResummedDiagram::new(measure, compact.parse()?)?))
/// };
/// assert_eq!(
///     tell(Measure::TestLoss, "(01-02-03)(0-12-3)")?,
///     "Two updates by the noise of datapoint n and an update by the mean jointly meet the third derivative of the test loss."
/// );
/// assert_eq!(
///     tell(Measure::GeneralizationGap, "(01)(01)")?,
///     "An update by the noise of datapoint n meets the gradient of the noise of datapoint n."
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn resummed_sentence(term: &ResummedDiagram) -> String {
    let sketch = Sketch::from(term.diagram());
    let marks = sketch.marks();
    let measured = match marks[0] {
        None => "the test loss".into(),
        Some(_) => by(marks[0]),
    };
    let updates = updates(&sketch, &marks, 0, "", &|mark| format!(" by {}", by(mark)));
    let children = sketch.children(0).count();
    as_sentence(&met(term.measure(), &measured, children, &updates))
}

/// The last updates, and the derivative that they are contracted with.
fn met(measure: Measure, loss: &str, children: usize, updates: &str) -> String {
    match children {
        1 if measure == Measure::Displacement => format!("{updates} moves the weights"),
        0 => format!("{loss} before any update"),
        1 => format!("{updates} meets {} of {loss}", derivative(1)),
        _ => format!("{updates} jointly meet {} of {loss}", derivative(children)),
    }
}

/// The words with a capital letter and a full stop.
fn as_sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).chain(['.']).collect()
}

fn on_datapoint(mark: Option<usize>) -> String {
    mark.map_or(String::new(), |mark| {
        format!(" on datapoint {}", datapoint(mark))
    })
}

fn by(mark: Option<usize>) -> String {
    mark.map_or("the mean".into(), |mark| {
        format!("the noise of datapoint {}", datapoint(mark))
    })
}

/// The updates that are children of a node, with equal ones counted together. `place` describes the datapoint of an update by its mark.
fn updates(
    sketch: &Sketch,
    marks: &[Option<usize>],
    parent: usize,
    earlier: &str,
    place: &dyn Fn(Option<usize>) -> String,
) -> String {
    let mut groups: Vec<(String, String, usize)> = vec![];
    for node in sketch.children(parent) {
        let placed = place(marks[node]);
        let before = updates(sketch, marks, node, "earlier ", place);
        let alike = |(p, b, _): &&mut (String, String, usize)| *p == placed && *b == before;
        match groups.iter_mut().find(alike) {
            Some((_, _, count)) => *count += 1,
            None => groups.push((placed, before, 1)),
        }
    }
    let words: Vec<String> = groups
        .into_iter()
        .map(|(place, before, count)| {
            let (updates, each) = if count == 1 {
                (format!("an {earlier}update"), "")
            } else {
                (format!("{} {earlier}updates", number(count)), "each ")
            };
            if before.is_empty() {
                format!("{updates}{place}")
            } else {
                format!("{updates}{place} ({each}changed by {before})")
            }
        })
        .collect();
    match &words[..] {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}

fn number(count: usize) -> String {
    NUMBERS
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).into())
}

fn derivative(order: usize) -> String {
    match order {
        1 => "the gradient".into(),
        2 => "the curvature".into(),
        _ => match ORDINALS.get(order) {
            Some(word) => format!("the {word} derivative"),
            None => format!("the {order}th derivative"),
        },
    }
}
