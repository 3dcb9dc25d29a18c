//! Generated networks: their text is read as the same network, in a declaration and alone; and texts that would take very long if read carelessly.

use std::fmt::Write;

use diagram_networks::{
    Activation, At, Attention, Convolution, Declaration, Dense, Layer, LayerKind, Loss, Network,
    NetworkErrors, Parametrization, Penalty, Problem, Shape,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

fn input() -> impl Strategy<Value = Shape> {
    prop_oneof![
        (1..9_usize).prop_map(Shape::Vector),
        (1..4_usize, 1..9_usize, 1..9_usize).prop_map(|(c, h, w)| Shape::image(c, h, w)),
        (1..7_usize, 1..5_usize).prop_map(|(tokens, width)| Shape::sequence(tokens, width)),
        (1..7_usize).prop_map(Shape::Tokens),
    ]
}

fn kind() -> impl Strategy<Value = LayerKind> {
    let convolution = (
        1..5_usize,
        1..4_usize,
        1..3_usize,
        0..3_usize,
        1..3_usize,
        any::<bool>(),
    );
    prop_oneof![
        convolution.prop_map(|(outputs, kernel, stride, padding, groups, bias)| {
            LayerKind::Convolution(Convolution {
                outputs,
                kernel,
                stride,
                padding,
                groups,
                bias,
            })
        }),
        (1..5_usize, any::<bool>())
            .prop_map(|(outputs, bias)| LayerKind::Dense(Dense { outputs, bias })),
        (1..3_usize).prop_map(|size| LayerKind::AveragePool { size }),
        Just(LayerKind::Flatten),
        any::<bool>().prop_map(|affine| LayerKind::LayerNorm { affine }),
        Just(LayerKind::Scale),
        (1..9_usize, 1..5_usize)
            .prop_map(|(vocabulary, width)| LayerKind::Embedding { vocabulary, width }),
        (1..3_usize, any::<bool>(), any::<bool>()).prop_map(|(heads, causal, bias)| {
            LayerKind::Attention(Attention {
                heads,
                causal,
                bias,
            })
        }),
        select(&Activation::ALL[..]).prop_map(LayerKind::Activation),
    ]
}

const NAMES: &[&str] = &[
    "logits", "type", "conv", "x1", "_", "größe", "e\u{301}", "input", "l2",
];

fn layer() -> impl Strategy<Value = Layer> {
    let leaf = (option::weighted(0.2, select(NAMES)), kind());
    let leaf = leaf.prop_map(|(name, kind)| Layer {
        name: name.map(String::from),
        kind,
    });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let name = option::weighted(0.3, select(NAMES));
        (name, vec(inner, 1..4)).prop_map(|(name, layers)| Layer {
            name: name.map(String::from),
            kind: LayerKind::Residual(layers),
        })
    })
}

/// A declaration, most of which do not fit together.
fn declaration() -> impl Strategy<Value = (Declaration, Loss)> {
    let parametrization = select(vec![Parametrization::Xavier, Parametrization::Standard]);
    let coefficients = prop_oneof![0.0..2.0_f64, Just(1e-300), Just(1e300), Just(3.0)];
    let paths = select(vec!["logits", "0", "1.0", "type", "x1.2.0", "0.1.1.0"]);
    let penalty = (coefficients, option::of(vec(paths, 1..3)));
    let penalty = penalty.prop_map(|(coefficient, layers)| Penalty {
        coefficient,
        layers: layers.map(|layers| layers.into_iter().map(String::from).collect()),
    });
    (
        input(),
        parametrization,
        vec(layer(), 0..6),
        vec(penalty, 0..3),
        select(&Loss::ALL[..]),
    )
        .prop_map(|(input, parametrization, layers, penalties, loss)| {
            let declaration = Declaration {
                input,
                parametrization,
                layers,
                penalties,
            };
            (declaration, loss)
        })
}

/// The text of a declaration that need not fit together.
fn text(declaration: &Declaration, loss: Loss) -> String {
    // Any network prints its input.
    let begin = Declaration {
        layers: vec![Dense::new(2).into()],
        penalties: vec![],
        ..declaration.clone()
    };
    let embedded = match declaration.input {
        Shape::Tokens(_) => vec![Layer::embedding(2, 2)],
        _ => vec![],
    };
    let begin = Declaration {
        layers: embedded.into_iter().chain(begin.layers).collect(),
        ..begin
    };
    let begin = begin.loss(Loss::MeanSquared).expect("sound").to_string();
    let mut text = begin.split(" -> ").next().unwrap_or_default().to_string();
    for layer in &declaration.layers {
        let _ = write!(text, " -> {layer}");
    }
    let _ = write!(text, " -> {}", loss.name());
    for penalty in &declaration.penalties {
        let _ = write!(text, " + {penalty}");
    }
    text
}

/// The layers and penalties of a declaration that fit, and a last layer that makes a network of them.
fn fitted(declaration: Declaration, loss: Loss) -> Network {
    let end = |declaration: &Declaration| {
        let outputs = if loss == Loss::BinaryLogistic { 1 } else { 2 };
        let declaration = declaration.clone().then(Layer::flatten());
        declaration.then(Dense::new(outputs)).loss(loss)
    };
    let mut fitting =
        Network::input(declaration.input).parametrization(declaration.parametrization);
    if let Shape::Tokens(_) = declaration.input {
        fitting = fitting.then(Layer::embedding(3, 4));
    }
    for layer in declaration.layers {
        let longer = fitting.clone().then(layer);
        if end(&longer).is_ok() {
            fitting = longer;
        }
    }
    for penalty in declaration.penalties {
        let mut longer = fitting.clone();
        longer.penalties.push(penalty);
        if end(&longer).is_ok() {
            fitting = longer;
        }
    }
    end(&fitting).expect("all of it fits")
}

proptest! {
    #![proptest_config(crate::config(1_000))]

    #[test]
    fn networks_are_read_as_they_are_printed((declaration, loss) in declaration()) {
        let network = fitted(declaration, loss);
        let text = network.to_string();
        assert_eq!(crate::read_network(&text).as_ref(), Ok(&network), "{text}");
        let model = crate::read(&format!("/// Words\npub network A = {text};"));
        let model = model.expect("it is right alone");
        assert_eq!(model.networks[0].network.as_ref(), Some(&network), "{text}");
    }

    #[test]
    fn texts_are_read_as_what_they_declare((declaration, loss) in declaration()) {
        let text = text(&declaration, loss);
        let built: Result<Network, NetworkErrors> = declaration.loss(loss);
        match (built, crate::read_network(&text)) {
            (Ok(built), Ok(read)) => {
                assert_eq!(built, read, "{text}");
                assert_eq!(built.to_string(), text);
            }
            // Each mistake is reported once, and nothing more.
            (Err(errors), Err(mistakes)) => {
                let is_first = |mistake: &&diagram_language::Mistake| !mistake.help.is_empty();
                let first = mistakes.0.iter().filter(is_first).count();
                assert_eq!(first, errors.0.len(), "{errors}\n{mistakes}\n{text}");
            }
            (Ok(_), Err(mistakes)) => panic!("{mistakes}\n{text}"),
            (built, Ok(read)) => panic!("{built:?}\n{read}"),
        }
    }
}

proptest! {
    #![proptest_config(crate::config(1_000))]

    #[test]
    fn names_are_refused_or_read(name in prop_oneof!["\\PC{0,3}", "[Ⓐⓩªªº℘·_a1]{1,3}", any::<String>()]) {
        let network = Network::input(Shape::Vector(3))
            .then(Dense::new(2).named(&name[..]))
            .l2_of(0.5, [&name[..]])
            .loss(Loss::CrossEntropy);
        match network {
            Ok(network) => {
                let text = network.to_string();
                assert_eq!(crate::read_network(&text).as_ref(), Ok(&network), "{text}");
            }
            Err(errors) => {
                let refused = Problem::NotAName { name: name.clone() };
                assert!(errors.0.iter().any(|error| error.problem == refused), "{errors}");
                assert!(!diagram_networks::is_name(&name), "{name}");
            }
        }
    }
}

#[test]
fn letters_in_circles_are_no_names() {
    let layers = Network::input(Shape::Vector(3)).then(Dense::new(2).named("Ⓐ"));
    let errors = layers.loss(Loss::CrossEntropy).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "layer Ⓐ: \"Ⓐ\" is no name; take letters, digits and underscores, and a letter first"
    );
}

/// The places and problems of a network that is built, in order.
fn mistakes_of(declaration: Declaration) -> Vec<(At, Problem)> {
    let errors = declaration.loss(Loss::CrossEntropy).unwrap_err();
    errors
        .0
        .into_iter()
        .map(|error| (error.at, error.problem))
        .collect()
}

#[test]
fn shapes_are_told_after_mistakes_that_leave_no_doubt_about_them() {
    // The sizes of the image are known after groups that do not divide, and a residual layer gives what it reads.
    let image = Shape::image(3, 8, 8);
    let found = mistakes_of(
        Network::input(image)
            .then(Convolution::new(4, 3).padding(1).groups(2).named("a b"))
            .then(Layer::residual([
                Convolution::new(4, 20).into(),
                Layer::average_pool(7),
            ]))
            .then(Layer::residual([Layer::average_pool(2)]))
            .then(Layer::average_pool(3))
            .then(Layer::average_pool(5))
            .then(Dense::new(1))
            .l2_of(1.0, ["none"]),
    );
    let small = Shape::image(4, 8, 8);
    assert_eq!(
        found,
        [
            (At::Layer(vec![0]), Problem::NotAName { name: "a b".into() }),
            (
                At::Layer(vec![0]),
                Problem::Groups {
                    groups: 2,
                    channels: 3,
                    which: "input"
                }
            ),
            (
                At::Layer(vec![1, 0]),
                Problem::Kernel {
                    kernel: 20,
                    image: small,
                    padding: 0
                }
            ),
            (
                At::Layer(vec![2]),
                Problem::Residual {
                    before: small,
                    after: Shape::image(4, 4, 4)
                }
            ),
            (
                At::Layer(vec![3]),
                Problem::Pool {
                    size: 3,
                    found: small
                }
            ),
            (
                At::Penalty(0, Some(0)),
                Problem::PenaltyOf {
                    name: "none".into(),
                    names: vec!["a b".into(), "1.0".into(), "5".into()],
                    more: 0
                }
            ),
        ]
    );
}

#[test]
fn all_mistakes_of_one_layer_are_told() {
    let found = mistakes_of(
        Network::input(Shape::image(3, 8, 8))
            .then(Convolution::new(5, 20).groups(2))
            .then(Dense::new(0)),
    );
    let groups = |channels, which| Problem::Groups {
        groups: 2,
        channels,
        which,
    };
    assert_eq!(
        found,
        [
            (At::Layer(vec![0]), groups(3, "input")),
            (At::Layer(vec![0]), groups(5, "output")),
            (
                At::Layer(vec![0]),
                Problem::Kernel {
                    kernel: 20,
                    image: Shape::image(3, 8, 8),
                    padding: 0
                }
            ),
            (
                At::Layer(vec![1]),
                Problem::Zero {
                    what: "the number of outputs"
                }
            ),
        ]
    );
}

#[test]
fn layers_after_one_that_is_too_large_are_not() {
    let found = mistakes_of(
        Network::input(Shape::Vector(1000))
            .then(Layer::residual([
                Dense::new(1 << 30).into(),
                Dense::new(1000).into(),
            ]))
            .then(Dense::new(1)),
    );
    assert_eq!(
        found,
        [
            (At::Layer(vec![0, 0]), Problem::TooLarge),
            (
                At::Loss,
                Problem::Outputs {
                    loss: Loss::CrossEntropy,
                    expected: "an output for each of at least two classes",
                    found: Shape::Vector(1)
                }
            ),
        ]
    );
}

fn joined(count: usize, item: impl Fn(usize) -> String, separator: &str) -> String {
    let items: Vec<String> = (0..count).map(item).collect();
    items.join(separator)
}

#[test]
fn large_sizes() {
    let largest = usize::MAX;
    for text in [
        "input(1000000000, 1000000000, 1000000000) -> dense(2) -> cross_entropy".to_string(),
        "input(tokens: 4) -> embedding(1000000000, 1000000000) -> dense(2) -> cross_entropy".into(),
        format!("input({largest}) -> dense({largest}) -> cross_entropy"),
        format!(
            "input(tokens: {largest}, width: {largest}) -> attention -> dense({largest}) -> cross_entropy"
        ),
        "input(tokens: 4000000000, width: 1) -> attention -> dense(4000000000) -> cross_entropy"
            .into(),
        "input(tokens: 4294967291, width: 1) -> avg_pool(3) -> dense(2) -> cross_entropy".into(),
        format!(
            "input(1, 8, 8) -> conv({largest}, kernel: {largest}, stride: {largest}, pad: {largest}, groups: {largest}) -> dense(2) -> cross_entropy"
        ),
        format!(
            "input(3) -> dense(2) -> cross_entropy + l2({})",
            "9".repeat(10_000)
        ),
    ] {
        assert!(crate::read_network(&text).is_err(), "{text}");
    }
}

#[test]
fn many_layers() {
    let many = 3_000;
    let layers = joined(many, |k| format!("a{k}: dense(3)"), " -> ");
    let names = joined(many, |k| format!("a{k}"), ", ");
    let text = format!("input(3) -> {layers} -> cross_entropy + l2(0.1, {names})");
    let network = crate::read_network(&text).expect("it is right");
    assert_eq!(network.layers().len(), many);
    let wrong = joined(many, |k| format!("b{k}"), ", ");
    let text = format!("input(3) -> {layers} -> cross_entropy + l2(0.1, {wrong})");
    assert!(crate::read_network(&text).is_err());
    let text = format!(
        "input(3) {}",
        "-> dense(foo, bar: 1) -> relu + l2 ".repeat(many)
    );
    assert!(crate::read_network(&text).is_err());
    let text = format!("input(3) {} cross_entropy", "-> x: ".repeat(many));
    assert!(crate::read_network(&text).is_err());
}

#[test]
fn layers_in_layers() {
    for depth in [60, 65, 100_000] {
        let text = format!(
            "input(3) -> {}dense(3){} -> cross_entropy",
            "residual { ".repeat(depth),
            " }".repeat(depth)
        );
        assert_eq!(crate::read_network(&text).is_ok(), depth < 64);
        assert_eq!(
            crate::read(&format!("network A = {text};")).is_ok(),
            depth < 64
        );
    }
}
