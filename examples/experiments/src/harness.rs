//! Runs experiments: reads the cells that are finished, runs and stores the others, and writes the results of all.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use crate::digest::{self, FileDigest};
use crate::error::ExperimentError;
use crate::experiment::{Experiment, Finished, Settings};
use crate::files::{self, replace};
use crate::interrupt::keeping;
use crate::ledger::{Key, Ledger, Record};
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::report::{Report, Verdict};

/// The name of the file of finished cells in the output folder.
pub const CELLS: &str = "cells.jsonl";

/// A run of an experiment: its settings, its output folder, and how it is cancelled.
#[derive(Clone, Debug)]
pub struct Session {
    /// The settings that the outcomes of cells depend on.
    pub settings: Settings,
    /// The output folder.
    pub out: PathBuf,
    /// Whether to run all cells again, even those that are finished.
    pub fresh: bool,
    /// A flag that is set to end the run as soon as possible. Cells that are finished by then are kept.
    pub cancel: Arc<AtomicBool>,
}

/// An [`Experiment`] behind a pointer, without the types of its cells and outcomes. Every experiment is one.
pub trait AnyExperiment: Sync {
    /// [`Experiment::NAME`].
    fn name(&self) -> &'static str;
    /// [`Experiment::TITLE`].
    fn title(&self) -> &'static str;
    /// [`Experiment::CLAIM`].
    fn claim(&self) -> &'static str;
    /// [`Experiment::DATA`].
    fn data(&self) -> Option<&'static str>;
    /// Runs the cells that are not finished, writes the results to the output folder, and returns them.
    ///
    /// # Errors
    /// Any [`ExperimentError`]. After [`ExperimentError::Interrupted`] the same call goes on with the remaining cells.
    fn conduct(&self, session: &Session) -> Result<Conducted, ExperimentError>;
}

/// The results of an experiment that has been run.
#[derive(Clone, Debug)]
pub struct Conducted {
    /// [`Experiment::NAME`].
    pub name: &'static str,
    /// [`Experiment::TITLE`].
    pub title: &'static str,
    /// [`Experiment::CLAIM`].
    pub claim: &'static str,
    /// The settings that the outcomes of cells depend on.
    pub settings: Settings,
    /// The number of cells.
    pub cells: usize,
    /// The number of cells that this call ran.
    pub run: usize,
    /// The wall time of all cells in seconds, including those that earlier calls ran.
    pub seconds: f64,
    /// The report on all cells.
    pub report: Report,
}

impl<E: Experiment> AnyExperiment for E {
    fn name(&self) -> &'static str {
        E::NAME
    }

    fn title(&self) -> &'static str {
        E::TITLE
    }

    fn claim(&self) -> &'static str {
        E::CLAIM
    }

    fn data(&self) -> Option<&'static str> {
        E::DATA
    }

    fn conduct(&self, session: &Session) -> Result<Conducted, ExperimentError> {
        let settings = checked::<E>(&session.settings)?;
        let data = settings.data.as_deref().map(digest::of_folder);
        let key = Key {
            experiment: E::NAME.into(),
            version: E::VERSION,
            made_with: Provenance::here()?,
            settings: settings.clone(),
            data: data.transpose()?.unwrap_or_default(),
        };
        let folder = &session.out;
        let failed = |source| ExperimentError::File {
            path: folder.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        let mut ledger = Ledger::open(folder.join(CELLS), key.clone())?;
        // The lock of the ledger says that no other run is writing here.
        files::remove_waiting(folder, Duration::ZERO).map_err(failed)?;
        if session.fresh {
            ledger.forget()?;
        }
        let sweep = Sweep {
            experiment: self,
            settings: &settings,
            key: &key,
        };
        let (records, run) = sweep.records(&mut ledger, session)?;
        sweep.conclude(&records, run, folder)
    }
}

/// The settings that are stored with the cells: without a data folder that the experiment does not read, and with the canonical path of one that it
/// reads.
fn checked<E: Experiment>(settings: &Settings) -> Result<Settings, ExperimentError> {
    let mut settings = settings.clone();
    if E::DATA.is_none() {
        settings.data = None;
    } else {
        let given = settings.data_of::<E>()?;
        let path = given
            .canonicalize()
            .map_err(|source| ExperimentError::File {
                path: given.into(),
                source,
            })?;
        if path.to_str().is_none() {
            return Err(ExperimentError::NotUtf8 { path });
        }
        settings.data = Some(path);
    }
    Ok(settings)
}

/// An experiment with the settings that it is run with.
struct Sweep<'a, E> {
    experiment: &'a E,
    settings: &'a Settings,
    key: &'a Key,
}

impl<E: Experiment> Sweep<'_, E> {
    /// The records of all cells, in order, and the number of cells that had to be run.
    fn records(
        &self,
        ledger: &mut Ledger,
        session: &Session,
    ) -> Result<(Vec<Record>, usize), ExperimentError> {
        let cells = self.experiment.cells(self.settings);
        let progress = Progress::new(E::NAME, cells.len(), Arc::clone(&session.cancel))?;
        let mut records = vec![];
        let mut run = 0;
        for cell in &cells {
            let name = serde_json::to_value(cell)?;
            if ledger.find(&name).is_none() {
                if progress.cancelled() {
                    return Err(interrupted::<E>(records.len(), cells.len()));
                }
                let start = Instant::now();
                let outcome = self.experiment.run(cell, self.settings, &progress);
                if progress.cancelled() {
                    return Err(interrupted::<E>(records.len(), cells.len()));
                }
                let record = Record {
                    cell: name.clone(),
                    outcome: readable::<E>(outcome?)?,
                    seconds: start.elapsed().as_secs_f64(),
                };
                keeping(|| ledger.keep(record))?;
                run += 1;
            }
            records.extend(ledger.find(&name).cloned());
            progress.cell_finished();
        }
        Ok((records, run))
    }

    /// Makes the report from the outcomes as they are stored, so that it does not depend on when the cells were run, and writes the results.
    fn conclude(
        &self,
        records: &[Record],
        run: usize,
        folder: &Path,
    ) -> Result<Conducted, ExperimentError> {
        let cells = self.experiment.cells(self.settings);
        let finished: Vec<Finished<E::Cell, E::Outcome>> = cells
            .into_iter()
            .zip(records)
            .map(|(cell, record)| {
                let outcome = serde_json::from_value(record.outcome.clone()).map_err(|source| {
                    ExperimentError::Outcome {
                        experiment: E::NAME,
                        source,
                    }
                })?;
                Ok(Finished {
                    cell,
                    outcome,
                    seconds: record.seconds,
                })
            })
            .collect::<Result<_, ExperimentError>>()?;
        let conducted = Conducted {
            name: E::NAME,
            title: E::TITLE,
            claim: E::CLAIM,
            settings: self.settings.clone(),
            cells: records.len(),
            run,
            seconds: records.iter().map(|record| record.seconds).sum(),
            report: self.experiment.report(self.settings, &finished)?,
        };
        keeping(|| write(&conducted, records, self.key, folder))?;
        Ok(conducted)
    }
}

/// An outcome as JSON, after a check that it can be read again.
fn readable<E: Experiment>(outcome: E::Outcome) -> Result<Value, ExperimentError> {
    let not_kept = |source| ExperimentError::NotKept {
        experiment: E::NAME,
        source,
    };
    let value = serde_json::to_value(outcome).map_err(not_kept)?;
    serde_json::from_value::<E::Outcome>(value.clone()).map_err(not_kept)?;
    Ok(value)
}

fn interrupted<E: Experiment>(finished: usize, cells: usize) -> ExperimentError {
    ExperimentError::Interrupted {
        experiment: E::NAME,
        finished,
        cells,
    }
}

/// The content of the JSON file of results.
#[derive(Serialize)]
struct Document<'a> {
    experiment: &'static str,
    title: &'static str,
    claim: &'static str,
    /// The version of the experiment.
    format: u32,
    provenance: &'a Provenance,
    settings: &'a Settings,
    /// The files of data that are not in the library.
    #[serde(skip_serializing_if = "<[FileDigest]>::is_empty")]
    data: &'a [FileDigest],
    verdicts: &'a [Verdict],
    remarks: &'a [String],
    seconds: f64,
    cells: &'a [Record],
}

/// Writes the JSON file, the tables and the figures.
fn write(
    conducted: &Conducted,
    cells: &[Record],
    key: &Key,
    folder: &Path,
) -> Result<(), ExperimentError> {
    let Report {
        verdicts,
        tables,
        figures,
        remarks,
    } = &conducted.report;
    let document = Document {
        experiment: conducted.name,
        title: conducted.title,
        claim: conducted.claim,
        format: key.version,
        provenance: &key.made_with,
        settings: &conducted.settings,
        data: &key.data,
        verdicts,
        remarks,
        seconds: conducted.seconds,
        cells,
    };
    let json = serde_json::to_string_pretty(&document)? + "\n";
    let mut contents = vec![(format!("{}.json", conducted.name), json)];
    for (at, table) in tables.iter().enumerate() {
        let name = match at {
            0 => format!("{}.csv", conducted.name),
            _ => format!("{}_{}.csv", conducted.name, table.name),
        };
        contents.push((name, table.csv()?));
    }
    for figure in figures {
        contents.push((format!("{}.svg", figure.name), figure.svg.clone()));
    }
    for (name, content) in contents {
        replace(folder, &name, &content).map_err(|source| ExperimentError::File {
            path: folder.join(&name),
            source,
        })?;
    }
    Ok(())
}
