//! What devices compute, beside what the processor does.
//!
//! Both evaluate the same formulas in double precision, in another order of the sums: of some thousand terms, whose rounding errors are about 1e-16 each and add up
//! like a walk. So rows agree to 1e-13 of their norm. In single precision errors are 2^29 times as large.

use diagram_cuda::{Device, DeviceError, Number};
use diagram_kernels::derivatives::{DerivativeOutput, Derivatives, Direction, Pass};
use diagram_kernels::samples::Samples;

use crate::problems::{Problem, all, many, numbers, small_network};
use crate::{Test, emulation};

pub(crate) const TESTS: [Test; 9] = [
    ("losses", losses),
    ("gradients", gradients),
    ("line_jets", line_jets),
    ("mixed_derivatives", mixed_derivatives),
    ("directions_of_each_sample", directions_of_each_sample),
    ("single_precision", single_precision),
    (
        "the_same_bits_for_any_limit_and_number_of_devices",
        same_bits,
    ),
    ("what_does_not_fit_is_refused_before_any_launch", refused),
    ("selections_and_names", selections),
];

const BOUND: f64 = 1e-13;

fn device() -> Device {
    Device::cuda(0).expect("a device")
}

fn norm(row: &[f64]) -> f64 {
    row.iter().map(|&x| x * x).sum::<f64>().sqrt()
}

/// The Euclidean distance of two rows as a part of the norm of the second one.
fn distance(found: &[f64], expected: &[f64]) -> f64 {
    let differences: Vec<f64> = found.iter().zip(expected).map(|(a, b)| a - b).collect();
    let (apart, norm) = (norm(&differences), norm(expected));
    assert!(norm.is_finite() && norm > 0.0 && apart.is_finite());
    apart / norm
}

/// The derivatives of a problem on a device and on the processor are given to a function.
fn both(
    problem: &Problem,
    device: &Device,
    with: impl Fn(&dyn Derivatives<f64>, &dyn Derivatives<f64>),
) {
    let of = |device: &Device| {
        let (theta, samples) = (&problem.theta, &problem.samples);
        problem
            .landscape
            .derivatives(theta, samples, device)
            .expect("derivatives")
    };
    with(&*of(device), &*of(&Device::cpu()));
}

/// The rows and sums of the derivatives with these powers.
fn run<T: Number>(
    derivatives: &dyn Derivatives<T>,
    directions: &[Direction<'_, T>],
    powers: &[&[u8]],
) -> Vec<[Vec<T>; 2]> {
    let (samples, dimension) = (derivatives.samples(), derivatives.dimension());
    let one = T::constant(1.0);
    // What is there before is overwritten in rows, and added to in sums.
    let mut results: Vec<[Vec<T>; 2]> = powers
        .iter()
        .map(|_| [vec![one; samples * dimension], vec![one; dimension]])
        .collect();
    let outputs = results
        .iter_mut()
        .zip(powers)
        .map(|([rows, sum], powers)| DerivativeOutput {
            powers,
            per_sample: Some(rows),
            sum: Some(sum),
        });
    let pass = Pass {
        directions: directions.to_vec(),
        outputs: outputs.collect(),
    };
    derivatives.pass(0..samples, pass).expect("a pass");
    results
}

/// Compares the derivatives with these powers, row by row, and their sums.
///
/// A row may be small because its terms cancel, as where an output is near its label. Its errors are those of its terms, which are as large as in other rows; so
/// errors count as parts of the norm of the row or of the mean norm of all rows, whichever is larger.
fn compare(problem: &Problem, directions: &[Direction<'_, f64>], powers: &[&[u8]]) {
    both(problem, &device(), |device, processor| {
        let found = run(device, directions, powers);
        let expected = run(processor, directions, powers);
        for ((found, expected), powers) in found.iter().zip(&expected).zip(powers) {
            for (found, expected) in found.iter().zip(expected) {
                let rows = |table| <[f64]>::chunks(table, problem.dimension());
                let norms: Vec<f64> = rows(expected).map(norm).collect();
                let mean = norms.iter().sum::<f64>() / norms.len() as f64;
                for (at, (found, expected)) in rows(found).zip(rows(expected)).enumerate() {
                    let apart = distance(found, expected) * norms[at] / norms[at].max(mean);
                    assert!(
                        apart < BOUND,
                        "{} {powers:?}, row {at}: {apart:e}",
                        problem.name
                    );
                }
            }
        }
    });
}

fn losses() {
    for problem in all() {
        both(&problem, &device(), |device, processor| {
            let mut results = [device, processor].map(|derivatives| {
                let mut losses = vec![f64::NAN; derivatives.samples()];
                derivatives
                    .losses(0..derivatives.samples(), &mut losses)
                    .expect("losses");
                losses
            });
            let apart = distance(&results[0], &results[1]);
            assert!(apart < BOUND, "{}: {apart:e}", problem.name);
            // A part of the samples.
            device
                .losses(
                    1..3.min(device.samples()),
                    &mut results[0][1..3.min(device.samples())],
                )
                .expect("losses");
            assert!(distance(&results[0], &results[1]) < BOUND);
        });
    }
}

fn gradients() {
    for problem in all() {
        compare(&problem, &[], &[&[]]);
    }
}

fn line_jets() {
    for problem in all() {
        let u = numbers(problem.dimension(), 3);
        let u = [Direction::Shared(&u[..])];
        compare(&problem, &u, &[&[1]]);
        compare(&problem, &u, &[&[1], &[2]]);
    }
    let problem = small_network(2);
    let u = numbers(problem.dimension(), 3);
    let u = [Direction::Shared(&u[..])];
    compare(&problem, &u, &[&[3], &[1]]);
    compare(&problem, &u, &[&[4]]);
    compare(&problem, &u, &[&[0], &[2]]);
}

fn mixed_derivatives() {
    for problem in all() {
        let [u, v] = [3, 4].map(|seed| numbers(problem.dimension(), seed));
        let directions = [Direction::Shared(&u[..]), Direction::Shared(&v[..])];
        compare(&problem, &directions, &[&[1, 1]]);
    }
    for problem in [small_network(2), many(3)] {
        let [u, v, w] = [3, 4, 5].map(|seed| numbers(problem.dimension(), seed));
        let [u, v, w] = [&u, &v, &w].map(|u| Direction::Shared(&u[..]));
        compare(&problem, &[u, v], &[&[2, 1], &[1, 1], &[0, 1]]);
        compare(&problem, &[u, v, w], &[&[1, 1, 1]]);
    }
}

fn directions_of_each_sample() {
    for problem in [small_network(3), many(70)] {
        let count = problem.samples.len() * problem.dimension();
        let [u, v] = [3, 4].map(|seed| numbers(count, seed));
        let shared = numbers(problem.dimension(), 5);
        let shared = Direction::Shared(&shared[..]);
        let [u, v] = [&u, &v].map(|u| Direction::PerSample(&u[..]));
        compare(&problem, &[u], &[&[1], &[2]]);
        compare(&problem, &[u, shared], &[&[1, 1]]);
        compare(&problem, &[u, v], &[&[1, 1]]);
    }
}

fn single_precision() {
    for problem in all() {
        let narrow = |x: &[f64]| -> Vec<f32> { x.iter().map(|&x| x as f32).collect() };
        let wide = |x: &[f32]| -> Vec<f64> { x.iter().map(|&x| f64::from(x)).collect() };
        let theta = narrow(&problem.theta);
        let u = narrow(&numbers(problem.dimension(), 3));
        let samples = problem.samples.map(|&x| x as f32);
        let device = problem
            .landscape
            .derivatives(&theta, &samples, &device())
            .expect("derivatives");
        let (exact, wide_samples) = (wide(&theta), samples.map(|&x| f64::from(x)));
        let processor = problem
            .landscape
            .derivatives(&exact, &wide_samples, &Device::cpu());
        let processor = processor.expect("derivatives");
        let found = run(&*device, &[Direction::Shared(&u)], &[&[1], &[2]]);
        let u = wide(&u);
        let expected = run(&*processor, &[Direction::Shared(&u)], &[&[1], &[2]]);
        for (found, expected) in found.iter().zip(&expected) {
            let apart = distance(&wide(&found[0]), &expected[0]);
            assert!(apart < 1e-5, "{}: {apart:e}", problem.name);
        }
    }
}

/// The bits of losses, rows and sums.
fn bits(problem: &Problem, device: &Device) -> Vec<u64> {
    let (theta, samples) = (&problem.theta, &problem.samples);
    let derivatives = problem
        .landscape
        .derivatives(theta, samples, device)
        .expect("derivatives");
    let mut all = vec![0.0; samples.len()];
    derivatives
        .losses(0..samples.len(), &mut all)
        .expect("losses");
    let u = numbers(samples.len() * problem.dimension(), 3);
    let v = numbers(problem.dimension(), 4);
    let directions = [Direction::PerSample(&u[..]), Direction::Shared(&v[..])];
    all.extend(
        run(&*derivatives, &directions, &[&[1, 1], &[1, 0]])
            .concat()
            .concat(),
    );
    all.extend(run(&*derivatives, &[], &[&[]]).concat().concat());
    all.iter().map(|x| x.to_bits()).collect()
}

fn same_bits() {
    for problem in [many(201), small_network(9)] {
        let expected = bits(&problem, &device());
        assert_eq!(bits(&problem, &device()), expected, "another run");
        let all = Device::cuda_all().expect("devices");
        assert_eq!(bits(&problem, &all), expected, "on {all}");
        // From what all samples take to what one sample does.
        let mut ran = 0;
        for bytes in (10..24).map(|power| 1 << power) {
            for device in [device(), Device::cuda_all().expect("devices")] {
                let limited = device.with_memory_limit(bytes);
                let (theta, samples) = (&problem.theta, &problem.samples);
                let derivatives = problem.landscape.derivatives(theta, samples, &limited);
                let u = numbers(samples.len() * problem.dimension(), 3);
                let mut row = vec![0.0; problem.dimension()];
                let pass = Pass {
                    directions: vec![
                        Direction::PerSample(&u[..problem.dimension()]),
                        Direction::Shared(&u[..problem.dimension()]),
                    ],
                    outputs: vec![
                        DerivativeOutput {
                            powers: &[1, 1],
                            per_sample: None,
                            sum: Some(&mut row),
                        },
                        DerivativeOutput {
                            powers: &[1, 0],
                            per_sample: None,
                            sum: None,
                        },
                    ],
                };
                if derivatives.expect("derivatives").pass(0..1, pass).is_ok() {
                    assert_eq!(bits(&problem, &limited), expected, "{bytes} bytes");
                    ran += 1;
                }
            }
        }
        assert!(ran > 12, "{ran}");
    }
}

fn refused() {
    let problem = many(10);
    let device = device().with_memory_limit(1000);
    assert_eq!(device.memory_limit(), Some(1000));
    let (theta, samples) = (&problem.theta, &problem.samples);
    let derivatives = problem
        .landscape
        .derivatives(theta, samples, &device)
        .expect("derivatives");
    if emulation::is_loaded() {
        emulation::fail("", 0, 0);
    }
    let mut row = vec![0.0; 10 * problem.dimension()];
    let output = DerivativeOutput {
        powers: &[],
        per_sample: Some(&mut row),
        sum: None,
    };
    let error = derivatives.pass(
        0..10,
        Pass {
            directions: vec![],
            outputs: vec![output],
        },
    );
    match error {
        Err(DeviceError::OutOfMemory { needed, free: 1000 }) => assert!(needed > 1000),
        other => panic!("{other:?}"),
    }
    if emulation::is_loaded() {
        for kind in ["allocation", "copy", "launch", "compilation"] {
            assert_eq!(emulation::calls(kind), 0, "{kind}");
        }
    }
}

fn selections() {
    let problem = many(6);
    both(&problem, &device(), |device, processor| {
        let indices = [5, 0, 0, 3];
        let (device, processor) = (device.select(&indices), processor.select(&indices));
        assert_eq!(
            (device.samples(), device.dimension()),
            (4, problem.dimension())
        );
        assert_eq!(device.gradient_flops(), processor.gradient_flops());
        assert_eq!(device.is_piecewise(), processor.is_piecewise());
        let [[rows, _]] = &run(&*device, &[], &[&[]])[..] else {
            unreachable!()
        };
        let [[expected, _]] = &run(&*processor, &[], &[&[]])[..] else {
            unreachable!()
        };
        assert!(distance(rows, expected) < BOUND);
    });
    let name = device().to_string();
    assert!(
        name.starts_with("cuda:0 (") && name.contains("sm_"),
        "{name}"
    );
    device().synchronize().expect("nothing failed");
    // Weights that do not fit are the processor's errors.
    let wrong = Samples::new(1, vec![0.0]).expect("a row");
    assert!(
        problem
            .landscape
            .derivatives(&problem.theta, &wrong, &device())
            .is_err()
    );
}
