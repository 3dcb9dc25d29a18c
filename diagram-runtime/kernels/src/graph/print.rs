//! Graphs as text and as pictures.

use std::fmt;

use super::{Function, Graph, Operation};

/// A program of one line for each node.
impl fmt::Display for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, operation) in self.operations().iter().enumerate() {
            writeln!(f, "v{at} = {operation}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operation::Constant(value) => write!(f, "{value}"),
            Operation::Weight(at) => write!(f, "θ[{at}]"),
            Operation::Input(at) => write!(f, "x[{at}]"),
            Operation::Add(a, b) => write!(f, "v{a} + v{b}"),
            Operation::Subtract(a, b) => write!(f, "v{a} - v{b}"),
            Operation::Multiply(a, b) => write!(f, "v{a} · v{b}"),
            Operation::AddProduct(a, b, c) => write!(f, "v{a} + v{b} · v{c}"),
            Operation::Divide(a, b) => write!(f, "v{a} / v{b}"),
            Operation::Negate(a) => write!(f, "-v{a}"),
            Operation::Apply(Function::Abs, a) => write!(f, "|v{a}|"),
            Operation::Apply(function, a) => write!(f, "{} v{a}", function.name()),
            Operation::Powf(a, exponent) => write!(f, "v{a}^{exponent}"),
            Operation::LogAddExp(a, b) => write!(f, "ln(exp v{a} + exp v{b})"),
            Operation::Max(a, b) => write!(f, "max(v{a}, v{b})"),
        }
    }
}

/// A graph in the language of Graphviz: `dot -Tsvg` draws it.
#[derive(Clone, Copy, Debug)]
pub struct Dot<'g>(&'g Graph);

impl Graph {
    /// Returns the graph in the language of Graphviz.
    pub fn dot(&self) -> Dot<'_> {
        Dot(self)
    }
}

impl fmt::Display for Dot<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "digraph loss {{")?;
        for (at, operation) in self.0.operations().iter().enumerate() {
            writeln!(f, "  v{at} [label=\"v{at} = {operation}\"];")?;
            for read in operation.reads() {
                writeln!(f, "  v{read} -> v{at};")?;
            }
        }
        writeln!(f, "}}")
    }
}
