//! The numbers of diagrams, without enumeration.
//!
//! The diagrams with a given tree are the orbits of the set partitions of its nodes under the automorphisms of the tree. By Burnside's lemma their
//! number is the average over the automorphisms of the number of partitions that an automorphism fixes. That number depends only on the cycle type of
//! the automorphism, and the sum of the cycle indices of all trees satisfies Pólya's recursion.

use crate::diagram::MAX_NODES;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};
use std::collections::BTreeMap;

/// The lengths of the cycles of a permutation, in descending order.
type CycleType = Vec<u8>;

/// A sum of cycle indices of groups: for each cycle type, the sum over the groups of the fraction of elements with this type.
type CycleIndex = BTreeMap<CycleType, BigRational>;

/// The number of items of [`diagrams`](super::diagrams), or `None` if they would have more nodes than a diagram may have.
pub fn count_diagrams(edges: usize) -> Option<u128> {
    let forests = forests(edges, 1)?;
    count_partitions(&forests[edges])
}

/// The number of items of [`diagrams_with_root_ties`](super::diagrams_with_root_ties), or `None` if they would have more nodes than a diagram may have.
pub fn count_diagrams_with_root_ties(edges: usize) -> Option<u128> {
    let forests = forests(edges, 1)?;
    count_partitions(&with_root(&forests[edges]))
}

/// The number of items of [`diagram_pairs`](super::diagram_pairs), or `None` if they would have more nodes than a diagram may have.
pub fn count_diagram_pairs(edges: usize) -> Option<u128> {
    let forests = forests(edges, 2)?;
    let mut pairs = CycleIndex::new();
    for first in 0..=edges {
        add_product(&mut pairs, &forests[first], &forests[edges - first]);
    }
    count_partitions(&pairs)
}

/// For every number of nodes up to `edges`, the sum of the cycle indices of all forests of rooted trees, which are the subtrees of a root. `None` if
/// these edges and roots have too many nodes.
fn forests(edges: usize, roots: usize) -> Option<Vec<CycleIndex>> {
    if edges + roots > MAX_NODES {
        return None;
    }
    let unit = CycleIndex::from([(Vec::new(), BigRational::one())]);
    let mut forests = vec![unit];
    // Let F be the generating function of the forests, T that of the trees, and T(k) that of the trees with every cycle k times as long. Then
    // F = exp(Σ T(k)/k), and hence m F_m = Σ A_j F_(m-j) with the coefficients A_j of the derivative of the exponent.
    let mut logarithm: Vec<CycleIndex> = vec![CycleIndex::new()];
    for nodes in 1..=edges {
        let mut derivative = CycleIndex::new();
        for fold in (1..=nodes).filter(|fold| nodes.is_multiple_of(*fold)) {
            let size = nodes / fold;
            for (cycles, part) in with_root(&forests[size - 1]) {
                let cycles = cycles.iter().map(|cycle| cycle * fold as u8).collect();
                add_to(&mut derivative, cycles, part * integer(size));
            }
        }
        logarithm.push(derivative);
        let mut next = CycleIndex::new();
        for size in 1..=nodes {
            add_product(&mut next, &logarithm[size], &forests[nodes - size]);
        }
        for part in next.values_mut() {
            *part /= integer(nodes);
        }
        forests.push(next);
    }
    Some(forests)
}

/// The trees whose roots have these forests below them: each permutation gets one more fixed point.
fn with_root(forests: &CycleIndex) -> CycleIndex {
    let rooted = |cycles: &CycleType| cycles.iter().copied().chain([1]).collect();
    forests
        .iter()
        .map(|(cycles, part)| (rooted(cycles), part.clone()))
        .collect()
}

fn add_product(sum: &mut CycleIndex, a: &CycleIndex, b: &CycleIndex) {
    for (left, left_part) in a {
        for (right, right_part) in b {
            let mut cycles = [left.as_slice(), right].concat();
            cycles.sort_unstable_by(|a, b| b.cmp(a));
            add_to(sum, cycles, left_part * right_part);
        }
    }
}

fn add_to(sum: &mut CycleIndex, cycles: CycleType, part: BigRational) {
    *sum.entry(cycles).or_insert_with(BigRational::zero) += part;
}

fn integer(value: usize) -> BigRational {
    BigRational::from_integer(BigInt::from(value))
}

/// The number of orbits of set partitions.
fn count_partitions(index: &CycleIndex) -> Option<u128> {
    let mut known = BTreeMap::new();
    let orbits: BigRational = index
        .iter()
        .map(|(cycles, part)| part * BigInt::from(partitions_kept(cycles, &mut known)))
        .sum();
    orbits.to_integer().to_u128()
}

/// The number of set partitions that a permutation with these cycles fixes.
///
/// The permutation permutes the blocks of such a partition. The cycles that meet an orbit of d blocks have lengths divisible by d. The first of them
/// determines the order of the blocks, and each other one can be aligned with it in d ways.
fn partitions_kept(cycles: &[u8], known: &mut BTreeMap<CycleType, u128>) -> u128 {
    let Some((&first, rest)) = cycles.split_first() else {
        return 1;
    };
    if let Some(&count) = known.get(cycles) {
        return count;
    }
    let runs: Vec<&[u8]> = rest.chunk_by(|a, b| a == b).collect();
    let mut count = 0;
    // The number of cycles of each length that meet the same blocks as the first one. The loop goes through all choices.
    let mut joined = vec![0; runs.len()];
    loop {
        let mut ways = 1;
        let mut divisor = first;
        let mut left = Vec::new();
        for (run, &taken) in runs.iter().zip(&joined) {
            ways *= choose(run.len(), taken);
            if taken > 0 {
                divisor = num_integer::gcd(divisor, run[0]);
            }
            left.extend_from_slice(&run[taken..]);
        }
        let others = joined.iter().sum::<usize>() as u32;
        let shifts: u128 = (1..=divisor)
            .filter(|blocks| divisor.is_multiple_of(*blocks))
            .map(|blocks| u128::from(blocks).pow(others))
            .sum();
        count += ways * shifts * partitions_kept(&left, known);

        let Some(place) = (0..runs.len()).find(|&place| joined[place] < runs[place].len()) else {
            break;
        };
        joined[place] += 1;
        joined[..place].fill(0);
    }
    known.insert(cycles.to_vec(), count);
    count
}

fn choose(n: usize, k: usize) -> u128 {
    num_integer::binomial(n as u128, k as u128)
}
