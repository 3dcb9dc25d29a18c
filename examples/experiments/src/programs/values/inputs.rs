//! The datapoints and the weights.

use diagram_experiments::chosen::Chosen;
use diagram_experiments::population::{
    Population, PopulationError, images, initial_weights, no_data,
};
use diagrams::runtime::data::{Dataset, embedded_fashion};
use diagrams::runtime::landscape::initialization;
use diagrams::runtime::samples::Samples;

use super::arguments::Arguments;

/// The datapoints that the options ask for.
pub(crate) fn datapoints(arguments: &Arguments, landscape: &Chosen) -> Result<Population, String> {
    let count = arguments.images;
    let data = &arguments.data.data;
    let file = arguments.data.file(landscape).map_err(|e| e.to_string())?;
    if let (Some(file), Some(path)) = (file, data) {
        let standardization = file.standardization().cloned();
        let samples = enough(file.samples, count, &path.display().to_string())?;
        return Ok(Population {
            samples,
            standardization,
        });
    }
    let Some(dataset) = landscape.dataset() else {
        return match (landscape, data) {
            (Chosen::Network(_), _) => Err(PopulationError::NoFile.to_string()),
            (_, Some(dir)) => Err(format!(
                "{landscape} makes its own data and cannot use --data {}",
                dir.display()
            )),
            (_, None) => {
                let samples = Samples::new(1, initialization(count, arguments.seed));
                Ok(samples.map_err(|e| e.to_string())?.into())
            }
        };
    };
    let (samples, place) = match (data, dataset) {
        (Some(dir), _) => {
            let images = images(dir, dataset, landscape, Some(count)).map_err(|e| e.to_string())?;
            (images.samples(), dir.display().to_string())
        }
        (None, Dataset::Fashion) => (
            embedded_fashion(),
            "the sample inside the library (see --data)".to_string(),
        ),
        (None, _) => {
            return Err(no_data(landscape, dataset).to_string());
        }
    };
    Ok(enough(samples, count, &place)?.into())
}

/// The first datapoints, if there are as many.
fn enough(samples: Samples<f64>, count: usize, place: &str) -> Result<Samples<f64>, String> {
    match samples.len() {
        found if found < count => Err(format!(
            "--images {count} is more than the {found} datapoints of {place}"
        )),
        found if found == count => Ok(samples),
        _ => Ok(samples.first(count)),
    }
}

/// The weights that the options ask for, P numbers.
pub(crate) fn weights(arguments: &Arguments, landscape: &Chosen) -> Result<Vec<f64>, String> {
    initial_weights(landscape, &arguments.weights, arguments.seed).map_err(|e| e.to_string())
}
