//! A process for each way to spread work, and the faster of them for each work.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{FrameworkError, SOURCES, Spread};
use crate::measured::Measured;

/// Compares each framework with a plain implementation, times it, and writes its file of measurements into a folder.
///
/// A work is done in several ways: convolutions by the framework or as matrix products, several sizes of blocks, threads of the
/// framework or a block for each core. The fastest is timed again, more often, and counts. The calling program must call
/// [`measure_part`](super::measure_part) when it is started with `--spread`.
///
/// # Errors
///
/// [`FrameworkError`].
pub fn measure(folder: &Path) -> Result<Vec<PathBuf>, FrameworkError> {
    let threads = rayon::current_num_threads();
    let scratch = folder.join("parts");
    let mut parts = vec![];
    for spread in Spread::ALL {
        let (argument, inside) = match spread {
            Spread::Cores => ("cores", 1),
            Spread::Framework => ("framework", threads),
        };
        let part = scratch.join(argument);
        std::fs::create_dir_all(&part)?;
        let status = Command::new(std::env::current_exe()?)
            .arg("--out")
            .arg(&part)
            .args(["--spread", argument, "--threads", &threads.to_string()])
            .env("RAYON_NUM_THREADS", inside.to_string())
            .status()?;
        if !status.success() {
            return Err(FrameworkError::Part(spread.name()));
        }
        parts.push(part);
    }
    let mut files = vec![];
    for (name, _) in SOURCES {
        let name = format!("{name}.json");
        let mut best: Option<Measured> = None;
        for part in &parts {
            let measured = Measured::read(&part.join(&name))?;
            best = Some(match best {
                Some(best) => faster(best, measured),
                None => measured,
            });
        }
        let path = folder.join(&name);
        best.ok_or(FrameworkError::NoWay)?.write(&path)?;
        files.push(path);
    }
    std::fs::remove_dir_all(&scratch)?;
    Ok(files)
}

/// The faster record of each work. What can be done in one way is not unsupported.
fn faster(mut a: Measured, b: Measured) -> Measured {
    for record in b.records {
        let same = a.records.iter_mut().find(|old| old.work == record.work);
        match same {
            Some(old) if record.median_seconds / record.items < old.median_seconds / old.items => {
                *old = record;
            }
            Some(_) => {}
            None => a.records.push(record),
        }
    }
    for (precision, gflops) in b.gemm_gflops {
        let best = a.gemm_gflops.entry(precision).or_insert(0.0);
        *best = best.max(gflops);
    }
    let records = &a.records;
    a.unsupported
        .retain(|unsupported| records.iter().all(|record| record.work != unsupported.work));
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measured::{Record, Unsupported};

    fn part(records: &[(&str, f64)], unsupported: &[&str], gflops: f64) -> Measured {
        let mut measured = Measured::today("a source", "run", 2);
        measured.gemm_gflops.insert("f32".to_owned(), gflops);
        measured.records = records
            .iter()
            .map(|&(work, seconds)| Record {
                work: work.to_owned(),
                precision: "f32".to_owned(),
                items: 10.0,
                unit: None,
                median_seconds: seconds,
                min_seconds: seconds,
                max_seconds: seconds,
                flops_per_item: None,
                target_ratio: None,
                note: None,
            })
            .collect();
        measured.unsupported = unsupported
            .iter()
            .map(|&work| Unsupported {
                work: work.to_owned(),
                reason: "no reason".to_owned(),
            })
            .collect();
        measured
    }

    #[test]
    fn the_faster_of_both_counts() {
        let a = part(&[("x", 1.0), ("y", 2.0)], &["z", "w"], 100.0);
        let b = part(&[("x", 3.0), ("y", 1.5), ("z", 5.0)], &["w"], 90.0);
        let merged = faster(a, b);
        let times: Vec<(&str, f64)> = merged
            .records
            .iter()
            .map(|record| (record.work.as_str(), record.median_seconds))
            .collect();
        assert_eq!(times, [("x", 1.0), ("y", 1.5), ("z", 5.0)]);
        let cannot: Vec<&str> = merged.unsupported.iter().map(|u| &*u.work).collect();
        assert_eq!(cannot, ["w"]);
        assert_eq!(merged.gemm_gflops["f32"], 100.0);
    }
}
