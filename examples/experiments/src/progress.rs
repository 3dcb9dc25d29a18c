//! Progress bars on standard error, which are shown only if it is a terminal, and the flag that cancels an experiment.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use diagrams::runtime::simulate::Control;
use indicatif::style::TemplateError;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::error::ExperimentError;

/// The time between two updates of a spinner.
const TICK: Duration = Duration::from_millis(120);

/// A spinner with a message.
pub fn spinner(words: impl Into<std::borrow::Cow<'static, str>>) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(words);
    spinner.enable_steady_tick(TICK);
    spinner
}

/// A progress bar for `count` trials.
///
/// # Errors
/// [`TemplateError`] if the template of the bar is wrong, which is a mistake in this program.
pub fn trials(count: usize) -> Result<ProgressBar, TemplateError> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} trials, {eta} left")?;
    Ok(ProgressBar::new(count as u64).with_style(style))
}

/// Two progress bars: one for the cells of an experiment, and one for the present cell.
pub struct Progress {
    bars: MultiProgress,
    cells: ProgressBar,
    counted: ProgressStyle,
    cancel: Arc<AtomicBool>,
}

impl Progress {
    /// The bars of an experiment before its first cell. Once the flag `cancel` is set, a cell should end as soon as it can.
    ///
    /// # Errors
    /// [`TemplateError`] if the template of a bar is wrong, which is a mistake in this program.
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

    /// Whether the experiment is cancelled, so that the outcome of the present cell will not be kept.
    pub fn cancelled(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Shows a spinner with a message while `work` is done.
    pub fn spinning<R>(&self, what: &'static str, work: impl FnOnce() -> R) -> R {
        let bar = self.bars.add(ProgressBar::new_spinner().with_message(what));
        bar.enable_steady_tick(TICK);
        let result = work();
        bar.finish_and_clear();
        result
    }

    /// Shows a bar of `steps` steps while `work` is done. `work` reports its progress to the [`Control`], which also cancels it, as a simulation
    /// does.
    ///
    /// # Errors
    /// The error of `work`, or [`ExperimentError::Cancelled`] in place of what it gives if it was cancelled: that may be a part of what was asked for, in
    /// which nothing may be looked up.
    pub fn counting<R, E: Into<ExperimentError>>(
        &self,
        what: &'static str,
        steps: usize,
        work: impl FnOnce(Control<'_>) -> Result<R, E>,
    ) -> Result<R, ExperimentError> {
        let bar = ProgressBar::new(steps as u64)
            .with_style(self.counted.clone())
            .with_message(what);
        let bar = self.bars.add(bar);
        let result = work(Control {
            progress: &|done| bar.set_position(bar.position().max(done as u64)),
            cancel: &self.cancel,
        });
        bar.finish_and_clear();
        if self.cancelled() {
            return Err(ExperimentError::Cancelled);
        }
        result.map_err(Into::into)
    }

    /// Shows that one more cell is finished.
    pub(crate) fn cell_finished(&self) {
        self.cells.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.cells.finish_and_clear();
    }
}
