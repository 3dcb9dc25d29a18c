//! The random draws of a trial. They follow from the seed and the number of the trial, so that a single trial can be repeated.

use super::{Schedule, Shuffle, Simulation, TestPoints};
use crate::draws::Stream;

/// The training set and the test points of a trial, as rows of the population.
pub struct Draw {
    /// The training set: N rows.
    pub train: Vec<usize>,
    /// The test points, if the trial draws any; otherwise the list is empty.
    pub test: Vec<usize>,
    /// The rest of the trial's random stream.
    rest: Stream,
}

/// The stream of a trial.
fn stream<T>(simulation: &Simulation<'_, T>, trial: usize) -> Stream {
    Stream::new(simulation.seed, trial as u64 + 1)
}

/// The first draws from it.
fn draw_training_set<T: Clone>(simulation: &Simulation<'_, T>, stream: &mut Stream) -> Vec<usize> {
    let (train, points) = (simulation.schedule.train(), simulation.population.len());
    (0..train).map(|_| stream.below(points)).collect()
}

/// The training set of a trial alone.
pub(super) fn training_set<T: Clone>(simulation: &Simulation<'_, T>, trial: usize) -> Vec<usize> {
    draw_training_set(simulation, &mut stream(simulation, trial))
}

impl Draw {
    /// Makes the draws of the trial with the given number.
    ///
    /// # Panics
    /// If the population is empty, or has fewer points than the trial draws test points.
    pub fn new<T: Clone>(simulation: &Simulation<'_, T>, trial: usize) -> Self {
        let points = simulation.population.len();
        let mut stream = stream(simulation, trial);
        let train = draw_training_set(simulation, &mut stream);
        let test = match simulation.test_points {
            TestPoints::Subset(count) => stream.subset(count, points),
            TestPoints::None | TestPoints::All => vec![],
        };
        Draw {
            train,
            test,
            rest: stream,
        }
    }

    /// Returns the stream of the random signs of the points. It is the same at each call.
    pub fn signs(&self) -> Stream {
        self.rest.clone()
    }

    /// Returns the order in which training points are visited. It is the same at each call.
    pub fn order(&self) -> Order<'_> {
        Order {
            train: &self.train,
            visited: (0..self.train.len()).collect(),
            stream: self.rest.clone(),
        }
    }
}

/// The order in which the training points are visited in an epoch.
pub struct Order<'a> {
    train: &'a [usize],
    /// The index of the training point at each position.
    visited: Vec<usize>,
    stream: Stream,
}

impl Order<'_> {
    /// Prepares the order of the next epoch. It has to be called before each epoch.
    ///
    /// With replacement, it draws the training point at each of the T B positions, those of the first batch first.
    pub fn begin_epoch(&mut self, schedule: Schedule) {
        if schedule.has_replacement() {
            let points = self.train.len();
            self.visited.clear();
            self.visited
                .extend((0..schedule.visits()).map(|_| self.stream.below(points)));
            return;
        }
        match schedule.shuffle() {
            Shuffle::Never => {}
            Shuffle::EachEpoch => self.stream.shuffle(&mut self.visited),
        }
    }

    /// Returns the row of the population that is visited at a position in this epoch.
    ///
    /// # Panics
    /// If the position is not below [`Schedule::visits`].
    pub fn point(&self, position: usize) -> usize {
        self.train[self.visited[position]]
    }

    /// Returns the row of the population that is the training point with an index below N.
    pub(super) fn training_point(&self, index: usize) -> usize {
        self.train[index]
    }
}
