//! Re-summed diagrams, compared with Theorem 1 and with enumeration of cells.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::enumerate;
use diagram_calculus::filter::Filter;
use diagram_calculus::measure::{Measure, diagrams_for, expand};
use diagram_calculus::resummed::{
    Course, EmbeddingSum, Generator, NoContinuum, ResummedDiagram, ResummedError, expand_resummed,
    resummed_for, resummed_of,
};
use diagram_calculus::spacetime::{Grid, Shuffle, Spacetime};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};

use crate::common::symbol;

const MEASURES: [Measure; 4] = [
    Measure::TestLoss,
    Measure::TrainLoss,
    Measure::GeneralizationGap,
    Measure::Displacement,
];

fn sgd(shuffle: Shuffle) -> Spacetime {
    Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), shuffle)
}

/// The cells that SGD with these sizes visits, with one column for each update.
fn cells(parameters: &Parameters) -> Grid {
    let (train, batch) = (parameters.train as usize, parameters.batch as usize);
    let rows: Vec<usize> = (0..train).collect();
    let epoch: Vec<Vec<usize>> = rows.chunks(batch).map(<[usize]>::to_vec).collect();
    let columns: Vec<Vec<usize>> = (0..parameters.epochs).flat_map(|_| epoch.clone()).collect();
    Grid::from_columns(train, &columns).expect("even columns")
}

fn assert_same_as_plain(spacetime: &Spacetime, parameters: &Parameters, order: usize) {
    let course = Course::new(spacetime, parameters).expect("a schedule");
    for measure in MEASURES {
        let plain =
            expand(measure, spacetime, diagrams_for(measure, order)).expect("terms of the measure");
        let plain = plain.values.into_iter().map(|(class, coefficient)| {
            let number = coefficient
                .evaluate(parameters)
                .expect("enough training points");
            (class, number)
        });
        let plain: Vec<_> = plain.filter(|(_, number)| !number.is_zero()).collect();
        let resummed = expand_resummed(&resummed_for(measure, order), &course, order);
        assert_eq!(resummed, plain, "{measure} at {parameters:?}");
    }
}

#[test]
fn sums_are_theorem_1_on_grids() {
    let grids: [&[&str]; 4] = [
        &["#..#", ".##."],
        &["#.#.", ".#.#"],
        &["##.", "#.#", ".##"],
        &["#"],
    ];
    for rows in grids {
        let grid = Grid::from_rows(rows).expect("a grid");
        let parameters = Parameters {
            train: 1,
            batch: 1,
            epochs: 1,
        };
        assert_same_as_plain(&Spacetime::Grid(grid), &parameters, 4);
    }
}

#[test]
fn sums_are_theorem_1_in_schedules() {
    // Coefficients have no value if there are fewer training points than parts, of which diagrams of order 3 have up to 3.
    for sizes in [(4, 1, 1), (4, 2, 1), (4, 4, 3), (4, 2, 2), (3, 1, 3)] {
        let parameters = Parameters::new(sizes.0, sizes.1, sizes.2).expect("a schedule");
        for shuffle in [Shuffle::Never, Shuffle::EachEpoch] {
            assert_same_as_plain(&sgd(shuffle), &parameters, 3);
        }
    }
    let parameters = Parameters::new(4, 2, 2).expect("a schedule");
    assert_same_as_plain(&sgd(Shuffle::EachEpoch), &parameters, 4);
    assert_same_as_plain(&sgd(Shuffle::Never), &parameters, 4);
}

#[test]
fn fewer_points_than_parts_embed_nothing() {
    let pairs = ResummedDiagram::new(
        Measure::TestLoss,
        "(01-02-03-04)(0-12-34)".parse().expect("notation"),
    );
    let parameters = Parameters::new(1, 1, 5).expect("a schedule");
    for shuffle in [Shuffle::Never, Shuffle::EachEpoch] {
        let course = Course::new(&sgd(shuffle), &parameters).expect("a schedule");
        let sum = EmbeddingSum::<BigRational>::new(pairs.as_ref().expect("a term"), &course);
        assert!(sum.at(&vec![BigRational::one(); 4]).is_zero());
    }
}

/// The embedding sum by enumeration of all embeddings.
fn enumerated(term: &ResummedDiagram, grid: &Grid, factors: &[BigRational]) -> BigRational {
    let diagram = term.diagram();
    let mut choices: Vec<Vec<(usize, usize)>> = vec![];
    for node in 0..diagram.nodes() {
        let end = grid.updates();
        let at = match (node, term.is_noise(node)) {
            (0, true) => (0..grid.rows()).map(|row| (row, end)).collect(),
            (0, false) => vec![(usize::MAX, end)],
            (_, true) => (0..end)
                .flat_map(|column| grid.columns()[column].iter().map(move |&row| (row, column)))
                .collect(),
            (_, false) => (0..end).map(|column| (usize::MAX, column)).collect(),
        };
        choices.push(at);
    }
    let mut total = BigRational::zero();
    let mut chosen: Vec<(usize, usize)> = vec![];
    place(term, &choices, &mut chosen, &mut |places| {
        let mut product = BigRational::one();
        for node in 1..diagram.nodes() {
            let (_, start) = places[node];
            let (_, end) = places[diagram.parent(node).expect("not the root")];
            product *= factors[node - 1].pow((end - start - 1) as i32);
            if term.is_noise(node) {
                product /= BigRational::from_integer(BigInt::from(grid.batch()));
            }
        }
        if term.is_noise(0) {
            product /= BigRational::from_integer(BigInt::from(grid.rows()));
        }
        total += product;
    });
    total
}

fn place(
    term: &ResummedDiagram,
    choices: &[Vec<(usize, usize)>],
    chosen: &mut Vec<(usize, usize)>,
    visit: &mut impl FnMut(&[(usize, usize)]),
) {
    let node = chosen.len();
    let diagram = term.diagram();
    if node == diagram.nodes() {
        visit(chosen);
        return;
    }
    for &(row, column) in &choices[node] {
        let before_parent = diagram
            .parent(node)
            .is_none_or(|parent| column < chosen[parent].1);
        let rows_agree = chosen.iter().enumerate().all(|(other, &(at, _))| {
            !term.is_noise(node)
                || !term.is_noise(other)
                || (at == row) == (diagram.part(other) == diagram.part(node))
        });
        if before_parent && rows_agree {
            chosen.push((row, column));
            place(term, choices, chosen, visit);
            chosen.pop();
        }
    }
}

#[test]
fn sums_are_those_over_enumerated_cells() {
    let factors: Vec<BigRational> = [(2, 3), (-3, 4), (0, 1), (5, 2)]
        .map(|(n, d)| BigRational::new(BigInt::from(n), BigInt::from(d)))
        .to_vec();
    for sizes in [(4, 1, 1), (4, 2, 1), (3, 3, 4), (4, 2, 2), (3, 1, 2)] {
        let parameters = Parameters::new(sizes.0, sizes.1, sizes.2).expect("a schedule");
        let grid = cells(&parameters);
        let courses = [Spacetime::Grid(grid.clone()), sgd(Shuffle::Never)]
            .map(|s| Course::new(&s, &parameters).expect("a schedule"));
        for measure in MEASURES {
            for term in resummed_for(measure, 3) {
                let factors = &factors[..term.diagram().edges()];
                let expected = enumerated(&term, &grid, factors);
                for course in &courses {
                    assert_eq!(
                        EmbeddingSum::new(&term, course).at(factors),
                        expected,
                        "{} at {sizes:?}",
                        term.diagram()
                    );
                }
            }
        }
    }
}

#[test]
fn long_courses_keep_their_digits() {
    // The matrix is squared log T times. All entries are sums of positive numbers, so that each squaring has a relative error of a few units of rounding.
    // The rounding of x causes a relative error of T ε, as it does in the closed form.
    let pair = ResummedDiagram::new(
        Measure::TestLoss,
        "(01-02)(0-12)".parse().expect("notation"),
    )
    .expect("a term");
    for steps in [1, 2, 3, 1000, 1_000_000] {
        let parameters = Parameters::new(steps, 1, 1).expect("a schedule");
        let course = Course::new(&sgd(Shuffle::Never), &parameters).expect("a schedule");
        let x: f64 = 1.0 - 0.3 / steps as f64;
        let sum = EmbeddingSum::<f64>::new(&pair, &course).at(&[x, x]);
        let closed = -(2.0 * steps as f64 * x.ln()).exp_m1() / (1.0 - x * x);
        assert!(
            (sum / closed - 1.0).abs() < 1e-14 * (100.0 + steps as f64),
            "{steps}: {sum} {closed}"
        );
    }
}

#[test]
fn irreducible_diagrams_are_the_terms() {
    for edges in 0..=4 {
        let filtered = enumerate::diagrams(edges)
            .filter(|diagram| Filter::Irreducible.admits(&diagram.clone().into()));
        let terms: Vec<_> = resummed_of(Measure::TestLoss, edges)
            .iter()
            .map(|term| term.diagram().clone())
            .collect();
        assert_eq!(terms, filtered.collect::<Vec<_>>());
    }
}

#[test]
fn what_is_no_term_is_refused() {
    let new = |measure, notation: &str| {
        ResummedDiagram::new(measure, notation.parse().expect("notation"))
    };
    assert!(matches!(
        new(Measure::SecondMoment, "(01)(0-1)"),
        Err(ResummedError::Measure(_))
    ));
    assert!(matches!(
        new(Measure::TestLoss, "(02-13)(0-1-23)"),
        Err(ResummedError::Roots(_))
    ));
    assert!(matches!(
        new(Measure::TestLoss, "(01-12)(0-1-2)"),
        Err(ResummedError::Reducible { node: 1, .. })
    ));
    assert!(matches!(
        new(Measure::TestLoss, "(01)(01)"),
        Err(ResummedError::RootTie { is_tied: true, .. })
    ));
    assert!(matches!(
        new(Measure::GeneralizationGap, "(01-02)(0-12)"),
        Err(ResummedError::RootTie { is_tied: false, .. })
    ));
    assert!(matches!(
        new(Measure::Displacement, "(01-02)(0-12)"),
        Err(ResummedError::RootDegree { degree: 2, .. })
    ));
    assert!(new(Measure::TrainLoss, "(01)(01)").is_ok());
}

#[test]
fn many_epochs_have_no_continuum() {
    let term = &resummed_for(Measure::TestLoss, 1)[0];
    let parameters = Parameters::new(4, 2, 3).expect("a schedule");
    let course = Course::new(&sgd(Shuffle::EachEpoch), &parameters).expect("a schedule");
    assert_eq!(Generator::new(term, &course).err(), Some(NoContinuum));
}
