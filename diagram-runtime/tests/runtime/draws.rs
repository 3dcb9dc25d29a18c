//! Random draws against those of `rand` 0.10, with whose bits published results were made, and against their definitions.

use diagram_runtime::draws::{Stream, Way, key, way};
use proptest::prelude::*;
use rand::seq::{SliceRandom, index};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bounds of every kind: small, around 2³¹ and 2³², and beyond.
fn bounds() -> impl Strategy<Value = usize> {
    prop_oneof![
        1_usize..100,
        (1_usize << 31) - 3..(1 << 31) + 3,
        (1_usize << 32) - 3..(1 << 32) + 3,
        (1_usize << 31)..1 << 32,
        (1_usize << 62)..1 << 63,
    ]
}

fn both(seed: u64, number: u64) -> (Stream, ChaCha8Rng) {
    let mut words = ChaCha8Rng::seed_from_u64(seed);
    words.set_stream(number);
    (Stream::new(seed, number), words)
}

proptest! {
    #[test]
    fn numbers_below_a_bound_are_those_of_rand(seed: u64, number: u64, bounds in prop::collection::vec(bounds(), 1..200)) {
        let (mut stream, mut words) = both(seed, number);
        for bound in bounds {
            prop_assert_eq!(stream.below(bound), words.random_range(0..bound));
            prop_assert_eq!(u128::from(stream.position()), words.get_word_pos());
        }
    }

    #[test]
    fn shuffles_are_those_of_rand(seed: u64, number: u64, length in 0_usize..300) {
        let (mut stream, mut words) = both(seed, number);
        let mut lists = [(0..length).collect::<Vec<_>>(), (0..length).collect()];
        // Twice, so that the second one begins at any place in the stream.
        for _ in 0..2 {
            stream.shuffle(&mut lists[0]);
            lists[1].shuffle(&mut words);
            prop_assert_eq!(&lists[0], &lists[1]);
        }
        prop_assert_eq!(u128::from(stream.position()), words.get_word_pos());
    }

    #[test]
    fn subsets_are_those_of_rand(seed: u64, number: u64, count in 0_usize..400, more in prop_oneof![0_usize..3000, 0_usize..600_000]) {
        let (mut stream, mut words) = both(seed, number);
        let subset = stream.subset(count, count + more);
        prop_assert_eq!(&subset, &index::sample(&mut words, count + more, count).into_vec());
        prop_assert_eq!(u128::from(stream.position()), words.get_word_pos());
    }

    #[test]
    fn signs_are_the_bits_of_two_words(seed: u64, number: u64, length in 1_usize..300) {
        let (mut stream, mut words) = both(seed, number);
        let mut signs = vec![0.0; length];
        let mean = stream.signs(&mut signs);
        let mut expected = vec![];
        for first in (0..length).step_by(64) {
            let count = (length - first).min(64);
            let bits = words.random::<u64>() >> (64 - count);
            expected.extend((0..count).map(|bit| if bits >> bit & 1 == 1 { 1.0 } else { -1.0 }));
        }
        // Sums of whole numbers are exact, and both means are rounded a few times.
        prop_assert!((mean - expected.iter().sum::<f64>() / length as f64).abs() < 1e-15);
        prop_assert_eq!(signs, expected);
    }
}

#[test]
fn every_way_to_draw_a_subset_is_that_of_rand() {
    let sizes = [
        (Way::Insertion, 5, 6),
        (Way::Insertion, 100, 600_000),
        (Way::Exchange, 100, 1000),
        (Way::Insertion, 162, 500_000),
        (Way::Exchange, 200, 53_999),
        (Way::Repetition, 200, 54_001),
        (Way::Exchange, 20_000, 700_000),
        (Way::Repetition, 15_000, 700_000),
    ];
    for (expected, count, bound) in sizes {
        assert_eq!(way(count, bound), expected, "{count} of {bound}");
        let (mut stream, mut words) = both(3, 4);
        let (count, bound) = (count as usize, bound as usize);
        let drawn = index::sample(&mut words, bound, count).into_vec();
        assert_eq!(stream.subset(count, bound), drawn, "{count} of {bound}");
    }
}

#[test]
fn numbers_with_a_second_word_are_those_of_rand() {
    // With this bound every second number on average needs one.
    let bound = (1 << 31) + 1;
    let (mut stream, mut words) = both(1, 1);
    let numbers = 1000;
    for _ in 0..numbers {
        assert_eq!(stream.below(bound), words.random_range(0..bound));
    }
    assert!(
        stream.position() > numbers + numbers / 4,
        "{} words",
        stream.position()
    );
}

#[test]
fn a_key_is_that_of_rand() {
    for seed in [0, 1, u64::MAX] {
        let bytes: Vec<u8> = key(seed)
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        assert_eq!(bytes, ChaCha8Rng::seed_from_u64(seed).get_seed());
    }
}

#[test]
fn the_mean_of_numbers_is_the_middle() {
    let (bound, count) = (1000, 100_000);
    let mut stream = Stream::new(5, 6);
    let sum: usize = (0..count).map(|_| stream.below(bound)).sum();
    let mean = sum as f64 / count as f64;
    // The standard deviation of a uniform number is bound / √12; five standard errors.
    let tolerance = 5.0 * bound as f64 / (12.0 * count as f64).sqrt();
    assert!(
        (mean - (bound - 1) as f64 / 2.0).abs() < tolerance,
        "{mean}"
    );
}
