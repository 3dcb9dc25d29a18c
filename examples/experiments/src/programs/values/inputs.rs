//! The datapoints and the weights.

use std::path::Path;

use diagrams::runtime::data::{Dataset, Split, embedded_fashion, load};
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::landscapes::Named;
use diagrams::runtime::samples::Samples;

use super::arguments::Arguments;

/// The datapoints that the options ask for.
pub(crate) fn datapoints(arguments: &Arguments) -> Result<Samples<f64>, String> {
    let (landscape, count) = (arguments.landscape, arguments.images);
    let dataset = match landscape {
        Named::FashionLogistic | Named::FashionLeNet => Dataset::Fashion,
        Named::CifarLogistic | Named::CifarLeNet => Dataset::Cifar,
        Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => {
            if let Some(dir) = &arguments.data {
                return Err(format!(
                    "{landscape} makes its own data and cannot use --data {}",
                    dir.display()
                ));
            }
            return Samples::new(1, initialization(count, arguments.seed))
                .map_err(|e| e.to_string());
        }
    };
    let (samples, place) = match (&arguments.data, dataset) {
        (Some(dir), _) => {
            let samples =
                load(dir, dataset, Split::Train, Some(count)).map_err(|e| e.to_string())?;
            (samples, dir.display().to_string())
        }
        (None, Dataset::Fashion) => {
            let samples: Samples<f64> = embedded_fashion();
            let place = "the sample inside the library (see --data)".to_string();
            (
                if count < samples.len() {
                    samples.first(count)
                } else {
                    samples
                },
                place,
            )
        }
        (None, Dataset::Cifar) => {
            return Err(format!(
                "{landscape} needs --data DIR, a folder with the binary files of CIFAR-10"
            ));
        }
    };
    if samples.len() < count {
        return Err(format!(
            "--images {count} is more than the {} training images of {place}",
            samples.len()
        ));
    }
    Ok(samples)
}

/// The weights that the options ask for, P numbers.
pub(crate) fn weights(arguments: &Arguments) -> Result<Vec<f64>, String> {
    let landscape = arguments.landscape;
    match &arguments.theta {
        Some(file) => read_weights(landscape, file)
            .map_err(|message| format!("--theta {}: {message}", file.display())),
        None => Ok(match landscape {
            Named::GaussianFit | Named::LinearScrew | Named::MeanEstimation => {
                vec![0.0; landscape.dimension()]
            }
            _ => initialization(landscape.dimension(), arguments.seed),
        }),
    }
}

fn read_weights(landscape: Named, file: &Path) -> Result<Vec<f64>, String> {
    let dimension = landscape.dimension();
    let expected = 8 * dimension as u64;
    // The length is checked before the file is read, because a wrong file may be very large.
    let found = std::fs::metadata(file).map_err(|e| e.to_string())?.len();
    let bytes = if found == expected {
        std::fs::read(file).map_err(|e| e.to_string())?
    } else {
        vec![]
    };
    if bytes.len() as u64 != expected {
        return Err(format!(
            "{found} bytes, but {landscape} has {dimension} weights of 8 bytes, {expected} bytes"
        ));
    }
    let (numbers, _) = bytes.as_chunks::<8>();
    let theta: Vec<f64> = numbers.iter().map(|b| f64::from_le_bytes(*b)).collect();
    match theta.iter().position(|weight| !weight.is_finite()) {
        Some(at) => Err(format!(
            "byte {}: weight {at} is {}; all weights must be finite",
            8 * at,
            theta[at]
        )),
        None => Ok(theta),
    }
}
