//! Values as tensor expressions.

use super::datapoint;
use crate::outline::Outlined;
use crate::value_class::ValueClass;

/// The notation of formulas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notation {
    /// Plain text with Unicode letters.
    Text,
    /// LaTeX for math mode, in which `\mathbb` needs `\usepackage{amssymb}`.
    Latex,
}

/// A value as a tensor expression, after its power of η. The open index of a vector is that of the leftmost tensor.
///
/// ```
/// use diagram_calculus::Diagram;
/// use diagram_calculus::picture::meaning::{Notation, expression};
///
/// let write = |compact: &str, notation| {
///     Ok::<_, diagram_calculus::diagram::NotationError>(expression(&compact.parse::<Diagram>()?.value_class(), notation))
/// };
/// assert_eq!(write("(01)(0-1)", Notation::Text)?, "η G G");
/// assert_eq!(write("(01-12-23)(0-13-2)", Notation::Text)?, "η³ E[g_n H h_n] G");
/// assert_eq!(write("(01-02-03)(0-12-3)", Notation::Text)?, "η³ E[J[g_n, g_n, G]]");
/// assert_eq!(write("(01-12)(0-12)", Notation::Latex)?, r"\eta^{2}\, \mathbb{E}[g_{n}\, h_{n}]\, G");
/// # Ok::<(), diagram_calculus::diagram::NotationError>(())
/// ```
pub fn expression(class: &ValueClass, notation: Notation) -> String {
    let value = Writer::new(class, notation).value();
    joined(&learning_rate(class.order(), notation), &value, notation)
}

/// The value of a diagram with fuzzy outlines, as the signed sum of the values of its diagrams.
///
/// ```
/// use diagram_calculus::outline::Outlined;
/// use diagram_calculus::picture::meaning::{Notation, outlined};
///
/// // The covariance of gradients, contracted with the Hessian of the test loss.
/// let noise = Outlined::new(&[None, Some(0), Some(0)], &[0, 1, 2], &[(1, 2)])?;
/// assert_eq!(outlined(&noise, Notation::Text), "η² (E[g_n H g_n] - G H G)");
/// # Ok::<(), diagram_calculus::outline::OutlineError>(())
/// ```
pub fn outlined(diagram: &Outlined, notation: Notation) -> String {
    if diagram.signed().count() == 1 {
        return expression(&diagram.tied().value_class(), notation);
    }
    let mut sum = String::new();
    for (term, multiplicity) in diagram.signed() {
        let sign = match (sum.is_empty(), multiplicity < 0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        sum.push_str(sign);
        if multiplicity.abs() != 1 {
            sum.push_str(&multiplicity.abs().to_string());
            sum.push(' ');
        }
        sum.push_str(&Writer::new(&term.value_class(), notation).value());
    }
    let eta = learning_rate(diagram.tied().edges(), notation);
    joined(&eta, &format!("({sum})"), notation)
}

/// Writes the nodes of a value class as tensors.
struct Writer<'a> {
    class: &'a ValueClass,
    notation: Notation,
    /// For each node of a part with several nodes, the number of the datapoint.
    marks: Vec<Option<usize>>,
}

impl<'a> Writer<'a> {
    fn new(class: &'a ValueClass, notation: Notation) -> Self {
        Writer {
            class,
            notation,
            marks: vec![None; class.nodes()],
        }
    }

    fn value(mut self) -> String {
        let components = self.class.components();
        let straight = (0..self.class.nodes()).all(|node| self.class.degree(node) <= 2);
        if components.len() == 1 && straight && self.class.open().is_none() {
            return self.path();
        }
        let order: Vec<usize> = (0..self.class.nodes()).collect();
        self.name_datapoints(&order);
        let values: Vec<String> = components
            .iter()
            .map(|component| self.contracted(component[0], None))
            .collect();
        let value = match &values[..] {
            [one] => one.clone(),
            many => format!("({})", many.join(")(")),
        };
        if self.marks.iter().any(Option::is_some) {
            self.expectation(&value)
        } else {
            value
        }
    }

    /// A path as a product of tensors from end to end. The expectation includes only the factors from the first to the last tied node.
    fn path(&mut self) -> String {
        let ends = (0..self.class.nodes()).filter(|&node| self.class.degree(node) < 2);
        // Of the two directions, the one in which tied nodes come first.
        let path = ends
            .map(|end| self.walk(end))
            .min_by_key(|path| {
                path.iter()
                    .map(|&node| self.alone(node))
                    .collect::<Vec<_>>()
            })
            .unwrap_or_default();
        self.name_datapoints(&path);
        let tensors: Vec<String> = path.iter().map(|&node| self.tensor(node)).collect();
        let tied = |&at: &usize| !self.alone(path[at]);
        let (Some(first), Some(last)) =
            ((0..path.len()).find(tied), (0..path.len()).rev().find(tied))
        else {
            return self.product(&tensors);
        };
        let inside = self.expectation(&self.product(&tensors[first..=last]));
        let mut factors = tensors[..first].to_vec();
        factors.push(inside);
        factors.extend_from_slice(&tensors[last + 1..]);
        self.product(&factors)
    }

    /// The nodes of a path from one end to the other.
    fn walk(&self, end: usize) -> Vec<usize> {
        let mut path = vec![end];
        loop {
            let last = path[path.len() - 1];
            let mut ahead = self.class.neighbours(last);
            match ahead.find(|next| path.len() < 2 || *next != path[path.len() - 2]) {
                Some(next) => path.push(next),
                None => return path,
            }
        }
    }

    /// The tensor of `node` contracted with those of the nodes that are not in the direction of `behind`. It is a vector if there is a node in that
    /// direction or an open index, otherwise a number.
    fn contracted(&self, node: usize, behind: Option<usize>) -> String {
        let ahead = self.class.neighbours(node);
        let vectors: Vec<String> = ahead
            .filter(|&next| Some(next) != behind)
            .map(|next| self.contracted(next, Some(node)))
            .collect();
        let tensor = self.tensor(node);
        match &vectors[..] {
            [] => tensor,
            [one] => self.product(&[tensor, one.clone()]),
            many => format!("{tensor}[{}]", many.join(", ")),
        }
    }

    fn tensor(&self, node: usize) -> String {
        let order = self.class.degree(node);
        let mark = self.marks[node];
        let symbol = match (order, mark.is_some()) {
            (0, _) => "l".into(),
            (1, false) => "G".into(),
            (2, false) => "H".into(),
            (3, false) => "J".into(),
            (1, true) => "g".into(),
            (2, true) => "h".into(),
            (3, true) => "j".into(),
            _ => match self.notation {
                Notation::Text => format!("∇{}l", superscript(order)),
                Notation::Latex => format!("\\nabla^{{{order}}} l"),
            },
        };
        match (mark.map(datapoint), self.notation) {
            (None, _) => symbol,
            (Some(n), Notation::Text) => format!("{symbol}_{n}"),
            (Some(n), Notation::Latex) => format!("{symbol}_{{{n}}}"),
        }
    }

    fn product(&self, factors: &[String]) -> String {
        factors.join(space(self.notation))
    }

    fn expectation(&self, inside: &str) -> String {
        match self.notation {
            Notation::Text => format!("E[{inside}]"),
            Notation::Latex => format!("\\mathbb{{E}}[{inside}]"),
        }
    }

    /// Whether a node is alone in its part.
    fn alone(&self, node: usize) -> bool {
        let parts = (0..self.class.nodes()).map(|other| self.class.part(other));
        parts.filter(|&part| part == self.class.part(node)).count() == 1
    }

    /// Numbers the datapoints of tied nodes in this order of the nodes.
    fn name_datapoints(&mut self, order: &[usize]) {
        let mut known = vec![];
        for &node in order {
            if self.alone(node) {
                continue;
            }
            let part = self.class.part(node);
            let at = known.iter().position(|&k| k == part).unwrap_or_else(|| {
                known.push(part);
                known.len() - 1
            });
            self.marks[node] = Some(at);
        }
    }
}

fn learning_rate(power: usize, notation: Notation) -> String {
    match (power, notation) {
        (0, _) => String::new(),
        (1, Notation::Text) => "η".into(),
        (1, Notation::Latex) => "\\eta".into(),
        (_, Notation::Text) => format!("η{}", superscript(power)),
        (_, Notation::Latex) => format!("\\eta^{{{power}}}"),
    }
}

fn joined(eta: &str, value: &str, notation: Notation) -> String {
    if eta.is_empty() {
        return value.into();
    }
    format!("{eta}{}{value}", space(notation))
}

fn space(notation: Notation) -> &'static str {
    match notation {
        Notation::Text => " ",
        Notation::Latex => "\\, ",
    }
}

pub(super) fn superscript(number: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = number.to_string();
    digits
        .bytes()
        .map(|digit| DIGITS[usize::from(digit - b'0')])
        .collect()
}
