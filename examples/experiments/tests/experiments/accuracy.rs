//! Up to which learning rate a prediction misses at most a part of the measured change.

use diagram_experiments::band::Mean;
use diagram_experiments::curve::{Point, accuracy_sentence, accurate_up_to};
use diagrams::prelude::Prediction;

/// A loss that falls from 2 by 0.1 at each step, and a prediction that misses these parts of the change.
fn points(missed: &[f64], standard_error: f64) -> Vec<Point> {
    let steps = missed.iter().enumerate();
    steps
        .map(|(at, part)| {
            let change = -0.1 * (at + 1) as f64;
            let measured = Mean {
                mean: 2.0 + change,
                standard_error,
                trials: 1000,
                diverged: 0,
            };
            let prediction = Prediction::exact(2.0 + change * (1.0 + part));
            Point::new(
                (at + 1) as f64,
                measured,
                vec![prediction],
                missed.len(),
                0.0,
            )
        })
        .collect()
}

#[test]
fn the_first_miss_ends_it() {
    let points = points(&[0.01, -0.04, 0.07, 0.02], 0.0);
    assert_eq!(accurate_up_to(&points, 1, 2.0, 0.05), Some(2.0));
    assert_eq!(accurate_up_to(&points, 1, 2.0, 0.1), Some(4.0));
    assert_eq!(accurate_up_to(&points, 1, 2.0, 0.005), None);
    // An order that was not predicted.
    assert_eq!(accurate_up_to(&points, 2, 2.0, 0.1), None);
}

/// Half a simultaneous band of two is 2.24 standard errors, 4.5% of the first change.
#[test]
fn a_wide_band_says_nothing() {
    let points = points(&[0.0, 0.0], 0.002);
    assert_eq!(accurate_up_to(&points, 1, 2.0, 0.04), None);
    assert_eq!(accurate_up_to(&points, 1, 2.0, 0.05), Some(2.0));
}

#[test]
fn all_orders_are_in_one_sentence() {
    assert_eq!(
        accuracy_sentence(&[None, Some(0.75)], 0.05),
        "at most 5% of the measured change is missed, wherever in its band the mean is: order 1 nowhere, order 2 up to ηT = 0.75"
    );
}
