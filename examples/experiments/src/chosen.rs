//! The landscape that the options of a program choose.
#![allow(
    clippy::doc_markdown,
    reason = "the documentation of an option is the text of its --help"
)]

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use diagrams::networks::Loss;
use diagrams::runtime::data::{CLASSES, Cifar100Labels, Classes, Column, Dataset, Label};
use diagrams::runtime::derivatives::{Derivatives, PointError};
use diagrams::runtime::initialization::Initialization;
use diagrams::runtime::landscape::Landscape;
use diagrams::runtime::landscapes::{Named, Precision};
use diagrams::runtime::network::NetworkLandscape;
use diagrams::runtime::samples::Samples;
use diagrams::runtime::simulate::Simulator;

/// The options of programs about the landscape.
#[derive(Args, Clone, Debug)]
pub struct LandscapeOptions {
    /// Loss landscape: fashion-logistic, fashion-lenet, cifar-logistic, cifar-lenet, gaussian-fit, linear-screw or mean-estimation.
    #[arg(long, value_name = "NAME", default_value_t = Named::FashionLeNet)]
    pub landscape: Named,

    /// Network of your own, as in docs/language.md, in place of --landscape: "input(4) -> dense(8) -> softplus -> dense(3) -> cross_entropy". Data
    /// come from a file (--data); networks of 784 or 3,072 inputs and ten classes read Fashion-MNIST or CIFAR-10 like the built-in landscapes,
    /// and those of 3,072 inputs and 20 or 100 classes the coarse or fine classes of CIFAR-100.
    #[arg(long, value_name = "TEXT", conflicts_with = "landscape")]
    pub network: Option<String>,
}

impl LandscapeOptions {
    /// The landscape.
    ///
    /// # Errors
    /// A text for each mistake of the network, with its place.
    pub fn chosen(&self) -> Result<Chosen, String> {
        match &self.network {
            None => Ok(self.landscape.into()),
            Some(text) => match diagrams::network(text) {
                Ok(network) => Ok(Chosen::Network(Arc::new(NetworkLandscape::new(&network)))),
                Err(mistakes) => Err(format!("--network:\n{mistakes}")),
            },
        }
    }
}

/// The options of programs about the initial weights.
#[derive(Args, Clone, Debug, Default)]
pub struct WeightOptions {
    /// File of the initial weights. For networks: tensors by the names of PyTorch's state_dict (.safetensors), or θ as .npy or as 64- or 32-bit floats in
    /// little-endian order (see docs/networks.md). For the others: 64-bit floats.
    #[arg(long, value_name = "FILE", conflicts_with = "initialization", value_parser = crate::options::path)]
    pub theta: Option<PathBuf>,

    /// Distribution of the initial weights of a network: paper, xavier_uniform, xavier_normal, kaiming_uniform or kaiming_normal. Without it, they are
    /// the paper's, standard normals. gaussian-fit, linear-screw and mean-estimation begin at 0.
    #[arg(long, value_name = "NAME")]
    pub initialization: Option<Initialization>,
}

/// A landscape that is chosen at run time.
#[derive(Clone, Debug)]
pub enum Chosen {
    /// A built-in landscape.
    Named(Named),
    /// A declared network.
    Network(Arc<NetworkLandscape>),
}

impl From<Named> for Chosen {
    fn from(named: Named) -> Self {
        Chosen::Named(named)
    }
}

/// The name of a built-in landscape, or the text that declares a network.
impl fmt::Display for Chosen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Chosen::Named(named) => named.fmt(f),
            Chosen::Network(landscape) => landscape.network().fmt(f),
        }
    }
}

impl Chosen {
    /// The number P of weights.
    pub fn dimension(&self) -> usize {
        match self {
            Chosen::Named(named) => named.dimension(),
            Chosen::Network(landscape) => landscape.network().dimension(),
        }
    }

    /// The number of numbers in a datapoint.
    pub fn input_width(&self) -> usize {
        match self {
            Chosen::Named(named) => named.input_width(),
            Chosen::Network(landscape) => landscape.network().input_width(),
        }
    }

    /// The declared network that the landscape is, unless it is none.
    pub fn network(&self) -> Option<&NetworkLandscape> {
        match self {
            Chosen::Named(named) => named.network(),
            Chosen::Network(landscape) => Some(landscape),
        }
    }

    /// The derivatives at `theta`, P finite numbers, for `samples`.
    ///
    /// # Errors
    /// [`PointError`].
    pub fn local<'a, T: Precision>(
        &'a self,
        theta: &'a [T],
        samples: &'a Samples<T>,
    ) -> Result<Box<dyn Derivatives<T> + 'a>, PointError> {
        match self {
            Chosen::Named(named) => named.local(theta, samples),
            Chosen::Network(landscape) => landscape.local(theta, samples),
        }
    }

    /// The simulator.
    pub fn simulator<T: Precision>(&self) -> &dyn Simulator<T> {
        match self {
            Chosen::Named(named) => named,
            Chosen::Network(landscape) => landscape.simulator(),
        }
    }

    /// The number of floating point operations of one loss and of one gradient, if they are known.
    pub fn flops(&self) -> Option<[f64; 2]> {
        match self {
            Chosen::Named(named) => Some([named.forward_flops()?, named.gradient_flops()?]),
            Chosen::Network(landscape) => {
                Some([landscape.forward_flops()?, landscape.gradient_flops()?])
            }
        }
    }

    /// The set of images that the landscape reads if no file is given; `None` if there is none that fits.
    pub fn dataset(&self) -> Option<Dataset> {
        match self {
            Chosen::Named(named) => match named {
                Named::FashionLogistic | Named::FashionLeNet => Some(Dataset::Fashion),
                Named::CifarLogistic | Named::CifarLeNet => Some(Dataset::Cifar),
                Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => None,
            },
            Chosen::Network(landscape) => {
                let network = landscape.network();
                let classes = (network.loss() == Loss::CrossEntropy).then(|| network.label_width());
                let datasets = [
                    (784, Dataset::Fashion),
                    (3072, Dataset::Cifar),
                    (3072, Dataset::Cifar100(Cifar100Labels::Coarse)),
                    (3072, Dataset::Cifar100(Cifar100Labels::Fine)),
                ];
                let pixels = network.input_shape().len();
                datasets.into_iter().find_map(|(size, dataset)| {
                    (size == pixels && Some(dataset.classes()) == classes).then_some(dataset)
                })
            }
        }
    }

    /// What the label of a datapoint is, where `columns` are the names of its arrays or columns, separated by commas; `None` if the landscape takes no
    /// label, but there are columns for one.
    pub fn label(&self, columns: Option<&str>) -> Option<Label> {
        let classes = |count| Label::Classes {
            column: columns.map(Column::from),
            classes: Classes::Count(count),
        };
        match (self, self.network()) {
            (Chosen::Named(_), Some(_)) => Some(classes(CLASSES)),
            (_, Some(landscape)) => Some(match landscape.network().loss() {
                Loss::CrossEntropy => classes(landscape.network().label_width()),
                Loss::BinaryLogistic | Loss::MeanSquared | Loss::Poisson => {
                    let names = columns.iter().flat_map(|columns| columns.split(','));
                    Label::Targets(names.map(|name| Column::from(name.trim())).collect())
                }
            }),
            (_, None) => columns.is_none().then_some(Label::None),
        }
    }
}
