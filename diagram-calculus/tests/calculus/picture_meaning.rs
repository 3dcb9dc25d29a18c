//! Expressions are equal if and only if values are, and different diagrams have different sentences.

use std::collections::BTreeMap;

use diagram_calculus::outline::Outlined;
use diagram_calculus::picture::meaning::{Notation, expression, outlined, sentence};
use diagram_calculus::{Diagram, ValueClass, enumerate};

fn diagrams(edges: usize) -> impl Iterator<Item = Diagram> {
    let one = (0..=edges).flat_map(enumerate::diagrams_with_root_ties);
    one.chain((0..=edges).flat_map(enumerate::diagram_pairs))
}

/// All value classes with up to 4 edges, including vectors.
fn classes() -> Vec<ValueClass> {
    let mut classes: Vec<ValueClass> = diagrams(4)
        .flat_map(|d| [Some(d.value_class()), d.displacement_class()])
        .flatten()
        .collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

#[test]
fn equal_values_and_only_those_are_written_alike() {
    for notation in [Notation::Text, Notation::Latex] {
        let mut seen: BTreeMap<String, ValueClass> = BTreeMap::new();
        for class in classes() {
            let text = expression(&class, notation);
            if let Some(other) = seen.insert(text.clone(), class.clone()) {
                panic!("{other} and {class} are both {text}");
            }
        }
    }
}

/// The tensors in an expression, as (order, datapoint).
fn tensors(text: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    let words = text.split(|c: char| " []()".contains(c));
    for word in words.filter(|word| !word.is_empty() && *word != "," && *word != "E") {
        let word = word.trim_end_matches(',');
        let (symbol, datapoint) = word.split_once('_').unwrap_or((word, ""));
        let order = match symbol {
            "l" => 0,
            "G" | "g" => 1,
            "H" | "h" => 2,
            "J" | "j" => 3,
            "∇⁴l" => 4,
            "∇⁵l" => 5,
            power if power.starts_with('η') => continue,
            other => panic!("{other} in {text}"),
        };
        found.push((order, datapoint.to_string()));
    }
    found
}

#[test]
fn every_node_is_the_derivative_of_its_degree() {
    for class in classes() {
        let text = expression(&class, Notation::Text);
        let tensors = tensors(&text);
        let mut orders: Vec<usize> = tensors.iter().map(|(order, _)| *order).collect();
        let mut degrees: Vec<usize> = (0..class.nodes()).map(|node| class.degree(node)).collect();
        orders.sort_unstable();
        degrees.sort_unstable();
        assert_eq!(orders, degrees, "{class}: {text}");
        // The number of nodes at each datapoint is the size of a part; untied nodes are parts of one node.
        let mut together: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, datapoint) in &tensors {
            *together.entry(datapoint).or_default() += 1;
        }
        let untied = together.remove("").unwrap_or(0);
        let mut drawn: Vec<usize> = together.into_values().chain(vec![1; untied]).collect();
        let mut sizes = vec![0; class.parts()];
        for node in 0..class.nodes() {
            sizes[class.part(node)] += 1;
        }
        drawn.sort_unstable();
        sizes.sort_unstable();
        assert_eq!(drawn, sizes, "{class}: {text}");
        // The power of η is the order.
        let powers = ["", "η ", "η² ", "η³ ", "η⁴ "];
        let power = powers.iter().rposition(|power| text.starts_with(power));
        assert_eq!(power, Some(class.order()), "{text}");
    }
}

#[test]
fn different_diagrams_have_different_sentences() {
    let mut seen: BTreeMap<String, Diagram> = BTreeMap::new();
    for diagram in diagrams(4) {
        let words = sentence(&diagram);
        assert_eq!(words.matches('(').count(), words.matches(')').count());
        let other = seen.insert(words.clone(), diagram.clone());
        assert_eq!(other, None, "{diagram}: {words}");
    }
}

#[test]
fn values_of_the_paper() {
    let text = |compact: &str| {
        let diagram: Diagram = compact.parse().unwrap();
        expression(&diagram.value_class(), Notation::Text)
    };
    // These are in sections 1.2 and 1.4.
    assert_eq!(text("()(0)"), "l");
    assert_eq!(text("(01)(0-1)"), "η G G");
    assert_eq!(text("(01-12)(0-1-2)"), "η² G H G");
    assert_eq!(text("(01-02)(0-1-2)"), "η² G H G");
    assert_eq!(text("(01-12)(0-12)"), "η² E[g_n h_n] G");
    assert_eq!(text("(01-12-13)(0-1-2-3)"), "η³ J[G, G, G]");
    assert_eq!(text("(01-12-23-34)(0-14-23)"), "η⁴ E[g_n h_m h_m h_n] G");
    assert_eq!(text("(01-02-03-04)(0-1-2-3-4)"), "η⁴ ∇⁴l[G, G, G, G]");
}

#[test]
fn displacements_are_vectors() {
    let diagram: Diagram = "(01-12)(0-12)".parse().unwrap();
    let class = diagram.displacement_class().unwrap();
    assert_eq!(expression(&class, Notation::Text), "η² E[h_n g_n]");
}

#[test]
fn outlines_are_differences() {
    let parents = [None, Some(0), Some(1), Some(1)];
    let entropic = Outlined::new(&parents, &[0, 1, 2, 3], &[(2, 3)]).unwrap();
    assert_eq!(
        outlined(&entropic, Notation::Text),
        "η³ (E[J[g_n, g_n, G]] - J[G, G, G])"
    );
    assert_eq!(
        sentence(&entropic),
        "An update (changed by an earlier update on datapoint n and an earlier update on datapoint m) meets the \
         gradient of the test loss: only what it adds if n and m are one datapoint."
    );
}
