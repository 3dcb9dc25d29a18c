//! Labelled images as samples: Fashion-MNIST and CIFAR-10 from their official files, and a small sample of Fashion-MNIST that is always at hand.
//!
//! A datapoint is an image's pixels, each divided by 255, and then its label as [`CLASSES`] numbers, 1 at the label and 0 elsewhere.
//!
//! For landscapes whose data are standard normal numbers, [`normal_quantiles`] are a population that is symmetric and of variance 1.

pub mod cifar;
mod embedded;
mod error;
pub mod idx;
mod normal;
mod source;

use std::path::Path;

pub use embedded::embedded_fashion;
pub use error::DataError;
pub use normal::normal_quantiles;

use crate::samples::Samples;
use crate::scalar::Element;

/// Number of classes of both data sets.
pub const CLASSES: usize = 10;

/// Which data set a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dataset {
    /// Fashion-MNIST (or MNIST, which has the same format): IDX files, 28 × 28 pixels, 794 numbers a datapoint.
    Fashion,
    /// CIFAR-10: binary batches, 3 × 32 × 32 pixels (channel, row, column), 3,082 numbers a datapoint.
    Cifar,
}

/// Which of a data set's two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// The training images.
    Train,
    /// The test images.
    Test,
}

/// The first `limit` images (all without a limit, or if there are fewer) of a data set in a folder with the official file names.
///
/// With a limit, what lies beyond it in a compressed file is not read, and so not checked.
///
/// # Errors
///
/// [`DataError`]: files that are missing, empty, cut short, too long or corrupt; counts that do not match; labels out of range.
pub fn load<T: Element>(
    dir: &Path,
    dataset: Dataset,
    split: Split,
    limit: Option<usize>,
) -> Result<Samples<T>, DataError> {
    Ok(load_images(dir, dataset, split, limit)?.samples())
}

/// As [`load`], the bytes as they are in the files.
///
/// # Errors
///
/// As [`load`].
pub fn load_images(
    dir: &Path,
    dataset: Dataset,
    split: Split,
    limit: Option<usize>,
) -> Result<Images, DataError> {
    match dataset {
        Dataset::Fashion => {
            let (images, labels) = idx::find(dir, split)?;
            idx::read(&images, &labels, limit)
        }
        Dataset::Cifar => cifar::read(&cifar::find(dir, split)?, limit),
    }
}

/// Images of one size, a byte a pixel, each with a label less than [`CLASSES`]. At least one image of at least one pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// Pixels of an image.
    size: usize,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

#[allow(clippy::len_without_is_empty)] // never empty
impl Images {
    /// How many.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// The pixels of an image, as in the file: row by row, for each colour.
    pub fn pixels(&self, image: usize) -> &[u8] {
        &self.pixels[image * self.size..][..self.size]
    }

    /// The label of an image.
    pub fn label(&self, image: usize) -> u8 {
        self.labels[image]
    }

    /// As datapoints of pixels / 255 and the label as [`CLASSES`] numbers.
    ///
    /// # Panics
    ///
    /// Never.
    pub fn samples<T: Element>(&self) -> Samples<T> {
        let shades: Vec<T> = (0..=u8::MAX)
            .map(|shade| T::constant(f64::from(shade) / 255.0))
            .collect();
        let width = self.size + CLASSES;
        let mut numbers = Vec::with_capacity(self.len() * width);
        for image in 0..self.len() {
            numbers.extend(
                self.pixels(image)
                    .iter()
                    .map(|&shade| shades[usize::from(shade)].clone()),
            );
            numbers.extend((0..CLASSES).map(|class| {
                T::constant(f64::from(u8::from(class == usize::from(self.label(image)))))
            }));
        }
        Samples::new(width, numbers).expect("whole rows, at least one, of at least one number")
    }
}
