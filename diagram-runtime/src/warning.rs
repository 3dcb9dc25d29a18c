//! Warnings that results carry along: what was computed is right, but may not be what is hoped for.
//!
//! ```
//! use diagram_runtime::graph::Graph;
//! use diagram_runtime::interpret::Interpreted;
//! use diagram_runtime::samples::Samples;
//! use diagram_runtime::values::{Options, evaluate};
//! use diagram_runtime::warning::Warning;
//! # use diagram_calculus::value_class::ValueClass;
//! # let classes: Vec<ValueClass> = vec![ValueClass::from_edges(1, &[], &[0], None).expect("one node")];
//!
//! let loss = Graph::piecewise(1, 1, |theta, x| (theta[0] - x[0]).abs())?;
//! let samples = Samples::new(1, vec![-1.0, 2.0])?;
//! let values = evaluate(&Interpreted::new(&classes), &*loss.local(&[0.5], &samples)?, &Options::population())?;
//! assert_eq!(values.warnings, [Warning::Kinks]);
//! println!("{values}"); // a table, with the warning below it
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt::{self, Write};

use serde::{Serialize, Serializer};

use crate::values::Value;

/// The words of [`Warning::Kinks`].
pub const KINKS: &str = "the loss has kinks, which a power series in η does not see: what is predicted may be wrong as soon as training crosses one";

/// What a user should know about a result. It is displayed as a sentence, and serialized as the same text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Warning {
    /// The loss is [piecewise](crate::graph::Graph::piecewise) smooth. Its derivatives are those of the pieces on which the weights lie.
    Kinks,
    /// The standard errors of values come from so few blocks that they are hardly known themselves.
    FewBlocks {
        /// The number of blocks.
        blocks: usize,
    },
    /// The estimates of the blocks have heavier tails than normal numbers, so that single datapoints may be missing that matter much.
    HeavyTails {
        /// The largest kurtosis of a value's blocks, rounded; normal numbers have 3.
        kurtosis: usize,
    },
}

/// The number of blocks from which on nothing is said about it: their intervals of 95% are a fifth wider than those of many blocks.
const MANY_BLOCKS: usize = 8;
/// The kurtosis beyond which tails are heavy. Of 16 normal blocks it is larger in one case of some 200, and it is at most the number of blocks.
const HEAVY_KURTOSIS: f64 = 6.0;

impl Warning {
    /// The warnings about values with these replicates, on a loss of which `is_piecewise` says whether it has kinks.
    pub(crate) fn about_values<T>(is_piecewise: bool, values: &[Value<T>]) -> Vec<Warning> {
        let mut warnings = Warning::about(is_piecewise);
        let blocks = values.iter().map(|value| value.replicates.len());
        if let Some(blocks) = blocks.filter(|&blocks| blocks > 0).min()
            && blocks < MANY_BLOCKS
        {
            warnings.push(Warning::FewBlocks { blocks });
        }
        // Of the thousands of components of a displacement some have a large kurtosis by chance.
        let scalars = values.iter().filter(|value| value.estimate.len() == 1);
        let kurtosis = scalars.map(|value| kurtosis(&value.replicates));
        let kurtosis = kurtosis.fold(0.0, f64::max);
        if kurtosis > HEAVY_KURTOSIS {
            warnings.push(Warning::HeavyTails {
                kurtosis: kurtosis.round() as usize,
            });
        }
        warnings
    }

    /// The warnings about results on a loss, of which `is_piecewise` says whether it has kinks.
    pub(crate) fn about(is_piecewise: bool) -> Vec<Warning> {
        if is_piecewise {
            vec![Warning::Kinks]
        } else {
            vec![]
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::Kinks => f.pad(KINKS),
            Warning::FewBlocks { blocks } => f.pad(&format!(
                "standard errors come from {blocks} blocks alone and are hardly known themselves: intervals are much wider than with {MANY_BLOCKS} blocks or more"
            )),
            Warning::HeavyTails { kurtosis } => f.pad(&format!(
                "estimates from the blocks have heavy tails (a kurtosis of {kurtosis}, where normal numbers have 3): intervals contain the truth less often than they say"
            )),
        }
    }
}

impl Serialize for Warning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Returns a line for each warning, as they stand below a table; nothing if there are none.
pub fn lines(warnings: &[Warning]) -> String {
    let mut lines = String::new();
    for warning in warnings {
        // Writing to a text does not fail.
        let _ = writeln!(lines, "warning: {warning}");
    }
    lines
}

/// The fourth central moment of the first components over the square of the second; 0 if they are all the same.
fn kurtosis(replicates: &[Vec<f64>]) -> f64 {
    let count = replicates.len() as f64;
    let numbers = || replicates.iter().map(|components| components[0]);
    let mean = numbers().sum::<f64>() / count;
    let moment = |power| numbers().map(|x| (x - mean).powi(power)).sum::<f64>() / count;
    let variance = moment(2);
    if variance > 0.0 {
        moment(4) / variance.powi(2)
    } else {
        0.0
    }
}
