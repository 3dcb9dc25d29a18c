//! The update of an optimizer with memory, and averages of iterates: everything between two gradients in one pass over the weights.

use crate::lanes::{Isa, IsaOp, dispatch};
use crate::scalar::{Element, Lanes, Scalar};

/// An update from the mean gradient of a batch.
pub(in crate::simulate) struct Update<'a, T> {
    /// The gradient.
    pub(in crate::simulate) gradient: &'a mut [T],
    /// The weights.
    pub(in crate::simulate) theta: &'a mut [T],
    /// Weight decay.
    pub(in crate::simulate) decay: Option<Decay<'a, T>>,
    /// Momentum.
    pub(in crate::simulate) memory: Option<Memory<'a, T>>,
    /// The factor of the step, with its sign; `None` if the step is only written to `gradient`.
    pub(in crate::simulate) by: Option<T>,
    /// The average that takes the new weights in.
    pub(in crate::simulate) average: Option<Average<'a, T>>,
}

/// Weight decay.
#[derive(Clone, Copy)]
pub(in crate::simulate) struct Decay<'a, T> {
    /// λ of each weight.
    pub(in crate::simulate) rates: &'a [T],
    /// Whether it is added to the gradient, and not to the step.
    pub(in crate::simulate) coupled: bool,
}

/// Momentum: the buffer becomes v = β v + c g.
pub(in crate::simulate) struct Memory<'a, T> {
    /// v
    pub(in crate::simulate) buffer: &'a mut [T],
    /// β
    pub(in crate::simulate) beta: T,
    /// c
    pub(in crate::simulate) fresh: T,
    /// Whether the step is g + β v, and not v.
    pub(in crate::simulate) nesterov: bool,
}

/// An average of iterates e, which becomes `keep` e + `add` θ.
pub(in crate::simulate) struct Average<'a, T> {
    pub(in crate::simulate) of: &'a mut [T],
    pub(in crate::simulate) keep: T,
    pub(in crate::simulate) add: T,
}

/// `theta += by · step`, where the step follows from the gradient; `gradient` is then set to 0, or to the step if `by` is `None`.
pub(in crate::simulate) fn update<T: Element>(update: Update<'_, T>) {
    dispatch(update);
}

/// Takes weights into an average.
pub(in crate::simulate) fn average<T: Element>(theta: &[T], average: Average<'_, T>) {
    dispatch(TakeIn { theta, average });
}

impl<T: Element> IsaOp for Update<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let theta = <T::Wide<I>>::vectors_mut(self.theta);
        let weights = theta.len();
        let gradient = &mut <T::Wide<I>>::vectors_mut(self.gradient)[..weights];
        let [mut coupled, mut decoupled] = [None, None];
        if let Some(decay) = self.decay {
            let rates = Some(&decay.rates[..weights]);
            if decay.coupled {
                coupled = rates;
            } else {
                decoupled = rates;
            }
        }
        let mut memory = self.memory.map(|memory| {
            let buffer = &mut <T::Wide<I>>::vectors_mut(memory.buffer)[..weights];
            (buffer, memory.beta, memory.fresh, memory.nesterov)
        });
        let mut average = self.average.map(|average| {
            let of = &mut <T::Wide<I>>::vectors_mut(average.of)[..weights];
            (of, average.keep, average.add)
        });
        // What is not set is the same for all weights, so that these branches cost next to nothing.
        for at in 0..weights {
            let weight = &mut theta[at];
            let mut step = gradient[at].clone();
            if let Some(rates) = coupled {
                step.add_scaled(weight, &rates[at]);
            }
            if let Some((buffer, beta, fresh, nesterov)) = &mut memory {
                let mut kept = buffer[at].clone().scale_element(beta);
                kept.add_scaled(&step, fresh);
                if *nesterov {
                    step.add_scaled(&kept, beta);
                } else {
                    step = kept.clone();
                }
                buffer[at] = kept;
            }
            if let Some(rates) = decoupled {
                step.add_scaled(weight, &rates[at]);
            }
            let Some(by) = &self.by else {
                gradient[at] = step;
                continue;
            };
            gradient[at] = <T::Wide<I>>::constant(0.0);
            weight.add_scaled(&step, by);
            if let Some((of, keep, add)) = &mut average {
                let mut sum = of[at].clone().scale_element(keep);
                sum.add_scaled(weight, add);
                of[at] = sum;
            }
        }
    }
}

struct TakeIn<'a, T> {
    theta: &'a [T],
    average: Average<'a, T>,
}

impl<T: Element> IsaOp for TakeIn<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<I: Isa>(self) {
        let theta = <T::Wide<I>>::vectors(self.theta);
        let of = <T::Wide<I>>::vectors_mut(self.average.of);
        for (sum, weight) in of.iter_mut().zip(theta) {
            let mut new = sum.clone().scale_element(&self.average.keep);
            new.add_scaled(weight, &self.average.add);
            *sum = new;
        }
    }
}
