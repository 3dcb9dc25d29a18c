//! Counts for spacetimes of explicit cells.
//!
//! Different parts must be on different rows. Möbius inversion over the set partitions of the parts replaces this condition by a signed sum in which
//! the blocks of a partition, each a union of parts, are placed independently of each other. Only the blocks of two or more nodes then relate times
//! that the tree does not relate, so only their rows are enumerated, equal rows once. The rest is a dynamic program over the columns, from the leaves
//! to the roots.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::PlacedForest;
use crate::diagram::Diagram;
use crate::partitions::restricted_growth_strings;
use crate::spacetime::Grid;

/// The number of labelled embeddings into the cells of a grid.
pub(super) fn embeddings(grid: &Grid, diagram: &Diagram) -> BigInt {
    let forest = PlacedForest::new(diagram);
    let rows = row_types(grid);
    let mut total = BigInt::zero();
    for merged in restricted_growth_strings(forest.parts) {
        let merged: Vec<usize> = merged.into_iter().map(usize::from).collect();
        let blocks = merged.iter().max().map_or(0, |m| m + 1);
        let moebius: BigInt = (0..blocks)
            .map(|block| {
                let size = merged.iter().filter(|&&b| b == block).count();
                let factorial: BigInt = (1..size).map(BigInt::from).product();
                if size % 2 == 0 { -factorial } else { factorial }
            })
            .product();
        let block_of: Vec<usize> = forest.part.iter().map(|&part| merged[part]).collect();
        total += moebius * place_freely(grid, &rows, &forest, &block_of, blocks);
    }
    total
}

/// The distinct rows, each as the columns in which it has a cell, with the number of times that it occurs.
fn row_types(grid: &Grid) -> Vec<(Vec<bool>, usize)> {
    let mut types: BTreeMap<Vec<bool>, usize> = BTreeMap::new();
    for row in 0..grid.rows() {
        let cells = (0..grid.updates())
            .map(|column| grid.contains(row, column))
            .collect();
        *types.entry(cells).or_default() += 1;
    }
    types.into_iter().collect()
}

/// The number of embeddings in which the blocks choose their rows independently of each other.
fn place_freely(
    grid: &Grid,
    rows: &[(Vec<bool>, usize)],
    forest: &PlacedForest,
    block_of: &[usize],
    blocks: usize,
) -> BigInt {
    let coupled: Vec<usize> = (0..blocks)
        .filter(|&b| block_of.iter().filter(|&&x| x == b).count() > 1)
        .collect();
    let mut choice = vec![0; coupled.len()];
    let mut total = BigInt::zero();
    loop {
        let times: BigInt = choice
            .iter()
            .map(|&row| BigInt::from(rows[row].1))
            .product();
        let row_of = |node: usize| {
            coupled
                .iter()
                .position(|&b| b == block_of[node])
                .map(|at| &rows[choice[at]].0)
        };
        total += times * sweep(grid, forest, row_of);
        let mut at = 0;
        loop {
            if at == choice.len() {
                return total;
            }
            choice[at] += 1;
            if choice[at] < rows.len() {
                break;
            }
            choice[at] = 0;
            at += 1;
        }
    }
}

/// The number of ways to place the nodes on cells with children strictly before parents. A node whose row is known has the cells of that row to
/// choose from, any other node all cells.
fn sweep<'a>(
    grid: &Grid,
    forest: &PlacedForest,
    row_of: impl Fn(usize) -> Option<&'a Vec<bool>>,
) -> BigInt {
    let batch = BigInt::from(grid.batch());
    let mut ways: Vec<Vec<BigInt>> = (0..forest.nodes())
        .map(|node| match row_of(node) {
            Some(cells) => cells
                .iter()
                .map(|&cell| BigInt::from(u8::from(cell)))
                .collect(),
            None => vec![batch.clone(); grid.updates()],
        })
        .collect();
    let mut total = BigInt::one();
    for node in (0..forest.nodes()).rev() {
        let mut sum = BigInt::zero();
        let mut before = vec![];
        for x in &ways[node] {
            before.push(sum.clone());
            sum += x;
        }
        match forest.parents[node] {
            None => total *= sum,
            Some(parent) => {
                for (ways, factor) in ways[parent].iter_mut().zip(before) {
                    *ways *= factor;
                }
            }
        }
    }
    total
}
