//! The limit of many small steps of sums over embeddings.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::One;

use super::ResummedDiagram;
use super::automaton::{BitSet, TermTree, members};
use super::course::{Course, Visits};

/// The limit of an embedding sum in which sums over times become integrals and `(I - ηH)^t` becomes `exp(-ηHt)`. Its relative error is O(1/T) (remark 2 in
/// section 3 of Tenka, *A Space-Time Approach to Analyzing SGD*).
///
/// The integral is an entry of a matrix exponential. The states are the sets of nodes that are placed earlier, and G is the generator of the transitions
/// between them in continuous time. The limit is `prefactor` times the entry of `exp(T G)` from the first state, in which no node is placed, to the last,
/// in which all are. The matrix G, whose size does not depend on T, has
///
/// - on the diagonal, minus the sum of `ηh_e` over the edges in [`Generator::passing`];
/// - off the diagonal, the [`Generator::rates`] in units of one update.
///
/// In one epoch of SGD, the nodes of a part of noise are placed at one time. For full batches they are placed at different times; embeddings with equal
/// times are a fraction O(1/T) of all.
#[derive(Clone, Debug)]
pub struct Generator {
    states: Vec<BitSet>,
    rates: Vec<(usize, usize, BigRational)>,
    passing: Vec<Vec<usize>>,
    prefactor: BigRational,
    events: usize,
}

/// The course does not have a limit of many small steps that is independent of T.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "only one epoch of SGD and full-batch gradient descent have a continuum form; sum over the updates instead"
)]
pub struct NoContinuum;

impl Generator {
    /// The generator for a diagram and a course.
    ///
    /// # Errors
    /// [`NoContinuum`] unless the course is one epoch of SGD or full-batch gradient descent.
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
                    // Each of B rows can be that of the part, and each node has the weight 1/B.
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
            // Every part is on one of the rows, and each of its nodes has the weight 1/N.
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
        // Nodes are placed one by one, except that in one epoch of SGD the nodes of a part of noise are placed together.
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

    /// The number of states.
    pub fn size(&self) -> usize {
        self.states.len()
    }

    /// The entries off the diagonal, each as the state before, the state after, and the rate in units of one update.
    pub fn rates(&self) -> &[(usize, usize, BigRational)] {
        &self.rates
    }

    /// The edges whose propagators decay in a state. Edge i is that of node i + 1.
    pub fn passing(&self, state: usize) -> &[usize] {
        &self.passing[state]
    }

    /// The number of transitions from the first state to the last. The entry of `exp(T G)` is T to this power times the entry of the exponential in which
    /// the rates are not multiplied by T.
    pub fn events(&self) -> usize {
        self.events
    }

    /// The number by which the entry of the exponential is multiplied.
    pub fn prefactor(&self) -> &BigRational {
        &self.prefactor
    }
}
