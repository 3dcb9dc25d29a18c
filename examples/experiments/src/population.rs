//! The data that are the population, and the initial weights.

use std::io;
use std::path::{Path, PathBuf};

use diagrams::runtime::data::{
    CLASSES, DataError, Dataset, Split, embedded_fashion, load, load_images,
};
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::{Samples, SamplesError};

/// What can be wrong with datapoints and initial weights.
#[derive(Debug, thiserror::Error)]
pub enum PopulationError {
    /// A folder for a landscape that does not read any.
    #[error("{landscape} makes its own data and cannot use --data {}", folder.display())]
    OwnData {
        /// The landscape.
        landscape: Named,
        /// The folder.
        folder: PathBuf,
    },
    /// No folder for a landscape that reads one.
    #[error("{landscape} needs --data DIR, a folder with the binary files of CIFAR-10")]
    NoData {
        /// The landscape.
        landscape: Named,
    },
    /// More than there are.
    #[error("--population {size} is more than the {found} images of {place}")]
    TooFew {
        /// Asked for.
        size: usize,
        /// There.
        found: usize,
        /// Where.
        place: String,
    },
    /// A label that is no class.
    #[error("image {image} of {place} has no label")]
    NoLabel {
        /// Which image.
        image: usize,
        /// Where.
        place: String,
    },
    /// Files of images.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Numbers that are no datapoints.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// A file of weights that cannot be read.
    #[error("--theta {}: {source}", file.display())]
    Weights {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of weights of another length.
    #[error("--theta {}: {found} bytes, but {landscape} has {weights} weights of 8 bytes", file.display())]
    Length {
        /// The file.
        file: PathBuf,
        /// Its length.
        found: u64,
        /// The landscape.
        landscape: Named,
        /// P.
        weights: usize,
    },
    /// A weight that is NaN or infinite.
    #[error("--theta {}: weight {weight} is not a finite number", file.display())]
    NotFinite {
        /// The file.
        file: PathBuf,
        /// Which weight.
        weight: usize,
    },
}

/// The first `size` datapoints: of images, in the class-balanced order; of landscapes of a single number, standard normals from the seed.
///
/// # Errors
/// [`PopulationError`].
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

fn dataset(landscape: Named) -> Option<Dataset> {
    match landscape {
        Named::FashionLogistic | Named::FashionLeNet => Some(Dataset::Fashion),
        Named::CifarLogistic | Named::CifarLeNet => Some(Dataset::Cifar),
        Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => None,
    }
}

fn from_files(dir: &Path, dataset: Dataset, size: usize) -> Result<Samples<f64>, PopulationError> {
    // All labels first, as bytes; then only as many images as are needed become floats.
    let images = load_images(dir, dataset, Split::Train, None)?;
    let labels: Vec<usize> = (0..images.len())
        .map(|image| usize::from(images.label(image)))
        .collect();
    let chosen = balanced(&labels, size, &dir.display().to_string())?;
    let reach = chosen.iter().max().map_or(0, |last| last + 1);
    let samples: Samples<f64> = load(dir, dataset, Split::Train, Some(reach))?;
    Ok(samples.select(&chosen))
}

/// The first `size` images of the order that takes one image of each class in turn.
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

/// Initial weights: from a file of 64-bit floats in little-endian order, or standard normals from the seed, or 0 where the
/// paper starts there.
///
/// # Errors
/// [`PopulationError`].
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
    // A wrong file may be very large: look at its length before reading it.
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
