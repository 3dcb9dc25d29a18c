//! Networks: looks up the words of the stages, and makes layers of them.

mod arguments;
mod input;
mod layer;
mod loss;
mod words;

use diagram_networks::{Declaration, Layer, Loss, Network, Parametrization, Shape};
use proc_macro2::Ident;

use crate::names::Names;
use crate::parse::{Call, Head, NetworkItem, Opening, Stage};
use crate::report::Report;
use words::Kind;

/// A network with its words looked up.
pub(crate) struct LoweredNetwork {
    pub(crate) head: Head,
    /// The layers; `None` if the item could not be parsed.
    pub(crate) body: Option<NetworkBody>,
}

/// The layers of a network, before their shapes are checked, and the stages that they come from.
pub(crate) struct NetworkBody {
    pub(crate) declaration: Declaration,
    /// The loss with its word; `None` if there is none, which is reported.
    pub(crate) loss: Option<(Loss, Ident)>,
    /// The input; `None` if there is none, which is reported.
    pub(crate) input: Option<Call>,
    /// The stages of the layers; `None` for one that could not be parsed.
    pub(crate) layers: Vec<Option<Stage>>,
    /// The calls of the penalties of the declaration.
    pub(crate) penalties: Vec<Call>,
    /// The paths of the layers with errors. Others are in their places in the declaration, so that the shapes from there on mean nothing. A path is
    /// empty if the input has errors.
    pub(crate) broken: Vec<Vec<usize>>,
    /// Whether no error was reported.
    pub(crate) is_sound: bool,
}

/// The networks in the order of declaration, each name once. Those without an item could not be parsed.
pub(super) fn lower(
    declared: Vec<(Opening, Option<NetworkItem>)>,
    predictors: &[Ident],
    report: &mut Report,
) -> Vec<LoweredNetwork> {
    let mut names = Names::new("network");
    let mut networks: Vec<LoweredNetwork> = vec![];
    for (opening, item) in declared {
        let name = &opening.head.name;
        // Both become types.
        let taken = predictors.contains(name);
        if taken {
            let message = format!("`{name}` is the name of a predictor");
            report.error(name, message, "give the network another name");
        }
        let again = names.contains(name);
        names.declare(name, Some(()), report);
        let body = item.map(|item| body(item.stages, item.is_sound, report));
        if !taken && !again {
            let head = opening.head;
            networks.push(LoweredNetwork { head, body });
        }
    }
    networks
}

/// Makes layers of stages. `is_parsed` says whether they were parsed without errors.
pub(crate) fn body(
    stages: Vec<Option<Stage>>,
    is_parsed: bool,
    report: &mut Report,
) -> NetworkBody {
    let before = report.len();
    let mut stages = stages.into_iter().peekable();
    let first = stages.next_if(|stage| begins(stage.as_ref()));
    if let (None, Some(Some(other))) = (&first, stages.peek()) {
        let help = "write `input(784)` for a vector, `input(1, 28, 28)` for an image, or `input(tokens: 16, width: 8)` for a sequence";
        report.error(&other.call.word, "a network begins with its input", help);
    }
    let first = first.flatten();
    let (shape, parametrization) = match &first {
        Some(stage) => {
            penalties_elsewhere(stage, report);
            input::lower(stage, report)
        }
        None => (None, Parametrization::default()),
    };
    let input = first.map(|stage| stage.call);
    let Order {
        layers,
        losses,
        first_after_loss,
    } = Order::new(stages, input.as_ref(), report);
    let mut lowering = Lowering {
        broken: match shape {
            None => vec![vec![]],
            Some(_) => first_after_loss
                .map(|index| vec![index])
                .into_iter()
                .collect(),
        },
        report,
    };
    let mut declaration = Network::input(shape.unwrap_or(Shape::Vector(1)));
    declaration.parametrization = parametrization;
    declaration.layers = lowering.layers(&layers, &mut vec![]);
    let broken = lowering.broken;
    let mut loss = None;
    let mut penalties = vec![];
    for (at, stage) in losses.into_iter().enumerate() {
        let found = loss::lower(&stage, report);
        if at == 0 {
            loss = found.map(|loss| (loss, stage.call.word));
        }
        for call in stage.penalties.into_iter().flatten() {
            if let Some(penalty) = loss::penalty(&call, report) {
                declaration.penalties.push(penalty);
                penalties.push(call);
            }
        }
    }
    NetworkBody {
        declaration,
        loss,
        input,
        layers,
        penalties,
        broken,
        is_sound: is_parsed && report.len() == before,
    }
}

/// The stages after the input by what they stand for.
struct Order {
    layers: Vec<Option<Stage>>,
    losses: Vec<Stage>,
    /// The index of the first layer after a loss.
    first_after_loss: Option<usize>,
}

impl Order {
    /// Sorts stages, and reports a loss that is missing, that is not the end, or that is not alone.
    fn new(
        stages: impl Iterator<Item = Option<Stage>>,
        input: Option<&Call>,
        report: &mut Report,
    ) -> Self {
        let mut order = Order {
            layers: vec![],
            losses: vec![],
            first_after_loss: None,
        };
        // The last word, unless it may stand for a loss or has an error of its own.
        let mut end = input.map(|call| call.word.clone());
        for stage in stages {
            let word = stage.as_ref().map(|stage| &stage.call.word);
            let kind = word.map(Kind::of);
            let is_known = word.is_some_and(|word| !words::is_refused(word));
            end = word
                .filter(|_| is_known && kind != Some(Kind::Unknown))
                .cloned();
            match (kind, stage) {
                (Some(Kind::Loss), Some(stage)) => order.losses.push(stage),
                (_, stage) => {
                    if !order.losses.is_empty() {
                        order.first_after_loss.get_or_insert(order.layers.len());
                    }
                    order.layers.push(stage);
                }
            }
        }
        match &order.losses[..] {
            [] => {
                if let Some(end) = end {
                    let losses = Loss::ALL.map(|loss| format!("`-> {}`", loss.name()));
                    let help = format!("end it with one of {}", losses.join(", "));
                    report.error(end, "the network has no loss", help);
                }
            }
            [loss] => {
                let after = order
                    .first_after_loss
                    .and_then(|at| order.layers[at].as_ref());
                if let Some(after) = after {
                    let word = &after.call.word;
                    let help = format!("move `{}` to the end", loss.call.word);
                    report.error(word, format!("`{word}` comes after the loss"), help);
                }
            }
            [first, others @ ..] => {
                for other in others {
                    let word = &other.call.word;
                    report.error(word, "there is a second loss", "remove one of them");
                    report.also(&first.call.word, "first given here");
                }
            }
        }
        order
    }
}

/// Whether a stage is the input, or could not be parsed.
fn begins(stage: Option<&Stage>) -> bool {
    stage.is_none_or(|stage| Kind::of(&stage.call.word) == Kind::Input)
}

/// Reports penalties of a stage that is not the loss.
fn penalties_elsewhere(stage: &Stage, report: &mut Report) {
    if let Some(penalty) = stage.penalties.iter().flatten().next() {
        let help = "write it behind the loss: `-> cross_entropy + l2(1/1000)`";
        report.error(&penalty.word, "penalties are added to the loss", help);
    }
}

struct Lowering<'r> {
    /// The paths of the layers with errors.
    broken: Vec<Vec<usize>>,
    report: &'r mut Report,
}

impl Lowering<'_> {
    /// The layers of these stages. In the place of a layer with errors there is one without sizes, so that the other layers keep their indices.
    fn layers(&mut self, stages: &[Option<Stage>], path: &mut Vec<usize>) -> Vec<Layer> {
        let mut layers = vec![];
        for (index, stage) in stages.iter().enumerate() {
            path.push(index);
            let kind = stage.as_ref().and_then(|stage| {
                // An unknown word may stand for a loss.
                if Kind::of(&stage.call.word) != Kind::Unknown {
                    penalties_elsewhere(stage, self.report);
                }
                let inside = stage.inside.as_ref();
                let inside = inside.map(|inside| self.layers(inside, path));
                layer::lower(stage, inside, self.report)
            });
            if kind.is_none() {
                self.broken.push(path.clone());
            }
            path.pop();
            let name = stage.as_ref().and_then(|stage| stage.name.as_ref());
            layers.push(Layer {
                name: name.map(words::plain),
                kind: kind.unwrap_or(diagram_networks::LayerKind::Flatten),
            });
        }
        layers
    }
}
