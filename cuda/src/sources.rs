//! The sources of kernels, for those who compile them without a device.

use crate::compiler::{OPTIONS, hash};
use crate::emit::{self, Float, Kernel, Metric, Rule, Shape, Task, TrialTask};
use crate::landscape::Number;
use crate::{DeviceError, DeviceLandscape};

/// A kernel in CUDA C++, or several that are compiled together.
#[derive(Clone, Debug)]
pub struct KernelSource {
    /// What it computes, such as `[u,v]` or `steps of GDC, full`.
    pub name: String,
    /// The source.
    pub text: String,
    /// The number of threads of a block.
    pub threads: u32,
    /// The shared memory of a block, in bytes.
    pub shared_bytes: usize,
}

impl KernelSource {
    fn new(name: impl Into<String>, kernel: Kernel) -> Self {
        let (Shape::Threads {
            threads,
            shared_bytes,
        }
        | Shape::Blocks {
            threads,
            shared_bytes,
            ..
        }) = kernel.shape;
        KernelSource {
            name: name.into(),
            text: kernel.text,
            threads,
            shared_bytes,
        }
    }

    /// The kernels that do not depend on the landscape: what trials draw, and tables in each precision.
    pub fn of_all_landscapes() -> Vec<KernelSource> {
        vec![
            // A text has several kernels, whichever of them is launched.
            KernelSource::new("draw, begin", emit::draw_kernel("draw")),
            KernelSource::new("tables of f32", emit::tables(Float::Single, "dots")),
            KernelSource::new("tables of f64", emit::tables(Float::Double, "dots")),
        ]
    }
}

impl DeviceLandscape {
    /// The kernels that devices of an architecture with so much shared memory for a block, in bytes, run in this precision: for losses, and for the derivatives
    /// with each list of powers along as many directions, as in [`DerivativeOutput::powers`](diagram_kernels::derivatives::DerivativeOutput::powers).
    ///
    /// # Errors
    /// [`DeviceError::Unsupported`].
    pub fn kernels<T: Number>(
        &self,
        derivatives: &[&[&[u8]]],
        shared_memory: usize,
    ) -> Result<Vec<KernelSource>, DeviceError> {
        let program = self.program()?;
        let source = |name: String, task: Task| {
            let kernel = emit::kernel(&program, Float::of::<T>(), &task, shared_memory);
            KernelSource::new(name, kernel)
        };
        let pass = |outputs: &&[&[u8]]| {
            let names: Vec<String> = outputs.iter().map(|powers| derivative(powers)).collect();
            let directions = outputs.first().map_or(0, |powers| powers.len());
            let task = Task::pass(directions, outputs.iter().copied());
            source(names.join(", "), task)
        };
        let loss = source("loss".into(), Task::Loss);
        Ok(std::iter::once(loss)
            .chain(derivatives.iter().map(pass))
            .collect())
    }

    /// The kernels of trials that such devices run in this precision: the steps of each optimizer with each kind of learning rate, and the measures at the end.
    ///
    /// # Errors
    /// [`DeviceError::Unsupported`].
    pub fn trial_kernels<T: Number>(
        &self,
        shared_memory: usize,
    ) -> Result<Vec<KernelSource>, DeviceError> {
        let program = self.program()?;
        let source = |name: String, task: TrialTask| {
            let kernel = emit::trial_kernel(&program, Float::of::<T>(), task, shared_memory);
            KernelSource::new(name, kernel)
        };
        let mut sources = vec![];
        for (optimizer, rule) in [("SGD", Rule::Sgd), ("GDC", Rule::Gdc), ("SDE", Rule::Sde)] {
            for (kind, metric) in [
                ("scalar", Metric::Scalar),
                ("diagonal", Metric::Diagonal),
                ("full", Metric::Full),
            ] {
                let name = format!("steps of {optimizer}, {kind}");
                sources.push(source(name, TrialTask::Steps(rule, metric)));
            }
        }
        sources.push(source("measure".into(), TrialTask::Measure));
        Ok(sources)
    }
}

/// What tells lists of kernels apart: their names, texts and shapes, and the options of the compiler, in one number, the same on every machine.
pub fn fingerprint(kernels: &[KernelSource]) -> String {
    let mut bytes = vec![];
    let mut add = |part: &str| {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(part.as_bytes());
    };
    for option in OPTIONS {
        add(option);
    }
    for kernel in kernels {
        let shape = format!("{} {}", kernel.threads, kernel.shared_bytes);
        for part in [&kernel.name, &kernel.text, &shape] {
            add(part);
        }
    }
    format!("{:016x}", hash(&bytes, 0))
}

/// The name of a derivative with these powers along directions u, v, w and so on.
fn derivative(powers: &[u8]) -> String {
    let slots: Vec<String> = powers
        .iter()
        .zip('u'..)
        .flat_map(|(&power, direction)| vec![direction.to_string(); power.into()])
        .collect();
    if slots.is_empty() {
        "gradient".into()
    } else {
        format!("[{}]", slots.join(","))
    }
}
