//! Other frameworks on the work of this project's benches, and the report that compares them.
//!
//! Three programs, run from the repository's root:
//!
//! | program | reads | writes |
//! | --- | --- | --- |
//! | `measure` | nothing | a file of measurements for each framework of Rust: candle and burn |
//! | `jax` | saved outputs of the JAX programs | one for JAX |
//! | `report` | all files of measurements | `BENCHMARKS.md` |
//!
//! The library's own benches write such a file when `DIAGRAMS_MEASURED` names one.
//!
//! # The file of measurements
//!
//! One JSON file for each source. Its `source` is a name with a version; the library's own starts with `diagrams`. The lists are optional. A record's
//! `work` names the same work in all files; its rate is `items` over `median_seconds`, and its share of what the machine can do follows from
//! `flops_per_item`, the least number of operations whatever the source really does, and from `gemm_gflops`.
//!
//! ```json
//! {
//!   "source": "candle 0.11.1", "date": "2026-01-31", "commands": ["cargo run ..."],
//!   "machine": {"cpu": "a name", "cores": 2, "instruction_set": "avx512"}, "threads": 2,
//!   "gemm_gflops": {"f32": 196.0, "f64": 104.0},
//!   "records": [{
//!     "work": "per-sample gradients", "precision": "f32", "items": 1024.0, "unit": "samples",
//!     "median_seconds": 0.1, "min_seconds": 0.09, "max_seconds": 0.12, "flops_per_item": 394200.0,
//!     "target_ratio": 3.0, "note": "how it was done"
//!   }],
//!   "unsupported": [{"work": "mean Hessian-vector product, one v", "reason": "why"}],
//!   "growth": [{"quantity": "n", "work": "order 3", "measured_exponent": 2.01, "standard_error": 0.02, "model_exponent": 2.0}],
//!   "memory": [{"work": "order 3", "peak_bytes": 1000000, "limit_bytes": 2000000}]
//! }
//! ```
//!
//! `unit` is null where the time of a run is all there is to say; `flops_per_item`, `target_ratio` (over the first peer), `note` and `limit_bytes` are optional.
//!
//! # What is measured
//!
//! The paper's `LeNet` on Fashion-MNIST: its forward passes, its gradients, its derivatives of higher order, and many small training runs. Each framework's work is first
//! compared with a plain implementation; of several ways to do it, the fastest counts. `measure` needs the feature `frameworks`, which is on by default; the other two compile in seconds without it.

mod jax;
#[path = "../../work/measured.rs"]
#[allow(dead_code)]
mod measured;
#[cfg(test)]
mod measured_tests;
mod report;
mod work;

#[cfg(feature = "frameworks")]
mod frameworks;

pub use jax::{JaxError, Saved, jax};
pub use report::{ReportError, Reported, report};

#[cfg(feature = "frameworks")]
pub use frameworks::{FrameworkError, Spread, measure, measure_part};
