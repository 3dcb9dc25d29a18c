//! Progress on the terminal (standard error; silent if that is no terminal).

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A spinner for the values.
pub(crate) fn values(count: usize, samples: usize) -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    spinner.set_message(format!("{count} values on {samples} datapoints"));
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// A bar for the trials.
pub(crate) fn trials(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    let template = "{bar:40} {pos}/{len} trials, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
