//! burn with its CPU backend in Rust, flex, which since burn 0.21 takes the place of ndarray.
//!
//! burn differentiates once: it documents that enabling it repeatedly does not give higher orders.

use burn_tensor::module::conv2d;
use burn_tensor::ops::ConvOptions;
use burn_tensor::{Device, Int, Tensor, TensorData};

use super::FrameworkError;
use super::framework::Framework;

/// burn's device `flex`.
pub(crate) struct Burn(Device);

impl Burn {
    pub(crate) fn new() -> Self {
        Burn(Device::flex())
    }
}

type Array = Tensor<3>;

// burn panics where others return errors; shapes are the same for all frameworks, and were compared by then.
impl Framework for Burn {
    type Tensor = Array;
    type Index = Tensor<1, Int>;

    fn tensor(&self, numbers: Vec<f32>, shape: [usize; 3]) -> Result<Array, FrameworkError> {
        Ok(Tensor::from_data(TensorData::new(numbers, shape), &self.0))
    }

    fn numbers(&self, x: &Array) -> Result<Vec<f32>, FrameworkError> {
        x.to_data()
            .try_into_vec()
            .map_err(|_| FrameworkError::Numbers)
    }

    fn index(&self, positions: &[usize]) -> Result<Self::Index, FrameworkError> {
        let positions: Vec<i32> = positions.iter().map(|&position| position as i32).collect();
        let count = positions.len();
        Ok(Tensor::from_data(
            TensorData::new(positions, [count]),
            &self.0,
        ))
    }

    fn variable(&self, x: &Array) -> Result<Array, FrameworkError> {
        Ok(x.clone().autodiff().require_grad())
    }

    fn gradients(&self, x: Array, variables: &[Array]) -> Result<Vec<Array>, FrameworkError> {
        let mut gradients = x.sum().backward();
        variables
            .iter()
            .map(|variable| {
                variable
                    .grad_remove(&mut gradients)
                    .ok_or(FrameworkError::NoGradient)
            })
            .collect()
    }

    fn add(&self, a: &Array, b: &Array) -> Result<Array, FrameworkError> {
        Ok(a.clone() + b.clone())
    }

    fn multiply(&self, a: &Array, b: &Array) -> Result<Array, FrameworkError> {
        Ok(a.clone() * b.clone())
    }

    fn affine(&self, x: &Array, factor: f64, offset: f64) -> Result<Array, FrameworkError> {
        let x = match factor {
            -1.0 => -x.clone(),
            factor => x.clone() * factor,
        };
        Ok(if offset == 0.0 { x } else { x + offset })
    }

    fn tanh(&self, x: &Array) -> Result<Array, FrameworkError> {
        Ok(x.clone().tanh())
    }

    fn exp(&self, x: &Array) -> Result<Array, FrameworkError> {
        Ok(x.clone().exp())
    }

    fn log_sum_exp(&self, x: &Array) -> Result<Array, FrameworkError> {
        // The result does not depend on what is subtracted.
        let largest = x.clone().without_autodiff().max_dim(1);
        let sum = (x.clone() - largest.clone()).exp().sum_dim(1);
        Ok(sum.log() + largest)
    }

    fn sum_rows(&self, x: &Array) -> Result<Array, FrameworkError> {
        Ok(x.clone().sum_dim(1))
    }

    fn product(&self, a: &Array, b: &Array) -> Result<Array, FrameworkError> {
        Ok(a.clone().matmul(b.clone()))
    }

    fn product_with_data(&self, a: &Array, data: &Array) -> Result<Array, FrameworkError> {
        self.product(a, data)
    }

    fn convolution(
        &self,
        kernels: &Array,
        images: &Array,
        networks: usize,
    ) -> Result<Array, FrameworkError> {
        let [count, channels, pixels] = images.dims();
        let side = pixels.isqrt();
        let images: Tensor<4> = images.clone().reshape([count, channels, side, side]);
        let [out, channels, _] = kernels.dims();
        let kernels: Tensor<4> = kernels.clone().reshape([out, channels, 5, 5]);
        let options = ConvOptions::new([2, 2], [0, 0], [1, 1], networks);
        let result = conv2d(images, kernels, None, options);
        Ok(result.flatten(2, 3))
    }

    fn reshape(&self, x: &Array, shape: [usize; 3]) -> Result<Array, FrameworkError> {
        Ok(x.clone().reshape(shape))
    }

    fn rotate(&self, x: &Array) -> Result<Array, FrameworkError> {
        Ok(x.clone().permute([1, 2, 0]))
    }

    fn select_rows(&self, x: &Array, rows: &Self::Index) -> Result<Array, FrameworkError> {
        Ok(x.clone().select(1, rows.clone()))
    }

    fn select_groups(&self, x: &Array, groups: &Self::Index) -> Result<Array, FrameworkError> {
        Ok(x.clone().select(0, groups.clone()))
    }

    fn repeat(&self, x: &Array, groups: usize) -> Result<Array, FrameworkError> {
        Ok(x.clone().repeat_dim(0, groups))
    }
}
