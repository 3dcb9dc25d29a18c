//! The datapoints of the population, and the initial weights, for a landscape.

use std::io;
use std::path::{Path, PathBuf};

use diagrams::runtime::checkpoint::{self, CheckpointError};
use diagrams::runtime::data::cifar::{self, Format, Version};
use diagrams::runtime::data::{
    CLASSES, Cifar100Labels, DataError, Datapoints, Dataset, Images, Split, Standardization,
    embedded_fashion, load_images, load_labels,
};
use diagrams::runtime::initialization::initialize;
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::network::NetworkLandscape;
use diagrams::runtime::samples::{Samples, SamplesError};

use crate::chosen::{Chosen, WeightOptions};
use crate::own_data::DataOptions;

/// The reasons why datapoints or initial weights cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum PopulationError {
    /// A folder, or a file that is not there, is given for a landscape that does not read one.
    #[error("{landscape} makes its own data and cannot use --data {}", folder.display())]
    OwnData {
        /// The landscape.
        landscape: String,
        /// The folder.
        folder: PathBuf,
    },
    /// No folder is given for a landscape that needs one.
    #[error("{landscape} needs --data DIR, a folder with the binary files of {set}")]
    NoData {
        /// The landscape.
        landscape: String,
        /// The name of the data set.
        set: &'static str,
    },
    /// The files are those of the other CIFAR.
    #[error("--data {}: this is {found}, and {landscape} has {classes} classes", path.display())]
    OtherCifar {
        /// The file or folder.
        path: PathBuf,
        /// The data set with its numbers of classes.
        found: &'static str,
        /// The landscape.
        landscape: String,
        /// The number of classes of the landscape.
        classes: usize,
    },
    /// No file is given for a network that reads none of the sets of images.
    #[error("the network needs --data FILE, a file with datapoints of its own (see docs/data.md)")]
    NoFile,
    /// More datapoints are asked for than there are.
    #[error("--population {size} is more than the {found} datapoints of {place}")]
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
    /// An option is given that only files of the user's have.
    #[error(
        "{option} is for a file of your own: --data must name one that is there, and not a folder"
    )]
    NeedsFile {
        /// The option.
        option: &'static str,
    },
    /// A label is chosen for a landscape whose datapoints have none.
    #[error("datapoints of {landscape} have no labels, so that it cannot use --label")]
    NoLabels {
        /// The landscape.
        landscape: String,
    },
    /// The datapoints of a file do not fit the landscape.
    #[error("--data {}: {features} features and {labels} numbers for the label; a datapoint of {landscape} has {expected} numbers in all", file.display())]
    Width {
        /// The file.
        file: PathBuf,
        /// The landscape.
        landscape: String,
        /// How many features there are.
        features: usize,
        /// How many numbers there are for the label.
        labels: usize,
        /// The number of numbers in a datapoint.
        expected: usize,
    },
    /// The files of data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The numbers do not make datapoints.
    #[error(transparent)]
    Samples(#[from] SamplesError),
    /// The weights of a file are not those of the network.
    #[error("--theta {source}")]
    Checkpoint {
        /// The reason, which names the file.
        #[from]
        source: CheckpointError,
    },
    /// An initialization is chosen for a landscape that is no network.
    #[error("{landscape} is no network: it begins at 0, or at the weights of a file (--theta)")]
    NoInitialization {
        /// The landscape.
        landscape: String,
    },
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
        landscape: String,
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

/// The datapoints of a population.
#[derive(Clone, Debug)]
pub struct Population {
    /// The datapoints.
    pub samples: Samples<f64>,
    /// The moments that the features were standardized by, if they were.
    pub standardization: Option<Standardization>,
}

impl From<Samples<f64>> for Population {
    fn from(samples: Samples<f64>) -> Self {
        Population {
            samples,
            standardization: None,
        }
    }
}

/// The population of a landscape, with `size` datapoints.
///
/// For landscapes on images these are the first images of the order that takes one image of each class in turn, from a file of the user's, from a
/// folder or, for Fashion-MNIST, from the sample inside the library. The other landscapes have datapoints of one number, which are the first of a
/// file, or drawn from a standard normal distribution with the seed.
///
/// # Errors
/// [`PopulationError`] if data are missing or not used, if files cannot be read or do not fit, or if there are fewer than `size` datapoints.
pub fn population(
    landscape: &Chosen,
    options: &DataOptions,
    size: usize,
    seed: u64,
) -> Result<Population, PopulationError> {
    if let Some(data) = options.file(landscape)? {
        let place = options.data.as_deref().unwrap_or(Path::new(""));
        return from_file(&data, &place.display().to_string(), size);
    }
    let data = options.data.as_deref();
    let Some(dataset) = landscape.dataset() else {
        if let Chosen::Network(_) = landscape {
            return Err(PopulationError::NoFile);
        }
        if let Some(folder) = data {
            return Err(PopulationError::OwnData {
                landscape: landscape.to_string(),
                folder: folder.into(),
            });
        }
        return Ok(Samples::new(1, initialization(size, seed))?.into());
    };
    match (data, dataset) {
        (Some(path), _) => Ok(from_files(path, dataset, landscape, size)?.into()),
        (None, Dataset::Fashion) => {
            let images: Samples<f64> = embedded_fashion();
            let labels = labels(&images, CLASSES);
            let place = "the sample inside the library (see --data)";
            let chosen = balanced(&labels, CLASSES, size, place)?;
            Ok(images.select(&chosen).into())
        }
        (None, _) => Err(no_data(landscape, dataset)),
    }
}

/// The class of each datapoint, whose last numbers are its label.
fn labels(samples: &Samples<f64>, classes: usize) -> Vec<usize> {
    let start = samples.width() - classes;
    (0..samples.len())
        .map(|i| samples.row(i)[start..].iter())
        .map(|mut label| label.position(|&number| number == 1.0).unwrap_or(classes))
        .collect()
}

/// The datapoints of a file, if there are enough.
fn from_file(
    data: &Datapoints<f64>,
    place: &str,
    size: usize,
) -> Result<Population, PopulationError> {
    let standardization = data.standardization().cloned();
    let samples = if data.labels == 0 {
        if size > data.samples.len() {
            return Err(PopulationError::TooFew {
                size,
                found: data.samples.len(),
                place: place.into(),
            });
        }
        data.samples.first(size)
    } else {
        let labels = labels(&data.samples, data.labels);
        data.samples
            .select(&balanced(&labels, data.labels, size, place)?)
    };
    Ok(Population {
        samples,
        standardization,
    })
}

/// The error that no data are given for a landscape that reads images.
pub fn no_data(landscape: &Chosen, dataset: Dataset) -> PopulationError {
    PopulationError::NoData {
        landscape: landscape.to_string(),
        set: match dataset {
            Dataset::Fashion => "Fashion-MNIST",
            Dataset::Cifar => "CIFAR-10",
            Dataset::Cifar100(_) => "CIFAR-100",
        },
    }
}

fn from_files(
    path: &Path,
    dataset: Dataset,
    landscape: &Chosen,
    size: usize,
) -> Result<Samples<f64>, PopulationError> {
    // The labels say which images are needed, and so how many are read.
    let labels: Vec<usize> = image_labels(path, dataset, landscape)?
        .into_iter()
        .map(usize::from)
        .collect();
    let place = path.display().to_string();
    let chosen = balanced(&labels, dataset.classes(), size, &place)?;
    let reach = chosen.iter().max().map_or(0, |last| last + 1);
    let samples: Samples<f64> = images(path, dataset, landscape, Some(reach))?.samples();
    Ok(samples.select(&chosen))
}

/// The first `limit` training images of a data set, or all, for a landscape that reads it. The path is a folder with the official files; for CIFAR it may be one
/// of them, under any name. The contents decide which CIFAR it is.
///
/// # Errors
/// [`PopulationError::Data`] if the files cannot be read, [`PopulationError::OtherCifar`] if their labels are not those of the landscape.
pub fn images(
    path: &Path,
    dataset: Dataset,
    landscape: &Chosen,
    limit: Option<usize>,
) -> Result<Images, PopulationError> {
    Ok(match cifar_files(path, dataset, landscape)? {
        Some((files, format)) => cifar::read(&files, format, limit)?,
        None => load_images(path, dataset, Split::Train, limit)?,
    })
}

/// The labels of all images that [`images`] reads, without the images.
fn image_labels(
    path: &Path,
    dataset: Dataset,
    landscape: &Chosen,
) -> Result<Vec<u8>, PopulationError> {
    Ok(match cifar_files(path, dataset, landscape)? {
        Some((files, format)) => cifar::read_labels(&files, format)?,
        None => load_labels(path, dataset, Split::Train)?,
    })
}

/// The files of CIFAR and how they are read, if it is one of these data sets.
fn cifar_files(
    path: &Path,
    dataset: Dataset,
    landscape: &Chosen,
) -> Result<Option<(Vec<PathBuf>, Format)>, PopulationError> {
    let (format, other) = match dataset {
        Dataset::Fashion => return Ok(None),
        Dataset::Cifar => (Format::Ten, Format::Hundred(Cifar100Labels::Fine)),
        Dataset::Cifar100(labels) => (Format::Hundred(labels), Format::Ten),
    };
    let files = if path.is_file() {
        vec![path.to_owned()]
    } else {
        // If there are files of the other data set alone, they are looked at, and what is wrong with them is said.
        cifar::find(path, format, Split::Train)
            .or_else(|error| cifar::find(path, other, Split::Train).map_err(|_| error))?
    };
    let found = match (format, cifar::recognize(&files[0])?) {
        (Format::Ten, Some(Version::Hundred)) => "CIFAR-100, which has 20 or 100 classes",
        (Format::Hundred(_), Some(Version::Ten)) => "CIFAR-10, which has 10 classes",
        _ => return Ok(Some((files, format))),
    };
    Err(PopulationError::OtherCifar {
        path: path.to_owned(),
        found,
        landscape: landscape.to_string(),
        classes: dataset.classes(),
    })
}

/// The indices of the first `size` images of the order that takes one image of each class in turn.
fn balanced(
    labels: &[usize],
    classes: usize,
    size: usize,
    place: &str,
) -> Result<Vec<usize>, PopulationError> {
    if size > labels.len() {
        return Err(PopulationError::TooFew {
            size,
            found: labels.len(),
            place: place.into(),
        });
    }
    let mut seen = vec![0; classes];
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

/// The initial weights of a landscape, P numbers.
///
/// They are read from a file, if one is given: for networks as [`checkpoint::load`] reads it, for other landscapes 64-bit floats in little-endian order.
/// Otherwise they are drawn with the seed for networks, as the options say, and 0 for the Gaussian fit, the linear screw and mean estimation, where the paper
/// starts at 0.
///
/// # Errors
/// [`PopulationError`] if the file cannot be read or does not fit, or has a number that is not finite.
pub fn initial_weights(
    landscape: &Chosen,
    options: &WeightOptions,
    seed: u64,
) -> Result<Vec<f64>, PopulationError> {
    let network = landscape.network().map(NetworkLandscape::network);
    match (&options.theta, network, options.initialization) {
        (Some(file), Some(network), _) => Ok(checkpoint::load(file, network)?.theta),
        (Some(file), None, _) => read_weights(landscape, file),
        (None, Some(network), chosen) => Ok(initialize(network, chosen.unwrap_or_default(), seed)),
        (None, None, None) => Ok(vec![0.0; landscape.dimension()]),
        (None, None, Some(_)) => Err(PopulationError::NoInitialization {
            landscape: landscape.to_string(),
        }),
    }
}

/// The weights of a landscape that is no network, from a file of 64-bit floats in little-endian order.
fn read_weights(landscape: &Chosen, file: &Path) -> Result<Vec<f64>, PopulationError> {
    let dimension = landscape.dimension();
    let unreadable = |source| PopulationError::Weights {
        file: file.into(),
        source,
    };
    let of_length = |found| PopulationError::Length {
        file: file.into(),
        found,
        landscape: landscape.to_string(),
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
