//! The command lines of one experiment and of all experiments.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Parser;

use crate::ALL;
use crate::approximants;
use crate::device::{DeviceOption, Place};
use crate::digest;
use crate::error::ExperimentError;
use crate::experiment::{Scale, Settings};
use crate::figure3::Figure3;
use crate::files::{self, replace};
use crate::harness::{AnyExperiment, Conducted, Session};
use crate::interrupt;
use crate::markdown;
use crate::options::{self, MOST_THREADS};
use crate::page::{self, Entry};
use crate::provenance::Provenance;
use crate::terminal::{complain, print};

/// The name of the web page about all experiments.
pub const PAGE: &str = "report.html";

/// The name of the file with the verdicts and times as tables in Markdown.
pub const TABLES: &str = "report.md";

/// The folder for results without `--out`; one experiment uses a folder of its name in it.
const FOLDER: &str = "experiments";

/// The end of the help text.
const STATUSES: &str = "Exit status: 0, whatever the verdicts are; 2 after an error; 130 after Ctrl-C, a termination or a hangup, when the cells that had finished are kept.\n\n\
    Examples:\n  --scale full --out results    narrower bands, in a folder of your choice\n  --seed 1 --threads 4          other random draws, on four threads";

/// The options of every experiment.
#[derive(Parser)]
#[command(version, after_help = STATUSES)]
struct Arguments {
    /// How much is run: an experiment was measured to take up to a minute and a half on two cores at quick, and takes several minutes at full,
    /// which gives narrower bands.
    #[arg(long, value_enum, default_value_t = Scale::Quick)]
    scale: Scale,

    /// Seed of all random draws.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    seed: u64,

    /// Folder for the results; without it, a folder in `experiments`. Cells of the sweep that are finished in the folder are not run again.
    #[arg(long, value_name = "DIR", value_parser = options::path)]
    out: Option<PathBuf>,

    /// Folder with data.
    #[arg(long, value_name = "DIR", value_parser = options::path)]
    data: Option<PathBuf>,

    #[command(flatten)]
    device: DeviceOption,

    /// Number of threads; 0 for one on each core. Results do not depend on it.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    threads: usize,

    /// Run all cells of the sweep again, even those that are finished.
    #[arg(long)]
    fresh: bool,
}

/// The options of the program that runs all experiments.
#[derive(Parser)]
#[command(version, after_help = STATUSES)]
struct AllArguments {
    #[command(flatten)]
    each: Arguments,

    /// Markdown document in which the tables of claims and times at this scale are replaced by the new ones, such as docs/claims.md.
    #[arg(long, value_name = "FILE", value_parser = options::path)]
    claims: Option<PathBuf>,
}

/// The options of the program that compares approximants.
#[derive(Parser)]
#[command(version, after_help = STATUSES)]
struct ApproximantArguments {
    #[command(flatten)]
    each: Arguments,

    /// Markdown document to write, such as docs/pade.md.
    #[arg(long, value_name = "FILE", value_parser = options::path)]
    document: Option<PathBuf>,
}

/// Runs one experiment with the options of the command line. This is the `main` function of its example.
///
/// The exit status is 0, whatever the verdicts are; 2 after an error; 130 after Ctrl-C, when the cells that had finished are kept.
pub fn one(experiment: &dyn AnyExperiment) -> ExitCode {
    let arguments: Arguments = parse(
        experiment.name(),
        format!("{}\n\n{}", experiment.title(), experiment.claim()),
        experiment
            .data()
            .map(|needed| format!("The experiment needs {needed}.")),
    );
    ended(arguments.within(|cancel| {
        if let (None, Some(data)) = (experiment.data(), &arguments.data) {
            return Err(ExperimentError::NeedsNoData {
                experiment: experiment.name(),
                data: data.clone(),
            });
        }
        let folder = Path::new(FOLDER).join(experiment.name());
        let place = arguments.device.open()?;
        let out = arguments.out.clone().unwrap_or(folder);
        let session = arguments.session(&place, out, cancel);
        let conducted = experiment.conduct(&session)?;
        say(&text(&conducted))?;
        say(&format!("\nwritten to {}\n", session.out.display()))
    }))
}

/// Runs all experiments, each with a folder of its own for its results, and writes a web page about them. This is the `main` function of the example
/// `paper`.
///
/// The exit status is that of [`one`].
pub fn all() -> ExitCode {
    let needs = ALL.iter().filter_map(|experiment| {
        let needed = experiment.data()?;
        Some(format!("{} needs {needed}", experiment.name()))
    });
    let needs: Vec<String> = needs.collect();
    let AllArguments {
        each: arguments,
        claims,
    } = parse(
        "paper",
        "All experiments of Tenka, A Space-Time Approach to Analyzing SGD, and one page about them.".into(),
        Some(format!("Without it, experiments that need data are left out: {}.", needs.join("; "))),
    );
    ended(arguments.within(|cancel| {
        let out = arguments.out.clone().unwrap_or_else(|| FOLDER.into());
        let place = arguments.device.open()?;
        if let Some(folder) = &arguments.data {
            has_data(folder)?;
        }
        let mut entries = vec![];
        for experiment in ALL {
            if let (Some(needed), None) = (experiment.data(), &arguments.data) {
                say(&format!(
                    "{}: left out, it needs --data DIR, {needed}\n\n",
                    experiment.name()
                ))?;
                entries.push(Entry::LeftOut {
                    title: experiment.title(),
                    claim: experiment.claim(),
                    needed,
                });
                continue;
            }
            let out = out.join(experiment.name());
            let session = arguments.session(&place, out, Arc::clone(&cancel));
            let conducted = experiment.conduct(&session)?;
            say(&format!("{}\n", text(&conducted)))?;
            entries.push(Entry::Run(conducted));
        }
        let settings = arguments.settings(&place);
        let provenance = Provenance::here()?;
        for (name, content) in [
            (TABLES, markdown::text(&settings, &entries)),
            (PAGE, page::html(&settings, &provenance, &entries)),
        ] {
            fs::create_dir_all(&out)
                .and_then(|()| files::remove_waiting(&out, files::LONGEST_WAIT))
                .and_then(|()| replace(&out, name, &content))
                .map_err(|source| ExperimentError::File {
                    path: out.join(name),
                    source,
                })?;
        }
        if let Some(path) = &claims {
            update(path, &settings, &entries)?;
        }
        say(&format!("written to {}\n", out.join(PAGE).display()))
    }))
}

/// Compares Padé approximants with the series and the training runs of Figure 3. This is the `main` function of the example `pade`.
///
/// The exit status is that of [`one`].
pub fn pade() -> ExitCode {
    let ApproximantArguments {
        each: arguments,
        document,
    } = parse(
        "pade",
        "Padé approximants of the learning curves of Figure 3, beside the series and the training runs.".into(),
        None,
    );
    ended(arguments.within(|cancel| {
        let experiment: &dyn AnyExperiment = &Figure3;
        let out = arguments.out.clone();
        let out = out.unwrap_or_else(|| Path::new(FOLDER).join(experiment.name()));
        let place = arguments.device.open()?;
        let conducted = experiment.conduct(&arguments.session(&place, out, cancel))?;
        let text = approximants::document::text(&conducted);
        if let Some(path) = document {
            return write(&path, &text);
        }
        say(&text)
    }))
}

/// Checks that a folder has data, before the first of several experiments is run: the one that reads them may be the last.
fn has_data(folder: &Path) -> Result<(), ExperimentError> {
    fs::read_dir(folder).map_err(|source| ExperimentError::File {
        path: folder.into(),
        source,
    })?;
    if digest::files(folder).is_empty() {
        let needs = ALL.iter().filter_map(|experiment| experiment.data());
        return Err(ExperimentError::Other(format!(
            "--data {}: nothing that an experiment reads is there; they need {}",
            folder.display(),
            needs.collect::<Vec<_>>().join("; ")
        )));
    }
    Ok(())
}

/// Replaces the tables of a Markdown document by those of the entries.
fn update(path: &Path, settings: &Settings, entries: &[Entry]) -> Result<(), ExperimentError> {
    let failed = |source| ExperimentError::File {
        path: path.into(),
        source,
    };
    let document = fs::read_to_string(path).map_err(failed)?;
    let document = markdown::updated(&document, settings, entries)
        .map_err(|error| failed(io::Error::other(error)))?;
    write(path, &document)
}

/// Writes a document, which appears complete or not at all.
fn write(path: &Path, document: &str) -> Result<(), ExperimentError> {
    let folder = path.parent().filter(|folder| folder != &Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let written = replace(folder.unwrap_or(Path::new(".")), &name, document);
    written.map_err(|source| ExperimentError::File {
        path: path.into(),
        source,
    })
}

/// Parses the command line of the program `name`. `data` is the end of the help text of `--data`, which is hidden without it.
fn parse<A: Parser>(name: &'static str, about: String, data: Option<String>) -> A {
    let command = A::command()
        .name(name)
        .bin_name(name)
        .about(about)
        .mut_arg("data", |argument| match data {
            Some(needed) => argument.help(format!("Folder with data. {needed}")),
            None => argument.hide(true),
        });
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let matches = command.get_matches_from(arguments);
    A::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

impl Arguments {
    fn settings(&self, place: &Place) -> Settings {
        Settings {
            scale: self.scale,
            seed: self.seed,
            data: self.data.clone(),
            place: place.clone(),
        }
    }

    fn session(&self, place: &Place, out: PathBuf, cancel: Arc<AtomicBool>) -> Session {
        Session {
            settings: self.settings(place),
            out,
            fresh: self.fresh,
            cancel,
        }
    }

    /// Runs `work` on the number of threads that was asked for, with a flag that Ctrl-C sets.
    fn within<R: Send>(
        &self,
        work: impl FnOnce(Arc<AtomicBool>) -> Result<R, ExperimentError> + Send,
    ) -> Result<R, ExperimentError> {
        if self.threads > MOST_THREADS {
            return Err(ExperimentError::Other(format!(
                "--threads {}: must be from 0 to {MOST_THREADS}",
                self.threads
            )));
        }
        let notice = "ending; cells that are finished are kept. Ctrl-C again to end at once";
        let cancel = interrupt::install(notice, None).map_err(ExperimentError::Signal)?;
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()?
            .install(|| work(cancel))
    }
}

/// The exit status for a result, after an error was printed.
fn ended(result: Result<(), ExperimentError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ ExperimentError::Interrupted { .. }) => {
            complain(&error.to_string());
            ExitCode::from(interrupt::STATUS)
        }
        Err(error) => {
            complain(&format!("error: {error}"));
            ExitCode::from(2)
        }
    }
}

fn say(text: &str) -> Result<(), ExperimentError> {
    print(text).map_err(|source| ExperimentError::File {
        path: "standard output".into(),
        source,
    })
}

/// The text about an experiment for the terminal.
fn text(conducted: &Conducted) -> String {
    let report = &conducted.report;
    let mut text = format!(
        "{}: {}\n{}\n\nscale {}, seed {}; {} cells, {} of them run now; {:.1} s in all\n",
        conducted.name,
        conducted.title,
        conducted.claim,
        conducted.settings.scale,
        conducted.settings.seed,
        conducted.cells,
        conducted.run,
        conducted.seconds,
    );
    if let Some(table) = report.tables.first() {
        let _ = write!(text, "\n{}\n{}", table.caption, table.text());
    }
    text.push('\n');
    for remark in &report.remarks {
        let _ = writeln!(text, "{remark}");
    }
    for verdict in &report.verdicts {
        let _ = writeln!(
            text,
            "{:9}  {}\n           {}",
            verdict.judgement, verdict.claim, verdict.measured
        );
    }
    text
}
