//! Compares the time of training runs by update rules with those by SGD: the paper's `LeNet` on Fashion-MNIST, batches of 1 and of 4 points, no test points.
//!
//! All run in turn, several times, and each is compared with the SGD of its own turn, so that what else the machine does touches all alike.

mod work;

use std::time::Instant;

use diagrams::calculus::optimizer::{Averaging, LearningRates};
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::simulate::{
    Optimizer, Schedule, Shuffle, Simulation, TestPoints, UpdateRule,
};

use work::{Real, images, weights};

const LANDSCAPE: Named = Named::FashionLeNet;
const STEPS: usize = 100;
const TURNS: usize = 15;

fn main() {
    // Cargo asks for a list of benchmarks in some of its runs.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    println!("trial-steps a second; their ratio to SGD's: median of {TURNS} turns\n");
    for batch in [1, 4] {
        compare::<f32>(batch);
        compare::<f64>(batch);
    }
}

/// The optimizers. SGD is the first, and once more in the middle, which shows how far ratios can be trusted.
fn optimizers(steps: usize) -> Vec<Optimizer> {
    let nine_tenths = || "9/10".parse().expect("a number");
    let sgd = UpdateRule::sgd;
    let momentum = || sgd().with_momentum(nine_tenths());
    let tail = Averaging::Tail(steps / 2);
    let rules = [
        momentum(),
        momentum().nesterov(),
        sgd(),
        sgd().scheduled(LearningRates::Cosine),
        sgd().averaged(tail.clone()),
        sgd().averaged(Averaging::Ema(nine_tenths())),
        momentum()
            .nesterov()
            .scheduled(LearningRates::Cosine)
            .averaged(tail),
    ];
    let rules = rules.into_iter().map(Optimizer::Rule);
    std::iter::once(Optimizer::Sgd).chain(rules).collect()
}

fn compare<T: Real>(batch: usize) {
    let theta0: Vec<T> = weights(LANDSCAPE);
    let population = images(500);
    let steps = STEPS / batch;
    let trials = 256;
    let optimizers = optimizers(steps);
    let mut seconds = vec![vec![]; optimizers.len()];
    for turn in 0..=TURNS {
        for (optimizer, seconds) in optimizers.iter().zip(&mut seconds) {
            let simulation = Simulation {
                landscape: &LANDSCAPE,
                theta0: &theta0,
                population: &population,
                optimizer: optimizer.clone(),
                schedule: Schedule::new(steps * batch, batch, 1, Shuffle::Never)
                    .expect("batches divide the training set"),
                etas: vec![0.01],
                trials,
                seed: 1,
                probe: None,
                test_points: TestPoints::None,
                train_loss: false,
            };
            let start = Instant::now();
            simulation.run().expect("it can be run");
            // The first turn warms up.
            if turn > 0 {
                seconds.push(start.elapsed().as_secs_f64());
            }
        }
    }
    let sgd = seconds[0].clone();
    for (optimizer, seconds) in optimizers.iter().zip(seconds) {
        let mut ratios: Vec<f64> = sgd
            .iter()
            .zip(&seconds)
            .map(|(sgd, own)| sgd / own)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let mut seconds = seconds;
        seconds.sort_by(f64::total_cmp);
        let rate = (trials * steps) as f64 / seconds[TURNS / 2];
        println!(
            "batch {batch}, {}: {rate:9.0}/s {:6.3}  {optimizer}",
            T::NAME,
            ratios[TURNS / 2]
        );
    }
    println!();
}
