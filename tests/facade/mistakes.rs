//! Mistakes in text have the words of the compiler's errors, which `tests/ui` shows.

/// Line, column, message and help of each mistake.
fn mistakes(text: &str) -> Vec<(usize, usize, String, String)> {
    let mistakes = diagrams::parse(text).unwrap_err().0;
    let parts = mistakes
        .into_iter()
        .map(|m| (m.line, m.column, m.message, m.help));
    parts.collect()
}

/// Each of these texts is a part of a case in `tests/ui`, whose errors have these words.
fn are_those_of_the_compiler(text: &str, errors: &str) {
    for (_, _, message, help) in mistakes(text) {
        let expected = format!("error: {message}\n\n       help: {help}\n");
        assert!(errors.contains(&expected), "{expected}\nin\n{errors}");
    }
}

#[test]
fn unknown_fields() {
    let text = "spacetime Replaced = sgd(train: N, batch: 1, replacement: true);
        spacetime Shuffled = sgd(train: N, batch: \"1\", epochs: 1, shufle: true);
        network M = input(3, channels: 1) -> flatten(axis: 0) -> dense(4, init: zero) -> cross_entropy;";
    assert_eq!(mistakes(text).len(), 7);
    are_those_of_the_compiler(text, include_str!("../ui/unknown_fields.stderr"));
}

#[test]
fn names_of_other_texts() {
    let text = "predictor Again: test_loss in OneEpoch = { chain };
        predictor Chains: test_loss in OneEpoch = chains;";
    assert_eq!(mistakes(text).len(), 4);
    are_those_of_the_compiler(text, include_str!("../ui/names_of_other_blocks.stderr"));
}

#[test]
fn words_of_rust() {
    let text = "spacetime type = gd(train: N, steps: T);
        diagram chain = root(match(a));";
    assert_eq!(mistakes(text).len(), 2);
    are_those_of_the_compiler(text, include_str!("../ui/words_of_rust.stderr"));
}
