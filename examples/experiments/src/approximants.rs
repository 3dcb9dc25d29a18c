//! Padé approximants of learning curves beside the series that they are made of: which of them is closer to the measured mean, and where they have poles.

pub mod document;

use diagrams::runtime::series::Pade;

use crate::band::Mean;
use crate::curve::short;
use crate::judged::Judged;
use crate::table::{Entry, Table};

/// The learning rates at which they are compared, in units of ηT.
pub const ETA_TS: [f64; 4] = [0.5, 1.0, 1.5, 2.0];
/// The degrees of numerator and denominator of the approximants that a series of order 3 has, but for itself.
pub const DEGREES: [[usize; 2]; 2] = [[0, 2], [1, 1]];
/// The number of standard errors from which on one prediction is surely closer than another.
const SURE: f64 = 1.96;

/// The name of the table of errors over all starts.
pub const SUMMARY: &str = "pade";
/// The name of the table of errors from each start.
pub const POINTS: &str = "pade_points";

/// The degrees of an approximant as they are usually written: `[0/2]`.
pub fn name([numerator, denominator]: [usize; 2]) -> String {
    format!("[{numerator}/{denominator}]")
}

/// A start at one learning rate.
struct Place<'a> {
    judged: &'a Judged<'a>,
    eta_t: f64,
    measured: Mean,
    /// The prediction of the highest order.
    series: f64,
    /// The absolute change of the measured mean in training.
    change: f64,
}

impl<'a> Place<'a> {
    fn new(judged: &'a Judged<'a>, eta_t: f64) -> Option<Self> {
        let point = judged.at(eta_t)?;
        Some(Place {
            judged,
            eta_t,
            measured: point.measured,
            series: point.predictions.last()?.value,
            change: (point.measured.mean - judged.learned.at(0, 0.0)).abs(),
        })
    }

    fn pade(&self, degrees: [usize; 2]) -> Option<Pade> {
        self.judged.learned.pade(degrees)
    }

    /// The value of an approximant; `None` from its pole on.
    fn value(&self, degrees: [usize; 2]) -> Option<f64> {
        let eta = self.judged.eta(self.eta_t);
        Some(self.pade(degrees)?.at(eta)?.value)
    }

    /// The error of a prediction, relative to what training changes.
    fn error(&self, predicted: f64) -> f64 {
        (predicted - self.measured.mean) / self.change
    }

    fn standard_error(&self) -> f64 {
        self.measured.standard_error / self.change
    }

    /// By how many standard errors the measured mean lies on the approximant's side of the middle between it and the series. Negative on the other side,
    /// and minus infinity from a pole on.
    fn preference(&self, degrees: [usize; 2]) -> f64 {
        self.value(degrees).map_or(f64::NEG_INFINITY, |pade| {
            let middle = f64::midpoint(pade, self.series);
            (self.measured.mean - middle) * (pade - self.series).signum()
                / self.measured.standard_error
        })
    }
}

fn places<'a>(judged: &'a [Judged<'a>], eta_t: f64) -> Vec<Place<'a>> {
    let places = judged.iter().filter_map(|one| Place::new(one, eta_t));
    places.collect()
}

/// A table with a row for each prediction at each learning rate: its errors over all starts, and for how many it is surely closer than the series.
pub fn summary(judged: &[Judged<'_>]) -> Table {
    let mut table = Table::new(
        SUMMARY,
        format!(
            "Absolute errors relative to what training changed, over {} starts, and for how many of them an approximant is surely closer than the series, or surely \
             farther. From a pole on there is no value, which counts as farther",
            judged.len()
        ),
        [
            "ηT",
            "prediction",
            "median error",
            "worst error",
            "largest standard error",
            "surely closer",
            "surely farther",
            "poles before",
        ],
    );
    for eta_t in ETA_TS {
        let places = places(judged, eta_t);
        let largest = places.iter().map(Place::standard_error).fold(0.0, f64::max);
        let [median, worst] = series_errors(&places);
        table.row([
            eta_t.into(),
            "series".into(),
            median.into(),
            worst.into(),
            largest.into(),
        ]);
        for degrees in DEGREES {
            let [median, worst] = errors(&places, degrees);
            let counts = counts(&places, degrees).map(Entry::from);
            let row = [
                eta_t.into(),
                name(degrees).into(),
                median.into(),
                worst.into(),
                largest.into(),
            ];
            table.row(row.into_iter().chain(counts));
        }
    }
    table
}

/// A table with a row for each start at each learning rate.
pub fn points(judged: &[Judged<'_>]) -> Table {
    let mut columns = vec![
        "start".into(),
        "ηT".into(),
        "standard error".into(),
        "series".into(),
    ];
    for degrees in DEGREES {
        columns.push(name(degrees));
        columns.push(format!("pole of {} at ηT", name(degrees)));
    }
    let caption = "Errors relative to what training changed, from each start; the standard error is that of the measured mean";
    let mut table = Table::new(POINTS, caption, columns);
    for place in ETA_TS.iter().flat_map(|&eta_t| places(judged, eta_t)) {
        let mut row: Vec<Entry> = vec![
            place.judged.name.clone().into(),
            place.eta_t.into(),
            place.standard_error().into(),
            place.error(place.series).into(),
        ];
        for degrees in DEGREES {
            let value = place.value(degrees);
            row.push(value.map(|value| place.error(value)).into());
            let pole = place.pade(degrees).and_then(|pade| pade.pole());
            row.push(pole.map(|eta| place.judged.eta_t(eta)).into());
        }
        table.row(row);
    }
    table
}

/// Some sentences for each approximant that say where it is closer than the series, and whether it helps.
pub fn sentences(judged: &[Judged<'_>]) -> Vec<String> {
    DEGREES.map(|degrees| sentence(judged, degrees)).into()
}

fn sentence(judged: &[Judged<'_>], degrees: [usize; 2]) -> String {
    let at = |eta_t| {
        let places = places(judged, eta_t);
        let [closer, farther, _] = counts(&places, degrees);
        format!("{closer} and {farther} at ηT = {}", short(eta_t))
    };
    let farthest = ETA_TS[ETA_TS.len() - 1];
    let places = places(judged, farthest);
    let ([median, worst], [own_median, own_worst]) =
        (series_errors(&places), errors(&places, degrees));
    let worst_case = if own_worst < 0.5 * worst {
        "it helps where the series is worst"
    } else {
        "it does not help where the series is worst"
    };
    // A sign test in its normal approximation, at two standard errors.
    let [closer, farther, _] = counts(&places, degrees).map(|count| count as f64);
    let decided = (closer - farther).abs() >= 2.0 * (closer + farther).sqrt() && closer != farther;
    let over_all = match (decided, closer > farther) {
        (true, true) => "is closer over all starts",
        (true, false) => "is farther over all starts",
        (false, _) => "is neither closer nor farther over all starts, as far as so few tell",
    };
    format!(
        "The approximant {} is surely closer to the measured mean than the series, and surely farther from it, for so many of {} starts: {} (by {SURE} standard \
         errors, each by itself, so that some are so by chance). At ηT = {} the \
         median error is {:.1}%, that of the series {:.1}%; the worst is {:.1}%, that of the series {:.1}%: {worst_case}, and {over_all}.",
        name(degrees),
        judged.len(),
        ETA_TS.map(at).join(", "),
        short(farthest),
        100.0 * own_median,
        100.0 * median,
        100.0 * own_worst,
        100.0 * worst,
    )
}

/// The median and the largest absolute error of the series.
fn series_errors(places: &[Place<'_>]) -> [f64; 2] {
    spread(places.iter().map(|place| place.error(place.series).abs()))
}

/// The median and the largest absolute error of an approximant. From a pole on they are infinite.
fn errors(places: &[Place<'_>], degrees: [usize; 2]) -> [f64; 2] {
    spread(places.iter().map(|place| {
        let value = place.value(degrees);
        value.map_or(f64::INFINITY, |value| place.error(value).abs())
    }))
}

/// For how many starts an approximant is surely closer than the series, surely farther, and beyond a pole, which counts as farther.
fn counts(places: &[Place<'_>], degrees: [usize; 2]) -> [usize; 3] {
    let sigmas = places.iter().map(|place| place.preference(degrees));
    [
        sigmas.clone().filter(|&sigmas| sigmas > SURE).count(),
        sigmas.clone().filter(|&sigmas| sigmas < -SURE).count(),
        sigmas.filter(|&sigmas| sigmas == f64::NEG_INFINITY).count(),
    ]
}

/// The median and the largest of the numbers.
fn spread(numbers: impl Iterator<Item = f64>) -> [f64; 2] {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    let count = numbers.len();
    let at = |index: usize| numbers.get(index).copied().unwrap_or(f64::NAN);
    let median = f64::midpoint(at(count.saturating_sub(1) / 2), at(count / 2));
    [median, at(count.saturating_sub(1))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learned::Learned;

    /// Of 1/(1 + η) the series of order 3 and its approximants [0/2] and [1/1], which are the function itself up to rounding.
    fn learned(means: &[f64]) -> Learned {
        Learned {
            series: vec![1.0, -1.0, 1.0, -1.0],
            means: means
                .iter()
                .map(|&mean| Mean {
                    mean,
                    standard_error: 0.01,
                    trials: 1000,
                    diverged: 0,
                })
                .collect(),
        }
    }

    #[test]
    fn what_is_closer_is_told_by_the_middle_between_both() {
        let truth = ETA_TS.map(|eta_t| 1.0 / (1.0 + eta_t));
        let series = ETA_TS.map(|eta_t| 1.0 - eta_t + eta_t * eta_t - eta_t.powi(3));
        for (means, sign) in [(truth, 1.0), (series, -1.0)] {
            let learned = learned(&means);
            let start = ("a start".to_string(), &ETA_TS[..], &learned);
            let judged = Judged::all([start].into_iter(), 1, 1, f64::EPSILON);
            for (eta_t, (truth, series)) in ETA_TS.into_iter().zip(truth.iter().zip(series)) {
                let place = Place::new(&judged[0], eta_t).expect("it was measured");
                let expected = sign * (truth - series).abs() / 2.0 / 0.01;
                for degrees in DEGREES {
                    // Rounding of numbers of size 1 to 10, over an error of 0.01.
                    assert!((place.preference(degrees) - expected).abs() < 1e-11);
                }
            }
        }
    }

    #[test]
    fn a_pole_counts_as_farther_and_has_no_value() {
        // 1 + η + η² + η³ goes on as 1/(1 - η), with a pole at 1.
        let mut learned = learned(&[1.5, 2.0, 3.0, 4.0]);
        learned.series = vec![1.0, 1.0, 1.0, 1.0];
        let start = ("a start".to_string(), &ETA_TS[..], &learned);
        let judged = Judged::all([start].into_iter(), 1, 1, f64::EPSILON);
        let place = Place::new(&judged[0], 2.0).expect("it was measured");
        assert_eq!(place.value([0, 2]), None);
        assert_eq!(place.preference([0, 2]), f64::NEG_INFINITY);
    }

    #[test]
    fn medians_and_largest_numbers() {
        assert_eq!(spread([3.0, 1.0, 2.0].into_iter()), [2.0, 3.0]);
        assert_eq!(
            spread([4.0, 1.0, f64::INFINITY, 2.0].into_iter()),
            [3.0, f64::INFINITY]
        );
        assert!(spread(std::iter::empty())[0].is_nan());
    }
}
