//! Saved outputs of the JAX programs as a file of measurements.

mod row;

use std::path::PathBuf;

use crate::measured::{Measured, MeasuredError, Record};
use crate::work;
use row::{Line, Product, Row, RowError};

/// The outputs, and what they do not say.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The programs' standard outputs.
    pub outputs: Vec<PathBuf>,
    /// Of JAX.
    pub version: String,
    /// How the programs were run.
    pub commands: Vec<String>,
    /// When, as YYYY-MM-DD; today if not given.
    pub date: Option<String>,
    /// The file to write.
    pub out: PathBuf,
}

/// Why there is no file of measurements.
#[derive(Debug, thiserror::Error)]
pub enum JaxError {
    /// An output cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line starts like a row of a program and is none.
    #[error("{}:{line}: {reason}", path.display())]
    Row {
        /// Of which output.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// None of the outputs is one of a JAX program.
    #[error("no row of a JAX program in the outputs")]
    Nothing,
    /// The file cannot be written.
    #[error("{0}")]
    Out(String),
}

/// Writes the file. Of several ways to do a work, the fastest counts.
///
/// # Errors
///
/// [`JaxError`].
pub fn jax(saved: &Saved) -> Result<(), JaxError> {
    let (mut rows, mut products) = (vec![], vec![]);
    for path in &saved.outputs {
        let text = std::fs::read_to_string(path).map_err(|source| JaxError::File {
            path: path.clone(),
            source,
        })?;
        for (index, line) in text.lines().enumerate() {
            match row::parse(line) {
                Ok(Line::Row(row)) => rows.push(row),
                Ok(Line::Product(product)) => products.push(product),
                Ok(Line::Other) => {}
                Err(RowError(reason)) => {
                    return Err(JaxError::Row {
                        path: path.clone(),
                        line: index + 1,
                        reason,
                    });
                }
            }
        }
    }
    let mut measured = best(&rows, &products, &saved.version).ok_or(JaxError::Nothing)?;
    measured.commands.clone_from(&saved.commands);
    if let Some(date) = &saved.date {
        measured.date.clone_from(date);
    }
    measured
        .write(&saved.out)
        .map_err(|error: MeasuredError| JaxError::Out(error.to_string()))
}

/// The fastest row of each work; none if there is no row of a known work.
fn best(rows: &[Row], products: &[Product], version: &str) -> Option<Measured> {
    let threads = rows.iter().map(|row| row.devices).max()?;
    let mut measured = Measured::today(&format!("JAX {version}"), "", threads);
    for row in rows {
        let Some(work) = name(row) else { continue };
        let record = Record {
            flops_per_item: work::flops(&work),
            work,
            precision: row.precision.clone(),
            items: (row.rate * row.median).round(),
            unit: Some(unit(row).to_owned()),
            median_seconds: row.median,
            min_seconds: row.median * row.rate / row.fastest,
            max_seconds: row.median * row.rate / row.slowest,
            target_ratio: None,
            note: Some(row.way.clone()),
        };
        let rate = |record: &Record| record.items / record.median_seconds;
        let known = measured
            .records
            .iter_mut()
            .find(|known| known.work == record.work && known.precision == record.precision);
        match known {
            Some(known) if rate(known) < rate(&record) => *known = record,
            Some(_) => {}
            None => measured.records.push(record),
        }
    }
    for product in products.iter().filter(|product| product.threads == threads) {
        let known = measured.gemm_gflops.entry(product.precision.clone());
        let known = known.or_insert(0.0);
        *known = known.max(product.gflops);
    }
    (!measured.records.is_empty()).then_some(measured)
}

/// The work that a row belongs to, if it is compared.
fn name(row: &Row) -> Option<String> {
    if let Some(points) = row.test_points {
        return Some(work::trial_steps(points));
    }
    let name = match row.what.as_str() {
        "per-sample gradient" => work::GRADIENTS,
        "mean gradient" => work::MEAN_GRADIENT,
        "mean HVP" => work::MEAN_HVP,
        "per-sample HVP, own v" => work::HVPS,
        "grad d2l[u,v] own u,v" => work::MIXED,
        _ => return None,
    };
    Some(name.to_owned())
}

fn unit(row: &Row) -> &'static str {
    if row.test_points.is_some() {
        "trial-steps"
    } else {
        "samples"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines as the programs print them.
    const OUTPUT: &str = "\
some warning of the compiler
f32 (a) sequential trials in one jit, im2col, devices 2, test 30    1.28e+04/s [1.202e+04 - 1.3e+04]    78.125 ms  compile 1.20 s  disturbed 0
f32 (b) vmap over 8 trials, im2col, devices 2, test 30    1.795e+04/s [1.702e+04 - 1.81e+04]     8.914 ms  compile 1.91 s  disturbed 1
f32 per-sample gradient, im2col, block 4, devices 2       4.079e+04/s [3.5e+04 - 4.1e+04]    24.516 ms  compile 0.90 s  disturbed 0
f32 per-sample HVP, shared v, im2col, block 4, devices 2  3.1e+04/s [3e+04 - 3.2e+04]    32.258 ms  compile 0.90 s  disturbed 0
f32 grad d2l[u,v] own u,v, reverse outermost, im2col, block 4, devices 2   9418/s [9001 - 9500]   106.179 ms  compile 3.55 s  disturbed 0
f32 mean HVP, rows, block 100, devices 2                   4.2e+04/s [4e+04 - 4.3e+04]    23.810 ms  compile 1.00 s  disturbed 0
threads 1 float32 n=1024: median 99 GFLOP/s [90 - 101] disturbed 0
threads 2 float32 n=1024: median 190 GFLOP/s [150 - 199] disturbed 0
threads 2 float32 n=2048: median 196 GFLOP/s [180 - 198] disturbed 0
threads 2 float64 n=2048: median 104 GFLOP/s [99 - 105] disturbed 0
";

    #[test]
    fn the_fastest_way_counts() -> Result<(), JaxError> {
        let (mut rows, mut products) = (vec![], vec![]);
        for line in OUTPUT.lines() {
            match row::parse(line) {
                Ok(Line::Row(row)) => rows.push(row),
                Ok(Line::Product(product)) => products.push(product),
                Ok(Line::Other) => assert!(line.starts_with("some")),
                Err(RowError(reason)) => panic!("{line}: {reason}"),
            }
        }
        let measured = best(&rows, &products, "1.2.3").ok_or(JaxError::Nothing)?;
        assert_eq!(
            (measured.source.as_str(), measured.threads),
            ("JAX 1.2.3", 2)
        );
        assert_eq!(measured.gemm_gflops["f32"], 196.0);
        assert_eq!(measured.gemm_gflops["f64"], 104.0);
        let works: Vec<&str> = measured.records.iter().map(|r| r.work.as_str()).collect();
        let trained = work::trial_steps(30);
        assert_eq!(
            works,
            [&trained, work::GRADIENTS, work::MIXED, work::MEAN_HVP]
        );
        let trained = &measured.records[0];
        assert_eq!(trained.note.as_deref(), Some("vmap over 8 trials, im2col"));
        assert_eq!((trained.items, trained.median_seconds), (160.0, 8.914e-3));
        assert!(trained.min_seconds < trained.median_seconds);
        assert!(trained.max_seconds > trained.median_seconds);
        let mixed = &measured.records[2];
        assert_eq!(
            mixed.note.as_deref(),
            Some("reverse outermost, im2col, block 4")
        );
        assert_eq!(mixed.items, 1000.0);
        Ok(())
    }

    #[test]
    fn a_broken_row_is_an_error() {
        for line in [
            "f32 mean HVP, rows, block 100, devices 2 fast/s [4e+04 - 4.3e+04] 23.810 ms  compile 1.00 s",
            "f32 mean HVP, rows, block 100, devices 2 4.2e+04/s [4e+04] 23.810 ms  compile 1.00 s",
            "f32 mean HVP, rows, block 100 4.2e+04/s [4e+04 - 4.3e+04] 23.810 ms  compile 1.00 s",
            "threads 2 float32 n=1024: median",
        ] {
            assert!(row::parse(line).is_err(), "{line}");
        }
    }
}
