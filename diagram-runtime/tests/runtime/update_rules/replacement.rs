//! Batches that are drawn with replacement, and fresh ones.

use diagram_calculus::measure::Measure;
use diagram_runtime::derivatives::PointDerivatives;
use diagram_runtime::draws::Stream;
use diagram_runtime::landscape::Landscape;
use diagram_runtime::landscapes::Polynomial;
use diagram_runtime::samples::Samples;
use diagram_runtime::simulate::draw::Draw;
use diagram_runtime::simulate::{
    Control, ControlVariates, Optimizer, Schedule, ScheduleError, Shuffle, Simulation,
    SimulationError, TestPoints, UpdateRule,
};

use super::{THETA, datapoints, exact, outcomes, polynomial, simulation};
use crate::reference::Plain;

/// First the training set, then one number below N for each point of each batch.
#[test]
fn each_point_of_a_batch_is_a_draw_of_its_own() {
    let (landscape, population) = (polynomial(), datapoints(9));
    let schedule = Schedule::with_replacement(5, 3, 40).unwrap();
    let simulation = simulation(&landscape, &THETA, &population, UpdateRule::sgd(), schedule);
    let mut counts = [0; 5];
    for trial in 0..50 {
        let draw = Draw::new(&simulation, trial);
        let mut stream = Stream::new(simulation.seed, trial as u64 + 1);
        let train: Vec<usize> = (0..5).map(|_| stream.below(9)).collect();
        assert_eq!(draw.train, train);
        let mut order = draw.order();
        order.begin_epoch(schedule);
        for position in 0..schedule.visits() {
            let drawn = stream.below(5);
            counts[drawn] += 1;
            assert_eq!(order.point(position), train[drawn]);
        }
    }
    // 6,000 draws: 1,200 of each, within 5 standard deviations √(6000/5 · 4/5) = 31.
    for count in counts {
        assert!((1045..=1355).contains(&count), "{counts:?}");
    }
}

/// Means of many trials against all 3² training sets with all 2⁴ draws, all equally likely.
#[test]
fn means_are_those_of_all_draws() {
    let landscape = Polynomial::new(1, vec![vec![1], vec![2], vec![4]]).unwrap();
    let numbers = vec![1.0, 0.5, 0.2, -0.5, 1.0, 0.1, 0.2, 2.0, 0.0];
    let population = Samples::new(3, numbers).unwrap();
    let (start, eta) = (0.7, 0.1);
    for momentum in [None, Some(exact("9/10"))] {
        let beta = if momentum.is_some() { 0.9 } else { 0.0 };
        let rule = UpdateRule::sgd();
        let rule = match momentum {
            None => rule,
            Some(beta) => rule.with_momentum(beta),
        };
        let slope =
            |theta: f64, row: usize| landscape.gradient_at(&[theta], population.row(row))[0];
        let loss =
            |theta: f64, row| Landscape::loss::<f64>(&landscape, &[theta], population.row(row));
        let mut sums = [0.0; 3];
        for train in (0..9).map(|set| [set / 3, set % 3]) {
            for draws in 0..16 {
                let at = |slot: usize| train[draws >> slot & 1];
                let mut theta = start;
                let mut velocity = 0.0;
                for update in 0..2 {
                    let gradient = slope(theta, at(2 * update)) + slope(theta, at(2 * update + 1));
                    velocity = beta * velocity + gradient / 2.0;
                    theta -= eta * velocity;
                }
                sums[0] += (0..3).map(|row| loss(theta, row)).sum::<f64>() / 3.0;
                sums[1] += f64::midpoint(loss(theta, train[0]), loss(theta, train[1]));
                sums[2] += theta - start;
            }
        }
        let simulation = Simulation {
            landscape: &landscape,
            theta0: &[start],
            population: &population,
            optimizer: Optimizer::Rule(rule),
            schedule: Schedule::with_replacement(2, 2, 2).unwrap(),
            etas: vec![eta],
            trials: 40_000,
            seed: 11,
            probe: Some(&[1.0]),
            test_points: TestPoints::All,
            train_loss: true,
        };
        let summary = simulation.summarize().unwrap();
        let measures = [Measure::TestLoss, Measure::TrainLoss, Measure::Displacement];
        for (measure, sum) in measures.into_iter().zip(sums) {
            let found = summary.rates[0].estimate(measure).unwrap();
            let error = (found.mean - sum / 144.0) / found.standard_error;
            // Of six comparisons from a fixed seed none is off by 4 standard errors by chance.
            assert!(
                error.abs() < 4.0,
                "{measure:?} is off by {error} standard errors"
            );
        }
    }
}

#[test]
fn fresh_points_are_one_epoch_on_as_many() {
    let schedule = Schedule::fresh(3, 4).unwrap();
    assert_eq!(schedule, Schedule::new(12, 3, 1, Shuffle::Never).unwrap());
    assert_eq!(
        Schedule::fresh(0, 4),
        Err(ScheduleError::Zero {
            what: "points in a batch"
        })
    );
    let [steps, batch] = [usize::MAX / 2, 3];
    let many = Err(ScheduleError::TooManyPoints { steps, batch });
    assert_eq!(Schedule::fresh(batch, steps), many);
    assert_eq!(Schedule::with_replacement(2, batch, steps), many);
}

/// Of one training point each draw is that point, over more steps than one call of a kernel takes.
#[test]
fn of_one_point_replacement_changes_nothing() {
    let landscape = Polynomial::new(1, vec![vec![1], vec![2]]).unwrap();
    let population = Samples::new(2, vec![0.5, 1.0, -1.0, 2.0, 0.25, 0.5]).unwrap();
    let run = |schedule| {
        let simulation = simulation(&landscape, &[0.5], &population, UpdateRule::sgd(), schedule);
        outcomes(&simulation)
    };
    let drawn = run(Schedule::with_replacement(1, 1, 130).unwrap());
    let epochs = run(Schedule::new(1, 1, 130, Shuffle::Never).unwrap());
    assert_eq!(drawn, epochs);
}

#[test]
fn what_needs_epochs_is_refused() {
    let (landscape, population) = (polynomial(), datapoints(9));
    let schedule = Schedule::with_replacement(4, 4, 3).unwrap();
    let gdc = Simulation {
        optimizer: Optimizer::Gdc,
        ..simulation(&landscape, &THETA, &population, UpdateRule::sgd(), schedule)
    };
    assert_eq!(gdc.run().unwrap_err(), SimulationError::DrawnPoints);
    let derivatives = PointDerivatives::new(&landscape, &THETA, &population).unwrap();
    let controls = ControlVariates::new(&derivatives, schedule, None).unwrap();
    let controlled = |rule, schedule| {
        let simulation = simulation(&landscape, &THETA, &population, rule, schedule);
        let run = simulation.summarize_controlled(Control::unattended(), &[], &controls);
        run.unwrap_err().to_string()
    };
    assert_eq!(
        controlled(UpdateRule::sgd(), schedule),
        "control variates explain steps of sgd, not of sgd on points drawn with replacement"
    );
    assert_eq!(
        controlled(super::momentum(), schedule),
        "control variates explain steps of sgd, not of sgd with momentum 9/10"
    );
}
