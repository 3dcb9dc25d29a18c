//! Lanes of AVX-512: single 512-bit registers.

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

/// AVX-512 F, DQ, VL and BW, together with AVX2 and FMA.
#[derive(Clone, Copy, Debug)]
pub(in crate::lanes) struct Avx512;

impl Sealed for Avx512 {}

impl Isa for Avx512 {
    type F32 = Vector<Single>;
    type F64 = Vector<Double>;
    const NAME: &'static str = "avx512";
}

/// Runs `op` with AVX-512; the caller has checked that the machine has it.
pub(in crate::lanes) fn dispatch<Op: IsaOp>(op: Op) -> Op::Output {
    // SAFETY: the caller, a dispatch function of `lanes`, has found all of the features on this machine.
    unsafe {
        Op::with_features(
            #[inline(always)]
            || op.run::<Avx512>(),
        )
    }
}

/// Functions for which the instructions of [`Avx512`] are enabled, one for each pair of a type and an operation.
///
/// The type is the unit of the operation; see `Lanes::run_lanes`.
trait WithFeatures {
    /// Calls `f` in such a function.
    ///
    /// # Safety
    /// The machine must have these instructions.
    unsafe fn with_features<R>(f: impl FnOnce() -> R) -> R;
}

impl<Unit> WithFeatures for Unit {
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx2,fma")]
    unsafe fn with_features<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
}

/// 16 lanes of `f32`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(in crate::lanes) struct Single(__m512);

/// 8 lanes of `f64`.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub(in crate::lanes) struct Double(__m512d);

macro_rules! register {
    ($register:ident, $number:ty, $width:literal, $shift:literal,
     $set1:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $sqrt:ident, $fma:ident, $min:ident, $max:ident,
     $and:ident, $andnot:ident, $or:ident, $unordered:ident, $blend:ident, $shl:ident, $to_int:ident, $from_int:ident,
     $permute:ident, $index:ty, $reduce:ident) => {
        // SAFETY, for every block that does not say otherwise: the only condition of the intrinsics is that this machine has their instructions. A method
        // that is given a value of this type may rely on that because the value exists; `splat`, `from_fn` and `run`, which are given none, may rely on it
        // because only code that `dispatch` runs can name this type. See the documentation of the parent module.
        impl Register for $register {
            type Number = $number;
            const WIDTH: usize = $width;
            const REGISTERS: usize = 32;

            #[inline(always)]
            fn splat(number: $number) -> Self {
                unsafe { $register($set1(number)) }
            }
            #[inline(always)]
            fn from_fn(number: impl FnMut(usize) -> $number) -> Self {
                let array: [$number; $width] = array(number);
                // SAFETY: the array of numbers and the register, which is all that this type is, have the same size, and every pattern of bits is
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
                // Lane i of the result is the lane with index `indices[i]` of both registers put one after the other.
                const fn indices(first: $index) -> [$index; $width] {
                    let mut indices = [0; $width];
                    let mut i = 0;
                    while i < $width {
                        let half = first + i as $index / 2;
                        indices[i] = if i % 2 == 0 { half } else { half + $width };
                        i += 1;
                    }
                    indices
                }
                const LOWER: [$index; $width] = indices(0);
                const UPPER: [$index; $width] = indices($width / 2);
                let mut tile: [Self; $width] = array(read);
                shuffle(
                    &mut tile,
                    #[inline(always)]
                    |a, b| {
                        // SAFETY: the transmutations as in `from_fn`, since the array of indices is as large as a register; the permutations as for every
                        // intrinsic, since of each index they read only the bits that number the lanes of two registers.
                        unsafe {
                            let lower = std::mem::transmute::<[$index; $width], __m512i>(LOWER);
                            let upper = std::mem::transmute::<[$index; $width], __m512i>(UPPER);
                            (
                                $register($permute(a.0, lower, b.0)),
                                $register($permute(a.0, upper, b.0)),
                            )
                        }
                    },
                );
                for (i, register) in tile.into_iter().enumerate() {
                    write(i, register);
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
                unsafe { $reduce(self.0) }
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                unsafe { $register($add(self.0, other.0)) }
            }
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                unsafe { $register($sub(self.0, other.0)) }
            }
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                unsafe { $register($mul(self.0, other.0)) }
            }
            #[inline(always)]
            fn div(self, other: Self) -> Self {
                unsafe { $register($div(self.0, other.0)) }
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                unsafe { $register($sqrt(self.0)) }
            }
            #[inline(always)]
            fn mul_add(self, by: Self, to: Self) -> Self {
                unsafe { $register($fma(self.0, by.0, to.0)) }
            }
            #[inline(always)]
            fn lesser(self, other: Self) -> Self {
                unsafe { $register($min(self.0, other.0)) }
            }
            #[inline(always)]
            fn greater(self, other: Self) -> Self {
                unsafe { $register($max(self.0, other.0)) }
            }
            #[inline(always)]
            fn nan_or(self, other: Self) -> Self {
                unsafe {
                    $register($blend(
                        $unordered::<_CMP_UNORD_Q>(self.0, self.0),
                        other.0,
                        self.0,
                    ))
                }
            }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self {
                unsafe {
                    let mask = $set1(-0.0);
                    $register($or($andnot(mask, self.0), $and(mask, sign.0)))
                }
            }
            #[inline(always)]
            fn shift_to_exponent(self) -> Self {
                unsafe { $register($from_int($shl::<$shift>($to_int(self.0)))) }
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
    _mm512_set1_ps,
    _mm512_add_ps,
    _mm512_sub_ps,
    _mm512_mul_ps,
    _mm512_div_ps,
    _mm512_sqrt_ps,
    _mm512_fmadd_ps,
    _mm512_min_ps,
    _mm512_max_ps,
    _mm512_and_ps,
    _mm512_andnot_ps,
    _mm512_or_ps,
    _mm512_cmp_ps_mask,
    _mm512_mask_blend_ps,
    _mm512_slli_epi32,
    _mm512_castps_si512,
    _mm512_castsi512_ps,
    _mm512_permutex2var_ps,
    i32,
    _mm512_reduce_add_ps
);

register!(
    Double,
    f64,
    8,
    52,
    _mm512_set1_pd,
    _mm512_add_pd,
    _mm512_sub_pd,
    _mm512_mul_pd,
    _mm512_div_pd,
    _mm512_sqrt_pd,
    _mm512_fmadd_pd,
    _mm512_min_pd,
    _mm512_max_pd,
    _mm512_and_pd,
    _mm512_andnot_pd,
    _mm512_or_pd,
    _mm512_cmp_pd_mask,
    _mm512_mask_blend_pd,
    _mm512_slli_epi64,
    _mm512_castpd_si512,
    _mm512_castsi512_pd,
    _mm512_permutex2var_pd,
    i64,
    _mm512_reduce_add_pd
);
