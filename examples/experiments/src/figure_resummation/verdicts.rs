//! The verdicts.

use std::fmt;

use super::curves::{Curve, Measured, division, measured, sweep};
use super::{
    CLOSE, Compared, DIVISIONS, ETA, ETA_T, FALL, FALLING, Fixed, LENGTHS, ORDERS, PLAIN, Runs,
};
use crate::experiment::Finished;
use crate::report::Verdict;

/// Whether re-summed predictions are close to the exact loss for any number of updates at one learning rate, and the power series are not.
pub(super) fn any_length(finished: &[Finished<Runs, Compared>]) -> Verdict {
    let claim = "Re-summed predictions hold for any number of updates, power series do not";
    let close: Vec<f64> = Curve::resummed()
        .map(|curve| curve.worst(finished, Fixed::Eta))
        .collect();
    // From which length on each series is farther off than what counts as close.
    let leaves = |curve: &Curve| {
        let far =
            |f: &&Finished<Runs, Compared>| f.outcome.error((curve.of)(&f.outcome)).abs() > CLOSE;
        let from = sweep(finished, Fixed::Eta).find(far);
        from.map(|f| f.cell.updates)
    };
    let leaves: Vec<Option<u64>> = Curve::plain().map(|curve| leaves(&curve)).collect();
    let Some(last) = sweep(finished, Fixed::Eta).last() else {
        return Verdict::undecided(claim, "there are no runs");
    };
    let from: Vec<String> = leaves
        .iter()
        .map(|t| t.map_or("never".into(), |t| t.to_string()))
        .collect();
    Verdict::new(
        claim,
        format!(
            "at η = {ETA}, from T = {} to {}, orders {} are at most {} off the exact loss; power series of orders {} are more than {} off from T = {} on, \
             and at the end order {} gives {:.1e} where the loss is {:.4}",
            LENGTHS[0],
            last.cell.updates,
            list(ORDERS),
            list(close.iter().map(|&error| percent(error))),
            list(PLAIN),
            percent(CLOSE),
            from.join(", "),
            PLAIN[PLAIN.len() - 1],
            last.outcome.plain[PLAIN.len() - 1],
            last.outcome.exact,
        ),
        close.iter().all(|&error| error <= CLOSE) && leaves.iter().all(Option::is_some),
    )
}

/// Whether training runs have the exact mean within their band, which is simultaneous over all of them, and exclude the power series at the greatest
/// lengths. How many of the predictions are inside says what the runs can tell apart.
pub(super) fn runs(finished: &[Finished<Runs, Compared>]) -> Verdict {
    let claim = "Training runs have the exact expectation, and tell it from power series";
    let judged = measured(finished);
    if judged.is_empty() {
        return Verdict::undecided(claim, "there are no runs");
    }
    let inside = |of: &dyn Fn(&Compared) -> f64| {
        let inside = judged.iter().filter(|run| run.contains(of));
        inside.count()
    };
    let exact = inside(&Curve::exact().of);
    let excludes = |run: &Measured<'_>| Curve::plain().all(|curve| !run.contains(&curve.of));
    let excluded = [Fixed::Eta, Fixed::EtaT].iter().all(|&fixed| {
        let mut longest = judged.iter().rev();
        longest
            .find(|run| run.cell.fixed == fixed)
            .is_none_or(excludes)
    });
    Verdict::new(
        claim,
        format!(
            "the exact loss is inside the simultaneous 95% band for {exact} of {} pairs of η and T; so are re-summed orders {} for {}, the {} for {}, power \
             series of orders {} for {}, and 0, where gradient descent stays, for {}",
            judged.len(),
            list(ORDERS),
            list(Curve::resummed().map(|curve| inside(&curve.of))),
            Curve::continuum(),
            inside(&Curve::continuum().of),
            list(PLAIN),
            list(Curve::plain().map(|curve| inside(&curve.of))),
            inside(&|_| 0.0),
        ),
        exact == judged.len() && excluded,
    )
}

/// Whether at fixed ηT the relative error of every order falls at least as 1/T.
pub(super) fn convergence(finished: &[Finished<Runs, Compared>]) -> Verdict {
    let claim = "At fixed ηT every re-summed order converges to the exact loss as T diverges";
    let fall = |curve: Curve| power(finished, |c| c.error((curve.of)(c)));
    let powers: Option<Vec<f64>> = Curve::resummed().map(fall).collect();
    let last = sweep(finished, Fixed::EtaT).last();
    let (Some(powers), Some(last)) = (powers, last) else {
        return Verdict::undecided(claim, "there are no runs");
    };
    let at_the_end = |curve: Curve| last.outcome.error((curve.of)(&last.outcome));
    let [from, to] = FALL;
    Verdict::new(
        claim,
        format!(
            "at ηT = {ETA_T} the errors of orders {} fall from T = {from} to {to} as T to the powers {}; at T = {} they are {}, and those of power series of \
             orders {} are {}",
            list(ORDERS),
            list(powers.iter().map(|power| format!("{power:.3}"))),
            last.cell.updates,
            list(Curve::resummed().map(|curve| format!("{:.1e}", at_the_end(curve)))),
            list(PLAIN),
            list(Curve::plain().map(|curve| format!("{:.1}", at_the_end(curve)))),
        ),
        powers.iter().all(|&power| power < FALLING),
    )
}

/// Whether at fixed ηT the continuum limit tends to the exact sums of the same order.
pub(super) fn integrals(finished: &[Finished<Runs, Compared>]) -> Verdict {
    let claim = "Integrals and exponentials in place of sums and powers cost a factor 1 + o(1)";
    let highest = ORDERS.len() - 1;
    let apart = |c: &Compared| c.continuum / c.resummed[highest] - 1.0;
    let [from, to] = FALL;
    let ends = (division(finished, DIVISIONS[0]), division(finished, to));
    let (Some(power), (Some(first), Some(last))) = (power(finished, apart), ends) else {
        return Verdict::undecided(claim, "there are no runs");
    };
    Verdict::new(
        claim,
        format!(
            "at ηT = {ETA_T} the continuum limit of order {} is {:.1e} off the exact sums at T = {}, and {:.1e} at T = {to}; from T = {from} on this falls as \
             T to the power {power:.3}",
            ORDERS[highest],
            apart(first),
            DIVISIONS[0],
            apart(last),
        ),
        power < FALLING,
    )
}

/// The power of T with which a quantity changes at fixed ηT, between two lengths.
fn power(finished: &[Finished<Runs, Compared>], of: impl Fn(&Compared) -> f64) -> Option<f64> {
    let [from, to] = FALL;
    let (before, after) = (division(finished, from)?, division(finished, to)?);
    Some((of(after) / of(before)).abs().ln() / (to as f64 / from as f64).ln())
}

fn percent(share: f64) -> String {
    format!("{:.1}%", 100.0 * share)
}

/// Items with commas between them.
pub(super) fn list<I: fmt::Display>(items: impl IntoIterator<Item = I>) -> String {
    let items = items.into_iter().map(|item| item.to_string());
    items.collect::<Vec<_>>().join(", ")
}
