//! Landscapes as data, from which devices make kernels of their own.

use std::sync::Arc;

use crate::graph::{Graph, RecordError};
use crate::landscape::Landscape;
use crate::network::NetworkLandscape;
use crate::samples::Samples;

/// A landscape as data: a graph of operations, or the layers of a network.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// A recorded loss.
    Graph(Arc<Graph>),
    /// A declared network.
    Network(Arc<NetworkLandscape>),
}

/// A landscape as data, with weights θ and samples at which there are derivatives.
#[derive(Clone, Debug)]
pub struct RecordedPoint<T> {
    /// The landscape.
    pub landscape: Recorded,
    /// The P weights.
    pub theta: Vec<T>,
    /// The samples.
    pub samples: Samples<T>,
}

impl Recorded {
    /// Records a loss that is written for any scalar.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn of_loss(landscape: &impl Landscape) -> Result<Recorded, RecordError> {
        let graph = if landscape.is_piecewise() {
            Graph::record_piecewise(landscape)
        } else {
            Graph::record(landscape)
        };
        Ok(Recorded::Graph(Arc::new(graph?)))
    }
}

impl From<Graph> for Recorded {
    fn from(graph: Graph) -> Self {
        Recorded::Graph(Arc::new(graph))
    }
}

impl From<NetworkLandscape> for Recorded {
    fn from(network: NetworkLandscape) -> Self {
        Recorded::Network(Arc::new(network))
    }
}
