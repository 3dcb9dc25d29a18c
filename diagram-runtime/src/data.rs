//! Labelled images as samples: Fashion-MNIST and CIFAR-10 from their official files, and a small sample of Fashion-MNIST that is part of the library.
//!
//! A datapoint is the pixels of an image, each divided by 255, followed by its label as [`CLASSES`] numbers, which are 1 at the label and 0
//! elsewhere.
//!
//! For landscapes whose data are standard normal numbers, [`normal_quantiles`] returns a population that is symmetric and has variance 1.

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

/// The number of classes of both data sets.
pub const CLASSES: usize = 10;

/// A data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dataset {
    /// Fashion-MNIST, or MNIST, which has the same format: IDX files of 28 × 28 pixels. A datapoint has 794 numbers.
    Fashion,
    /// CIFAR-10: binary batches of 3 × 32 × 32 pixels (channel, row, column). A datapoint has 3,082 numbers.
    Cifar,
}

/// One of the two parts of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Split {
    /// The training images.
    Train,
    /// The test images.
    Test,
}

/// Reads the first `limit` images of a data set from a folder with the official file names, or all images if there is no limit or fewer images. The
/// result has a row of pixels divided by 255, followed by [`CLASSES`] numbers for the label, for each image.
///
/// If there is a limit, images and labels beyond it are not read, and so not checked.
///
/// # Errors
///
/// [`DataError`] if a file is missing, empty, too short, too long or corrupt, if the numbers of images and labels differ, if a label is out of range,
/// or if the limit is 0.
pub fn load<T: Element>(
    dir: &Path,
    dataset: Dataset,
    split: Split,
    limit: Option<usize>,
) -> Result<Samples<T>, DataError> {
    Ok(load_images(dir, dataset, split, limit)?.samples())
}

/// Reads the images that [`load`] reads, with the bytes of the files.
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

/// Labelled images: at least one, of at least one pixel. All have the same size, with one byte for each pixel and a label less than [`CLASSES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// The number of pixels of an image.
    size: usize,
    pixels: Vec<u8>,
    labels: Vec<u8>,
}

#[allow(clippy::len_without_is_empty)] // never empty
impl Images {
    /// Returns the number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Returns the pixels of an image as they are in the file: row by row, and for CIFAR-10 channel by channel.
    ///
    /// # Panics
    ///
    /// If there is no such image.
    pub fn pixels(&self, image: usize) -> &[u8] {
        &self.pixels[image * self.size..][..self.size]
    }

    /// Returns the label of an image.
    ///
    /// # Panics
    ///
    /// If there is no such image.
    pub fn label(&self, image: usize) -> u8 {
        self.labels[image]
    }

    /// Converts the images to datapoints: the pixels divided by 255, and the label as [`CLASSES`] numbers.
    ///
    /// # Panics
    ///
    /// Never, because there is at least one image with at least one pixel.
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
