//! The works that are compared, by the names that the library's benches give them, and their least floating point operations.

/// Multiply-adds of the first layer, which reads data, as two operations each: 25 taps, 10 channels, 12 x 12 positions.
const FIRST: f64 = 2.0 * 25.0 * 10.0 * 144.0;
/// Of the others.
const HIDDEN: f64 = 2.0 * (250.0 * 10.0 * 16.0 + 160.0 * 10.0 + 10.0 * 10.0);

/// A loss for each image, and nothing else.
pub(crate) const FORWARD: &str = "losses";
/// The gradient of the mean loss.
pub(crate) const MEAN_GRADIENT: &str = "mean gradient";
/// A gradient for each image.
pub(crate) const GRADIENTS: &str = "per-sample gradients";
/// The Hessian of the mean loss times one vector.
pub(crate) const MEAN_HVP: &str = "mean Hessian-vector product, one v";
/// The Hessian of each image's loss times the image's own vector.
pub(crate) const HVPS: &str = "per-sample Hessian-vector products, own v";
/// The gradient of the second derivative along each image's own two directions.
pub(crate) const MIXED: &str = "gradient of d2l[u,v], own u and v";

/// Training runs with batches of 1, without tests or with a number of test points after each run.
pub(crate) fn trial_steps(test_points: usize) -> String {
    match test_points {
        0 => "trial-steps, no test points".to_owned(),
        count => format!("trial-steps, {count} test points a trial"),
    }
}

/// Updates of a training run.
pub(crate) const STEPS: usize = 10;
/// The numbers of test points that are compared.
pub(crate) const TEST_POINTS: [usize; 3] = [0, 30, 300];

/// Least operations for an item: forward once for each coefficient of a truncated power series along the directions, back and into the
/// weights' gradients; the same count as in the library's benches.
pub(crate) fn flops(work: &str) -> Option<f64> {
    let forward = FIRST + HIDDEN;
    let gradient = 2.0 * FIRST + 3.0 * HIDDEN;
    match work {
        FORWARD => Some(forward),
        MEAN_GRADIENT | GRADIENTS => Some(gradient),
        MEAN_HVP | HVPS => Some(3.0 * FIRST + 8.0 * HIDDEN),
        MIXED => Some(4.0 * FIRST + 20.0 * HIDDEN),
        _ => TEST_POINTS
            .into_iter()
            .find(|&count| trial_steps(count) == work)
            .map(|count| gradient + count as f64 * forward / STEPS as f64),
    }
}
