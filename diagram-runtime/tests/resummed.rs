//! Re-summed predictions against plain series, closed forms, and each other.

use diagram_calculus::coefficient::Parameters;
use diagram_calculus::measure::{Measure, diagrams_for, expand};
use diagram_calculus::resummed::{Course, NoContinuum, ResummedDiagram, resummed_for};
use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
use diagram_runtime::data::embedded_fashion;
use diagram_runtime::derivatives::{Derivatives, PointDerivatives};
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscape::initialization;
use diagram_runtime::landscapes::{Named, Polynomial};
use diagram_runtime::learning_rate::LearningRate;
use diagram_runtime::resummed::{
    Modes, NotFinite, ResummedPrediction, ResummedValueError, ResummedValues,
};
use diagram_runtime::samples::Samples;
use diagram_runtime::values::{Options, evaluate};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

fn sgd(shuffle: Shuffle) -> Spacetime {
    let symbol = |name: &str| Parameter::Symbol(name.into());
    Spacetime::sgd(symbol("N"), symbol("B"), symbol("E"), shuffle)
}

fn course(train: u64, batch: u64, epochs: u64) -> Course {
    let parameters = Parameters::new(train, batch, epochs).expect("a schedule");
    Course::new(&sgd(Shuffle::Never), &parameters).expect("a schedule")
}

/// All monomials of degrees 1 to 4 in so many weights, and random coefficients for so many datapoints.
fn random_landscape(dimension: usize, points: usize, seed: u64) -> (Polynomial, Samples<f64>) {
    let mut exponents = vec![];
    let mut monomial = vec![0_u32; dimension];
    while let Some(place) = (0..dimension).find(|&at| monomial[at] < 4) {
        monomial[place] += 1;
        monomial[..place].fill(0);
        if monomial.iter().sum::<u32>() <= 4 {
            exponents.push(monomial.clone());
        }
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let numbers = (0..points * exponents.len())
        .map(|_| rng.random_range(-1.0..1.0))
        .collect();
    let samples = Samples::new(exponents.len(), numbers).expect("whole rows");
    (
        Polynomial::new(dimension, exponents).expect("a polynomial"),
        samples,
    )
}

/// `Σ h_i w_i²/2 + (b + x)·w` with a noise x of mean 0 whose covariance is `covariance`-like: the datapoints, one per row of x.
fn quadratic(curvatures: &[f64], slope: &[f64], noise: &[Vec<f64>]) -> (Polynomial, Samples<f64>) {
    let dimension = curvatures.len();
    let unit = |at: usize, exponent: u32| {
        let mut monomial = vec![0; dimension];
        monomial[at] = exponent;
        monomial
    };
    let squares = (0..dimension).map(|at| unit(at, 2));
    let exponents = squares
        .chain((0..dimension).map(|at| unit(at, 1)))
        .collect();
    let numbers = noise.iter().flat_map(|x| {
        let halves = curvatures.iter().map(|h| 0.5 * h);
        halves
            .chain(x.iter().zip(slope).map(|(x, b)| x + b))
            .collect::<Vec<_>>()
    });
    let samples = Samples::new(2 * dimension, numbers.collect()).expect("whole rows");
    (
        Polynomial::new(dimension, exponents).expect("a polynomial"),
        samples,
    )
}

fn predict(
    measure: Measure,
    order: usize,
    derivatives: &dyn Derivatives<f64>,
    course: &Course,
    eta: f64,
) -> ResummedPrediction {
    let values = ResummedValues::new(&resummed_for(measure, order), derivatives, Modes::All)
        .expect("values");
    values.curve(course).at(eta).expect("finite")
}

/// All components of the plain series through η^order at a learning rate.
fn plain(
    measure: Measure,
    order: usize,
    derivatives: &dyn Derivatives<f64>,
    spacetime: &Spacetime,
    parameters: &Parameters,
    eta: f64,
) -> Vec<f64> {
    let expansion = expand(measure, spacetime, diagrams_for(measure, order)).expect("terms");
    let classes: Vec<_> = expansion
        .values
        .iter()
        .map(|(class, _)| class.clone())
        .collect();
    let values = evaluate(
        &Interpreted::new(&classes),
        derivatives,
        &Options::population(),
    )
    .expect("values");
    let series = values
        .series(&expansion.values, parameters)
        .expect("a series");
    let width = series.coefficients[0]
        .len()
        .max(series.coefficients[order].len());
    (0..width)
        .map(|component| {
            let coefficients = series.coefficients.iter().enumerate();
            coefficients
                .map(|(k, c)| c.get(component).copied().unwrap_or(0.0) * eta.powi(k as i32))
                .sum()
        })
        .collect()
}

/// The two agree through η^order, so that their difference falls with η as its power order + 1.
fn assert_agreement_to_order(
    measure: Measure,
    order: usize,
    shuffle: Shuffle,
    sizes: (u64, u64, u64),
) {
    let (landscape, samples) = random_landscape(2, 4, 7);
    let local = PointDerivatives::new(&landscape, &[0.3, -0.2], &samples).expect("fits");
    let rate = LearningRate::matrix(&[vec![1.0, 0.4], vec![0.4, 0.7]]).expect("positive");
    let local = rate.on(&local).expect("fits");
    let parameters = Parameters::new(sizes.0, sizes.1, sizes.2).expect("a schedule");
    let spacetime = sgd(shuffle);
    let course = Course::new(&spacetime, &parameters).expect("a schedule");
    let apart = |eta: f64| -> f64 {
        let resummed = predict(measure, order, &local, &course, eta);
        let plain = plain(measure, order, &local, &spacetime, &parameters, eta);
        let total = resummed
            .excess_vector()
            .iter()
            .zip(resummed.noiseless_vector())
            .map(|(a, b)| a + b);
        total
            .zip(&plain)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f64>()
            .sqrt()
    };
    // Halving η divides the difference by 2^(order+1), but for the next power, a relative η·(weights' scale) of it. Rounding stays far
    // below: differences here are above 1e-9, of terms of size 1.
    let eta = 2e-3;
    let (coarse, fine) = (apart(eta), apart(eta / 2.0));
    let power = (coarse / fine).log2();
    assert!(
        coarse > 1e-10,
        "{measure} order {order} {sizes:?}: {coarse:e}"
    );
    assert!(
        (power - (order as f64 + 1.0)).abs() < 0.15,
        "{measure} order {order} {sizes:?}: power {power}"
    );
}

#[test]
fn agreement_with_theorem_1_ends_at_the_next_power() {
    for measure in [
        Measure::TestLoss,
        Measure::TrainLoss,
        Measure::GeneralizationGap,
        Measure::Displacement,
    ] {
        assert_agreement_to_order(measure, 2, Shuffle::Never, (6, 1, 1));
        assert_agreement_to_order(measure, 2, Shuffle::EachEpoch, (6, 3, 3));
        assert_agreement_to_order(measure, 2, Shuffle::Never, (6, 3, 3));
        assert_agreement_to_order(measure, 2, Shuffle::Never, (6, 6, 8));
    }
}

const CURVATURES: [f64; 3] = [0.5, 1.0, 3.0];

/// Datapoints with mean 0 and a covariance that is not diagonal.
fn noise() -> Vec<Vec<f64>> {
    let half = [
        vec![1.0, 0.5, -1.0],
        vec![0.2, -2.0, 0.3],
        vec![-0.7, 0.1, 1.5],
    ];
    let minus = half.iter().map(|x| x.iter().map(|x| -x).collect());
    half.iter().cloned().chain(minus).collect()
}

fn covariance(at: usize) -> f64 {
    let noise = noise();
    noise.iter().map(|x| x[at] * x[at]).sum::<f64>() / noise.len() as f64
}

#[test]
fn quadratic_landscapes_have_closed_forms_at_any_length() {
    let (landscape, samples) = quadratic(&CURVATURES, &[0.0; 3], &noise());
    let local = PointDerivatives::new(&landscape, &[0.0; 3], &samples).expect("fits");
    // Powers of x = 1 - ηh to the T: rounding x costs a relative Tε of an exponent of at most 1, and squaring as much again.
    for steps in [1_u64, 10, 1000, 1_000_000] {
        let eta = 0.25 / steps as f64;
        let power = |h: f64, times: f64| (times * (-eta * h).ln_1p()).exp();
        let tolerance = 1e-13 + 1e-15 * steps as f64;
        for order in [2, 4] {
            // Every step adds the noise η²C, which decays by x² in each step.
            let excess: f64 = (0..3)
                .map(|i| {
                    let (h, times) = (CURVATURES[i], 2.0 * steps as f64);
                    let x = 1.0 - eta * h;
                    0.5 * h * eta * eta * covariance(i) * (1.0 - power(h, times)) / (1.0 - x * x)
                })
                .sum();
            let predicted = predict(Measure::TestLoss, order, &local, &course(steps, 1, 1), eta);
            assert!(
                (predicted.excess() / excess - 1.0).abs() < tolerance,
                "SGD, T = {steps}: {} {excess}",
                predicted.excess()
            );
            assert_eq!(predicted.truncation(), 0.0);
        }
        // Gradient descent on N points moves to (1 - x^T) of their minimum, -(mean of x)/h.
        let train = 5;
        let moved = |h: f64| 1.0 - power(h, steps as f64);
        let excess: f64 = (0..3)
            .map(|i| {
                0.5 * covariance(i) / train as f64 * moved(CURVATURES[i]).powi(2) / CURVATURES[i]
            })
            .sum();
        let gap: f64 = (0..3)
            .map(|i| covariance(i) / train as f64 * moved(CURVATURES[i]) / CURVATURES[i])
            .sum();
        let descent = course(train, train, steps);
        let predicted = predict(Measure::TestLoss, 2, &local, &descent, eta).excess();
        assert!(
            (predicted / excess - 1.0).abs() < 10.0 * tolerance,
            "GD, T = {steps}: {predicted} {excess}"
        );
        let predicted = predict(Measure::GeneralizationGap, 2, &local, &descent, eta).excess();
        assert!(
            (predicted / gap - 1.0).abs() < 10.0 * tolerance,
            "gap, T = {steps}: {predicted} {gap}"
        );
        let predicted = predict(Measure::TrainLoss, 2, &local, &descent, eta).excess();
        assert!(
            (predicted - (excess - gap)).abs() < 10.0 * tolerance * gap,
            "train loss, T = {steps}"
        );
    }
}

#[test]
fn leading_modes_of_many_weights_are_those_of_the_whole_hessian() {
    // Curvatures 3, 3/2², 3/3², …: most of it in few directions.
    let dimension = 24;
    let curvatures: Vec<f64> = (1..=dimension).map(|i| 3.0 / (i * i) as f64).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let half: Vec<Vec<f64>> = (0..30)
        .map(|_| {
            (0..dimension)
                .map(|_| rng.random_range(-1.0..1.0))
                .collect()
        })
        .collect();
    let minus = half.iter().map(|x| x.iter().map(|x| -x).collect());
    let noise: Vec<Vec<f64>> = half.iter().cloned().chain(minus).collect();
    let (landscape, samples) = quadratic(&curvatures, &vec![0.1; dimension], &noise);
    let theta = vec![0.0; dimension];
    let local = PointDerivatives::new(&landscape, &theta, &samples).expect("fits");
    let course = course(10, 10, 300);
    for measure in [Measure::TestLoss, Measure::GeneralizationGap] {
        let terms = resummed_for(measure, 2);
        let at = |modes| {
            let values = ResummedValues::new(&terms, &local, modes).expect("values");
            let curvatures = values.curvatures().to_vec();
            (values.curve(&course).at(0.05).expect("finite"), curvatures)
        };
        let (all, _) = at(Modes::All);
        let mut last = f64::INFINITY;
        for count in [3, 6, 12] {
            let (leading, found) = at(Modes::Leading { count, seed: 1 });
            for (found, exact) in found.iter().zip(&curvatures) {
                // The square of the residual, 1e-6 of the largest, over the gap between eigenvalues, and rounding.
                assert!((found - exact).abs() < 1e-9, "{found} {exact}");
            }
            let apart = (leading.total() - all.total()).abs();
            assert!(
                apart <= leading.truncation(),
                "{measure}, {count} modes: {apart:e} off, {:e} said",
                leading.truncation()
            );
            assert!(leading.truncation() < last, "more modes leave out less");
            last = leading.truncation();
        }
        let (whole, _) = at(Modes::Leading {
            count: dimension,
            seed: 1,
        });
        assert_eq!(whole, all);
    }
}

#[test]
fn equal_curvatures_are_all_found() {
    let (landscape, samples) = quadratic(&[2.0; 5], &[0.0; 5], &[vec![1.0; 5], vec![-1.0; 5]]);
    let local = PointDerivatives::new(&landscape, &[0.0; 5], &samples).expect("fits");
    let values = ResummedValues::new(
        &resummed_for(Measure::TestLoss, 2),
        &local,
        Modes::Leading { count: 3, seed: 5 },
    )
    .expect("values");
    assert_eq!(values.curvatures().len(), 3);
    assert!(values.curvatures().iter().all(|h| (h - 2.0).abs() < 1e-12));
    assert!((values.curvature_left_out().expect("two are left out") - 2.0).abs() < 1e-12);
}

#[test]
fn sums_tend_to_integrals() {
    let (landscape, samples) = random_landscape(2, 5, 11);
    let local = PointDerivatives::new(&landscape, &[0.1, 0.4], &samples).expect("fits");
    for measure in [
        Measure::TestLoss,
        Measure::GeneralizationGap,
        Measure::Displacement,
    ] {
        for term in resummed_for(measure, 3) {
            // For each diagram by itself: the sum over T updates differs from the integral by a share of 1/T.
            let values = ResummedValues::new(std::slice::from_ref(&term), &local, Modes::All)
                .expect("values");
            for full_batch in [false, true] {
                let apart = |steps: u64| {
                    let course = if full_batch {
                        course(7, 7, steps)
                    } else {
                        course(steps, 1, 1)
                    };
                    let eta = 0.3 / steps as f64;
                    let sum = values.curve(&course).at(eta).expect("finite");
                    let integral = values
                        .continuum(&course)
                        .expect("one epoch or full batches")
                        .at(eta)
                        .expect("finite");
                    let size = |p: &ResummedPrediction| {
                        let numbers = p.excess_vector().iter().chain(p.noiseless_vector());
                        numbers.map(|x| x * x).sum::<f64>().sqrt()
                    };
                    if size(&integral) == 0.0 {
                        // Some diagrams embed into no single epoch.
                        assert_eq!(size(&sum), 0.0);
                        return 0.0;
                    }
                    (size(&sum) / size(&integral) - 1.0).abs()
                };
                let (coarse, fine) = (apart(1000), apart(4000));
                // A diagram without edges is the same in both; elsewhere four times the steps leave a quarter, within a few shares of 1/T.
                assert!(
                    coarse < 1e-12 || (fine / coarse - 0.25).abs() < 0.02,
                    "{measure} {} full batch: {full_batch}: {coarse:e} {fine:e}",
                    term.diagram()
                );
                assert!(coarse < 0.02, "{measure} {}: {coarse}", term.diagram());
            }
        }
    }
}

#[test]
fn a_saddle_is_allowed_and_said() {
    let (landscape, samples) = quadratic(&[-1.0], &[0.0], &[vec![1.0], vec![-1.0]]);
    let local = PointDerivatives::new(&landscape, &[0.0], &samples).expect("fits");
    let values = ResummedValues::new(&resummed_for(Measure::TestLoss, 2), &local, Modes::All)
        .expect("values");
    assert_eq!(values.curvatures(), [-1.0]);
    let short = values.curve(&course(10, 1, 1)).at(0.1).expect("finite");
    let x: f64 = 1.1;
    let expected = -0.5 * 0.01 * (x.powi(20) - 1.0) / (x * x - 1.0);
    assert!((short.excess() / expected - 1.0).abs() < 1e-13);
    // 1.1^20,000 is more than a float holds.
    assert_eq!(
        values.curve(&course(10_000, 1, 1)).at(0.1),
        Err(NotFinite { eta: 0.1 })
    );
}

#[test]
fn what_cannot_be_had_is_refused() {
    let (landscape, samples) = random_landscape(2, 3, 1);
    let local = PointDerivatives::new(&landscape, &[0.0, 0.0], &samples).expect("fits");
    let loss = resummed_for(Measure::TestLoss, 2);
    let no_modes = ResummedValues::new(&loss, &local, Modes::Leading { count: 0, seed: 0 });
    assert!(matches!(no_modes, Err(ResummedValueError::NoModes)));
    let mixed: Vec<ResummedDiagram> = loss
        .iter()
        .cloned()
        .chain(resummed_for(Measure::Displacement, 2))
        .collect();
    assert!(matches!(
        ResummedValues::new(&mixed, &local, Modes::All),
        Err(ResummedValueError::MixedMeasures)
    ));
    let values = ResummedValues::new(&loss, &local, Modes::All).expect("values");
    assert_eq!(values.continuum(&course(6, 2, 3)).err(), Some(NoContinuum));

    let many = vec![1.0; 110];
    let (landscape, samples) = quadratic(&many, &many, std::slice::from_ref(&many));
    let local = PointDerivatives::new(&landscape, &many, &samples).expect("fits");
    let large = ResummedValues::new(&resummed_for(Measure::TestLoss, 4), &local, Modes::All);
    assert!(matches!(
        large,
        Err(ResummedValueError::TooLarge { modes: 110, .. })
    ));
}

#[test]
fn predictions_do_not_depend_on_the_number_of_threads() {
    let (landscape, samples) = random_landscape(3, 200, 2);
    let local = PointDerivatives::new(&landscape, &[0.1, 0.2, 0.3], &samples).expect("fits");
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        pool.install(|| predict(Measure::TestLoss, 3, &local, &course(20, 1, 1), 0.01))
    };
    assert_eq!(on(1), on(3));
}

#[test]
fn leading_modes_serve_a_network() {
    let images = embedded_fashion::<f64>().first(24);
    let theta = initialization(Named::FashionLeNet.dimension(), 1);
    let local = Named::FashionLeNet.local(&theta, &images).expect("fits");
    let course = course(10, 10, 10);
    let at = |count: usize, eta: f64| {
        let values = ResummedValues::new(
            &resummed_for(Measure::GeneralizationGap, 2),
            &*local,
            Modes::Leading { count, seed: 2 },
        )
        .expect("values");
        assert!(
            values
                .curvatures()
                .windows(2)
                .all(|pair| pair[0].abs() >= pair[1].abs())
        );
        values.curve(&course).at(eta).expect("finite")
    };
    // Where ηT times the largest curvature is about 1, what few modes leave out is what they say.
    let (few, many) = (at(4, 0.02), at(16, 0.02));
    assert!(many.truncation() < few.truncation());
    let apart = (few.excess() - many.excess()).abs();
    assert!(
        apart <= few.truncation() + many.truncation(),
        "{apart:e} off, {:e} said",
        few.truncation()
    );

    // Whatever the modes, at small η the sum is Theorem 1's: through η², but for η³ and a small part of η² that is left out.
    let parameters = Parameters::new(10, 10, 10).expect("a schedule");
    let apart = |eta: f64| {
        let plain = plain(
            Measure::GeneralizationGap,
            2,
            &*local,
            &sgd(Shuffle::Never),
            &parameters,
            eta,
        )[0];
        let resummed = at(16, eta);
        ((resummed.excess() - plain).abs(), resummed.truncation())
    };
    let ((coarse, _), (fine, truncation)) = (apart(2e-3), apart(1e-3));
    assert!(
        fine < coarse / 4.0 + truncation,
        "{coarse:e} {fine:e} {truncation:e}"
    );
}
