//! Rules against `torch.optim.SGD`, by a fixture that `benches/peers/networks/update_rules.py` writes.

use diagram_calculus::optimizer::{Averaging, Betas, LearningRates, Momentum, WeightDecay};
use diagram_runtime::landscapes::Polynomial;
use diagram_runtime::samples::Samples;
use diagram_runtime::simulate::draw::Draw;
use diagram_runtime::simulate::{
    Control, KeptWeights, Optimizer, Schedule, Shuffle, Simulation, TestPoints, UpdateRule,
};
use num_rational::BigRational;
use serde::Deserialize;

use super::exact;

#[derive(Deserialize)]
struct Fixture {
    eta: f64,
    batch: usize,
    epochs: usize,
    theta0: Vec<f64>,
    exponents: Vec<Vec<u32>>,
    points: Vec<Vec<f64>>,
    seed: u64,
    train: Vec<usize>,
    cases: Vec<Case>,
}

/// Numbers are exact, as text.
#[derive(Deserialize)]
struct Case {
    name: String,
    momentum: Option<String>,
    dampening: Option<String>,
    nesterov: bool,
    weight_decay: Option<String>,
    cosine: bool,
    tail: Option<usize>,
    ema: Option<String>,
    weights: Vec<f64>,
}

impl Case {
    fn rule(&self) -> UpdateRule {
        let given = |number: &Option<String>| number.as_deref().map(exact);
        let zero = || BigRational::default();
        UpdateRule {
            learning_rates: if self.cosine {
                LearningRates::Cosine
            } else {
                LearningRates::Constant
            },
            momentum: given(&self.momentum).map(|beta| Momentum {
                beta: Betas::Constant(beta),
                dampening: given(&self.dampening).unwrap_or_else(zero),
                nesterov: self.nesterov,
            }),
            averaging: match (self.tail, given(&self.ema)) {
                (Some(count), _) => Averaging::Tail(count),
                (None, Some(gamma)) => Averaging::Ema(gamma),
                (None, None) => Averaging::Last,
            },
            weight_decay: given(&self.weight_decay).map(|rate| WeightDecay {
                rate,
                coupled: true,
                mask: None,
            }),
            ..UpdateRule::sgd()
        }
    }
}

#[test]
fn updates_are_those_of_pytorch() {
    let fixture = include_str!("../../fixtures/update_rules_torch.json");
    let fixture: Fixture = serde_json::from_str(fixture).unwrap();
    let landscape = Polynomial::new(fixture.theta0.len(), fixture.exponents).unwrap();
    let width = fixture.points[0].len();
    let population = Samples::new(width, fixture.points.concat()).unwrap();
    let schedule = Schedule::new(
        fixture.train.len(),
        fixture.batch,
        fixture.epochs,
        Shuffle::Never,
    );
    for case in &fixture.cases {
        let simulation = Simulation {
            landscape: &landscape,
            theta0: &fixture.theta0,
            population: &population,
            optimizer: Optimizer::Rule(case.rule()),
            schedule: schedule.unwrap(),
            etas: vec![fixture.eta],
            trials: 1,
            seed: fixture.seed,
            probe: None,
            test_points: TestPoints::None,
            train_loss: false,
        };
        assert_eq!(Draw::new(&simulation, 0).train, fixture.train);
        let kept = KeptWeights {
            rate: 0,
            each: false,
        };
        let run = simulation.run_with_weights(Control::unattended(), &[kept]);
        let found = &run.unwrap().1[0].mean;
        assert_eq!(found.len(), case.weights.len());
        for (found, expected) in found.iter().zip(&case.weights) {
            let error = (found - expected).abs();
            assert!(error < 1e-12, "{}: {found} is not {expected}", case.name);
        }
    }
    assert!(fixture.cases.len() >= 8);
}
