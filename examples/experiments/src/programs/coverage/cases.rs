//! The distributions and landscapes.

use std::error::Error;

use diagrams::prelude::*;
use diagrams::runtime::data::{Description, Standardize, load_bytes, normal_quantiles};
use diagrams::runtime::derivatives::Derivatives;
use diagrams::runtime::simulate::Simulator;

diagrams! {
    spacetime OneEpoch = sgd(train: N, batch: 1, epochs: 1);
    pub(crate) predictor Vanilla: test_loss in OneEpoch = all(edges <= 3);

    network Penguins = input(4) -> dense(3) -> cross_entropy;
}

/// The numbers of training points N and of updates T.
pub(crate) const STEPS: usize = 10;

/// A landscape with a population that is the distribution, and initial weights.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    landscape: Kind,
    pub(crate) theta: Vec<f64>,
    pub(crate) population: Samples<f64>,
    /// The number of datapoints in a sample.
    pub(crate) sample: usize,
}

enum Kind {
    Named(Named),
    Penguins,
}

impl Case {
    /// All cases, from light to heavy tails.
    pub(crate) fn all() -> Result<Vec<Case>, Box<dyn Error>> {
        let table = include_bytes!("../../../../data/penguins.csv");
        let description = Description {
            standardize: Standardize::ByOwnMoments,
            ..Description::classes("species")
        };
        let penguins = load_bytes::<f64>("penguins.csv", table, &description)?;
        let network = Penguins::network();
        Ok(vec![
            Case {
                name: "mean estimation, normal noise",
                landscape: Kind::Named(Named::MeanEstimation),
                theta: vec![0.5],
                population: normal_quantiles(400),
                sample: 96,
            },
            Case {
                name: "logistic regression, penguins",
                landscape: Kind::Penguins,
                theta: initialization(network.dimension(), 1),
                population: penguins.samples,
                sample: 96,
            },
            Case {
                name: "Gaussian fit, normal data",
                landscape: Kind::Named(Named::GaussianFit),
                theta: vec![0.2],
                population: normal_quantiles(400),
                sample: 96,
            },
        ])
    }

    /// The derivatives at the initial weights on the population.
    pub(crate) fn local(&self) -> Result<Box<dyn Derivatives<f64> + '_>, Box<dyn Error>> {
        Ok(match self.landscape {
            Kind::Named(named) => named.local(&self.theta, &self.population)?,
            Kind::Penguins => Penguins::landscape().local(&self.theta, &self.population)?,
        })
    }

    pub(crate) fn simulator(&self) -> &dyn Simulator<f64> {
        match &self.landscape {
            Kind::Named(named) => named,
            Kind::Penguins => Penguins::landscape().simulator(),
        }
    }
}
