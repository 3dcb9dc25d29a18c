//! The page's sections, in order. A section without content is left out.

use super::table::{Table, bytes, number, percent, ratio};
use super::{FIRST_PEER, Group, limits};
use crate::measured::{Measured, Record};

const INTRODUCTION: &str = "\
# Benchmarks

<!-- Written by `benches/peers`; see the end of this page. Do not edit. -->

How fast the library computes beside other frameworks, on the paper's LeNet on Fashion-MNIST. All numbers are medians of repeated runs; ± is half of the range of all
runs. Every framework does the same work in the fastest of several ways that we tried. In brackets: how many times faster this library is.
A matrix product says how many floating point operations a machine does where nothing else stands in the way; *share* is the least work of what was computed, over its
time, as a share of that.
";

const REPRODUCE: &str = "\
## Measure again

On a machine that does nothing else, from the repository's root:

";

/// The last command.
const REPORT: &str = "cargo run --release --no-default-features --manifest-path benches/peers/Cargo.toml --bin report";

pub(super) fn page(groups: &[Group]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for group in groups {
        page.push_str(&format!(
            "\n## {}, {} cores, {}\n\n",
            group.machine.cpu, group.machine.cores, group.machine.instruction_set
        ));
        sources(group, &mut page);
        times(group, &mut page);
        growth(group, &mut page);
        memory(group, &mut page);
    }
    what_limits(groups, &mut page);
    ways(groups, &mut page);
    unsupported(groups, &mut page);
    reproduce(groups, &mut page);
    page
}

impl Group {
    /// Ours first.
    fn sources(&self) -> impl Iterator<Item = &Measured> {
        self.ours.iter().chain(&self.peers)
    }
}

/// Who measured when, and what the machine could do at that time.
fn sources(group: &Group, page: &mut String) {
    let mut table = Table::new(["", "date", "threads", "matrix product f32, GFLOP/s", "f64"]);
    for source in group.sources() {
        let gemm = |precision| match source.gemm_gflops.get(precision) {
            Some(&gflops) => number(gflops),
            None => String::new(),
        };
        table.row(vec![
            source.source.clone(),
            source.date.clone(),
            source.threads.to_string(),
            gemm("f32"),
            gemm("f64"),
        ]);
    }
    table.write("### Sources", page);
}

fn times(group: &Group, page: &mut String) {
    for precision in ["f32", "f64"] {
        let mut header = vec!["".to_owned()];
        if let Some(ours) = &group.ours {
            header.extend([ours.source.clone(), "share".to_owned()]);
        }
        header.extend(group.peers.iter().map(|peer| peer.source.clone()));
        let all = || group.sources().flat_map(|source| &source.records);
        let targets = all().any(|r| r.precision == precision && r.target_ratio.is_some());
        if targets {
            header.push("target".to_owned());
        }
        let mut table = Table::new(header);
        let mut done: Vec<&str> = vec![];
        for record in all().filter(|record| record.precision == precision) {
            if done.contains(&record.work.as_str()) {
                continue;
            }
            done.push(&record.work);
            table.row(row(group, record, targets));
        }
        table.write(&format!("### Times, {precision}"), page);
    }
}

/// A work in all sources.
fn row(group: &Group, any: &Record, targets: bool) -> Vec<String> {
    let find = |source: &'_ Measured| -> Option<Record> {
        let same = |record: &&Record| record.work == any.work && record.precision == any.precision;
        source.records.iter().find(same).cloned()
    };
    let unit = match &any.unit {
        Some(unit) => format!("{unit}/s"),
        None => "seconds".to_owned(),
    };
    let mut cells = vec![format!("{}, {unit}", any.work)];
    let ours = group.ours.as_ref().and_then(find);
    if let Some(source) = &group.ours {
        cells.push(ours.as_ref().map_or(String::new(), |record| {
            let spread = (record.max_seconds - record.min_seconds) / (2.0 * record.median_seconds);
            format!("**{}** ± {}", figure(record), percent(spread))
        }));
        cells.push(
            ours.as_ref()
                .and_then(|record| share(source, record))
                .unwrap_or_default(),
        );
    }
    let faster = |peer: &Record| ours.as_ref().map(|ours| speed(ours) / speed(peer));
    for peer in &group.peers {
        let cannot = peer.unsupported.iter().any(|u| u.work == any.work);
        cells.push(match find(peer) {
            Some(record) => match faster(&record) {
                Some(faster) => format!("{} ({})", figure(&record), ratio(faster)),
                None => figure(&record),
            },
            None if cannot => "cannot".to_owned(),
            None => String::new(),
        });
    }
    if targets {
        let first = group
            .peers
            .iter()
            .find(|peer| peer.source.starts_with(FIRST_PEER));
        let first = first.and_then(find);
        let reached = first.as_ref().and_then(faster);
        let target = ours.as_ref().and_then(|ours| ours.target_ratio);
        cells.push(match (target, reached) {
            (Some(target), Some(reached)) if reached >= target => {
                format!("{}, reached", ratio(target))
            }
            (Some(target), Some(_)) => format!("{}, not reached", ratio(target)),
            (Some(target), None) => ratio(target),
            (None, _) => String::new(),
        });
    }
    cells
}

/// A rate, or seconds where that is all there is to say.
fn figure(record: &Record) -> String {
    match record.unit {
        Some(_) => number(record.items / record.median_seconds),
        None => number(record.median_seconds),
    }
}

/// Items a second.
fn speed(record: &Record) -> f64 {
    record.items / record.median_seconds
}

/// Of the source's own matrix product.
fn share(source: &Measured, record: &Record) -> Option<String> {
    let gemm = source.gemm_gflops.get(&record.precision)?;
    Some(percent(speed(record) * record.flops_per_item? / 1e9 / gemm))
}

fn growth(group: &Group, page: &mut String) {
    let mut table = Table::new([
        "",
        "grows with",
        "measured power",
        "power of the cost model",
    ]);
    for growth in group.sources().flat_map(|source| &source.growth) {
        table.row(vec![
            growth.work.clone(),
            growth.quantity.clone(),
            format!(
                "{:.2} ± {:.2}",
                growth.measured_exponent, growth.standard_error
            ),
            format!("{:.2}", growth.model_exponent),
        ]);
    }
    table.write("### Growth of the time", page);
}

fn memory(group: &Group, page: &mut String) {
    let mut table = Table::new(["", "peak", "limit"]);
    for memory in group.sources().flat_map(|source| &source.memory) {
        table.row(vec![
            memory.work.clone(),
            bytes(memory.peak_bytes),
            memory.limit_bytes.map(bytes).unwrap_or_default(),
        ]);
    }
    table.write("### Memory", page);
}

fn what_limits(groups: &[Group], page: &mut String) {
    let sources = || groups.iter().flat_map(Group::sources);
    let ours = || groups.iter().flat_map(|group| &group.ours);
    let has = |work: &str| {
        ours().any(|source| {
            source
                .records
                .iter()
                .any(|record| record.work.starts_with(work))
        })
    };
    let works = limits::WORKS.iter().filter(|(work, _)| has(work));
    let peers = limits::SOURCES
        .iter()
        .filter(|(name, _)| sources().any(|source| source.source.starts_with(name)));
    let items: Vec<String> = works
        .chain(peers)
        .map(|(name, text)| format!("- **{}**: {text}\n", name.trim_end_matches(", ")))
        .collect();
    if !items.is_empty() {
        page.push_str("## What limits each\n\n");
        page.extend(items);
        page.push('\n');
    }
}

/// The fastest way of each source to do each work.
fn ways(groups: &[Group], page: &mut String) {
    let mut table = Table::new(["", "", "share", "the fastest way"]);
    for peer in groups.iter().flat_map(|group| &group.peers) {
        for record in &peer.records {
            let Some(note) = &record.note else { continue };
            table.row(vec![
                peer.source.clone(),
                format!("{}, {}", record.work, record.precision),
                share(peer, record).unwrap_or_default(),
                note.clone(),
            ]);
        }
    }
    table.write("## How the others were fastest", page);
}

fn unsupported(groups: &[Group], page: &mut String) {
    let mut table = Table::new(["", "cannot do", "because"]);
    for source in groups.iter().flat_map(Group::sources) {
        for unsupported in &source.unsupported {
            table.row(vec![
                source.source.clone(),
                unsupported.work.clone(),
                // A line break would end the table.
                unsupported.reason.replace(['\n', '|'], " "),
            ]);
        }
    }
    table.write("## What could not be measured", page);
}

fn reproduce(groups: &[Group], page: &mut String) {
    page.push_str(REPRODUCE);
    page.push_str("```sh\n");
    let mut seen: Vec<&str> = vec![];
    for source in groups.iter().flat_map(Group::sources) {
        for command in source.commands.iter().filter(|command| !command.is_empty()) {
            if !seen.contains(&command.as_str()) {
                seen.push(command);
                page.push_str(&format!("{command}\n"));
            }
        }
    }
    page.push_str(&format!("{REPORT}\n```\n"));
}
