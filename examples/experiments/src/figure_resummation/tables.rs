//! The tables of losses and of errors.

use super::curves::{Curve, measured};
use super::{Compared, Runs};
use crate::experiment::Finished;
use crate::table::Table;

/// The columns for each curve, beginning with these.
fn columns(first: &[&str], curves: &[Curve]) -> Vec<String> {
    let names = curves.iter().map(ToString::to_string);
    first.iter().map(ToString::to_string).chain(names).collect()
}

pub(super) fn summary(finished: &[Finished<Runs, Compared>]) -> Table {
    let curves: Vec<Curve> = Curve::resummed()
        .chain([Curve::continuum()])
        .chain(Curve::plain())
        .collect();
    let mut table = Table::new(
        "summary",
        "Expected test loss above that at the minimum, where training starts",
        columns(
            &[
                "η",
                "T",
                "exact",
                "measured",
                "standard error",
                "half band",
                "runs",
            ],
            &curves,
        ),
    );
    let together = measured(finished).len();
    for Finished { cell, outcome, .. } in finished {
        let mean = outcome.measured;
        let mut row = vec![
            cell.eta.into(),
            cell.updates.into(),
            outcome.exact.into(),
            mean.map(|mean| mean.mean).into(),
            mean.map(|mean| mean.standard_error).into(),
            mean.map(|mean| mean.half_band(together)).into(),
            mean.map(|mean| mean.trials).into(),
        ];
        row.extend(curves.iter().map(|curve| (curve.of)(outcome).into()));
        table.row(row);
    }
    table
}

pub(super) fn errors(finished: &[Finished<Runs, Compared>]) -> Table {
    let curves: Vec<Curve> = Curve::resummed()
        .chain([Curve::continuum()])
        .chain(Curve::plain())
        .collect();
    let mut table = Table::new(
        "errors",
        "Errors relative to the exact loss; the last column compares it with more points of interpolation",
        columns(&["η", "T"], &curves),
    );
    table.columns.push("exact, with more points".into());
    for Finished { cell, outcome, .. } in finished {
        let mut row = vec![cell.eta.into(), cell.updates.into()];
        let errors = curves
            .iter()
            .map(|curve| outcome.error((curve.of)(outcome)));
        row.extend(errors.map(Into::into));
        row.push(outcome.error(outcome.again).into());
        table.row(row);
    }
    table
}
