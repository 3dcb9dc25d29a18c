//! A network's derivatives in double precision, each with a proven bound on how far off any other way of rounding them can be.
//!
//! Every number is a ball: a middle, computed here by plain loops in double precision, and a radius such that what a kernel computes in format T,
//! in any order of its sums and with or without fused products, lies within it. Radii come from those of the operands, by the triangle
//! inequality, and from the roundings of the operation, on both sides: u of the kernel's number and u' of the middle, at most u + u' of a
//! bound on the operands' absolute values. k such roundings of a term are at most `γ_k = k u / (1 - k u)` of it (Higham 2002, lemma 3.1).
//! The bound holds whatever signs the roundings have: nothing in it is statistical, and nothing is measured.

use std::marker::PhantomData;

use diagram_kernels::layers::{Convolution, Dense};

use crate::algebras::Number;
use crate::naive::Layer;

/// Errors of elementary functions in units: derived in the tests of `diagram-algebra`, where every instruction set is held to them.
const EXP_UNITS: f64 = 1.8;
const TANH_UNITS: f64 = 5.2;
/// The C library's are good to 1 ulp and 2, at most two units each.
const STD_EXP_UNITS: f64 = 2.0;
const STD_TANH_UNITS: f64 = 4.0;
/// Radii are themselves rounded: far fewer than a million times.
const SLACK: f64 = 1.0 + 1e-9;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Ball {
    pub(crate) middle: f64,
    pub(crate) radius: f64,
}

/// A number and its derivative along a direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Jet {
    pub(crate) value: Ball,
    pub(crate) slope: Ball,
}

impl Ball {
    const fn exact(middle: f64) -> Self {
        Ball {
            middle,
            radius: 0.0,
        }
    }

    /// The largest absolute value in it.
    fn size(self) -> f64 {
        self.middle.abs() + self.radius
    }

    /// One rounding of a result that is off by `off` for its operands.
    fn rounded<T: Number>(middle: f64, off: f64) -> Self {
        let unit = T::UNIT + f64::UNIT;
        Ball {
            middle,
            radius: (off + unit * (middle.abs() + off)) * SLACK,
        }
    }

    fn minus<T: Number>(self, other: Ball) -> Ball {
        Ball::rounded::<T>(self.middle - other.middle, self.radius + other.radius)
    }

    fn times<T: Number>(self, other: Ball) -> Ball {
        let mut sum = Total::<T>::new();
        sum.add(1.0, self, other);
        sum.rounded(1)
    }

    /// `a/b - m/n = ((a - m) - (m/n) (b - n)) / b`.
    fn over<T: Number>(self, other: Ball) -> Ball {
        let middle = self.middle / other.middle;
        let least = other.middle.abs() - other.radius;
        assert!(least > 0.0, "a divisor is not 0");
        let off = (self.radius + middle.abs() * other.radius) / least;
        Ball::rounded::<T>(middle, off)
    }

    fn negated(self) -> Ball {
        Ball {
            middle: -self.middle,
            ..self
        }
    }

    /// As the slope of tanh falls with the distance from 0, the largest in the ball is that at its least absolute value.
    fn tanh<T: Number>(self) -> Ball {
        let middle = self.middle.tanh();
        let least = (self.middle.abs() - self.radius).max(0.0);
        let off = self.radius * least.cosh().powi(-2);
        let units = TANH_UNITS * T::UNIT * (middle.abs() + off) + STD_TANH_UNITS * f64::UNIT;
        Ball {
            middle,
            radius: (off + units + T::LEAST) * SLACK,
        }
    }

    fn exp<T: Number>(self) -> Ball {
        let middle = self.middle.exp();
        let off = middle * self.radius.exp_m1();
        let units = EXP_UNITS * T::UNIT * (middle + off) + STD_EXP_UNITS * f64::UNIT * middle;
        Ball {
            middle,
            radius: (off + units + T::LEAST) * SLACK,
        }
    }
}

/// A sum of products.
struct Total<T> {
    middle: f64,
    off: f64,
    size: f64,
    terms: usize,
    format: PhantomData<T>,
}

impl<T: Number> Total<T> {
    fn new() -> Self {
        Total {
            middle: 0.0,
            off: 0.0,
            size: 0.0,
            terms: 0,
            format: PhantomData,
        }
    }

    /// `factor a b`.
    fn add(&mut self, factor: f64, a: Ball, b: Ball) {
        self.middle += factor * a.middle * b.middle;
        let off = a.middle.abs() * b.radius + a.radius * b.size();
        self.off += factor * off;
        self.size += factor * a.size() * b.size();
        self.terms += 1;
    }

    /// When no term is rounded more often than so many times.
    fn rounded(&self, roundings: usize) -> Ball {
        let gamma = |unit: f64| {
            let roundings = roundings as f64 * unit;
            roundings / (1.0 - roundings)
        };
        Ball {
            middle: self.middle,
            radius: (self.off + (gamma(T::UNIT) + gamma(f64::UNIT)) * self.size) * SLACK,
        }
    }

    /// Of a layer: a product and one with the factor, which is itself rounded, and an addition for each term and for what is there already. Here
    /// two products, and as many additions.
    fn of_layer(&self) -> Ball {
        self.rounded(self.terms + 4)
    }

    /// A short sum: a product, and an addition for each term.
    fn short(&self) -> Ball {
        self.rounded(self.terms + 1)
    }
}

/// Sums for a number and its slope.
struct Totals<T>([Total<T>; 2]);

impl<T: Number> Totals<T> {
    fn of(count: usize) -> Vec<Self> {
        (0..count)
            .map(|_| Totals([Total::new(), Total::new()]))
            .collect()
    }

    fn add(&mut self, factor: f64, a: &Jet, b: &Jet) {
        let [value, slope] = &mut self.0;
        value.add(factor, a.value, b.value);
        // Data and labels have no slope.
        for (a, b) in [(a.value, b.slope), (a.slope, b.value)] {
            if a.size() * b.size() > 0.0 {
                slope.add(factor, a, b);
            }
        }
    }

    fn finish(&self, ball: impl Fn(&Total<T>) -> Ball) -> Jet {
        let [value, slope] = &self.0;
        Jet {
            value: ball(value),
            slope: ball(slope),
        }
    }
}

impl Jet {
    const fn constant(value: f64) -> Self {
        Jet {
            value: Ball::exact(value),
            slope: Ball::exact(0.0),
        }
    }

    /// `t' = (1 - t²) a'`: a square, a difference, a product.
    pub(crate) fn tanh<T: Number>(self) -> Jet {
        let value = self.value.tanh::<T>();
        let derivative = Ball::exact(1.0).minus::<T>(value.times::<T>(value));
        Jet {
            value,
            slope: derivative.times::<T>(self.slope),
        }
    }

    fn times<T: Number>(self, other: Jet) -> Jet {
        let mut totals = Totals::<T>::of(1);
        totals[0].add(1.0, &self, &other);
        totals[0].finish(Total::short)
    }

    /// An adjoint of tanh's argument, from this one of its value t: times `1 - t²`.
    pub(crate) fn before_tanh<T: Number>(self, t: &Jet) -> Jet {
        let square = t.times::<T>(*t);
        self.times::<T>(Jet {
            value: Ball::exact(1.0).minus::<T>(square.value),
            slope: square.slope.negated(),
        })
    }
}

/// Forward through a layer.
fn forward<T: Number>(layer: &impl Layer, theta: &[Jet], x: &[Jet]) -> Vec<Jet> {
    let [weight_scale, bias_scale] = layer.scales();
    let mut totals = Totals::<T>::of(layer.outputs());
    for t in layer.terms() {
        totals[t.output].add(weight_scale, &theta[t.weight], &x[t.input]);
    }
    for (output, totals) in totals.iter_mut().enumerate() {
        totals.add(bias_scale, &theta[layer.bias(output)], &Jet::constant(1.0));
    }
    let finish = |totals: &Totals<T>| totals.finish(Total::of_layer);
    totals.iter().map(finish).collect()
}

/// Gradient and adjoints of inputs.
fn reverse<T: Number>(layer: &impl Layer, theta: &[Jet], x: &[Jet], dz: &[Jet]) -> [Vec<Jet>; 2] {
    let [weight_scale, bias_scale] = layer.scales();
    let mut gradient = Totals::<T>::of(layer.weights());
    let mut dx = Totals::<T>::of(layer.inputs());
    for t in layer.terms() {
        gradient[t.weight].add(weight_scale, &dz[t.output], &x[t.input]);
        dx[t.input].add(weight_scale, &theta[t.weight], &dz[t.output]);
    }
    for (output, dz) in dz.iter().enumerate() {
        gradient[layer.bias(output)].add(bias_scale, dz, &Jet::constant(1.0));
    }
    let finish = |totals: &Totals<T>| totals.finish(Total::of_layer);
    [gradient, dx].map(|totals| totals.iter().map(finish).collect())
}

/// Adjoints of logits: probabilities minus labels.
fn softmax<T: Number>(logits: &[Jet], label: &[f64]) -> Vec<Jet> {
    let fold = |of: fn(&Jet) -> f64| logits.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    // Which is the largest may differ; how large it is cannot by more than the largest radius.
    let largest = Ball {
        middle: fold(|z| z.value.middle),
        radius: fold(|z| z.value.radius),
    };
    let mut sum = Totals::<T>::of(1);
    let powers: Vec<Jet> = logits
        .iter()
        .map(|z| {
            let value = z.value.minus::<T>(largest).exp::<T>();
            let slope = value.times::<T>(z.slope);
            Jet { value, slope }
        })
        .collect();
    for power in &powers {
        sum[0].add(1.0, power, &Jet::constant(1.0));
    }
    let total = sum[0].finish(Total::short);
    let value = Ball::exact(1.0).over::<T>(total.value);
    let slope = total.slope.times::<T>(value).negated();
    let inverse = Jet {
        value,
        slope: slope.over::<T>(total.value),
    };
    let adjoint = |(power, &label): (&Jet, &f64)| {
        let Jet { value, slope } = power.times::<T>(inverse);
        Jet {
            value: value.minus::<T>(Ball::exact(label)),
            slope,
        }
    };
    powers.iter().zip(label).map(adjoint).collect()
}

/// A network on images of so many channels.
pub(crate) struct Shape {
    pub(crate) channels: usize,
    pub(crate) side: usize,
}

/// The gradient of a datapoint's loss and its derivative along `u`.
pub(crate) fn derivatives<T: Number>(
    shape: &Shape,
    theta: &[f64],
    u: &[f64],
    datapoint: &[f64],
) -> Vec<Jet> {
    let convolution = |inputs, side_in| Convolution::<5, 2>::new(inputs, 10, side_in);
    let dense = |inputs| Dense::new(inputs, 10);
    let first = convolution(shape.channels, shape.side);
    let second = convolution(10, first.side_out);
    let (third, fourth) = (dense(second.outputs()), dense(10));
    let jets: Vec<Jet> = theta
        .iter()
        .zip(u)
        .map(|(&value, &slope)| Jet {
            value: Ball::exact(value),
            slope: Ball::exact(slope),
        })
        .collect();
    let (w1, rest) = jets.split_at(first.weights());
    let (w2, rest) = rest.split_at(second.weights());
    let (w3, w4) = rest.split_at(third.weights());
    assert_eq!(w4.len(), fourth.weights());
    let (pixels, label) = datapoint.split_at(first.inputs());
    let pixels: Vec<Jet> = pixels.iter().map(|&x| Jet::constant(x)).collect();

    let tanh = |z: Vec<Jet>| z.into_iter().map(Jet::tanh::<T>).collect::<Vec<_>>();
    let a1 = tanh(forward::<T>(&first, w1, &pixels));
    let a2 = tanh(forward::<T>(&second, w2, &a1));
    let a3 = tanh(forward::<T>(&third, w3, &a2));
    let logits = softmax::<T>(&forward::<T>(&fourth, w4, &a3), label);
    let before = |d: &[Jet], a: &[Jet]| {
        let pairs = d.iter().zip(a);
        pairs
            .map(|(d, a)| d.before_tanh::<T>(a))
            .collect::<Vec<_>>()
    };
    let [g4, d3] = reverse::<T>(&fourth, w4, &a3, &logits);
    let [g3, d2] = reverse::<T>(&third, w3, &a2, &before(&d3, &a3));
    let [g2, d1] = reverse::<T>(&second, w2, &a1, &before(&d2, &a2));
    let [g1, _] = reverse::<T>(&first, w1, &pixels, &before(&d1, &a1));
    [g1, g2, g3, g4].concat()
}
