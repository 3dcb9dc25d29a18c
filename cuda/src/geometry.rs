//! Layers that are affine in their inputs, as kernels are written for them: kernels over images.

use diagram_kernels::layers::Patches;

use crate::DeviceError;

/// A layer whose patches are kernels over the channels of images. Dense layers have one patch, and dense layers of tokens one for each token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Geometry {
    pub(crate) groups: usize,
    /// The number of outputs of a group.
    pub(crate) outputs: usize,
    /// The number of channels of a group.
    pub(crate) channels: usize,
    /// The number of inputs of a channel, and of a line of it.
    pub(crate) plane: usize,
    pub(crate) line: usize,
    pub(crate) kernel_rows: usize,
    pub(crate) kernel_columns: usize,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) row_stride: usize,
    pub(crate) column_stride: usize,
    /// The distances in the outputs from one output to the next, from one row to the next, and from one column to the next.
    pub(crate) output_strides: [usize; 3],
    /// The distances in θ from the weights of one output to those of the next, and from the weight of one entry to that of the next.
    pub(crate) weight_strides: [usize; 2],
    pub(crate) scales: [f64; 2],
    pub(crate) bias: bool,
    /// The position of the first weight in θ.
    pub(crate) first: usize,
}

impl Geometry {
    /// The layer with so many inputs, whose weights begin at `first`.
    pub(crate) fn of(layer: &Patches, inputs: usize, first: usize) -> Result<Self, DeviceError> {
        let offsets = &layer.offsets;
        let [_, row_stride, column_stride] = layer.input_strides;
        let (rows, columns) = (layer.rows, layer.columns);
        let of_group = inputs / layer.groups;
        // How many entries from the first one on are one after the other.
        let run = (1..offsets.len())
            .find(|&at| offsets[at] != offsets[at - 1] + 1)
            .unwrap_or(offsets.len());
        // Where there are several rows of patches, both strides are of as many pixels.
        let known = (rows > 1 && column_stride > 0).then(|| row_stride / column_stride);
        let kernel_columns = known.map_or(run, |line| run.min(line));
        let step = offsets.get(kernel_columns).copied();
        let is_line = |line: usize| known.is_none_or(|known| known == line);
        // The lines of a kernel are as far apart as lines, and its channels as channels.
        let lines = (1..=offsets.len() / kernel_columns)
            .take_while(|&count| {
                let line = step.unwrap_or(of_group);
                (0..kernel_columns)
                    .all(|at| offsets[(count - 1) * kernel_columns + at] == (count - 1) * line + at)
            })
            .count();
        let kernel_rows = if step.is_some_and(is_line) { lines } else { 1 };
        let channels = offsets.len() / (kernel_rows * kernel_columns);
        let plane = of_group / channels;
        let line = match (kernel_rows, known) {
            (_, Some(line)) => line,
            (1, None) => plane,
            (_, None) => step.unwrap_or(plane),
        };
        let geometry = Geometry {
            groups: layer.groups,
            outputs: layer.outputs,
            channels,
            plane,
            line,
            kernel_rows,
            kernel_columns,
            rows,
            columns,
            row_stride,
            column_stride,
            output_strides: layer.output_strides,
            weight_strides: layer.weight_strides,
            scales: layer.scales,
            bias: layer.bias,
            first,
        };
        if geometry.is_that_of(layer, inputs) {
            Ok(geometry)
        } else {
            Err(DeviceError::Unsupported {
                what: "a layer of the network has patches that are no kernels over images, which devices do not compute; choose the device cpu".into(),
            })
        }
    }

    /// Whether this is the layer, entry by entry, and the lines of images are whole.
    fn is_that_of(&self, layer: &Patches, inputs: usize) -> bool {
        let entries = (0..self.channels).flat_map(|channel| {
            (0..self.kernel_rows).flat_map(move |row| {
                (0..self.kernel_columns)
                    .map(move |column| channel * self.plane + row * self.line + column)
            })
        });
        let last = (self.rows - 1) * self.row_stride
            + (self.columns - 1) * self.column_stride
            + (self.kernel_rows - 1) * self.line
            + self.kernel_columns;
        // The gradient finds the patches of an input by its line and its place in the line.
        let in_lines = self.rows == 1 || self.row_stride.is_multiple_of(self.line);
        let width = (self.columns - 1) * self.column_stride + self.kernel_columns;
        entries.eq(layer.offsets.iter().copied())
            && self.groups * self.channels * self.plane == inputs
            && (self.groups == 1 || layer.input_strides[0] == self.group_stride())
            && last <= self.plane
            && width <= self.line
            && in_lines
    }

    /// The number of inputs of a group.
    pub(crate) fn group_stride(&self) -> usize {
        self.channels * self.plane
    }

    /// The number of outputs of all groups.
    pub(crate) fn all_outputs(&self) -> usize {
        self.groups * self.outputs
    }

    /// The number of weights without biases.
    pub(crate) fn weights(&self) -> usize {
        self.all_outputs() * self.channels * self.kernel_rows * self.kernel_columns
    }
}

#[cfg(test)]
mod tests {
    use diagram_kernels::network::NetworkLandscape;
    use diagram_kernels::network::view::{Place, StageView};
    use diagram_kernels::networks::{
        Activation, Attention, Convolution, Dense, Layer, Loss, Network, Shape,
    };

    use super::Geometry;

    /// The layers of the network, as (channels, plane, line, rows and columns of the kernel, rows and columns of patches).
    fn layers(network: &Network) -> Vec<[usize; 7]> {
        let view = NetworkLandscape::new(network).view();
        let affine = view.stages.iter().filter_map(|stage| match stage {
            StageView::Affine {
                layer, theta, from, ..
            } => {
                let (Place::Datapoint(from) | Place::Constants(from) | Place::Scalars(from)) = from;
                let g = Geometry::of(layer, from.len(), theta.start).expect("kernels over images");
                assert_eq!(
                    g.weights() + if g.bias { g.all_outputs() } else { 0 },
                    theta.len()
                );
                Some([
                    g.channels,
                    g.plane,
                    g.line,
                    g.kernel_rows,
                    g.kernel_columns,
                    g.rows,
                    g.columns,
                ])
            }
            _ => None,
        });
        affine.collect()
    }

    fn image([channels, height, width]: [usize; 3], convolution: Convolution) -> Vec<[usize; 7]> {
        let input = Shape::Image {
            channels,
            height,
            width,
        };
        let network = Network::input(input)
            .then(convolution)
            .then(Activation::Tanh);
        let network = network
            .then(Layer::flatten())
            .then(Dense::new(1))
            .loss(Loss::MeanSquared);
        layers(&network.expect("a network"))[..1].to_vec()
    }

    #[test]
    fn dense_layers_and_tokens_are_kernels_in_one_line() {
        let network = Network::input(Shape::Vector(6))
            .then(Dense::new(4))
            .then(Activation::Tanh);
        let network = network
            .then(Dense::new(3))
            .loss(Loss::CrossEntropy)
            .expect("a network");
        assert_eq!(
            layers(&network),
            [[1, 6, 6, 1, 6, 1, 1], [1, 4, 4, 1, 4, 1, 1]]
        );
        let network = Network::input(Shape::Sequence {
            tokens: 3,
            width: 4,
        })
        .then(Attention::new(2));
        let network = network
            .then(Layer::flatten())
            .then(Dense::new(1))
            .loss(Loss::MeanSquared);
        assert_eq!(
            layers(&network.expect("a network")),
            [
                [1, 12, 12, 1, 4, 1, 3],
                [1, 12, 12, 1, 4, 1, 3],
                [1, 12, 12, 1, 12, 1, 1]
            ]
        );
    }

    #[test]
    fn convolutions_are_kernels_in_images_of_any_kind() {
        let of = |outputs, kernel| Convolution::new(outputs, kernel);
        assert_eq!(
            image([1, 28, 28], of(10, 5).stride(2)),
            [[1, 784, 28, 5, 5, 12, 12]]
        );
        assert_eq!(
            image([3, 7, 9], of(2, 3).stride(2).padding(1)),
            [[3, 99, 11, 3, 3, 4, 5]]
        );
        // Of single pixels, of whole images, of whole lines, and in groups.
        assert_eq!(image([4, 5, 6], of(2, 1)), [[4, 30, 6, 1, 1, 5, 6]]);
        assert_eq!(
            image([4, 5, 6], of(2, 1).stride(2)),
            [[4, 30, 6, 1, 1, 3, 3]]
        );
        assert_eq!(image([2, 4, 4], of(3, 4)), [[1, 32, 32, 1, 32, 1, 1]]);
        assert_eq!(image([2, 6, 3], of(3, 3)).len(), 1);
        assert_eq!(
            image([4, 6, 6], of(4, 3).groups(2)),
            [[2, 36, 6, 3, 3, 4, 4]]
        );
    }
}
