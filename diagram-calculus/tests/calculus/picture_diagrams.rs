//! Pictures of all diagrams with up to 4 edges, in which the drawn elements are counted.

use std::collections::BTreeMap;

use diagram_calculus::Diagram;
use diagram_calculus::enumerate;
use diagram_calculus::outline::{OutlineError, Outlined};
use diagram_calculus::picture::{self, NamesError, Sketch};

/// All diagrams with up to 4 edges and with one root, tied or untied, or two untied roots.
fn diagrams() -> Vec<Diagram> {
    let one = (0..=4).flat_map(enumerate::diagrams_with_root_ties);
    let two = (0..=4).flat_map(enumerate::diagram_pairs);
    one.chain(two).collect()
}

/// The number of nodes other than the first of every part.
fn ties(diagram: &Diagram) -> usize {
    diagram.nodes() - diagram.parts()
}

/// The nodes and edges in a drawing of box characters, found by following the lines from node to node.
struct Read {
    /// The marks of the nodes.
    marks: Vec<char>,
    /// The number of pairs of nodes that are joined by lines.
    edges: usize,
}

fn read(drawing: &str) -> Read {
    let lines: Vec<Vec<char>> = drawing.lines().map(|line| line.chars().collect()).collect();
    let at = |x: usize, y: usize| {
        let line = lines.get(y);
        line.and_then(|line| line.get(x)).copied().unwrap_or(' ')
    };
    let is_node = |c: char| c == '●' || ('ⓐ'..='ⓩ').contains(&c);
    let arms = |c: char| match c {
        '─' => "lr",
        '│' => "ud",
        '┐' => "ld",
        '┘' => "lu",
        '├' => "udr",
        '┤' => "udl",
        '┬' => "ldr",
        '┴' => "lur",
        '┼' => "lurd",
        _ => "",
    };
    let mut marks = vec![];
    let mut edges = 0;
    for (y, line) in lines.iter().enumerate() {
        for (x, &c) in line.iter().enumerate() {
            if !is_node(c) {
                continue;
            }
            marks.push(c);
            // Every child has a line to its right, which ends at its parent.
            let (mut found, mut seen) = (vec![], vec![(x, y)]);
            let mut ahead = if arms(at(x + 1, y)).contains('l') {
                vec![(x + 1, y)]
            } else {
                vec![]
            };
            while let Some((x, y)) = ahead.pop() {
                if seen.contains(&(x, y)) {
                    continue;
                }
                seen.push((x, y));
                let c = at(x, y);
                let mut go = |arm: char, x: usize, y: usize, back: char| {
                    if !arms(c).contains(arm) {
                        return;
                    }
                    let next = at(x, y);
                    if is_node(next) {
                        // Nodes to the left of a line are siblings.
                        if arm == 'r' {
                            found.push((x, y));
                        }
                    } else {
                        assert!(arms(next).contains(back), "{c}{next} in\n{drawing}");
                        ahead.push((x, y));
                    }
                };
                go('r', x + 1, y, 'l');
                go('l', x.wrapping_sub(1), y, 'r');
                go('u', x, y.wrapping_sub(1), 'd');
                go('d', x, y + 1, 'u');
            }
            assert!(found.len() <= 1, "two parents in\n{drawing}");
            edges += found.len();
        }
    }
    Read { marks, edges }
}

#[test]
fn text_shows_every_node_edge_and_tie() {
    for diagram in diagrams() {
        let drawing = picture::unicode(&diagram);
        let read = read(&drawing);
        assert_eq!(read.marks.len(), diagram.nodes(), "{diagram}\n{drawing}");
        assert_eq!(read.edges, diagram.edges(), "{diagram}\n{drawing}");
        let mut sizes: BTreeMap<char, usize> = BTreeMap::new();
        for mark in read.marks.into_iter().filter(|&mark| mark != '●') {
            *sizes.entry(mark).or_default() += 1;
        }
        let mut drawn: Vec<usize> = sizes.into_values().collect();
        let parts = (0..diagram.parts()).map(|part| diagram.members(part).count());
        let mut expected: Vec<usize> = parts.filter(|&size| size > 1).collect();
        drawn.sort_unstable();
        expected.sort_unstable();
        assert_eq!(drawn, expected, "{diagram}\n{drawing}");
    }
}

#[test]
fn svg_is_well_formed_and_complete() {
    for diagram in diagrams() {
        let drawing = picture::svg(&diagram);
        let document = roxmltree::Document::parse(&drawing).expect("XML");
        let count = |class| {
            let nodes = document.descendants();
            nodes
                .filter(|node| node.attribute("class") == Some(class))
                .count()
        };
        assert_eq!(count("node"), diagram.nodes());
        assert_eq!(count("edge"), diagram.edges());
        assert_eq!(count("tie"), ties(&diagram));
        // All nodes are within the picture.
        let root = document.root_element();
        let size = |name| root.attribute(name).unwrap().parse::<f64>().unwrap();
        let (width, height) = (size("width"), size("height"));
        assert_eq!(
            root.attribute("viewBox").unwrap(),
            format!("0 0 {width} {height}")
        );
        let mut spots = vec![];
        for circle in document.descendants().filter(|n| n.has_tag_name("circle")) {
            let read = |name| circle.attribute(name).unwrap().parse::<f64>().unwrap();
            let (x, y) = (read("cx"), read("cy"));
            assert!(x > 0.0 && x < width && y > 0.0 && y < height);
            spots.push((x.to_bits(), y.to_bits()));
        }
        spots.sort_unstable();
        spots.dedup();
        assert_eq!(spots.len(), diagram.nodes(), "two nodes on one spot");
        // A parent is to the right of its children.
        for line in document.descendants().filter(|n| n.has_tag_name("line")) {
            let read = |name| line.attribute(name).unwrap().parse::<f64>().unwrap();
            assert!(read("x1") < read("x2"));
        }
    }
}

fn braces_balance(text: &str) {
    for (open, close) in [('{', '}'), ('[', ']'), ('(', ')')] {
        let mut depth = 0_usize;
        for c in text.chars() {
            if c == open {
                depth += 1;
            } else if c == close {
                depth = depth.checked_sub(1).expect("closed before opened");
            }
        }
        assert_eq!(depth, 0, "{text}");
    }
}

#[test]
fn tikz_balances_and_is_complete() {
    for diagram in diagrams() {
        let drawing = picture::tikz(&diagram);
        braces_balance(&drawing);
        let starting = |start: &str| drawing.lines().filter(|l| l.starts_with(start)).count();
        assert_eq!(starting("\\node["), diagram.nodes());
        assert_eq!(starting("\\draw ("), diagram.edges());
        assert_eq!(starting("\\draw[tie]"), ties(&diagram));
        assert_eq!(starting("\\begin{tikzpicture}"), 1);
        assert!(drawing.ends_with("\\end{tikzpicture}\n"));
    }
}

#[test]
fn dot_has_a_line_for_everything() {
    for diagram in diagrams() {
        let drawing = picture::dot(&diagram);
        braces_balance(&drawing);
        let lines = |what: &str| drawing.lines().filter(|line| line.contains(what)).count();
        assert_eq!(lines("class=edge"), diagram.edges());
        assert_eq!(lines("class=tie"), ties(&diagram));
        let nodes = drawing.lines().filter(|line| {
            let line = line.trim().trim_end_matches(';');
            line.parse::<usize>().is_ok()
        });
        assert_eq!(nodes.count(), diagram.nodes());
    }
}

#[test]
fn different_diagrams_look_different() {
    for draw in [Sketch::unicode, Sketch::svg, Sketch::tikz, Sketch::dot] {
        let mut seen = BTreeMap::new();
        for diagram in diagrams() {
            let other = seen.insert(draw(&Sketch::from(&diagram)), diagram.clone());
            assert_eq!(other, None, "looks like {diagram}");
        }
    }
}

#[test]
fn outlines_are_no_ties() {
    let parents = [None, Some(0), Some(1), Some(1)];
    let outlined = Outlined::new(&parents, &[0, 1, 2, 3], &[(2, 3)]).unwrap();
    let tied = Outlined::new(&parents, &[0, 1, 2, 2], &[]).unwrap();
    for (draw, tie, outline) in [
        (
            Sketch::svg as fn(&Sketch) -> String,
            "class=\"tie\"",
            "class=\"outline\"",
        ),
        (Sketch::tikz, "\\draw[tie]", "\\draw[outline]"),
        (Sketch::dot, "class=tie", "class=outline"),
    ] {
        let count = |drawing: &str, what: &str| drawing.matches(what).count();
        let (a, b) = (draw(&(&outlined).into()), draw(&(&tied).into()));
        assert_eq!((count(&a, tie), count(&a, outline)), (0, 1));
        assert_eq!((count(&b, tie), count(&b, outline)), (1, 0));
    }
    assert!(picture::unicode(&outlined).ends_with("\nⓐ┄┄ⓑ\n"));
    assert!(!picture::unicode(&tied).contains('┄'));
}

#[test]
fn equal_sums_compare_equal_however_drawn() {
    let one = Outlined::new(&[None, Some(0), Some(0)], &[0, 1, 2], &[(1, 2)]).unwrap();
    let other = Outlined::new(&[Some(2), Some(2), None], &[0, 1, 2], &[(1, 0)]).unwrap();
    assert_eq!(one, other);
    assert_eq!(one.cmp(&other), std::cmp::Ordering::Equal);
}

#[test]
fn names_are_escaped() {
    let sketch = Sketch::new(&[None, Some(0)], &[0, 1], &[])
        .unwrap()
        .with_names([r#"<&">]]>"#, r"\{_^~%$#}"])
        .unwrap();
    let svg = sketch.svg();
    let document = roxmltree::Document::parse(&svg).expect("XML");
    let texts: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .collect();
    assert_eq!(texts, [r#"<&">]]>"#, r"\{_^~%$#}"]);
    // Brackets and parentheses of a name are harmless within braces.
    let tikz = sketch.tikz();
    assert_eq!(tikz.matches('{').count(), tikz.matches('}').count());
    assert!(tikz.contains(r"\textbackslash{}\textbraceleft{}\_\textasciicircum{}"));
    assert!(sketch.dot().contains(r#"[xlabel="<&\">]]>"]"#));
    assert!(sketch.unicode().contains(r"●\{_^~%$#}"));
}

#[test]
fn bad_input_is_an_error() {
    let sketch = Sketch::new(&[None, Some(0)], &[0, 1], &[]).unwrap();
    assert_eq!(
        sketch.clone().with_names(["only one"]).unwrap_err(),
        NamesError::Length { names: 1, nodes: 2 }
    );
    for bad in ["line\nbreak", "\u{ffff}", &"x".repeat(41)] {
        let error = sketch.clone().with_names(["", bad]).unwrap_err();
        assert!(matches!(error, NamesError::Undrawable { node: 1, .. }));
    }
    assert!(matches!(
        Sketch::new(&[Some(1), Some(0)], &[0, 1], &[]),
        Err(OutlineError::Diagram(_))
    ));
}

#[test]
fn the_largest_diagrams_are_drawn() {
    let chain: Vec<Option<usize>> = (0..21_usize).map(|node| node.checked_sub(1)).collect();
    let star: Vec<Option<usize>> = (0..21).map(|node| (node > 0).then_some(0)).collect();
    let parts: Vec<usize> = (0..21).map(|node| node / 2).collect();
    for parents in [chain, star] {
        let sketch = Sketch::new(&parents, &parts, &[]).unwrap();
        let read = read(&sketch.unicode());
        assert_eq!((read.marks.len(), read.edges), (21, 20));
    }
    // Sixteen parts have outlines, and there are further parts of several nodes.
    let lone = vec![None; 21];
    let parts: Vec<usize> = (0..21_usize).map(|node| node.min(16 + node / 18)).collect();
    let outlines: Vec<(usize, usize)> = (0..8).map(|at| (2 * at, 2 * at + 1)).collect();
    let sketch = Sketch::new(&lone, &parts, &outlines).unwrap();
    assert_eq!(sketch.unicode().matches('┄').count(), 16);
}
