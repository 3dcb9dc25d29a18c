//! Losses and derivatives of every landscape, against plain loops, against finite differences, and one way of computing against another.

use std::ops::Range;

use diagram_algebra::lanes::InstructionSet;
use diagram_algebra::multidual::MultiDual;
use diagram_algebra::scalar::Element;
use diagram_algebra::weights::Own;
use diagram_kernels::derivatives::{
    DerivativeOutput, Derivatives, Direction, Pass, PointDerivatives,
};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{
    GaussianFit, LinearScrew, MeanEstimation, Named, Polynomial, lenet, logistic,
};
use diagram_kernels::samples::Samples;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::naive_lenet;
use crate::support::{images, normals};

/// Two full registers of doubles and one of singles, and three more.
const SAMPLES: usize = 19;

enum Kind {
    Polynomial(Polynomial),
    Named(Named),
}

/// A landscape with weights and data; all numbers are single-precision numbers, so both precisions compute the same function.
struct Case {
    kind: Kind,
    theta: Vec<f64>,
    data: Samples<f64>,
    theta_single: Vec<f32>,
    data_single: Samples<f32>,
    /// Terms of the longest sum.
    longest: usize,
}

/// `f32` or `f64`.
trait Number: Element + Copy {
    /// Half the distance from 1 to the next number.
    const UNIT: f64;
    fn local(case: &Case) -> Box<dyn Derivatives<Self> + '_>;
    fn of(number: f64) -> Self;
}

impl Number for f64 {
    const UNIT: f64 = f64::EPSILON / 2.0;
    fn local(case: &Case) -> Box<dyn Derivatives<f64> + '_> {
        case.at(&case.theta)
    }
    fn of(number: f64) -> f64 {
        number
    }
}

impl Number for f32 {
    const UNIT: f64 = f32::EPSILON as f64 / 2.0;
    fn local(case: &Case) -> Box<dyn Derivatives<f32> + '_> {
        let (theta, data) = (&case.theta_single, &case.data_single);
        match &case.kind {
            Kind::Polynomial(landscape) => {
                Box::new(PointDerivatives::new(landscape, theta, data).expect("fits"))
            }
            Kind::Named(named) => named.local(theta, data).expect("fits"),
        }
    }
    fn of(number: f64) -> f32 {
        number as f32
    }
}

impl Case {
    fn new(kind: Kind, dimension: usize, data_single: Samples<f32>, longest: usize) -> Case {
        let theta_single: Vec<f32> = normals(dimension, 5).iter().map(|&w| w as f32).collect();
        Case {
            kind,
            theta: theta_single.iter().map(|&w| f64::from(w)).collect(),
            data: data_single.map(|&x| f64::from(x)),
            theta_single,
            data_single,
            longest,
        }
    }

    fn all() -> Vec<Case> {
        let mut rng = ChaCha8Rng::seed_from_u64(11);
        let exponents: Vec<Vec<u32>> = (0..=5u32)
            .flat_map(|d| (0..=d).map(move |i| vec![i, d - i]))
            .collect();
        let width = exponents.len();
        let singles = |count: usize| normals(count, 6).iter().map(|&x| x as f32).collect();
        let coefficients = Samples::new(width, singles(width * SAMPLES)).expect("whole rows");
        let scalars = Samples::new(1, singles(SAMPLES)).expect("whole rows");
        let polynomial = Polynomial::new(2, exponents).expect("two exponents each");
        let fashion = images(SAMPLES, 28 * 28, 0.5, &mut rng);
        let cifar = images(SAMPLES, 3 * 32 * 32, 0.0, &mut rng);
        let named = |named: Named, data: &Samples<f32>, longest| {
            Case::new(Kind::Named(named), named.dimension(), data.clone(), longest)
        };
        vec![
            Case::new(Kind::Polynomial(polynomial), 2, coefficients, 21),
            named(Named::GaussianFit, &scalars, 2),
            named(Named::LinearScrew, &scalars, 5),
            // Mean estimation has no third derivative to compare; `landscapes.rs` has its closed forms.
            named(Named::FashionLogistic, &fashion, 785),
            named(Named::CifarLogistic, &cifar, 3073),
            // Gradients of convolution weights sum over positions, 12² and 14², values over windows of 25 pixels in ten channels.
            named(Named::FashionLeNet, &fashion, 251),
            named(Named::CifarLeNet, &cifar, 251),
        ]
    }

    fn at<'a>(&'a self, theta: &'a [f64]) -> Box<dyn Derivatives<f64> + 'a> {
        match &self.kind {
            Kind::Polynomial(landscape) => {
                Box::new(PointDerivatives::new(landscape, theta, &self.data).expect("fits"))
            }
            Kind::Named(named) => named.local(theta, &self.data).expect("fits"),
        }
    }

    fn name(&self) -> &'static str {
        match &self.kind {
            Kind::Polynomial(_) => "polynomial",
            Kind::Named(named) => named.name(),
        }
    }

    fn small(&self) -> bool {
        self.theta.len() <= 2
    }

    /// The loss of a sample from the landscape's definition.
    fn naive_loss(&self, sample: usize) -> f64 {
        let (theta, x) = (&self.theta[..], self.data.row(sample));
        match &self.kind {
            Kind::Polynomial(_) => {
                let degrees = (0..=5).flat_map(|d| (0..=d).map(move |i| [i, d - i]));
                x.iter()
                    .zip(degrees)
                    .map(|(x, [i, j])| x * theta[0].powi(i) * theta[1].powi(j))
                    .sum()
            }
            Kind::Named(Named::GaussianFit) => {
                f64::midpoint(theta[0], x[0] * x[0] * (-theta[0]).exp())
            }
            Kind::Named(Named::LinearScrew) => {
                let (z, x, quarter) = (theta[2], x[0], std::f64::consts::FRAC_PI_4);
                let along = |z: f64| theta[0] * z.cos() + theta[1] * z.sin();
                let squares = theta[0].powi(2) + theta[1].powi(2) + along(z).powi(2);
                0.5 * squares + x * along(z - quarter)
            }
            Kind::Named(Named::MeanEstimation) => 0.5 * theta[0].powi(2) + theta[0] * x[0],
            Kind::Named(Named::FashionLogistic | Named::CifarLogistic) => {
                naive_lenet::logistic(theta, x)
            }
            Kind::Named(Named::FashionLeNet) => naive_lenet::lenet(1, 28, theta, x),
            Kind::Named(Named::CifarLeNet) => naive_lenet::lenet(3, 32, theta, x),
        }
    }

    /// Gradient of a sample with multi-dual weights, plainly on doubles.
    fn plain(&self, sample: usize, slopes: &[&[f64]]) -> Vec<MultiDual<f64>> {
        fn gradient<L: Landscape>(
            landscape: &L,
            case: &Case,
            sample: usize,
            slopes: &[&[f64]],
        ) -> Vec<MultiDual<f64>> {
            let weights: Vec<_> = (0..case.theta.len())
                .map(|i| {
                    MultiDual::variable(
                        case.theta[i],
                        &slopes.iter().map(|u| u[i]).collect::<Vec<_>>(),
                    )
                })
                .collect();
            let mut gradient = vec![MultiDual::variable(f64::NAN, &[]); weights.len()];
            landscape.gradient(Own(&weights), case.data.row(sample), &mut gradient[..]);
            gradient
        }
        match &self.kind {
            Kind::Polynomial(landscape) => gradient(landscape, self, sample, slopes),
            Kind::Named(named) => match named {
                Named::GaussianFit => gradient(&GaussianFit, self, sample, slopes),
                Named::LinearScrew => gradient(&LinearScrew, self, sample, slopes),
                Named::MeanEstimation => gradient(&MeanEstimation::default(), self, sample, slopes),
                Named::FashionLogistic => gradient(&logistic(784), self, sample, slopes),
                Named::CifarLogistic => gradient(&logistic(3072), self, sample, slopes),
                Named::FashionLeNet => gradient(&lenet(1, 28), self, sample, slopes),
                Named::CifarLeNet => gradient(&lenet(3, 32), self, sample, slopes),
            },
        }
    }

    /// How far apart two computations of a derivative of the given order may be, relative to the largest component.
    ///
    /// A sum of k rounded terms is off by about `√k` units of its terms' size, eight times that for all but one in 1e13 (Higham and Mary 2019);
    /// a pass has at most eight layers of sums, forward and reverse; each order makes of every product at most twice as many.
    fn tolerance<T: Number>(&self, order: u32) -> f64 {
        8.0 * 8.0 * (self.longest as f64).sqrt() * T::UNIT * 2f64.powi(order as i32)
    }
}

/// A direction of about normal components with few bits: sums of them, and steps along them by powers of two, are exact. None is 0.
fn direction<T: Number>(count: usize, seed: u64) -> Vec<T> {
    let coarse = |x: f64| ((x * 16.0).floor() + 0.5) / 16.0;
    normals(count, 100 + seed)
        .into_iter()
        .map(|x| T::of(coarse(x)))
        .collect()
}

/// Derivatives of each sample in the range, `[output][sample x P]`.
fn pass<T: Number>(
    local: &dyn Derivatives<T>,
    range: Range<usize>,
    directions: &[Direction<'_, T>],
    powers: &[&[u8]],
) -> Vec<Vec<T>> {
    // NaN where nothing is written.
    let mut rows = vec![vec![T::of(f64::NAN); range.len() * local.dimension()]; powers.len()];
    let outputs: Vec<_> = powers
        .iter()
        .zip(&mut rows)
        .map(|(powers, rows)| DerivativeOutput {
            powers,
            per_sample: Some(rows),
            sum: None,
        })
        .collect();
    let pass = Pass {
        directions: directions.to_vec(),
        outputs,
    };
    local.pass(range, pass).expect("no failure");
    rows
}

fn losses<T: Number>(local: &dyn Derivatives<T>, range: Range<usize>) -> Vec<T> {
    let mut losses = vec![T::of(f64::NAN); range.len()];
    local.losses(range, &mut losses).expect("no failure");
    losses
}

fn largest(numbers: impl IntoIterator<Item = f64>) -> f64 {
    numbers
        .into_iter()
        .fold(0.0, |most, x| if x.abs() <= most { most } else { x.abs() })
}

/// All components within `tolerance` of the largest expected component, or of `floor` if that is larger.
fn assert_close<T: Number>(found: &[T], expected: &[f64], tolerance: f64, floor: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let size = largest(expected.iter().copied()).max(floor);
    let off = largest(found.iter().zip(expected).map(|(a, b)| a.to_f64() - b));
    assert!(size > 0.0, "{what}: nothing to compare");
    assert!(
        off <= tolerance * size,
        "{what}: off by {:e} of its size, tolerance {tolerance:e}",
        off / size
    );
}

fn doubles<T: Number>(numbers: &[T]) -> Vec<f64> {
    numbers.iter().map(Element::to_f64).collect()
}

fn sum_of_rows(rows: &[f64], dimension: usize) -> Vec<f64> {
    (0..dimension)
        .map(|i| rows.iter().skip(i).step_by(dimension).sum())
        .collect()
}

/// Everything here runs with the instruction set that the library picks; [`every_other_instruction_set`] runs it with the others.
mod any_instruction_set {
    use super::*;

    #[test]
    fn the_wanted_set_is_used() {
        let wanted = std::env::var("DIAGRAMS_ISA").unwrap_or_default();
        let available = InstructionSet::available();
        let expected = available
            .iter()
            .find(|set| set.to_string() == wanted)
            .unwrap_or(&available[0]);
        assert_eq!(InstructionSet::detect(), Ok(*expected));
    }

    #[test]
    fn losses_are_those_of_plain_loops() {
        for case in Case::all() {
            let naive: Vec<f64> = (0..SAMPLES).map(|sample| case.naive_loss(sample)).collect();
            let what = case.name();
            assert_close(
                &losses(&*f64::local(&case), 0..SAMPLES),
                &naive,
                1e-12,
                0.0,
                what,
            );
            assert_close(
                &losses(&*f32::local(&case), 0..SAMPLES),
                &naive,
                case.tolerance::<f32>(0),
                0.0,
                what,
            );
        }
    }

    fn check_against_plain<T: Number>(case: &Case, samples: &[usize]) {
        let dimension = case.theta.len();
        let local = T::local(case);
        let u = direction::<T>(dimension, 0);
        let rows = direction::<T>(dimension * SAMPLES, 1);
        let (shared, own) = (Direction::Shared(&u), Direction::PerSample(&rows));
        let along = pass(&*local, 0..SAMPLES, &[shared], &[&[0], &[1], &[2]]);
        let mixed = pass(&*local, 0..SAMPLES, &[shared, own], &[&[0, 1], &[1, 1]]);
        for &sample in samples {
            let mine = sample * dimension..(sample + 1) * dimension;
            let v = &rows[mine.clone()];
            let any = pass(
                &*local,
                sample..sample + 1,
                &[shared, Direction::PerSample(v)],
                &[&[2, 1]],
            );
            let (u, v) = (doubles(&u), doubles(v));
            let plain = case.plain(sample, &[&u, &v, &u]);
            let compare = |found: &[T], set: usize, name: &str| {
                let expected: Vec<f64> = plain.iter().map(|g| g.coefficient(set)).collect();
                let what = format!("{} sample {sample} {name}", case.name());
                assert_close(
                    found,
                    &expected,
                    case.tolerance::<T>(set.count_ones()),
                    0.0,
                    &what,
                );
            };
            compare(&along[0][mine.clone()], 0b000, "gradient");
            compare(&along[1][mine.clone()], 0b001, "Hessian");
            compare(
                &along[2][mine.clone()],
                0b101,
                "third derivative along one direction",
            );
            compare(
                &mixed[0][mine.clone()],
                0b010,
                "Hessian of its own direction",
            );
            compare(
                &mixed[1][mine.clone()],
                0b011,
                "third derivative along two directions",
            );
            compare(&any[0], 0b111, "fourth derivative");
        }
    }

    #[test]
    fn lanes_compute_what_plain_numbers_do() {
        for case in Case::all() {
            // Plain multi-dual numbers are slow: of networks, only the last lane that counts.
            let samples: Vec<usize> = if case.small() {
                (0..SAMPLES).collect()
            } else {
                vec![SAMPLES - 1]
            };
            check_against_plain::<f64>(&case, &samples);
            check_against_plain::<f32>(&case, &samples);
        }
    }

    fn check_ranges<T: Number>(case: &Case) {
        let dimension = case.theta.len();
        let local = T::local(case);
        let u = direction::<T>(dimension, 2);
        let rows = direction::<T>(dimension * SAMPLES, 3);
        let all_losses = losses(&*local, 0..SAMPLES);
        let run = |local: &dyn Derivatives<T>, range: Range<usize>, rows: &[T]| {
            let mut found = pass(local, range.clone(), &[], &[&[]]);
            found.extend(pass(
                local,
                range.clone(),
                &[Direction::Shared(&u)],
                &[&[1], &[2], &[0]],
            ));
            let own = Direction::PerSample(rows);
            found.extend(pass(local, range.clone(), &[own], &[&[2]]));
            found.extend(pass(
                local,
                range,
                &[own, Direction::Shared(&u)],
                &[&[1, 1], &[1, 0]],
            ));
            found
        };
        let all = run(&*local, 0..SAMPLES, &rows);
        let slice = |rows: &[T], range: &Range<usize>| {
            rows[range.start * dimension..range.end * dimension].to_vec()
        };
        // Lanes do not mix: to the bit, a sample's numbers depend neither on its lane nor on its neighbours.
        for range in [0..1, 0..7, 3..SAMPLES, 18..19] {
            assert_eq!(
                losses(&*local, range.clone()),
                all_losses[range.clone()],
                "{} {range:?}",
                case.name()
            );
            let found = run(&*local, range.clone(), &slice(&rows, &range));
            for (found, all) in found.iter().zip(&all) {
                assert!(*found == slice(all, &range), "{} {range:?}", case.name());
            }
        }
        let chosen = [5, 5, 0, 18, 11, 2, 3];
        let selected = local.select(&chosen);
        assert_eq!((selected.samples(), selected.dimension()), (7, dimension));
        let pick = |all: &[T]| {
            chosen
                .iter()
                .flat_map(|&s| slice(all, &(s..s + 1)))
                .collect::<Vec<T>>()
        };
        for (found, all) in run(&*selected, 0..7, &pick(&rows)).iter().zip(&all) {
            assert!(*found == pick(all), "{} selected", case.name());
        }
    }

    #[test]
    fn samples_do_not_depend_on_their_neighbours() {
        for case in Case::all() {
            check_ranges::<f64>(&case);
            check_ranges::<f32>(&case);
        }
    }

    fn check_sums<T: Number>(case: &Case) {
        let dimension = case.theta.len();
        let local = T::local(case);
        let u = direction::<T>(dimension, 4);
        let ranges = [0..1, 2..SAMPLES, 0..7, 2..18];
        for range in ranges.into_iter().take(if case.small() { 4 } else { 2 }) {
            let rows_of_directions = direction::<T>(dimension * range.len(), 5);
            let (shared, own) = (
                Direction::Shared(&u),
                Direction::PerSample(&rows_of_directions),
            );
            let one: [&[u8]; 2] = [&[0], &[2]];
            let two: [&[u8]; 2] = [&[1, 0], &[1, 1]];
            for (directions, powers) in [
                (vec![shared], one),
                (vec![own], one),
                (vec![shared, own], two),
            ] {
                let rows = pass(&*local, range.clone(), &directions, &powers);
                // Sums are added to what is there; the first output asks for both, the second for its sum alone.
                let mut sums = vec![vec![T::of(1.5); dimension]; 2];
                let mut both = vec![T::of(f64::NAN); rows[0].len()];
                let [first, second] = &mut sums[..] else {
                    unreachable!()
                };
                let outputs = vec![
                    DerivativeOutput {
                        powers: powers[0],
                        per_sample: Some(&mut both),
                        sum: Some(first),
                    },
                    DerivativeOutput {
                        powers: powers[1],
                        per_sample: None,
                        sum: Some(second),
                    },
                ];
                let pass = Pass {
                    directions,
                    outputs,
                };
                local.pass(range.clone(), pass).expect("no failure");
                assert!(both == rows[0], "{} {range:?}", case.name());
                for (rows, sum) in rows.iter().zip(&sums) {
                    let rows = doubles(rows);
                    let added = sum_of_rows(&rows, dimension);
                    let sizes =
                        sum_of_rows(&rows.iter().map(|x| x.abs()).collect::<Vec<_>>(), dimension);
                    for ((found, added), size) in sum.iter().zip(added).zip(sizes) {
                        // One rounding for each row, and one for what was there, of partial sums.
                        let tolerance = (range.len() + 1) as f64 * T::UNIT * (1.5 + size);
                        assert!(
                            (found.to_f64() - 1.5 - added).abs() <= tolerance,
                            "{} {range:?}: {found}, not {added}",
                            case.name()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn sums_are_sums_of_samples() {
        for case in Case::all() {
            check_sums::<f64>(&case);
            check_sums::<f32>(&case);
        }
    }

    fn check_algebras<T: Number>(case: &Case) {
        let dimension = case.theta.len();
        let local = T::local(case);
        let u = direction::<T>(dimension, 6);
        let v = direction::<T>(dimension * SAMPLES, 7);
        let repeated: Vec<T> = u.iter().copied().cycle().take(v.len()).collect();
        let total: Vec<T> = v.iter().zip(&repeated).map(|(&a, &b)| a + b).collect();
        let (shared, own) = (Direction::Shared(&u), Direction::PerSample(&v));
        let all = 0..SAMPLES;
        let (orders, third): ([&[u8]; 3], [&[u8]; 1]) = ([&[0], &[1], &[2]], [&[2]]);
        let same = |found: &[T], expected: &[T], order: u32, what: &str| {
            let what = format!("{}: {what}", case.name());
            // A difference of two computations.
            assert_close(
                found,
                &doubles(expected),
                2.0 * case.tolerance::<T>(order),
                0.0,
                &what,
            );
        };

        let gradient = pass(&*local, all.clone(), &[], &[&[]]);
        let along_u = pass(&*local, all.clone(), &[shared], &orders);
        let along_repeated = pass(
            &*local,
            all.clone(),
            &[Direction::PerSample(&repeated)],
            &orders,
        );
        let along_v = pass(&*local, all.clone(), &[own], &orders);
        let along_total = pass(
            &*local,
            all.clone(),
            &[Direction::PerSample(&total)],
            &third,
        );
        let hessian = pass(&*local, all.clone(), &[shared], &[&[1]]);
        let mixed = pass(
            &*local,
            all.clone(),
            &[shared, own],
            &[&[0, 0], &[1, 0], &[0, 1], &[1, 1]],
        );
        same(&along_u[0], &gradient[0], 0, "gradient by series");
        same(&mixed[0], &gradient[0], 0, "gradient by duals");
        same(&hessian[0], &along_u[1], 1, "Hessian by a short series");
        for order in 0..3 {
            same(
                &along_repeated[order],
                &along_u[order],
                order as u32,
                "a direction for each sample",
            );
        }
        same(&mixed[1], &along_u[1], 1, "Hessian by duals");
        same(
            &mixed[2],
            &along_v[1],
            1,
            "Hessian by duals, the other direction",
        );
        // T[u, v] is half of T[u + v, u + v] - T[u, u] - T[v, v].
        let polarized: Vec<f64> = along_total[0]
            .iter()
            .zip(along_u[2].iter().zip(&along_v[2]))
            .map(|(sum, (u, v))| 0.5 * (sum.to_f64() - u.to_f64() - v.to_f64()))
            .collect();
        let size = largest(doubles(&along_total[0]));
        assert_close(
            &mixed[3],
            &polarized,
            2.0 * case.tolerance::<T>(2),
            size,
            &format!("{}: third derivative by duals", case.name()),
        );

        // Any order takes one sample at a time.
        let last = SAMPLES - 1..SAMPLES;
        let row = |rows: &[T]| rows[(SAMPLES - 1) * dimension..].to_vec();
        let mine = row(&v);
        let own = Direction::PerSample(&mine);
        let any = pass(
            &*local,
            last.clone(),
            &[shared, own],
            &[&[0, 0], &[0, 1], &[1, 1], &[2, 0]],
        );
        same(&any[0], &row(&gradient[0]), 0, "gradient by multi-duals");
        same(&any[1], &row(&along_v[1]), 1, "Hessian by multi-duals");
        same(
            &any[2],
            &row(&mixed[3]),
            2,
            "mixed third derivative by multi-duals",
        );
        same(
            &any[3],
            &row(&along_u[2]),
            2,
            "third derivative by multi-duals",
        );
        let cubed = pass(&*local, last.clone(), &[shared], &[&[3], &[1]]);
        let three = pass(
            &*local,
            last.clone(),
            &[shared; 3],
            &[&[1, 1, 1], &[0, 1, 0]],
        );
        same(&three[0], &cubed[0], 3, "fourth derivative by multi-duals");
        same(
            &three[1],
            &cubed[1],
            1,
            "Hessian by multi-duals of three directions",
        );
        if case.small() {
            let fourth = pass(&*local, last.clone(), &[shared], &[&[4], &[2]]);
            let twice = pass(&*local, last, &[shared, shared], &[&[2, 2], &[1, 1]]);
            same(&twice[0], &fourth[0], 4, "fifth derivative");
            same(&twice[1], &fourth[1], 2, "third derivative beside a fifth");
        }
    }

    #[test]
    fn algebras_agree() {
        for case in Case::all() {
            check_algebras::<f64>(&case);
            check_algebras::<f32>(&case);
        }
    }

    /// The derivative of f at 0 by central differences at h, h/2 and h/4, extrapolated twice; with how far it may be off.
    fn differences(f: impl Fn(f64) -> Vec<f64>, h: f64, noise: f64) -> (Vec<f64>, f64) {
        let mut size = 0.0f64;
        let mut central = |h: f64| {
            let (ahead, behind) = (f(h), f(-h));
            size = size.max(largest(ahead.iter().copied()));
            ahead
                .iter()
                .zip(&behind)
                .map(|(a, b)| (a - b) / (2.0 * h))
                .collect::<Vec<f64>>()
        };
        let first = [central(h), central(h / 2.0), central(h / 4.0)];
        let extrapolate = |coarse: &[f64], fine: &[f64], order: f64| {
            fine.iter()
                .zip(coarse)
                .map(|(f, c)| (order * f - c) / (order - 1.0))
                .collect::<Vec<f64>>()
        };
        let second = [
            extrapolate(&first[0], &first[1], 4.0),
            extrapolate(&first[1], &first[2], 4.0),
        ];
        let third = extrapolate(&second[0], &second[1], 16.0);
        // The truncation of the last extrapolation is of a higher order in h than its difference from the one before. The finest
        // difference counts 64/45 times, the others less than 4/9 and 1/45: rounding of f counts less than 64/45 · 4/h + 4/9 · 2/h + 1/h < 8/h.
        let truncation = largest(third.iter().zip(&second[1]).map(|(a, b)| a - b));
        (third, truncation + 8.0 / h * noise * size)
    }

    fn compare(case: &Case, exact: &[f64], (found, tolerance): (Vec<f64>, f64), what: &str) {
        let size = largest(exact.iter().copied());
        assert!(size > 0.0);
        let off = largest(found.iter().zip(exact).map(|(a, b)| a - b));
        assert!(
            off <= tolerance,
            "{} {what}: off by {off:e} of {size:e}, tolerance {tolerance:e}",
            case.name()
        );
        // Loose enough for anything would be no test.
        assert!(
            tolerance <= 2e-6 * size,
            "{} {what}: a tolerance of {tolerance:e} for {size:e}",
            case.name()
        );
    }

    #[test]
    fn derivatives_are_limits_of_differences() {
        const H: f64 = 1.0 / 64.0;
        for case in Case::all() {
            let dimension = case.theta.len();
            let u = direction::<f64>(dimension, 8);
            let v = direction::<f64>(dimension, 9);
            // Exact: see `direction`.
            let moved = |t: f64| {
                case.theta
                    .iter()
                    .zip(&u)
                    .map(|(w, u)| w + t * u)
                    .collect::<Vec<f64>>()
            };
            let local = f64::local(&case);
            let (u, v) = (Direction::Shared(&u), Direction::Shared(&v));
            let range = 0..3;
            let along = |directions: &[Direction<'_, f64>], powers: &[u8]| {
                pass(&*local, range.clone(), directions, &[powers]).remove(0)
            };
            let after = |t: f64, directions: &[Direction<'_, f64>], powers: &[u8]| {
                let theta = moved(t);
                pass(&*case.at(&theta), range.clone(), directions, &[powers]).remove(0)
            };
            let noise = |order: u32| case.tolerance::<f64>(order);

            let gradient = along(&[], &[]);
            let Direction::Shared(step) = u else {
                unreachable!()
            };
            let slopes: Vec<f64> = gradient
                .chunks(dimension)
                .map(|g| g.iter().zip(step).map(|(g, u)| g * u).sum())
                .collect();
            let by_losses =
                differences(|t| losses(&*case.at(&moved(t)), range.clone()), H, noise(0));
            compare(&case, &slopes, by_losses, "gradient");

            let hessian = along(&[u], &[1]);
            compare(
                &case,
                &hessian,
                differences(|t| after(t, &[], &[]), H, noise(0)),
                "Hessian",
            );
            let third = along(&[u], &[2]);
            compare(
                &case,
                &third,
                differences(|t| after(t, &[u], &[1]), H, noise(1)),
                "third derivative",
            );
            let mixed = along(&[u, v], &[1, 1]);
            compare(
                &case,
                &mixed,
                differences(|t| after(t, &[v], &[1]), H, noise(1)),
                "mixed third derivative",
            );
            let fourth = along(&[u], &[3]);
            compare(
                &case,
                &fourth,
                differences(|t| after(t, &[u], &[2]), H, noise(2)),
                "fourth derivative",
            );
        }
    }
}

/// Runs this file again for each of the machine's other instruction sets: the choice is made once in a process.
#[test]
fn every_other_instruction_set() {
    let this = std::env::current_exe().expect("a test is a program");
    let detected = InstructionSet::detect().expect("the tests run");
    let mut others = InstructionSet::available();
    others.retain(|&set| set != detected);
    for set in others {
        let run = std::process::Command::new(&this)
            .env("DIAGRAMS_ISA", set.to_string())
            .arg("derivatives::any_instruction_set::")
            .output()
            .expect("runs");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(
            run.status.success(),
            "{set}: {said}{}",
            String::from_utf8_lossy(&run.stderr)
        );
        assert!(
            said.contains("the_wanted_set_is_used ... ok"),
            "{set}: {said}"
        );
    }
}

/// Of landscapes whose code is compiled here: sets named one by one, without the environment.
#[test]
fn a_set_by_name_is_the_set_detected() {
    let case = Case::all().remove(0);
    let Kind::Polynomial(landscape) = &case.kind else {
        unreachable!()
    };
    let local = PointDerivatives::new(landscape, &case.theta, &case.data).expect("fits");
    let naive: Vec<f64> = (0..SAMPLES).map(|sample| case.naive_loss(sample)).collect();
    for set in InstructionSet::available() {
        let named = local.clone().with_instructions(set);
        let named = named.expect("it is available");
        assert_close(
            &losses(&named, 0..SAMPLES),
            &naive,
            1e-12,
            0.0,
            &set.to_string(),
        );
        if InstructionSet::detect() == Ok(set) {
            assert_eq!(losses(&named, 0..SAMPLES), losses(&local, 0..SAMPLES));
        }
    }
}
