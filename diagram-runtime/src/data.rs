//! Data: files of your own, well-known images, and a small sample of images that is part of the library.
//!
//! - [`load_file`] reads a file of your own: `.npy`, `.npz`, `.safetensors`, comma- or tab-separated values, and with the feature `parquet` Parquet. A
//!   [`Description`] says what of it are features, and what is the label.
//! - [`load`] reads Fashion-MNIST, CIFAR-10 and CIFAR-100 from folders with their official files.
//! - [`embedded_fashion`] is a sample of Fashion-MNIST that needs no file.
//! - [`normal_quantiles`] is a population that is symmetric and has variance 1, for landscapes whose data are standard normal numbers.
//!
//! A datapoint is its features, such as the pixels of an image, each divided by 255, followed by its label. The label of a class is a number for each
//! class, which is 1 at the label and 0 elsewhere.

pub(crate) mod array;
pub mod cifar;
mod csv;
mod description;
mod embedded;
mod error;
mod fields;
mod file;
pub mod idx;
mod labels;
mod normal;
pub(crate) mod npy;
mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod problem;
pub(crate) mod safetensors;
mod source;
mod standardization;

use std::path::Path;

pub use cifar::Cifar100Labels;
pub use description::{Classes, Column, Description, Label};
pub use embedded::embedded_fashion;
pub use error::DataError;
pub use file::{Datapoints, load_bytes, load_file};
pub use normal::normal_quantiles;
pub use problem::{ContentError, Place, Problem, Row};
pub use standardization::{Standardization, Standardize};

use crate::samples::Samples;
use crate::scalar::Element;

/// The number of classes of Fashion-MNIST and of CIFAR-10.
pub const CLASSES: usize = 10;

/// The numbers of rows and columns of an image of Fashion-MNIST.
const FASHION_SIZE: [u64; 2] = [28, 28];

/// A data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dataset {
    /// Fashion-MNIST, or MNIST, which has the same format: IDX files of 28 × 28 pixels. A datapoint has 794 numbers.
    Fashion,
    /// CIFAR-10: binary batches of 3 × 32 × 32 pixels (channel, row, column). A datapoint has 3,082 numbers.
    Cifar,
    /// CIFAR-100: binary files `train.bin` and `test.bin` of images as those of CIFAR-10. A datapoint has 3,092 or 3,172 numbers, by the labels.
    Cifar100(Cifar100Labels),
}

impl Dataset {
    /// The number of classes.
    pub const fn classes(self) -> usize {
        match self {
            Dataset::Fashion | Dataset::Cifar => CLASSES,
            Dataset::Cifar100(labels) => cifar::Format::Hundred(labels).classes(),
        }
    }
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
/// result has a row of pixels divided by 255, followed by [`Dataset::classes`] numbers for the label, for each image.
///
/// If there is a limit, images beyond it are not kept. A compressed file is verified to its end all the same.
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
    let read_cifar = |format| cifar::read(&cifar::find(dir, format, split)?, format, limit);
    match dataset {
        Dataset::Fashion => {
            let (images, labels) = idx::find(dir, split)?;
            idx::read(&images, &labels, Some(FASHION_SIZE), limit)
        }
        Dataset::Cifar => read_cifar(cifar::Format::Ten),
        Dataset::Cifar100(labels) => read_cifar(cifar::Format::Hundred(labels)),
    }
}

/// Reads the labels of all images of a data set, as [`load_images`] gives them, and none of the pixels.
///
/// # Errors
///
/// As [`load_images`], but for what is wrong with images alone.
pub fn load_labels(dir: &Path, dataset: Dataset, split: Split) -> Result<Vec<u8>, DataError> {
    let read_cifar = |format| cifar::read_labels(&cifar::find(dir, format, split)?, format);
    match dataset {
        Dataset::Fashion => {
            let (images, labels) = idx::find(dir, split)?;
            idx::read_labels(&images, &labels, Some(FASHION_SIZE))
        }
        Dataset::Cifar => read_cifar(cifar::Format::Ten),
        Dataset::Cifar100(labels) => read_cifar(cifar::Format::Hundred(labels)),
    }
}

/// Labelled images: at least one, of at least one pixel. All have the same size, with one byte for each pixel and a label less than the
/// number of classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// The number of classes.
    classes: usize,
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

    /// Returns the number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Returns the pixels of an image as they are in the file: row by row, and for CIFAR channel by channel.
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

    /// Converts the images to datapoints: the pixels divided by 255, and the label as a number for each class.
    ///
    /// # Panics
    ///
    /// Never, because there is at least one image with at least one pixel.
    pub fn samples<T: Element>(&self) -> Samples<T> {
        let shades: Vec<T> = (0..=u8::MAX)
            .map(|shade| T::constant(f64::from(shade) / 255.0))
            .collect();
        let width = self.size + self.classes;
        let mut numbers = Vec::with_capacity(self.len() * width);
        for image in 0..self.len() {
            numbers.extend(
                self.pixels(image)
                    .iter()
                    .map(|&shade| shades[usize::from(shade)].clone()),
            );
            numbers.extend((0..self.classes).map(|class| {
                T::constant(f64::from(u8::from(class == usize::from(self.label(image)))))
            }));
        }
        Samples::new(width, numbers).expect("whole rows, at least one, of at least one number")
    }
}
