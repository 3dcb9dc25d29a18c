//! Passes: derivatives of the losses of several samples, one in each SIMD lane, in the algebra that the directions need.
//!
//! A single direction that is contracted up to three times is a line jet, a truncated Taylor series in one variable. Several directions that are
//! contracted two or three times together are nested dual numbers, with one dual component for each contraction. All other derivatives go through
//! multi-dual numbers of any order, one sample at a time.
//!
//! Where the algebra and the landscape share a primal cache, only the first of several passes computes the primal values at a block of samples.

use std::ops::Range;

use super::moving_point::{GradientPoint, LineJet, MixedSecond, MixedThird, Point, SharedLineJet};
use super::read_off::{CoefficientSinks, HighestSink, Slot};
use super::{Direction, Pass};
use crate::landscape::Landscape;
use crate::lanes::{Isa, IsaOp};
use crate::layers::{GradientSink, PrimalCache};
use crate::multidual::MultiDual;
use crate::rows::{gather_consecutive, scatter};
use crate::samples::Samples;
use crate::scalar::{Element, Lanes, Scalar};
use crate::weights::{Own, Weights};

/// The operation of [`Derivatives::passes`](super::Derivatives::passes) for a landscape, generic in the instruction set.
pub(super) struct RunPasses<'p, 'd, L, T> {
    pub(super) landscape: &'p L,
    pub(super) theta: &'p [T],
    pub(super) data: &'p Samples<T>,
    pub(super) samples: Range<usize>,
    pub(super) passes: Vec<Pass<'d, T>>,
}

impl<L: Landscape, T: Element> IsaOp for RunPasses<'_, '_, L, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(mut self) {
        let gradients = self.split_off_gradients();
        if !gradients.passes.is_empty() {
            gradients.each_block(
                &Form::default(),
                GradientPoint::<T::Wide<I>>::new(self.theta),
            );
        }
        let Some(form) = self.passes.first().map(Form::of) else {
            return;
        };
        assert!(
            self.passes.iter().all(|pass| Form::of(pass) == form),
            "all passes of a call must be of one form"
        );
        let theta = self.theta;
        match form.copies[..] {
            [1] if form.shared[0] => {
                self.each_block(&form, SharedLineJet::<T::Wide<I>, 2>::new(theta));
            }
            [1] => self.each_block(&form, LineJet::<T::Wide<I>, 2>::new(theta)),
            [2] if form.shared[0] => {
                self.each_block(&form, SharedLineJet::<T::Wide<I>, 3>::new(theta));
            }
            [2] => self.each_block(&form, LineJet::<T::Wide<I>, 3>::new(theta)),
            [HIGHEST_ON_LINE] => {
                self.each_block(
                    &form,
                    LineJet::<T::Wide<I>, { HIGHEST_ON_LINE + 1 }>::new(theta),
                );
            }
            _ => match form.dual_components()[..] {
                [u, v] => self.each_block(&form, MixedSecond::<T::Wide<I>>::new(theta, [u, v])),
                [u, v, w] => {
                    self.each_block(&form, MixedThird::<T::Wide<I>>::new(theta, [u, v, w]));
                }
                _ => self.any_order(&form),
            },
        }
    }
}

/// The highest power of a single direction that truncated Taylor series are compiled for.
const HIGHEST_ON_LINE: usize = 3;

/// The properties of a pass that decide in which algebra it is computed.
#[derive(Default, PartialEq, Eq)]
struct Form {
    /// The highest power of each direction among the outputs.
    copies: Vec<usize>,
    /// Whether all lanes share each direction.
    shared: Vec<bool>,
    /// The powers of each output.
    powers: Vec<Vec<u8>>,
}

impl Form {
    /// The form of a pass.
    fn of<T>(pass: &Pass<'_, T>) -> Self {
        let highest = |at: usize| {
            let powers = pass.outputs.iter().map(|output| output.powers[at]);
            usize::from(powers.max().unwrap_or(0))
        };
        Form {
            copies: (0..pass.directions.len()).map(highest).collect(),
            shared: pass.directions.iter().map(Direction::is_shared).collect(),
            powers: pass.outputs.iter().map(|o| o.powers.to_vec()).collect(),
        }
    }

    /// The index of the direction of each dual component, that of the innermost first.
    fn dual_components(&self) -> Vec<usize> {
        let copies = self.copies.iter().enumerate();
        copies
            .flat_map(|(direction, &copies)| std::iter::repeat_n(direction, copies))
            .collect()
    }

    /// The index of the derivative with the given powers, as [`Jet::derivative`] takes it.
    ///
    /// [`Jet::derivative`]: diagram_algebra::jet::Jet::derivative
    fn index(&self, powers: &[u8]) -> usize {
        if let ([power], [..=HIGHEST_ON_LINE]) = (powers, &self.copies[..]) {
            // The index in a line jet is the power.
            return usize::from(*power);
        }
        // The derivative is along the first `power` of the dual components that belong to each direction.
        let mut set = 0;
        let mut first = 0;
        for (&power, &copies) in powers.iter().zip(&self.copies) {
            set |= ((1 << power) - 1) << first;
            first += copies;
        }
        set
    }
}

impl<'p, 'd, L: Landscape, T: Element> RunPasses<'p, 'd, L, T> {
    /// Takes the outputs that contract no direction, which are gradients, out of the passes and returns them as passes without directions.
    fn split_off_gradients(&mut self) -> RunPasses<'p, 'd, L, T> {
        let mut gradients = vec![];
        for pass in &mut self.passes {
            let (none, some) = std::mem::take(&mut pass.outputs)
                .into_iter()
                .partition::<Vec<_>, _>(|output| output.powers.iter().all(|&power| power == 0));
            pass.outputs = some;
            if !none.is_empty() {
                gradients.push(Pass {
                    directions: vec![],
                    outputs: none,
                });
            }
        }
        self.passes.retain(|pass| !pass.outputs.is_empty());
        RunPasses {
            passes: gradients,
            samples: self.samples.clone(),
            ..*self
        }
    }

    /// Computes the gradient in the algebra of `point` for one block of samples after the other, and reads the outputs off its components.
    #[inline(never)]
    fn each_block<P: Point<T>>(self, form: &Form, point: P) {
        P::Lanes::run_lanes::<P, _>(
            #[inline(always)]
            || self.run_each_block(form, point),
        );
    }

    #[inline(always)]
    fn run_each_block<P: Point<T>>(mut self, form: &Form, mut point: P) {
        let dimension = self.theta.len();
        let kept = |pass: &Pass<'_, T>| -> Vec<bool> {
            let outputs = pass.outputs.iter();
            outputs.map(|output| output.per_sample.is_some()).collect()
        };
        assert!(
            self.passes
                .iter()
                .all(|pass| kept(pass) == kept(&self.passes[0])),
            "all passes of a call must keep the same outputs"
        );
        let landscape = self.landscape;
        let mut x = vec![P::Lanes::constant(0.0); self.data.width()];
        let mut cache = PrimalCache::<P::Algebra>::new(self.passes.len() > 1);
        let mut kept: Vec<Vec<P::Lanes>> = self.passes[0]
            .outputs
            .iter()
            .map(|output| {
                let length = output.per_sample.as_ref().map_or(0, |_| dimension);
                vec![P::Lanes::constant(0.0); length]
            })
            .collect();
        for block in blocks::<P::Lanes>(self.samples.clone()) {
            let offset = block.start - self.samples.start;
            pack(self.data, &block, &mut x);
            cache.forget();
            for pass in &mut self.passes {
                let mut slots: Vec<Option<Slot<'_, P::Lanes>>> = vec![];
                slots.resize_with(P::Algebra::COEFFICIENTS, || None);
                for (output, kept) in pass.outputs.iter_mut().zip(&mut kept) {
                    let slot = &mut slots[form.index(output.powers)];
                    let slot = slot.get_or_insert_with(|| Slot::new(block.len()));
                    if output.per_sample.is_some() {
                        slot.keep(kept);
                    }
                    if let Some(total) = &mut output.sum {
                        slot.add_to(total);
                    }
                }
                let theta = point.weights(&pass.directions, offset, block.len());
                let others = slots.len() - 1;
                if const { P::Algebra::COEFFICIENTS > 2 }
                    && slots[..others].iter().any(Option::is_some)
                {
                    let mut sink = CoefficientSinks(slots);
                    run::<P, _, _, _, _>(landscape, theta, &x, &mut cache, &mut sink);
                } else if let Some(highest) = slots.pop().flatten() {
                    let mut sink = HighestSink(highest);
                    run::<P, _, _, _, _>(landscape, theta, &x, &mut cache, &mut sink);
                }
                for (output, kept) in pass.outputs.iter_mut().zip(&kept) {
                    if let Some(rows) = &mut output.per_sample {
                        let rows =
                            &mut rows[offset * dimension..(offset + block.len()) * dimension];
                        scatter(kept, rows);
                    }
                }
            }
        }
    }

    /// Computes derivatives of any order with multi-dual numbers, one sample at a time.
    #[inline(never)]
    fn any_order(mut self, form: &Form) {
        let dimension = self.theta.len();
        let dual_components = form.dual_components();
        let mut gradient = vec![MultiDual::<T>::constant(0.0); dimension];
        for (offset, sample) in self.samples.clone().enumerate() {
            for pass in &mut self.passes {
                let directions: Vec<&[T]> = pass
                    .directions
                    .iter()
                    .map(|direction| match *direction {
                        Direction::Shared(u) => u,
                        Direction::PerSample(rows) => &rows[offset * dimension..][..dimension],
                    })
                    .collect();
                let theta: Vec<MultiDual<T>> = (0..dimension)
                    .map(|i| {
                        let slopes: Vec<T> = dual_components
                            .iter()
                            .map(|&direction| directions[direction][i].clone())
                            .collect();
                        MultiDual::variable(self.theta[i].clone(), &slopes)
                    })
                    .collect();
                let x = self.data.row(sample);
                self.landscape.gradient(Own(&theta), x, &mut gradient[..]);
                for output in &mut pass.outputs {
                    let set = form.index(output.powers);
                    for (i, component) in gradient.iter().enumerate() {
                        let derivative = component.coefficient(set);
                        if let Some(rows) = &mut output.per_sample {
                            rows[offset * dimension + i] = derivative.clone();
                        }
                        if let Some(total) = &mut output.sum {
                            total[i] += derivative;
                        }
                    }
                }
            }
        }
    }
}

/// Computes the gradient at a point, with the primal cache from other directions at the same samples if both the point and the landscape use one.
#[inline(always)]
fn run<P, T, L, W, S>(
    landscape: &L,
    theta: W,
    x: &[P::Lanes],
    cache: &mut PrimalCache<P::Algebra>,
    sink: &mut S,
) where
    P: Point<T>,
    T: Element,
    L: Landscape,
    W: Weights<P::Algebra>,
    S: GradientSink<P::Algebra>,
{
    if const { P::SHARES && L::CACHES_PRIMALS } {
        landscape.gradient_along(theta, x, cache, sink);
    } else {
        landscape.gradient(theta, x, sink);
    }
}

/// Divides samples into blocks of as many as there are lanes; the last block may be shorter.
fn blocks<R: Lanes>(samples: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = samples.end;
    samples
        .step_by(R::WIDTH)
        .map(move |start| start..end.min(start + R::WIDTH))
}

/// Puts each datapoint of a block into a lane. If the block has fewer datapoints than there are lanes, the remaining lanes repeat its last one.
#[inline(always)]
fn pack<R: Lanes>(data: &Samples<R::Element>, block: &Range<usize>, lanes: &mut [R]) {
    gather_consecutive(data.rows(block.clone()), lanes);
}
