//! The options of programs that say which data a built-in landscape has, and data files of the user's.

use std::path::{Path, PathBuf};

use clap::Args;
use diagrams::runtime::data::{Datapoints, Dataset, Description, Standardize, cifar, load_file};

use crate::chosen::Chosen;
use crate::population::PopulationError;

/// The options of programs about data.
#[derive(Args, Clone, Debug, Default)]
pub struct DataOptions {
    /// Folder with the official files of Fashion-MNIST (IDX), CIFAR-10 or CIFAR-100 (binary), or a file of your own with datapoints as the landscape takes them:
    /// .npy, .npz, .safetensors, comma- or tab-separated values (see docs/data.md). Without it, landscapes on Fashion-MNIST use a sample inside the
    /// library. Those on CIFAR need it, and take one of its files, too. The others draw standard normals, or take a file of one number for each datapoint.
    #[arg(long, value_name = "PATH", value_parser = crate::options::path)]
    pub data: Option<PathBuf>,

    /// Array or column of the file that has the class of each datapoint, by name or index. Without it, it is the one called y or label. Networks with
    /// another loss than the cross entropy take numbers, of several columns if their names are separated by commas.
    #[arg(long, value_name = "COLUMN", requires = "data")]
    pub label: Option<String>,

    /// Factor of the features of the file, as a number or a fraction: 1/255 for bytes of images.
    #[arg(long, value_name = "FACTOR", requires = "data", value_parser = factor, allow_negative_numbers = true)]
    pub scale: Option<f64>,

    /// Bring each feature of the file to mean 0 and standard deviation 1, by its own moments.
    #[arg(long, requires = "data")]
    pub standardize: bool,
}

/// A number or a fraction.
fn factor(text: &str) -> Result<f64, String> {
    let number = |text: &str| {
        let number = text.trim().parse::<f64>();
        number.map_err(|_| format!("{text:?} is not a number"))
    };
    match text.split_once('/') {
        Some((above, below)) => Ok(number(above)? / number(below)?),
        None => number(text),
    }
}

impl DataOptions {
    /// The options with a folder alone.
    pub fn folder(data: Option<&Path>) -> Self {
        DataOptions {
            data: data.map(Into::into),
            ..DataOptions::default()
        }
    }

    /// Reads the data, if they are those of a file.
    ///
    /// # Errors
    /// [`PopulationError`] if the file cannot be read, if it does not have as many numbers as the landscape takes, or if the data are not those of a
    /// file, but there are options that only files have.
    pub fn file(&self, landscape: &Chosen) -> Result<Option<Datapoints<f64>>, PopulationError> {
        let of_cifar = matches!(
            landscape.dataset(),
            Some(Dataset::Cifar | Dataset::Cifar100(_))
        );
        let mut file = self.data.as_deref().filter(|path| path.is_file());
        if let Some(path) = file
            && of_cifar
            && cifar::recognize(path)?.is_some()
        {
            file = None;
        }
        let Some(file) = file else {
            let of_files = [
                ("--label", self.label.is_some()),
                ("--scale", self.scale.is_some()),
                ("--standardize", self.standardize),
            ];
            return match of_files.iter().find(|(_, given)| *given) {
                Some((option, _)) => Err(PopulationError::NeedsFile { option }),
                None => Ok(None),
            };
        };
        let Some(label) = landscape.label(self.label.as_deref()) else {
            return Err(PopulationError::NoLabels {
                landscape: landscape.to_string(),
            });
        };
        let description = Description {
            label,
            scale: self.scale.unwrap_or(1.0),
            standardize: if self.standardize {
                Standardize::ByOwnMoments
            } else {
                Standardize::Never
            },
            ..Description::default()
        };
        let data = load_file::<f64>(file, &description)?;
        if data.samples.width() != landscape.input_width() {
            return Err(PopulationError::Width {
                file: file.into(),
                landscape: landscape.to_string(),
                features: data.features,
                labels: data.labels,
                expected: landscape.input_width(),
            });
        }
        Ok(Some(data))
    }
}
