//! The document about approximants, made from the results of Figure 3.

use std::fmt::Write as _;

use super::{POINTS, SUMMARY};
use crate::harness::Conducted;
use crate::markdown;

/// The document as Markdown. All numbers in it are from the results.
pub fn text(figure3: &Conducted) -> String {
    let mut text = format!(
        "# When a Padé approximant helps\n\n\
         A truncated power series of a learning curve leaves the page where its last term grows. A Padé approximant is a quotient of polynomials with the same \
         expansion: `Series::pade`. Here both are compared with the training runs of Figure 3, a convolutional network on Fashion-MNIST from many initial weights. \
         A series of order 3 has the approximants [0/2] and [1/1] of the change; those of higher degrees need the coefficient of η^4.\n\n\
         This document is written by a program; no number in it is typed by hand:\n\n\
         ```sh\ncargo run --release --example pade -- --scale {} --seed {} --document docs/pade.md\n```\n\n",
        figure3.settings.scale, figure3.settings.seed
    );
    for remark in &figure3.report.remarks {
        let _ = writeln!(text, "- {remark}");
    }
    for (name, headline) in [(SUMMARY, "All starts"), (POINTS, "Each start")] {
        let found = figure3
            .report
            .tables
            .iter()
            .find(|table| table.name == name);
        if let Some(table) = found {
            let _ = write!(text, "\n## {headline}\n\n{}", markdown::table(table));
        }
    }
    text
}
