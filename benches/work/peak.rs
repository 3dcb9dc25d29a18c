//! The highest rates of floating point operations that this machine reaches, measured on the threads of the current pool.

use std::hint::black_box;
use std::time::{Duration, Instant};

use diagrams::runtime::lanes::{Isa, IsaOp, dispatch};
use diagrams::runtime::scalar::{Lanes, Scalar};
use diagrams::runtime::simulate::FloatingPoint;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;

/// A floating point type whose peak rates can be measured.
pub(crate) trait Real: FloatingPoint + faer::traits::ComplexField {}

impl<T: FloatingPoint + faer::traits::ComplexField> Real for T {}

/// Peak rates in GFLOP/s, on all threads of the current rayon pool.
#[derive(Clone, Copy)]
pub(crate) struct Peak {
    /// The rate of faer's product of two large square matrices.
    pub(crate) product: f64,
    /// The rate of multiply-adds whose operands and results stay in registers.
    pub(crate) registers: f64,
}

/// The numbers of rows of the square matrices; the better rate counts.
const SIDES: [usize; 2] = [1024, 1536];
/// The number of measurements, of which the best counts, because other programs may slow some of them down.
const REPEATS: usize = 20;
/// The time after which no further measurement is begun.
const PATIENCE: Duration = Duration::from_secs(2);
/// The number of independent accumulators. It is large enough to hide the latency of multiply-adds, and small enough for the registers.
const ACCUMULATORS: usize = 12;
const ROUNDS: usize = 1_000_000;

impl Peak {
    /// Measures the peak rates, which takes a few seconds.
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

/// Two square matrices and room for their product.
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

    /// The rate of one product, in GFLOP/s.
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

/// The rate of multiply-adds in registers, in GFLOP/s.
fn registers<T: Real>() -> f64 {
    let threads = rayon::current_num_threads();
    let start = Instant::now();
    let flops: f64 = (0..threads)
        .into_par_iter()
        .map(|_| dispatch(MultiplyAdds::<T>(black_box(<T as Scalar>::constant(0.5)))))
        .sum();
    flops / start.elapsed().as_secs_f64() / 1e9
}

/// Multiply-adds of one number in registers. The output is the number of floating point operations.
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
