//! The facts about an executor on which the costs of plans depend.

/// Facts about what executes a plan, on which the cost of the plan depends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostParameters {
    /// The number of sets of directions in one call for derivatives, at least 1. If the directions do not depend on the differentiated samples, the call
    /// computes only once what depends on the samples alone.
    pub directions_per_call: usize,
    /// The highest power of a single direction for which a call shares such work.
    pub highest_shared_power: u8,
    /// The floating point operations that correspond to the overhead of one contraction of explicit tensors.
    pub contraction_start: f64,
}
