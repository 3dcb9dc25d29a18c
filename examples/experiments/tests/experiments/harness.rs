//! The harness with a toy experiment: what is finished is not run again, whatever ends a run, and outputs do not tell how often it was ended.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use diagram_experiments::device::Place;
use diagram_experiments::harness::CELLS;
use diagram_experiments::{
    AnyExperiment, Entry, Experiment, ExperimentError, Figure, Finished, Progress, Report, Scale,
    Session, Settings, Table, Verdict,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;

/// Square roots, which must survive being written to the last bit.
#[derive(Default)]
struct Roots {
    runs: AtomicUsize,
    /// Ends with an error once so many cells were run.
    fails_after: Option<usize>,
    /// Sets the flag while so many cells have been run.
    cancels_after: Option<(usize, Arc<AtomicBool>)>,
    pause: Duration,
}

#[derive(Serialize)]
struct Number {
    number: u32,
}

#[derive(Serialize, Deserialize)]
struct Root {
    root: f64,
    seed: u64,
}

const NUMBERS: u32 = 12;

impl Experiment for Roots {
    const NAME: &'static str = "roots";
    const TITLE: &'static str = "Roots";
    const CLAIM: &'static str = "Squares of roots are numbers.";
    const VERSION: u32 = 3;

    type Cell = Number;
    type Outcome = Root;

    fn cells(&self, settings: &Settings) -> Vec<Number> {
        let count = settings.scale.choose(NUMBERS, 2 * NUMBERS);
        (1..=count).map(|number| Number { number }).collect()
    }

    fn run(
        &self,
        cell: &Number,
        settings: &Settings,
        progress: &Progress,
    ) -> Result<Root, ExperimentError> {
        let run = self.runs.load(Ordering::Relaxed);
        if self.fails_after == Some(run) {
            return Err(ExperimentError::Other("enough".into()));
        }
        if let Some((after, flag)) = &self.cancels_after
            && *after == run
        {
            flag.store(true, Ordering::Relaxed);
        }
        self.runs.fetch_add(1, Ordering::Relaxed);
        progress.spinning("pause", || std::thread::sleep(self.pause));
        Ok(Root {
            root: f64::from(cell.number).sqrt(),
            seed: settings.seed,
        })
    }

    fn report(
        &self,
        _: &Settings,
        finished: &[Finished<Number, Root>],
    ) -> Result<Report, ExperimentError> {
        let mut table = Table::new("roots", "Roots", ["number", "root", "seed"]);
        let mut worst = 0.0f64;
        for one in finished {
            let number = f64::from(one.cell.number);
            assert_eq!(one.outcome.root.to_bits(), number.sqrt().to_bits());
            worst = worst.max((one.outcome.root.powi(2) - number).abs() / number);
            table.row([
                Entry::Count(one.cell.number.into()),
                one.outcome.root.into(),
                one.outcome.seed.into(),
            ]);
        }
        Ok(Report {
            // Root and square are each rounded once: 3 half units, of at most ε.
            verdicts: vec![Verdict::new(
                "squares of roots are numbers",
                format!("to {worst:e}"),
                worst <= 2.0 * f64::EPSILON,
            )],
            tables: vec![table],
            figures: vec![Figure {
                name: "nothing".into(),
                caption: "Nothing".into(),
                svg: "<svg xmlns=\"http://www.w3.org/2000/svg\"/>".into(),
            }],
            remarks: vec![],
        })
    }
}

fn session(out: &Path, seed: u64) -> Session {
    Session {
        settings: Settings {
            scale: Scale::Quick,
            seed,
            data: None,
            place: Place::default(),
        },
        out: out.into(),
        fresh: false,
        cancel: Arc::new(AtomicBool::new(false)),
    }
}

/// Runs it to the end; how many cells were run.
fn finish(session: &Session) -> usize {
    let roots = Roots::default();
    let conducted = roots.conduct(session).expect("nothing fails");
    assert_eq!(conducted.run, roots.runs.load(Ordering::Relaxed));
    assert_eq!(conducted.cells, NUMBERS as usize);
    conducted.run
}

/// All files but that of cells, without what depends on how fast they were run.
fn outputs(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let files = entries.map(|entry| {
        let name = entry.expect("an entry").file_name();
        let name = name.to_str().expect("a name").to_string();
        let text = fs::read_to_string(folder.join(&name)).expect("a file");
        let text = match name.as_str() {
            "roots.json" => without_seconds(&text),
            _ => text,
        };
        (name, text)
    });
    files.filter(|(name, _)| name != CELLS).collect()
}

fn without_seconds(json: &str) -> String {
    let mut document: Value = serde_json::from_str(json).expect("JSON");
    assert!(document["seconds"].take().is_number());
    for cell in document["cells"].as_array_mut().expect("cells") {
        assert!(cell["seconds"].take().is_number());
    }
    document.to_string()
}

fn uninterrupted() -> BTreeMap<String, String> {
    let folder = folder();
    assert_eq!(finish(&session(folder.path(), 7)), NUMBERS as usize);
    let written = outputs(folder.path());
    let names: Vec<&str> = written.keys().map(String::as_str).collect();
    assert_eq!(names, ["nothing.svg", "roots.csv", "roots.json"]);
    written
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn a_run_that_fails_goes_on_where_it_was() {
    let folder = folder();
    let session = session(folder.path(), 7);
    let failing = Roots {
        fails_after: Some(5),
        ..Roots::default()
    };
    let error = failing.conduct(&session).expect_err("it fails");
    assert_eq!(error.to_string(), "enough");
    assert_eq!(outputs(folder.path()), BTreeMap::new());
    assert_eq!(finish(&session), NUMBERS as usize - 5);
    assert_eq!(outputs(folder.path()), uninterrupted());
}

#[test]
fn a_run_that_is_cancelled_drops_the_cell_under_way_alone() {
    let folder = folder();
    let mut session = session(folder.path(), 7);
    let cancelled = Roots {
        cancels_after: Some((4, Arc::clone(&session.cancel))),
        ..Roots::default()
    };
    let error = cancelled.conduct(&session).expect_err("it is cancelled");
    assert!(
        matches!(
            error,
            ExperimentError::Interrupted {
                finished: 4,
                cells: 12,
                ..
            }
        ),
        "{error}"
    );
    session.cancel = Arc::new(AtomicBool::new(false));
    assert_eq!(finish(&session), NUMBERS as usize - 4);
    assert_eq!(outputs(folder.path()), uninterrupted());
}

/// Not a test of its own: what the next one kills.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn slowly() {
    let out = std::env::var_os("ROOTS_OUT").expect("a folder");
    let slow = Roots {
        pause: Duration::from_millis(200),
        ..Roots::default()
    };
    let conducted = slow.conduct(&session(Path::new(&out), 7));
    assert_eq!(conducted.expect("nothing fails").cells, NUMBERS as usize);
}

#[test]
fn a_run_that_is_killed_goes_on_where_it_was() {
    let folder = folder();
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "harness::slowly", "--ignored"])
        .env("ROOTS_OUT", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let cells = folder.path().join(CELLS);
    let lines = || fs::read_to_string(&cells).map_or(0, |text| text.lines().count());
    while lines() < 3 {
        let ended = child.try_wait().expect("it can be asked");
        assert_eq!(ended, None, "it ended before it could be killed");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it is running");
    child.wait().expect("it ends");
    let kept = lines();
    assert!((3..NUMBERS as usize).contains(&kept), "{kept} cells");
    assert_eq!(outputs(folder.path()), BTreeMap::new());
    assert_eq!(finish(&session(folder.path(), 7)), NUMBERS as usize - kept);
    assert_eq!(outputs(folder.path()), uninterrupted());
}

/// Gives what cannot be written as JSON.
struct NotANumber;

impl Experiment for NotANumber {
    const NAME: &'static str = "not_a_number";
    const TITLE: &'static str = "";
    const CLAIM: &'static str = "";
    const VERSION: u32 = 1;

    type Cell = ();
    type Outcome = f64;

    fn cells(&self, _: &Settings) -> Vec<()> {
        vec![()]
    }

    fn run(&self, (): &(), _: &Settings, _: &Progress) -> Result<f64, ExperimentError> {
        Ok(f64::NAN)
    }

    fn report(&self, _: &Settings, _: &[Finished<(), f64>]) -> Result<Report, ExperimentError> {
        Ok(Report::default())
    }
}

#[test]
fn an_outcome_that_cannot_be_read_again_is_not_kept() {
    let folder = folder();
    let error = NotANumber.conduct(&session(folder.path(), 7));
    let error = error.expect_err("NaN is no JSON");
    assert!(matches!(error, ExperimentError::NotKept { .. }), "{error}");
    assert_eq!(fs::read(folder.path().join(CELLS)).expect("a file"), b"");
}

#[test]
fn data_that_are_needed_are_asked_for() {
    let folder = folder();
    let error = diagram_experiments::figure4_gap::Figure4Gap.conduct(&session(folder.path(), 7));
    let message = error.expect_err("no data").to_string();
    for word in ["figure4_gap", "--data DIR", "CIFAR-10", "data_batch_1.bin"] {
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn a_torn_line_is_dropped() {
    let folder = folder();
    let session = session(folder.path(), 7);
    finish(&session);
    let path = folder.path().join(CELLS);
    let whole = fs::read_to_string(&path).expect("cells");
    let lines: Vec<&str> = whole.lines().collect();
    let torn = format!("{}\n{}", lines[..6].join("\n"), &lines[6][..20]);
    fs::write(&path, torn).expect("a file");
    assert_eq!(finish(&session), NUMBERS as usize - 6);
    let mended = fs::read_to_string(&path).expect("cells");
    assert_eq!(mended.lines().count(), NUMBERS as usize);
    assert_eq!(outputs(folder.path()), uninterrupted());
}

#[test]
fn everything_finished_writes_the_same_bytes() {
    let folder = folder();
    let session = session(folder.path(), 7);
    finish(&session);
    let read = |name| fs::read(folder.path().join(name)).expect("a file");
    let before = ["roots.json", "roots.csv", "nothing.svg", CELLS].map(read);
    fs::remove_file(folder.path().join("roots.csv")).expect("there");
    assert_eq!(finish(&session), 0);
    assert_eq!(
        ["roots.json", "roots.csv", "nothing.svg", CELLS].map(read),
        before
    );
}

#[test]
fn cells_of_other_settings_are_kept_but_not_used() {
    let folder = folder();
    let (one, other) = (session(folder.path(), 7), session(folder.path(), 8));
    assert_eq!(finish(&one), NUMBERS as usize);
    assert_eq!(finish(&other), NUMBERS as usize);
    assert_ne!(outputs(folder.path()), uninterrupted());
    assert_eq!(finish(&one), 0);
    assert_eq!(outputs(folder.path()), uninterrupted());
}

/// Cells of another version of the experiment, another instruction set or other data are not mixed with those of this run, whatever the rest says.
#[test]
fn cells_that_were_made_otherwise_are_kept_but_not_used() {
    let folder = folder();
    let session = session(folder.path(), 7);
    let path = folder.path().join(CELLS);
    finish(&session);
    let text = fs::read_to_string(&path).expect("cells");
    let set = &text[text.find("\"instruction_set\":").expect("it is named")..];
    let set = &set[..set.find('}').expect("the end")];
    for (found, other) in [
        ("\"version\":3", "\"version\":2"),
        ("\"version\":\"", "\"version\":\"9."),
        (set, "\"instruction_set\":\"abacus\""),
        ("\"seed\":7}", "\"seed\":7},\"data\":[]"),
    ] {
        assert!(text.contains(found), "{found} is not in {text}");
        let other: String = text
            .lines()
            .map(|line| with_checksum(&line.replacen(found, other, 1)) + "\n")
            .collect();
        fs::write(&path, &other).expect("a file");
        let run = finish(&session);
        // Without files of data is the same as none.
        let expected = if found.contains("seed") {
            0
        } else {
            NUMBERS as usize
        };
        assert_eq!(run, expected, "{found}");
        let kept = fs::read_to_string(&path).expect("cells");
        assert!(kept.starts_with(&other));
    }
}

/// The line with the checksum that its contents have.
fn with_checksum(line: &str) -> String {
    let (contents, _) = line.split_once(",\"crc32\":").expect("a checksum");
    let crc = contents.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    });
    format!("{contents},\"crc32\":\"{:08x}\"}}", !crc)
}

/// No bit of a record can change without being noticed: the run ends with an error, or runs the cell again.
#[test]
fn damaged_records_are_noticed() {
    let folder = folder();
    let session = session(folder.path(), 7);
    finish(&session);
    let path = folder.path().join(CELLS);
    let whole = fs::read(&path).expect("cells");
    for flip in 0..150 {
        let bit = flip * 8 * whole.len() / 150 + flip % 8;
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, &damaged).expect("a file");
        match Roots::default().conduct(&session) {
            Err(ExperimentError::Damaged { .. } | ExperimentError::Line { .. }) => {
                assert_eq!(fs::read(&path).expect("still there"), damaged);
            }
            Err(error) => panic!("bit {bit}: {error}"),
            Ok(conducted) => assert!(conducted.run > 0, "bit {bit} passed"),
        }
    }
}

#[test]
fn cells_of_the_first_format_stay_and_are_run_again() {
    let folder = folder();
    let path = folder.path().join(CELLS);
    let old = "{\"of\":{\"experiment\":\"roots\",\"version\":3,\"settings\":{\"scale\":\"quick\",\"seed\":7,\"data\":null}},\
        \"finished\":{\"cell\":{\"number\":1},\"outcome\":{\"root\":5.0,\"seed\":7},\"seconds\":0.1}}\n";
    fs::write(&path, old).expect("a file");
    assert_eq!(finish(&session(folder.path(), 7)), NUMBERS as usize);
    assert!(fs::read_to_string(&path).expect("cells").starts_with(old));
}

/// Reads a folder of data.
struct Reader;

impl Experiment for Reader {
    const NAME: &'static str = "reader";
    const TITLE: &'static str = "";
    const CLAIM: &'static str = "";
    const VERSION: u32 = 1;
    const DATA: Option<&'static str> = Some("a folder");

    type Cell = ();
    type Outcome = u32;

    fn cells(&self, _: &Settings) -> Vec<()> {
        vec![()]
    }

    fn run(&self, (): &(), _: &Settings, _: &Progress) -> Result<u32, ExperimentError> {
        Ok(1)
    }

    fn report(&self, _: &Settings, _: &[Finished<(), u32>]) -> Result<Report, ExperimentError> {
        Ok(Report::default())
    }
}

/// Cells of old data and cells of new data never meet in one figure.
#[test]
fn cells_of_data_that_have_changed_are_run_again() {
    let (folder, data) = (folder(), folder());
    let mut session = session(folder.path(), 7);
    session.settings.data = Some(data.path().into());
    let conduct = || Reader.conduct(&session).expect("nothing fails").run;
    for name in [
        "data_batch_1.bin",
        "train-labels-idx1-ubyte",
        "train-images-idx3-ubyte",
    ] {
        fs::write(data.path().join(name), [1, 2, 3]).expect("a file");
        conduct();
        assert_eq!(conduct(), 0);
        fs::write(data.path().join(name), [1, 2, 7]).expect("a file");
        assert_eq!(
            conduct(),
            usize::from(name != "train-labels-idx1-ubyte"),
            "{name}"
        );
    }
}

#[test]
fn temporary_files_of_a_killed_run_are_removed_by_the_next() {
    let folder = folder();
    let file = diagram_experiments::files::waiting(folder.path(), "half a table").expect("a file");
    let (_, path) = file.keep().expect("as if it had been killed");
    fs::write(folder.path().join(".tmp-of-mine"), "precious").expect("a file");
    finish(&session(folder.path(), 7));
    assert!(!path.exists());
    assert!(folder.path().join(".tmp-of-mine").exists());
}

/// What runs do where the file system has no locks.
#[test]
fn a_file_takes_the_place_of_a_lock() {
    use diagram_experiments::lock::{Claim, is_missing};
    for (code, missing) in [(38, true), (95, true), (5, false), (28, false)] {
        let error = std::io::Error::from_raw_os_error(code);
        assert_eq!(is_missing(&error), missing, "{error}");
    }
    let folder = folder();
    let path = folder.path().join("cells.lock");
    let refused = || Claim::make(&path).expect_err("it is taken").to_string();
    let claim = Claim::make(&path).expect("nobody has it");
    let process = format!("process {}", std::process::id());
    let message = refused();
    assert!(message.contains(&process), "{message}");
    assert!(message.ends_with("which is running"), "{message}");
    let text = fs::read_to_string(&path).expect("a file");
    drop(claim);
    assert!(!path.exists());
    // Of a run that was killed: no process has a number as large.
    fs::write(
        &path,
        text.replace(&std::process::id().to_string(), "999999999"),
    )
    .expect("a file");
    let message = refused();
    assert!(
        message.ends_with("which is not running any more: remove the file"),
        "{message}"
    );
    fs::write(&path, "elsewhere 12\n").expect("a file");
    let message = refused();
    assert!(
        message.contains("process 12 on elsewhere; if that is not"),
        "{message}"
    );
    fs::remove_file(&path).expect("there");
    Claim::make(&path).expect("it is free again");
}

/// A cell that is cancelled has a part of its trials, in which nothing may be looked up.
#[test]
fn an_experiment_of_many_parts_can_be_cancelled() {
    for pause in [20, 150] {
        let folder = folder();
        let session = session(folder.path(), 7);
        let cancel = Arc::clone(&session.cancel);
        let waiting = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(pause));
            cancel.store(true, Ordering::Relaxed);
        });
        let error = diagram_experiments::stic_selection::SticSelection.conduct(&session);
        let error = error.expect_err("it is cancelled");
        assert!(
            matches!(error, ExperimentError::Interrupted { .. }),
            "{error}"
        );
        waiting.join().expect("it only waits");
    }
}

#[test]
fn fresh_forgets_what_these_settings_finished() {
    let folder = folder();
    let (mut one, other) = (session(folder.path(), 7), session(folder.path(), 8));
    finish(&one);
    finish(&other);
    one.fresh = true;
    assert_eq!(finish(&one), NUMBERS as usize);
    one.fresh = false;
    assert_eq!((finish(&one), finish(&other)), (0, 0));
}

#[test]
fn a_file_of_cells_that_is_something_else_is_left_alone() {
    let folder = folder();
    let path = folder.path().join(CELLS);
    let mut file = fs::File::create(&path).expect("a file");
    file.write_all(b"precious\n").expect("written");
    let error = Roots::default().conduct(&session(folder.path(), 7));
    let message = error.expect_err("no cells").to_string();
    assert!(message.contains("line 1"), "{message}");
    assert_eq!(fs::read(&path).expect("still there"), b"precious\n");
}

#[test]
fn a_folder_has_one_run_at_a_time() {
    let folder = folder();
    let file = fs::File::create(folder.path().join(CELLS)).expect("a file");
    file.lock().expect("nobody else has it");
    let error = Roots::default().conduct(&session(folder.path(), 7));
    let error = error.expect_err("another run");
    assert!(matches!(error, ExperimentError::InUse { .. }), "{error}");
}
