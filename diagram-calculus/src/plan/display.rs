//! Plans and quantities as text.

use std::fmt;

use super::{Operand, Plan, QuantityId, Step};

const AXES: [&str; 8] = ["n", "m", "k", "l", "n'", "m'", "k'", "l'"];

impl Plan {
    /// A quantity as a tensor expression, with its sample axes named n, m, k, …
    ///
    /// The letters g, h, j are the first three derivatives of the loss of one sample, with one index open, and d4, d5, … are the higher ones. Capital
    /// letters are their means over all samples.
    pub fn expression(&self, quantity: QuantityId) -> String {
        let names: Vec<&str> = (0..self.quantities[quantity].rank)
            .map(|a| AXES[a % AXES.len()])
            .collect();
        self.named(quantity, &names)
    }

    /// A step as one line: its kind, the number of tuples of samples that it visits, and the expressions that it computes.
    pub fn describe(&self, step: usize) -> String {
        let step = &self.steps[step];
        let loops = match step.axes() {
            0 => "once".into(),
            1 => "n".into(),
            k => format!("n^{k}"),
        };
        let name = match step {
            Step::Loss { .. } => "loss",
            Step::Pass { .. } => "pass",
            Step::Mean { .. } => "mean",
            Step::Dot { .. } => "dot",
            Step::Product { .. } => "product",
        };
        let written: Vec<_> = step.writes().iter().map(|&q| self.expression(q)).collect();
        format!("{name:<8}{loops:<6}{}", written.join(",  "))
    }

    fn named(&self, quantity: QuantityId, names: &[&str]) -> String {
        match &self.steps[self.quantities[quantity].step] {
            Step::Loss { mean, .. } if *mean == Some(quantity) => "L".into(),
            Step::Loss { .. } => format!("l_{}", names[0]),
            Step::Pass {
                axes,
                sample,
                directions,
                outputs,
            } => {
                let output = outputs
                    .iter()
                    .find(|o| o.quantity == quantity)
                    .expect("written by this step");
                let skipped = output.mean.then_some(*sample);
                let loops = loop_names(*axes, names, |a| Some(a) != skipped);
                let mut arguments = vec![];
                for (direction, &power) in directions.iter().zip(output.powers.iter()) {
                    for _ in 0..power {
                        arguments.push(self.operand(direction, &loops));
                    }
                }
                let order = 1 + arguments.len();
                // H[v] is the mean Hessian applied to a vector. If the vector depends on the same sample, the mean is written as E h_n[v_n].
                let own = directions
                    .iter()
                    .zip(output.powers.iter())
                    .any(|(d, &p)| p > 0 && d.axes.contains(sample));
                let prefix = if output.mean && own { "E " } else { "" };
                let symbol = match (order, output.mean && !own) {
                    (1, true) => "G".into(),
                    (2, true) => "H".into(),
                    (3, true) => "J".into(),
                    (_, true) => format!("D{order}"),
                    (1, false) => format!("g_{}", loops[*sample]),
                    (2, false) => format!("h_{}", loops[*sample]),
                    (3, false) => format!("j_{}", loops[*sample]),
                    (_, false) => format!("d{order}_{}", loops[*sample]),
                };
                let arguments = if arguments.is_empty() {
                    String::new()
                } else {
                    format!("[{}]", arguments.join(", "))
                };
                format!("{prefix}{symbol}{arguments}")
            }
            Step::Mean { operand, kept, .. } => {
                let loops =
                    loop_names(self.quantities[*operand].rank, names, |a| kept.contains(&a));
                format!("E {}", self.named(*operand, &loops))
            }
            Step::Dot {
                axes,
                left,
                right,
                kept,
                ..
            } => {
                let loops = loop_names(*axes, names, |a| kept.contains(&a));
                let mean = if kept.len() < *axes { "E " } else { "" };
                format!(
                    "{mean}{} · {}",
                    self.operand(left, &loops),
                    self.operand(right, &loops)
                )
            }
            Step::Product {
                axes,
                factors,
                kept,
                ..
            } => {
                let loops = loop_names(*axes, names, |a| kept.contains(&a));
                let mean = if kept.len() < *axes { "E " } else { "" };
                let factors: Vec<_> = factors
                    .iter()
                    .map(|f| format!("({})", self.operand(f, &loops)))
                    .collect();
                format!("{mean}{}", factors.join(" "))
            }
        }
    }

    fn operand(&self, operand: &Operand, loops: &[&str]) -> String {
        let names: Vec<&str> = operand.axes.iter().map(|&a| loops[a]).collect();
        self.named(operand.quantity, &names)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for at in 0..self.steps.len() {
            writeln!(f, "{at:>4}  {}", self.describe(at))?;
        }
        for (class, &output) in self.classes.iter().zip(&self.outputs) {
            writeln!(f, "{class}  =  {}", self.expression(output))?;
        }
        Ok(())
    }
}

/// The names of all loop axes: the kept ones have the given names, the others get names that are not in use.
fn loop_names<'a>(axes: usize, names: &[&'a str], kept: impl Fn(usize) -> bool) -> Vec<&'a str> {
    let mut given = names.iter();
    let mut fresh = AXES.iter().filter(|a| !names.contains(a));
    (0..axes)
        .map(|a| {
            let name = if kept(a) { given.next() } else { fresh.next() };
            name.copied().unwrap_or("…")
        })
        .collect()
}
