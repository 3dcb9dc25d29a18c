//! From a list of layers to the stages of a run.

use std::ops::Range;

use diagram_networks::{Activation, Convolution, Loss, Network, PlacedKind, PlacedLayer, Shape};

use super::affine::{Affine, AffineStage, Source};
use super::functions;
use super::stage::{Inputs, Lift, Prepare, RecordedStage, Stage, TanhStage};
use crate::graph::Expression;
use crate::graph::fragment::Fragment;
use crate::graph::record;
use crate::layers::{Dense, Patches};

/// The stages of a run through a network, and the memory that it takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stages {
    /// The stages in their order.
    pub(super) list: Vec<Stage>,
    /// Where the outputs of the last layer are among the scalars, until the loss overwrites them.
    pub(super) outputs: Range<usize>,
    /// Where the loss comes from.
    pub(super) loss: LossStage,
    /// The number of scalars.
    pub(super) scalars: usize,
    /// The number of constants that are computed from a datapoint.
    pub(super) constants: usize,
    /// The number of primal values of adjoints that are overwritten.
    pub(super) overwritten: usize,
    /// The index of the first stage with weights.
    pub(super) first_with_weights: usize,
}

/// Where the loss comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LossStage {
    /// The cross entropy of a softmax, whose logits are overwritten with their adjoints.
    CrossEntropy {
        logits: Range<usize>,
        label: Range<usize>,
    },
    /// A scalar.
    Scalar(usize),
}

/// The stages of a network.
pub(super) fn stages(network: &Network) -> Stages {
    let inputs = network.input_shape().len();
    let mut builder = Builder {
        network,
        stages: vec![],
        scalars: 0,
        constants: 0,
        overwritten: 0,
    };
    let outputs = builder.layers(network.layers(), Source::Datapoint(0..inputs));
    let Source::Scalars(places) = outputs.clone() else {
        unreachable!("a network has weights");
    };
    let label = inputs..network.input_width();
    let loss = builder.loss(network.loss(), outputs, label);
    let Builder {
        mut stages,
        scalars,
        constants,
        overwritten,
        ..
    } = builder;
    settle_sharing(&mut stages, &loss);
    Stages {
        first_with_weights: stages
            .iter()
            .position(Stage::has_weights)
            .unwrap_or(stages.len()),
        list: stages,
        outputs: places,
        loss,
        scalars,
        constants,
        overwritten,
    }
}

/// Decides which stages use known primal values: layers whose outputs no loss overwrites, and hyperbolic tangents beside such layers.
fn settle_sharing(stages: &mut [Stage], loss: &LossStage) {
    if let (Some(Stage::Affine(last)), LossStage::CrossEntropy { .. }) = (stages.last_mut(), loss) {
        last.shares = false;
    }
    for at in 0..stages.len() {
        let shares =
            |stage: Option<&Stage>| matches!(stage, Some(Stage::Affine(stage)) if stage.shares);
        let before = at.checked_sub(1).and_then(|at| stages.get(at));
        let (forward, reverse) = (shares(before), shares(stages.get(at + 1)));
        if let Stage::Tanh(stage) = &mut stages[at] {
            stage.forward_shares = forward;
            stage.reverse_shares = reverse;
        }
    }
}

struct Builder<'n> {
    network: &'n Network,
    stages: Vec<Stage>,
    scalars: usize,
    constants: usize,
    overwritten: usize,
}

/// Takes the next `count` places of memory.
fn take(used: &mut usize, count: usize) -> Range<usize> {
    let first = *used;
    *used += count;
    first..*used
}

impl Builder<'_> {
    fn layers(&mut self, layers: &[PlacedLayer], from: Source) -> Source {
        layers
            .iter()
            .fold(from, |from, layer| self.layer(layer, from))
    }

    fn layer(&mut self, layer: &PlacedLayer, from: Source) -> Source {
        let shape = layer.input;
        let theta = self.theta(layer);
        match &layer.kind {
            PlacedKind::Dense(dense) => {
                let kernel = match shape {
                    Shape::Sequence { tokens, width } => Affine::Patches(self.tokens(
                        layer.tensors.start,
                        [tokens, width, dense.outputs],
                        dense.bias,
                    )),
                    _ if self.is_penalized() => Affine::Patches(self.tokens(
                        layer.tensors.start,
                        [1, shape.len(), dense.outputs],
                        dense.bias,
                    )),
                    _ => Affine::Dense(Dense {
                        inputs: shape.len(),
                        outputs: dense.outputs,
                        scales: self.scales(layer.tensors.start, dense.bias),
                        bias: dense.bias,
                    }),
                };
                self.affine(kernel, theta, from, layer.output.len())
            }
            PlacedKind::Convolution(convolution) => self.convolution(layer, convolution, from),
            &PlacedKind::AveragePool { size } => self.recorded(&[from], |parts, _| {
                functions::average_pool(&parts[0], shape, size)
            }),
            PlacedKind::Flatten => from,
            PlacedKind::Residual(inside) => {
                // The adjoints of what the first layer inside reads are overwritten, so it reads a copy.
                let copy = match &from {
                    Source::Scalars(_) => {
                        self.recorded(std::slice::from_ref(&from), |parts, _| parts[0].clone())
                    }
                    _ => from.clone(),
                };
                let change = self.layers(inside, copy);
                self.recorded(&[from, change], |parts, _| {
                    parts[0]
                        .iter()
                        .zip(&parts[1])
                        .map(|(&x, &change)| x + change)
                        .collect()
                })
            }
            &PlacedKind::LayerNorm { affine } => {
                let mut parts = vec![from];
                if affine {
                    parts.push(self.lift(theta));
                }
                self.recorded(&parts, |parts, _| {
                    let weights = parts.get(1).map_or(&[][..], Vec::as_slice);
                    functions::layer_norm(&parts[0], shape, weights)
                })
            }
            PlacedKind::Scale => {
                let weights = self.lift(theta);
                self.recorded(&[from, weights], |parts, _| {
                    functions::scale(&parts[0], shape, &parts[1])
                })
            }
            &PlacedKind::Embedding { vocabulary } => self.embedding(layer, vocabulary, from),
            &PlacedKind::Attention(attention) => {
                let Shape::Sequence { tokens, width } = shape else {
                    unreachable!("networks are checked");
                };
                let projections = 1 + usize::from(attention.bias);
                let [into, out] = [[width, 3 * width], [width, width]]
                    .map(|[inputs, outputs]| (inputs + usize::from(attention.bias)) * outputs);
                let first = layer.tensors.start;
                let kernel = self.tokens(first, [tokens, width, 3 * width], attention.bias);
                let theta_in = theta.start..theta.start + into;
                let projected = self.affine(
                    Affine::Patches(kernel),
                    theta_in.clone(),
                    from,
                    tokens * 3 * width,
                );
                let read = self.recorded(&[projected], |parts, _| {
                    functions::attention(&parts[0], shape, attention)
                });
                let kernel =
                    self.tokens(first + projections, [tokens, width, width], attention.bias);
                let theta_out = theta_in.end..theta_in.end + out;
                self.affine(Affine::Patches(kernel), theta_out, read, tokens * width)
            }
            &PlacedKind::Activation(function) => self.activation(function, from),
        }
    }

    fn is_penalized(&self) -> bool {
        !self.network.penalties().is_empty()
    }

    /// The positions of a layer's weights in θ.
    fn theta(&self, layer: &PlacedLayer) -> Range<usize> {
        let tensors = &self.network.tensors()[layer.tensors.clone()];
        match (tensors.first(), tensors.last()) {
            (Some(first), Some(last)) => first.start..last.range().end,
            _ => 0..0,
        }
    }

    /// The fixed factors of the tensor with the given index, and of the biases after it.
    fn scales(&self, tensor: usize, bias: bool) -> [f64; 2] {
        let scale = |at: usize| self.network.tensors()[at].scale;
        [scale(tensor), if bias { scale(tensor + 1) } else { 1.0 }]
    }

    /// A dense layer of each token.
    fn tokens(&self, tensor: usize, [tokens, width, outputs]: [usize; 3], bias: bool) -> Patches {
        Patches {
            groups: 1,
            outputs,
            offsets: (0..width).collect(),
            rows: 1,
            columns: tokens,
            input_strides: [0, 0, width],
            output_strides: [1, 0, outputs],
            weight_strides: [width, 1],
            scales: self.scales(tensor, bias),
            bias,
        }
    }

    fn affine(
        &mut self,
        layer: Affine,
        theta: Range<usize>,
        from: Source,
        outputs: usize,
    ) -> Source {
        debug_assert_eq!(
            layer.weights(),
            theta.len(),
            "the layout is that of the layer"
        );
        let from = match (&layer, from) {
            (_, from @ Source::Scalars(_)) | (Affine::Dense(_) | Affine::Convolution(_), from) => {
                from
            }
            (Affine::Patches(_), from) => self.inputs(from),
        };
        let to = take(&mut self.scalars, outputs);
        self.stages.push(Stage::Affine(AffineStage {
            layer,
            theta,
            from,
            to: to.clone(),
            shares: true,
        }));
        Source::Scalars(to)
    }

    fn convolution(
        &mut self,
        layer: &PlacedLayer,
        convolution: &Convolution,
        from: Source,
    ) -> Source {
        let (
            Shape::Image {
                channels,
                height,
                width,
            },
            Shape::Image {
                height: rows,
                width: columns,
                ..
            },
        ) = (layer.input, layer.output)
        else {
            unreachable!("networks are checked");
        };
        let &Convolution {
            outputs,
            kernel,
            stride,
            padding,
            groups,
            bias,
        } = convolution;
        let theta = self.theta(layer);
        let scales = self.scales(layer.tensors.start, bias);
        if (kernel, stride, padding, groups, bias, height) == (5, 2, 0, 1, true, width)
            && !self.is_penalized()
        {
            let kernel = crate::layers::Convolution {
                inputs: channels,
                outputs,
                side_in: width,
                side_out: columns,
                scales,
            };
            return self.affine(Affine::Convolution(kernel), theta, from, layer.output.len());
        }
        let [padded_height, padded_width] = [height, width].map(|side| side + 2 * padding);
        let from = if padding == 0 {
            from
        } else {
            self.pad([channels, height, width], padding, from)
        };
        let inputs = channels / groups;
        let kernel = Patches {
            groups,
            outputs: outputs / groups,
            offsets: (0..inputs * kernel * kernel)
                .map(|entry| {
                    let (channel, place) = (entry / (kernel * kernel), entry % (kernel * kernel));
                    (channel * padded_height + place / kernel) * padded_width + place % kernel
                })
                .collect(),
            rows,
            columns,
            input_strides: [
                inputs * padded_height * padded_width,
                stride * padded_width,
                stride,
            ],
            output_strides: [rows * columns, columns, 1],
            weight_strides: [inputs * kernel * kernel, 1],
            scales,
            bias,
        };
        self.affine(Affine::Patches(kernel), theta, from, layer.output.len())
    }

    /// Adds zeros around an image.
    fn pad(
        &mut self,
        [channels, height, width]: [usize; 3],
        padding: usize,
        from: Source,
    ) -> Source {
        let [padded_height, padded_width] = [height, width].map(|side| side + 2 * padding);
        // The index of the pixel at each place, unless it is a zero.
        let pixels = (0..channels * padded_height * padded_width).map(|at| {
            let (row, column) = (at / padded_width % padded_height, at % padded_width);
            let channel = at / (padded_width * padded_height);
            let (row, column) = (row.checked_sub(padding)?, column.checked_sub(padding)?);
            (row < height && column < width).then(|| (channel * height + row) * width + column)
        });
        if let Source::Datapoint(at) = from {
            let from: Vec<Option<usize>> = pixels
                .map(|pixel| pixel.map(|pixel| at.start + pixel))
                .collect();
            let to = take(&mut self.constants, from.len());
            self.stages.push(Stage::Prepare(Prepare::Gather {
                from,
                to: to.clone(),
            }));
            return Source::Prepared(to);
        }
        let pixels: Vec<Option<usize>> = pixels.collect();
        self.recorded(&[from], |parts, zero| {
            pixels
                .iter()
                .map(|pixel| pixel.map_or(zero, |at| parts[0][at]))
                .collect()
        })
    }

    fn embedding(&mut self, layer: &PlacedLayer, vocabulary: usize, from: Source) -> Source {
        let (Source::Datapoint(numbers), Shape::Sequence { tokens, width }) = (from, layer.output)
        else {
            unreachable!("networks are checked");
        };
        let to = take(&mut self.constants, tokens * vocabulary);
        self.stages.push(Stage::Prepare(Prepare::OneHot {
            tokens: numbers,
            to: to.clone(),
        }));
        let kernel = Patches {
            weight_strides: [1, width],
            ..self.tokens(layer.tensors.start, [tokens, vocabulary, width], false)
        };
        let theta = self.theta(layer);
        self.affine(
            Affine::Patches(kernel),
            theta,
            Source::Prepared(to),
            tokens * width,
        )
    }

    fn activation(&mut self, function: Activation, from: Source) -> Source {
        if let (Activation::Tanh, Some(Stage::Affine(before))) = (function, self.stages.last())
            && from == Source::Scalars(before.to.clone())
        {
            let at = before.to.clone();
            let overwritten = take(&mut self.overwritten, at.len());
            self.stages.push(Stage::Tanh(TanhStage {
                at,
                overwritten,
                forward_shares: false,
                reverse_shares: false,
            }));
            return from;
        }
        self.recorded(&[from], |parts, _| {
            parts[0]
                .iter()
                .map(|&x| functions::activation(function, x))
                .collect()
        })
    }

    /// Makes scalars of data.
    fn inputs(&mut self, from: Source) -> Source {
        let (Source::Datapoint(at) | Source::Prepared(at) | Source::Scalars(at)) = &from;
        let to = take(&mut self.scalars, at.len());
        self.stages.push(Stage::Inputs(Inputs {
            from,
            to: to.clone(),
        }));
        Source::Scalars(to)
    }

    fn lift(&mut self, theta: Range<usize>) -> Source {
        let to = take(&mut self.scalars, theta.len());
        self.stages.push(Stage::Lift(Lift {
            theta,
            to: to.clone(),
        }));
        Source::Scalars(to)
    }

    /// Records a function of lists of numbers. It is given 0, too.
    fn recorded(
        &mut self,
        parts: &[Source],
        function: impl FnOnce(&[Vec<Expression>], Expression) -> Vec<Expression>,
    ) -> Source {
        let mut places = vec![];
        let mut accumulated = vec![];
        for part in parts {
            if let Source::Scalars(at) = part {
                places.extend(at.clone());
                accumulated.push(at.clone());
            }
        }
        let inputs = self.network.input_width();
        let function = record::function((places.len(), inputs), false, |scalars, x| {
            let mut scalars = scalars.iter().copied();
            let parts: Vec<Vec<Expression>> = parts
                .iter()
                .map(|part| match part {
                    Source::Scalars(at) => scalars.by_ref().take(at.len()).collect(),
                    Source::Datapoint(at) => x[at.clone()].to_vec(),
                    Source::Prepared(_) => unreachable!("what is prepared is read by a kernel"),
                })
                .collect();
            function(&parts, Expression::from(0.0))
        })
        .expect("the library's own layers are recorded");
        let steps = Fragment::new(inputs, &function, &places, self.scalars);
        let own = take(&mut self.scalars, steps.places().len());
        let results = steps.results();
        accumulated.push(own.start..results.start);
        self.stages.push(Stage::Recorded(RecordedStage {
            constants: take(&mut self.constants, steps.inputs()),
            steps,
            function,
            weights: places,
            accumulated,
        }));
        Source::Scalars(results)
    }

    fn loss(&mut self, loss: Loss, outputs: Source, label: Range<usize>) -> LossStage {
        if loss == Loss::CrossEntropy {
            let follows_kernel = matches!(self.stages.last(), Some(Stage::Affine(_)));
            let logits = if follows_kernel {
                outputs
            } else {
                // The logits are overwritten, so they are a copy.
                self.recorded(&[outputs], |parts, _| parts[0].clone())
            };
            let Source::Scalars(logits) = logits else {
                unreachable!("a network has weights");
            };
            return LossStage::CrossEntropy { logits, label };
        }
        let of = self.recorded(&[outputs, Source::Datapoint(label)], |parts, _| {
            vec![functions::loss(loss, &parts[0], &parts[1])]
        });
        let Source::Scalars(loss) = of else {
            unreachable!("recorded functions give scalars");
        };
        LossStage::Scalar(loss.start)
    }
}
