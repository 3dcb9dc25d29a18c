//! Optimizers of the literature as programs.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

use super::program::{Linear, Program, Slot};

/// An optimizer that runs on one batch after the other.
macro_rules! program {
    ($name:ty, |$this:ident, $start:ident, $batches:ident, $step:ident| $body:block) => {
        impl Program for $name {
            fn run<V: Linear>(
                &self,
                $start: &V,
                $batches: usize,
                $step: &mut dyn FnMut(&V, Slot) -> V,
            ) -> V {
                let $this = self;
                $body
            }
        }
    };
}

/// Heavy ball momentum (Polyak, 1964): v ← β v + u, θ ← θ + v.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeavyBall {
    /// β.
    pub momentum: BigRational,
}

program!(HeavyBall, |this, start, batches, step| {
    let (mut theta, mut velocity) = (start.clone(), start.zero());
    for batch in 0..batches {
        velocity.scale(&this.momentum);
        velocity.add(&step(&theta, Slot::Batch(batch)));
        theta.add(&velocity);
    }
    theta
});

/// Nesterov's momentum as in `PyTorch`: v ← β v + u, θ ← θ + u + β v.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nesterov {
    /// β.
    pub momentum: BigRational,
}

program!(Nesterov, |this, start, batches, step| {
    let (mut theta, mut velocity) = (start.clone(), start.zero());
    for batch in 0..batches {
        let mut u = step(&theta, Slot::Batch(batch));
        velocity.scale(&this.momentum);
        velocity.add(&u);
        // In this order a run on weights rounds as that of an update rule does.
        u.add_scaled(&this.momentum, &velocity);
        theta.add(&u);
    }
    theta
});

/// Quasi-hyperbolic momentum (Ma and Yarats, 2019): v ← β v + (1 - β) u, θ ← θ + (1 - ν) u + ν v.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuasiHyperbolic {
    /// β.
    pub momentum: BigRational,
    /// ν.
    pub share: BigRational,
}

program!(QuasiHyperbolic, |this, start, batches, step| {
    let (mut theta, mut velocity) = (start.clone(), start.zero());
    for batch in 0..batches {
        let u = step(&theta, Slot::Batch(batch));
        velocity.scale(&this.momentum);
        velocity.add_scaled(&(BigRational::one() - &this.momentum), &u);
        theta.add_scaled(&(BigRational::one() - &this.share), &u);
        theta.add_scaled(&this.share, &velocity);
    }
    theta
});

/// Schedule-free SGD (Defazio et al., 2024): gradients at y = (1 - β) z + β x, the steps z ← z + u, and the mean x of all z, which is the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleFree {
    /// β.
    pub interpolation: BigRational,
}

program!(ScheduleFree, |this, start, batches, step| {
    let (mut z, mut x) = (start.clone(), start.clone());
    for batch in 0..batches {
        let mut y = x.clone();
        y.scale(&this.interpolation);
        y.add_scaled(&(BigRational::one() - &this.interpolation), &z);
        z.add(&step(&y, Slot::Batch(batch)));
        let part = one_over(batch + 1);
        x.scale(&(BigRational::one() - &part));
        x.add_scaled(&part, &z);
    }
    x
});

/// Lookahead (Zhang et al., 2019): after every k steps of SGD the slow weights go a part α of the way, and the fast weights begin there. The result are the slow weights, and the fast ones of
/// a round that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookahead {
    /// k, at least 1.
    pub every: usize,
    /// α.
    pub part: BigRational,
}

program!(Lookahead, |this, start, batches, step| {
    let (mut slow, mut fast) = (start.clone(), start.clone());
    for batch in 0..batches {
        fast.add(&step(&fast, Slot::Batch(batch)));
        if (batch + 1).is_multiple_of(this.every.max(1)) {
            slow.scale(&(BigRational::one() - &this.part));
            slow.add_scaled(&this.part, &fast);
            fast = slow.clone();
        }
    }
    fast
});

/// SVRG (Johnson and Zhang, 2013): at the begin of every m steps the gradient of the whole training set at the weights of then; a step corrects the batch's gradient at these weights by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Svrg {
    /// m, at least 1.
    pub every: usize,
}

program!(Svrg, |this, start, batches, step| {
    let (mut theta, mut anchor, mut full) = (start.clone(), start.clone(), start.zero());
    for batch in 0..batches {
        if batch.is_multiple_of(this.every.max(1)) {
            anchor = theta.clone();
            full = step(&anchor, Slot::All);
        }
        let before = step(&anchor, Slot::Batch(batch));
        let now = step(&theta, Slot::Batch(batch));
        theta.add(&now);
        theta.subtract(&before);
        theta.add(&full);
    }
    theta
});

/// Local SGD (Stich, 2019): workers take one step each on a batch of their own, and after every k rounds they all begin at the mean of their weights, which is also the result. Batches that
/// do not fill a round are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalSgd {
    /// The number of workers, at least 1.
    pub workers: usize,
    /// k, at least 1.
    pub every: usize,
}

program!(LocalSgd, |this, start, batches, step| {
    let workers = this.workers.max(1);
    let mut theta = vec![start.clone(); workers];
    for round in 0..batches / workers {
        for (worker, theta) in theta.iter_mut().enumerate() {
            theta.add(&step(theta, Slot::Batch(round * workers + worker)));
        }
        if (round + 1).is_multiple_of(this.every.max(1)) {
            theta = vec![mean(&theta); workers];
        }
    }
    mean(&theta)
});

/// The optimistic gradient method (Popov, 1980): θ ← θ + 2 `u_t` - u_{t-1}; the first step is that of SGD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Optimistic;

program!(Optimistic, |_this, start, batches, step| {
    let mut theta = start.clone();
    let mut before: Option<V> = None;
    for batch in 0..batches {
        let u = step(&theta, Slot::Batch(batch));
        theta.add(&u);
        if let Some(before) = &before {
            theta.add(&u);
            theta.subtract(before);
        }
        before = Some(u);
    }
    theta
});

/// Extragradient with the same batch for both steps (Korpelevich, 1976), and SAM without normalization (Foret et al., 2021): the gradient is taken at θ + ρ̂ η g(θ), with ρ̂ = -1 for
/// extragradient. Each batch is evaluated twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoStep {
    /// ρ̂.
    pub radius: BigRational,
}

program!(TwoStep, |this, start, batches, step| {
    let mut theta = start.clone();
    for batch in 0..batches {
        let u = step(&theta, Slot::Batch(batch));
        let mut point = theta.clone();
        point.add_scaled(&-this.radius.clone(), &u);
        theta.add(&step(&point, Slot::Batch(batch)));
    }
    theta
});

fn one_over(count: usize) -> BigRational {
    BigRational::new(BigInt::one(), BigInt::from(count))
}

fn mean<V: Linear>(all: &[V]) -> V {
    let mut sum = all[0].zero();
    for one in all {
        sum.add_scaled(&one_over(all.len()), one);
    }
    sum
}
