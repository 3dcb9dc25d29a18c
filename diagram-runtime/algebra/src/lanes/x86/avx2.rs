//! Lanes of AVX2: pairs of 256-bit registers.

#[allow(
    clippy::wildcard_imports,
    reason = "the names of intrinsics say where they come from"
)]
use std::arch::x86_64::*;

use crate::lanes::register::{Register, first, shuffle};
use crate::lanes::sealed::Sealed;
use crate::lanes::vector::Vector;
use crate::lanes::{Isa, IsaOp};
use crate::unroll::array;

/// AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub(in crate::lanes) struct Avx2;

impl Sealed for Avx2 {}

impl Isa for Avx2 {
    type F32 = Vector<Single>;
    type F64 = Vector<Double>;
    const NAME: &'static str = "avx2";
}

/// Runs `op` with AVX2; the caller has checked that the machine has it.
pub(in crate::lanes) fn dispatch<Op: IsaOp>(op: Op) -> Op::Output {
    // SAFETY: the caller, a dispatch function of `lanes`, has found all of the features on this machine.
    unsafe {
        Op::with_features(
            #[inline(always)]
            || op.run::<Avx2>(),
        )
    }
}

/// Functions for which AVX2 and FMA are enabled, one for each pair of a type and an operation.
///
/// The type is the unit of the operation; see `Lanes::run_lanes`.
trait WithFeatures {
    /// Calls `f` in such a function.
    ///
    /// # Safety
    /// The machine must have AVX2 and FMA.
    unsafe fn with_features<R>(f: impl FnOnce() -> R) -> R;
}

impl<Unit> WithFeatures for Unit {
    #[target_feature(enable = "avx2,fma")]
    unsafe fn with_features<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
}

/// 16 lanes of `f32`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(in crate::lanes) struct Single([__m256; 2]);

/// 8 lanes of `f64`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(in crate::lanes) struct Double([__m256d; 2]);

/// The sum of the lanes of a register of `f32`.
///
/// # Safety
/// The machine must have AVX2.
#[inline(always)]
unsafe fn sum_single(lanes: __m256) -> f32 {
    // SAFETY: the caller vouches for the instructions, and the intrinsics need nothing else.
    unsafe {
        let four = _mm_add_ps(
            _mm256_castps256_ps128(lanes),
            _mm256_extractf128_ps::<1>(lanes),
        );
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
    }
}

/// The sum of the lanes of a register of `f64`.
///
/// # Safety
/// The machine must have AVX2.
#[inline(always)]
unsafe fn sum_double(lanes: __m256d) -> f64 {
    // SAFETY: as in `sum_single`.
    unsafe {
        let two = _mm_add_pd(
            _mm256_castpd256_pd128(lanes),
            _mm256_extractf128_pd::<1>(lanes),
        );
        _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)))
    }
}

macro_rules! register {
    ($register:ident, $number:ty, $width:literal, $shift:literal,
     $set1:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $sqrt:ident, $fma:ident, $min:ident, $max:ident,
     $and:ident, $andnot:ident, $or:ident, $unordered:ident, $blend:ident, $shl:ident, $to_int:ident, $from_int:ident,
     $unpacklo:ident, $unpackhi:ident, $halves:ident, $sum:ident) => {
        // SAFETY, for every block that does not say otherwise: the only condition of the intrinsics is that this machine has their instructions. A method
        // that is given a value of this type may rely on that because the value exists; `splat`, `from_fn` and `run`, which are given none, may rely on it
        // because only code that `dispatch` runs can name this type. See the documentation of the parent module.
        impl Register for $register {
            type Number = $number;
            const WIDTH: usize = $width;
            // The machine has 16 registers of half this width.
            const REGISTERS: usize = 8;

            #[inline(always)]
            fn splat(number: $number) -> Self {
                unsafe { $register([$set1(number); 2]) }
            }
            #[inline(always)]
            fn from_fn(number: impl FnMut(usize) -> $number) -> Self {
                let array: [$number; $width] = array(number);
                // SAFETY: the array of numbers and the registers, which are all that this type is, have the same size, and every pattern of bits is
                // valid in both.
                unsafe { std::mem::transmute::<[$number; $width], Self>(array) }
            }
            #[inline(always)]
            fn lane(&self, lane: usize) -> $number {
                // SAFETY: as in `from_fn`.
                let array: [$number; $width] =
                    unsafe { std::mem::transmute::<Self, [$number; $width]>(*self) };
                array[lane]
            }
            #[inline(always)]
            fn transpose(read: impl FnMut(usize) -> Self, mut write: impl FnMut(usize, Self)) {
                // The tile is transposed in quarters, each of which fits into the registers. The two quarters off the diagonal change places.
                const HALF: usize = $width / 2;
                let tile: [Self; $width] = array(read);
                for column in 0..2 {
                    let halves = [0, 1].map(
                        #[inline(always)]
                        |row| {
                            let mut quarter = [tile[0].0[0]; HALF];
                            for i in 0..HALF {
                                quarter[i] = tile[row * HALF + i].0[column];
                            }
                            shuffle(
                                &mut quarter,
                                #[inline(always)]
                                |a, b| unsafe {
                                    // The instructions interleave the lanes within each half of the registers; the halves are put in order afterwards.
                                    let (low, high) = ($unpacklo(a, b), $unpackhi(a, b));
                                    ($halves::<0x20>(low, high), $halves::<0x31>(low, high))
                                },
                            );
                            quarter
                        },
                    );
                    for i in 0..HALF {
                        write(column * HALF + i, $register([halves[0][i], halves[1][i]]));
                    }
                }
            }
            #[inline(always)]
            fn store(self, places: &mut [$number]) {
                // SAFETY: as in `from_fn`.
                let array = unsafe { std::mem::transmute::<Self, [$number; $width]>(self) };
                *first(places) = array;
            }
            #[inline(always)]
            fn sum(self) -> $number {
                unsafe { $sum($add(self.0[0], self.0[1])) }
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                unsafe { $register([$add(self.0[0], other.0[0]), $add(self.0[1], other.0[1])]) }
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                unsafe { $register([$sub(self.0[0], other.0[0]), $sub(self.0[1], other.0[1])]) }
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                unsafe { $register([$mul(self.0[0], other.0[0]), $mul(self.0[1], other.0[1])]) }
            }
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                unsafe { $register([$div(self.0[0], other.0[0]), $div(self.0[1], other.0[1])]) }
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                unsafe { $register([$sqrt(self.0[0]), $sqrt(self.0[1])]) }
            }
            #[inline(always)]
            fn mul_add(self, by: Self, to: Self) -> Self {
                unsafe {
                    $register([
                        $fma(self.0[0], by.0[0], to.0[0]),
                        $fma(self.0[1], by.0[1], to.0[1]),
                    ])
                }
            }
            #[inline(always)]
            fn lesser(self, other: Self) -> Self {
                unsafe { $register([$min(self.0[0], other.0[0]), $min(self.0[1], other.0[1])]) }
            }
            #[inline(always)]
            fn greater(self, other: Self) -> Self {
                unsafe { $register([$max(self.0[0], other.0[0]), $max(self.0[1], other.0[1])]) }
            }
            #[inline(always)]
            fn nan_or(self, other: Self) -> Self {
                unsafe {
                    let nan = [
                        $unordered::<_CMP_UNORD_Q>(self.0[0], self.0[0]),
                        $unordered::<_CMP_UNORD_Q>(self.0[1], self.0[1]),
                    ];
                    $register([
                        $blend(other.0[0], self.0[0], nan[0]),
                        $blend(other.0[1], self.0[1], nan[1]),
                    ])
                }
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                unsafe {
                    let mask = $set1(-0.0);
                    $register([
                        $or($andnot(mask, self.0[0]), $and(mask, sign.0[0])),
                        $or($andnot(mask, self.0[1]), $and(mask, sign.0[1])),
                    ])
                }
            }
            #[inline(always)]
            fn shift_to_exponent(self) -> Self {
                unsafe {
                    $register([
                        $from_int($shl::<$shift>($to_int(self.0[0]))),
                        $from_int($shl::<$shift>($to_int(self.0[1]))),
                    ])
                }
            }
            #[inline(always)]
            fn run<Unit, R>(f: impl FnOnce() -> R) -> R {
                unsafe { Unit::with_features(f) }
            }
        }
    };
}

register!(
    Single,
    f32,
    16,
    23,
    _mm256_set1_ps,
    _mm256_add_ps,
    _mm256_sub_ps,
    _mm256_mul_ps,
    _mm256_div_ps,
    _mm256_sqrt_ps,
    _mm256_fmadd_ps,
    _mm256_min_ps,
    _mm256_max_ps,
    _mm256_and_ps,
    _mm256_andnot_ps,
    _mm256_or_ps,
    _mm256_cmp_ps,
    _mm256_blendv_ps,
    _mm256_slli_epi32,
    _mm256_castps_si256,
    _mm256_castsi256_ps,
    _mm256_unpacklo_ps,
    _mm256_unpackhi_ps,
    _mm256_permute2f128_ps,
    sum_single
);

register!(
    Double,
    f64,
    8,
    52,
    _mm256_set1_pd,
    _mm256_add_pd,
    _mm256_sub_pd,
    _mm256_mul_pd,
    _mm256_div_pd,
    _mm256_sqrt_pd,
    _mm256_fmadd_pd,
    _mm256_min_pd,
    _mm256_max_pd,
    _mm256_and_pd,
    _mm256_andnot_pd,
    _mm256_or_pd,
    _mm256_cmp_pd,
    _mm256_blendv_pd,
    _mm256_slli_epi64,
    _mm256_castpd_si256,
    _mm256_castsi256_pd,
    _mm256_unpacklo_pd,
    _mm256_unpackhi_pd,
    _mm256_permute2f128_pd,
    sum_double
);
