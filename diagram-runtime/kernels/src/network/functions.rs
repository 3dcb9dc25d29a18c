//! The layers and losses without kernels of their own, as functions of scalars. They are recorded as graphs.

use diagram_networks::{Activation, Attention, Loss, Shape};

use crate::scalar::Scalar;

/// The number that layer norms add to the variance, as most frameworks do.
const EPSILON: f64 = 1e-5;

/// The value of an activation at `x`.
pub(super) fn activation<S: Scalar>(function: Activation, x: &S) -> S {
    let x = x.clone();
    match function {
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => x.sigmoid(),
        Activation::Softplus => x.softplus(),
        Activation::Gelu => {
            let half = times(x.clone(), 0.5);
            let erf = times(x, std::f64::consts::FRAC_1_SQRT_2).erf();
            half.clone() + half * erf
        }
        Activation::Silu => x.clone() * x.sigmoid(),
        Activation::Sine => x.sin(),
    }
}

/// The product with a constant.
fn times<S: Scalar>(x: S, by: f64) -> S {
    x.scale_element(&S::Element::constant(by))
}

fn sum<S: Scalar>(terms: impl IntoIterator<Item = S>) -> S {
    let mut terms = terms.into_iter();
    let first = terms.next().unwrap_or_else(|| S::constant(0.0));
    terms.fold(first, |sum, term| sum + term)
}

fn mean<S: Scalar>(terms: &[S]) -> S {
    times(sum(terms.iter().cloned()), 1.0 / terms.len() as f64)
}

/// `(x - mean) / √(variance + ε)`.
fn normalized<S: Scalar>(x: &[S]) -> Vec<S> {
    let mean_of_all = mean(x);
    let centred: Vec<S> = x.iter().map(|x| x.clone() - mean_of_all.clone()).collect();
    let squares: Vec<S> = centred.iter().map(|x| x.clone() * x.clone()).collect();
    let inverse = (mean(&squares) + S::constant(EPSILON)).sqrt().recip();
    centred.into_iter().map(|x| x * inverse.clone()).collect()
}

/// A layer norm of activations of the given shape. `weights` are the factors and then the biases, or nothing.
pub(super) fn layer_norm<S: Scalar>(x: &[S], shape: Shape, weights: &[S]) -> Vec<S> {
    let together = match shape {
        Shape::Sequence { width, .. } => width,
        _ => x.len(),
    };
    let mut normal: Vec<S> = x.chunks(together).flat_map(normalized).collect();
    if !weights.is_empty() {
        let (factors, biases) = weights.split_at(together);
        for token in normal.chunks_mut(together) {
            for ((x, factor), bias) in token.iter_mut().zip(factors).zip(biases) {
                *x = x.clone() * factor.clone() + bias.clone();
            }
        }
    }
    normal
}

/// The product with a weight for each channel.
pub(super) fn scale<S: Scalar>(x: &[S], shape: Shape, weights: &[S]) -> Vec<S> {
    let weight = |at: usize| match shape {
        Shape::Image { height, width, .. } => at / (height * width),
        _ => at % weights.len(),
    };
    let of = |(at, x): (usize, &S)| x.clone() * weights[weight(at)].clone();
    x.iter().enumerate().map(of).collect()
}

/// The means of squares of `size` × `size` pixels of each channel, or of runs of `size` tokens.
pub(super) fn average_pool<S: Scalar>(x: &[S], shape: Shape, size: usize) -> Vec<S> {
    let mean_of = |indices: &mut dyn Iterator<Item = usize>| {
        let terms: Vec<S> = indices.map(|at| x[at].clone()).collect();
        mean(&terms)
    };
    let mut means = vec![];
    match shape {
        Shape::Image {
            channels,
            height,
            width,
        } => {
            for channel in 0..channels {
                for row in (0..height).step_by(size) {
                    for column in (0..width).step_by(size) {
                        let first = (channel * height + row) * width + column;
                        means.push(mean_of(
                            &mut (0..size * size).map(|at| first + at / size * width + at % size),
                        ));
                    }
                }
            }
        }
        Shape::Sequence { tokens, width } => {
            for token in (0..tokens).step_by(size) {
                for entry in 0..width {
                    means.push(mean_of(
                        &mut (0..size).map(|at| (token + at) * width + entry),
                    ));
                }
            }
        }
        Shape::Vector(_) | Shape::Tokens(_) => unreachable!("networks are checked"),
    }
    means
}

/// What the heads of an attention give, from the queries, keys and values of each token: `3 width` numbers.
pub(super) fn attention<S: Scalar>(projected: &[S], shape: Shape, layer: Attention) -> Vec<S> {
    let Shape::Sequence { tokens, width } = shape else {
        unreachable!("networks are checked");
    };
    let of_head = width / layer.heads;
    let part = |which: usize, token: usize, head: usize| {
        let first = token * 3 * width + which * width + head * of_head;
        &projected[first..first + of_head]
    };
    let mut outputs = vec![];
    for token in 0..tokens {
        let readable = if layer.causal { token + 1 } else { tokens };
        for head in 0..layer.heads {
            let query = part(0, token, head);
            let scores: Vec<S> = (0..readable)
                .map(|other| {
                    let score = dot(query, part(1, other, head));
                    times(score, 1.0 / (of_head as f64).sqrt())
                })
                .collect();
            let weights = softmax(&scores);
            for entry in 0..of_head {
                let values: Vec<S> = (0..readable)
                    .map(|other| part(2, other, head)[entry].clone())
                    .collect();
                outputs.push(dot(&weights, &values));
            }
        }
    }
    outputs
}

fn dot<S: Scalar>(a: &[S], b: &[S]) -> S {
    let mut sum = a[0].clone() * b[0].clone();
    for (a, b) in a.iter().zip(b).skip(1) {
        sum.add_product(a, b);
    }
    sum
}

fn softmax<S: Scalar>(x: &[S]) -> Vec<S> {
    let total = S::log_sum_exp(x);
    x.iter()
        .map(|x| (x.clone() - total.clone()).exp())
        .collect()
}

/// The loss of outputs z and a label y.
pub(super) fn loss<S: Scalar>(loss: Loss, z: &[S], y: &[S]) -> S {
    let of = |term: fn(&S, &S) -> S| {
        let terms: Vec<S> = z.iter().zip(y).map(|(z, y)| term(z, y)).collect();
        mean(&terms)
    };
    match loss {
        Loss::CrossEntropy => S::log_sum_exp(z) - dot(z, y),
        Loss::BinaryLogistic => of(|z, y| z.clone().softplus() - z.clone() * y.clone()),
        Loss::MeanSquared => of(|z, y| {
            let error = z.clone() - y.clone();
            error.clone() * error
        }),
        Loss::Poisson => of(|z, y| z.clone().exp() - z.clone() * y.clone()),
    }
}
