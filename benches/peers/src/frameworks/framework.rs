//! What a network needs of a framework.

use super::FrameworkError;

/// A framework with arrays of `f32` and reverse-mode derivatives.
///
/// Arrays have three axes, called groups, rows and columns. In operations of two arrays, an axis of length 1 is repeated to the length of
/// the other array's.
pub(crate) trait Framework: Sync {
    /// An array, cheap to clone.
    type Tensor: Clone + Send + Sync;
    /// Positions along an axis.
    type Index: Send + Sync;

    /// A constant array from its numbers, columns fastest.
    fn tensor(&self, numbers: Vec<f32>, shape: [usize; 3]) -> Result<Self::Tensor, FrameworkError>;
    /// Its numbers.
    fn numbers(&self, x: &Self::Tensor) -> Result<Vec<f32>, FrameworkError>;
    /// Positions to select.
    fn index(&self, positions: &[usize]) -> Result<Self::Index, FrameworkError>;

    /// The same numbers as a variable to differentiate by.
    fn variable(&self, x: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// The derivatives of the sum of all numbers of an array by variables, as constants.
    fn gradients(
        &self,
        x: Self::Tensor,
        variables: &[Self::Tensor],
    ) -> Result<Vec<Self::Tensor>, FrameworkError>;

    /// A sum, with repetition.
    fn add(&self, a: &Self::Tensor, b: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// A product number by number, with repetition.
    fn multiply(&self, a: &Self::Tensor, b: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// `factor * x + offset`.
    fn affine(
        &self,
        x: &Self::Tensor,
        factor: f64,
        offset: f64,
    ) -> Result<Self::Tensor, FrameworkError>;
    /// Number by number.
    fn tanh(&self, x: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// Number by number.
    fn exp(&self, x: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// `ln Σ exp` over rows, safe for large numbers.
    fn log_sum_exp(&self, x: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// The sum over rows, as one row.
    fn sum_rows(&self, x: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;

    /// A matrix product for each group.
    fn product(&self, a: &Self::Tensor, b: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// A matrix product for each group, where `data` is nothing to differentiate by.
    fn product_with_data(
        &self,
        a: &Self::Tensor,
        data: &Self::Tensor,
    ) -> Result<Self::Tensor, FrameworkError>;
    /// Convolutions with kernels of 5 x 5 and stride 2, without padding. Kernels: (networks * channels out, channels in, taps). Images: (images, networks *
    /// channels in, pixels). Result: (images, networks * channels out, pixels).
    fn convolution(
        &self,
        kernels: &Self::Tensor,
        images: &Self::Tensor,
        networks: usize,
    ) -> Result<Self::Tensor, FrameworkError>;

    /// The same numbers in another shape.
    fn reshape(&self, x: &Self::Tensor, shape: [usize; 3]) -> Result<Self::Tensor, FrameworkError>;
    /// Moves the first axis to the end.
    fn rotate(&self, x: &Self::Tensor) -> Result<Self::Tensor, FrameworkError>;
    /// Some rows.
    fn select_rows(
        &self,
        x: &Self::Tensor,
        rows: &Self::Index,
    ) -> Result<Self::Tensor, FrameworkError>;
    /// Some groups.
    fn select_groups(
        &self,
        x: &Self::Tensor,
        groups: &Self::Index,
    ) -> Result<Self::Tensor, FrameworkError>;
    /// One group to as many as are asked for.
    fn repeat(&self, x: &Self::Tensor, groups: usize) -> Result<Self::Tensor, FrameworkError>;
}
