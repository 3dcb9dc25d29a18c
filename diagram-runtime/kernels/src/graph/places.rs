//! The places of results, which are given again to others when nothing reads the results any more.

use super::Operation;
use super::analysis::Analysis;

/// The places of results in the algebra, by the order in which they are computed.
pub(super) struct Places {
    pub(super) of: Vec<usize>,
    /// The results that have no reader after the step with the given index.
    last: Vec<Vec<usize>>,
    free: Vec<usize>,
    pub(super) count: usize,
}

/// A place that is not yet known.
const UNKNOWN: usize = usize::MAX;

impl Places {
    pub(super) fn new(graph: &Analysis<'_>, weights: usize, reuse: bool) -> Self {
        let order = &graph.order[1];
        if !reuse {
            return Places {
                of: (weights..weights + order.len()).collect(),
                last: vec![],
                free: vec![],
                count: weights + order.len(),
            };
        }
        let mut places = Places {
            of: vec![UNKNOWN; order.len()],
            last: vec![vec![]; order.len()],
            free: vec![],
            count: weights,
        };
        let mut pinned = vec![false; order.len()];
        for stream in graph.streams.values().filter(|stream| stream.of_scalars) {
            pinned[stream.factors.clone()].fill(true);
        }
        for (place, _) in places
            .of
            .iter_mut()
            .zip(pinned)
            .filter(|(_, pinned)| *pinned)
        {
            *place = places.count;
            places.count += 1;
        }
        let mut last = vec![None; order.len()];
        for (at, &node) in order.iter().enumerate() {
            graph.terms[node as usize].each_read(|read| {
                let read = read as usize;
                if graph.moving[read] && !matches!(graph.operations[read], Operation::Weight(_)) {
                    last[graph.rank[read]] = Some(at);
                }
            });
        }
        for (at, last) in last.into_iter().enumerate() {
            if let (Some(last), UNKNOWN) = (last, places.of[at]) {
                places.last[last].push(at);
            }
        }
        places
    }

    /// Frees the places of results that the step with the given index is the last to read: a step reads before it writes.
    pub(super) fn free_after(&mut self, at: usize) {
        if let Some(last) = self.last.get(at) {
            self.free.extend(last.iter().map(|&result| self.of[result]));
        }
    }

    /// The place of the result of the step with the given index.
    pub(super) fn take(&mut self, at: usize) -> usize {
        if self.of[at] == UNKNOWN {
            self.of[at] = self.free.pop().unwrap_or_else(|| {
                self.count += 1;
                self.count - 1
            });
        }
        self.of[at]
    }
}
