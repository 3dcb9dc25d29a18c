//! Enumeration of set partitions as restricted growth strings.

/// All set partitions of `0..size`, each as the list of the blocks of its elements, where blocks are numbered in the order of their first elements. They
/// come in lexicographic order, from the partition with one block to that with `size` blocks.
pub(crate) fn restricted_growth_strings(size: usize) -> impl Iterator<Item = Vec<u8>> {
    std::iter::successors(Some(vec![0_u8; size]), move |string| {
        // The last entry that can be increased is at most the greatest entry before it.
        let mut next = string.clone();
        let place = (1..size).rev().find(|&place| {
            string[..place]
                .iter()
                .any(|&before| before >= string[place])
        })?;
        next[place] += 1;
        next[place + 1..].fill(0);
        Some(next)
    })
}

#[cfg(test)]
mod tests {
    use super::restricted_growth_strings;

    #[test]
    fn counts_are_bell_numbers() {
        let counts: Vec<usize> = (0..8)
            .map(|n| restricted_growth_strings(n).count())
            .collect();
        assert_eq!(counts, [1, 1, 2, 5, 15, 52, 203, 877]);
    }

    #[test]
    fn strings_come_in_order_and_grow_by_one_at_most() {
        let strings: Vec<Vec<u8>> = restricted_growth_strings(3).collect();
        assert_eq!(
            strings,
            [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 1, 2]]
        );
    }
}
