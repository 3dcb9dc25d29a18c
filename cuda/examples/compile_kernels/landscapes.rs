//! The kernels that are compiled: those of landscapes of all kinds, and those that do not depend on the landscape.

use std::error::Error;

use diagram_cuda::{DeviceLandscape, KernelSource, Number};
use diagram_kernels::graph::{Expression, Graph};
use diagram_kernels::landscapes::{GaussianFit, LinearScrew, Named};
use diagram_kernels::network::NetworkLandscape;
use diagram_kernels::networks::{
    Activation, Attention, Convolution, Dense, Layer, Loss, Network, Shape,
};

/// Architectures with the shared memory that a block can have, in bytes.
pub(crate) const ARCHITECTURES: [(&str, usize); 2] = [("sm_80", 163 * 1024), ("sm_90", 227 * 1024)];

/// The powers of the outputs of a pass.
type Outputs = &'static [&'static [u8]];

const PASSES: [Outputs; 6] = [
    &[&[]],
    &[&[1]],
    &[&[1], &[2]],
    &[&[3]],
    &[&[1, 1]],
    &[&[1, 1, 1]],
];
const FOURTH: Outputs = &[&[4]];

/// A kernel, the architecture that it is for, and the numbers that it computes with.
pub(crate) struct Wanted {
    pub(crate) architecture: &'static str,
    pub(crate) numbers: &'static str,
    pub(crate) source: KernelSource,
}

/// The kernels of a landscape.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) kernels: Vec<Wanted>,
}

impl Group {
    /// What changes when one of the kernels does.
    pub(crate) fn fingerprint(&self) -> String {
        let named = |kernel: &Wanted| KernelSource {
            name: format!(
                "{} {} {}",
                kernel.architecture, kernel.numbers, kernel.source.name
            ),
            ..kernel.source.clone()
        };
        let sources: Vec<KernelSource> = self.kernels.iter().map(named).collect();
        diagram_cuda::fingerprint(&sources)
    }
}

/// All kernels.
pub(crate) fn groups() -> Result<Vec<Group>, Box<dyn Error + Send + Sync>> {
    let mut common = vec![];
    for (architecture, _) in ARCHITECTURES {
        common.extend(
            KernelSource::of_all_landscapes()
                .into_iter()
                .map(|source| Wanted {
                    architecture,
                    numbers: "",
                    source,
                }),
        );
    }
    let mut groups = vec![Group {
        name: "all landscapes",
        kernels: common,
    }];
    for (name, landscape) in landscapes()? {
        let mut passes = PASSES.to_vec();
        if name == "linear screw" || name == "Fashion LeNet" {
            passes.push(FOURTH);
        }
        let mut kernels = vec![];
        for architecture in ARCHITECTURES {
            kernels.extend(kernels_of::<f32>(&landscape, &passes, architecture, "f32")?);
            kernels.extend(kernels_of::<f64>(&landscape, &passes, architecture, "f64")?);
        }
        groups.push(Group { name, kernels });
    }
    Ok(groups)
}

fn kernels_of<T: Number>(
    landscape: &DeviceLandscape,
    passes: &[Outputs],
    (architecture, shared_memory): (&'static str, usize),
    numbers: &'static str,
) -> Result<Vec<Wanted>, Box<dyn Error + Send + Sync>> {
    let mut sources = landscape.kernels::<T>(passes, shared_memory)?;
    sources.extend(landscape.trial_kernels::<T>(shared_memory)?);
    let wanted = |source| Wanted {
        architecture,
        numbers,
        source,
    };
    Ok(sources.into_iter().map(wanted).collect())
}

fn perceptron(inputs: usize, hidden: usize) -> Result<Graph, Box<dyn Error + Send + Sync>> {
    Ok(Graph::of((inputs + 2) * hidden, inputs + 1, |w, x| {
        let unit = |own: &[Expression]| {
            let z: Expression = (0..inputs).map(|i| own[i] * x[i]).sum();
            own[inputs + 1] * (z + own[inputs]).tanh()
        };
        let output: Expression = w.chunks(inputs + 2).map(unit).sum();
        (output - x[inputs]).square() * 0.5
    })?)
}

/// Networks that have every layer between them.
fn networks() -> Result<Vec<(&'static str, DeviceLandscape)>, Box<dyn Error + Send + Sync>> {
    let of_images = Network::input(Shape::image(2, 8, 8))
        .then(Convolution::new(4, 3).padding(1).groups(2))
        .then(Activation::Gelu)
        .then(Layer::residual([
            Convolution::new(4, 3).padding(1).into(),
            Activation::Silu.into(),
        ]))
        .then(Layer::average_pool(2))
        .then(Layer::layer_norm())
        .then(Layer::scale())
        .then(Activation::Sine)
        .then(Dense::new(3))
        .l2(0.01)
        .loss(Loss::CrossEntropy)?;
    let of_tokens = Network::input(Shape::Tokens(4))
        .then(Layer::embedding(6, 4))
        .then(Attention::new(2).causal())
        .then(Activation::Softplus)
        .then(Dense::new(2))
        .then(Activation::Sigmoid)
        .loss(Loss::MeanSquared)?;
    Ok(vec![
        (
            "images, many layers",
            NetworkLandscape::new(&of_images).into(),
        ),
        (
            "tokens, attention",
            NetworkLandscape::new(&of_tokens).into(),
        ),
    ])
}

fn landscapes() -> Result<Vec<(&'static str, DeviceLandscape)>, Box<dyn Error + Send + Sync>> {
    let mut all: Vec<(&str, DeviceLandscape)> = vec![
        ("Gaussian fit", Graph::record(&GaussianFit)?.into()),
        ("linear screw", Graph::record(&LinearScrew)?.into()),
        ("perceptron, 31 weights", perceptron(3, 6)?.into()),
        ("perceptron, 1320 weights", perceptron(20, 60)?.into()),
    ];
    for (name, named) in [
        ("Fashion LeNet", Named::FashionLeNet),
        ("CIFAR LeNet", Named::CifarLeNet),
        ("Fashion logistic", Named::FashionLogistic),
    ] {
        let network = named.network().ok_or("no network")?;
        all.push((name, network.clone().into()));
    }
    all.extend(networks()?);
    Ok(all)
}
