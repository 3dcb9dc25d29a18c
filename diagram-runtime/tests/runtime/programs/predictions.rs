//! Simulated programs against series by the kernels of the same programs.

use diagram_calculus::diagram::Diagram;
use diagram_calculus::measure::{Measure, diagrams_for};
use diagram_runtime::derivatives::{Derivatives, PointDerivatives};
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::optimized;
use diagram_runtime::values::{Options, evaluate};

use super::*;

const SEED: u64 = 3;
const ETA: f64 = 0.0005;
const ORDER: usize = 3;
const TRIALS: usize = 20_000;

/// What a program ends at is within 4.5 standard errors of what its kernel predicts. So is the difference from SGD on the same training sets, which has little noise: it is some hundred
/// standard errors from 0, and three for the optimistic method, whose additional steps add up to the difference of the last one and the first.
/// The fourth order would add less than a tenth of any of these standard errors.
#[test]
fn simulations_are_as_kernels_predict() {
    let (landscape, population) = (polynomial(), datapoints(20));
    let schedule = Schedule::new(8, 1, 2, Shuffle::Never).unwrap();
    let sampling = Sampling::epochs(8, 1, 2, false).unwrap();
    let simulation = Simulation {
        trials: TRIALS,
        seed: SEED,
        ..Simulation::new(&landscape, &THETA, &population, schedule, &[ETA])
    };
    let local = PointDerivatives::new(&landscape, &THETA, &population).unwrap();
    let losses = |simulated: Simulated| -> Vec<f64> {
        let outcomes = simulated.rates[0].outcomes.iter();
        outcomes.map(|outcome| outcome.test_loss).collect()
    };
    let by_sgd = losses(simulation.run().unwrap());
    let rule = Training::new(sampling.clone(), UpdateRule::sgd()).unwrap();
    let of_sgd = predict(&local, &rule);
    for_each_program!(|program| {
        let training = Training::from_program(sampling.clone(), program).unwrap();
        let predicted = predict(&local, &training);
        let by_program = losses(simulation.run_program(program).unwrap());
        let differences: Vec<f64> = by_program
            .iter()
            .zip(&by_sgd)
            .map(|(one, other)| one - other)
            .collect();
        let [level, _] = errors(&by_program, predicted);
        let [difference, from_nothing] = errors(&differences, predicted - of_sgd);
        let name = std::any::type_name_of_val(program);
        assert!(level.abs() < 4.5, "{name}: {level}");
        assert!(difference.abs() < 4.5, "{name}: {difference}");
        assert!(from_nothing.abs() > 3.0, "{name}: {from_nothing}");
    });
}

/// How many standard errors a mean is from a number, and from 0.
fn errors(numbers: &[f64], expected: f64) -> [f64; 2] {
    let count = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / count;
    let squares: f64 = numbers.iter().map(|number| (number - mean).powi(2)).sum();
    let standard_error = (squares / (count * (count - 1.0))).sqrt();
    [expected, 0.0].map(|number| (mean - number) / standard_error)
}

/// The predicted test loss of a training run.
fn predict(derivatives: &dyn Derivatives<f64>, training: &Training) -> f64 {
    let diagrams = diagrams_for(Measure::TestLoss, ORDER);
    let classes: Vec<_> = diagrams.iter().map(Diagram::value_class).collect();
    let values = evaluate(
        &Interpreted::new(&classes),
        derivatives,
        &Options::population(),
    )
    .unwrap();
    let series = optimized::series(&values, Measure::TestLoss, &diagrams, training).unwrap();
    series.at(ETA).value
}
