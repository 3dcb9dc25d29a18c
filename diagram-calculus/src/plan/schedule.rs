//! The order of the steps of a plan.

use super::{Plan, Step};

/// Reorders the steps so that those that read tables over pairs of samples come as early as possible.
///
/// A table with a vector for every pair of samples is streamed and not stored. The stream runs once for all its readers if all of them come before any
/// other step that needs its results.
pub(super) fn consume_early(mut plan: Plan) -> Plan {
    let reads: Vec<Vec<usize>> = plan.steps.iter().map(Step::reads).collect();
    let reads_pairs: Vec<bool> = reads
        .iter()
        .map(|reads| reads.iter().any(|&q| plan.quantities[q].rank >= 2))
        .collect();
    let mut left: Vec<usize> = (0..plan.steps.len()).collect();
    let mut written = vec![false; plan.quantities.len()];
    let mut order = vec![];
    while !left.is_empty() {
        let ready = |step: usize| reads[step].iter().all(|&q| written[q]);
        // Steps with one loop are cheap. Doing them first makes the inputs of all readers of a stream available before the stream runs.
        let linear = |step: usize| plan.steps[step].axes() <= 1;
        let next = left
            .iter()
            .position(|&s| reads_pairs[s] && ready(s))
            .or_else(|| left.iter().position(|&s| linear(s) && ready(s)))
            .or_else(|| left.iter().position(|&s| ready(s)))
            .expect("steps were built after what they read");
        let step = left.remove(next);
        for q in plan.steps[step].writes() {
            written[q] = true;
        }
        order.push(step);
    }
    let steps = order.iter().map(|&s| plan.steps[s].clone()).collect();
    plan.steps = steps;
    for (at, step) in plan.steps.iter().enumerate() {
        for q in step.writes() {
            plan.quantities[q].step = at;
        }
    }
    plan
}
