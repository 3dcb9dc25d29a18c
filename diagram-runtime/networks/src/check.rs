//! The shapes of all layers, and what can be wrong with them.

use std::collections::HashSet;
use std::ops::Range;

use super::error::{At, NetworkError, NetworkErrors, Problem};
use super::layer::{Convolution, Layer, LayerKind};
use super::layout::Tensor;
use super::network::{
    Declaration, Loss, Network, Parametrization, Penalty, PlacedKind, PlacedLayer,
};
use super::shape::Shape;

/// The largest number of numbers in a datapoint, in the activations of a layer, and in θ.
const LARGEST: usize = 1 << 32;

/// The largest number of layers that an error names.
const MOST_NAMED: usize = 10;

/// Checks a network and finds out its shapes.
pub(crate) fn network(declaration: Declaration, loss: Loss) -> Result<Network, NetworkErrors> {
    let mut checker = Checker {
        parametrization: declaration.parametrization,
        tensors: vec![],
        errors: vec![],
        names: HashSet::new(),
    };
    let input = declaration.input;
    if input.is_empty() {
        checker.mistake(At::Input, "input", Problem::Zero { what: "each size" });
    } else if input.len() > LARGEST {
        checker.mistake(At::Input, "input", Problem::TooLarge);
    }
    checker.sizes(&declaration.layers, &[], "");
    if let Shape::Tokens(_) = input
        && !matches!(
            declaration.layers.first(),
            Some(Layer {
                kind: LayerKind::Embedding { .. },
                ..
            })
        )
    {
        checker.mistake(At::Input, "input", Problem::NotEmbedded);
    }
    let is_input_known = !checker.errors.iter().any(|error| error.at == At::Input);
    let (placed, output) = checker.layers(
        &declaration.layers,
        is_input_known.then_some(input),
        &mut vec![],
        "",
    );
    let mut weighted = vec![];
    with_weights(&declaration.layers, "", &mut weighted);
    if declaration.layers.is_empty() {
        checker.mistake(At::Loss, loss.name(), Problem::NoLayer);
    } else if weighted.is_empty() {
        checker.mistake(At::Loss, loss.name(), Problem::NoWeights);
    }
    if let Some(output) = output
        && !declaration.layers.is_empty()
    {
        checker.outputs(loss, output);
    }
    let pulls = checker.penalties(&declaration.penalties, &weighted);
    let Checker {
        tensors,
        mut errors,
        ..
    } = checker;
    match output {
        Some(output) if errors.is_empty() => Ok(Network {
            declaration,
            loss,
            placed,
            output,
            tensors,
            pulls,
        }),
        _ => {
            errors.sort_by(|a, b| a.at.cmp(&b.at));
            Err(NetworkErrors(errors))
        }
    }
}

/// What is found out about a layer with mistakes.
struct Mistaken {
    /// The mistakes that have not been reported.
    problems: Vec<Problem>,
    /// The shape of the outputs, if the mistakes leave no doubt about it.
    output: Option<Shape>,
}

impl From<Problem> for Mistaken {
    fn from(problem: Problem) -> Self {
        Mistaken {
            problems: vec![problem],
            output: None,
        }
    }
}

/// Adds the names of the layers that have weights, in the order of their tensors. They do not depend on shapes.
fn with_weights(layers: &[Layer], prefix: &str, names: &mut Vec<String>) {
    for (index, layer) in layers.iter().enumerate() {
        let name = name_of(layer, index, prefix);
        match &layer.kind {
            LayerKind::Residual(inside) => with_weights(inside, &format!("{name}."), names),
            LayerKind::Convolution(_)
            | LayerKind::Dense(_)
            | LayerKind::LayerNorm { affine: true }
            | LayerKind::Scale
            | LayerKind::Embedding { .. }
            | LayerKind::Attention(_) => names.push(name),
            LayerKind::AveragePool { .. }
            | LayerKind::Flatten
            | LayerKind::LayerNorm { affine: false }
            | LayerKind::Activation(_) => {}
        }
    }
}

/// The sizes of a layer that must not be 0, with what they are.
fn sizes(kind: &LayerKind) -> Vec<(usize, &'static str)> {
    match kind {
        LayerKind::Convolution(c) => vec![
            (c.outputs, "the number of channels"),
            (c.kernel, "the kernel"),
            (c.stride, "the stride"),
            (c.groups, "the number of groups"),
            (c.padding.saturating_add(1), "the padding"),
        ],
        LayerKind::Dense(dense) => vec![(dense.outputs, "the number of outputs")],
        LayerKind::AveragePool { size } => vec![(*size, "the size of the pool")],
        LayerKind::Embedding { vocabulary, width } => {
            vec![(*vocabulary, "the vocabulary"), (*width, "the width")]
        }
        LayerKind::Attention(attention) => vec![(attention.heads, "the number of heads")],
        _ => vec![],
    }
}

struct Checker {
    parametrization: Parametrization,
    tensors: Vec<Tensor>,
    errors: Vec<NetworkError>,
    names: HashSet<String>,
}

/// The name of the layer with an index in a list whose layers have a prefix.
fn name_of(layer: &Layer, index: usize, prefix: &str) -> String {
    match &layer.name {
        Some(name) => format!("{prefix}{name}"),
        None => format!("{prefix}{index}"),
    }
}

/// Whether a text is a name: one that layers can have, and that is read as a name in declarations. It is a word of Rust, a keyword or not.
///
/// ```
/// use diagram_networks::is_name;
///
/// assert!(["logits", "type", "_", "größe", "x1"].iter().all(|name| is_name(name)));
/// assert!(["", "1", "a b", "a.b", "r#type", "Ⓐ"].iter().all(|name| !is_name(name)));
/// ```
pub fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters
        .next()
        .is_some_and(|first| first == '_' || unicode_ident::is_xid_start(first))
        && characters.all(unicode_ident::is_xid_continue)
}

impl Checker {
    fn mistake(&mut self, at: At, name: &str, problem: Problem) {
        self.errors.push(NetworkError {
            at,
            name: name.into(),
            problem,
        });
    }

    /// Checks names, and sizes that must not be 0.
    fn sizes(&mut self, layers: &[Layer], path: &[usize], prefix: &str) {
        for (index, layer) in layers.iter().enumerate() {
            let mut inner = path.to_vec();
            inner.push(index);
            let name = name_of(layer, index, prefix);
            let at = At::Layer(inner.clone());
            if let Some(given) = &layer.name
                && !is_name(given)
            {
                let problem = Problem::NotAName {
                    name: given.clone(),
                };
                self.mistake(at.clone(), &name, problem);
            }
            if !self.names.insert(name.clone()) {
                let problem = Problem::Name { name: name.clone() };
                self.mistake(at.clone(), &name, problem);
            }
            if let LayerKind::Residual(inside) = &layer.kind {
                if inside.is_empty() {
                    self.mistake(at.clone(), &name, Problem::NoLayer);
                }
                self.sizes(inside, &inner, &format!("{name}."));
            }
            for (size, what) in sizes(&layer.kind) {
                if size == 0 {
                    self.mistake(at.clone(), &name, Problem::Zero { what });
                } else if size > LARGEST {
                    self.mistake(at.clone(), &name, Problem::TooLarge);
                }
            }
        }
    }

    /// Returns the layers without mistakes with their shapes, and the shape of the outputs of the last layer. The shape is `None` if it cannot be told
    /// from the input, which is `None` if its own shape cannot be told, or after a mistake. Nothing is said about a layer that reads an unknown shape.
    fn layers(
        &mut self,
        layers: &[Layer],
        input: Option<Shape>,
        path: &mut Vec<usize>,
        prefix: &str,
    ) -> (Vec<PlacedLayer>, Option<Shape>) {
        let mut shape = input;
        let mut placed = vec![];
        for (index, layer) in layers.iter().enumerate() {
            let Some(input) = shape else {
                break;
            };
            path.push(index);
            let name = name_of(layer, index, prefix);
            let first = self.tensors.len();
            let (kind, mut output) = match self.layer(layer, &name, input, path) {
                Ok((kind, output)) => (Some(kind), Some(output)),
                Err(mistaken) => {
                    for problem in mistaken.problems {
                        self.mistake(At::Layer(path.clone()), &name, problem);
                    }
                    (None, mistaken.output)
                }
            };
            let weights = self
                .tensors
                .last()
                .map_or(0, |tensor| tensor.start.saturating_add(tensor.len()));
            if output.is_some_and(|output| output.len() > LARGEST) || weights > LARGEST {
                self.mistake(At::Layer(path.clone()), &name, Problem::TooLarge);
                // The layers around this one are not too large because it is.
                self.tensors.truncate(first);
                output = None;
            }
            path.pop();
            if let (Some(kind), Some(output)) = (kind, output) {
                placed.push(PlacedLayer {
                    name,
                    input,
                    output,
                    kind,
                    tensors: first..self.tensors.len(),
                });
            }
            shape = output;
        }
        (placed, shape)
    }

    /// Returns what a layer computes and the shape of its outputs.
    fn layer(
        &mut self,
        layer: &Layer,
        name: &str,
        input: Shape,
        path: &mut Vec<usize>,
    ) -> Result<(PlacedKind, Shape), Mistaken> {
        let wrong = |layer, expected| {
            Err(Mistaken::from(Problem::Shape {
                layer,
                expected,
                found: input,
            }))
        };
        if sizes(&layer.kind)
            .iter()
            .any(|&(size, _)| size == 0 || size > LARGEST)
        {
            // This was reported together with the other sizes.
            return Err(Mistaken {
                problems: vec![],
                output: None,
            });
        }
        Ok(match &layer.kind {
            LayerKind::Convolution(convolution) => {
                let Shape::Image { channels, .. } = input else {
                    return wrong("conv", "an image");
                };
                let output = convolve(convolution, input)?;
                self.weights_and_bias(
                    name,
                    vec![
                        convolution.outputs,
                        channels / convolution.groups,
                        convolution.kernel,
                        convolution.kernel,
                    ],
                    convolution.bias,
                );
                (PlacedKind::Convolution(*convolution), output)
            }
            LayerKind::Dense(dense) => {
                let (inputs, output) = match input {
                    Shape::Sequence { tokens, width } => {
                        (width, Shape::sequence(tokens, dense.outputs))
                    }
                    _ => (input.len(), Shape::Vector(dense.outputs)),
                };
                self.weights_and_bias(name, vec![dense.outputs, inputs], dense.bias);
                (PlacedKind::Dense(*dense), output)
            }
            &LayerKind::AveragePool { size } => {
                let output = match input {
                    Shape::Image {
                        channels,
                        height,
                        width,
                    } if height.is_multiple_of(size) && width.is_multiple_of(size) => {
                        Shape::image(channels, height / size, width / size)
                    }
                    Shape::Sequence { tokens, width } if tokens.is_multiple_of(size) => {
                        Shape::sequence(tokens / size, width)
                    }
                    Shape::Image { .. } | Shape::Sequence { .. } => {
                        return Err(Problem::Pool { size, found: input }.into());
                    }
                    _ => return wrong("avg_pool", "an image or a sequence"),
                };
                (PlacedKind::AveragePool { size }, output)
            }
            LayerKind::Flatten => (PlacedKind::Flatten, Shape::Vector(input.len())),
            LayerKind::Residual(inside) => {
                let (placed, output) = self.layers(inside, Some(input), path, &format!("{name}."));
                let changed = output.filter(|&output| output != input);
                if changed.is_some() || inside.is_empty() || placed.len() < inside.len() {
                    let problem = changed.map(|after| Problem::Residual {
                        before: input,
                        after,
                    });
                    // Whatever is inside, what it gives is added to the input.
                    return Err(Mistaken {
                        problems: problem.into_iter().collect(),
                        output: Some(input),
                    });
                }
                (PlacedKind::Residual(placed), input)
            }
            &LayerKind::LayerNorm { affine } => {
                if affine {
                    let shape = match input {
                        Shape::Image {
                            channels,
                            height,
                            width,
                        } => vec![channels, height, width],
                        _ => vec![input.channels()],
                    };
                    self.factors(name, "weight", shape.clone(), 1.0);
                    self.factors(name, "bias", shape, 0.0);
                }
                (PlacedKind::LayerNorm { affine }, input)
            }
            LayerKind::Scale => {
                self.factors(name, "weight", vec![input.channels()], 1.0);
                (PlacedKind::Scale, input)
            }
            &LayerKind::Embedding { vocabulary, width } => {
                let Shape::Tokens(tokens) = input else {
                    return Err(Problem::EmbeddingOf { found: input }.into());
                };
                self.tensor(name, "weight", vec![vocabulary, width], [vocabulary, width]);
                (
                    PlacedKind::Embedding { vocabulary },
                    Shape::sequence(tokens, width),
                )
            }
            LayerKind::Attention(attention) => {
                let Shape::Sequence { width, .. } = input else {
                    return wrong("attention", "a sequence");
                };
                let heads = attention.heads;
                if !width.is_multiple_of(heads) {
                    return Err(Mistaken {
                        problems: vec![Problem::Heads { heads, width }],
                        output: Some(input),
                    });
                }
                let square = [width, width];
                self.tensor(name, "in_proj_weight", vec![3 * width, width], square);
                if attention.bias {
                    self.tensor(name, "in_proj_bias", vec![3 * width], [1, width]);
                }
                self.tensor(name, "out_proj.weight", vec![width, width], square);
                if attention.bias {
                    self.tensor(name, "out_proj.bias", vec![width], [1, width]);
                }
                (PlacedKind::Attention(*attention), input)
            }
            &LayerKind::Activation(function) => (PlacedKind::Activation(function), input),
        })
    }

    /// Adds the weights of a layer, of shape (out, …), and its biases.
    fn weights_and_bias(&mut self, name: &str, shape: Vec<usize>, bias: bool) {
        let outputs = shape[0];
        let inputs = shape[1..]
            .iter()
            .fold(1, |product: usize, &size| product.saturating_mul(size));
        self.tensor(name, "weight", shape, [inputs, outputs]);
        if bias {
            self.tensor(name, "bias", vec![outputs], [1, outputs]);
        }
    }

    /// Adds a tensor of weights that connect inputs with outputs.
    fn tensor(&mut self, layer: &str, name: &str, shape: Vec<usize>, fans: [usize; 2]) {
        let [inputs, outputs] = fans;
        let scale = match self.parametrization {
            Parametrization::Xavier => (2.0 / (inputs as f64 + outputs as f64)).sqrt(),
            Parametrization::Standard => 1.0,
        };
        self.push(layer, name, shape, scale, Some(fans), 0.0);
    }

    /// Adds a tensor of factors or biases that begin at a constant.
    fn factors(&mut self, layer: &str, name: &str, shape: Vec<usize>, initial: f64) {
        self.push(layer, name, shape, 1.0, None, initial);
    }

    fn push(
        &mut self,
        layer: &str,
        name: &str,
        shape: Vec<usize>,
        scale: f64,
        fans: Option<[usize; 2]>,
        initial: f64,
    ) {
        // Sizes that do not fit were refused before, or are refused as soon as the layer is placed.
        let start = self
            .tensors
            .last()
            .map_or(0, |tensor| tensor.start.saturating_add(tensor.len()));
        self.tensors.push(Tensor {
            name: format!("{layer}.{name}"),
            layer: layer.into(),
            shape,
            start,
            scale,
            fans,
            initial,
        });
    }

    /// Checks that the outputs fit the loss.
    fn outputs(&mut self, loss: Loss, output: Shape) {
        let expected = match loss {
            Loss::BinaryLogistic if output.len() != 1 => "one output",
            Loss::CrossEntropy if output.len() < 2 => "an output for each of at least two classes",
            _ => return,
        };
        let problem = Problem::Outputs {
            loss,
            expected,
            found: output,
        };
        self.mistake(At::Loss, loss.name(), problem);
    }

    /// Checks the penalties and returns the parts of θ that they are over, with their coefficients. `weighted` are the names of the layers that have
    /// weights, of which some have no tensors after mistakes.
    fn penalties(
        &mut self,
        penalties: &[Penalty],
        weighted: &[String],
    ) -> Vec<(Range<usize>, f64)> {
        let mut pulls = vec![];
        for (at, penalty) in penalties.iter().enumerate() {
            let coefficient = penalty.coefficient;
            if !(coefficient > 0.0 && coefficient.is_finite()) {
                let problem = Problem::Coefficient { coefficient };
                self.mistake(At::Penalty(at, None), "l2", problem);
            }
            let mut given = HashSet::new();
            for (index, name) in penalty.layers.iter().flatten().enumerate() {
                if !given.insert(name) {
                    let problem = Problem::PenaltyTwice { name: name.clone() };
                    self.mistake(At::Penalty(at, Some(index)), "l2", problem);
                }
            }
            let Some(names) = &penalty.layers else {
                let all = self.tensors.last().map_or(0, |tensor| tensor.range().end);
                pulls.push((0..all, coefficient));
                continue;
            };
            for (index, name) in names.iter().enumerate() {
                let inside = format!("{name}.");
                let ranges: Vec<Range<usize>> = self
                    .tensors
                    .iter()
                    .filter(|tensor| tensor.layer == *name || tensor.layer.starts_with(&inside))
                    .map(Tensor::range)
                    .collect();
                if let (Some(first), Some(last)) = (ranges.first(), ranges.last()) {
                    pulls.push((first.start..last.end, coefficient));
                    continue;
                }
                let is_known = |layer: &String| layer == name || layer.starts_with(&inside);
                if weighted.iter().any(is_known) {
                    continue;
                }
                // There may be as many wrong names as layers, so that all names in each error would be too many.
                let problem = Problem::PenaltyOf {
                    name: name.clone(),
                    names: weighted.iter().take(MOST_NAMED).cloned().collect(),
                    more: weighted.len().saturating_sub(MOST_NAMED),
                };
                self.mistake(At::Penalty(at, Some(index)), "l2", problem);
            }
        }
        pulls
    }
}

/// The shape of the outputs of a convolution.
fn convolve(convolution: &Convolution, input: Shape) -> Result<Shape, Mistaken> {
    let &Convolution {
        outputs,
        kernel,
        stride,
        padding,
        groups,
        ..
    } = convolution;
    let Shape::Image {
        channels,
        height,
        width,
    } = input
    else {
        unreachable!("the caller has checked that this is an image");
    };
    let mut problems: Vec<Problem> = [(channels, "input"), (outputs, "output")]
        .into_iter()
        .filter(|(channels, _)| !channels.is_multiple_of(groups))
        .map(|(channels, which)| Problem::Groups {
            groups,
            channels,
            which,
        })
        .collect();
    // A padding beyond the kernel would only add outputs that read nothing but zeros.
    let side = |length: usize| {
        let padded = length.saturating_add(padding.saturating_mul(2));
        padded.checked_sub(kernel).map(|places| places / stride + 1)
    };
    let output = side(height)
        .zip(side(width))
        .map(|(height, width)| Shape::image(outputs, height, width));
    if output.is_none() {
        problems.push(Problem::Kernel {
            kernel,
            image: input,
            padding,
        });
    }
    match output {
        Some(output) if problems.is_empty() => Ok(output),
        _ => Err(Mistaken { problems, output }),
    }
}
