//! The tensor of one diagram: the product of its nodes' derivatives, with an open index, an eigenvector, for each edge.

use diagram_calculus::measure::Measure;
use diagram_calculus::resummed::ResummedDiagram;

use super::error::ResummedValueError;
use super::moments::{NoiseMoments, flat, indices};

/// The entries of a tensor that are not 0.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    /// The index of the eigenvector of each edge, and the product of the nodes' derivatives along them. Edge i leads from node i + 1 to its parent.
    pub(super) entries: Vec<(Vec<usize>, f64)>,
}

/// A mean derivative, or a joint moment of noise.
struct Factor {
    /// The edges that the indices belong to.
    edges: Vec<usize>,
    numbers: Vec<f64>,
}

impl Tensor {
    pub(super) fn new(
        term: &ResummedDiagram,
        moments: &mut NoiseMoments<'_>,
    ) -> Result<Self, ResummedValueError> {
        let diagram = term.diagram();
        let mut factors = vec![];
        for part in 0..diagram.parts() {
            let nodes: Vec<usize> = diagram.members(part).collect();
            // The root of a displacement is an open index.
            if nodes == [0] && term.measure() == Measure::Displacement {
                continue;
            }
            factors.push(factor(term, &nodes, moments)?);
        }
        let modes = moments.modes();
        let entry = |at: Vec<usize>| {
            let value: f64 = factors
                .iter()
                .map(|factor| {
                    let indices = factor.edges.iter().map(|&edge| at[edge]);
                    factor.numbers[flat(modes, indices)]
                })
                .product();
            (value != 0.0).then_some((at, value))
        };
        let entries = indices(modes, diagram.edges()).filter_map(entry);
        Ok(Tensor {
            entries: entries.collect(),
        })
    }
}

/// Returns the factor of the nodes of one part.
fn factor(
    term: &ResummedDiagram,
    nodes: &[usize],
    moments: &mut NoiseMoments<'_>,
) -> Result<Factor, ResummedValueError> {
    let diagram = term.diagram();
    let edges_of = |node: usize| -> Vec<usize> {
        let above = node.checked_sub(1);
        above
            .into_iter()
            .chain(diagram.children(node).map(|child| child - 1))
            .collect()
    };
    if let [node] = nodes {
        let edges = edges_of(*node);
        let numbers = moments.mean(edges.len())?;
        return Ok(Factor { edges, numbers });
    }
    let mut edges: Vec<usize> = nodes.iter().flat_map(|&node| edges_of(node)).collect();
    edges.sort_unstable();
    edges.dedup();
    let local: Vec<Vec<usize>> = nodes
        .iter()
        .map(|&node| {
            let place = |edge: usize| edges.iter().take_while(|&&other| other != edge).count();
            edges_of(node).into_iter().map(place).collect()
        })
        .collect();
    let numbers = moments.noise(&local, edges.len())?;
    Ok(Factor { edges, numbers })
}
