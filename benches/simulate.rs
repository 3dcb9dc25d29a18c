//! Measures the time of many small training runs of the paper's `LeNet` on Fashion-MNIST, with batches of 1 and T = 10 updates, on all threads.
//!
//! SGD takes a gradient for each update and a loss for each test point. The other optimizers that are measured take more gradients for an update, and
//! GDC takes Hessian-vector products, too.

mod work;

use criterion::Criterion;
use diagrams::runtime::landscapes::{Named, lenet};
use diagrams::runtime::simulate::{Optimizer, Schedule, Shuffle, Simulation, TestPoints};

use work::flops::Shapes;
use work::{Real, Workload, bench, criterion, images, weights};

const LANDSCAPE: Named = Named::FashionLeNet;
const STEPS: usize = 10;

fn main() {
    let mut criterion = criterion();
    simulate::<f32>(&mut criterion);
    simulate::<f64>(&mut criterion);
    optimizers::<f32>(&mut criterion);
    optimizers::<f64>(&mut criterion);
    criterion.final_summary();
}

fn simulate<T: Real>(criterion: &mut Criterion) {
    let shapes = Shapes::of(&lenet(1, 28));
    let theta0: Vec<T> = weights(LANDSCAPE);
    let population = images(2000);
    let plain: [&[u8]; 1] = [&[]];
    for (test_points, trials) in [(0, 2048), (30, 1024), (300, 256)] {
        let simulation = Simulation {
            landscape: &LANDSCAPE,
            theta0: &theta0,
            population: &population,
            optimizer: Optimizer::Sgd,
            schedule: Schedule::new(STEPS, 1, 1, Shuffle::Never).expect("one point an update"),
            etas: vec![0.1],
            trials,
            seed: 1,
            probe: None,
            test_points: match test_points {
                0 => TestPoints::None,
                count => TestPoints::Subset(count),
            },
            train_loss: false,
        };
        let trial = STEPS as f64 * shapes.pass(&plain) + test_points as f64 * shapes.forward();
        let name = match test_points {
            0 => "trial-steps, no test points".to_string(),
            count => format!("trial-steps, {count} test points a trial"),
        };
        let work = Workload {
            name: &name,
            items: (trials * STEPS) as f64,
            unit: Some("trial-steps"),
            flops: trials as f64 * trial,
        };
        bench::<T>(criterion, &work, || {
            simulation.run().expect("it can be run");
        });
    }
}

/// Measures GDC and the SDE with one sub-step for each update. Both have as many training points as updates.
fn optimizers<T: Real>(criterion: &mut Criterion) {
    let shapes = Shapes::of(&lenet(1, 28));
    let (gradient, product): ([&[u8]; 1], [&[u8]; 1]) = ([&[]], [&[1]]);
    let theta0: Vec<T> = weights(LANDSCAPE);
    let population = images(STEPS);
    let gradients = STEPS as f64 * shapes.pass(&gradient);
    let products = STEPS as f64 * shapes.pass(&product);
    for (optimizer, update) in [
        (Optimizer::Gdc, gradients + products),
        (Optimizer::Sde { substeps: 1 }, gradients),
    ] {
        let trials = 256;
        let simulation = Simulation {
            landscape: &LANDSCAPE,
            theta0: &theta0,
            population: &population,
            optimizer,
            schedule: Schedule::gradient_descent(STEPS, STEPS).expect("there are steps"),
            etas: vec![0.1],
            trials,
            seed: 1,
            probe: None,
            test_points: TestPoints::None,
            train_loss: false,
        };
        let work = Workload {
            name: &format!("trial-steps of {}", simulation.optimizer),
            items: (trials * STEPS) as f64,
            unit: Some("trial-steps"),
            flops: (trials * STEPS) as f64 * update,
        };
        bench::<T>(criterion, &work, || {
            simulation.run().expect("it can be run");
        });
    }
}
