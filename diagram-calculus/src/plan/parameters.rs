//! What costs depend on besides the plan.

/// Facts about what executes a plan, on which costs depend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostParameters {
    /// How many directions that do not depend on the samples are given to the derivatives in one call, to share what depends on the samples
    /// alone; at least 1.
    pub directions_per_call: usize,
    /// The highest power of a single direction in a derivative for which the directions of a call share anything.
    pub highest_shared_power: u8,
    /// Floating point operations that starting one contraction of explicit tensors takes, however small they are.
    pub contraction_start: f64,
}
