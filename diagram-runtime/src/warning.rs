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

/// The words of [`Warning::Kinks`].
pub const KINKS: &str = "the loss has kinks, which a power series in η does not see: what is predicted may be wrong as soon as training crosses one";

/// What a user should know about a result. It is displayed as a sentence, and serialized as the same text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Warning {
    /// The loss is [piecewise](crate::graph::Graph::piecewise) smooth. Its derivatives are those of the pieces on which the weights lie.
    Kinks,
}

impl Warning {
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
        f.pad(match self {
            Warning::Kinks => KINKS,
        })
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
