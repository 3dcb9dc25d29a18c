//! The network once more, as plain loops in `f64` for one image: what the frameworks are compared with.

use super::network::{SHAPES, scale};

/// The loss and its gradient by all weights.
pub(crate) fn loss_and_gradient(theta: &[f64], pixels: &[f32], label: usize) -> (f64, Vec<f64>) {
    let mut parts = vec![];
    let mut at = 0;
    for shape in SHAPES {
        let size = shape[0] * shape[1];
        let part = &theta[at..at + size];
        parts.push(part.iter().map(|x| scale(shape) * x).collect::<Vec<f64>>());
        at += size;
    }
    let x: Vec<f64> = pixels.iter().map(|&x| f64::from(x)).collect();
    let first = Convolution {
        channels: 1,
        side: 28,
        out: 12,
    };
    let second = Convolution {
        channels: 10,
        side: 12,
        out: 4,
    };

    let a = tanh(first.forward(&parts[0], &parts[1], &x));
    let b = tanh(second.forward(&parts[2], &parts[3], &a));
    let c = tanh(dense(&parts[4], &parts[5], &b));
    let z = dense(&parts[6], &parts[7], &c);
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = z.iter().map(|z| (z - largest).exp()).sum();
    let total = largest + sum.ln();

    let mut gradient: Vec<Vec<f64>> = parts.iter().map(|part| vec![0.0; part.len()]).collect();
    let mut back: Vec<f64> = z.iter().map(|z| (z - total).exp()).collect();
    back[label] -= 1.0;
    let (lower, upper) = gradient.split_at_mut(6);
    back = dense_back(&parts[6], &c, &back, upper);
    through_tanh(&mut back, &c);
    let (lower, upper) = lower.split_at_mut(4);
    back = dense_back(&parts[4], &b, &back, upper);
    through_tanh(&mut back, &b);
    let (lower, upper) = lower.split_at_mut(2);
    back = second.backward(&parts[2], &a, &back, upper);
    through_tanh(&mut back, &a);
    first.backward(&parts[0], &x, &back, lower);

    let scaled = gradient
        .iter()
        .zip(SHAPES)
        .flat_map(|(part, shape)| part.iter().map(move |x| scale(shape) * x))
        .collect();
    (total - z[label], scaled)
}

fn tanh(x: Vec<f64>) -> Vec<f64> {
    x.into_iter().map(f64::tanh).collect()
}

fn through_tanh(back: &mut [f64], tanh: &[f64]) {
    for (back, tanh) in back.iter_mut().zip(tanh) {
        *back *= 1.0 - tanh * tanh;
    }
}

fn dense(w: &[f64], b: &[f64], x: &[f64]) -> Vec<f64> {
    w.chunks_exact(x.len())
        .zip(b)
        .map(|(w, b)| b + w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>())
        .collect()
}

fn dense_back(w: &[f64], x: &[f64], back: &[f64], gradient: &mut [Vec<f64>]) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    for (row, back) in back.iter().enumerate() {
        gradient[1][row] += back;
        for (column, x) in x.iter().enumerate() {
            gradient[0][row * out.len() + column] += back * x;
            out[column] += back * w[row * out.len() + column];
        }
    }
    out
}

/// 10 channels out, 5 x 5 taps, stride 2.
struct Convolution {
    channels: usize,
    side: usize,
    out: usize,
}

impl Convolution {
    /// Calls with the positions of each product: output, weight, input.
    fn products(&self, mut each: impl FnMut(usize, usize, usize)) {
        for output in 0..10 * self.out * self.out {
            let (channel, row, column) = (
                output / (self.out * self.out),
                output / self.out % self.out,
                output % self.out,
            );
            for tap in 0..self.channels * 25 {
                let (from, ky, kx) = (tap / 25, tap % 25 / 5, tap % 5);
                let input = (from * self.side + 2 * row + ky) * self.side + 2 * column + kx;
                each(output, channel * self.channels * 25 + tap, input);
            }
        }
    }

    fn forward(&self, w: &[f64], b: &[f64], x: &[f64]) -> Vec<f64> {
        let area = self.out * self.out;
        let mut out: Vec<f64> = (0..10 * area).map(|output| b[output / area]).collect();
        self.products(|output, weight, input| out[output] += w[weight] * x[input]);
        out
    }

    fn backward(&self, w: &[f64], x: &[f64], back: &[f64], gradient: &mut [Vec<f64>]) -> Vec<f64> {
        let area = self.out * self.out;
        let mut out = vec![0.0; x.len()];
        self.products(|output, weight, input| {
            gradient[0][weight] += back[output] * x[input];
            out[input] += back[output] * w[weight];
        });
        for (output, back) in back.iter().enumerate() {
            gradient[1][output / area] += back;
        }
        out
    }
}
