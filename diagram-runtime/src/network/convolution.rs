//! Convolutions: cross-correlations without padding, on square images.

use super::{Input, scale};
use crate::scalar::{Scalar, Weight, filled};

/// `K` x `K` kernels at stride `STRIDE`; weights (out, in, ky, kx) row-major, then biases (out).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution<const K: usize, const STRIDE: usize> {
    /// Channels in.
    pub inputs: usize,
    /// Channels out.
    pub outputs: usize,
    /// Rows and columns in.
    pub side_in: usize,
    /// Rows and columns out: `(side_in - K) / STRIDE + 1`.
    pub side_out: usize,
}

impl<const K: usize, const STRIDE: usize> Convolution<K, STRIDE> {
    /// Weights and biases.
    pub const fn weights(&self) -> usize {
        self.outputs * self.inputs * K * K + self.outputs
    }

    /// Multiply-adds of the forward pass; of the weight gradient and of the input gradient as well.
    pub fn multiply_adds(&self) -> f64 {
        (self.outputs * self.side_out * self.side_out * self.inputs * K * K) as f64
    }

    /// Writes the outputs (out, row, column). `theta` is this layer's slice of θ.
    #[inline(never)]
    pub fn forward<A: Scalar, W: Weight<A>, X: Input<A>>(
        &self,
        theta: &[W],
        x: &[X::Item],
        z: &mut [A],
    ) {
        A::run(
            #[inline(always)]
            || self.run_forward::<A, W, X>(theta, x, z),
        );
    }

    #[inline(always)]
    fn run_forward<A: Scalar, W: Weight<A>, X: Input<A>>(
        &self,
        theta: &[W],
        x: &[X::Item],
        z: &mut [A],
    ) {
        let mut o = 0;
        while o + 5 <= self.outputs {
            self.forward_rows::<A, W, X, 5>(theta, x, z, o);
            o += 5;
        }
        while o < self.outputs {
            self.forward_rows::<A, W, X, 1>(theta, x, z, o);
            o += 1;
        }
    }

    /// Blocks of R outputs by as many columns as leave the sums in registers.
    #[inline(always)]
    fn forward_rows<A: Scalar, W: Weight<A>, X: Input<A>, const R: usize>(
        &self,
        theta: &[W],
        x: &[X::Item],
        z: &mut [A],
        o: usize,
    ) {
        for row in 0..self.side_out {
            let mut column = 0;
            while A::COEFFICIENTS == 1 && column + 4 <= self.side_out {
                self.forward_block::<A, W, X, R, 4>(theta, x, z, o, row, column);
                column += 4;
            }
            while A::COEFFICIENTS <= 2 && column + 2 <= self.side_out {
                self.forward_block::<A, W, X, R, 2>(theta, x, z, o, row, column);
                column += 2;
            }
            while column < self.side_out {
                self.forward_block::<A, W, X, R, 1>(theta, x, z, o, row, column);
                column += 1;
            }
        }
    }

    #[inline(always)]
    fn forward_block<A: Scalar, W: Weight<A>, X: Input<A>, const R: usize, const C: usize>(
        &self,
        theta: &[W],
        x: &[X::Item],
        z: &mut [A],
        o: usize,
        row: usize,
        column: usize,
    ) {
        let (weights, biases) = theta.split_at(self.outputs * self.inputs * K * K);
        let kernels = self.inputs * K * K;
        let mut sums: [[A; C]; R] = filled(&filled(&A::constant(0.0)));
        for channel in 0..self.inputs {
            for ky in 0..K {
                let line =
                    (channel * self.side_in + row * STRIDE + ky) * self.side_in + column * STRIDE;
                let line = &x[line..line + (C - 1) * STRIDE + K];
                let at = (channel * K + ky) * K;
                let kernel_lines: [&[W]; R] = std::array::from_fn(|r| {
                    let at = (o + r) * kernels + at;
                    &weights[at..at + K]
                });
                for kx in 0..K {
                    for r in 0..R {
                        for c in 0..C {
                            X::weighted(
                                &kernel_lines[r][kx],
                                &line[c * STRIDE + kx],
                                &mut sums[r][c],
                            );
                        }
                    }
                }
            }
        }
        let weight_scale = scale::<A>([self.outputs, kernels]);
        let bias_scale = scale::<A>([self.outputs, 1]);
        for (r, sums) in sums.into_iter().enumerate() {
            let bias: A = biases[o + r].lift();
            let bias = bias.scale_element(&bias_scale);
            let at = ((o + r) * self.side_out + row) * self.side_out + column;
            for (z, sum) in z[at..at + C].iter_mut().zip(sums) {
                *z = sum.scale_element(&weight_scale) + bias.clone();
            }
        }
    }

    /// From adjoints `dz` of the outputs to the gradient with respect to θ and, if asked, to adjoints of the inputs (overwritten).
    ///
    /// `dz` is scaled in place.
    #[inline(never)]
    pub fn reverse<A: Scalar, W: Weight<A>, X: Input<A>>(
        &self,
        theta: &[W],
        x: &[X::Item],
        dz: &mut [A],
        gradient: &mut [A],
        dx: Option<&mut [A]>,
    ) {
        A::run(
            #[inline(always)]
            || self.run_reverse::<A, W, X>(theta, x, dz, gradient, dx),
        );
    }

    #[inline(always)]
    fn run_reverse<A: Scalar, W: Weight<A>, X: Input<A>>(
        &self,
        theta: &[W],
        x: &[X::Item],
        dz: &mut [A],
        gradient: &mut [A],
        dx: Option<&mut [A]>,
    ) {
        let weight_scale = scale::<A>([self.outputs, self.inputs * K * K]);
        let bias_scale = scale::<A>([self.outputs, 1]);
        let (weights, _) = theta.split_at(self.outputs * self.inputs * K * K);
        let (weight_gradient, bias_gradient) = gradient.split_at_mut(weights.len());
        let area = self.side_out * self.side_out;
        for (o, g) in bias_gradient.iter_mut().enumerate() {
            let mut sum = A::constant(0.0);
            for d in &mut dz[o * area..(o + 1) * area] {
                sum += d.clone();
                *d = d.clone().scale_element(&weight_scale);
            }
            *g = sum.scale_element(&bias_scale);
        }
        self.weight_gradient::<A, X>(x, dz, weight_gradient);
        if let Some(dx) = dx {
            self.input_gradient(weights, dz, dx);
        }
    }

    /// Blocks of outputs by the K columns of a kernel line, summed over positions.
    #[inline(always)]
    fn weight_gradient<A: Scalar, X: Input<A>>(&self, x: &[X::Item], dz: &[A], gradient: &mut [A]) {
        let mut o = 0;
        while A::COEFFICIENTS == 1 && o + 5 <= self.outputs {
            self.weight_block::<A, X, 5>(x, dz, gradient, o);
            o += 5;
        }
        while A::COEFFICIENTS <= 2 && o + 2 <= self.outputs {
            self.weight_block::<A, X, 2>(x, dz, gradient, o);
            o += 2;
        }
        while o < self.outputs {
            self.weight_block::<A, X, 1>(x, dz, gradient, o);
            o += 1;
        }
    }

    #[inline(always)]
    fn weight_block<A: Scalar, X: Input<A>, const R: usize>(
        &self,
        x: &[X::Item],
        dz: &[A],
        gradient: &mut [A],
        o: usize,
    ) {
        let side = self.side_out;
        for channel in 0..self.inputs {
            for ky in 0..K {
                let mut sums: [[A; K]; R] = filled(&filled(&A::constant(0.0)));
                for row in 0..side {
                    let line = (channel * self.side_in + row * STRIDE + ky) * self.side_in;
                    let line = &x[line..line + (side - 1) * STRIDE + K];
                    let adjoints: [&[A]; R] = std::array::from_fn(|r| {
                        let at = ((o + r) * side + row) * side;
                        &dz[at..at + side]
                    });
                    for column in 0..side {
                        let line = &line[column * STRIDE..column * STRIDE + K];
                        for r in 0..R {
                            for kx in 0..K {
                                X::multiplied(&adjoints[r][column], &line[kx], &mut sums[r][kx]);
                            }
                        }
                    }
                }
                for (r, sums) in sums.into_iter().enumerate() {
                    let at = (((o + r) * self.inputs + channel) * K + ky) * K;
                    for (g, sum) in gradient[at..at + K].iter_mut().zip(sums) {
                        *g = sum;
                    }
                }
            }
        }
    }

    /// Blocks of input channels by positions, summed over outputs, then added where they belong.
    #[inline(always)]
    fn input_gradient<A: Scalar, W: Weight<A>>(&self, weights: &[W], dz: &[A], dx: &mut [A]) {
        for d in dx.iter_mut() {
            *d = A::constant(0.0);
        }
        let mut channel = 0;
        while channel + 5 <= self.inputs {
            self.input_rows::<A, W, 5>(weights, dz, dx, channel);
            channel += 5;
        }
        while channel < self.inputs {
            self.input_rows::<A, W, 1>(weights, dz, dx, channel);
            channel += 1;
        }
    }

    #[inline(always)]
    fn input_rows<A: Scalar, W: Weight<A>, const R: usize>(
        &self,
        weights: &[W],
        dz: &[A],
        dx: &mut [A],
        channel: usize,
    ) {
        for row in 0..self.side_out {
            let mut column = 0;
            while A::COEFFICIENTS == 1 && column + 4 <= self.side_out {
                self.input_block::<A, W, R, 4>(weights, dz, dx, channel, row, column);
                column += 4;
            }
            while A::COEFFICIENTS <= 2 && column + 2 <= self.side_out {
                self.input_block::<A, W, R, 2>(weights, dz, dx, channel, row, column);
                column += 2;
            }
            while column < self.side_out {
                self.input_block::<A, W, R, 1>(weights, dz, dx, channel, row, column);
                column += 1;
            }
        }
    }

    #[inline(always)]
    fn input_block<A: Scalar, W: Weight<A>, const R: usize, const C: usize>(
        &self,
        weights: &[W],
        dz: &[A],
        dx: &mut [A],
        channel: usize,
        row: usize,
        column: usize,
    ) {
        let kernels = self.inputs * K * K;
        for ky in 0..K {
            for kx in 0..K {
                let mut sums: [[A; C]; R] = filled(&filled(&A::constant(0.0)));
                for o in 0..self.outputs {
                    let at = (o * self.side_out + row) * self.side_out + column;
                    let adjoints = &dz[at..at + C];
                    for r in 0..R {
                        let weight = &weights[o * kernels + ((channel + r) * K + ky) * K + kx];
                        for c in 0..C {
                            weight.add_times(&adjoints[c], &mut sums[r][c]);
                        }
                    }
                }
                for (r, sums) in sums.into_iter().enumerate() {
                    let line = ((channel + r) * self.side_in + row * STRIDE + ky) * self.side_in;
                    for (c, sum) in sums.into_iter().enumerate() {
                        dx[line + (column + c) * STRIDE + kx] += sum;
                    }
                }
            }
        }
    }
}
