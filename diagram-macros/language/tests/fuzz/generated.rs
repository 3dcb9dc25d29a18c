//! Generated correct declarations: the model has the generated diagrams, and its coefficients are brute-force counts.

use std::collections::BTreeMap;
use std::fmt::Write;

use diagram_calculus::diagram::Diagram;
use diagram_calculus::enumerate;
use diagram_calculus::measure::{self, Measure};
use diagram_calculus::outline::Outlined;
use diagram_calculus::resummed::{Course, EmbeddingSum, ResummedDiagram};
use diagram_calculus::value_class::ValueClass;
use diagram_language::{Content, Model, Resummed};
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A schedule or a grid, with its text and its cells.
#[derive(Clone, Debug)]
struct Cells {
    written: String,
    /// The values of its open sizes.
    open: Vec<(&'static str, u64)>,
    train: usize,
    batch: usize,
    /// The rows of each column, for each of the equally likely shuffles.
    runs: Vec<Vec<Vec<usize>>>,
}

fn chunks(order: &[usize], batch: usize) -> Vec<Vec<usize>> {
    order.chunks(batch).map(<[usize]>::to_vec).collect()
}

fn permutations(n: usize) -> Vec<Vec<usize>> {
    let Some(last) = n.checked_sub(1) else {
        return vec![vec![]];
    };
    let insert = |shorter: Vec<usize>| {
        (0..n).map(move |at| {
            let mut longer = shorter.clone();
            longer.insert(at, last);
            longer
        })
    };
    permutations(last).into_iter().flat_map(insert).collect()
}

/// The text of a size: a number, or a symbol or product that gets this value.
fn size(name: &'static str, value: u64, open: bool, all: &mut Vec<(&'static str, u64)>) -> String {
    if !open {
        return value.to_string();
    }
    if value.is_multiple_of(2) {
        all.push((name, value / 2));
        return format!("2 * {name}");
    }
    all.push((name, value));
    name.into()
}

fn sgd() -> impl Strategy<Value = Cells> {
    let sizes = select(vec![
        (1, 1, 2),
        (2, 1, 1),
        (2, 1, 2),
        (2, 2, 2),
        (3, 1, 1),
        (3, 1, 2),
        (4, 2, 1),
    ]);
    (sizes, any::<[bool; 4]>()).prop_map(|((train, batch, epochs), [shuffle, n, b, e])| {
        let mut open = vec![];
        let written = format!(
            "sgd(train: {}, batch: {}, epochs: {}, shuffle: {})",
            size("N", train as u64, n, &mut open),
            size("B", batch as u64, b, &mut open),
            size("E", epochs as u64, e, &mut open),
            if shuffle { "each_epoch" } else { "never" }
        );
        let orders = if shuffle {
            permutations(train)
        } else {
            vec![(0..train).collect()]
        };
        let mut runs: Vec<Vec<Vec<usize>>> = vec![vec![]];
        for _ in 0..epochs {
            let longer = |run: Vec<Vec<usize>>| {
                let orders = orders.iter();
                orders.map(move |order| run.iter().cloned().chain(chunks(order, batch)).collect())
            };
            runs = runs.into_iter().flat_map(longer).collect();
        }
        Cells {
            written,
            open,
            train,
            batch,
            runs,
        }
    })
}

fn gd() -> impl Strategy<Value = Cells> {
    (1..4_usize, 1..4_usize, any::<[bool; 2]>()).prop_map(|(train, steps, [n, t])| {
        let mut open = vec![];
        let written = format!(
            "gd(train: {}, steps: {})",
            size("N", train as u64, n, &mut open),
            size("T", steps as u64, t, &mut open)
        );
        Cells {
            written,
            open,
            train,
            batch: train,
            runs: vec![vec![(0..train).collect(); steps]],
        }
    })
}

fn grid() -> impl Strategy<Value = Cells> {
    (1..4_usize, vec(any::<Index>(), 1..4)).prop_map(|(rows, columns)| {
        let run: Vec<Vec<usize>> = columns.iter().map(|row| vec![row.index(rows)]).collect();
        let draw = |row: usize| -> String {
            run.iter()
                .map(|column| if column[0] == row { '#' } else { '.' })
                .collect()
        };
        let drawn: Vec<String> = (0..rows).map(|row| format!("{:?}", draw(row))).collect();
        Cells {
            written: format!("grid [{}]", drawn.join(", ")),
            open: vec![],
            train: rows,
            batch: 1,
            runs: vec![run],
        }
    })
}

/// The number of embeddings by the definition, from all maps of the nodes below the roots to cells, averaged over the shuffles.
fn brute_force(cells: &Cells, diagram: &Diagram) -> BigRational {
    let total: u64 = cells
        .runs
        .iter()
        .map(|run| place(run, diagram, &mut vec![]))
        .sum();
    whole(total) / whole(cells.runs.len() as u64)
}

fn place(columns: &[Vec<usize>], diagram: &Diagram, placed: &mut Vec<(usize, usize)>) -> u64 {
    let roots = diagram.roots();
    let node = roots + placed.len();
    if node == diagram.nodes() {
        return 1;
    }
    let mut count = 0;
    for (time, rows) in columns.iter().enumerate() {
        for &row in rows {
            let parent = diagram.parent(node).expect("not a root");
            let in_time = parent < roots || time < placed[parent - roots].1;
            let rows_agree = (roots..node)
                .all(|v| (diagram.part(v) == diagram.part(node)) == (placed[v - roots].0 == row));
            if in_time && rows_agree {
                placed.push((row, time));
                count += place(columns, diagram, placed);
                placed.pop();
            }
        }
    }
    count
}

fn whole(number: u64) -> BigRational {
    BigRational::from_integer(number.into())
}

/// The weight `embeddings / automorphisms / (-B)^edges`.
fn weight(cells: &Cells, diagram: &Diagram) -> BigRational {
    let step = -whole(cells.batch as u64);
    let steps = (0..diagram.edges()).fold(BigRational::one(), |all, _| all * &step);
    brute_force(cells, diagram) / whole(diagram.automorphisms()) / steps
}

/// A tree of up to three nodes below the root, with its text.
#[derive(Clone, Debug)]
struct Drawing {
    diagram: Outlined,
    written: String,
}

/// A drawing whose ties join nodes from `first` on, which is 1, or 0 if the root may be tied.
fn drawing(first: usize) -> impl Strategy<Value = Drawing> {
    (
        vec(any::<Index>(), 0..4),
        vec((any::<Index>(), any::<Index>(), any::<bool>()), 0..3),
    )
        .prop_map(move |(parents, ties)| {
            let mut all = vec![None];
            for parent in parents {
                all.push(Some(parent.index(all.len())));
            }
            let nodes = all.len();
            let mut written = tree(&all, 0);
            let mut parts: Vec<usize> = (0..nodes).collect();
            let (mut joined, mut outlines, mut links) = (parts.clone(), vec![], vec![]);
            // No tie is superfluous, and ties come before outlines, in the order in which they are applied.
            for (a, b, outlined) in ties {
                let open = nodes - first;
                if open < 2 {
                    break;
                }
                let (a, b) = (first + a.index(open), first + b.index(open));
                if joined[a] == joined[b] {
                    continue;
                }
                let (to, from) = (joined[a], joined[b]);
                joined
                    .iter_mut()
                    .filter(|part| **part == from)
                    .for_each(|part| *part = to);
                if outlined {
                    outlines.push((a, b));
                    links.push(format!("n{a} ~~ n{b}"));
                } else {
                    let (to, from) = (parts[a], parts[b]);
                    parts
                        .iter_mut()
                        .filter(|part| **part == from)
                        .for_each(|part| *part = to);
                    links.push(format!("n{a} ~ n{b}"));
                }
            }
            if !links.is_empty() {
                let _ = write!(written, " where {}", links.join(", "));
            }
            Drawing {
                diagram: Outlined::new(&all, &parts, &outlines).expect("a tree"),
                written,
            }
        })
}

fn tree(parents: &[Option<usize>], node: usize) -> String {
    let children: Vec<String> = (0..parents.len())
        .filter(|&child| parents[child] == Some(node))
        .map(|child| tree(parents, child))
        .collect();
    if children.is_empty() {
        format!("n{node}")
    } else {
        format!("n{node}({})", children.join(", "))
    }
}

/// A condition, as text and as a function by the definition.
type Condition = (&'static str, fn(&Diagram) -> bool);

fn tied(diagram: &Diagram, node: usize) -> bool {
    diagram.members(diagram.part(node)).count() > 1
}

const CONDITIONS: &[Condition] = &[
    ("edges >= 0", |_| true),
    ("trees", |d| (0..d.nodes()).all(|v| !tied(d, v))),
    ("!trees && edges <= 2", |d| {
        (0..d.nodes()).any(|v| tied(d, v)) && d.nodes() - d.roots() <= 2
    }),
    ("ties == 1 || parts >= 3", |d| {
        d.nodes() - d.parts() == 1 || d.parts() >= 3
    }),
    ("leaf_ties", |d| {
        (0..d.nodes()).all(|v| !tied(d, v) || d.children(v).count() == 0)
    }),
    ("!(edges == 1 || non_gaussian)", |d| {
        d.edges() != 1 && (0..d.parts()).all(|p| d.members(p).count() < 3)
    }),
    ("irreducible", |d| {
        (d.roots()..d.nodes()).all(|v| d.children(v).count() != 1 || tied(d, v))
    }),
    ("contains(edge)", |d| {
        (d.roots()..d.nodes()).any(|v| d.parent(v).is_some_and(|p| d.part(p) != d.part(v)))
    }),
];

const MEASURES: &[(&str, Measure)] = &[
    ("test_loss", Measure::TestLoss),
    ("train_loss", Measure::TrainLoss),
    ("generalization_gap", Measure::GeneralizationGap),
    ("displacement", Measure::Displacement),
    ("second_moment", Measure::SecondMoment),
];

/// Compares the terms of a predictor with the generated diagrams, and returns the values that they add up to.
fn check(
    content: &Content,
    sizes: &diagram_calculus::coefficient::Parameters,
    cells: &Cells,
    measure: Measure,
    meant: &[Outlined],
    text: &str,
) -> Option<BTreeMap<ValueClass, BigRational>> {
    let read: Vec<&Outlined> = content.terms.iter().map(|term| &term.diagram).collect();
    assert_eq!(
        read,
        meant.iter().collect::<Vec<_>>(),
        "other diagrams in:\n{text}"
    );
    let mut values = BTreeMap::new();
    for term in &content.terms {
        let expected = weight(cells, term.diagram.tied());
        // The denominators N - j of open sizes can be zero for few training points.
        let found = term.coefficient.evaluate(sizes).ok()?;
        assert_eq!(found, expected, "weight of {} in:\n{text}", term.diagram);
        for (diagram, sign) in term.diagram.signed() {
            add_value(
                &mut values,
                measure,
                diagram,
                cells.train,
                &(BigRational::from_integer(sign.into()) * &expected),
            );
        }
    }
    values.retain(|_, value| !value.is_zero());
    assert_eq!(evaluated(content, sizes)?, values, "values in:\n{text}");
    Some(values)
}

/// Adds the values of a diagram in a measure, by section 2 of the paper.
fn add_value(
    values: &mut BTreeMap<ValueClass, BigRational>,
    measure: Measure,
    diagram: &Diagram,
    train: usize,
    weight: &BigRational,
) {
    let mut add = |class: ValueClass, weight: BigRational| {
        *values.entry(class).or_insert_with(BigRational::zero) += weight;
    };
    match measure {
        Measure::TestLoss | Measure::SecondMoment => add(diagram.value_class(), weight.clone()),
        Measure::Displacement => add(
            diagram.displacement_class().expect("one child"),
            weight.clone(),
        ),
        Measure::GeneralizationGap | Measure::TrainLoss => {
            let share = weight / whole(train as u64);
            let sign = if measure == Measure::TrainLoss {
                add(diagram.value_class(), weight.clone());
                -BigRational::one()
            } else {
                BigRational::one()
            };
            let root = diagram.part(0);
            for part in (0..diagram.parts()).filter(|&part| part != root) {
                add(diagram.value_class(), &sign * &share);
                add(diagram.join(root, part).value_class(), -&sign * &share);
            }
        }
    }
}

fn evaluated(
    content: &Content,
    sizes: &diagram_calculus::coefficient::Parameters,
) -> Option<BTreeMap<ValueClass, BigRational>> {
    let values = content.combination.values().iter();
    let values =
        values.map(|(class, coefficient)| Some((class.clone(), coefficient.evaluate(sizes).ok()?)));
    let mut values: BTreeMap<_, _> = values.collect::<Option<_>>()?;
    values.retain(|_, value: &mut BigRational| !value.is_zero());
    Some(values)
}

fn predictor<'m>(
    model: &'m Model,
    name: &str,
    cells: &Cells,
) -> (&'m Content, diagram_calculus::coefficient::Parameters) {
    let found = model
        .predictors
        .iter()
        .find(|p| p.head.name == name)
        .expect("declared");
    let sizes = found.sizes.as_ref().expect("no errors");
    (
        found.content.as_ref().expect("no errors"),
        sizes.parameters(&cells.open).expect("all sizes"),
    )
}

proptest! {
    #![proptest_config(crate::config(300))]

    #[test]
    fn all_diagrams_where(
        cells in prop_oneof![sgd(), gd(), grid()],
        (measure_name, measure) in select(MEASURES),
        (written, condition) in select(CONDITIONS),
        max in 0..3_usize,
        exactly in any::<bool>(),
    ) {
        let sign = if exactly { "==" } else { "<=" };
        let text = format!(
            "spacetime S = {}; diagram edge = root(a); set All = all(edges {sign} {max});
             predictor P: {measure_name} in S = All where {written};",
            cells.written
        );
        let orders = if exactly { max..=max } else { 0..=max };
        let diagrams = orders.flat_map(|order| match measure {
            Measure::SecondMoment => enumerate::diagram_pairs(order).collect::<Vec<_>>(),
            _ => enumerate::diagrams(order).collect(),
        });
        let meant: Vec<Outlined> = diagrams
            .filter(|d| measure != Measure::Displacement || d.children(0).count() == 1)
            .filter(|d| measure != Measure::GeneralizationGap || d.edges() > 0)
            .filter(&condition)
            .map(Outlined::from)
            .collect();
        match crate::read(&text) {
            Ok(model) => {
                let (content, sizes) = predictor(&model, "P", &cells);
                check(content, &sizes, &cells, measure, &meant, &text);
            }
            // No diagram meets the condition, or none of them has an embedding.
            Err(mistakes) => {
                let placed = meant.iter().any(|d| !brute_force(&cells, d.tied()).is_zero());
                assert!(!placed, "{mistakes}\nin:\n{text}");
            }
        }
    }

    #[test]
    fn listed_diagrams_and_sums(
        cells in prop_oneof![sgd(), gd(), grid()],
        drawings in vec(drawing(1), 1..4),
        (measure_name, measure) in select(&MEASURES[..4]),
        (numerator, denominator) in (1..5_u32, 1..4_u32),
    ) {
        let mut text = format!("spacetime S = {};\n", cells.written);
        for (at, drawing) in drawings.iter().enumerate() {
            let _ = writeln!(text, "diagram d{at} = {};", drawing.written);
        }
        let names: Vec<String> = (0..drawings.len()).map(|at| format!("d{at}")).collect();
        let _ = writeln!(
            text,
            "predictor P: {measure_name} in S = {{ {} }};
             predictor Q: {measure_name} in S = {{ d0 }};
             predictor R = P - {numerator}/{denominator} * Q;",
            names.join(", ")
        );
        let meant: Vec<Outlined> = drawings.iter().map(|drawing| drawing.diagram.clone()).collect();
        let places = || meant.iter().map(|d| brute_force(&cells, d.tied()));
        match crate::read(&text) {
            Ok(model) => {
                let (p, sizes) = predictor(&model, "P", &cells);
                let values = check(p, &sizes, &cells, measure, &meant, &text);
                let (q, sizes) = predictor(&model, "Q", &cells);
                let less = check(q, &sizes, &cells, measure, &meant[..1], &text);
                let (r, sizes) = predictor(&model, "R", &cells);
                if let (Some(mut sum), Some(less), Some(found)) = (values, less, evaluated(r, &sizes)) {
                    let number = whole(numerator.into()) / whole(denominator.into());
                    for (class, value) in less {
                        *sum.entry(class).or_insert_with(BigRational::zero) -= value * &number;
                    }
                    sum.retain(|_, value| !value.is_zero());
                    assert_eq!(found, sum, "sum in:\n{text}");
                }
            }
            Err(mistakes) => {
                let twice = (1..meant.len()).any(|at| meant[..at].contains(&meant[at]));
                // An outlined diagram is listed together with one of the diagrams in its signed sum.
                let again = meant.iter().filter(|d| d.signed().count() > 1).any(|outlined| {
                    outlined.signed().any(|(part, _)| meant.contains(&part.clone().into()))
                });
                let other = measure == Measure::Displacement && meant.iter().any(|d| d.tied().children(0).count() != 1);
                let nothing = measure == Measure::GeneralizationGap && meant.iter().any(|d| d.tied().edges() == 0);
                // The sum is zero. Values of different diagrams may cancel as well.
                let number = whole(numerator.into()) / whole(denominator.into());
                let mut sum = BTreeMap::new();
                for (at, outlined) in meant.iter().enumerate().filter(|_| !other) {
                    let factor = if at == 0 { BigRational::one() - &number } else { BigRational::one() };
                    let weight = factor * weight(&cells, outlined.tied());
                    for (diagram, sign) in outlined.signed() {
                        let weight = &weight * BigRational::from_integer(sign.into());
                        add_value(&mut sum, measure, diagram, cells.train, &weight);
                    }
                }
                let cancels = sum.values().all(Zero::is_zero);
                let lost = places().any(|count| count.is_zero());
                assert!(twice || again || other || nothing || cancels || lost, "{mistakes}\nin:\n{text}");
            }
        }
    }
}

/// Whether a diagram is a term of a re-summed measure by the theory: mean nodes below the root do not have degree 2, and the root is a noise node only in
/// terms of the gap.
fn is_resummed_term(measure: Measure, diagram: &Diagram) -> bool {
    let reducible = |node: usize| !tied(diagram, node) && diagram.children(node).count() == 1;
    let root = match measure {
        Measure::GeneralizationGap => tied(diagram, 0),
        Measure::TrainLoss => true,
        Measure::Displacement => !tied(diagram, 0) && diagram.children(0).count() == 1,
        _ => !tied(diagram, 0),
    };
    root && !(1..diagram.nodes()).any(reducible)
}

/// The embedding sum from all maps of noise nodes to cells, of mean nodes to updates, and of a root that is a noise node to rows, averaged over the shuffles
/// and with the weights 1/B and 1/N.
fn resummed_sum(cells: &Cells, diagram: &Diagram) -> BigRational {
    let total: u64 = cells
        .runs
        .iter()
        .map(|run| place_resummed(run, cells.train, diagram, &mut vec![]))
        .sum();
    let noisy = (1..diagram.nodes()).filter(|&node| tied(diagram, node));
    let mut weight = whole(1) / whole(cells.runs.len() as u64);
    for _ in noisy {
        weight /= whole(cells.batch as u64);
    }
    if tied(diagram, 0) {
        weight /= whole(cells.train as u64);
    }
    whole(total) * weight
}

fn place_resummed(
    columns: &[Vec<usize>],
    train: usize,
    diagram: &Diagram,
    placed: &mut Vec<(Option<usize>, usize)>,
) -> u64 {
    let node = placed.len();
    if node == diagram.nodes() {
        return 1;
    }
    let all_rows: Vec<usize> = (0..train).collect();
    let (times, end) = match diagram.parent(node) {
        Some(parent) => (0..placed[parent].1, false),
        None => (columns.len()..columns.len() + 1, true),
    };
    let mut count = 0;
    for time in times {
        let rows: Vec<Option<usize>> = if !tied(diagram, node) {
            vec![None]
        } else if end {
            all_rows.iter().copied().map(Some).collect()
        } else {
            columns[time].iter().copied().map(Some).collect()
        };
        for row in rows {
            let rows_agree = (0..node).all(|v| {
                let (Some(row), Some(other)) = (row, placed[v].0) else {
                    return true;
                };
                (diagram.part(v) == diagram.part(node)) == (other == row)
            });
            if rows_agree {
                placed.push((row, time));
                count += place_resummed(columns, train, diagram, placed);
                placed.pop();
            }
        }
    }
    count
}

fn resummed<'m>(model: &'m Model, cells: &Cells) -> (&'m Resummed, Course) {
    let found = &model.resummed[0];
    let content = found.content.as_ref().expect("no errors");
    let sizes = found.sizes.as_ref().expect("no errors");
    let parameters = sizes.parameters(&cells.open).expect("all sizes");
    let course = Course::new(&content.spacetime, &parameters).expect("a schedule");
    (content, course)
}

/// Compares terms with the generated diagrams: exactly those with an embedding are terms, and they have the right sums.
fn check_resummed(
    content: &Resummed,
    course: &Course,
    cells: &Cells,
    meant: &[Diagram],
    text: &str,
) {
    let read: Vec<&Diagram> = content.diagrams().map(ResummedDiagram::diagram).collect();
    let mut left = meant.iter();
    for term in content.diagrams() {
        let diagram = term.diagram();
        assert!(
            left.any(|d| d == diagram),
            "{diagram} is not meant in:\n{text}"
        );
        let ones = vec![BigRational::one(); diagram.edges()];
        let found = EmbeddingSum::<BigRational>::new(term, course).at(&ones);
        assert_eq!(
            found,
            resummed_sum(cells, diagram),
            "sum of {diagram} in:\n{text}"
        );
    }
    for diagram in meant.iter().filter(|d| !read.contains(d)) {
        let sum = resummed_sum(cells, diagram);
        assert!(sum.is_zero(), "{diagram} is left out of:\n{text}");
    }
    // If no size is open, diagrams without embedding are known.
    if cells.open.is_empty() {
        let placed = |d: &&&Diagram| !resummed_sum(cells, d).is_zero();
        assert_eq!(read.len(), read.iter().filter(placed).count(), "{text}");
    }
}

proptest! {
    #![proptest_config(crate::config(300))]

    #[test]
    fn resummed_sets(
        cells in prop_oneof![sgd(), gd(), grid()],
        (measure_name, measure) in select(&MEASURES[..4]),
        (written, condition) in select(CONDITIONS),
        max in 0..4_usize,
        exactly in any::<bool>(),
    ) {
        let sign = if exactly { "==" } else { "<=" };
        let text = format!(
            "spacetime S = {}; diagram edge = root(a); set All = all(edges {sign} {max});
             predictor P: {measure_name} in S = resummed All where {written};",
            cells.written
        );
        let orders = if exactly { max..=max } else { 0..=max };
        let meant: Vec<Diagram> = orders
            .flat_map(enumerate::diagrams_with_root_ties)
            .filter(|d| is_resummed_term(measure, d))
            .filter(&condition)
            .collect();
        match crate::read(&text) {
            Ok(model) => {
                let (content, course) = resummed(&model, &cells);
                check_resummed(content, &course, &cells, &meant, &text);
            }
            Err(mistakes) => {
                let placed = meant.iter().any(|d| !resummed_sum(&cells, d).is_zero());
                assert!(!placed, "{mistakes}\nin:\n{text}");
            }
        }
    }

    #[test]
    fn resummed_lists(
        cells in prop_oneof![sgd(), gd(), grid()],
        drawings in vec(drawing(0), 1..3),
        (measure_name, measure) in select(&MEASURES[..4]),
    ) {
        let mut text = format!("spacetime S = {};\n", cells.written);
        for (at, drawing) in drawings.iter().enumerate() {
            let _ = writeln!(text, "diagram d{at} = {};", drawing.written);
        }
        let names: Vec<String> = (0..drawings.len()).map(|at| format!("d{at}")).collect();
        let _ = writeln!(text, "predictor P: {measure_name} in S = resummed {{ {} }};", names.join(", "));
        let meant: Vec<Diagram> = drawings.iter().map(|drawing| drawing.diagram.tied().clone()).collect();
        let twice = (1..meant.len()).any(|at| meant[..at].contains(&meant[at]));
        let other = meant.iter().any(|d| !is_resummed_term(measure, d));
        match crate::read(&text) {
            Ok(model) => {
                assert!(!twice && !other, "{text}");
                let (content, course) = resummed(&model, &cells);
                assert_eq!(content.terms.len(), meant.len(), "{text}");
                check_resummed(content, &course, &cells, &meant, &text);
            }
            Err(mistakes) => {
                let lost = meant.iter().any(|d| resummed_sum(&cells, d).is_zero());
                assert!(twice || other || lost, "{mistakes}\nin:\n{text}");
            }
        }
    }
}

#[test]
fn the_measures_agree_with_the_calculus() {
    // The same expansion by the calculus.
    let text = "spacetime S = sgd(train: N, batch: B, epochs: E); predictor P: train_loss in S = all(edges <= 3);";
    let model = crate::read(text).expect("it is right");
    let content = model.predictors[0].content.as_ref().expect("no errors");
    let spacetime = &model.spacetimes[0].1.spacetime;
    let by_hand = measure::expand(
        Measure::TrainLoss,
        spacetime,
        measure::diagrams_for(Measure::TrainLoss, 3),
    );
    let by_hand = by_hand.expect("its own diagrams");
    assert_eq!(content.combination.values(), by_hand.values);
}
