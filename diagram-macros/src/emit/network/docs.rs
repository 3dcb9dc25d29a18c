//! The documentation of a network: its text, its layers with their shapes, and the layout of θ.

use diagram_networks::{Layer, LayerKind, Network, PlacedKind, PlacedLayer};

use crate::emit::docs::LONGEST;

/// Lines of Markdown.
pub(super) fn of_network(network: &Network) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        format!(" A network of {} weights: `{network}`", network.dimension()),
    ];
    let mut rows = vec![];
    rows_of(
        &network.declaration().layers,
        network.layers(),
        network,
        &mut rows,
    );
    if rows.len() > LONGEST {
        return lines;
    }
    lines.extend([
        String::new(),
        format!(
            " A datapoint is {} numbers: the input ({}), and the label ({}).",
            network.input_width(),
            network.input_shape(),
            network.label_width()
        ),
        String::new(),
        " | layer | | gives | weights |".into(),
        " | --- | --- | --- | --- |".into(),
    ]);
    lines.extend(rows);
    lines.extend([
        String::new(),
        " The components of θ, and the factors between them and the weights:".into(),
        String::new(),
        " ```text".into(),
    ]);
    let layout = network.layout().to_string();
    lines.extend(layout.lines().map(|line| format!(" {}", line.trim_end())));
    lines.push(" ```".into());
    lines
}

/// The rows of a table of layers, with those inside of residual layers after them.
fn rows_of(declared: &[Layer], placed: &[PlacedLayer], network: &Network, rows: &mut Vec<String>) {
    for (declared, placed) in declared.iter().zip(placed) {
        let tensors = &network.tensors()[placed.tensors.clone()];
        let weights: usize = tensors.iter().map(diagram_networks::Tensor::len).sum();
        let text = match &declared.kind {
            LayerKind::Residual(_) => "residual".to_string(),
            kind => Layer::from(kind.clone()).to_string(),
        };
        let (name, output) = (&placed.name, placed.output);
        rows.push(format!(" | {name} | `{text}` | {output} | {weights} |"));
        if let (LayerKind::Residual(declared), PlacedKind::Residual(placed)) =
            (&declared.kind, &placed.kind)
        {
            rows_of(declared, placed, network, rows);
        }
    }
}
