//! The text that the program prints.

use std::fmt::Write;

use diagram_experiments::band::{CONFIDENCE, quantile};
use diagram_experiments::curve::{Placement, Point, ROUNDINGS, short};
use diagram_experiments::terminal::aligned;
use diagrams::runtime::series::Pade;
use diagrams::runtime::warning;

use super::measure::Measured;
use super::predict::Predicted;
use super::setup::Setup;
use super::verdict::Judged;

/// A header that says what is predicted and measured. `work` is that of the values, in losses of one datapoint.
pub(crate) fn header(setup: &Setup, arithmetic: &str, work: f64) -> String {
    let schedule = setup.schedule;
    let optimizer = setup.other.as_ref().map_or_else(String::new, |other| {
        format!(
            "{}: the total step is R = {:.6}, and ηT stands for ηR\n",
            other.text, setup.total_step
        )
    });
    format!(
        "{}: expected {} after T = {} updates, N = {}, B = {}, E = {}\n{optimizer}\
         P = {} weights, a population of {} datapoints, seed {}, {arithmetic} precision, {}\n\
         {} values; exactly, they cost as much as {work:.1e} losses of one datapoint{}\n",
        setup.landscape,
        setup.measure,
        schedule.steps(),
        schedule.train(),
        schedule.batch(),
        schedule.epochs(),
        setup.theta0.len(),
        setup.population.len(),
        setup.seed,
        on(setup),
        setup.terms.coefficients.len(),
        match setup.values.budget {
            Some(budget) => format!(", estimated within {budget:.1e} if that is less"),
            None => String::new(),
        },
    )
}

/// What values and training runs are computed on.
fn on(setup: &Setup) -> String {
    if setup.place.is_cpu() {
        format!("{} threads", rayon::current_num_threads())
    } else {
        setup.place.name().into()
    }
}

/// A table of the values with their coefficients.
pub(crate) fn values(setup: &Setup, predicted: &Predicted) -> String {
    let at = format!(
        "at N={} B={} E={}",
        setup.parameters.train, setup.parameters.batch, setup.parameters.epochs
    );
    let mut rows = vec![[
        "η^".into(),
        "diagram".into(),
        "value".into(),
        "std. error".into(),
        at,
        "coefficient".into(),
    ]];
    rows.extend(predicted.rows.iter().map(|row| {
        let error = row.value.standard_error;
        [
            row.order.to_string(),
            row.diagram.clone(),
            format!("{:.6e}", row.value.value),
            if error == 0.0 {
                "exact".into()
            } else {
                format!("{error:.1e}")
            },
            format!("{:.6}", row.coefficient),
            row.formula.clone(),
        ]
    }));
    format!(
        "\n{}values: {:.1} s\n{}",
        aligned(&rows, &[1, 5]),
        predicted.seconds,
        warning::lines(&predicted.series.warnings),
    )
}

/// A table of the curve with a mark for each prediction, and the verdicts in words.
pub(crate) fn curve(setup: &Setup, predicted: &Predicted, judged: &Judged) -> String {
    let agreement = judged.agreement(setup.order);
    let mut head = vec!["ηT".to_string(), "measured ± half band".into()];
    head.extend((1..=setup.order).map(|order| format!("order {order}  ")));
    if let Some(pade) = &predicted.pade {
        head.push(format!("Padé {}  ", degrees(pade)));
    }
    let columns = head.len();
    head.push("diverged".into());
    head.push(format!("order {} agrees", setup.order));
    let mut rows = vec![head];
    for (at, point) in judged.points.iter().enumerate() {
        let decimals = decimals(point);
        let mut row = vec![short(point.eta_t), measured(point, decimals)];
        let predictions = point.predictions.iter().zip(&point.placements);
        row.extend(
            (1..)
                .zip(predictions)
                .map(|(order, (prediction, placement))| {
                    let number = number(prediction.value, decimals);
                    let number = if judged.is_beyond(order, point.eta_t) {
                        format!("({number})")
                    } else {
                        number
                    };
                    format!("{number} {}", mark(*placement))
                }),
        );
        if predicted.pade.is_some() {
            row.push(judged.pade[at].map_or_else(
                || "pole  ".into(),
                |(prediction, placement)| {
                    format!("{} {}", number(prediction.value, decimals), mark(placement))
                },
            ));
        }
        row.push(match point.measured.diverged {
            0 => "-".into(),
            count => count.to_string(),
        });
        row.push(if at < agreement { "┃" } else { "" }.into());
        rows.push(row);
    }
    let mut text = format!("\n{}", aligned(&rows, &[columns + 1]));
    for sentence in &judged.sentences {
        let _ = writeln!(text, "{sentence}");
    }
    // What is beyond at some learning rate is so at the largest.
    let largest = judged.points.last().map_or(0.0, |point| point.eta_t);
    if (1..=setup.order).any(|order| judged.is_beyond(order, largest)) {
        text += "in parentheses: beyond what the size of the last term lets trust\n";
    }
    text += &warning::lines(&predicted.series.warnings);
    text
}

/// The degrees of an approximant as they are usually written: `[0/2]`.
pub(crate) fn degrees(pade: &Pade) -> String {
    let [numerator, denominator] = pade.degrees();
    format!("[{numerator}/{denominator}]")
}

fn mark(placement: Placement) -> char {
    match placement {
        Placement::Inside => '✓',
        Placement::Outside => '✗',
        Placement::NotMeasured => '?',
    }
}

/// The number of trials, the time that they took, and the definition of the band.
pub(crate) fn method(setup: &Setup, measured: &Measured) -> String {
    let count = setup.eta_ts.len();
    let mut text = format!(
        "{} of {} trials: {:.1} s, {:.0} trial-steps/s\n",
        measured.finished,
        setup.trials,
        measured.seconds,
        measured.steps_per_second(setup),
    );
    let gains = measured.gains.iter().filter(|gain| gain.is_finite());
    if let [Some(least), Some(most)] = [
        gains.clone().copied().reduce(f64::min),
        gains.copied().reduce(f64::max),
    ] {
        let _ = writeln!(
            text,
            "control variates: standard errors are {least:.1} to {most:.1} times smaller than those of the training runs alone"
        );
    }
    let quantile = quantile(measured.finished, count);
    if quantile.is_finite() {
        let _ = writeln!(
            text,
            "band: mean ± {quantile:.3} standard errors and {ROUNDINGS} units of rounding, simultaneous {:.0}% over {count} ηT values (Bonferroni, Student's t)",
            100.0 * CONFIDENCE
        );
    }
    text
}

fn measured(point: &Point, decimals: usize) -> String {
    let mean = point.measured.mean;
    if point.half_band.is_nan() {
        "not measured".into()
    } else {
        let half_band = number(point.half_band, decimals);
        format!("{} ± {half_band}", number(mean, decimals))
    }
}

fn number(number: f64, decimals: usize) -> String {
    if number.abs() < 1e6 {
        format!("{number:.decimals$}")
    } else {
        format!("{number:.3e}")
    }
}

/// The number of decimals that shows two digits of half the band.
fn decimals(point: &Point) -> usize {
    if point.half_band > 0.0 {
        (1.0 - point.half_band.log10().floor()).clamp(0.0, 12.0) as usize
    } else {
        6
    }
}
