//! Random draws, the same on every machine, device and version of this library.
//!
//! A [`Stream`] is the keystream of `ChaCha` with 8 rounds (Bernstein, *`ChaCha`, a variant of Salsa20*), read as 32-bit words in their order. Its key is made of a seed, and its nonce is the
//! number of the stream, so that streams of one seed are independent of each other, and any word can be computed without those before it. Devices do that: what is written here, they
//! repeat word by word.
//!
//! | draw | words |
//! | --- | --- |
//! | [`below`](Stream::below) | one word, and a second one in the rare case that the first one leaves a bias (Canon's method); twice as many for bounds from 2³² on |
//! | [`shuffle`](Stream::shuffle) | one `below` for as many members of the list as have a product of their numbers of choices below 2³² |
//! | [`subset`](Stream::subset) | one `below` for each member, and in large populations more for repetitions |
//! | [`signs`](Stream::signs) | two words for 64 signs |
//!
//! A trial of a simulation has the stream with its number plus 1; it draws its training set, its test points, and then the permutations of its epochs, the points of its batches (with replacement: one
//! [`below`](Stream::below) the number of training points for each point of each batch, in the order of updates) or its signs. Stream 0 serves everything else: initial weights, and the samples of a budget.

use std::collections::HashSet;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::scalar::Element;

/// A stream of random words; see the [module](self).
///
/// ```
/// use diagram_runtime::draws::Stream;
///
/// let mut order = [0, 1, 2, 3];
/// Stream::new(7, 1).shuffle(&mut order);
/// let mut again = [0, 1, 2, 3];
/// Stream::new(7, 1).shuffle(&mut again);
/// assert_eq!(order, again);
/// ```
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// The beginning of the stream with a number, of a seed.
    pub fn new(seed: u64, number: u64) -> Self {
        let mut bytes = [0; 32];
        for (bytes, word) in bytes.chunks_exact_mut(4).zip(key(seed)) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut words = ChaCha8Rng::from_seed(bytes);
        words.set_stream(number);
        Stream(words)
    }

    /// The number of words that have been read.
    pub fn position(&self) -> u64 {
        self.0.get_word_pos() as u64
    }

    /// The next word.
    pub fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// The next two words, the first of which is the lower half.
    fn double_word(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below a bound, each with the same probability up to 2⁻⁶⁴ of itself.
    ///
    /// # Panics
    /// If the bound is 0.
    #[inline]
    pub fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "no number is below 0");
        match u32::try_from(bound) {
            Ok(bound) => self.below_32(bound) as usize,
            Err(_) => self.below_64(bound as u64) as usize,
        }
    }

    #[inline]
    fn below_32(&mut self, bound: u32) -> u32 {
        let (number, rest) = parts(self.word(), bound);
        // If more bits could carry into the number, they are drawn.
        if rest > bound.wrapping_neg() {
            let (more, _) = parts(self.word(), bound);
            return number + u32::from(rest.checked_add(more).is_none());
        }
        number
    }

    fn below_64(&mut self, bound: u64) -> u64 {
        let parts = |word: u64| {
            let product = u128::from(word) * u128::from(bound);
            ((product >> 64) as u64, product as u64)
        };
        let (number, rest) = parts(self.double_word());
        if rest > bound.wrapping_neg() {
            let (more, _) = parts(self.double_word());
            return number + u64::from(rest.checked_add(more).is_none());
        }
        number
    }

    /// Brings a list into a random order: each member in turn changes places with one of those up to it (Fisher and Yates). Lists have less than 2³² - 1 members.
    pub fn shuffle<M>(&mut self, list: &mut [M]) {
        if list.len() <= 1 {
            return;
        }
        // A draw below the product of several members' numbers of choices serves all of them.
        let (mut drawn, mut left) = (0, 1);
        for at in 0..list.len() {
            let choices = at as u32 + 1;
            if left == 0 {
                let (product, members) = choices_at_once(choices);
                (drawn, left) = (self.below_32(product), members);
            }
            left -= 1;
            let chosen = if left == 0 { drawn } else { drawn % choices };
            drawn /= choices;
            list.swap(at, chosen as usize);
        }
    }

    /// As many distinct numbers below a bound, in random order.
    ///
    /// # Panics
    /// If there are not as many.
    pub fn subset(&mut self, count: usize, bound: usize) -> Vec<usize> {
        assert!(
            count <= bound,
            "there are no {count} distinct numbers below {bound}"
        );
        let Ok(all) = u32::try_from(bound) else {
            return self.subset_by_repetition(count, bound as u64);
        };
        match way(count as u32, all) {
            Way::Exchange => self.subset_by_exchange(count, bound),
            Way::Insertion => self.subset_by_insertion(count, bound),
            Way::Repetition => self.subset_by_repetition(count, bound as u64),
        }
    }

    /// The first members of a list that is partly shuffled.
    fn subset_by_exchange(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut list: Vec<usize> = (0..bound).collect();
        for at in 0..count {
            let chosen = at + self.below(bound - at);
            list.swap(at, chosen);
        }
        list.truncate(count);
        list
    }

    /// Floyd's method: a number that has been chosen before gives its place to the largest one that may be.
    fn subset_by_insertion(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut list: Vec<usize> = Vec::with_capacity(count);
        for largest in bound - count..bound {
            let chosen = self.below(largest + 1);
            if let Some(at) = list.iter().position(|&other| other == chosen) {
                list[at] = largest;
            }
            list.push(chosen);
        }
        list
    }

    /// Draws again what has been chosen before.
    fn subset_by_repetition(&mut self, count: usize, bound: u64) -> Vec<usize> {
        let mut chosen = HashSet::with_capacity(count);
        let mut list = Vec::with_capacity(count);
        while list.len() < count {
            let next = self.below_unbiased(bound);
            if chosen.insert(next) {
                list.push(next);
            }
        }
        list
    }

    /// A number below a bound, each with exactly the same probability (Lemire's method).
    fn below_unbiased(&mut self, bound: u64) -> usize {
        if let Ok(bound) = u32::try_from(bound) {
            let least = bound.wrapping_neg() % bound;
            loop {
                let (number, rest) = parts(self.word(), bound);
                if rest >= least {
                    return number as usize;
                }
            }
        }
        let least = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.double_word()) * u128::from(bound);
            if product as u64 >= least {
                return (product >> 64) as usize;
            }
        }
    }

    /// Writes signs, ±1, each with probability ½, and returns their mean. Every 64 signs are the bits of two words, from the lowest on; the last ones are the highest bits of theirs.
    #[inline(always)]
    pub fn signs<T: Element>(&mut self, signs: &mut [T]) -> f64 {
        let [minus, plus] = [-1.0, 1.0].map(T::constant);
        let mut positive = 0;
        for signs in signs.chunks_mut(u64::BITS as usize) {
            let unused = u64::BITS as usize - signs.len();
            let bits = self.double_word() >> unused;
            positive += bits.count_ones();
            for (bit, sign) in signs.iter_mut().enumerate() {
                let drawn = if bits >> bit & 1 == 1 { &plus } else { &minus };
                *sign = drawn.clone();
            }
        }
        2.0 * f64::from(positive) / signs.len() as f64 - 1.0
    }
}

/// The key of a seed: eight words of a permuted congruential generator, PCG-XSH-RR (O'Neill, 2014), that begins with the seed.
pub fn key(seed: u64) -> [u32; 8] {
    let mut state = seed;
    let mut key = [0; 8];
    for word in &mut key {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(11_634_580_027_462_260_723);
        let mixed = (((state >> 18) ^ state) >> 27) as u32;
        *word = mixed.rotate_right((state >> 59) as u32);
    }
    key
}

/// The product of a word with a bound: the number that is drawn, and the bits behind it.
#[inline]
fn parts(word: u32, bound: u32) -> (u32, u32) {
    let product = u64::from(word) * u64::from(bound);
    ((product >> 32) as u32, product as u32)
}

/// The product of consecutive numbers from one on, as many as there are below 2³², and how many those are.
fn choices_at_once(first: u32) -> (u32, u32) {
    let (mut product, mut next) = (first, first + 1);
    while let Some(larger) = product.checked_mul(next) {
        (product, next) = (larger, next + 1);
    }
    (product, next - first)
}

/// A way to draw a subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A list of all numbers is partly shuffled.
    Exchange,
    /// Each number goes to its place among those before (Floyd).
    Insertion,
    /// Numbers that come again are drawn again.
    Repetition,
}

/// The way in which [`Stream::subset`] draws so many numbers below a bound: the one that is fastest on a processor. It belongs to what is drawn, and so does not change.
pub fn way(count: u32, bound: u32) -> Way {
    let (number, all) = (count as f32, bound as f32);
    let large = bound >= 500_000;
    if count < 163 {
        let (square, linear) = if large {
            (8.0 / 45.0, 70.0 / 9.0)
        } else {
            (1.6, 10.0)
        };
        if count > 11 && all < (linear + square * number) * number {
            Way::Exchange
        } else {
            Way::Insertion
        }
    } else {
        let density = if large { 330.0 / 9.0 } else { 270.0 };
        if all < density * number {
            Way::Exchange
        } else {
            Way::Repetition
        }
    }
}
