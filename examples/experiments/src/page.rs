//! The results of many experiments as a web page, which contains its pictures and styles.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::experiment::Settings;
use crate::harness::Conducted;
use crate::provenance::Provenance;
use crate::report::{Figure, Judgement};
use crate::table;
use crate::table::Table;

/// The results of an experiment, or the reason why there are none.
pub enum Entry {
    /// The experiment was run.
    Run(Conducted),
    /// The experiment was not run, because it needs data that were not given.
    LeftOut {
        /// [`Experiment::TITLE`](crate::Experiment::TITLE).
        title: &'static str,
        /// [`Experiment::CLAIM`](crate::Experiment::CLAIM).
        claim: &'static str,
        /// A description of the data that it needs.
        needed: &'static str,
    },
}

const STYLE: &str = include_str!("page.css");

/// The web page about these experiments, as HTML.
pub fn html(settings: &Settings, provenance: &Provenance, entries: &[Entry]) -> String {
    let seconds: f64 = entries
        .iter()
        .map(|entry| match entry {
            Entry::Run(conducted) => conducted.seconds,
            Entry::LeftOut { .. } => 0.0,
        })
        .sum();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "A Space-Time Approach to Analyzing SGD: experiments" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { "Experiments on " cite { "A Space-Time Approach to Analyzing SGD" } }
                    p.facts {
                        "Scale " (settings.scale) ", seed " (settings.seed) ", " (duration(seconds)) " of computation. "
                        "diagrams " (provenance.version) ", " (provenance.compiler) ", kernels for "
                        (provenance.instruction_set) "."
                    }
                    p {
                        "Each verdict is computed from the data. Where the paper and the measurement differ, it says so."
                    }
                    (summary(entries))
                    @for entry in entries {
                        @match entry {
                            Entry::Run(conducted) => (experiment(conducted)),
                            Entry::LeftOut { title, claim, needed } => section {
                                h2 { (title) }
                                p.claim { (claim) }
                                p { "Left out: it needs " code { "--data DIR" } ", " (needed) "." }
                            },
                        }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn summary(entries: &[Entry]) -> Markup {
    html! {
        table.summary {
            thead { tr { th { "experiment" } th { "statement" } th { "measured" } th { "verdict" } } }
            tbody {
                @for entry in entries {
                    @match entry {
                        Entry::Run(conducted) => {
                            @for (at, verdict) in conducted.report.verdicts.iter().enumerate() {
                                tr {
                                    @if at == 0 {
                                        th scope="rowgroup" rowspan=(conducted.report.verdicts.len()) {
                                            a href={ "#" (conducted.name) } { (conducted.name) }
                                        }
                                    }
                                    td { (verdict.claim) }
                                    td { (verdict.measured) }
                                    td { (judgement(verdict.judgement)) }
                                }
                            }
                        }
                        Entry::LeftOut { title, .. } => tr {
                            td colspan="3" { (title) }
                            td { "left out" }
                        },
                    }
                }
            }
        }
    }
}

fn experiment(conducted: &Conducted) -> Markup {
    let report = &conducted.report;
    let summary = report.tables.first();
    html! {
        section id=(conducted.name) {
            h2 { (conducted.title) }
            p.claim { (conducted.claim) }
            ul.verdicts {
                @for verdict in &report.verdicts {
                    li {
                        (judgement(verdict.judgement)) " " strong { (verdict.claim) } br;
                        (verdict.measured)
                    }
                }
            }
            div.figures { @for shown in &report.figures { (figure(shown)) } }
            @if let Some(summary) = summary { (table_of(summary)) }
            @for remark in &report.remarks { p { (remark) } }
            @for table in report.tables.iter().skip(1) {
                details { summary { (table.caption) } (table_of(table)) }
            }
            p.facts {
                code { "cargo run --release --example " (conducted.name) " -- --scale " (conducted.settings.scale)
                    " --seed " (conducted.settings.seed)
                    @if conducted.settings.data.is_some() { " --data DIR" } }
                " · " (conducted.cells) " cells, " (duration(conducted.seconds))
            }
        }
    }
}

fn judgement(judgement: Judgement) -> Markup {
    html! { span class={ "judgement " (judgement) } { (judgement) } }
}

fn figure(figure: &Figure) -> Markup {
    html! {
        figure { (PreEscaped(&figure.svg)) figcaption { (figure.caption) } }
    }
}

fn table_of(shown: &Table) -> Markup {
    html! {
        div.wide {
            table {
                caption { (shown.caption) }
                thead { tr { @for column in &shown.columns { th { (column) } } } }
                tbody {
                    @for row in &shown.rows {
                        tr {
                            @for entry in row {
                                @match entry {
                                    table::Entry::Text(text) => td { (text) },
                                    number => td.number { (number.short()) },
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A time as text, in seconds or, from two of them on, in minutes, hours or days.
pub fn duration(seconds: f64) -> String {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 60.0 * MINUTE;
    const DAY: f64 = 24.0 * HOUR;
    match seconds {
        _ if seconds < 2.0 * MINUTE => format!("{seconds:.1} s"),
        _ if seconds < 2.0 * HOUR => format!("{:.1} min", seconds / MINUTE),
        _ if seconds < 2.0 * DAY => format!("{:.1} h", seconds / HOUR),
        _ => format!("{:.1} days", seconds / DAY),
    }
}
