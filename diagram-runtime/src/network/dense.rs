//! Dense layers.

use super::{Input, scale};
use crate::scalar::{Scalar, Weight, filled};

/// `z = W x + b`; weights (out, in) row-major, then biases (out, 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    /// Inputs.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
}

impl Dense {
    /// Weights and biases.
    pub const fn weights(&self) -> usize {
        self.inputs * self.outputs + self.outputs
    }

    /// Multiply-adds of the forward pass; of the weight gradient and of the input gradient as well.
    pub fn multiply_adds(&self) -> f64 {
        (self.inputs * self.outputs) as f64
    }

    /// Writes the outputs. `theta` is this layer's slice of θ.
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
        // Five independent sums hide the latency of multiply-add.
        let mut o = 0;
        while o + 5 <= self.outputs {
            self.forward_block::<A, W, X, 5>(theta, x, z, o);
            o += 5;
        }
        while o < self.outputs {
            self.forward_block::<A, W, X, 1>(theta, x, z, o);
            o += 1;
        }
    }

    #[inline(always)]
    fn forward_block<A: Scalar, W: Weight<A>, X: Input<A>, const R: usize>(
        &self,
        theta: &[W],
        x: &[X::Item],
        z: &mut [A],
        first: usize,
    ) {
        let n = self.inputs;
        let (weights, biases) = theta.split_at(n * self.outputs);
        let rows: [&[W]; R] =
            std::array::from_fn(|r| &weights[(first + r) * n..(first + r + 1) * n]);
        let mut sums: [A; R] = filled(&A::constant(0.0));
        for i in 0..n {
            for r in 0..R {
                X::weighted(&rows[r][i], &x[i], &mut sums[r]);
            }
        }
        let weight_scale = scale::<A>([self.outputs, n]);
        let bias_scale = scale::<A>([self.outputs, 1]);
        for (r, sum) in sums.into_iter().enumerate() {
            let bias: A = biases[first + r].lift();
            z[first + r] = sum.scale_element(&weight_scale) + bias.scale_element(&bias_scale);
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
        let n = self.inputs;
        let weight_scale = scale::<A>([self.outputs, n]);
        let bias_scale = scale::<A>([self.outputs, 1]);
        let (weights, _) = theta.split_at(n * self.outputs);
        let (weight_gradient, bias_gradient) = gradient.split_at_mut(n * self.outputs);
        for (o, d) in dz.iter_mut().enumerate() {
            bias_gradient[o] = d.clone().scale_element(&bias_scale);
            *d = d.clone().scale_element(&weight_scale);
            for (g, x) in weight_gradient[o * n..(o + 1) * n].iter_mut().zip(x) {
                let mut product = A::constant(0.0);
                X::multiplied(d, x, &mut product);
                *g = product;
            }
        }
        if let Some(dx) = dx {
            let mut i = 0;
            while i + 8 <= n {
                Self::reverse_block::<A, W, 8>(n, weights, dz, dx, i);
                i += 8;
            }
            while i < n {
                Self::reverse_block::<A, W, 1>(n, weights, dz, dx, i);
                i += 1;
            }
        }
    }

    #[inline(always)]
    fn reverse_block<A: Scalar, W: Weight<A>, const R: usize>(
        n: usize,
        weights: &[W],
        dz: &[A],
        dx: &mut [A],
        first: usize,
    ) {
        let mut sums: [A; R] = filled(&A::constant(0.0));
        for (o, d) in dz.iter().enumerate() {
            let row = &weights[o * n + first..o * n + first + R];
            for r in 0..R {
                row[r].add_times(d, &mut sums[r]);
            }
        }
        for (x, sum) in dx[first..first + R].iter_mut().zip(sums) {
            *x = sum;
        }
    }
}
