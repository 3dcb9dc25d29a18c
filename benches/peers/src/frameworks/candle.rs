//! candle on the CPU.
//!
//! Its gradients are tensors without a history of their own, so that a gradient is not differentiated again.

use candle_core::{
    CpuStorage, CustomOp1, D, DType, Device, Layout, Result, Shape, Storage, Tensor, Var, bail,
};

use super::FrameworkError;
use super::framework::Framework;

/// candle's CPU device.
pub(crate) struct Candle;

impl Framework for Candle {
    type Tensor = Tensor;
    type Index = Tensor;

    fn tensor(
        &self,
        numbers: Vec<f32>,
        shape: [usize; 3],
    ) -> std::result::Result<Tensor, FrameworkError> {
        let [a, b, c] = shape;
        Ok(Tensor::from_vec(numbers, (a, b, c), &Device::Cpu)?)
    }

    fn numbers(&self, x: &Tensor) -> std::result::Result<Vec<f32>, FrameworkError> {
        Ok(x.flatten_all()?.to_vec1()?)
    }

    fn index(&self, positions: &[usize]) -> std::result::Result<Tensor, FrameworkError> {
        let positions = positions.iter().map(|&position| position as u32);
        Ok(Tensor::from_iter(positions, &Device::Cpu)?)
    }

    fn variable(&self, x: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(Var::from_tensor(x)?.into_inner())
    }

    fn gradients(
        &self,
        x: Tensor,
        variables: &[Tensor],
    ) -> std::result::Result<Vec<Tensor>, FrameworkError> {
        let mut store = x.sum_all()?.backward()?;
        variables
            .iter()
            .map(|variable| store.remove(variable).ok_or(FrameworkError::NoGradient))
            .collect()
    }

    fn add(&self, a: &Tensor, b: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(a.broadcast_add(b)?)
    }

    fn multiply(&self, a: &Tensor, b: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(a.broadcast_mul(b)?)
    }

    fn affine(
        &self,
        x: &Tensor,
        factor: f64,
        offset: f64,
    ) -> std::result::Result<Tensor, FrameworkError> {
        Ok(x.affine(factor, offset)?)
    }

    fn tanh(&self, x: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(x.tanh()?)
    }

    fn exp(&self, x: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(x.exp()?)
    }

    fn log_sum_exp(&self, x: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        // The result does not depend on what is subtracted.
        let largest = x.detach().max_keepdim(1)?;
        let sum = x.broadcast_sub(&largest)?.exp()?.sum_keepdim(1)?;
        Ok((sum.log()? + largest)?)
    }

    fn sum_rows(&self, x: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(x.sum_keepdim(1)?)
    }

    fn product(&self, a: &Tensor, b: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(a.matmul(b)?)
    }

    fn product_with_data(
        &self,
        a: &Tensor,
        data: &Tensor,
    ) -> std::result::Result<Tensor, FrameworkError> {
        Ok(a.apply_op1(ProductWith(data.clone()))?)
    }

    fn convolution(
        &self,
        kernels: &Tensor,
        images: &Tensor,
        networks: usize,
    ) -> std::result::Result<Tensor, FrameworkError> {
        let (count, channels, pixels) = images.dims3()?;
        let side = pixels.isqrt();
        let images = images.reshape((count, channels, side, side))?;
        let (out, channels, _) = kernels.dims3()?;
        let kernels = kernels.reshape((out, channels, 5, 5))?;
        Ok(images
            .conv2d(&kernels, 0, 2, 1, networks)?
            .flatten(2, D::Minus1)?)
    }

    fn reshape(
        &self,
        x: &Tensor,
        shape: [usize; 3],
    ) -> std::result::Result<Tensor, FrameworkError> {
        let [a, b, c] = shape;
        Ok(x.reshape((a, b, c))?)
    }

    fn rotate(&self, x: &Tensor) -> std::result::Result<Tensor, FrameworkError> {
        Ok(x.permute((1, 2, 0))?.contiguous()?)
    }

    fn select_rows(
        &self,
        x: &Tensor,
        rows: &Tensor,
    ) -> std::result::Result<Tensor, FrameworkError> {
        Ok(x.index_select(rows, 1)?)
    }

    fn select_groups(
        &self,
        x: &Tensor,
        groups: &Tensor,
    ) -> std::result::Result<Tensor, FrameworkError> {
        Ok(x.index_select(groups, 0)?)
    }

    fn repeat(&self, x: &Tensor, groups: usize) -> std::result::Result<Tensor, FrameworkError> {
        let (_, rows, columns) = x.dims3()?;
        Ok(x.broadcast_as((groups, rows, columns))?.contiguous()?)
    }
}

/// The product with data. candle's own goes back to both factors, whether or not both are variables.
struct ProductWith(Tensor);

impl CustomOp1 for ProductWith {
    fn name(&self) -> &'static str {
        "product with data"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (CpuStorage::F32(numbers), Some((start, end))) = (storage, layout.contiguous_offsets())
        else {
            bail!("weights of f32 in order");
        };
        let factor = Tensor::from_slice(&numbers[start..end], layout.shape(), &Device::Cpu)?;
        let product = factor.matmul(&self.0)?;
        let (storage, layout) = product.storage_and_layout();
        match &*storage {
            Storage::Cpu(storage) => Ok((storage.clone(), layout.shape().clone())),
            _ => bail!("a product on the CPU"),
        }
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, back: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(back.matmul(&self.0.t()?)?))
    }
}

/// GFLOP/s of candle's product of two large square matrices: the best of some sides and repetitions.
pub(crate) fn gemm_gflops(precision: DType) -> std::result::Result<f64, FrameworkError> {
    const SIDES: [usize; 2] = [1024, 1536];
    const REPEATS: usize = 20;
    let mut best = 0.0_f64;
    for side in SIDES {
        let a = Tensor::randn(0.0_f64, 1.0, (side, side), &Device::Cpu)?.to_dtype(precision)?;
        for _ in 0..REPEATS {
            let start = std::time::Instant::now();
            std::hint::black_box(a.matmul(&a)?);
            let seconds = start.elapsed().as_secs_f64();
            best = best.max(2.0 * (side as f64).powi(3) / seconds / 1e9);
        }
    }
    Ok(best)
}
