//! The layers and losses without kernels of their own, as functions of expressions, which are recorded as graphs.

use diagram_networks::{Activation, Attention, Loss, Shape};

use crate::graph::Expression;

/// The number that layer norms add to the variance, as most frameworks do.
const EPSILON: f64 = 1e-5;

/// The value of an activation at `x`.
pub(super) fn activation(function: Activation, x: Expression) -> Expression {
    match function {
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => x.sigmoid(),
        Activation::Softplus => x.softplus(),
        Activation::Gelu => {
            let half = 0.5 * x;
            let erf = (x * std::f64::consts::FRAC_1_SQRT_2).erf();
            half + half * erf
        }
        Activation::Silu => x * x.sigmoid(),
        Activation::Sine => x.sin(),
    }
}

fn mean(terms: &[Expression]) -> Expression {
    let sum: Expression = terms.iter().copied().sum();
    sum * (1.0 / terms.len() as f64)
}

/// `(x - mean) / √(variance + ε)`.
fn normalized(x: &[Expression]) -> Vec<Expression> {
    let mean_of_all = mean(x);
    let centred: Vec<Expression> = x.iter().map(|&x| x - mean_of_all).collect();
    let squares: Vec<Expression> = centred.iter().map(|x| x.square()).collect();
    let inverse = 1.0 / (mean(&squares) + EPSILON).sqrt();
    centred.into_iter().map(|x| x * inverse).collect()
}

/// A layer norm of activations of the given shape. `weights` are the factors and then the biases, or nothing.
pub(super) fn layer_norm(
    x: &[Expression],
    shape: Shape,
    weights: &[Expression],
) -> Vec<Expression> {
    let together = match shape {
        Shape::Sequence { width, .. } => width,
        _ => x.len(),
    };
    let mut normal: Vec<Expression> = x.chunks(together).flat_map(normalized).collect();
    if !weights.is_empty() {
        let (factors, biases) = weights.split_at(together);
        for token in normal.chunks_mut(together) {
            for ((x, factor), bias) in token.iter_mut().zip(factors).zip(biases) {
                *x = *x * *factor + *bias;
            }
        }
    }
    normal
}

/// The product with a weight for each channel.
pub(super) fn scale(x: &[Expression], shape: Shape, weights: &[Expression]) -> Vec<Expression> {
    let weight = |at: usize| match shape {
        Shape::Image { height, width, .. } => at / (height * width),
        _ => at % weights.len(),
    };
    let of = |(at, &x): (usize, &Expression)| x * weights[weight(at)];
    x.iter().enumerate().map(of).collect()
}

/// The means of squares of `size` × `size` pixels of each channel, or of runs of `size` tokens.
pub(super) fn average_pool(x: &[Expression], shape: Shape, size: usize) -> Vec<Expression> {
    let mean_of = |indices: &mut dyn Iterator<Item = usize>| {
        let terms: Vec<Expression> = indices.map(|at| x[at]).collect();
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
pub(super) fn attention(
    projected: &[Expression],
    shape: Shape,
    layer: Attention,
) -> Vec<Expression> {
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
            let scores: Vec<Expression> = (0..readable)
                .map(|other| {
                    let score = dot(query, part(1, other, head));
                    score * (1.0 / (of_head as f64).sqrt())
                })
                .collect();
            let weights = softmax(&scores);
            for entry in 0..of_head {
                let values: Vec<Expression> = (0..readable)
                    .map(|other| part(2, other, head)[entry])
                    .collect();
                outputs.push(dot(&weights, &values));
            }
        }
    }
    outputs
}

fn dot(a: &[Expression], b: &[Expression]) -> Expression {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn softmax(x: &[Expression]) -> Vec<Expression> {
    let total = Expression::log_sum_exp(x);
    x.iter().map(|&x| (x - total).exp()).collect()
}

/// The loss of outputs z and a label y, unless it is the cross entropy, which has a kernel.
pub(super) fn loss(loss: Loss, z: &[Expression], y: &[Expression]) -> Expression {
    let of = |term: fn(Expression, Expression) -> Expression| {
        let terms: Vec<Expression> = z.iter().zip(y).map(|(&z, &y)| term(z, y)).collect();
        mean(&terms)
    };
    match loss {
        Loss::CrossEntropy => unreachable!("the cross entropy has a kernel"),
        Loss::BinaryLogistic => of(|z, y| z.softplus() - z * y),
        Loss::MeanSquared => of(|z, y| (z - y).square()),
        Loss::Poisson => of(|z, y| z.exp() - z * y),
    }
}
