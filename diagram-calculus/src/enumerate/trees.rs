//! Rooted trees up to isomorphism.

/// The rooted trees with so many nodes, each as the list of its nodes' parents (`None` for the root, node 0; parents
/// come before their children): 1, 1, 2, 4, 9, 20 for 1 to 6 nodes. No nodes make no tree.
///
/// The order is that of Beyer and Hedetniemi (*Constant time generation of rooted trees*, 1980), from the path to the
/// star.
pub fn rooted_trees(nodes: usize) -> impl Iterator<Item = Vec<Option<usize>>> {
    let path: Vec<usize> = (0..nodes).collect();
    std::iter::successors((nodes > 0).then_some(path), |levels| next_tree(levels))
        .map(|levels| parents(&levels))
}

/// The next tree's levels (distances from the root, in preorder); `None` after the star.
fn next_tree(levels: &[usize]) -> Option<Vec<usize>> {
    // The last node that does not hang from the root moves up to be its parent's sibling, and what lay between the two
    // is repeated to the end.
    let moved = levels.iter().rposition(|&level| level > 1)?;
    let parent = levels[..moved]
        .iter()
        .rposition(|&level| level + 1 == levels[moved])?;
    let mut next = levels.to_vec();
    for node in moved..levels.len() {
        next[node] = next[node - (moved - parent)];
    }
    Some(next)
}

/// The parent of every node of a preorder of levels: the last node before it that is one level nearer to the root.
fn parents(levels: &[usize]) -> Vec<Option<usize>> {
    let parent = |node: usize| levels[..node].iter().rposition(|&l| l + 1 == levels[node]);
    (0..levels.len()).map(parent).collect()
}
