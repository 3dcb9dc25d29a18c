//! What a trial draws. All of it follows from the seed and the trial's number, so that a trial can be run again by itself.

use rand::seq::{SliceRandom, index};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Schedule, Shuffle, Simulation, TestPoints};
use crate::scalar::Element;

/// A trial's training set and test points, as rows of the population.
pub struct Draw {
    /// The training set, N rows.
    pub train: Vec<usize>,
    /// Empty unless the trial draws test points for itself.
    pub test: Vec<usize>,
    /// The rest of the trial's stream.
    rest: ChaCha8Rng,
}

impl Draw {
    /// What this trial draws.
    pub fn new<T: Clone>(simulation: &Simulation<'_, T>, trial: usize) -> Self {
        let points = simulation.population.len();
        let mut rng = ChaCha8Rng::seed_from_u64(simulation.seed);
        // Stream 0 is what everybody else gets from the same seed, the initial weights for instance.
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

    /// The signs of the points, sub-step after sub-step; the same each time this is called.
    pub fn signs(&self) -> Signs {
        Signs(self.rest.clone())
    }

    /// The order in which training points are visited; the same each time this is called.
    pub fn order(&self) -> Order<'_> {
        Order {
            train: &self.train,
            permutation: (0..self.train.len()).collect(),
            rng: self.rest.clone(),
        }
    }
}

/// Training points in the order of an epoch.
pub struct Order<'a> {
    train: &'a [usize],
    permutation: Vec<usize>,
    rng: ChaCha8Rng,
}

impl Order<'_> {
    /// To be called before every epoch.
    pub fn begin_epoch(&mut self, schedule: Schedule) {
        match schedule.shuffle() {
            Shuffle::Never => {}
            Shuffle::EachEpoch => self.permutation.shuffle(&mut self.rng),
        }
    }

    /// The point of the population that is visited at a position in this epoch.
    pub fn point(&self, position: usize) -> usize {
        self.train[self.permutation[position]]
    }
}

/// Signs of the points of the population, each plus or minus with equal chance.
pub struct Signs(ChaCha8Rng);

impl Signs {
    /// Draws a sign, ±1, for each point; their mean.
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
