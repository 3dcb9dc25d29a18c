//! Measures the time of derivatives of the losses of the paper's `LeNet` on Fashion-MNIST, on all threads.

mod work;

use criterion::Criterion;
use diagrams::runtime::derivatives::{DerivativeOutput, Derivatives, Direction, Pass};
use diagrams::runtime::landscapes::{Named, lenet};
use diagrams::runtime::scalar::Scalar;
use rayon::prelude::*;

use work::flops::Shapes;
use work::{Real, Workload, bench, criterion, images, weights};

const LANDSCAPE: Named = Named::FashionLeNet;
/// The number of images.
const COUNT: usize = 1024;
/// The number of images in a task of one thread.
const BLOCK: usize = 64;

fn main() {
    let mut criterion = criterion();
    derivatives::<f32>(&mut criterion);
    derivatives::<f64>(&mut criterion);
    criterion.final_summary();
}

fn derivatives<T: Real>(criterion: &mut Criterion) {
    let shapes = Shapes::of(&lenet(1, 28));
    let theta: Vec<T> = weights(LANDSCAPE);
    let samples = images(COUNT);
    let local = LANDSCAPE.local(&theta, &samples).expect("they fit");
    let local = &*local;
    let work = |name, flops: f64| Workload {
        name,
        items: COUNT as f64,
        unit: Some("samples"),
        flops: flops * COUNT as f64,
    };

    let mut losses = [<T as Scalar>::constant(0.0); COUNT];
    bench::<T>(criterion, &work("losses", shapes.forward()), || {
        losses
            .par_chunks_mut(BLOCK)
            .enumerate()
            .for_each(|(block, out)| {
                let samples = block * BLOCK..block * BLOCK + out.len();
                local
                    .losses(samples, out)
                    .expect("the processor never fails");
            });
    });

    let p = theta.len();
    let mut gradients = vec![<T as Scalar>::constant(0.0); COUNT * p];
    let plain: [&[u8]; 1] = [&[]];
    bench::<T>(
        criterion,
        &work("per-sample gradients", shapes.pass(&plain)),
        || per_sample(local, &[], &[], &mut gradients),
    );

    let shared: Vec<T> = weights(LANDSCAPE);
    let once: [&[u8]; 1] = [&[1]];
    let flops = shapes.pass(&once);
    bench::<T>(
        criterion,
        &work("mean Hessian-vector product, one v", flops),
        || {
            std::hint::black_box(mean(local, &shared));
        },
    );

    let mut out = vec![<T as Scalar>::constant(0.0); COUNT * p];
    bench::<T>(
        criterion,
        &work("per-sample Hessian-vector products, own v", flops),
        || per_sample(local, &[&gradients], &[1], &mut out),
    );

    let others = out.clone();
    let mixed: [&[u8]; 1] = [&[1, 1]];
    bench::<T>(
        criterion,
        &work("gradient of d2l[u,v], own u and v", shapes.pass(&mixed)),
        || per_sample(local, &[&gradients, &others], &[1, 1], &mut out),
    );

    let twice: [&[u8]; 1] = [&[2]];
    bench::<T>(
        criterion,
        &work("gradient of d2l[v,v], own v", shapes.pass(&twice)),
        || per_sample(local, &[&gradients], &[2], &mut out),
    );
}

/// Computes a derivative of each sample along directions of its own. `tables` and `out` have a row of P numbers for each sample: a component of each
/// direction's table, and the derivative.
fn per_sample<T: Real>(local: &dyn Derivatives<T>, tables: &[&[T]], powers: &[u8], out: &mut [T]) {
    let p = local.dimension();
    out.par_chunks_mut(BLOCK * p)
        .enumerate()
        .for_each(|(block, out)| {
            let start = block * BLOCK;
            let end = start + out.len() / p;
            let directions = tables
                .iter()
                .map(|table| Direction::PerSample(&table[start * p..end * p]))
                .collect();
            let output = DerivativeOutput {
                powers,
                per_sample: Some(out),
                sum: None,
            };
            let pass = Pass {
                directions,
                outputs: vec![output],
            };
            local
                .pass(start..end, pass)
                .expect("the processor never fails");
        });
}

/// The mean over all samples of the products of their Hessians with one vector.
fn mean<T: Real>(local: &dyn Derivatives<T>, direction: &[T]) -> Vec<T> {
    let zeros = || vec![<T as Scalar>::constant(0.0); local.dimension()];
    let blocks: Vec<Vec<T>> = (0..local.samples().div_ceil(BLOCK))
        .into_par_iter()
        .map(|block| {
            let mut sum = zeros();
            let end = local.samples().min((block + 1) * BLOCK);
            let output = DerivativeOutput {
                powers: &[1],
                per_sample: None,
                sum: Some(&mut sum),
            };
            let pass = Pass {
                directions: vec![Direction::Shared(direction)],
                outputs: vec![output],
            };
            local
                .pass(block * BLOCK..end, pass)
                .expect("the processor never fails");
            sum
        })
        .collect();
    let scale = <T as Scalar>::constant(1.0 / local.samples() as f64);
    let mut total = zeros();
    for block in blocks {
        for (total, x) in total.iter_mut().zip(block) {
            *total += scale * x;
        }
    }
    total
}
