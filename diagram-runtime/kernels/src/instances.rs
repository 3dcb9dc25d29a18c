//! All kernels of built-in landscapes that are compiled: those of each [`Named`] landscape in single and in double precision, for the instruction sets
//! of [`InstructionSet::COMPILED`](diagram_algebra::lanes::InstructionSet::COMPILED).
//!
//! Nothing else in the workspace makes a kernel of a built-in landscape. The functions here are never inlined: where the address of a kernel is taken,
//! there it is compiled.

use std::ops::Range;

use crate::derivatives::{Derivatives, PointDerivatives, PointError};
use crate::device::DeviceError;
use crate::landscapes::{Named, with_landscape};
use crate::samples::Samples;
use crate::scalar::Element;
use crate::simulator::{Points, Simulator, TestSet, delegate};
use crate::slab::Slab;

/// A floating point type that the built-in landscapes are compiled for: `f32` or `f64`.
pub trait Precision: Element + Copy {
    /// The type's name.
    const NAME: &'static str;

    /// What [`Named::local`] gives.
    ///
    /// # Errors
    /// [`PointError`].
    fn local<'a>(
        named: Named,
        theta: &'a [Self],
        samples: &'a Samples<Self>,
    ) -> Result<Box<dyn Derivatives<Self> + 'a>, PointError>;

    /// What runs the trials of a simulation of a [`Named`].
    fn simulator(named: Named) -> &'static dyn Simulator<Self>;
}

macro_rules! instances {
    ($number:ident) => {
        impl Precision for $number {
            const NAME: &'static str = stringify!($number);

            #[inline(never)]
            fn local<'a>(
                named: Named,
                theta: &'a [$number],
                samples: &'a Samples<$number>,
            ) -> Result<Box<dyn Derivatives<$number> + 'a>, PointError> {
                Ok(with_landscape!(named, landscape => {
                    Box::new(PointDerivatives::new(landscape, theta, samples)?)
                }))
            }

            #[inline(never)]
            fn simulator(named: Named) -> &'static dyn Simulator<$number> {
                with_landscape!(named, landscape => landscape)
            }
        }
    };
}

instances!(f32);
instances!(f64);

impl<T: Precision> Simulator<T> for Named {
    fn sizes(&self) -> (usize, usize) {
        (self.dimension(), self.input_width())
    }

    delegate!(T, self => T::simulator(*self));
}
