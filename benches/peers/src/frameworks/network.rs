//! The network, its losses and their derivatives along directions, in the operations of any framework.
//!
//! The frameworks differentiate once, backwards. Derivatives along directions are written out here, as truncated power series with one
//! variable for each direction whose square vanishes: exactly what an automatic forward mode would compute. The framework then
//! differentiates the coefficient that belongs to all directions.

use super::FrameworkError;
use super::framework::Framework;

/// Shapes (rows, columns) of the weights and biases of a network.
pub(crate) const SHAPES: [[usize; 2]; 8] = [
    [10, 25],
    [10, 1],
    [10, 250],
    [10, 1],
    [10, 160],
    [10, 1],
    [10, 10],
    [10, 1],
];
/// All weights.
pub(crate) const DIMENSION: usize = 4490;
/// Numbers in a channel after the first and after the second convolution.
const PIXELS: [usize; 2] = [144, 16];

/// Xavier's scale of a weight or bias.
pub(crate) fn scale(shape: [usize; 2]) -> f64 {
    (2.0 / (shape[0] + shape[1]) as f64).sqrt()
}

/// How convolutions are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As matrix products with the patches of the images in columns, images fastest.
    Columns,
    /// By the framework's convolution, with a group of channels for each network.
    Convolutions,
}

impl Form {
    pub(crate) const ALL: [Form; 2] = [Form::Columns, Form::Convolutions];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Form::Columns => "patches in columns",
            Form::Convolutions => "the framework's convolution",
        }
    }
}

/// Weights of one or more networks, scaled: for each of [`SHAPES`] an array with a group for each network.
pub(crate) type Weights<T> = Vec<T>;

/// Images and labels for each network.
pub(crate) struct Batch<T> {
    /// Networks.
    pub(crate) networks: usize,
    /// Images of each network.
    pub(crate) images: usize,
    /// [`Form::Columns`]: (networks, 25, 144 * images). [`Form::Convolutions`]: (images, networks, 784).
    pub(crate) pixels: T,
    /// 1 in the label's row: (networks, 10, images).
    pub(crate) labels: T,
}

/// The coefficients of a power series. Bit i of an index stands for variable i.
type Series<T> = Vec<Option<T>>;

/// A network of a framework.
pub(crate) struct Network<'a, F: Framework> {
    pub(crate) framework: &'a F,
    pub(crate) form: Form,
    /// For each tap of each channel the pixels that it meets.
    taps: F::Index,
}

impl<'a, F: Framework> Network<'a, F> {
    pub(crate) fn new(framework: &'a F, form: Form) -> Result<Self, FrameworkError> {
        let mut taps = vec![];
        for channel in 0..10 {
            for (ky, kx) in (0..25).map(|tap| (tap / 5, tap % 5)) {
                for (row, column) in (0..16).map(|pixel| (pixel / 4, pixel % 4)) {
                    taps.push(channel * 144 + (2 * row + ky) * 12 + 2 * column + kx);
                }
            }
        }
        Ok(Network {
            framework,
            form,
            taps: framework.index(&taps)?,
        })
    }

    /// The losses' coefficient of all directions (of none: the losses), (networks, 1, images). `weights` starts with the weights, then has a direction each.
    pub(crate) fn losses(
        &self,
        weights: &[&Weights<F::Tensor>],
        batch: &Batch<F::Tensor>,
    ) -> Result<F::Tensor, FrameworkError> {
        let f = self.framework;
        let directions = weights.len() - 1;
        let mut x: Series<F::Tensor> = vec![None; 1 << directions];
        x[0] = Some(batch.pixels.clone());

        let x = self.linear(weights, 0, &x, |w, x| self.first(w, x, batch))?;
        let x = self.tanh(&self.biased(weights, 1, x, batch)?)?;
        let x = self.linear(weights, 2, &x, |w, x| self.second(w, x, batch))?;
        let x = self.tanh(&self.biased(weights, 3, x, batch)?)?;
        let x = x
            .into_iter()
            .map(|c| c.map(|c| self.flat(&c, batch)).transpose())
            .collect::<Result<Series<_>, _>>()?;
        let x = self.linear(weights, 4, &x, |w, x| f.product(w, x))?;
        let x = self.tanh(&self.dense_biased(weights, 5, x)?)?;
        let x = self.linear(weights, 6, &x, |w, x| f.product(w, x))?;
        let x = self.dense_biased(weights, 7, x)?;
        self.cross_entropy(&x, &batch.labels)
    }

    /// A linear layer: weights are linear in each variable.
    fn linear(
        &self,
        weights: &[&Weights<F::Tensor>],
        layer: usize,
        x: &Series<F::Tensor>,
        apply: impl Fn(&F::Tensor, &F::Tensor) -> Result<F::Tensor, FrameworkError>,
    ) -> Result<Series<F::Tensor>, FrameworkError> {
        let mut out: Series<F::Tensor> = vec![None; x.len()];
        for (index, out) in out.iter_mut().enumerate() {
            for (direction, weights) in weights.iter().enumerate() {
                let bit = (1 << direction) >> 1;
                if index & bit != bit {
                    continue;
                }
                if let Some(x) = &x[index ^ bit] {
                    self.accumulate(out, apply(&weights[layer], x)?)?;
                }
            }
        }
        Ok(out)
    }

    fn accumulate(&self, sum: &mut Option<F::Tensor>, x: F::Tensor) -> Result<(), FrameworkError> {
        *sum = Some(match sum.take() {
            Some(sum) => self.framework.add(&sum, &x)?,
            None => x,
        });
        Ok(())
    }

    /// Adds the biases of a convolution.
    fn biased(
        &self,
        weights: &[&Weights<F::Tensor>],
        layer: usize,
        x: Series<F::Tensor>,
        batch: &Batch<F::Tensor>,
    ) -> Result<Series<F::Tensor>, FrameworkError> {
        self.add_biases(weights, layer, x, |bias| match self.form {
            Form::Columns => Ok(bias.clone()),
            Form::Convolutions => self.framework.reshape(bias, [1, batch.networks * 10, 1]),
        })
    }

    fn dense_biased(
        &self,
        weights: &[&Weights<F::Tensor>],
        layer: usize,
        x: Series<F::Tensor>,
    ) -> Result<Series<F::Tensor>, FrameworkError> {
        self.add_biases(weights, layer, x, |bias| Ok(bias.clone()))
    }

    fn add_biases(
        &self,
        weights: &[&Weights<F::Tensor>],
        layer: usize,
        mut x: Series<F::Tensor>,
        shaped: impl Fn(&F::Tensor) -> Result<F::Tensor, FrameworkError>,
    ) -> Result<Series<F::Tensor>, FrameworkError> {
        for (direction, weights) in weights.iter().enumerate() {
            let bias = shaped(&weights[layer])?;
            self.accumulate(&mut x[(1 << direction) >> 1], bias)?;
        }
        Ok(x)
    }

    fn first(
        &self,
        w: &F::Tensor,
        x: &F::Tensor,
        batch: &Batch<F::Tensor>,
    ) -> Result<F::Tensor, FrameworkError> {
        match self.form {
            Form::Columns => self.framework.product_with_data(w, x),
            Form::Convolutions => self.convolution(w, x, 1, batch),
        }
    }

    fn second(
        &self,
        w: &F::Tensor,
        x: &F::Tensor,
        batch: &Batch<F::Tensor>,
    ) -> Result<F::Tensor, FrameworkError> {
        let f = self.framework;
        match self.form {
            Form::Columns => {
                let x = f.reshape(x, [batch.networks, 10 * PIXELS[0], batch.images])?;
                let x = f.select_rows(&x, &self.taps)?;
                let x = f.reshape(&x, [batch.networks, 250, PIXELS[1] * batch.images])?;
                f.product(w, &x)
            }
            Form::Convolutions => self.convolution(w, x, 10, batch),
        }
    }

    fn convolution(
        &self,
        w: &F::Tensor,
        x: &F::Tensor,
        channels: usize,
        batch: &Batch<F::Tensor>,
    ) -> Result<F::Tensor, FrameworkError> {
        let f = self.framework;
        let w = f.reshape(w, [batch.networks * 10, channels, 25])?;
        f.convolution(&w, x, batch.networks)
    }

    /// The second convolution's result as (networks, 160, images).
    fn flat(&self, x: &F::Tensor, batch: &Batch<F::Tensor>) -> Result<F::Tensor, FrameworkError> {
        let f = self.framework;
        let rows = 10 * PIXELS[1];
        match self.form {
            Form::Columns => f.reshape(x, [batch.networks, rows, batch.images]),
            Form::Convolutions => f.rotate(&f.reshape(x, [batch.images, batch.networks, rows])?),
        }
    }

    fn tanh(&self, x: &Series<F::Tensor>) -> Result<Series<F::Tensor>, FrameworkError> {
        let f = self.framework;
        let constant = present(&x[0])?;
        let tanh = f.tanh(constant)?;
        let mut out = vec![Some(tanh.clone())];
        if x.len() > 1 {
            let slope = f.affine(&f.multiply(&tanh, &tanh)?, -1.0, 1.0)?;
            for x in &x[1..] {
                // After the first layer, nothing has both directions yet.
                out.push(x.as_ref().map(|x| f.multiply(&slope, x)).transpose()?);
            }
            if x.len() == 4 {
                // tanh'' = -2 tanh tanh'.
                let bend = f.multiply(&f.affine(&tanh, -2.0, 0.0)?, present(&out[1])?)?;
                let bend = f.multiply(&bend, present(&x[2])?)?;
                self.accumulate(&mut out[3], bend)?;
            }
        }
        Ok(out)
    }

    fn cross_entropy(
        &self,
        z: &Series<F::Tensor>,
        labels: &F::Tensor,
    ) -> Result<F::Tensor, FrameworkError> {
        let f = self.framework;
        let constant = present(&z[0])?;
        let total = f.log_sum_exp(constant)?;
        let minus_labels = f.affine(labels, -1.0, 0.0)?;
        if z.len() == 1 {
            return f.add(&total, &f.sum_rows(&f.multiply(constant, &minus_labels)?)?);
        }
        let probabilities = f.exp(&f.add(constant, &f.affine(&total, -1.0, 0.0)?)?)?;
        let slope = f.add(&probabilities, &minus_labels)?;
        let top = f.sum_rows(&f.multiply(&slope, present(&z[z.len() - 1])?)?)?;
        if z.len() == 2 {
            return Ok(top);
        }
        // The covariance of both directions' logits.
        let first = f.multiply(&probabilities, present(&z[1])?)?;
        let second = present(&z[2])?;
        let both = f.sum_rows(&f.multiply(&first, second)?)?;
        let means = f.multiply(
            &f.sum_rows(&first)?,
            &f.sum_rows(&f.multiply(&probabilities, second)?)?,
        )?;
        f.add(&f.add(&top, &both)?, &f.affine(&means, -1.0, 0.0)?)
    }
}

fn present<T>(x: &Option<T>) -> Result<&T, FrameworkError> {
    x.as_ref().ok_or(FrameworkError::NoCoefficient)
}

/// Weights from rows of [`DIMENSION`] numbers, a row for each network.
pub(crate) fn weights<F: Framework>(
    framework: &F,
    theta: &[f32],
) -> Result<Weights<F::Tensor>, FrameworkError> {
    let networks = theta.len() / DIMENSION;
    let mut at = 0;
    SHAPES
        .into_iter()
        .map(|shape| {
            let size = shape[0] * shape[1];
            let scale = scale(shape) as f32;
            let numbers = theta
                .chunks_exact(DIMENSION)
                .flat_map(|row| row[at..at + size].iter().map(|x| scale * x))
                .collect();
            at += size;
            framework.tensor(numbers, [networks, shape[0], shape[1]])
        })
        .collect()
}

/// Derivatives by scaled weights as derivatives by the weights themselves, times a factor.
pub(crate) fn unscaled<F: Framework>(
    framework: &F,
    gradients: &[F::Tensor],
    factor: f64,
) -> Result<Weights<F::Tensor>, FrameworkError> {
    gradients
        .iter()
        .zip(SHAPES)
        .map(|(gradient, shape)| framework.affine(gradient, factor * scale(shape), 0.0))
        .collect()
}
