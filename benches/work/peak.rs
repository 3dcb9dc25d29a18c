//! What this machine can do, measured in the same run on as many threads.

use std::hint::black_box;
use std::time::{Duration, Instant};

use diagrams::runtime::landscapes::Precision;
use diagrams::runtime::lanes::{Isa, IsaOp, dispatch};
use diagrams::runtime::scalar::{Lanes, Scalar};
use diagrams::runtime::values::Arithmetic;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;

/// A floating point type that peaks can be measured in.
pub(crate) trait Real: Precision + Arithmetic + faer::traits::ComplexField {}

impl<T: Precision + Arithmetic + faer::traits::ComplexField> Real for T {}

/// GFLOP/s on all threads of the current pool.
#[derive(Clone, Copy)]
pub(crate) struct Peak {
    /// Of faer's product of two large square matrices.
    pub(crate) product: f64,
    /// Of multiply-adds that never leave the registers.
    pub(crate) registers: f64,
}

/// Sides of the matrices.
const SIDES: [usize; 2] = [1024, 1536];
/// Many short ones, of which the best counts: some fall in moments when nothing else runs.
const REPEATS: usize = 20;
/// No more of them after this: on a busy machine they take long.
const PATIENCE: Duration = Duration::from_secs(2);
/// Accumulators: enough for the latency of multiply-adds, few enough for the registers.
const ACCUMULATORS: usize = 12;
const ROUNDS: usize = 1_000_000;

impl Peak {
    /// Takes a few seconds.
    pub(crate) fn measure<T: Real>() -> Peak {
        let best = |rate: &mut dyn FnMut() -> f64| {
            let start = Instant::now();
            (0..REPEATS)
                .take_while(|_| start.elapsed() < PATIENCE)
                .map(|_| rate())
                .fold(0.0, f64::max)
        };
        let product = SIDES
            .into_iter()
            .map(|side| {
                let mut operands = Operands::<T>::new(side);
                best(&mut || operands.gflops())
            })
            .fold(0.0, f64::max);
        Peak {
            product,
            registers: best(&mut registers::<T>),
        }
    }
}

struct Operands<T> {
    left: Mat<T>,
    right: Mat<T>,
    product: Mat<T>,
}

impl<T: Real> Operands<T> {
    fn new(side: usize) -> Self {
        let number = |i: usize, j: usize| <T as Scalar>::constant(((i * 7 + j) % 11) as f64 / 11.0);
        Operands {
            left: Mat::from_fn(side, side, number),
            right: Mat::from_fn(side, side, number),
            product: Mat::from_fn(side, side, number),
        }
    }

    fn gflops(&mut self) -> f64 {
        let start = Instant::now();
        matmul(
            self.product.as_mut(),
            Accum::Replace,
            self.left.as_ref(),
            self.right.as_ref(),
            <T as Scalar>::constant(1.0),
            Par::rayon(0),
        );
        let seconds = start.elapsed().as_secs_f64();
        black_box(&self.product);
        2.0 * (self.left.nrows() as f64).powi(3) / seconds / 1e9
    }
}

fn registers<T: Real>() -> f64 {
    let threads = rayon::current_num_threads();
    let start = Instant::now();
    let flops: f64 = (0..threads)
        .into_par_iter()
        .map(|_| dispatch(MultiplyAdds::<T>(black_box(<T as Scalar>::constant(0.5)))))
        .sum();
    flops / start.elapsed().as_secs_f64() / 1e9
}

struct MultiplyAdds<T>(T);

impl<T: Real> IsaOp for MultiplyAdds<T> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Isa>(self) -> f64 {
        let factor = <T::Wide<I> as Lanes>::splat(self.0);
        let mut sums: [T::Wide<I>; ACCUMULATORS] = std::array::from_fn(|_| factor.clone());
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                sum.add_product(&factor, &factor);
            }
        }
        black_box(&sums);
        (2 * ROUNDS * ACCUMULATORS * <T::Wide<I> as Lanes>::WIDTH) as f64
    }
}
