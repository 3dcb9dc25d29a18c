//! Plans on devices: the values of diagrams beside those of the processor.
//!
//! Both add up the same products in double precision, in another order. A value is a mean of products of derivatives, each of which is off by some 1e-14 of its norm; with a handful of factors and
//! dot products of some hundred terms, values agree to 1e-12 of the largest value of their order. A value may be smaller because its terms cancel.

use diagram_calculus::enumerate;
use diagram_calculus::value_class::ValueClass;
use diagram_cuda::{Device, DeviceError, Number};
use diagram_kernels::derivatives::Derivatives;
use diagram_runtime::executor::ExecutorError;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::program::Program;
use diagram_runtime::values::{Method, Options, ValueError, Values, evaluate};

use crate::problems::{Problem, all, many, small_network};
use crate::{Test, emulation};

pub(crate) const TESTS: [Test; 7] = [
    ("values_up_to_order_three", up_to_order_three),
    ("values_of_order_four", order_four),
    ("values_of_every_landscape", every_landscape),
    ("values_in_single_precision", single_precision),
    ("values_of_blocks_of_samples", blocks),
    ("values_have_the_same_bits_everywhere", same_bits),
    ("plans_that_do_not_fit_are_refused", refused),
];

const BOUND: f64 = 1e-12;

/// All classes with so many edges, scalars and displacements.
pub(crate) fn classes(edges: usize) -> Vec<ValueClass> {
    let scalars = enumerate::diagrams_with_root_ties(edges).map(|d| d.value_class());
    let displacements = enumerate::diagrams(edges).filter_map(|d| d.displacement_class());
    let mut classes: Vec<ValueClass> = scalars.chain(displacements).collect();
    classes.sort();
    classes.dedup();
    classes
}

pub(crate) fn up_to(edges: usize) -> Interpreted {
    Interpreted::new(&(0..=edges).flat_map(classes).collect::<Vec<_>>())
}

fn device() -> Device {
    Device::cuda(0).expect("a device")
}

fn values<T: Number>(
    program: &Interpreted,
    derivatives: &dyn Derivatives<T>,
    options: Options,
) -> Result<Values<T>, ValueError> {
    evaluate(program, derivatives, &options.by(Method::Passes))
}

/// The values on a device and on the processor, which agree. The device executes all steps itself.
fn compare(problem: &Problem, program: &Interpreted, options: Options) {
    let (theta, samples) = (&problem.theta, &problem.samples);
    let of = |device: &Device| {
        let derivatives = problem.landscape.derivatives(theta, samples, device);
        derivatives.expect("derivatives")
    };
    let placed = of(&device());
    let executor = placed.step_executor().expect("an executor");
    let plan = &program.blueprint().plan;
    let executed = executor.execute(0..samples.len(), &plan.steps, &plan.outputs);
    assert!(executed.expect("values").is_some(), "{}", problem.name);
    let found = values(program, &*placed, options).expect("values");
    let expected = values(program, &*of(&Device::cpu()), options).expect("values");
    let largest = |order: usize| {
        let of_order = expected
            .entries
            .iter()
            .filter(|value| value.class.order() == order);
        let numbers = of_order.flat_map(|value| &value.estimate);
        numbers.fold(0.0_f64, |largest, x| largest.max(x.abs()))
    };
    let largest: Vec<f64> = (0..9).map(largest).collect();
    for (found, expected) in found.entries.iter().zip(&expected.entries) {
        let bound = BOUND * largest[expected.class.order()];
        for (a, b) in found.estimate.iter().zip(&expected.estimate) {
            let apart = (a - b).abs();
            assert!(
                apart <= bound,
                "{} {}: {a} instead of {b}, {apart:e}",
                problem.name,
                expected.class
            );
        }
    }
}

fn up_to_order_three() {
    let program = up_to(3);
    // Pairs of blocks, of which the last one is shorter.
    compare(&many(70), &program, Options::population());
    compare(&small_network(5), &program, Options::population());
    // Several chunks of single samples.
    compare(&many(4200), &up_to(1), Options::population());
}

fn order_four() {
    let program = Interpreted::new(&classes(4));
    compare(&many(6), &program, Options::population());
}

fn every_landscape() {
    let program = up_to(2);
    for problem in all() {
        compare(&problem, &program, Options::population());
    }
}

fn single_precision() {
    let problem = many(70);
    let program = up_to(3);
    let theta: Vec<f32> = problem.theta.iter().map(|&x| x as f32).collect();
    let samples = problem.samples.map(|&x| x as f32);
    let placed = problem.landscape.derivatives(&theta, &samples, &device());
    let found = values(
        &program,
        &*placed.expect("derivatives"),
        Options::population(),
    );
    let theta: Vec<f64> = theta.iter().map(|&x| x.into()).collect();
    let samples = samples.map(|&x| x.into());
    let exact = problem
        .landscape
        .derivatives(&theta, &samples, &Device::cpu());
    let expected = values(
        &program,
        &*exact.expect("derivatives"),
        Options::population(),
    );
    let (found, expected) = (found.expect("values"), expected.expect("values"));
    for (found, expected) in found.entries.iter().zip(&expected.entries) {
        for (&a, b) in found.estimate.iter().zip(&expected.estimate) {
            let apart = (f64::from(a) - b).abs();
            assert!(
                apart < 1e-5 * b.abs().max(1.0),
                "{}: {a} {b}",
                expected.class
            );
        }
    }
}

fn blocks() {
    // Blocks of samples that begin anywhere, and samples that are drawn.
    let program = up_to(2);
    compare(&many(33), &program, Options::sample(4));
    compare(
        &many(33),
        &program,
        Options::population().with_budget(5_000.0, 7),
    );
}

/// Some classes of order three, for which vectors over pairs are needed.
pub(crate) fn some_of_order_three() -> Interpreted {
    Interpreted::new(&classes(3).into_iter().step_by(7).collect::<Vec<_>>())
}

/// The bits of the values of all classes of a program.
pub(crate) fn bits(
    problem: &Problem,
    program: &Interpreted,
    device: &Device,
) -> Result<Vec<u64>, ValueError> {
    let (theta, samples) = (&problem.theta, &problem.samples);
    let derivatives = problem.landscape.derivatives(theta, samples, device);
    let values = values(
        program,
        &*derivatives.expect("derivatives"),
        Options::population(),
    )?;
    let numbers = values.entries.iter().flat_map(|value| &value.estimate);
    Ok(numbers.map(|x| x.to_bits()).collect())
}

fn same_bits() {
    let program = up_to(3);
    for problem in [many(135), small_network(3)] {
        let expected = bits(&problem, &program, &device()).expect("values");
        let all = || Device::cuda_all().expect("devices");
        assert_eq!(
            bits(&problem, &program, &all()),
            Ok(expected.clone()),
            "on {}",
            all()
        );
        let mut ran = [0; 2];
        for bytes in (10..30).step_by(2).map(|power| 1 << power) {
            match bits(&problem, &program, &all().with_memory_limit(bytes)) {
                Ok(found) => {
                    assert_eq!(found, expected, "{bytes} bytes");
                    ran[0] += 1;
                }
                Err(_) => ran[1] += 1,
            }
        }
        assert!(ran.iter().all(|&count| count > 0), "{ran:?}");
    }
}

fn refused() {
    let problem = many(70);
    let device = device().with_memory_limit(100_000);
    if emulation::is_loaded() {
        emulation::fail("", 0, 0);
    }
    match bits(&problem, &up_to(3), &device) {
        Err(ValueError::Executor(ExecutorError::Device(DeviceError::OutOfMemory {
            needed,
            free: 100_000,
        }))) => assert!(needed > 100_000),
        other => panic!("{other:?}"),
    }
    if emulation::is_loaded() {
        for kind in ["allocation", "copy", "launch", "compilation"] {
            assert_eq!(emulation::calls(kind), 0, "{kind}");
        }
    }
}
