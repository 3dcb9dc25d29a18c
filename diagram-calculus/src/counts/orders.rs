//! Weak orders, which are rankings with ties.

/// All weak orders of `items` elements: for every k, all surjective maps onto the ranks `0..k`, each together with k.
pub(super) fn weak_orders(items: usize) -> Vec<(Vec<usize>, usize)> {
    // Elements are inserted one at a time, either into an existing rank or as a new rank between two.
    let mut orders = vec![(vec![], 0)];
    for _ in 0..items {
        orders = orders
            .into_iter()
            .flat_map(|(ranks, count): (Vec<usize>, usize)| {
                let tied = (0..count).map({
                    let ranks = ranks.clone();
                    move |rank| {
                        let mut ranks = ranks.clone();
                        ranks.push(rank);
                        (ranks, count)
                    }
                });
                let new = (0..=count).map(move |rank| {
                    let mut ranks: Vec<usize> =
                        ranks.iter().map(|&r| r + usize::from(r >= rank)).collect();
                    ranks.push(rank);
                    (ranks, count + 1)
                });
                tied.chain(new).collect::<Vec<_>>()
            })
            .collect();
    }
    orders
}

/// The numbers of elements in the ranks, in ascending order. The number of ways to fill the ranks depends on nothing else.
pub(super) fn composition(ranks: &[usize], count: usize) -> Vec<usize> {
    let mut sizes = vec![0; count];
    for &rank in ranks {
        sizes[rank] += 1;
    }
    sizes.sort_unstable();
    sizes
}

#[cfg(test)]
mod tests {
    use super::weak_orders;

    #[test]
    fn fubini_numbers() {
        let counts: Vec<usize> = (0..=6).map(|n| weak_orders(n).len()).collect();
        assert_eq!(counts, [1, 1, 3, 13, 75, 541, 4683]);
    }

    #[test]
    fn every_order_once() {
        let mut orders = weak_orders(4);
        orders.sort();
        let all = orders.len();
        orders.dedup();
        assert_eq!(orders.len(), all);
    }
}
