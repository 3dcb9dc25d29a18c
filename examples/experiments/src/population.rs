//! The datapoints of the population, and the initial weights, for the built-in landscapes.

use std::io;
use std::path::{Path, PathBuf};

use diagrams::runtime::data::{
    CLASSES, DataError, Dataset, Split, embedded_fashion, load, load_images,
};
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::{Samples, SamplesError};

/// The reasons why datapoints or initial weights cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PopulationError {
    /// A folder is given for a landscape that does not read one.
    #[error("{landscape} makes its own data and cannot use --data {}", folder.display())]
    OwnData {
        /// The landscape.
        landscape: Named,
        /// The folder.
        folder: PathBuf,
    },
    /// No folder is given for a landscape that needs one.
    #[error("{landscape} needs --data DIR, a folder with the binary files of CIFAR-10")]
    NoData {
        /// The landscape.
        landscape: Named,
    },
    /// More datapoints are asked for than there are.
    #[error("--population {size} is more than the {found} images of {place}")]
    TooFew {
        /// The number of datapoints that is asked for.
        size: usize,
        /// The number of datapoints that there are.
        found: usize,
        /// The place of the data in words.
        place: String,
    },
    /// An image has a label that is no class.
    #[error("image {image} of {place} has no label")]
    NoLabel {
        /// The index of the image.
        image: usize,
        /// The place of the data in words.
        place: String,
    },
    /// The files of images cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The numbers do not make datapoints.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The file of weights cannot be read.
    #[error("--theta {}: {source}", file.display())]
    Weights {
        /// The path of the file.
        file: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// The file of weights does not have 8 bytes for each weight.
    #[error("--theta {}: {found} bytes, but {landscape} has {weights} weights of 8 bytes", file.display())]
    Length {
        /// The path of the file.
        file: PathBuf,
        /// The length of the file in bytes.
        found: u64,
        /// The landscape.
        landscape: Named,
        /// The number of weights P.
        weights: usize,
    },
    /// A weight in the file is NaN or infinite.
    #[error("--theta {}: weight {weight} is not a finite number", file.display())]
    NotFinite {
        /// The path of the file.
        file: PathBuf,
        /// The index of the weight.
        weight: usize,
    },
}

/// The population of a built-in landscape, with `size` datapoints.
///
/// For landscapes on images these are the first images of the order that takes one image of each class in turn, from the folder `data` or, for
/// Fashion-MNIST, from the sample inside the library. The other landscapes have datapoints of one number, which are drawn from a standard normal
/// distribution with the seed.
///
/// # Errors
/// [`PopulationError`] if a folder is missing or not used, if files cannot be read, or if there are fewer than `size` images.
pub fn population(
    landscape: Named,
    data: Option<&Path>,
    size: usize,
    seed: u64,
) -> Result<Samples<f64>, PopulationError> {
    let Some(dataset) = dataset(landscape) else {
        if let Some(folder) = data {
            return Err(PopulationError::OwnData {
                landscape,
                folder: folder.into(),
            });
        }
        return Ok(Samples::new(1, initialization(size, seed))?);
    };
    match (data, dataset) {
        (Some(dir), _) => from_files(dir, dataset, size),
        (None, Dataset::Fashion) => {
            let images: Samples<f64> = embedded_fashion();
            let width = images.width();
            let labels: Vec<usize> = (0..images.len())
                .map(|image| {
                    let label = images.row(image)[width - CLASSES..].iter();
                    label.take_while(|&&number| number != 1.0).count()
                })
                .collect();
            let chosen = balanced(&labels, size, "the sample inside the library (see --data)")?;
            Ok(images.select(&chosen))
        }
        (None, Dataset::Cifar) => Err(PopulationError::NoData { landscape }),
    }
}

/// The set of images that a landscape reads, or `None` if its datapoints are numbers.
fn dataset(landscape: Named) -> Option<Dataset> {
    match landscape {
        Named::FashionLogistic | Named::FashionLeNet => Some(Dataset::Fashion),
        Named::CifarLogistic | Named::CifarLeNet => Some(Dataset::Cifar),
        Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => None,
    }
}

fn from_files(dir: &Path, dataset: Dataset, size: usize) -> Result<Samples<f64>, PopulationError> {
    // All images are read as bytes for their labels. Only as many as are needed are converted to floats.
    let images = load_images(dir, dataset, Split::Train, None)?;
    let labels: Vec<usize> = (0..images.len())
        .map(|image| usize::from(images.label(image)))
        .collect();
    let chosen = balanced(&labels, size, &dir.display().to_string())?;
    let reach = chosen.iter().max().map_or(0, |last| last + 1);
    let samples: Samples<f64> = load(dir, dataset, Split::Train, Some(reach))?;
    Ok(samples.select(&chosen))
}

/// The indices of the first `size` images of the order that takes one image of each class in turn.
fn balanced(labels: &[usize], size: usize, place: &str) -> Result<Vec<usize>, PopulationError> {
    if size > labels.len() {
        return Err(PopulationError::TooFew {
            size,
            found: labels.len(),
            place: place.into(),
        });
    }
    let mut seen = [0; CLASSES];
    let mut order: Vec<(usize, usize, usize)> = Vec::with_capacity(labels.len());
    for (image, &label) in labels.iter().enumerate() {
        let Some(count) = seen.get_mut(label) else {
            return Err(PopulationError::NoLabel {
                image,
                place: place.into(),
            });
        };
        order.push((*count, label, image));
        *count += 1;
    }
    order.sort_unstable();
    Ok(order
        .iter()
        .take(size)
        .map(|&(_, _, image)| image)
        .collect())
}

/// The initial weights of a built-in landscape, P numbers.
///
/// They are read from a file of 64-bit floats in little-endian order, if one is given. Otherwise they are 0 for the Gaussian fit, the linear screw
/// and mean estimation, where the paper starts at 0, and drawn from a standard normal distribution with the seed for the other landscapes.
///
/// # Errors
/// [`PopulationError`] if the file cannot be read, has another length, or has a number that is not finite.
pub fn initial_weights(
    landscape: Named,
    file: Option<&Path>,
    seed: u64,
) -> Result<Vec<f64>, PopulationError> {
    let dimension = landscape.dimension();
    let Some(file) = file else {
        return Ok(match landscape {
            Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => vec![0.0; dimension],
            _ => initialization(dimension, seed),
        });
    };
    let unreadable = |source| PopulationError::Weights {
        file: file.into(),
        source,
    };
    let of_length = |found| PopulationError::Length {
        file: file.into(),
        found,
        landscape,
        weights: dimension,
    };
    let size = 8 * dimension as u64;
    // The length is checked before the file is read, because a wrong file may be very large.
    let found = std::fs::metadata(file).map_err(unreadable)?.len();
    if found != size {
        return Err(of_length(found));
    }
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let (numbers, _) = bytes.as_chunks::<8>();
    let theta: Vec<f64> = numbers.iter().map(|b| f64::from_le_bytes(*b)).collect();
    if theta.len() != dimension {
        return Err(of_length(bytes.len() as u64));
    }
    match theta.iter().position(|weight| !weight.is_finite()) {
        Some(weight) => Err(PopulationError::NotFinite {
            file: file.into(),
            weight,
        }),
        None => Ok(theta),
    }
}
