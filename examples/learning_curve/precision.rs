//! The two arithmetics.

use diagrams::runtime::derivatives::{Derivatives, LocalError};
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::scalar::Element;
use diagrams::runtime::simulate::Simulator;

/// Floats that landscapes are compiled for.
pub(crate) trait Precision: Element {
    /// The losses of samples near some weights.
    fn local<'a>(
        named: Named,
        theta: &'a [Self],
        samples: &'a Samples<Self>,
    ) -> Result<Box<dyn Derivatives<Self> + 'a>, LocalError>;

    /// What runs trials.
    fn simulator(named: &Named) -> &dyn Simulator<Self>;
}

impl Precision for f32 {
    fn local<'a>(
        named: Named,
        theta: &'a [f32],
        samples: &'a Samples<f32>,
    ) -> Result<Box<dyn Derivatives<f32> + 'a>, LocalError> {
        named.local_f32(theta, samples)
    }

    fn simulator(named: &Named) -> &dyn Simulator<f32> {
        named
    }
}

impl Precision for f64 {
    fn local<'a>(
        named: Named,
        theta: &'a [f64],
        samples: &'a Samples<f64>,
    ) -> Result<Box<dyn Derivatives<f64> + 'a>, LocalError> {
        named.local(theta, samples)
    }

    fn simulator(named: &Named) -> &dyn Simulator<f64> {
        named
    }
}
