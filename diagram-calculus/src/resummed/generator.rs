//! The limit of many small steps.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

use super::ResummedDiagram;
use super::automaton::{BitSet, TermTree, members};
use super::course::{Course, Visits};

/// The sum over embeddings as an integral over times: sums become integrals and `(I - ηH)^t` becomes `exp(-ηHt)`, good to a factor 1 + O(1/T)
/// (remark 2 of Tenka, *A Space-Time Approach to Analyzing SGD*; section 3).
///
/// The integral is an entry of a matrix exponential: states are the sets of nodes that sit earlier; time leads from one to the other. From
/// state 0 (nothing sits) to the last (all do), `prefactor · exp(T G)`, where G has
///
/// - on the diagonal minus the sum of `ηh_e` over the edges in [`Generator::passing`];
/// - off it the [`Generator::rates`], in units of one update.
///
/// Its size does not depend on T. Parts of noise in one epoch of SGD come as a whole, at one time. In full batches their nodes come each at its own
/// time; times that coincide are one part in T of all.
#[derive(Clone, Debug)]
pub struct Generator {
    states: Vec<BitSet>,
    rates: Vec<(usize, usize, BigRational)>,
    passing: Vec<Vec<usize>>,
    prefactor: BigRational,
    events: usize,
}

/// A course that has no limit of many small steps that does not depend on T.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "only one epoch of SGD and full-batch gradient descent have a continuum form; sum over the updates instead"
)]
pub struct NoContinuum;

impl Generator {
    /// For one diagram and one course.
    ///
    /// # Errors
    /// [`NoContinuum`].
    pub fn new(term: &ResummedDiagram, course: &Course) -> Result<Self, NoContinuum> {
        let Visits::Alike {
            train,
            batch,
            epochs,
        } = course.visits
        else {
            return Err(NoContinuum);
        };
        let full = batch == train;
        if epochs > 1 && !full {
            return Err(NoContinuum);
        }
        let number = |n: u64| BigRational::from_integer(BigInt::from(n));
        let tree = TermTree::new(term.diagram());
        let reachable = tree.states();
        let states: Vec<BitSet> = reachable.iter().map(|(state, _)| *state).collect();
        let index = |to: BitSet| states.iter().position(|state| *state == to);
        let mut rates = vec![];
        for (from, (_, steps)) in reachable.iter().enumerate() {
            for step in steps {
                let nodes = members(step.placed).count();
                let noise = tree.noise(step.placed);
                let rate = if nodes == 1 && (noise == 0 || full) {
                    BigRational::one()
                } else if !full
                    && members(step.parts).count() == 1
                    && step.placed == tree.members_of(step.parts.trailing_zeros() as usize)
                {
                    // One of B rows takes part, and each node has weight 1/B.
                    number(batch).pow(1 - noise as i32)
                } else {
                    continue;
                };
                if let Some(to) = index(step.to) {
                    rates.push((from, to, rate));
                }
            }
        }
        let mut prefactor = BigRational::one();
        if full {
            // Every part chooses a row once; its nodes weigh 1/N each.
            for part in 0..tree.part_count {
                prefactor *= number(train - part as u64);
            }
            prefactor *= number(train).pow(-(tree.noise(tree.all()) as i32));
        }
        if tree.root_is_noise {
            prefactor *= number(train).recip();
        }
        let passing = states
            .iter()
            .map(|&state| members(tree.open_edges(state, state)).collect())
            .collect();
        // Nodes come one by one, but for the parts of noise of SGD's one epoch.
        let parts = members((1 << tree.part_count) - 1).filter(|&part| tree.members_of(part) != 0);
        let events = if full {
            tree.nodes()
        } else {
            tree.nodes() - tree.noise(tree.all()) + parts.count()
        };
        Ok(Generator {
            states,
            rates,
            passing,
            prefactor,
            events,
        })
    }

    /// How many states there are.
    pub fn size(&self) -> usize {
        self.states.len()
    }

    /// Entries off the diagonal: from, to, rate in one update.
    pub fn rates(&self) -> &[(usize, usize, BigRational)] {
        &self.rates
    }

    /// The edges that time passes in a state; edge i belongs to node i + 1.
    pub fn passing(&self, state: usize) -> &[usize] {
        &self.passing[state]
    }

    /// How many steps lead from nothing to all: the entry of `exp(T G)` is T to that power times the entry for rates that are not multiplied by T.
    pub fn events(&self) -> usize {
        self.events
    }

    /// What the exponential's entry is multiplied by.
    pub fn prefactor(&self) -> &BigRational {
        &self.prefactor
    }
}
