//! What a trial draws. All of it follows from the seed and the trial's number.

use rand::seq::{SliceRandom, index};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Schedule, Shuffle, Simulation, TestPoints};

/// A trial's training set and test points, as rows of the population.
pub(super) struct Draw {
    pub(super) train: Vec<usize>,
    /// Empty unless the trial draws test points for itself.
    pub(super) test: Vec<usize>,
    shuffles: ChaCha8Rng,
}

impl Draw {
    pub(super) fn new<T: Clone>(simulation: &Simulation<'_, T>, trial: usize) -> Self {
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
            shuffles: rng,
        }
    }

    /// The order in which training points are visited; the same each time this is called.
    pub(super) fn order(&self) -> Order<'_> {
        Order {
            train: &self.train,
            permutation: (0..self.train.len()).collect(),
            rng: self.shuffles.clone(),
        }
    }
}

/// Training points in the order of an epoch.
pub(super) struct Order<'a> {
    train: &'a [usize],
    permutation: Vec<usize>,
    rng: ChaCha8Rng,
}

impl Order<'_> {
    /// To be called before every epoch.
    pub(super) fn begin_epoch(&mut self, schedule: Schedule) {
        match schedule.shuffle() {
            Shuffle::Never => {}
            Shuffle::EachEpoch => self.permutation.shuffle(&mut self.rng),
        }
    }

    /// The point of the population that is visited at a position in this epoch.
    pub(super) fn point(&self, position: usize) -> usize {
        self.train[self.permutation[position]]
    }
}
