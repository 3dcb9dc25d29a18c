//! Launches of the kernels of tables.

use crate::DeviceError;
use crate::emit::{self, Float, TABLE_THREADS};
use crate::gpu::{Buffer, Gpu};
use crate::landscape::Number;
use crate::module::Arguments;

/// The most blocks of threads of a launch in which a block does several tuples.
const GRID: usize = 1 << 16;

/// The numbers of rows up to which a thread multiplies two of them alone.
const SHORT: usize = 32;

/// The rows that are added up, and how.
#[derive(Clone, Copy)]
pub(crate) struct Sum {
    /// How many groups of rows there are, each of which has its own sums.
    pub(crate) groups: usize,
    /// The rows of a group.
    pub(crate) summed: usize,
    /// The rows of a block. Each block has its own sum.
    pub(crate) of_block: usize,
    /// The numbers of a row.
    pub(crate) width: usize,
    /// Whether sums go on from what is there.
    pub(crate) goes_on: bool,
}

impl Sum {
    pub(crate) fn blocks(self) -> usize {
        self.summed.div_ceil(self.of_block)
    }

    fn threads(self) -> usize {
        self.groups * self.blocks() * self.width
    }
}

/// Launches a kernel of tables with so many blocks of threads.
fn launch<T: Number>(
    gpu: &Gpu,
    entry: &'static str,
    blocks: usize,
    arguments: Arguments,
) -> Result<(), DeviceError> {
    let kernel = emit::tables(Float::of::<T>(), entry);
    let emit::Shape::Threads {
        threads,
        shared_bytes,
    } = kernel.shape
    else {
        unreachable!("kernels of tables have no scratch memory");
    };
    let loaded = gpu.load(&kernel)?;
    // SAFETY: the functions below give the arguments of the kernel of this name; those who call them give buffers that are as large as they say.
    unsafe {
        gpu.launch(
            &loaded,
            (blocks as u32, 1),
            threads,
            shared_bytes,
            arguments,
        )
    }
}

fn blocks(threads: usize) -> usize {
    threads.div_ceil(TABLE_THREADS as usize)
}

/// Writes the row that each tuple of a box reads: the first one, and a step further along each of at most three axes.
pub(crate) fn places<T: Number>(
    gpu: &Gpu,
    extents: &[usize],
    first: usize,
    steps: &[usize],
    rows: &Buffer<u32>,
    at: usize,
) -> Result<(), DeviceError> {
    let count: usize = extents.iter().product();
    let missing = 3 - extents.len();
    let extent = |axis: usize| axis.checked_sub(missing).map_or(1, |axis| extents[axis]);
    let step = |axis: usize| axis.checked_sub(missing).map_or(0, |axis| steps[axis]);
    let arguments = Arguments::default()
        .part(rows, at, gpu)
        .int(count)
        .int(extent(1))
        .int(extent(2))
        .int(first)
        .int(step(0))
        .int(step(1))
        .int(step(2));
    launch::<T>(gpu, "places", blocks(count), arguments)
}

/// The dot products of rows of two tables for each tuple.
pub(crate) fn dots<T: Number>(
    gpu: &Gpu,
    [left, right]: [(&Buffer<T>, &Buffer<u32>); 2],
    count: usize,
    width: usize,
    results: &Buffer<f64>,
) -> Result<(), DeviceError> {
    let arguments = Arguments::default()
        .buffer(left.0, gpu)
        .buffer(left.1, gpu)
        .buffer(right.0, gpu)
        .buffer(right.1, gpu)
        .int(count)
        .int(width)
        .buffer(results, gpu);
    if width <= SHORT {
        launch::<T>(gpu, "short_dots", blocks(count), arguments)
    } else {
        launch::<T>(gpu, "dots", count.min(GRID), arguments)
    }
}

/// Multiplies the number of each tuple by one of a table.
pub(crate) fn multiply<T: Number>(
    gpu: &Gpu,
    results: &Buffer<f64>,
    count: usize,
    (table, rows): (&Buffer<f64>, &Buffer<u32>),
    is_first: bool,
) -> Result<(), DeviceError> {
    let arguments = Arguments::default()
        .buffer(results, gpu)
        .int(count)
        .buffer(table, gpu)
        .buffer(rows, gpu)
        .int(usize::from(is_first));
    launch::<T>(gpu, "multiply", blocks(count), arguments)
}

fn sum_arguments<N: cudarc::driver::DeviceRepr>(
    gpu: &Gpu,
    from: &Buffer<N>,
    rows: Option<&Buffer<u32>>,
    sum: Sum,
    to: &Buffer<f64>,
) -> Arguments {
    Arguments::default()
        .buffer(from, gpu)
        .optional(rows, gpu)
        .int(sum.groups)
        .int(sum.summed)
        .int(sum.of_block)
        .int(sum.width)
        .int(usize::from(sum.goes_on))
        .buffer(to, gpu)
}

/// Adds up rows of numbers of the type of a landscape.
pub(crate) fn add_rows<T: Number>(
    gpu: &Gpu,
    from: &Buffer<T>,
    rows: Option<&Buffer<u32>>,
    sum: Sum,
    to: &Buffer<f64>,
) -> Result<(), DeviceError> {
    let arguments = sum_arguments(gpu, from, rows, sum, to);
    launch::<T>(gpu, "add_rows", blocks(sum.threads()), arguments)
}

/// Adds up rows of numbers in double precision.
pub(crate) fn add_numbers<T: Number>(
    gpu: &Gpu,
    from: &Buffer<f64>,
    rows: Option<&Buffer<u32>>,
    sum: Sum,
    to: &Buffer<f64>,
) -> Result<(), DeviceError> {
    let arguments = sum_arguments(gpu, from, rows, sum, to);
    launch::<T>(gpu, "add_numbers", blocks(sum.threads()), arguments)
}

/// Sums divided by a number, rounded.
pub(crate) fn average<T: Number>(
    gpu: &Gpu,
    sums: &Buffer<f64>,
    count: usize,
    number: f64,
    to: &Buffer<T>,
) -> Result<(), DeviceError> {
    let arguments = Arguments::default()
        .buffer(sums, gpu)
        .int(count)
        .number::<f64>(number)
        .buffer(to, gpu);
    launch::<T>(gpu, "average", blocks(count), arguments)
}
