//! Counts of embeddings, compared with the enumeration of all maps from nodes to cells, for sizes that are symbols or numbers.

use diagram_calculus::coefficient::{Coefficient, Parameters};
use diagram_calculus::diagram::Diagram;
use diagram_calculus::enumerate;
use diagram_calculus::spacetime::{Grid, Parameter, Shuffle, Spacetime};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

use crate::common::{permutations, symbol};

/// The number of embeddings by the definition, from all maps of the non-root nodes to cells (row, column).
fn brute_force(columns: &[Vec<usize>], diagram: &Diagram) -> u64 {
    let cells: Vec<(usize, usize)> = columns
        .iter()
        .enumerate()
        .flat_map(|(t, rows)| rows.iter().map(move |&n| (n, t)))
        .collect();
    let mut placed: Vec<(usize, usize)> = vec![];
    place(&cells, diagram, &mut placed)
}

fn place(cells: &[(usize, usize)], diagram: &Diagram, placed: &mut Vec<(usize, usize)>) -> u64 {
    let roots = diagram.roots();
    let node = roots + placed.len();
    if node == diagram.nodes() {
        return 1;
    }
    let mut count = 0;
    for &(row, time) in cells {
        let parent = diagram.parent(node).expect("not a root");
        let in_time = parent < roots || time < placed[parent - roots].1;
        let rows_agree = (roots..node)
            .all(|v| (diagram.part(v) == diagram.part(node)) == (placed[v - roots].0 == row));
        if in_time && rows_agree {
            placed.push((row, time));
            count += place(cells, diagram, placed);
            placed.pop();
        }
    }
    count
}

fn literal(value: usize) -> Parameter {
    Parameter::Literal(value as u64)
}

fn batches(order: &[usize], batch: usize) -> Vec<Vec<usize>> {
    order.chunks(batch).map(<[usize]>::to_vec).collect()
}

fn number(value: u64) -> BigRational {
    BigRational::from_integer(BigInt::from(value))
}

fn value(count: &Coefficient, at: &Parameters) -> BigRational {
    count.evaluate(at).expect("sizes are large enough")
}

fn diagrams(max_edges: usize) -> Vec<Diagram> {
    (0..=max_edges)
        .flat_map(enumerate::diagrams)
        .chain((0..max_edges).flat_map(enumerate::diagram_pairs))
        .collect()
}

#[test]
fn fixed_batches() {
    let symbolic = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::Never);
    for (train, batch, epochs) in [
        (1, 1, 3),
        (3, 1, 1),
        (2, 1, 3),
        (4, 2, 1),
        (4, 2, 2),
        (3, 3, 2),
        (4, 1, 2),
    ] {
        let columns: Vec<_> = (0..epochs)
            .flat_map(|_| batches(&(0..train).collect::<Vec<_>>(), batch))
            .collect();
        let at = Parameters::new(train as u64, batch as u64, epochs as u64).expect("a schedule");
        let concrete = Spacetime::sgd(
            literal(train),
            literal(batch),
            literal(epochs),
            Shuffle::Never,
        );
        for diagram in diagrams(3) {
            let expected = number(brute_force(&columns, &diagram));
            assert_eq!(
                value(&symbolic.embeddings(&diagram), &at),
                expected,
                "{diagram} in {at:?}"
            );
            assert_eq!(
                value(&concrete.embeddings(&diagram), &at),
                expected,
                "{diagram} in {at:?}, literal"
            );
        }
    }
}

#[test]
fn gradient_descent() {
    let symbolic = Spacetime::gd(symbol("N"), symbol("T"));
    for (train, steps) in [(1, 1), (2, 3), (3, 2)] {
        let columns = vec![(0..train).collect::<Vec<_>>(); steps];
        let at = Parameters::new(train as u64, train as u64, steps as u64).expect("a schedule");
        for diagram in diagrams(3) {
            let expected = number(brute_force(&columns, &diagram));
            assert_eq!(
                value(&symbolic.embeddings(&diagram), &at),
                expected,
                "{diagram} in {at:?}"
            );
        }
    }
}

#[test]
fn shuffled_batches_on_average() {
    let symbolic = Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), Shuffle::EachEpoch);
    for (train, batch, epochs) in [(3, 1, 1), (3, 1, 2), (4, 2, 2), (3, 3, 2)] {
        let at = Parameters::new(train as u64, batch as u64, epochs as u64).expect("a schedule");
        let orders = permutations(train);
        let runs: Vec<Vec<Vec<usize>>> = (0..epochs).fold(vec![vec![]], |runs, _| {
            let longer = |run: &Vec<Vec<usize>>, order: &Vec<usize>| {
                run.iter()
                    .cloned()
                    .chain(batches(order, batch))
                    .collect::<Vec<_>>()
            };
            runs.iter()
                .flat_map(|run| orders.iter().map(move |order| longer(run, order)))
                .collect()
        });
        let concrete = Spacetime::sgd(
            literal(train),
            literal(batch),
            literal(epochs),
            Shuffle::EachEpoch,
        );
        for diagram in diagrams(3) {
            let total: u64 = runs
                .iter()
                .map(|columns| brute_force(columns, &diagram))
                .sum();
            let expected = number(total) / number(runs.len() as u64);
            assert_eq!(
                value(&symbolic.embeddings(&diagram), &at),
                expected,
                "{diagram} in {at:?}"
            );
            assert_eq!(
                value(&concrete.embeddings(&diagram), &at),
                expected,
                "{diagram} in {at:?}, literal"
            );
        }
    }
}

#[test]
fn fewer_points_than_parts_leave_no_embedding() {
    for shuffle in [Shuffle::Never, Shuffle::EachEpoch] {
        let spacetime = Spacetime::sgd(literal(2), literal(1), literal(3), shuffle);
        for diagram in enumerate::diagrams(3).filter(|d| d.parts() > 3) {
            assert!(
                spacetime.embeddings(&diagram).is_zero(),
                "{diagram} needs three points"
            );
        }
    }
}

#[test]
fn vanilla_sgd_is_proposition_1() {
    // For B = E = 1 every part is on one cell, so that a diagram embeds only if its parts can be ordered along the tree. A chain without ties has
    // C(N, d) embeddings.
    let vanilla = Spacetime::sgd(symbol("N"), literal(1), literal(1), Shuffle::Never);
    let chain: Diagram = "(01-12-23)(0-1-2-3)".parse().expect("notation");
    assert_eq!(vanilla.embeddings(&chain), vanilla.train().binomial(3));
    let star: Diagram = "(01-02-03)(0-123)".parse().expect("notation");
    assert_eq!(vanilla.embeddings(&star), vanilla.train());
    let tied_edge: Diagram = "(01-12)(0-12)".parse().expect("notation");
    assert!(vanilla.embeddings(&tied_edge).is_zero(), "Example 3");
    // Example 4 is full-batch gradient descent with T = N.
    let descent = Spacetime::gd(symbol("N"), symbol("T"));
    let at = Parameters {
        train: 5,
        batch: 5,
        epochs: 5,
    };
    assert_eq!(value(&descent.embeddings(&tied_edge), &at), number(5 * 10));
}

fn equal_columns() -> impl Strategy<Value = (usize, Vec<Vec<usize>>)> {
    (1..5usize).prop_flat_map(|rows| {
        (1..=rows.min(3)).prop_flat_map(move |batch| {
            let column = proptest::sample::subsequence((0..rows).collect::<Vec<_>>(), batch);
            (Just(rows), prop::collection::vec(column, 1..6))
        })
    })
}

proptest! {
    #[test]
    fn grids((rows, columns) in equal_columns(), pick in any::<prop::sample::Index>()) {
        let all = diagrams(4);
        let diagram = pick.get(&all);
        let grid = Spacetime::Grid(Grid::from_columns(rows, &columns).expect("equal columns"));
        let at = Parameters { train: 1, batch: 1, epochs: 1 };
        prop_assert_eq!(value(&grid.embeddings(diagram), &at), number(brute_force(&columns, diagram)));
    }
}
