//! Whether a framework computes what it should, against plain loops in `f64`.

use super::FrameworkError;
use super::data::{Images, normals};
use super::derivatives::{Derivative, Program};
use super::framework::Framework;
use super::network::{DIMENSION, Form, Network};
use super::reference::loss_and_gradient;
use super::training::{Training, one_update};
use super::workers::Workers;

/// Images: two whole blocks and a part of one.
const COUNT: usize = 20;
const BLOCK: usize = 8;
/// A step of finite differences of the `f64` gradient. Errors of the order of its square and of ε over its square are both below those of `f32`.
const STEP: f64 = 1e-4;
/// Terms of the longest path of sums in the network, there and back.
const TERMS: f64 = 2.0 * (25.0 + 250.0 + 160.0 + 10.0);

/// Relative to the norm: each sum of n terms is off by at most n roundings of its terms, and errors of the layers add up. A derivative
/// along a direction goes through all layers once more for each coefficient.
fn tolerance(directions: usize) -> f64 {
    TERMS * f64::from(f32::EPSILON / 2.0) * (1 << directions) as f64
}

/// Compares all derivatives in all forms, and an update of a training run.
pub(crate) fn all<F: Framework>(
    framework: &F,
    images: &Images,
    workers: &Workers,
) -> Result<(), FrameworkError> {
    let theta = normals(DIMENSION, 1);
    // Of length about 1, for the sake of the finite differences.
    let directions = [2, 3].map(|seed| {
        let shrink = 1.0 / (DIMENSION as f32).sqrt();
        let normals = normals(COUNT * DIMENSION, seed);
        normals
            .into_iter()
            .map(|x| shrink * x)
            .collect::<Vec<f32>>()
    });
    for derivative in Derivative::ALL {
        let expected = expected(derivative, &theta, &directions, images);
        for form in Form::ALL {
            let network = Network::new(framework, form)?;
            let program = Program::new(
                network,
                derivative,
                images,
                COUNT,
                BLOCK,
                &theta,
                &directions,
            )?;
            let found = program.numbers(&program.run(workers)?)?;
            let tolerance = tolerance(derivative.directions());
            compare(derivative.name(), form, &found, &expected, tolerance)?;
        }
    }
    for form in Form::ALL {
        let training = Training::new(framework, [form, form], images, &theta)?;
        let (found, points) = one_update(&training, BLOCK, 5)?;
        let expected: Vec<f64> = points
            .into_iter()
            .flat_map(|image| plain(&wide(&theta), images, image).1)
            .collect();
        // The weights themselves are rounded when they are updated.
        let rounding = 0.5 * f64::from(f32::EPSILON) * norm(wide(&theta)) * (BLOCK as f64).sqrt();
        let tolerance = tolerance(0) + 2.0 * rounding / (0.1 * norm(expected.iter().copied()));
        compare("an update", form, &found, &expected, tolerance)?;
    }
    Ok(())
}

fn plain(theta: &[f64], images: &Images, image: usize) -> (f64, Vec<f64>) {
    loss_and_gradient(theta, images.pixels(image), images.labels[image])
}

fn wide(x: &[f32]) -> Vec<f64> {
    x.iter().map(|&x| f64::from(x)).collect()
}

/// By plain loops, with central differences along the directions.
fn expected(
    derivative: Derivative,
    theta: &[f32],
    directions: &[Vec<f32>; 2],
    images: &Images,
) -> Vec<f64> {
    let theta = wide(theta);
    if derivative == Derivative::Losses {
        return (0..COUNT).map(|i| plain(&theta, images, i).0).collect();
    }
    let mut mean = vec![0.0; DIMENSION];
    let mut all = vec![];
    for image in 0..COUNT {
        let row = if derivative.is_mean() { 0 } else { image };
        let row = row * DIMENSION..(row + 1) * DIMENSION;
        let used = &directions[..derivative.directions()];
        let used: Vec<Vec<f64>> = used.iter().map(|d| wide(&d[row.clone()])).collect();
        let gradient = differences(&theta, &used, &|theta| plain(theta, images, image).1);
        for (mean, x) in mean.iter_mut().zip(&gradient) {
            *mean += x / COUNT as f64;
        }
        all.extend(gradient);
    }
    if derivative.is_mean() { mean } else { all }
}

fn differences(theta: &[f64], along: &[Vec<f64>], f: &dyn Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let [first, rest @ ..] = along else {
        return f(theta);
    };
    let at = |step: f64| {
        let moved: Vec<f64> = theta.iter().zip(first).map(|(t, d)| t + step * d).collect();
        differences(&moved, rest, f)
    };
    let (ahead, behind) = (at(STEP), at(-STEP));
    let difference = ahead
        .iter()
        .zip(behind)
        .map(|(a, b)| (a - b) / (2.0 * STEP));
    difference.collect()
}

fn compare(
    work: &str,
    form: Form,
    found: &[f32],
    expected: &[f64],
    tolerance: f64,
) -> Result<(), FrameworkError> {
    let same = found.len() == expected.len();
    let difference = found.iter().zip(expected).map(|(&a, b)| f64::from(a) - b);
    let error = norm(difference) / norm(expected.iter().copied());
    if same && error <= tolerance {
        return Ok(());
    }
    Err(FrameworkError::Wrong {
        work: work.to_owned(),
        how: form.name().to_owned(),
        error: if same { error } else { f64::INFINITY },
        tolerance,
    })
}

fn norm(x: impl IntoIterator<Item = f64>) -> f64 {
    x.into_iter().map(|x| x * x).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::{Spread, burn::Burn, candle::Candle};
    use super::*;

    fn both<F: Framework>(framework: &F) -> Result<(), FrameworkError> {
        for spread in Spread::ALL {
            all(framework, &Images::sample()?, &Workers::new(spread, 2)?)?;
        }
        Ok(())
    }

    #[test]
    fn candle_agrees() -> Result<(), FrameworkError> {
        both(&Candle)
    }

    #[test]
    fn burn_agrees() -> Result<(), FrameworkError> {
        both(&Burn::new())
    }

    /// The plain gradient against central differences of the plain loss.
    #[test]
    fn plain_gradient() -> Result<(), FrameworkError> {
        let images = Images::sample()?;
        let theta = wide(&normals(DIMENSION, 1));
        let along = vec![wide(&normals(DIMENSION, 2))];
        let (_, gradient) = plain(&theta, &images, 7);
        let slope: f64 = gradient.iter().zip(&along[0]).map(|(g, d)| g * d).sum();
        let difference = differences(&theta, &along, &|theta| vec![plain(theta, &images, 7).0])[0];
        // The step moves the weights by 67 of it, and the third derivative counts with its square.
        assert!((slope - difference).abs() < 1e-3 * slope.abs());
        Ok(())
    }
}
