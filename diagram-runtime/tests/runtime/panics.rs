//! A loss that panics ends a run at once: its message is not printed for each block of samples or trials.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use diagram_calculus::value_class::ValueClass;
use diagram_runtime::derivatives::PointDerivatives;
use diagram_runtime::interpret::Interpreted;
use diagram_runtime::landscape::Landscape;
use diagram_runtime::samples::Samples;
use diagram_runtime::scalar::Scalar;
use diagram_runtime::simulate::{Schedule, Shuffle, Simulation};
use diagram_runtime::values::{Method, Options, evaluate};

const THREADS: usize = 2;

/// A loss that panics from one of its calls on, the first of which is 0.
#[derive(Default)]
struct Broken {
    panics: AtomicUsize,
    from_call: usize,
    calls: AtomicUsize,
}

impl Landscape for Broken {
    fn dimension(&self) -> usize {
        1
    }

    fn input_width(&self) -> usize {
        1
    }

    fn loss<S: Scalar>(&self, theta: &[S], x: &[S::Base]) -> S {
        if self.calls.fetch_add(1, Ordering::Relaxed) >= self.from_call {
            self.panics.fetch_add(1, Ordering::Relaxed);
            panic!("a loss that is meant to fail");
        }
        theta[0].clone().plus_base(&x[0]).square()
    }
}

fn on_threads(run: impl Fn() + Send + Sync) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build();
    let ended = catch_unwind(AssertUnwindSafe(|| pool.expect("threads").install(&run)));
    let panic = ended.expect_err("the loss panics");
    let message = panic.downcast_ref::<&str>().copied();
    assert_eq!(message, Some("a loss that is meant to fail"));
}

#[test]
fn values_end_at_once() {
    let edges = [(0, 1), (1, 2)];
    let path = ValueClass::from_edges(3, &edges, &[0, 1, 2], None).expect("a path");
    let data = Samples::new(1, vec![0.5; 4096]).expect("one column");
    for method in [Method::Passes, Method::Tensors] {
        // The losses themselves come first, in one call on one thread, for eight samples or fewer at once.
        let broken = Broken {
            from_call: 4096 / 8 + 10,
            ..Broken::default()
        };
        on_threads(|| {
            let local = PointDerivatives::new(&broken, &[0.1], &data).expect("one weight");
            let options = Options::population().by(method);
            drop(evaluate(
                &Interpreted::new(std::slice::from_ref(&path)),
                &local,
                &options,
            ));
        });
        let panics = broken.panics.load(Ordering::Relaxed);
        assert!((1..=THREADS).contains(&panics), "{method:?}: {panics}");
    }
}

#[test]
fn trials_end_at_once() {
    let broken = Broken::default();
    let population = Samples::new(1, vec![-0.5, 0.5]).expect("one column");
    let schedule = Schedule::new(4, 1, 1, Shuffle::Never).expect("a schedule");
    on_threads(|| {
        let simulation = Simulation {
            trials: 4096,
            ..Simulation::new(&broken, &[0.1], &population, schedule, &[0.1])
        };
        drop(simulation.run());
    });
    let panics = broken.panics.load(Ordering::Relaxed);
    assert!((1..=THREADS).contains(&panics), "{panics}");
}
