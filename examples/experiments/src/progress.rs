//! Progress on the terminal (standard error; silent if that is no terminal), and whether to go on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diagrams::runtime::simulate::Control;
use indicatif::style::TemplateError;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

const TICK: Duration = Duration::from_millis(120);

/// A spinner beside some words.
pub fn spinner(words: impl Into<std::borrow::Cow<'static, str>>) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(words);
    spinner.enable_steady_tick(TICK);
    spinner
}

/// A bar for so many trials.
///
/// # Errors
/// None that a user could cause.
pub fn trials(count: usize) -> Result<ProgressBar, TemplateError> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} trials, {eta} left")?;
    Ok(ProgressBar::new(count as u64).with_style(style))
}

/// Two bars: cells of an experiment, and what the cell under way is doing.
pub struct Progress {
    bars: MultiProgress,
    cells: ProgressBar,
    counted: ProgressStyle,
    cancel: Arc<AtomicBool>,
}

impl Progress {
    /// No cell is finished. Once the flag is set, cells should end as soon as they can.
    ///
    /// # Errors
    /// None that a user could cause.
    pub fn new(
        experiment: &'static str,
        cells: usize,
        cancel: Arc<AtomicBool>,
    ) -> Result<Self, TemplateError> {
        let bars = MultiProgress::new();
        let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} cells, {elapsed}")?;
        let bar = ProgressBar::new(cells as u64)
            .with_style(style)
            .with_prefix(experiment);
        let cells = bars.add(bar);
        cells.enable_steady_tick(TICK);
        Ok(Progress {
            bars,
            cells,
            counted: ProgressStyle::with_template("  {msg:20} {bar:20} {pos}/{len}, {eta} left")?,
            cancel,
        })
    }

    /// Whether what is under way will be dropped.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Shows that something of no known length is going on while it does.
    pub fn spinning<R>(&self, what: &'static str, work: impl FnOnce() -> R) -> R {
        let bar = self.bars.add(ProgressBar::new_spinner().with_message(what));
        bar.enable_steady_tick(TICK);
        let result = work();
        bar.finish_and_clear();
        result
    }

    /// Shows how many of so many steps are done while something is going on that tells, and hears whether to go on: a simulation.
    pub fn counting<R>(
        &self,
        what: &'static str,
        steps: usize,
        work: impl FnOnce(Control<'_>) -> R,
    ) -> R {
        let bar = ProgressBar::new(steps as u64)
            .with_style(self.counted.clone())
            .with_message(what);
        let bar = self.bars.add(bar);
        let result = work(Control {
            progress: &|done| bar.set_position(bar.position().max(done as u64)),
            cancel: &self.cancel,
        });
        bar.finish_and_clear();
        result
    }

    /// A cell is finished.
    pub(crate) fn cell_finished(&self) {
        self.cells.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.cells.finish_and_clear();
    }
}
