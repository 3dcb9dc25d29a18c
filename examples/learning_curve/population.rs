//! The data that are the population, and the initial weights.

use std::path::Path;

use diagrams::runtime::data::{CLASSES, Dataset, Split, embedded_fashion, load, load_images};
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::Samples;

/// The first `size` datapoints: of images, in the class-balanced order; of landscapes of a single number, standard normals from the seed.
pub(crate) fn population(
    landscape: Named,
    data: Option<&Path>,
    size: usize,
    seed: u64,
) -> Result<Samples<f64>, String> {
    let Some(dataset) = dataset(landscape) else {
        if let Some(dir) = data {
            return Err(format!(
                "{landscape} makes its own data and cannot use --data {}",
                dir.display()
            ));
        }
        let normals = initialization(size, seed);
        return Samples::new(1, normals).map_err(|e| e.to_string());
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
        (None, Dataset::Cifar) => Err(format!(
            "{landscape} needs --data DIR, a folder with the binary files of CIFAR-10"
        )),
    }
}

fn dataset(landscape: Named) -> Option<Dataset> {
    match landscape {
        Named::FashionLogistic | Named::FashionLeNet => Some(Dataset::Fashion),
        Named::CifarLogistic | Named::CifarLeNet => Some(Dataset::Cifar),
        Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => None,
    }
}

fn from_files(dir: &Path, dataset: Dataset, size: usize) -> Result<Samples<f64>, String> {
    // All labels first, as bytes; then only as many images as are needed become floats.
    let images = load_images(dir, dataset, Split::Train, None).map_err(|e| e.to_string())?;
    let labels: Vec<usize> = (0..images.len())
        .map(|image| usize::from(images.label(image)))
        .collect();
    let chosen = balanced(&labels, size, &dir.display().to_string())?;
    let reach = chosen.iter().max().map_or(0, |last| last + 1);
    let samples: Samples<f64> =
        load(dir, dataset, Split::Train, Some(reach)).map_err(|e| e.to_string())?;
    Ok(samples.select(&chosen))
}

/// The first `size` images of the order that takes one image of each class in turn.
fn balanced(labels: &[usize], size: usize, place: &str) -> Result<Vec<usize>, String> {
    if size > labels.len() {
        return Err(format!(
            "--population {size} is more than the {} images of {place}",
            labels.len()
        ));
    }
    let mut seen = [0; CLASSES];
    let mut order: Vec<(usize, usize, usize)> = Vec::with_capacity(labels.len());
    for (image, &label) in labels.iter().enumerate() {
        let Some(count) = seen.get_mut(label) else {
            return Err(format!("image {image} of {place} has no label"));
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

/// Initial weights: from a file, or standard normals from the seed, or 0 where the paper starts there.
pub(crate) fn initial_weights(
    landscape: Named,
    file: Option<&Path>,
    seed: u64,
) -> Result<Vec<f64>, String> {
    let dimension = landscape.dimension();
    let Some(file) = file else {
        return Ok(match landscape {
            Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => vec![0.0; dimension],
            _ => initialization(dimension, seed),
        });
    };
    let failed = |what: String| format!("--theta {}: {what}", file.display());
    let size = 8 * dimension as u64;
    // A wrong file may be very large: look at its length before reading it.
    let found = std::fs::metadata(file)
        .map_err(|e| failed(e.to_string()))?
        .len();
    if found != size {
        return Err(failed(format!(
            "{found} bytes, but {landscape} has {dimension} weights of 8 bytes"
        )));
    }
    let bytes = std::fs::read(file).map_err(|e| failed(e.to_string()))?;
    let (numbers, _) = bytes.as_chunks::<8>();
    let theta: Vec<f64> = numbers.iter().map(|b| f64::from_le_bytes(*b)).collect();
    if theta.len() != dimension {
        return Err(failed("the file changed while it was read".into()));
    }
    match theta.iter().position(|weight| !weight.is_finite()) {
        Some(at) => Err(failed(format!("weight {at} is not a finite number"))),
        None => Ok(theta),
    }
}
