//! The paper's networks written down from their definition, in plain loops over indices.

/// `√(2 / (shape[0] + Π shape[1..]))`.
fn xavier(shape: &[usize]) -> f64 {
    (2.0 / (shape[0] + shape[1..].iter().product::<usize>()) as f64).sqrt()
}

/// Takes a layer's weights off the front of θ.
fn take(theta: &mut &[f64], shape: &[usize]) -> Vec<f64> {
    let (mine, rest) = theta.split_at(shape.iter().product());
    *theta = rest;
    mine.iter().map(|w| w * xavier(shape)).collect()
}

/// 5x5, stride 2, no padding, ten channels out. Biases have shape (10,).
fn convolution(theta: &mut &[f64], x: &[f64], channels: usize, side: usize) -> (Vec<f64>, usize) {
    let weights = take(theta, &[10, channels, 5, 5]);
    let biases = take(theta, &[10]);
    let out = (side - 5) / 2 + 1;
    let mut z = vec![0.0; 10 * out * out];
    for o in 0..10 {
        for row in 0..out {
            for column in 0..out {
                let mut sum = biases[o];
                for c in 0..channels {
                    for ky in 0..5 {
                        for kx in 0..5 {
                            let pixel = x[(c * side + 2 * row + ky) * side + 2 * column + kx];
                            sum += weights[((o * channels + c) * 5 + ky) * 5 + kx] * pixel;
                        }
                    }
                }
                z[(o * out + row) * out + column] = sum;
            }
        }
    }
    (z, out)
}

/// Ten outputs. Biases have shape (10, 1).
fn dense(theta: &mut &[f64], x: &[f64]) -> Vec<f64> {
    let weights = take(theta, &[10, x.len()]);
    let biases = take(theta, &[10, 1]);
    let mut z = biases;
    for o in 0..10 {
        for i in 0..x.len() {
            z[o] += weights[o * x.len() + i] * x[i];
        }
    }
    z
}

fn tanh(z: &[f64]) -> Vec<f64> {
    z.iter().map(|z| z.tanh()).collect()
}

/// `ln Σ_k e^{z_k} - z_label`: no shift, as the logits of these tests are small.
fn cross_entropy(logits: &[f64], label: &[f64]) -> f64 {
    let class = label.iter().position(|&y| y == 1.0).expect("one-hot");
    logits.iter().map(|z| z.exp()).sum::<f64>().ln() - logits[class]
}

/// The loss of the convolutional network on images of `channels` channels.
pub(crate) fn lenet(channels: usize, side: usize, theta: &[f64], datapoint: &[f64]) -> f64 {
    let (pixels, label) = datapoint.split_at(channels * side * side);
    let mut theta = theta;
    let (z, side) = convolution(&mut theta, pixels, channels, side);
    let (z, _) = convolution(&mut theta, &tanh(&z), 10, side);
    let z = dense(&mut theta, &tanh(&z));
    let logits = dense(&mut theta, &tanh(&z));
    assert!(theta.is_empty(), "{} weights too many", theta.len());
    cross_entropy(&logits, label)
}

/// The loss of logistic regression.
pub(crate) fn logistic(theta: &[f64], datapoint: &[f64]) -> f64 {
    let (pixels, label) = datapoint.split_at(datapoint.len() - 10);
    let mut theta = theta;
    let logits = dense(&mut theta, pixels);
    assert!(theta.is_empty(), "{} weights too many", theta.len());
    cross_entropy(&logits, label)
}
