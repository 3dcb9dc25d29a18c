//! The random draws of a trial. They follow from the seed and the number of the trial, so that a single trial can be repeated.

use rand::seq::{SliceRandom, index};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Schedule, Shuffle, Simulation, TestPoints};
use crate::scalar::Element;

/// The training set and the test points of a trial, as rows of the population.
pub struct Draw {
    /// The training set: N rows.
    pub train: Vec<usize>,
    /// The test points, if the trial draws any; otherwise the list is empty.
    pub test: Vec<usize>,
    /// The rest of the trial's random stream.
    rest: ChaCha8Rng,
}

impl Draw {
    /// Makes the draws of the trial with the given number.
    ///
    /// # Panics
    /// If the population is empty, or has fewer points than the trial draws test points.
    pub fn new<T: Clone>(simulation: &Simulation<'_, T>, trial: usize) -> Self {
        let points = simulation.population.len();
        let mut rng = ChaCha8Rng::seed_from_u64(simulation.seed);
        // Stream 0 is the one that other functions, such as the choice of the initial weights, use with the same seed.
        rng.set_stream(trial as u64 + 1);
        let train = (0..simulation.schedule.train())
            .map(|_| rng.random_range(0..points))
            .collect();
        let test = match simulation.test_points {
            TestPoints::Subset(count) => index::sample(&mut rng, points, count).into_vec(),
            TestPoints::None | TestPoints::All => vec![],
        };
        Draw {
            train,
            test,
            rest: rng,
        }
    }

    /// Returns the stream of random signs of the points. It is the same at each call.
    pub fn signs(&self) -> Signs {
        Signs(self.rest.clone())
    }

    /// Returns the order in which training points are visited. It is the same at each call.
    pub fn order(&self) -> Order<'_> {
        Order {
            train: &self.train,
            permutation: (0..self.train.len()).collect(),
            rng: self.rest.clone(),
        }
    }
}

/// The order in which the training points are visited in an epoch.
pub struct Order<'a> {
    train: &'a [usize],
    permutation: Vec<usize>,
    rng: ChaCha8Rng,
}

impl Order<'_> {
    /// Prepares the order of the next epoch. It has to be called before each epoch.
    pub fn begin_epoch(&mut self, schedule: Schedule) {
        match schedule.shuffle() {
            Shuffle::Never => {}
            Shuffle::EachEpoch => self.permutation.shuffle(&mut self.rng),
        }
    }

    /// Returns the row of the population that is visited at a position in this epoch.
    ///
    /// # Panics
    /// If the position is not below N.
    pub fn point(&self, position: usize) -> usize {
        self.train[self.permutation[position]]
    }
}

/// A stream of signs of the points of the population, each plus or minus with equal probability.
pub struct Signs(ChaCha8Rng);

impl Signs {
    /// Draws a sign, ±1, for each point, and returns the mean of the signs.
    #[inline(always)]
    pub fn draw<T: Element>(&mut self, signs: &mut [T]) -> f64 {
        let [minus, plus] = [-1.0, 1.0].map(T::constant);
        let mut positive = 0;
        for signs in signs.chunks_mut(u64::BITS as usize) {
            let unused = u64::BITS as usize - signs.len();
            let bits = self.0.random::<u64>() >> unused;
            positive += bits.count_ones();
            for (bit, sign) in signs.iter_mut().enumerate() {
                let drawn = if bits >> bit & 1 == 1 { &plus } else { &minus };
                *sign = drawn.clone();
            }
        }
        2.0 * f64::from(positive) / signs.len() as f64 - 1.0
    }
}
