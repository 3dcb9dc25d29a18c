//! Series in η that are given by their coefficients: intervals, the range in which they can be trusted, and approximants.

use diagram_runtime::series::{PadeError, Prediction, Series};
use diagram_runtime::warning::Warning;

/// A series with one component, and the replicates that are given.
fn series(coefficients: &[f64], replicates: &[&[f64]]) -> Series<f64> {
    let alone = |numbers: &[f64]| numbers.iter().map(|&c| vec![c]).collect();
    Series {
        coefficients: alone(coefficients),
        replicates: replicates.iter().map(|numbers| alone(numbers)).collect(),
        warnings: vec![],
    }
}

/// The mean of four blocks, of which the level varies much more than the rest.
fn estimated() -> Series<f64> {
    let blocks: [&[f64]; 4] = [
        &[1.0, -2.1, 3.0],
        &[3.0, -1.9, 3.4],
        &[-1.0, -2.0, 2.8],
        &[5.0, -2.0, 2.8],
    ];
    series(&[2.0, -2.0, 3.0], &blocks)
}

#[test]
fn intervals_are_those_of_student() {
    let prediction = |degrees_of_freedom| Prediction {
        value: 2.0,
        standard_error: 0.5,
        degrees_of_freedom,
    };
    // Quantiles of tables: 12.706 with one degree of freedom, 2.0452 with 29.
    for (freedom, quantile, digits) in [(1, 12.706, 1e-3), (29, 2.0452, 1e-4)] {
        let [low, high] = prediction(Some(freedom)).interval(0.95);
        assert!((high - 2.0 - 0.5 * quantile).abs() < digits, "{high}");
        assert!((low + high - 4.0).abs() < 1e-12);
    }
    assert_eq!(Prediction::exact(2.0).interval(0.95), [2.0, 2.0]);
    assert_eq!(estimated().at(0.1).degrees_of_freedom, Some(3));
    assert_eq!(series(&[1.0], &[]).at(0.1).degrees_of_freedom, None);
}

#[test]
fn the_error_of_the_change_is_not_that_of_the_level() {
    let (series, eta) = (estimated(), 0.1);
    let (level, change) = (series.at(eta), series.change_at(eta));
    assert!((level.value - 2.0 - change.value).abs() < 1e-15);
    // Levels differ by 2.6 from each other, changes by 0.01.
    assert!(level.standard_error > 1.0 && change.standard_error < 0.01);
}

#[test]
fn a_quotient_is_its_own_approximant() {
    // 5 + η (2 + η) / (1 - 2η + 3η²), whose expansion follows from the denominator.
    let denominator = [1.0, -2.0, 3.0];
    let mut expansion = vec![2.0];
    for k in 1..4 {
        let own = if k == 1 { 1.0 } else { 0.0 };
        let earlier = |j: usize| if k >= j { expansion[k - j] } else { 0.0 };
        expansion.push(own - denominator[1] * earlier(1) - denominator[2] * earlier(2));
    }
    let coefficients: Vec<f64> = std::iter::once(5.0).chain(expansion).collect();
    let pade = series(&coefficients, &[])
        .pade(1, 2)
        .expect("an approximant");
    assert_eq!(pade.pole(), None);
    for eta in [0.0, 0.3, 1.0, 7.0] {
        let exact = 5.0 + eta * (2.0 + eta) / (1.0 - 2.0 * eta + 3.0 * eta * eta);
        let value = pade.at(eta).expect("no pole").value;
        // Some roundings of numbers below 10.
        assert!((value - exact).abs() < 1e-13, "{value} at {eta}");
    }
}

#[test]
fn an_approximant_without_a_denominator_is_the_series() {
    let series = estimated();
    let pade = series.pade(1, 0).expect("an approximant");
    for eta in [0.0, 0.2, 3.0] {
        let (one, other) = (pade.at(eta).expect("no pole"), series.at(eta));
        assert!((one.value - other.value).abs() < 1e-14 * other.value.abs());
        // The jackknife of a mean is its standard error.
        let difference = one.standard_error - other.standard_error;
        assert!(difference.abs() < 1e-13 * other.standard_error);
        assert_eq!(one.degrees_of_freedom, other.degrees_of_freedom);
    }
}

#[test]
fn nothing_is_said_from_a_pole_on() {
    // 1 + η / (1 - 2η).
    let pade = series(&[1.0, 1.0, 2.0, 4.0], &[])
        .pade(0, 1)
        .expect("an approximant");
    assert_eq!(pade.pole(), Some(0.5));
    assert!(pade.at(0.49).is_some());
    assert_eq!((pade.at(0.5), pade.at(3.0)), (None, None));
    // Of two blocks the second alone has a pole, at 1.5: the error is not known from there on.
    let blocks: [&[f64]; 2] = [&[1.0, 0.5, -3.0], &[1.0, 1.5, 1.0]];
    let noisy = series(&[1.0, 1.0, -1.0], &blocks);
    let pade = noisy.pade(0, 1).expect("an approximant");
    assert_eq!(pade.pole(), None);
    assert!(pade.at(1.4).is_some());
    assert_eq!(pade.at(1.6), None);
}

#[test]
fn approximants_that_are_not_there_are_refused() {
    let short = series(&[1.0, 2.0, 3.0], &[]);
    let error = short
        .pade(0, 2)
        .expect_err("three coefficients beyond the first are needed");
    assert_eq!(
        error,
        PadeError::TooFewCoefficients {
            numerator: 0,
            denominator: 2,
            needed: 3,
            order: 2
        }
    );
    assert!(error.to_string().contains("add up to at most 1"), "{error}");
    // The change begins with η².
    let flat = series(&[1.0, 0.0, 3.0], &[]);
    assert_eq!(
        flat.pade(0, 1),
        Err(PadeError::Singular {
            numerator: 0,
            denominator: 1
        })
    );
    assert!(series(&[1.0], &[]).pade(0, 0).is_err());
}

#[test]
fn the_range_of_trust_ends_where_the_last_term_is_large() {
    let up_to = |coefficients: &[f64]| series(coefficients, &[]).trustworthy_up_to();
    // 2 - η + 2η² - η³: η² = 0.3 |1 - 2η + η²|, so η = √0.3 (1 - η).
    let root = 0.3_f64.sqrt();
    let expected = root / (1.0 + root);
    let found = up_to(&[2.0, -1.0, 2.0, -1.0]).expect("three terms");
    assert!((found - expected).abs() < 1e-12, "{found}");
    let last = series(&[2.0, -1.0, 2.0, -1.0], &[]).last_term(0.5);
    assert_eq!(last, -0.125);
    // Nothing says how good a single term is.
    assert_eq!(up_to(&[2.0, -1.0]), None);
    assert_eq!(up_to(&[2.0]), None);
    assert_eq!(up_to(&[2.0, f64::NAN, 1.0]), None);
    // A last term of 0 is small everywhere, and one without others nowhere.
    assert_eq!(up_to(&[2.0, -1.0, 0.0]), Some(f64::INFINITY));
    assert_eq!(up_to(&[2.0, 0.0, 1.0]), Some(0.0));
}

#[test]
fn predictions_and_series_are_readable() {
    let series = estimated();
    assert_eq!(series.to_string(), "2 - 2 η + 3 η^2");
    assert_eq!(format!("{series:.2}"), "2.00 - 2.00 η + 3.00 η^2");
    // The error of the level is √(20/3)/2 = 1.29 at η = 0.
    assert_eq!(series.at(0.0).to_string(), "2.0 ± 1.3");
    assert_eq!(format!("{:.3}", series.at(0.0)), "2.000 ± 1.291");
    assert_eq!(Prediction::exact(0.25).to_string(), "0.25");
    let displacement = Series {
        coefficients: vec![vec![0.0, 0.0], vec![-1.5, 0.5]],
        replicates: vec![],
        warnings: vec![Warning::Kinks],
    };
    let text = displacement.to_string();
    assert!(
        text.starts_with("[0] 0 - 1.5 η\n[1] 0 + 0.5 η\nwarning: the loss has kinks"),
        "{text}"
    );
}

/// A displacement of two weights, estimated from two blocks.
fn displacement() -> Series<f64> {
    Series {
        coefficients: vec![vec![0.0, 0.0], vec![1.0, -4.0]],
        replicates: vec![
            vec![vec![0.0, 0.0], vec![0.5, -5.0]],
            vec![vec![0.0, 0.0], vec![1.5, -3.0]],
        ],
        warnings: vec![],
    }
}

#[test]
fn a_component_of_a_displacement_is_a_series() {
    let second = displacement().component(1).at(0.5);
    assert_eq!((second.value, second.standard_error), (-2.0, 0.5));
    assert_eq!(displacement().components(), 2);
    let along = displacement().along(&[0.0, 1.0]).at(0.5);
    assert_eq!(along, second);
}

/// Its first component, which is what came before, is hardly ever meant.
#[test]
fn a_displacement_has_no_single_value() {
    let series = displacement();
    let attempts: [&dyn Fn(); 5] = [
        &|| _ = series.at(0.1),
        &|| _ = series.change_at(0.1),
        &|| _ = series.last_term(0.1),
        &|| _ = series.trustworthy_up_to(),
        &|| drop(series.pade(0, 0)),
    ];
    for attempt in attempts {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt));
        let message = panic.expect_err("two components");
        let message = message.downcast_ref::<String>().expect("a text");
        assert!(message.contains("`Series::along`"), "{message}");
    }
}
