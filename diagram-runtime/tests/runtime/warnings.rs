//! Every result about a loss with kinks says so, and no result about a smooth one.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::measure::{Measure, diagrams_for, expand};
use diagram_calculus::resummed::{Course, resummed_for};
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagram_calculus::value_class::ValueClass;
use diagram_runtime::criteria::{CovarianceOf, Curvature};
use diagram_runtime::derivatives::Derivatives;
use diagram_runtime::graph::Graph;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::resummed::{Modes, ResummedValues};
use diagram_runtime::samples::Samples;
use diagram_runtime::simulate::{Optimizer, Schedule, Simulation, TestPoints};
use diagram_runtime::values::{Method, Options, Values, evaluate};
use diagram_runtime::warning::{self, Warning};

/// `|θ - x|`, or `(θ - x)²`, times 1/2 + θ²/2.
fn loss(kinks: bool) -> Graph {
    let graph = Graph::piecewise(1, 1, |theta, x| {
        let apart = theta[0] - x[0];
        let distance = if kinks { apart.abs() } else { apart * apart };
        distance * 0.5 + theta[0] * theta[0] * 0.5
    });
    graph.expect("declared")
}

fn samples() -> Samples<f64> {
    Samples::new(1, vec![-1.0, 2.0, 0.5, -0.25]).expect("whole rows")
}

fn spacetime() -> Spacetime {
    let number = Parameter::Literal;
    Spacetime::sgd(number(4), number(1), number(1), Shuffle::Never)
}

fn expected(kinks: bool) -> Vec<Warning> {
    if kinks { vec![Warning::Kinks] } else { vec![] }
}

fn values(derivatives: &dyn Derivatives<f64>, measure: Measure, options: &Options) -> Values<f64> {
    let expansion = expand(measure, &spacetime(), diagrams_for(measure, 2)).expect("affordable");
    let classes: Vec<ValueClass> = expansion
        .values
        .iter()
        .map(|(class, _)| class.clone())
        .collect();
    evaluate(&Interpreted::new(&classes), derivatives, options).expect("finite")
}

#[test]
fn values_and_series_carry_warnings() {
    for kinks in [false, true] {
        // Three for each block of a sample, since values up to order 2 have up to three parts.
        let samples = Samples::new(1, vec![-1.0, 2.0, 0.5, -0.25, 0.75, 1.5]);
        let (graph, samples) = (loss(kinks), samples.expect("whole rows"));
        let local = graph.local(&[0.3], &samples).expect("they fit");
        let rate = LearningRate::diagonal(vec![0.5]).expect("positive");
        let rated = rate.on(&*local).expect("one weight");
        let sources: [&dyn Derivatives<f64>; 2] = [&*local, &rated];
        for derivatives in sources {
            for options in [
                Options::population(),
                Options::population().by(Method::Tensors),
                Options::population().with_budget(1e3, 1),
                Options::sample(2),
            ] {
                let found = values(derivatives, Measure::TestLoss, &options);
                let mut expected = expected(kinks);
                if options == Options::sample(2) {
                    expected.push(Warning::FewBlocks { blocks: 2 });
                }
                assert_eq!(found.warnings, expected, "{options:?}");
            }
        }
        let found = values(&*local, Measure::Displacement, &Options::population());
        let expansion = expand(
            Measure::Displacement,
            &spacetime(),
            diagrams_for(Measure::Displacement, 2),
        );
        let parameters = Parameters::new(4, 1, 1).expect("a schedule");
        let series = found
            .series(&expansion.expect("affordable").values, &parameters)
            .expect("all values are there");
        for series in [series.truncate(1), series.along(&[1.0]), series] {
            assert_eq!(series.warnings, expected(kinks));
        }
    }
}

#[test]
fn tables_and_json_of_values_end_and_begin_with_the_warning() {
    let class = [ValueClass::from_edges(1, &[], &[0], None).expect("one node")];
    let samples = samples();
    let texts = [false, true].map(|kinks| {
        let graph = loss(kinks);
        let local = graph.local(&[0.0], &samples).expect("they fit");
        let values = evaluate(&Interpreted::new(&class), &*local, &Options::population());
        let values = values.expect("finite");
        (
            values.to_string(),
            serde_json::to_string(&values).expect("numbers"),
        )
    });
    // The mean of the squares 1, 4, 1/4 and 1/16, and of the distances, times 1/2.
    let [(smooth, json), (table, object)] = texts;
    let rows = |number: &str| {
        format!(
            "diagram                  value  standard error\n{:<7}  {number}  exact\n",
            class[0].to_string()
        )
    };
    assert_eq!(smooth, rows("6.6406250000000000e-1"));
    assert_eq!(
        table,
        rows("4.6875000000000000e-1") + "warning: " + warning::KINKS + "\n"
    );
    let entry = |number: &str| {
        format!(
            "{{\"diagram\":\"{}\",\"value\":{number},\"standard_error\":0.0}}",
            class[0]
        )
    };
    assert_eq!(json, format!("{{\"values\":[{}]}}", entry("0.6640625")));
    assert_eq!(
        object,
        format!(
            "{{\"warnings\":[\"{}\"],\"values\":[{}]}}",
            warning::KINKS,
            entry("0.46875")
        )
    );
    assert_eq!(warning::lines(&[]), "");
}

/// A displacement of two weights has a row for each, and lists in JSON.
#[test]
fn displacements_have_rows_for_weights() {
    let graph = Graph::of(2, 1, |theta, x| theta[0] * x[0] + theta[1] * 3.0).expect("smooth");
    let samples = Samples::new(1, vec![2.0]).expect("whole rows");
    let local = graph.local(&[0.0, 0.0], &samples).expect("they fit");
    let expansion = expand(
        Measure::Displacement,
        &spacetime(),
        diagrams_for(Measure::Displacement, 1),
    );
    let classes: Vec<ValueClass> = expansion
        .expect("affordable")
        .values
        .into_iter()
        .map(|(class, _)| class)
        .collect();
    let values = evaluate(&Interpreted::new(&classes), &*local, &Options::population());
    let values = values.expect("finite");
    let class = &classes[0];
    assert_eq!(
        values.to_string().lines().skip(1).collect::<Vec<_>>(),
        [
            format!("{class} [0]  2.0000000000000000e0  exact"),
            format!("{class} [1]  3.0000000000000000e0  exact"),
        ]
    );
    let json = serde_json::to_value(&values).expect("numbers");
    assert_eq!(json["values"][0]["value"], serde_json::json!([2.0, 3.0]));
    assert_eq!(
        json["values"][0]["standard_error"],
        serde_json::json!([0.0, 0.0])
    );
}

#[test]
fn simulations_carry_warnings() {
    let population = samples();
    for kinks in [false, true] {
        let graph = loss(kinks);
        let simulation = Simulation {
            landscape: graph.simulator::<f64>(),
            theta0: &[0.3],
            population: &population,
            optimizer: Optimizer::Sgd,
            schedule: Schedule::new(4, 1, 1, Shuffle::Never).expect("a schedule"),
            etas: vec![0.1],
            trials: 20,
            seed: 1,
            probe: None,
            test_points: TestPoints::All,
            train_loss: false,
        };
        assert_eq!(simulation.run().expect("it runs").warnings, expected(kinks));
        assert_eq!(
            simulation.summarize().expect("it runs").warnings,
            expected(kinks)
        );
    }
}

#[test]
fn resummed_curves_and_criteria_carry_warnings() {
    let samples = samples();
    for kinks in [false, true] {
        let graph = loss(kinks);
        let local = graph.local(&[0.3], &samples).expect("they fit");
        let values = ResummedValues::new(&resummed_for(Measure::TestLoss, 2), &*local, Modes::All);
        let values = values.expect("finite");
        let parameters = Parameters::new(4, 1, 1).expect("a schedule");
        let course = Course::new(&spacetime(), &parameters).expect("a schedule");
        assert_eq!(values.warnings(), expected(kinks));
        assert_eq!(values.curve(&course).warnings(), expected(kinks));
        let continuum = values.continuum(&course).expect("one epoch");
        assert_eq!(continuum.warnings(), expected(kinks));
        let curvature = Curvature::new(&*local, CovarianceOf::Population).expect("finite");
        assert_eq!(curvature.warnings(), expected(kinks));
    }
}

/// A single datapoint of 160 that is a hundred times larger than the others.
#[test]
fn few_blocks_and_heavy_tails_are_said() {
    let mut numbers: Vec<f64> = (0..160)
        .map(|i| f64::from(i * i % 23) / 11.0 - 1.0)
        .collect();
    let warnings = |numbers: &[f64], blocks| {
        let samples = Samples::new(1, numbers.to_vec()).expect("whole rows");
        let graph = loss(false);
        let local = graph.local(&[0.3], &samples).expect("they fit");
        values(&*local, Measure::TestLoss, &Options::sample(blocks)).warnings
    };
    assert_eq!(warnings(&numbers, 16), []);
    assert_eq!(warnings(&numbers, 4), [Warning::FewBlocks { blocks: 4 }]);
    numbers[77] = 100.0;
    // All blocks but one are nearly the same: the kurtosis of a number that differs from n - 1 equal ones is n - 2 + 1/(n - 1).
    let found = warnings(&numbers, 16);
    assert_eq!(found, [Warning::HeavyTails { kurtosis: 14 }]);
    let text = found[0].to_string();
    assert!(
        text.contains("a kurtosis of 14, where normal numbers have 3"),
        "{text}"
    );
}
