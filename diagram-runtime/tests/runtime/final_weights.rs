//! The weights at which trials end: against what the simulator measures of them, and as files.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use diagram_runtime::checkpoint::{CheckpointError, Format, load};
use diagram_runtime::landscape::Landscape;
use diagram_runtime::landscapes::GaussianFit;
use diagram_runtime::network::NetworkLandscape;
use diagram_runtime::networks::{Activation, Dense, Loss, Network, Parametrization, Shape};
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::Scalar;
use diagram_runtime::simulate::{
    Control, FinalWeights, KeptWeights, Optimizer, Schedule, Shuffle, Simulation, SimulationError,
    TestPoints,
};

const TRIALS: usize = 83;

fn population() -> Samples<f64> {
    Samples::new(1, vec![-1.5, -0.5, 0.0, 0.5, 1.5]).expect("whole rows")
}

fn simulation(population: &Samples<f64>, optimizer: Optimizer) -> Simulation<'_, f64> {
    Simulation {
        landscape: &GaussianFit,
        theta0: &[0.1],
        population,
        optimizer,
        schedule: Schedule::new(4, 4, 2, Shuffle::EachEpoch).expect("a schedule"),
        etas: vec![0.1, 0.3],
        trials: TRIALS,
        seed: 7,
        probe: Some(&[1.0]),
        test_points: TestPoints::All,
        train_loss: true,
    }
}

fn all(rate: usize) -> KeptWeights {
    KeptWeights { rate, each: true }
}

fn on_threads<R: Send>(threads: usize, run: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    pool.install(run)
}

/// With one weight the displacement along 1 is the weight, up to two roundings. Nothing else changes by a bit.
#[test]
fn weights_are_where_the_probe_measures_them() {
    let population = population();
    for optimizer in [
        Optimizer::Sgd,
        Optimizer::Gdc,
        Optimizer::Sde { substeps: 2 },
        Optimizer::Ode,
    ] {
        let simulation = simulation(&population, optimizer);
        let kept = [
            all(1),
            KeptWeights {
                rate: 0,
                each: false,
            },
        ];
        let (simulated, weights) = simulation
            .run_with_weights(Control::unattended(), &kept)
            .expect("it runs");
        assert_eq!(simulated, simulation.run().expect("it runs"));
        let (summary, same) = simulation
            .summarize_with_weights(Control::unattended(), &kept)
            .expect("it runs");
        assert_eq!(summary, simulation.summarize().expect("it runs"));
        assert_eq!(weights, same);

        let [second, first] = &weights[..] else {
            panic!("two rates are kept");
        };
        assert_eq!((first.eta, second.eta), (0.1, 0.3));
        assert!(first.each.is_empty());
        for (found, rate) in [(second, 1), (first, 0)] {
            let outcomes = &simulated.rates[rate].outcomes;
            assert_eq!((found.trials, found.diverged), (TRIALS, 0));
            let displacements = outcomes.iter().map(|outcome| outcome.displacement);
            let mean = displacements.clone().sum::<f64>() / TRIALS as f64;
            let squares = displacements.map(|x| (x - mean).powi(2)).sum::<f64>();
            let error = (squares / (TRIALS * (TRIALS - 1)) as f64).sqrt();
            // Sums of 83 numbers below 1 in size, in two orders.
            assert!((found.mean[0] - 0.1 - mean).abs() < 1e-13);
            assert!((found.standard_error[0] - error).abs() < 1e-13);
        }
        assert_eq!(second.each.len(), TRIALS);
        for (at, trial) in second.each.iter().enumerate() {
            let moved = simulated.rates[1].outcomes[at].displacement;
            assert_eq!(trial.trial, at);
            assert!((trial.theta[0] - 0.1 - moved).abs() < 1e-15);
        }
    }
}

#[test]
fn means_do_not_depend_on_the_number_of_threads() {
    let population = population();
    let simulation = simulation(&population, Optimizer::Sgd);
    let run = |threads| {
        on_threads(threads, || {
            simulation.summarize_with_weights(Control::unattended(), &[all(0)])
        })
    };
    let one = run(1);
    assert!(run(2) == one && run(5) == one);
}

/// `¼ x θ⁴`: diverges from far out, where the mean gradient is positive or not.
struct Quartic;

impl Landscape for Quartic {
    fn dimension(&self) -> usize {
        1
    }
    fn input_width(&self) -> usize {
        1
    }
    #[inline(always)]
    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        theta[0].clone().powi(4).scale(&x[0]) * S::constant(0.25)
    }
}

#[test]
fn trials_that_diverge_are_left_out() {
    let population = Samples::new(1, vec![0.0, 0.0, 0.0, 1.0]).expect("whole rows");
    let mut simulation = simulation(&population, Optimizer::Sgd);
    simulation.landscape = &Quartic;
    simulation.theta0 = &[100.0];
    simulation.schedule = Schedule::new(12, 1, 1, Shuffle::Never).expect("a schedule");
    let (summary, weights) = simulation
        .summarize_with_weights(Control::unattended(), &[all(1)])
        .expect("it runs");
    let FinalWeights {
        trials,
        diverged,
        mean,
        each,
        ..
    } = &weights[0];
    assert_eq!(summary.rates[1].diverged(), *diverged);
    assert!(*diverged > 0 && *trials > 0 && trials + diverged == TRIALS);
    assert_eq!(each.len(), *trials);
    assert!(mean[0].is_finite() && each.iter().all(|trial| trial.theta[0].is_finite()));
    // Weights alone tell, too.
    simulation.test_points = TestPoints::None;
    simulation.train_loss = false;
    simulation.probe = None;
    let (_, blind) = simulation
        .summarize_with_weights(Control::unattended(), &[all(1)])
        .expect("it runs");
    assert!(blind[0].diverged > 0 && blind[0].diverged <= *diverged);
}

fn network(parametrization: Parametrization) -> Network {
    Network::input(Shape::Vector(2))
        .parametrization(parametrization)
        .then(Dense::new(3).named("hidden"))
        .then(Activation::Tanh)
        .then(Dense::new(1))
        .loss(Loss::MeanSquared)
        .expect("it fits")
}

fn trained(network: &Network, theta0: &[f64], population: &Samples<f64>) -> FinalWeights {
    let landscape = NetworkLandscape::new(network);
    let simulation = Simulation {
        landscape: landscape.simulator(),
        theta0,
        population,
        optimizer: Optimizer::Sgd,
        schedule: Schedule::new(6, 2, 1, Shuffle::Never).expect("a schedule"),
        etas: vec![0.05],
        trials: 20,
        seed: 3,
        probe: None,
        test_points: TestPoints::None,
        train_loss: true,
    };
    let kept = simulation.run_with_weights(Control::unattended(), &[all(0)]);
    kept.expect("it runs").1.remove(0)
}

/// The mean and each trial in every format, read back as they were and taken as a start.
#[test]
fn files_are_starts_of_other_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let population = Samples::new(3, vec![0.1, 0.2, 1.0, -0.3, 0.5, 0.0, 0.7, -0.2, -1.0]);
    let population = population.expect("whole rows");
    for parametrization in [Parametrization::Standard, Parametrization::Xavier] {
        let network = network(parametrization);
        let theta0: Vec<f64> = (0..network.dimension())
            .map(|at| 0.1 * at as f64 - 0.5)
            .collect();
        let weights = trained(&network, &theta0, &population);
        for format in Format::ALL {
            let file = folder.path().join(format!("mean.{}", format.ending()));
            assert_eq!(Format::of_name(&file), Some(format));
            weights
                .save_mean(&file, &network, format)
                .expect("it is written");
            let files = weights
                .save_each(folder.path(), &network, format)
                .expect("they are written");
            assert_eq!(files.len(), 20);
            assert_eq!(
                files[7],
                folder.path().join(format!("trial_7.{}", format.ending()))
            );
            let saved = files
                .iter()
                .zip(&weights.each)
                .map(|(file, trial)| (file.as_path(), &trial.theta));
            for (file, theta) in saved.chain([(file.as_path(), &weights.mean)]) {
                let read = load(file, &network).expect("it is read");
                assert_eq!(read.format, format);
                // A weight is a component times the tensor's factor, which is 1 or rounds twice.
                let exact =
                    parametrization == Parametrization::Standard || format != Format::Safetensors;
                for (read, saved) in read.theta.iter().zip(theta) {
                    let most = if exact { 0.0 } else { 3e-16 * saved.abs() };
                    assert!((read - saved).abs() <= most, "{format}: {read} {saved}");
                }
                let next = trained(&network, &read.theta, &population);
                assert!(next.mean.iter().all(|weight| weight.is_finite()));
            }
            let about = load(&file, &network).expect("it is read").metadata;
            if format == Format::Safetensors {
                assert_eq!(about["eta"], "0.05");
                assert_eq!(about["mean_over_trials"], "20");
            }
        }
    }
    assert_eq!(Format::of_name(Path::new("weights.bin")), None);
    assert_eq!(Format::of_name(Path::new("npy")), None);
}

#[test]
fn what_cannot_be_kept_or_written_is_refused() {
    let population = population();
    let mut simulation = simulation(&population, Optimizer::Sgd);
    let kept = simulation.run_with_weights(Control::unattended(), &[all(0), all(2)]);
    let error = kept.unwrap_err();
    assert_eq!(error, SimulationError::KeptRate { rate: 2, rates: 2 });
    assert_eq!(
        error.to_string(),
        "weights cannot be kept at learning rate 2: there are 2, counted from 0"
    );

    let control = Control {
        progress: &|_| {},
        cancel: &AtomicBool::new(true),
    };
    simulation.trials = 100;
    let (summary, weights) = simulation
        .summarize_with_weights(control, &[all(1)])
        .expect("it is cancelled");
    assert_eq!(
        (summary.finished, weights[0].trials, weights[0].eta),
        (0, 0, 0.3)
    );
    assert!(weights[0].mean[0].is_nan() && weights[0].standard_error[0].is_nan());
    let network = Network::input(Shape::Vector(1))
        .then(Dense::new(1).without_bias())
        .loss(Loss::MeanSquared)
        .expect("it fits");
    let folder = tempfile::tempdir().expect("a folder");
    let saved = weights[0].save_mean(folder.path().join("mean.raw"), &network, Format::Raw);
    assert!(matches!(saved, Err(CheckpointError::NotFinite { .. })));
    assert_eq!(folder.path().read_dir().expect("a folder").count(), 0);
}
