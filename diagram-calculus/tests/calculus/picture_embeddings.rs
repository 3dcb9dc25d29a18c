//! The search for embeddings and pictures of them, compared with the definition.

use std::collections::BTreeSet;

use diagram_calculus::Diagram;
use diagram_calculus::coefficient::Coefficient;
use diagram_calculus::enumerate;
use diagram_calculus::picture::{
    Cell, ConcreteError, Embedding, Illegal, MAX_SIDE, Scene, SceneError, SearchTooLong,
    WrongLength, concrete,
};
use diagram_calculus::spacetime::{Grid, Parameter, Shuffle, Spacetime};

fn diagrams(edges: usize) -> Vec<Diagram> {
    let one = (0..=edges).flat_map(enumerate::diagrams);
    let two = (0..=edges).flat_map(enumerate::diagram_pairs);
    one.chain(two).collect()
}

fn grids() -> Vec<Grid> {
    [
        &["#"][..],
        &["##"],
        &["###"],
        &["##", "##"],
        &["#.#.", ".#.#"],
        &["#..#", ".##."],
        &["##.", "#.#", ".##"],
        &["#..", ".#.", "..#"],
        &["#.#..#", ".#.#..", "....#."],
    ]
    .map(|rows| Grid::from_rows(rows).unwrap())
    .to_vec()
}

/// Whether an embedding is legal by the definition: nodes are on cells, children are strictly before their parents, and two nodes are on the same row if and
/// only if they are in the same part.
fn by_definition(grid: &Grid, embedding: &Embedding) -> bool {
    let diagram = embedding.diagram();
    let nodes = diagram.roots()..diagram.nodes();
    let cell = |node| embedding.cell(node).unwrap();
    nodes.clone().all(|node| {
        let Cell { row, column } = cell(node);
        let there = grid.columns()[column].contains(&row);
        let parent = diagram.parent(node).unwrap();
        let timely = embedding.cell(parent).is_none_or(|p| column < p.column);
        let rows = nodes
            .clone()
            .all(|other| (diagram.part(node) == diagram.part(other)) == (row == cell(other).row));
        there && timely && rows
    })
}

fn literal(number: u64) -> Parameter {
    Parameter::Literal(number)
}

#[test]
fn as_many_as_are_counted() {
    for grid in grids() {
        let spacetime = Spacetime::Grid(grid.clone());
        for diagram in diagrams(3) {
            let all: Vec<Embedding> = Embedding::all(&grid, &diagram).collect();
            assert!(all.iter().all(|embedding| by_definition(&grid, embedding)));
            let distinct: BTreeSet<Vec<Cell>> = all
                .iter()
                .map(|e| (0..diagram.nodes()).filter_map(|n| e.cell(n)).collect())
                .collect();
            assert_eq!(distinct.len(), all.len(), "{diagram}: one comes twice");
            let count = spacetime.embeddings(&diagram);
            assert_eq!(Coefficient::from_integer(all.len()), count, "{diagram}");
            let legal = Embedding::legal(&grid, &diagram, &[]).unwrap();
            assert_eq!(legal.is_some(), !count.is_zero());
        }
    }
}

#[test]
fn schedules_have_as_many_as_are_counted() {
    let spacetime = Spacetime::sgd(literal(4), literal(2), literal(2), Shuffle::Never);
    let grid = concrete(&spacetime, 0).unwrap();
    for diagram in diagrams(3) {
        let all = Embedding::all(&grid, &diagram).count();
        assert_eq!(
            Coefficient::from_integer(all),
            spacetime.embeddings(&diagram)
        );
    }
}

/// All assignments of rows and columns to nodes, including those that are not cells of the spacetime.
fn assignments(grid: &Grid, nodes: usize) -> Vec<Vec<Cell>> {
    let mut all = vec![vec![]];
    for _ in 0..nodes {
        let longer = |cells: &Vec<Cell>| {
            let mut longer = vec![];
            for row in 0..grid.rows() {
                for column in 0..grid.updates() {
                    let mut cells = cells.clone();
                    cells.push(Cell { row, column });
                    longer.push(cells);
                }
            }
            longer
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[test]
fn what_is_checked_is_the_definition() {
    let grid = Grid::from_rows(&["#.#", ".#."]).unwrap();
    for diagram in diagrams(3) {
        for cells in assignments(&grid, diagram.edges()) {
            let embedding = Embedding::new(diagram.clone(), cells).unwrap();
            let legal = by_definition(&grid, &embedding);
            assert_eq!(embedding.check(&grid).is_ok(), legal);
            for violation in embedding.violations(&grid) {
                assert!(names_what_is_there(&embedding, &violation), "{violation}");
            }
        }
    }
}

/// Whether the nodes of a violation are where it says and are related as it says.
fn names_what_is_there(embedding: &Embedding, reason: &Illegal) -> bool {
    let diagram = embedding.diagram();
    let lies = |node, cell| embedding.cell(node) == Some(cell);
    match *reason {
        Illegal::NoSuchCell { node, cell } => lies(node, cell),
        Illegal::SameCell {
            child,
            parent,
            cell,
        } => diagram.parent(child) == Some(parent) && lies(child, cell) && lies(parent, cell),
        Illegal::NotBefore {
            child,
            parent,
            from,
            to,
        } => {
            let edge = diagram.parent(child) == Some(parent);
            edge && lies(child, from) && lies(parent, to) && from.column >= to.column && from != to
        }
        Illegal::TiedApart {
            nodes: (a, b),
            cells,
        } => {
            let tied = diagram.part(a) == diagram.part(b);
            tied && lies(a, cells.0) && lies(b, cells.1) && cells.0.row != cells.1.row
        }
        Illegal::UntiedTogether {
            nodes: (a, b),
            cells,
        } => {
            let tied = diagram.part(a) == diagram.part(b);
            !tied && lies(a, cells.0) && lies(b, cells.1) && cells.0.row == cells.1.row
        }
    }
}

#[test]
fn illegal_ones_are_illegal() {
    for grid in grids() {
        for diagram in diagrams(3) {
            let Some((embedding, reason)) = Embedding::illegal(&grid, &diagram, &[]).unwrap()
            else {
                assert_eq!(diagram.edges(), 0, "{diagram}");
                continue;
            };
            assert_eq!(embedding.check(&grid), Err(reason));
            assert_eq!(embedding.diagram(), &diagram);
        }
    }
}

#[test]
fn reasons_name_nodes_and_cells() {
    let grid = Grid::from_rows(&["#.", ".#"]).unwrap();
    let at = |row, column| Cell { row, column };
    let reason = |compact: &str, cells: Vec<Cell>| {
        let embedding = Embedding::new(compact.parse().unwrap(), cells).unwrap();
        embedding.check(&grid).unwrap_err().to_string()
    };
    assert_eq!(
        reason("(01)(0-1)", vec![at(0, 1)]),
        "node 1 lies at (n=0, t=1), which is no cell of the spacetime"
    );
    assert_eq!(
        reason("(01-12)(0-1-2)", vec![at(0, 0), at(1, 1)]),
        "node 2 at (n=1, t=1) is not strictly before its parent 1 at (n=0, t=0)"
    );
    assert_eq!(
        reason("(01-02)(0-12)", vec![at(0, 0), at(1, 1)]),
        "nodes 1 and 2 are tied, but lie on different rows, at (n=0, t=0) and (n=1, t=1)"
    );
    assert_eq!(
        reason("(01-02)(0-1-2)", vec![at(0, 0), at(0, 0)]),
        "nodes 1 and 2 are not tied, but share a row, at (n=0, t=0) and (n=0, t=0)"
    );
    assert_eq!(
        Embedding::new("(01)(0-1)".parse().unwrap(), vec![]).unwrap_err(),
        WrongLength { cells: 0, nodes: 1 }
    );
}

#[test]
fn every_epoch_of_a_shuffled_schedule_visits_every_point_once() {
    let spacetime = Spacetime::sgd(literal(8), literal(2), literal(3), Shuffle::EachEpoch);
    let grid = concrete(&spacetime, 7).unwrap();
    assert_eq!((grid.rows(), grid.updates(), grid.batch()), (8, 12, 2));
    for epoch in grid.columns().chunks(4) {
        let mut points: Vec<usize> = epoch.iter().flatten().copied().collect();
        points.sort_unstable();
        assert_eq!(points, (0..8).collect::<Vec<_>>());
    }
    assert_eq!(grid, concrete(&spacetime, 7).unwrap());
    assert_ne!(grid, concrete(&spacetime, 8).unwrap());
    assert_ne!(grid.columns()[..4], grid.columns()[4..8]);
    // All orders of three points occur about equally often. With 6000 seeds each is expected 1000 times, with a standard deviation of 29.
    let small = Spacetime::sgd(literal(3), literal(1), literal(1), Shuffle::EachEpoch);
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..6000 {
        *seen
            .entry(concrete(&small, seed).unwrap().columns().to_vec())
            .or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 6);
    assert!(seen.values().all(|count| (850..1150).contains(count)));
}

#[test]
fn what_has_no_cells_to_draw_is_an_error() {
    let sgd = |train, batch, epochs| Spacetime::sgd(train, batch, epochs, Shuffle::Never);
    let open = Parameter::Symbol("N".into());
    let error = |spacetime: &Spacetime| concrete(spacetime, 0).unwrap_err();
    assert_eq!(
        error(&sgd(open, literal(1), literal(1))),
        ConcreteError::Open { symbol: "N".into() }
    );
    assert_eq!(
        error(&sgd(literal(4), literal(0), literal(1))),
        ConcreteError::Zero("points in a batch")
    );
    assert_eq!(
        error(&sgd(literal(4), literal(3), literal(1))),
        ConcreteError::Uneven { train: 4, batch: 3 }
    );
    for (train, epochs) in [(65, 1), (64, 2), (1, u64::MAX), (u64::MAX, u64::MAX)] {
        let error = error(&sgd(literal(train), literal(1), literal(epochs)));
        assert!(matches!(error, ConcreteError::TooLarge { .. }), "{error}");
    }
    let wide = Grid::from_columns(1, &vec![vec![0]; MAX_SIDE + 1]).unwrap();
    assert_eq!(
        Scene::new(wide, []).unwrap_err(),
        SceneError::TooLarge {
            rows: 1,
            columns: 65
        }
    );
    let grid = Grid::from_rows(&["#"]).unwrap();
    let far = Cell {
        row: usize::MAX,
        column: 0,
    };
    let embedding = Embedding::new("(01)(0-1)".parse().unwrap(), vec![far]).unwrap();
    assert_eq!(
        Scene::new(grid.clone(), [embedding.clone()]).unwrap_err(),
        SceneError::FarOff { node: 1, cell: far }
    );
    assert_eq!(
        Scene::new(grid, vec![embedding; 27]).unwrap_err(),
        SceneError::TooMany(27)
    );
}

#[test]
fn scenes_show_every_cell_node_edge_and_tie() {
    // A grid without gaps, one with gaps, and one into which no tied edge embeds.
    for grid in grids().into_iter().skip(3).step_by(2) {
        for diagram in diagrams(3) {
            let legal = Embedding::legal(&grid, &diagram, &[]).unwrap();
            let illegal = Embedding::illegal(&grid, &diagram, &[]).unwrap();
            let is_illegal = illegal.is_some();
            let embeddings: Vec<Embedding> =
                legal.into_iter().chain(illegal.map(|(e, _)| e)).collect();
            let count = embeddings.len();
            let ties: usize = diagram.nodes() - diagram.parts();
            let scene = Scene::new(grid.clone(), embeddings).unwrap();

            let svg = scene.svg();
            let document = roxmltree::Document::parse(&svg).expect("XML");
            let drawn = |class: &str| {
                let elements = document.descendants().filter_map(|n| n.attribute("class"));
                elements
                    .filter(|c| c.split(' ').any(|c| c == class))
                    .count()
            };
            assert_eq!(drawn("cell"), grid.updates() * grid.batch());
            assert_eq!(drawn("node"), count * diagram.nodes());
            assert_eq!(drawn("edge"), count * diagram.edges());
            assert_eq!(drawn("tie"), count * ties);
            assert_eq!(drawn("illegal") > 0, is_illegal, "{diagram}\n{svg}");

            let tikz = scene.tikz();
            let starting = |start: &str| tikz.lines().filter(|l| l.starts_with(start)).count();
            assert_eq!(starting("\\fill[cell]"), grid.updates() * grid.batch());
            assert_eq!(starting("\\node[vertex"), count * diagram.nodes());
            assert_eq!(starting("\\draw[black"), count * diagram.edges());
            assert_eq!(starting("\\draw[tie"), count * ties);
            assert_eq!(tikz.matches('{').count(), tikz.matches('}').count());

            let text = scene.unicode();
            assert_eq!(text.contains("illegal: "), is_illegal);
            assert_eq!(text.matches(&diagram.to_string()).count(), count);
            // Between the heading and the legend there is a capital letter for every placed node.
            let legend = text.find("\nA = ").unwrap_or(text.len());
            let nodes = text[..legend].chars().filter(char::is_ascii_uppercase);
            assert_eq!(nodes.count(), count * diagram.edges(), "{text}");
        }
    }
}

#[test]
fn the_papers_spacetimes_are_drawn() {
    // The spacetimes of Figure 1 have N = 8 and T = 16.
    let left = Spacetime::sgd(literal(8), literal(1), literal(2), Shuffle::EachEpoch);
    let right = Spacetime::sgd(literal(8), literal(2), literal(4), Shuffle::Never);
    for spacetime in [left, right] {
        let grid = concrete(&spacetime, 1).unwrap();
        assert_eq!((grid.rows(), grid.updates()), (8, 16));
        let mut embeddings = vec![];
        for compact in [
            "(01)(0-1)",
            "(01-12)(0-12)",
            "(01-02)(0-12)",
            "(01-12-23)(0-13-2)",
        ] {
            let diagram = compact.parse().unwrap();
            embeddings.extend(Embedding::legal(&grid, &diagram, &embeddings).unwrap());
        }
        assert_eq!(embeddings.len(), 4);
        let cells: Vec<Cell> = embeddings
            .iter()
            .flat_map(|e| (1..e.diagram().nodes()).filter_map(|node| e.cell(node)))
            .collect();
        assert_eq!(cells.len(), cells.iter().collect::<BTreeSet<_>>().len());
        let scene = Scene::new(grid, embeddings).unwrap();
        assert!(!scene.unicode().contains("illegal"));
        assert!(!scene.svg().contains("illegal"));
    }
}

#[test]
fn a_search_ends() {
    // The tied edge has no embedding, which the search finds only after it has placed the other nodes.
    let spacetime = Spacetime::sgd(literal(64), literal(1), literal(1), Shuffle::Never);
    let grid = concrete(&spacetime, 0).unwrap();
    let diagram: Diagram = "(01-02-03-04-15)(0-15-2-3-4)".parse().unwrap();
    assert_eq!(Embedding::legal(&grid, &diagram, &[]), Err(SearchTooLong));
}
