//! Texts whose careless parsing or checking would take a very long time or overflow the stack.

use diagram_language::parse_text;

/// The message of the first mistake.
fn first_mistake(text: &str) -> String {
    let answer = crate::read(text);
    answer.expect_err("it is refused").0[0].message.clone()
}

const ONE: &str = "spacetime S = sgd(train: N, batch: 1, epochs: 1);";

fn nested(depth: usize, open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

fn joined(range: std::ops::Range<usize>, item: impl Fn(usize) -> String) -> String {
    range.map(item).collect::<Vec<_>>().concat()
}

#[test]
fn brackets_in_brackets() {
    for depth in [65, 1_000, 100_000] {
        let set = nested(depth, "(", "all(edges <= 1)", ")");
        let message = first_mistake(&format!("{ONE} predictor P: test_loss in S = {set};"));
        assert_eq!(message, "more than 64 brackets stand in each other");
        let condition = nested(depth, "!(", "trees", ")");
        first_mistake(&format!("{ONE} set A = all(edges <= 1) where {condition};"));
        let tree = nested(depth, "a(", "b", ")");
        first_mistake(&format!("{ONE} diagram d = {tree};"));
        first_mistake(&nested(depth, "[", "", "]"));
    }
    let set = nested(60, "(", "all(edges <= 1)", ")");
    parse_text(&format!("{ONE} predictor P: test_loss in S = {set};"))
        .expect("that is deep enough");
}

#[test]
fn many_signs_and_operators() {
    let nots = "!".repeat(20_001);
    let text = format!("{ONE} predictor P: test_loss in S = all(edges <= 2) where {nots}trees;");
    let model = parse_text(&text).expect("an odd number of them");
    assert_eq!(
        model.predictors[0].content.as_ref().map(|c| c.terms.len()),
        Some(2)
    );
    let ors = "trees || ".repeat(20_000);
    let text = format!("{ONE} predictor P: test_loss in S = all(edges <= 2) where {ors} trees;");
    assert!(parse_text(&text).is_ok());
    let unions = "all(edges <= 1) | ".repeat(2_000);
    let text = format!("{ONE} predictor P: test_loss in S = {unions} all(edges <= 1);");
    assert!(parse_text(&text).is_ok());
    let sums = "P + ".repeat(2_000);
    let text =
        format!("{ONE} predictor P: test_loss in S = all(edges <= 1); predictor Q = {sums} P;");
    assert!(parse_text(&text).is_ok());
}

#[test]
fn sets_of_sets() {
    // Each set names the previous one twice.
    let doubled = joined(1..60, |k| format!("set A{k} = A{} | A{};", k - 1, k - 1));
    let text =
        format!("{ONE} set A0 = all(edges <= 1); {doubled} predictor P: test_loss in S = A59;");
    assert!(parse_text(&text).is_ok());
    // A chain of 5,000 sets, each of which is defined by the previous one.
    let chain = joined(1..5_000, |k| format!("set A{k} = A{};", k - 1));
    let text =
        format!("{ONE} set A0 = all(edges <= 1); {chain} predictor P: test_loss in S = A4999;");
    let _ = crate::read(&text);
}

#[test]
fn large_diagrams() {
    let nodes: Vec<String> = (0..100_000).map(|k| format!("n{k}")).collect();
    let message = first_mistake(&format!("{ONE} diagram d = root({});", nodes.join(", ")));
    assert_eq!(
        message,
        "100001 nodes are more than the 21 that a diagram may have"
    );
    let star = &nodes[..20];
    for shuffle in ["never", "each_epoch"] {
        let text = format!(
            "spacetime S = sgd(train: N, batch: B, epochs: E, shuffle: {shuffle}); diagram d = root({}); diagram e = root({}) where n0 ~ n1;
             predictor P: test_loss in S = {{ d }} | {{ e }} where contains(d);",
            star.join(", "),
            star.join(", ")
        );
        assert!(first_mistake(&text).contains("20 nodes below the root"));
    }
}

#[test]
fn large_numbers() {
    for text in [
        "predictor P: test_loss in S = all(edges <= 9, limit: 99999999999);",
        "predictor P: test_loss in S = all(edges <= 18446744073709551615);",
        "predictor P: test_loss in S = all(edges <= 18446744073709551616);",
        "predictor P: train_loss in S = resummed all(edges <= 9);",
        "predictor P: test_loss in S = resummed all(edges == 20, limit: 1000000);",
        "predictor P: second_moment in S = all(edges == 20, limit: 1000000);",
        "spacetime T = gd(train: N, steps: 18446744073709551616);",
        "spacetime T = gd(train: N, steps: 10000000000 * 10000000000);",
    ] {
        first_mistake(&format!("{ONE} {text}"));
    }
    let factors = "N * ".repeat(100_000);
    first_mistake(&format!("spacetime T = gd(train: N, steps: {factors} N);"));
    let large = u64::MAX;
    let text = format!(
        "spacetime T = sgd(train: {large}, batch: 1, epochs: {large}, shuffle: each_epoch); predictor P: generalization_gap in T = all(edges <= 3);"
    );
    assert!(parse_text(&text).is_ok());
}

/// Whether a re-summed diagram has an embedding is decided in spacetimes that are no larger than the diagram needs.
#[test]
fn large_spacetimes_of_resummed_diagrams() {
    let large = u64::MAX;
    for spacetime in [
        format!("sgd(train: {large}, batch: 1, epochs: {large})"),
        format!("sgd(train: {large}, batch: {large}, epochs: 3, shuffle: each_epoch)"),
        "sgd(train: 1000000, batch: 1000, epochs: 2)".to_string(),
        format!("gd(train: {large}, steps: {large})"),
    ] {
        let text = format!(
            "spacetime S = {spacetime}; predictor P: train_loss in S = resummed all(edges <= 3);"
        );
        let model = parse_text(&text).expect("it is right");
        assert!(model.resummed[0].content.is_some());
    }
}

#[test]
fn many_items() {
    let items = joined(0..3_000, |k| {
        format!("diagram d{k} = root(a); predictor P{k}: test_loss in S = {{ d{k} }};")
    });
    assert!(parse_text(&format!("{ONE} {items}")).is_ok());
    let sums = joined(1..400, |k| {
        format!("predictor P{k} = P{} + P{};", k - 1, k - 1)
    });
    let text = format!("{sums} {ONE} predictor P0: test_loss in S = all(edges <= 1);");
    assert!(parse_text(&text).is_ok());
    let unknown = joined(0..1_000, |k| {
        format!("predictor Q{k}: test_loss in Unknown = {{ d{k} }};")
    });
    first_mistake(&format!("{ONE} {unknown}"));
}
