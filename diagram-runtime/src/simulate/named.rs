//! The built-in landscapes' simulators, compiled in this crate.

use super::{Control, Outcome, Simulation, Simulator};
use crate::landscapes::{
    CifarLeNet, CifarLogistic, FashionLeNet, FashionLogistic, GaussianFit, Named,
};

macro_rules! named_simulator {
    ($number:ty, $simulator:ident) => {
        fn $simulator(named: Named) -> &'static dyn Simulator<$number> {
            match named {
                Named::FashionLogistic => &FashionLogistic {},
                Named::FashionLeNet => &FashionLeNet {},
                Named::CifarLogistic => &CifarLogistic {},
                Named::CifarLeNet => &CifarLeNet {},
                Named::GaussianFit => &GaussianFit,
            }
        }

        impl Simulator<$number> for Named {
            fn sizes(&self) -> (usize, usize) {
                $simulator(*self).sizes()
            }

            fn run_trials(
                &self,
                simulation: &Simulation<'_, $number>,
                control: Control<'_>,
            ) -> Vec<(usize, Vec<Outcome>)> {
                $simulator(*self).run_trials(simulation, control)
            }

            fn run_trial(
                &self,
                simulation: &Simulation<'_, $number>,
                trial: usize,
            ) -> Vec<Outcome> {
                $simulator(*self).run_trial(simulation, trial)
            }
        }
    };
}

named_simulator!(f32, simulator_f32);
named_simulator!(f64, simulator_f64);
