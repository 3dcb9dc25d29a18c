//! Whole networks: gradients and Hessian-vector products against a proven bound on every instruction set, and one call for several directions
//! against one call for each.

use std::cell::RefCell;
use std::path::Path;
use std::process::Command;

use diagram_algebra::lanes::InstructionSet;
use diagram_algebra::scalar::{Lanes, Scalar};
use diagram_algebra::taylor::Taylor;
use diagram_algebra::weights::{Lines, Shared};
use diagram_kernels::derivatives::{DerivativeOutput, Derivatives, Direction, Pass};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{Named, Precision, lenet};
use diagram_kernels::samples::Samples;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::algebras::{Number, OnLanes, on_every_set};
use crate::balls::{Ball, Jet, Shape, derivatives};
use crate::support::{images, normals};

/// Two full registers of doubles and one of singles, and three more.
const SAMPLES: usize = 19;
/// The samples whose numbers are compared with bounds: first and last lanes of full registers, and of the last one.
const CHOSEN: [usize; 4] = [0, 7, 15, 18];
/// Where the numbers of a process with another instruction set go.
const FOLDER: &str = "DIAGRAMS_KERNEL_NUMBERS";

/// A network at a weight, with data; all numbers are single-precision numbers, so that both precisions compute the same function.
struct Case {
    named: Named,
    shape: Shape,
    theta: Vec<f64>,
    directions: [Vec<f64>; 3],
    data: Samples<f64>,
}

fn rounded(numbers: Vec<f64>) -> Vec<f64> {
    numbers.into_iter().map(|x| f64::from(x as f32)).collect()
}

fn cases() -> [Case; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let cifar = images(SAMPLES, 3 * 32 * 32, 0.0, &mut rng).map(|&x| f64::from(x));
    let fashion = images(SAMPLES, 28 * 28, 0.5, &mut rng).map(|&x| f64::from(x));
    let case = |named: Named, shape, data| {
        let numbers = |seed| rounded(normals(named.dimension(), seed));
        // A quarter of the usual size: saturated layers lose so much that a bound for single precision would say nothing.
        let quarter = |x: f64| x / 4.0;
        Case {
            named,
            shape,
            theta: numbers(5).into_iter().map(quarter).collect(),
            directions: [21, 22, 23].map(numbers),
            data,
        }
    };
    let shape = |channels, side| Shape { channels, side };
    [
        case(Named::FashionLeNet, shape(1, 28), fashion),
        case(Named::CifarLeNet, shape(3, 32), cifar),
    ]
}

fn of<T: Number>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|&x| T::of(x)).collect()
}

/// The case in a precision.
struct At<T> {
    named: Named,
    theta: Vec<T>,
    directions: [Vec<T>; 3],
    data: Samples<T>,
}

impl<T: Number + Precision> At<T> {
    fn new(case: &Case) -> Self {
        At {
            named: case.named,
            theta: of(&case.theta),
            directions: std::array::from_fn(|i| of(&case.directions[i])),
            data: case.data.map(|&x| T::of(x)),
        }
    }

    fn local(&self) -> Box<dyn Derivatives<T> + '_> {
        self.named.local(&self.theta, &self.data).expect("fits")
    }
}

/// What passes of one form give: for each pass and output the rows of the samples, and their sum added to 1.5.
fn passes<T: Number>(
    local: &dyn Derivatives<T>,
    directions: &[&[T]],
    powers: &[&[u8]],
) -> Vec<[Vec<T>; 2]> {
    let dimension = local.dimension();
    let mut found: Vec<Vec<[Vec<T>; 2]>> = directions
        .iter()
        .map(|_| {
            let rows = vec![T::of(f64::NAN); local.samples() * dimension];
            vec![[rows, vec![T::of(1.5); dimension]]; powers.len()]
        })
        .collect();
    let passes = directions.iter().zip(&mut found).map(|(direction, found)| {
        let outputs = powers.iter().zip(found);
        Pass {
            directions: vec![Direction::Shared(direction)],
            outputs: outputs
                .map(|(powers, [rows, sum])| DerivativeOutput {
                    powers,
                    per_sample: Some(rows),
                    sum: Some(sum),
                })
                .collect(),
        }
    });
    local
        .passes(0..local.samples(), passes.collect())
        .expect("no failure");
    found.into_iter().flatten().collect()
}

/// Gradients and Hessian-vector products of the chosen samples, one after the other.
fn numbers<T: Number + Precision>(case: &Case) -> Vec<T> {
    let at = At::<T>::new(case);
    let local = at.local();
    let found = passes(&*local, &[&at.directions[0]], &[&[0], &[1]]);
    let dimension = local.dimension();
    CHOSEN
        .iter()
        .flat_map(|sample| {
            let row = sample * dimension..(sample + 1) * dimension;
            let rows = found.iter().flat_map(move |[rows, _]| &rows[row.clone()]);
            rows.copied().collect::<Vec<T>>()
        })
        .collect()
}

/// The same, with how far off they may be.
fn bounds<T: Number>(case: &Case) -> Vec<Ball> {
    let (theta, u) = (&case.theta, &case.directions[0]);
    let of_sample = |&sample: &usize| {
        let gradient = derivatives::<T>(&case.shape, theta, u, case.data.row(sample));
        let [values, slopes] = [|g: &Jet| g.value, |g: &Jet| g.slope];
        let values: Vec<Ball> = gradient.iter().map(values).collect();
        values
            .into_iter()
            .chain(gradient.iter().map(slopes))
            .collect::<Vec<_>>()
    };
    CHOSEN.iter().flat_map(of_sample).collect()
}

fn file<T: Precision>(folder: &Path, case: &Case) -> std::path::PathBuf {
    folder.join(format!("{} {}", case.named, T::NAME))
}

/// Everything here runs with the instruction set that the library picks; [`instruction_sets_agree`] runs it with each of them.
mod any_instruction_set {
    use super::*;

    fn check_bounds<T: Number + Precision>(case: &Case) {
        let (found, bounds) = (numbers::<T>(case), bounds::<T>(case));
        assert_eq!(found.len(), bounds.len());
        let of = format!("{} in {}", case.named, T::NAME);
        for (at, (found, ball)) in found.iter().zip(&bounds).enumerate() {
            let off = (found.to_f64() - ball.middle).abs();
            // So that NaN fails.
            assert!(
                off <= ball.radius,
                "{of}: number {at} is {found}, not {}: off by {off:e}, bound {:e}",
                ball.middle,
                ball.radius
            );
        }
        if let Some(folder) = std::env::var_os(FOLDER) {
            let exact: Vec<f64> = found
                .iter()
                .map(diagram_algebra::scalar::Element::to_f64)
                .collect();
            let bytes: Vec<u8> = exact.iter().flat_map(|x| x.to_le_bytes()).collect();
            std::fs::write(file::<T>(Path::new(&folder), case), bytes).expect("a folder to write");
        }
    }

    #[test]
    fn derivatives_are_within_their_bound() {
        for case in cases() {
            check_bounds::<f32>(&case);
            check_bounds::<f64>(&case);
        }
    }

    fn check_directions_together<T: Number + Precision>(case: &Case) {
        let at = At::<T>::new(case);
        let local = at.local();
        let directions = at.directions.each_ref().map(Vec::as_slice);
        let forms: [&[&[u8]]; 4] = [&[&[1]], &[&[2]], &[&[1], &[2]], &[&[0], &[2]]];
        for powers in forms {
            let together = passes(&*local, &directions, powers);
            let apart = directions.map(|u| passes(&*local, &[u], powers)).concat();
            for (pass, (together, apart)) in together.iter().zip(&apart).enumerate() {
                for (together, apart) in together.iter().zip(apart) {
                    let same = together.iter().zip(apart).all(|(a, b)| a.same(*b));
                    assert!(
                        same && together.iter().all(|x| x.to_f64().is_finite()),
                        "{} in {}, {powers:?}, output {pass}",
                        case.named,
                        T::NAME
                    );
                }
            }
            // Not because all directions give the same.
            assert!(together[0][0] != together[together.len() - 1][0]);
        }
    }

    /// What a run along one direction leaves in memory, a run along the next one uses: the same bits as alone.
    #[test]
    fn directions_together_are_directions_one_by_one() {
        for case in cases() {
            check_directions_together::<f32>(&case);
            check_directions_together::<f64>(&case);
        }
    }
}

/// A network's gradient and Hessian-vector product at the chosen samples, one after the other in the lanes, on lanes of whatever instruction set.
struct InLanes<'a> {
    case: &'a Case,
    at: At<f32>,
    bounds: Vec<Ball>,
    /// What each instruction set gives.
    found: RefCell<Vec<(String, Vec<f32>)>>,
}

impl OnLanes<f32> for InLanes<'_> {
    fn run<R: Lanes<Element = f32>>(&self, set: &str) {
        let width = self.case.data.width();
        let row = |lane: usize| self.at.data.row(CHOSEN[lane % CHOSEN.len()]);
        let x: Vec<R> = (0..width)
            .map(|i| R::from_fn(|lane| row(lane)[i]))
            .collect();
        let line = Lines {
            values: Shared(&self.at.theta),
            slopes: Shared(&self.at.directions[0]),
        };
        let mut gradient = vec![Taylor::<R, 2>::constant(f64::NAN); self.at.theta.len()];
        lenet(1, 28).gradient(line, &x, &mut gradient[..]);
        let mut numbers = vec![];
        for lane in 0..CHOSEN.len() {
            for order in 0..2 {
                let component = |jet: &Taylor<R, 2>| jet.coefficients[order].lane(lane);
                numbers.extend(gradient.iter().map(component));
            }
        }
        assert_eq!(numbers.len(), self.bounds.len());
        for (at, (found, ball)) in numbers.iter().zip(&self.bounds).enumerate() {
            let off = (f64::from(*found) - ball.middle).abs();
            assert!(
                off <= ball.radius,
                "{set}: number {at} is {found}, not {}: off by {off:e}, bound {:e}",
                ball.middle,
                ball.radius
            );
        }
        self.found.borrow_mut().push((set.into(), numbers));
    }
}

/// Whatever the library is compiled for, networks are right on all instruction sets of the machine.
#[test]
fn a_network_is_within_its_bound_on_every_set_of_the_machine() {
    let [case, _] = cases();
    let all = InLanes {
        case: &case,
        at: At::new(&case),
        bounds: bounds::<f32>(&case),
        found: RefCell::default(),
    };
    on_every_set(&all);
    let found = all.found.into_inner();
    assert_eq!(found.len(), InstructionSet::on_this_machine().len());
    // Those that fuse all products have the same bits.
    let mut fused = found.iter().filter(|(set, _)| set != "portable");
    if let Some((_, first)) = fused.next() {
        assert!(fused.all(|(_, numbers)| numbers == first));
    }
}

/// The pairs of instruction sets in a precision, against the bound and, where both fuse, against each other.
fn compare<T: Number + Precision>(case: &Case, sets: &[(InstructionSet, tempfile::TempDir)]) {
    let bounds = bounds::<T>(case);
    let numbers = |folder: &Path| -> Vec<f64> {
        let bytes = std::fs::read(file::<T>(folder, case)).expect("the process wrote it");
        let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        bytes.chunks(8).map(number).collect()
    };
    let size = |balls: &[Ball]| balls.iter().fold(0.0f64, |m, b| m.max(b.middle.abs()));
    for (first, (a, folder)) in sets.iter().enumerate() {
        let ours = numbers(folder.path());
        for (b, folder) in &sets[first + 1..] {
            let theirs = numbers(folder.path());
            assert_eq!((ours.len(), theirs.len()), (bounds.len(), bounds.len()));
            let mut used = [0.0f64; 2];
            let mut bound = [0.0f64; 2];
            let dimension = case.theta.len();
            for (at, ball) in bounds.iter().enumerate() {
                let off = (ours[at] - theirs[at]).abs();
                // Each is within the radius.
                assert!(
                    off <= 2.0 * ball.radius,
                    "{} in {}: number {at} is {} with {a}, {} with {b}; bound {:e}",
                    case.named,
                    T::NAME,
                    ours[at],
                    theirs[at],
                    2.0 * ball.radius
                );
                let order = at / dimension % 2;
                used[order] = used[order].max(off / (2.0 * ball.radius));
                bound[order] = bound[order].max(2.0 * ball.radius);
            }
            let chunks = |order: usize| {
                let rows = bounds.chunks(dimension).skip(order).step_by(2);
                rows.map(size).fold(0.0f64, f64::max)
            };
            for (order, name) in ["gradient", "Hessian-vector product"].iter().enumerate() {
                println!(
                    "{} in {}, {name}: {a} and {b} differ by at most {:.1e} of the bound, which is at most {:.1e} of the largest component",
                    case.named,
                    T::NAME,
                    used[order],
                    bound[order] / chunks(order)
                );
                // A bound as large as what it bounds would be no test.
                assert!(bound[order] < chunks(order));
            }
            if ![a, b].contains(&&InstructionSet::Portable) {
                // Both fuse all products, so even their roundings are the same.
                assert!(ours == theirs, "{a} and {b} differ in bits");
            }
        }
    }
}

#[test]
fn instruction_sets_agree() {
    let this = std::env::current_exe().expect("a test is a program");
    let run = |set: InstructionSet| {
        let folder = tempfile::tempdir().expect("a folder");
        let run = Command::new(&this)
            .env("DIAGRAMS_ISA", set.to_string())
            .env(FOLDER, folder.path())
            .arg("networks::any_instruction_set::")
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(
            run.status.success(),
            "{set}: {said}{}",
            String::from_utf8_lossy(&run.stderr)
        );
        (set, folder)
    };
    let sets: Vec<_> = InstructionSet::available().into_iter().map(run).collect();
    for case in cases() {
        compare::<f32>(&case, &sets);
        compare::<f64>(&case, &sets);
    }
}
