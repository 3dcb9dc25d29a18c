//! What is compared at each length: exact, predicted and measured test losses.

use std::fmt;

use super::{Compared, Fixed, ORDERS, PLAIN, Runs};
use crate::band::Mean;
use crate::experiment::Finished;

impl Compared {
    /// The error of a prediction relative to the exact loss.
    pub(super) fn error(&self, predicted: f64) -> f64 {
        predicted / self.exact - 1.0
    }
}

/// A predicted or exact test loss with its name.
pub(super) struct Curve {
    name: String,
    pub(super) of: Box<dyn Fn(&Compared) -> f64>,
}

impl Curve {
    pub(super) fn new(name: impl Into<String>, of: impl Fn(&Compared) -> f64 + 'static) -> Self {
        Curve {
            name: name.into(),
            of: Box::new(of),
        }
    }

    pub(super) fn resummed() -> impl Iterator<Item = Curve> {
        (0..ORDERS.len()).map(|at| {
            Curve::new(format!("re-summed, order {}", ORDERS[at]), move |c| {
                c.resummed[at]
            })
        })
    }

    pub(super) fn continuum() -> Self {
        let name = format!("continuum limit, order {}", ORDERS[ORDERS.len() - 1]);
        Curve::new(name, |c| c.continuum)
    }

    pub(super) fn plain() -> impl Iterator<Item = Curve> {
        (0..PLAIN.len()).map(|at| {
            Curve::new(format!("power series, order {}", PLAIN[at]), move |c| {
                c.plain[at]
            })
        })
    }

    pub(super) fn exact() -> Self {
        Curve::new("exact", |c| c.exact)
    }

    /// The largest relative error at any length of the sweep, without its sign.
    pub(super) fn worst(&self, finished: &[Finished<Runs, Compared>], fixed: Fixed) -> f64 {
        let errors = sweep(finished, fixed).map(|f| f.outcome.error((self.of)(&f.outcome)).abs());
        errors.fold(0.0, f64::max)
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The cells of a sweep, from the shortest to the longest.
pub(super) fn sweep(
    finished: &[Finished<Runs, Compared>],
    fixed: Fixed,
) -> impl Iterator<Item = &Finished<Runs, Compared>> + Clone {
    finished.iter().filter(move |f| f.cell.fixed == fixed)
}

/// The cell of a length with fixed ηT.
pub(super) fn division(finished: &[Finished<Runs, Compared>], updates: u64) -> Option<&Compared> {
    let mut cells = sweep(finished, Fixed::EtaT);
    let cell = cells.find(|f| f.cell.updates == updates)?;
    Some(&cell.outcome)
}

/// Training runs with their band.
pub(super) struct Measured<'a> {
    pub(super) cell: &'a Runs,
    pub(super) compared: &'a Compared,
    pub(super) mean: Mean,
    /// Half the width of the band, which is simultaneous over all cells with runs.
    pub(super) half_band: f64,
}

impl Measured<'_> {
    /// Whether a test loss is inside the band.
    pub(super) fn contains(&self, of: &dyn Fn(&Compared) -> f64) -> bool {
        (of(self.compared) - self.mean.mean).abs() <= self.half_band
    }
}

/// All training runs.
pub(super) fn measured(finished: &[Finished<Runs, Compared>]) -> Vec<Measured<'_>> {
    let means = finished
        .iter()
        .filter_map(|f| Some((&f.cell, &f.outcome, f.outcome.measured?)));
    let together = means.clone().count();
    let run = |(cell, compared, mean): (_, _, Mean)| Measured {
        cell,
        compared,
        mean,
        half_band: mean.half_band(together),
    };
    means.map(run).collect()
}
