//! Re-summed predictors: declared for the macro, in text, and made by hand, they are one thing.

use diagrams::calculus::coefficient::Parameters;
use diagrams::calculus::resummed::{Course, ResummedDiagram, expand_resummed, resummed_for};
use diagrams::calculus::spacetime::{Grid, Parameter, Shuffle, Spacetime};
use diagrams::prelude::{Measure, Modes, PointDerivatives, ResummedPredictor, Samples};
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::landscapes::{GaussianFit, Polynomial};
use diagrams::runtime::predictor::ParametersOf;
use diagrams::runtime::resummed::ResummedValues;

macro_rules! declared_twice {
    ($($tokens:tt)*) => {
        diagrams::diagrams! { $($tokens)* }
        const TEXT: &str = stringify!($($tokens)*);
    };
}

declared_twice! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    spacetime Repeated = sgd(train: 2 * N, batch: B, epochs: E);
    spacetime Shuffled = sgd(train: N, batch: B, epochs: E, shuffle: each_epoch);
    spacetime Full     = gd(train: N, steps: N * M);
    spacetime Tiny     = grid ["#..#", ".##."];

    diagram entropic = root(c(a, b)) where a ~~ b;
    diagram force    = root(c(a, b)) where a ~ b;
    diagram chain    = root(b(a)) where a ~ b;
    diagram pair     = root(a, b) where a ~ b;

    set Noisy = all(edges <= 3) where !trees;

    predictor Test:     test_loss in OneEpoch          = resummed all(edges <= 3);
    predictor Gap:      generalization_gap in Repeated = resummed all(edges <= 2);
    predictor Train:    train_loss in Shuffled         = resummed all(edges <= 2);
    predictor Drift:    displacement in Full           = resummed all(edges <= 3);
    predictor Cells:    test_loss in Tiny              = resummed all(edges <= 2);
    predictor Outlined: displacement in OneEpoch       = resummed { entropic };
    predictor Tied:     displacement in OneEpoch       = resummed { force };
    predictor Gaussian: test_loss in Shuffled          = resummed all(edges <= 3) where !non_gaussian;
    predictor Union:    test_loss in Full              = resummed (Noisy | { pair });
    predictor Less:     test_loss in Full              = resummed Noisy - { pair, chain };
    predictor Series:   test_loss in Full              = Noisy;
}

/// What a predictor says at two learning rates.
fn curve(values: &ResummedValues, course: &Course) -> Vec<Vec<f64>> {
    let curve = values.curve(course);
    let at = |eta| {
        let prediction = curve.at(eta).unwrap();
        [prediction.noiseless_vector(), prediction.excess_vector()].concat()
    };
    [0.02, 0.3].map(at).to_vec()
}

fn sgd(train: u64, batch: u64, epochs: u64, shuffle: Shuffle) -> Spacetime {
    let [train, batch, epochs] = [train, batch, epochs].map(Parameter::Literal);
    Spacetime::sgd(train, batch, epochs, shuffle)
}

/// The same by the three ways; what never embeds, and is left out of the declared ones, adds exactly 0.
#[track_caller]
fn three_ways<P: ResummedPredictor>(
    sizes: &ParametersOf<P>,
    in_text: &[(&str, u64)],
    by_hand: &[ResummedDiagram],
    spacetime: &Spacetime,
) {
    let population = Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.25]).unwrap();
    let fit = PointDerivatives::new(&GaussianFit, &[0.1], &population).unwrap();
    let polynomial = Polynomial::new(2, vec![vec![2, 1], vec![1, 2], vec![3, 0], vec![1, 0]]);
    let polynomial = polynomial.unwrap();
    let coefficients = (0..20).map(|at| f64::from(at % 7) / 5.0 - 0.4).collect();
    let points = Samples::new(4, coefficients).unwrap();
    let two = PointDerivatives::new(&polynomial, &[0.4, -0.3], &points).unwrap();

    let declaration = diagrams::parse(TEXT).unwrap();
    let text = declaration.resummed(P::NAME).unwrap();
    assert_eq!(text.open(), P::PARAMETERS);
    assert_eq!(text.diagrams(), P::diagrams());
    assert_eq!(text.content.measure, P::MEASURE);
    assert_eq!(text.content.order, P::ORDER);
    assert_eq!(text.parameters(in_text).unwrap(), **sizes);

    let hand = Course::new(spacetime, sizes).unwrap();
    for local in [&fit as &dyn Derivatives<f64>, &two] {
        let compiled = curve(
            &P::values(local, Modes::All).unwrap(),
            &P::course(sizes).unwrap(),
        );
        let read = text.values(local, Modes::All).unwrap();
        let course = text.course(&text.parameters(in_text).unwrap()).unwrap();
        assert_eq!(curve(&read, &course), compiled);
        let values = ResummedValues::new(by_hand, local, Modes::All).unwrap();
        assert_eq!(curve(&values, &hand), compiled);
    }
}

#[test]
fn declared_in_text_and_by_hand() {
    three_ways::<Test>(
        &Test::parameters(7).unwrap(),
        &[("N", 7)],
        &resummed_for(Measure::TestLoss, 3),
        &sgd(7, 1, 1, Shuffle::Never),
    );
    three_ways::<Gap>(
        &Gap::parameters(3, 2, 4).unwrap(),
        &[("N", 3), ("B", 2), ("E", 4)],
        &resummed_for(Measure::GeneralizationGap, 2),
        &sgd(6, 2, 4, Shuffle::Never),
    );
    three_ways::<Train>(
        &Train::parameters(4, 2, 3).unwrap(),
        &[("N", 4), ("B", 2), ("E", 3)],
        &resummed_for(Measure::TrainLoss, 2),
        &sgd(4, 2, 3, Shuffle::EachEpoch),
    );
    three_ways::<Drift>(
        &Drift::parameters(4, 3).unwrap(),
        &[("N", 4), ("M", 3)],
        &resummed_for(Measure::Displacement, 3),
        &Spacetime::gd(Parameter::Literal(4), Parameter::Literal(12)),
    );
    three_ways::<Cells>(
        &Cells::parameters().unwrap(),
        &[],
        &resummed_for(Measure::TestLoss, 2),
        &Spacetime::Grid(Grid::from_rows(&["#..#", ".##."]).unwrap()),
    );
    let gaussian: Vec<ResummedDiagram> = resummed_for(Measure::TestLoss, 3)
        .into_iter()
        .filter(ResummedDiagram::is_gaussian)
        .collect();
    three_ways::<Gaussian>(
        &Gaussian::parameters(4, 1, 2).unwrap(),
        &[("N", 4), ("B", 1), ("E", 2)],
        &gaussian,
        &sgd(4, 1, 2, Shuffle::EachEpoch),
    );
}

/// Ties are noise already.
#[test]
fn outlines_are_ties() {
    assert_eq!(Outlined::DIAGRAMS, ["(01-12-13)(0-1-23)"]);
    assert_eq!(Outlined::diagrams(), Tied::diagrams());
}

/// In one epoch a tied path visits its row twice: nothing of it is left, and all else is.
#[test]
fn what_never_embeds_is_left_out() {
    let found = Test::diagrams();
    let course = Course::new(
        &sgd(12, 1, 1, Shuffle::Never),
        &Parameters::new(12, 1, 1).unwrap(),
    )
    .unwrap();
    let (embedding, never): (Vec<_>, Vec<_>) = resummed_for(Measure::TestLoss, 3)
        .into_iter()
        .partition(|term| term.embeds(&course));
    assert_eq!(found, embedding);
    for term in never {
        // In exact rationals, too.
        let values = expand_resummed(std::slice::from_ref(&term), &course, 5);
        assert!(values.is_empty(), "{}", term.diagram());
        // And each has some part of which one node is above another.
        let diagram = term.diagram();
        let tied_path = (1..diagram.nodes()).any(|node| {
            std::iter::successors(diagram.parent(node), |&at| diagram.parent(at))
                .any(|above| above != 0 && diagram.part(above) == diagram.part(node))
        });
        assert!(tied_path, "{diagram}");
    }
    assert!(!Test::DIAGRAMS.contains(&"(01-12)(0-12)"));
    assert!(Cells::DIAGRAMS.contains(&"(01-12)(0-12)"));
}

/// A named set is what it says, once as a power series, once re-summed.
#[test]
fn one_set_in_two_readings() {
    let noisy: Vec<String> = resummed_for(Measure::TestLoss, 3)
        .iter()
        .filter(|term| !term.is_noiseless())
        .map(|term| term.diagram().to_string())
        .collect();
    assert_eq!(Union::DIAGRAMS, noisy);
    let without: Vec<String> = noisy
        .into_iter()
        .filter(|notation| !["(01-02)(0-12)", "(01-12)(0-12)"].contains(&&notation[..]))
        .collect();
    assert_eq!(Less::DIAGRAMS, without);
    let declaration = diagrams::parse(TEXT).unwrap();
    assert!(declaration.resummed("Series").is_none());
    assert!(declaration.predictor("Union").is_none());
    let plain = &declaration.predictor("Series").unwrap().content.terms;
    assert_eq!(plain.len(), (1 + 1 + 4 + 17) - (1 + 1 + 2 + 4));
    let _ = Series;
}
