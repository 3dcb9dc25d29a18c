//! What cannot be computed is refused with a typed error that says what to change.

use diagram_runtime::derivatives::{Derivatives, PointDerivatives, PointError};
use diagram_runtime::exact::Exact;
use diagram_runtime::graph::Graph;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscape::Landscape;
use diagram_runtime::landscapes::{Named, Polynomial, PolynomialError, UnknownLandscape};
use diagram_runtime::samples::{Samples, SamplesError};
use diagram_runtime::scalar::Scalar;
use diagram_runtime::simulate::{Schedule, Shuffle, Simulation, SimulationError};
use diagram_runtime::values::{Culprit, Options, ValueError, evaluate};

/// Three weights, two numbers a datapoint.
fn landscape() -> Polynomial {
    Polynomial::new(3, vec![vec![1, 0, 2], vec![0, 3, 1]]).expect("exponents fit")
}

fn data() -> Samples<f64> {
    Samples::new(2, vec![1.0, 2.0, 3.0, 4.0]).expect("two rows")
}

fn refusal(theta: &[f64], samples: &Samples<f64>) -> PointError {
    PointDerivatives::new(&landscape(), theta, samples).expect_err("must be refused")
}

fn message(error: &impl std::error::Error) -> String {
    error.to_string()
}

#[test]
fn weights_and_data_that_fit_are_accepted() {
    let (landscape, data) = (landscape(), data());
    let local = PointDerivatives::new(&landscape, &[1.0, f64::MAX, -f64::MIN_POSITIVE], &data)
        .expect("fits");
    assert_eq!((local.samples(), local.dimension()), (2, 3));
}

#[test]
fn weights_of_another_length() {
    for found in [0, 2, 4] {
        let error = refusal(&vec![0.5; found], &data());
        assert_eq!(error, PointError::Dimension { expected: 3, found });
        let said = message(&error);
        assert!(
            said.contains("3 weights") && said.contains(&found.to_string()),
            "{said}"
        );
    }
}

#[test]
fn weights_that_are_no_numbers() {
    for (value, shown) in [
        (f64::INFINITY, "inf"),
        (f64::NEG_INFINITY, "-inf"),
        (f64::NAN, "NaN"),
    ] {
        let error = refusal(&[0.5, 0.5, value], &data());
        let PointError::Weight {
            index: 2,
            value: found,
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(found.to_string(), shown);
        let said = message(&error);
        assert!(
            said.contains(shown) && said.contains("index 2") && said.contains("finite"),
            "{said}"
        );
    }
}

/// The first of several is named, so that fixing what is named makes progress.
#[test]
fn the_first_weight_that_is_no_number_is_named() {
    let error = refusal(&[0.5, f64::NAN, f64::INFINITY], &data());
    assert!(
        matches!(error, PointError::Weight { index: 1, .. }),
        "{error:?}"
    );
}

#[test]
fn undefined_exact_weights() {
    let samples = data().map(|&x| Exact::constant(x));
    let theta = [Exact::from(1), Exact::UNDEFINED, Exact::from(2)];
    let error = PointDerivatives::new(&landscape(), &theta, &samples).expect_err("must be refused");
    assert!(
        matches!(error, PointError::Weight { index: 1, value } if value.is_nan()),
        "{error:?}"
    );
}

/// A loss that nothing can be learned from.
#[derive(Debug)]
struct Constant;

impl Landscape for Constant {
    fn dimension(&self) -> usize {
        0
    }

    fn input_width(&self) -> usize {
        2
    }

    fn loss<S: Scalar>(&self, _: &[S], x: &[S::Base]) -> S {
        S::from_base(x[0].clone())
    }
}

#[test]
fn no_weights() {
    let error = PointDerivatives::new(&Constant, &[], &data()).expect_err("no weights");
    assert_eq!(error, PointError::NoWeights);
    let schedule = Schedule::new(2, 1, 1, Shuffle::Never).expect("a schedule");
    let data = data();
    let simulation = Simulation::new(&Constant, &[], &data, schedule, &[0.1]);
    let error = simulation.run().expect_err("no weights");
    assert_eq!(error, SimulationError::NoWeights);
    assert_eq!(message(&error), "the landscape has no weights");
}

#[test]
fn no_data() {
    let empty = Samples::new(2, vec![]).expect("no rows are whole rows");
    let error = refusal(&[0.5; 3], &empty);
    assert_eq!(error, PointError::Empty);
    assert_eq!(message(&error), "the data set is empty");
}

#[test]
fn data_of_another_width() {
    for found in [1, 3] {
        let samples = Samples::new(found, vec![0.25; 6]).expect("whole rows");
        let error = refusal(&[0.5; 3], &samples);
        assert_eq!(error, PointError::Width { expected: 2, found });
        let said = message(&error);
        assert!(
            said.contains("reads 2") && said.contains(&format!("have {found}")),
            "{said}"
        );
    }
}

/// Otherwise one bad pixel would turn every value into NaN with no hint at where it came from.
#[test]
fn data_that_are_no_numbers() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let samples = Samples::new(2, vec![1.0, 2.0, 3.0, value]).expect("two rows");
        let landscape = landscape();
        let refused = PointDerivatives::new(&landscape, &[0.5; 3], &samples);
        let error = refused.expect_err("a datum that is no number must be refused");
        assert!(
            matches!(
                error,
                PointError::Datum {
                    row: 1,
                    index: 1,
                    ..
                }
            ),
            "{error:?}"
        );
        let said = message(&error);
        assert!(said.contains(&value.to_string()), "{said}");
        assert!(said.contains("finite"), "{said}");
    }
}

#[test]
fn named_landscapes_refuse_alike_in_both_precisions() {
    for named in Named::ALL {
        let (dimension, width) = (named.dimension(), named.input_width());
        let theta = vec![0.25; dimension];
        let samples = Samples::new(width, vec![0.5; 2 * width]).expect("two rows");
        let (single_theta, single) = (vec![0.25f32; dimension], samples.map(|&x| x as f32));

        let long = vec![0.25; dimension + 1];
        let expected = PointError::Dimension {
            expected: dimension,
            found: dimension + 1,
        };
        assert_eq!(
            named.local(&long, &samples).err(),
            Some(expected.clone()),
            "{named}"
        );
        let long = vec![0.25f32; dimension + 1];
        assert_eq!(named.local(&long, &single).err(), Some(expected), "{named}");

        let mut bad = theta.clone();
        bad[dimension - 1] = f64::INFINITY;
        let expected = PointError::Weight {
            index: dimension - 1,
            value: f64::INFINITY,
        };
        assert_eq!(
            named.local(&bad, &samples).err(),
            Some(expected.clone()),
            "{named}"
        );
        let mut bad = single_theta.clone();
        bad[dimension - 1] = f32::INFINITY;
        assert_eq!(named.local(&bad, &single).err(), Some(expected), "{named}");

        let wide = Samples::new(width + 1, vec![0.5; width + 1]).expect("one row");
        let expected = PointError::Width {
            expected: width,
            found: width + 1,
        };
        assert_eq!(
            named.local(&theta, &wide).err(),
            Some(expected.clone()),
            "{named}"
        );
        let wide = wide.map(|&x| x as f32);
        assert_eq!(
            named.local(&single_theta, &wide).err(),
            Some(expected),
            "{named}"
        );

        let empty = Samples::new(width, vec![]).expect("no rows are whole rows");
        assert_eq!(
            named.local(&theta, &empty).err(),
            Some(PointError::Empty),
            "{named}"
        );
    }
}

#[test]
fn landscapes_go_by_their_names() {
    for named in Named::ALL {
        assert_eq!(named.to_string().parse(), Ok(named));
    }
}

#[test]
fn an_unknown_landscape_is_answered_with_the_known_ones() {
    for name in [
        "",
        "lenet",
        "Fashion-LeNet",
        " fashion-lenet",
        "fashion_lenet",
    ] {
        let error = name.parse::<Named>().expect_err("no such landscape");
        assert_eq!(error, UnknownLandscape { name: name.into() });
        let said = message(&error);
        assert!(said.contains(&format!("{name:?}")), "{said}");
        for known in [
            "fashion-logistic",
            "fashion-lenet",
            "cifar-logistic",
            "cifar-lenet",
            "gaussian-fit",
            "linear-screw",
            "mean-estimation",
        ] {
            assert!(said.contains(known), "{said}");
        }
    }
}

#[test]
fn polynomials_whose_exponents_do_not_fit() {
    assert_eq!(
        Polynomial::new(0, vec![vec![]]),
        Err(PolynomialError::Empty)
    );
    assert_eq!(Polynomial::new(2, vec![]), Err(PolynomialError::Empty));
    let error = Polynomial::new(2, vec![vec![1, 1], vec![1, 2, 3]]).expect_err("three exponents");
    assert_eq!(
        error,
        PolynomialError::Exponents {
            monomial: 1,
            found: 3,
            dimension: 2
        }
    );
    assert_eq!(message(&error), "monomial 1 has 3 exponents for 2 weights");
}

#[test]
fn numbers_that_are_no_matrix() {
    assert_eq!(Samples::<f64>::new(0, vec![]), Err(SamplesError::NoWidth));
    assert_eq!(Samples::new(0, vec![1.0]), Err(SamplesError::NoWidth));
    let error = Samples::new(3, vec![1.0; 7]).expect_err("a third of a row too many");
    assert_eq!(
        error,
        SamplesError::Incomplete {
            numbers: 7,
            width: 3
        }
    );
    assert_eq!(message(&error), "7 numbers do not make rows of 3");
}

#[test]
fn values_too_large_for_floats_name_their_class() {
    let classes: Vec<_> = (0..=1)
        .flat_map(diagram_calculus::enumerate::diagrams)
        .map(|d| d.value_class())
        .collect();
    let (landscape, theta) = (landscape(), [1e200, 1.0, 1e200]);
    let samples = data();
    let local =
        PointDerivatives::new(&landscape, &theta, &samples).expect("every number is finite");
    for options in [Options::population(), Options::sample(2)] {
        let error = evaluate(&Interpreted::new(&classes[..1]), &local, &options)
            .expect_err("θ₀ θ₂² overflows");
        assert_eq!(
            error,
            ValueError::NotFinite {
                class: classes[0].clone(),
                culprit: Some(Culprit::Loss { datapoint: 0 }),
            }
        );
        let said = message(&error);
        assert!(
            said.contains(&classes[0].to_string())
                && said.contains("the loss of datapoint 0 is not finite"),
            "{said}"
        );
    }
}

#[test]
fn values_that_are_not_finite_name_the_datapoint() {
    // The slope of the root is infinite at 0, where the loss is finite.
    let loss = Graph::of(1, 1, |w, x| (w[0] + x[0]).sqrt()).expect("a graph");
    let classes: Vec<_> = diagram_calculus::enumerate::diagrams(1)
        .map(|d| d.value_class())
        .collect();
    let refused = |samples: Vec<f64>| {
        let samples = Samples::new(1, samples).expect("one number each");
        let local = loss.local(&[1.0], &samples).expect("it fits");
        evaluate(&Interpreted::new(&classes), &*local, &Options::population())
            .expect_err("not finite")
    };
    for at in 0..5 {
        let mut samples = vec![3.0, 0.0, 2.0, 1.0, 0.5];
        samples[at] = -1.0;
        let said = message(&refused(samples));
        assert!(
            said.contains(&format!(
                "the gradient of the loss of datapoint {at} is not finite"
            )),
            "{said}"
        );
    }
    // The root of a negative number is NaN.
    let said = message(&refused(vec![3.0, -1.0, -2.0]));
    assert!(
        said.contains("the loss of datapoint 2 is not finite"),
        "{said}"
    );
}

#[test]
fn values_of_no_data_or_never_asked_for() {
    let classes: Vec<_> = (0..=1)
        .flat_map(diagram_calculus::enumerate::diagrams)
        .map(|d| d.value_class())
        .collect();
    let (landscape, samples) = (landscape(), data());
    let local = PointDerivatives::new(&landscape, &[0.5; 3], &samples).expect("fits");
    let program = Interpreted::new(&classes[..1]);
    let nothing = local.select(&[]);
    assert_eq!(
        evaluate(&program, &*nothing, &Options::population()),
        Err(ValueError::Empty)
    );
    let values = evaluate(&program, &local, &Options::population()).expect("finite");
    let missing = classes.last().expect("an edge");
    assert_eq!(
        values.get(missing),
        Err(ValueError::Missing {
            class: missing.clone()
        })
    );
}

/// Landscapes are asked for their sizes only, before anything is computed.
#[test]
fn a_landscape_is_not_called_with_what_does_not_fit() {
    struct Touchy;
    impl Landscape for Touchy {
        fn dimension(&self) -> usize {
            2
        }
        fn input_width(&self) -> usize {
            1
        }
        fn loss<S: Scalar>(&self, _: &[S], _: &[S::Base]) -> S {
            panic!("called");
        }
    }
    let samples = Samples::new(1, vec![1.0]).expect("one row");
    assert!(PointDerivatives::new(&Touchy, &[1.0], &samples).is_err());
    assert!(PointDerivatives::new(&Touchy, &[1.0, 1.0], &samples).is_ok());
}
