//! Declared networks are what the builder, and the same text at run time, give.

use diagrams::networks::{
    Activation, Attention, Convolution, Dense, Layer, LayerKind, Loss, Network, Shape,
};

diagrams::diagrams! {
    /// With a comment.
    pub(crate) network Image = input(1, 28, 28)
        -> conv(8, kernel: 3, stride: 2, pad: 1) -> gelu
        -> residual { conv(8, kernel: 3, pad: 1, groups: 4,) -> tanh() }
        -> avg_pool(2) -> dense(32, bias: false) -> softplus -> logits: dense(10)
        -> cross_entropy + l2(1/1000) + l2(0.5, logits) + l2(1e-3, 2, 2.0);
    network Text = input(tokens: 8)
        -> embedding(16, 4) -> attention(heads: 2, causal: true, bias: false) -> attention -> layer_norm(affine: false)
        -> layer_norm -> scale -> silu -> flatten -> sigmoid -> sine -> dense(1) -> binary_logistic;
    network Vector = input(3, parametrization: standard) -> r#type: dense(2) -> poisson() + l2(2, type);
    network Sequence = input(tokens: 4, width: 3, parametrization: xavier,) -> dense(2) -> mean_squared;
    // Names that the expansion could trip over.
    network Option = input(3) -> dense(2) -> mean_squared;
    network Network_ = input(3) -> dense(2) -> mean_squared;
}

macro_rules! declare {
    ($name:ident, $outputs:literal, $coefficient:expr) => {
        diagrams::diagrams! {
            network $name = input($outputs) -> dense($outputs, bias: true) -> mean_squared + l2($coefficient);
        }
    };
}
declare!(Declared, 5, 0.25);

fn image() -> Network {
    Network::input(Shape::image(1, 28, 28))
        .then(Convolution::new(8, 3).stride(2).padding(1))
        .then(Activation::Gelu)
        .then(Layer::residual([
            Convolution::new(8, 3).padding(1).groups(4).into(),
            Activation::Tanh.into(),
        ]))
        .then(Layer::average_pool(2))
        .then(Dense::new(32).without_bias())
        .then(Activation::Softplus)
        .then(Dense::new(10).named("logits"))
        .l2(0.001)
        .l2_of(0.5, ["logits"])
        .l2_of(0.001, ["2", "2.0"])
        .loss(Loss::CrossEntropy)
        .expect("a sound network")
}

#[test]
fn declared_networks_are_those_of_the_builder() {
    assert_eq!(*Image::network(), image());
    let text = Network::input(Shape::Tokens(8))
        .then(Layer::embedding(16, 4))
        .then(Attention::new(2).causal().without_bias())
        .then(Attention::new(1))
        .then(LayerKind::LayerNorm { affine: false })
        .then(Layer::layer_norm())
        .then(Layer::scale())
        .then(Activation::Silu)
        .then(Layer::flatten())
        .then(Activation::Sigmoid)
        .then(Activation::Sine)
        .then(Dense::new(1))
        .loss(Loss::BinaryLogistic);
    assert_eq!(Ok(Text::network().clone()), text);
}

#[test]
fn compiled_networks_are_those_of_their_text() {
    for network in [
        Image::network(),
        Text::network(),
        Vector::network(),
        Sequence::network(),
        Option::network(),
        Network_::network(),
        Declared::network(),
    ] {
        assert_eq!(
            diagrams::network(&network.to_string()).as_ref(),
            Ok(network)
        );
    }
    assert!(Vector::layout().to_string().contains("type.weight"));
}

#[test]
fn networks_of_a_text() {
    let text = "network A = input(3) -> dense(2) -> mean_squared; network B = input(2) -> dense(1) -> poisson;";
    let declaration = diagrams::parse(text).expect("it is right");
    let names: Vec<String> = declaration.networks().map(|(name, _)| name).collect();
    assert_eq!(names, ["A", "B"]);
    let network = declaration.network("B").expect("it was declared");
    assert_eq!(network.to_string(), "input(2) -> dense(1) -> poisson");
    assert!(declaration.network("C").is_none());
}
