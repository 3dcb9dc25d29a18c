//! The weights at which the training runs end, as files that `--theta` takes.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use diagram_experiments::chosen::Chosen;
use diagram_experiments::files;
use diagrams::runtime::checkpoint::Format;
use diagrams::runtime::network::NetworkLandscape;
use diagrams::runtime::simulate::{FinalWeights, KeptWeights};

use super::arguments::Arguments;

/// The largest number of bytes of the weights of all trials.
const MOST_BYTES: usize = 4 << 30;

/// The files of final weights that the options ask for.
pub(crate) struct WeightFiles {
    /// The file of the mean weights with its format.
    mean: Option<(PathBuf, Format)>,
    /// The folder for a file for each trial.
    each: Option<PathBuf>,
}

impl WeightFiles {
    /// Checks the options. What they name must not be there yet.
    pub(crate) fn new(arguments: &Arguments, landscape: &Chosen) -> Result<Self, String> {
        let mean = arguments.mean_weights.as_deref();
        let mean = mean.map(|path| Ok::<_, String>((path.to_owned(), format(path, landscape)?)));
        let mean = mean.transpose()?;
        let each = arguments.final_weights.clone();
        let bytes = landscape.dimension().saturating_mul(8);
        if each.is_some() && bytes.saturating_mul(arguments.trials) > MOST_BYTES {
            return Err(format!(
                "--final-weights: {bytes} bytes for each of {} trials are more than {MOST_BYTES}; take fewer trials",
                arguments.trials
            ));
        }
        let options = [
            ("--mean-weights", arguments.mean_weights.as_deref()),
            ("--final-weights", each.as_deref()),
        ];
        for (option, path) in options {
            let Some(path) = path else { continue };
            if path.symlink_metadata().is_ok() {
                return Err(format!("{option} {}: exists already", path.display()));
            }
            if !files::folder_of(path).is_dir() {
                return Err(format!(
                    "{option} {}: there is no such folder",
                    path.display()
                ));
            }
        }
        Ok(WeightFiles { mean, each })
    }

    /// What the trials have to keep, which run at this number of learning rates: the weights at the largest.
    pub(crate) fn kept(&self, rates: usize) -> Vec<KeptWeights> {
        let kept = KeptWeights {
            rate: rates - 1,
            each: self.each.is_some(),
        };
        let is_any = self.mean.is_some() || self.each.is_some();
        is_any.then_some(kept).into_iter().collect()
    }

    /// Writes the files, and says so in words.
    pub(crate) fn write(
        &self,
        landscape: &Chosen,
        weights: &[FinalWeights],
    ) -> Result<String, String> {
        let Some(weights) = weights.first() else {
            return Ok(String::new());
        };
        let (trials, eta) = (weights.trials, weights.eta);
        if trials == 0 {
            return Ok(format!(
                "no trial ended with finite weights at η = {eta}: none are written\n"
            ));
        }
        let mut text = String::new();
        let network = landscape.network().map(NetworkLandscape::network);
        if let Some((path, format)) = &self.mean {
            match network {
                Some(network) => weights
                    .save_mean(path, network, *format)
                    .map_err(|e| format!("--mean-weights {e}"))?,
                None => save_numbers(path, &weights.mean)
                    .map_err(|e| format!("--mean-weights {}: {e}", path.display()))?,
            }
            let _ = writeln!(
                text,
                "mean weights of {trials} trials at η = {eta}: {}",
                path.display()
            );
        }
        if let Some(folder) = &self.each {
            let failed =
                |e: &dyn std::fmt::Display| format!("--final-weights {}: {e}", folder.display());
            // The folder has its name when it is complete.
            let waiting = files::draft(folder).map_err(|e| failed(&e))?;
            match network {
                Some(network) => {
                    weights
                        .save_each(waiting.path(), network, Format::Safetensors)
                        .map_err(|e| failed(&e))?;
                }
                None => {
                    for trial in &weights.each {
                        let file = waiting.path().join(format!("trial_{}.raw", trial.trial));
                        save_numbers(&file, &trial.theta).map_err(|e| failed(&e))?;
                    }
                }
            }
            fs::rename(waiting.path(), folder).map_err(|e| failed(&e))?;
            let _ = writeln!(
                text,
                "final weights of {trials} trials at η = {eta}: {}",
                folder.display()
            );
        }
        Ok(text)
    }
}

/// The format that a name stands for. Landscapes that are no networks have raw weights alone.
fn format(path: &Path, landscape: &Chosen) -> Result<Format, String> {
    let named = |endings: &str| {
        format!(
            "--mean-weights {}: the name must end with {endings}",
            path.display()
        )
    };
    match (Format::of_name(path), landscape.network()) {
        (Some(format), Some(_)) => Ok(format),
        (Some(Format::Raw), None) => Ok(Format::Raw),
        (None, Some(_)) => Err(named(".safetensors, .npy or .raw")),
        (_, None) => Err(named(".raw, since there is no network")),
    }
}

/// Writes numbers as little-endian doubles.
fn save_numbers(path: &Path, numbers: &[f64]) -> std::io::Result<()> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    let file = files::waiting(files::folder_of(path), bytes)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}
