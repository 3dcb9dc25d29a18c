//! Fuzzy outlines, which stand for the difference between a diagram with and without a tie.

use std::collections::BTreeMap;
use std::fmt;

use crate::diagram::{Diagram, DiagramError};

/// The largest number of fuzzy outlines of a diagram. Each outline doubles the number of diagrams in the signed sum.
pub const MAX_OUTLINES: usize = 8;

/// A diagram with fuzzy outlines (Tenka, *A Space-Time Approach to Analyzing SGD*, section 2).
///
/// An outline between two parts stands for the diagram with the two parts tied, minus the diagram without this tie: a covariance. The embeddings are
/// those of the tied diagram, so that the weight is the tied diagram's, while the value is a signed sum.
///
/// ```
/// use diagram_calculus::outline::Outlined;
///
/// // A root with a child that has two children of its own; an outline joins these two.
/// let entropic = Outlined::new(&[None, Some(0), Some(1), Some(1)], &[0, 1, 2, 3], &[(2, 3)])?;
/// assert_eq!(entropic.to_string(), "(01-12-13)(0-1-23) - (01-12-13)(0-1-2-3)");
/// # Ok::<(), diagram_calculus::outline::OutlineError>(())
/// ```
///
/// Values that stand for the same signed sum compare equal, even if they were drawn differently.
#[derive(Clone, Debug)]
pub struct Outlined {
    tied: Diagram,
    /// The diagrams other than the tied one, with their signed multiplicities, of which none is 0.
    rest: Vec<(Diagram, i64)>,
    /// The arguments of [`Outlined::new`], from which a picture is drawn; `None` without outlines. The signed sum does not determine which parts the
    /// outlines join.
    drawn: Option<DrawnOutlines>,
}

/// The arguments of [`Outlined::new`].
#[derive(Clone, Debug)]
pub(crate) struct DrawnOutlines {
    pub(crate) parents: Vec<Option<usize>>,
    pub(crate) parts: Vec<usize>,
    pub(crate) outlines: Vec<(usize, usize)>,
}

/// Why outlines on a diagram are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutlineError {
    /// The nodes, edges and parts do not define a diagram.
    #[error(transparent)]
    Diagram(#[from] DiagramError),
    /// An outline joins nodes that are tied already, directly or by other outlines, so that the difference would be zero.
    #[error("nodes {0} and {1} are tied already, so that an outline between them changes nothing")]
    Tied(usize, usize),
    /// There are more than [`MAX_OUTLINES`] outlines.
    #[error("{0} outlines are more than the {MAX_OUTLINES} that a diagram may have")]
    TooMany(usize),
}

impl Outlined {
    /// The diagram of [`Diagram::new`] with outlines between the parts of the given pairs of nodes.
    ///
    /// # Errors
    /// [`OutlineError`] if the arguments do not define a diagram, or if the outlines are too many or between tied nodes.
    pub fn new(
        parents: &[Option<usize>],
        parts: &[usize],
        outlines: &[(usize, usize)],
    ) -> Result<Self, OutlineError> {
        Diagram::new(parents, parts)?;
        if outlines.len() > MAX_OUTLINES {
            return Err(OutlineError::TooMany(outlines.len()));
        }
        let nodes = parents.len();
        for &(a, b) in outlines {
            if let Some(node) = [a, b].into_iter().find(|&node| node >= nodes) {
                return Err(DiagramError::NoSuchNode { node, nodes }.into());
            }
        }
        let mut all = parts.to_vec();
        for &(a, b) in outlines {
            if all[a] == all[b] {
                return Err(OutlineError::Tied(a, b));
            }
            tie(&mut all, a, b);
        }
        let tied = Diagram::new(parents, &all)?;
        let mut rest = BTreeMap::new();
        for subset in 0..(1_usize << outlines.len()) - 1 {
            let mut some = parts.to_vec();
            let mut sign = 1;
            for (at, &(a, b)) in outlines.iter().enumerate() {
                if subset >> at & 1 == 1 {
                    tie(&mut some, a, b);
                } else {
                    sign = -sign;
                }
            }
            *rest.entry(Diagram::new(parents, &some)?).or_insert(0) += sign;
        }
        let rest = rest
            .into_iter()
            .filter(|(_, multiplicity)| *multiplicity != 0)
            .collect();
        let drawn = (!outlines.is_empty()).then(|| DrawnOutlines {
            parents: parents.to_vec(),
            parts: parts.to_vec(),
            outlines: outlines.to_vec(),
        });
        Ok(Outlined { tied, rest, drawn })
    }

    /// The diagram with every outline replaced by a tie, whose embeddings and automorphisms determine the weight.
    pub fn tied(&self) -> &Diagram {
        &self.tied
    }

    /// The diagrams whose values add up to the value, with their signed multiplicities.
    pub fn signed(&self) -> impl Iterator<Item = (&Diagram, i64)> {
        let rest = self
            .rest
            .iter()
            .map(|(diagram, multiplicity)| (diagram, *multiplicity));
        std::iter::once((&self.tied, 1)).chain(rest)
    }

    pub(crate) fn drawn(&self) -> Option<&DrawnOutlines> {
        self.drawn.as_ref()
    }

    fn sum(&self) -> (&Diagram, &[(Diagram, i64)]) {
        (&self.tied, &self.rest)
    }
}

impl PartialEq for Outlined {
    fn eq(&self, other: &Self) -> bool {
        self.sum() == other.sum()
    }
}

impl Eq for Outlined {}

impl PartialOrd for Outlined {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Outlined {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.sum().cmp(&other.sum())
    }
}

/// The diagram without outlines.
impl From<Diagram> for Outlined {
    fn from(tied: Diagram) -> Self {
        Outlined {
            tied,
            rest: vec![],
            drawn: None,
        }
    }
}

/// Writes the signed sum in compact notation.
impl fmt::Display for Outlined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        let mut text = self.tied.to_string();
        for (diagram, multiplicity) in &self.rest {
            let sign = if *multiplicity < 0 { '-' } else { '+' };
            write!(text, " {sign} ")?;
            if multiplicity.abs() != 1 {
                write!(text, "{} ", multiplicity.abs())?;
            }
            write!(text, "{diagram}")?;
        }
        f.pad(&text)
    }
}

fn tie(parts: &mut [usize], a: usize, b: usize) {
    let (to, from) = (parts[a], parts[b]);
    for part in parts {
        if *part == from {
            *part = to;
        }
    }
}
