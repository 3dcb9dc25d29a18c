//! Enumeration of rooted trees up to isomorphism.

/// The rooted trees with the given number of nodes, each as the list of its nodes' parents. The root is node 0 and has the parent `None`; parents come
/// before their children. There are 1, 1, 2, 4, 9, 20 trees with 1 to 6 nodes, and none with 0.
///
/// They come in the order of Beyer and Hedetniemi (*Constant time generation of rooted trees*, 1980), from the path to the star.
pub fn rooted_trees(nodes: usize) -> impl Iterator<Item = Vec<Option<usize>>> {
    let path: Vec<usize> = (0..nodes).collect();
    std::iter::successors((nodes > 0).then_some(path), |levels| next_tree(levels))
        .map(|levels| parents(&levels))
}

/// The levels of the next tree, which are the distances of its nodes from the root in preorder; `None` after the star.
fn next_tree(levels: &[usize]) -> Option<Vec<usize>> {
    // The last node that is not a child of the root becomes a sibling of its parent. The nodes from the parent up to that node are then repeated to the
    // end of the list.
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

/// The parent of every node of a list of levels in preorder: the last node before it that is one level nearer to the root.
fn parents(levels: &[usize]) -> Vec<Option<usize>> {
    let parent = |node: usize| levels[..node].iter().rposition(|&l| l + 1 == levels[node]);
    (0..levels.len()).map(parent).collect()
}
