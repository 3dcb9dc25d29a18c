//! The execution of steps on one device.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use diagram_steps::{Operand, QuantityId, Step};

use super::boxes::{self, Ranges};
use super::schedule::{Job, Pass, Schedule};
use crate::DeviceError;
use crate::derivatives::{DeviceDerivatives, Place, chunks};
use crate::emit::Task;
use crate::gpu::{Buffer, Gpu};
use crate::landscape::Number;
use crate::module::Arguments;
use crate::tables::{self, Sum};

/// The rows that are added up one after the other, before such sums are.
pub(super) const BLOCK: usize = 64;

/// A table on a device, which has an entry for each tuple of samples; the last axis counts first.
pub(super) enum Stored<T> {
    Vectors(Buffer<T>),
    Numbers(Buffer<f64>),
}

/// For each output of a step over all samples its table, or sums where it is a mean.
type LinearOutputs<T> = (Vec<Option<Stored<T>>>, Vec<Option<Rc<Buffer<f64>>>>);

/// What a pass computes on a box.
enum Tile<T> {
    /// A vector for each tuple.
    Vectors(Buffer<T>),
    /// The sums over the axes that are not kept.
    Sums(Rc<Buffer<f64>>),
}

/// Vectors that a step reads.
enum Source<'t, T> {
    Stored(&'t Buffer<T>),
    Tile(Rc<Tile<T>>),
}

impl<T> Source<'_, T> {
    fn buffer(&self) -> &Buffer<T> {
        match self {
            Source::Stored(buffer) => buffer,
            Source::Tile(tile) => match &**tile {
                Tile::Vectors(buffer) => buffer,
                Tile::Sums(_) => unreachable!("steps read the vectors of tiles"),
            },
        }
    }
}

/// The rows of a table that tuples read: the first one, and the distance of two neighbors along each loop axis.
struct Rows {
    first: usize,
    steps: Vec<usize>,
}

/// The execution of steps on one device, with the tiles of streams that they have computed so far.
pub(super) struct Scope<'a, T: Number> {
    pub(super) derivatives: &'a DeviceDerivatives<T>,
    pub(super) gpu: &'a Gpu,
    pub(super) place: &'a Place<T>,
    /// All datapoints on the device.
    pub(super) datapoints: &'a Buffer<T>,
    /// The samples over which steps are executed.
    pub(super) samples: Range<usize>,
    pub(super) schedule: &'a Schedule<'a>,
    pub(super) tables: &'a HashMap<QuantityId, Stored<T>>,
    tiles: HashMap<(QuantityId, Ranges), Rc<Tile<T>>>,
}

fn extents(ranges: &[Range<usize>]) -> Vec<usize> {
    ranges.iter().map(Range::len).collect()
}

/// The distances of neighbors along each axis, where the last axis counts first.
fn strides(extents: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; extents.len()];
    for axis in (1..extents.len()).rev() {
        strides[axis - 1] = strides[axis] * extents[axis];
    }
    strides
}

impl<'a, T: Number> Scope<'a, T> {
    pub(super) fn new(
        derivatives: &'a DeviceDerivatives<T>,
        gpu: &'a Gpu,
        (place, datapoints): (&'a Place<T>, &'a Buffer<T>),
        samples: Range<usize>,
        schedule: &'a Schedule<'a>,
        tables: &'a HashMap<QuantityId, Stored<T>>,
    ) -> Self {
        Scope {
            derivatives,
            gpu,
            place,
            datapoints,
            samples,
            schedule,
            tables,
            tiles: HashMap::new(),
        }
    }

    fn dimension(&self) -> usize {
        self.derivatives.theta.len()
    }

    fn row_bytes(&self) -> usize {
        self.dimension() * size_of::<T>()
    }

    /// A step over all samples: the tables of the outputs that keep their axis, and the sums of the others.
    pub(super) fn linear(&mut self, job: &Job<'_>) -> Result<LinearOutputs<T>, DeviceError> {
        let all = 0..self.samples.len();
        let Step::Pass {
            sample,
            directions,
            outputs,
            ..
        } = job.step
        else {
            let kept = &job.outputs[0].kept;
            if kept.is_empty() {
                return Ok((
                    vec![None],
                    self.run(job, &[all])?.into_iter().map(Some).collect(),
                ));
            }
            let numbers = self.numbers(job.step, &[all])?;
            return Ok((vec![Some(Stored::Numbers(numbers))], vec![None]));
        };
        let dimension = self.dimension();
        let mut stored = vec![];
        let mut sums = vec![];
        for output in outputs {
            stored.push(if output.mean {
                None
            } else {
                Some(self.gpu.allocate::<T>(all.len() * dimension)?)
            });
            sums.push(if output.mean {
                Some(Rc::new(self.gpu.zeros::<f64>(dimension)?))
            } else {
                None
            });
        }
        let pass = Pass {
            sample: *sample,
            directions,
            outputs,
            written: job.outputs.clone(),
        };
        for chunk in chunks(all, boxes::chunk(self.row_bytes(), 1)) {
            let rows = stored
                .iter()
                .map(|stored| match stored {
                    Some(_) => Ok(None),
                    None => self.gpu.allocate::<T>(chunk.len() * dimension).map(Some),
                })
                .collect::<Result<Vec<_>, _>>()?;
            let to = stored.iter().zip(&rows).filter_map(|(stored, rows)| {
                let whole = stored
                    .as_ref()
                    .map(|table| (table, chunk.start * dimension));
                whole.or(rows.as_ref().map(|rows| (rows, 0)))
            });
            self.pass(&pass, std::slice::from_ref(&chunk), &to.collect::<Vec<_>>())?;
            for (rows, sums) in rows.iter().zip(&sums) {
                if let (Some(rows), Some(sums)) = (rows, sums) {
                    let read = Rows {
                        first: 0,
                        steps: vec![1],
                    };
                    self.add_rows(rows, &read, &[chunk.len()], &[], sums)?;
                }
            }
        }
        let stored = stored.into_iter().map(|table| table.map(Stored::Vectors));
        Ok((stored.collect(), sums))
    }

    /// The outputs of a job on a box, summed over the axes that they do not keep.
    pub(super) fn run(
        &mut self,
        job: &Job<'_>,
        ranges: &[Range<usize>],
    ) -> Result<Vec<Rc<Buffer<f64>>>, DeviceError> {
        match job.step {
            Step::Loss { .. } => unreachable!("losses have no boxes"),
            Step::Pass {
                sample,
                directions,
                outputs,
                ..
            } => {
                if let Some(stream) = job.stream {
                    let outputs = job.outputs.iter();
                    return outputs
                        .map(|output| {
                            let tile = self.tile(stream, output.quantity, ranges)?;
                            let Tile::Sums(sums) = &*tile else {
                                unreachable!("what waits for a stream is reduced");
                            };
                            Ok(Rc::clone(sums))
                        })
                        .collect();
                }
                let pass = Pass {
                    sample: *sample,
                    directions,
                    outputs,
                    written: job.outputs.clone(),
                };
                let tiles = self.compute(&pass, ranges)?.into_iter();
                let sums = tiles.map(|tile| match tile {
                    Tile::Sums(sums) => sums,
                    Tile::Vectors(_) => unreachable!("vectors over pairs are a stream's"),
                });
                Ok(sums.collect())
            }
            Step::Mean { operand, .. } => {
                let operand = Operand {
                    quantity: *operand,
                    axes: (0..job.axes).collect(),
                };
                let read = self.rows(&operand, ranges);
                let source = self.source(&operand, ranges)?;
                let kept = &job.outputs[0].kept;
                let sums = self.sums(ranges, kept, self.dimension())?;
                self.add_rows(source.buffer(), &read, &extents(ranges), kept, &sums)?;
                Ok(vec![Rc::new(sums)])
            }
            Step::Dot { .. } | Step::Product { .. } => {
                let numbers = self.numbers(job.step, ranges)?;
                let extents = extents(ranges);
                let read = Rows {
                    first: 0,
                    steps: strides(&extents),
                };
                let kept = &job.outputs[0].kept;
                let sums = self.sums(ranges, kept, 1)?;
                let (list, sum) = self.order(&read, &extents, kept, 1)?;
                self.add_blocks(sum, &sums, |sum, parts| {
                    tables::add_numbers::<T>(self.gpu, &numbers, Some(&list), sum, parts)
                })?;
                Ok(vec![Rc::new(sums)])
            }
        }
    }

    /// Zeros for each tuple of the kept axes.
    fn sums(
        &self,
        ranges: &[Range<usize>],
        kept: &[usize],
        width: usize,
    ) -> Result<Buffer<f64>, DeviceError> {
        let groups: usize = kept.iter().map(|&axis| ranges[axis].len()).product();
        self.gpu.zeros(groups * width)
    }

    /// The rows that tuples read in an order in which those that are added up follow each other.
    fn order(
        &self,
        read: &Rows,
        extents: &[usize],
        kept: &[usize],
        width: usize,
    ) -> Result<(Buffer<u32>, Sum), DeviceError> {
        let summed = (0..extents.len()).filter(|axis| !kept.contains(axis));
        let order: Vec<usize> = kept.iter().copied().chain(summed).collect();
        let [sizes, steps] =
            [extents, &read.steps].map(|of| order.iter().map(|&axis| of[axis]).collect::<Vec<_>>());
        let groups: usize = sizes[..kept.len()].iter().product();
        let summed: usize = sizes[kept.len()..].iter().product();
        let list = self.gpu.allocate(groups * summed)?;
        tables::places::<T>(self.gpu, &sizes, read.first, &steps, &list, 0)?;
        let sum = Sum {
            groups,
            summed,
            of_block: BLOCK,
            width,
            goes_on: false,
        };
        Ok((list, sum))
    }

    /// Adds vectors to sums, which keep some axes.
    fn add_rows(
        &self,
        from: &Buffer<T>,
        read: &Rows,
        extents: &[usize],
        kept: &[usize],
        sums: &Buffer<f64>,
    ) -> Result<(), DeviceError> {
        let (list, sum) = self.order(read, extents, kept, self.dimension())?;
        self.add_blocks(sum, sums, |sum, parts| {
            tables::add_rows(self.gpu, from, Some(&list), sum, parts)
        })
    }

    /// Adds up blocks, and then their sums to those that there are.
    fn add_blocks(
        &self,
        sum: Sum,
        sums: &Buffer<f64>,
        add: impl Fn(Sum, &Buffer<f64>) -> Result<(), DeviceError>,
    ) -> Result<(), DeviceError> {
        let parts = self.gpu.allocate(sum.groups * sum.blocks() * sum.width)?;
        add(sum, &parts)?;
        let all = Sum {
            summed: sum.blocks(),
            of_block: sum.blocks(),
            goes_on: true,
            ..sum
        };
        tables::add_numbers::<T>(self.gpu, &parts, None, all, sums)
    }

    /// The dot product or the product of each tuple of a box.
    fn numbers(
        &mut self,
        step: &Step,
        ranges: &[Range<usize>],
    ) -> Result<Buffer<f64>, DeviceError> {
        let extents = extents(ranges);
        let count = extents.iter().product();
        let results = self.gpu.allocate(count)?;
        match step {
            Step::Dot { left, right, .. } => {
                let [left_rows, right_rows] = [left, right].map(|operand| {
                    let rows = self.rows(operand, ranges);
                    self.list(&rows, &extents)
                });
                let (left_rows, right_rows) = (left_rows?, right_rows?);
                let left = self.source(left, ranges)?;
                let right = self.source(right, ranges)?;
                tables::dots(
                    self.gpu,
                    [(left.buffer(), &left_rows), (right.buffer(), &right_rows)],
                    count,
                    self.dimension(),
                    &results,
                )?;
            }
            Step::Product { factors, .. } => {
                for (at, factor) in factors.iter().enumerate() {
                    let rows = self.rows(factor, ranges);
                    let list = self.list(&rows, &extents)?;
                    let Some(Stored::Numbers(table)) = self.tables.get(&factor.quantity) else {
                        unreachable!("products are of numbers that are stored");
                    };
                    tables::multiply::<T>(self.gpu, &results, count, (table, &list), at == 0)?;
                }
            }
            _ => unreachable!("called for dot products and products"),
        }
        Ok(results)
    }

    fn list(&self, rows: &Rows, extents: &[usize]) -> Result<Buffer<u32>, DeviceError> {
        let list = self.gpu.allocate(extents.iter().product())?;
        tables::places::<T>(self.gpu, extents, rows.first, &rows.steps, &list, 0)?;
        Ok(list)
    }

    /// The rows of an operand's table that the tuples of a box read.
    fn rows(&self, operand: &Operand, ranges: &[Range<usize>]) -> Rows {
        // A tile has the ranges of the box, and a stored table all samples.
        let is_tile = self.schedule.stream_of.contains_key(&operand.quantity);
        let extents: Vec<usize> = operand
            .axes
            .iter()
            .map(|&axis| {
                if is_tile {
                    ranges[axis].len()
                } else {
                    self.samples.len()
                }
            })
            .collect();
        let mut rows = Rows {
            first: 0,
            steps: vec![0; ranges.len()],
        };
        for (&axis, stride) in operand.axes.iter().zip(strides(&extents)) {
            rows.steps[axis] += stride;
            if !is_tile {
                rows.first += stride * ranges[axis].start;
            }
        }
        rows
    }

    /// The vectors of an operand: a table, or the tile of its stream.
    fn source(
        &mut self,
        operand: &Operand,
        ranges: &[Range<usize>],
    ) -> Result<Source<'a, T>, DeviceError> {
        if let Some(&stream) = self.schedule.stream_of.get(&operand.quantity) {
            let block: Ranges = operand
                .axes
                .iter()
                .map(|&axis| ranges[axis].clone())
                .collect();
            let tile = self.tile(stream, operand.quantity, &block)?;
            return Ok(Source::Tile(tile));
        }
        match self.tables.get(&operand.quantity) {
            Some(Stored::Vectors(table)) => Ok(Source::Stored(table)),
            _ => unreachable!("schedules have vectors before they are read"),
        }
    }

    /// An output of a stream on a block of pairs. All outputs of the stream are computed together.
    fn tile(
        &mut self,
        stream: usize,
        quantity: QuantityId,
        block: &[Range<usize>],
    ) -> Result<Rc<Tile<T>>, DeviceError> {
        let key = (quantity, block.to_vec());
        if let Some(tile) = self.tiles.get(&key) {
            return Ok(Rc::clone(tile));
        }
        let schedule = self.schedule;
        let stream = &schedule.streams[stream];
        let n = self.samples.len();
        let mut ranges = block.to_vec();
        // With three loops that over the differentiated samples is over all of them.
        if stream.axes == 3 {
            ranges.insert(stream.pass.sample, 0..n);
        }
        let tiles = self.compute(&stream.pass, &ranges)?;
        for (output, tile) in stream.pass.written.iter().zip(tiles) {
            let tile = match tile {
                Tile::Sums(sums) if stream.axes == 3 => {
                    let vectors = self.gpu.allocate::<T>(sums.len())?;
                    tables::average(self.gpu, &sums, sums.len(), n as f64, &vectors)?;
                    Tile::Vectors(vectors)
                }
                tile => tile,
            };
            self.tiles
                .insert((output.quantity, block.to_vec()), Rc::new(tile));
        }
        Ok(Rc::clone(&self.tiles[&key]))
    }

    /// Computes the outputs of a pass on a box.
    fn compute(
        &mut self,
        pass: &Pass<'_>,
        ranges: &[Range<usize>],
    ) -> Result<Vec<Tile<T>>, DeviceError> {
        let dimension = self.dimension();
        let sample = pass.sample;
        let sums = pass
            .written
            .iter()
            .map(|output| {
                if output.kept.len() == ranges.len() {
                    Ok(None)
                } else {
                    self.sums(ranges, &output.kept, dimension).map(Some)
                }
            })
            .collect::<Result<Vec<_>, DeviceError>>()?;
        let tuples: usize = extents(ranges).iter().product();
        let size = if sums.iter().all(Option::is_some) {
            let sets = tuples / ranges[sample].len().max(1);
            boxes::chunk(self.row_bytes(), sets)
        } else {
            ranges[sample].len()
        };
        let mut vectors = vec![];
        for chunk in chunks(ranges[sample].clone(), size.max(1)) {
            let mut ranges = ranges.to_vec();
            ranges[sample] = chunk;
            let extents = extents(&ranges);
            let count = extents.iter().product::<usize>() * dimension;
            // Those of the last chunk are given back first.
            vectors.clear();
            vectors = (0..pass.outputs.len())
                .map(|_| self.gpu.allocate::<T>(count))
                .collect::<Result<Vec<_>, _>>()?;
            let to: Vec<_> = vectors.iter().map(|vectors| (vectors, 0)).collect();
            self.pass(pass, &ranges, &to)?;
            let read = Rows {
                first: 0,
                steps: strides(&extents),
            };
            for ((vectors, sums), output) in vectors.iter().zip(&sums).zip(&pass.written) {
                if let Some(sums) = sums {
                    self.add_rows(vectors, &read, &extents, &output.kept, sums)?;
                }
            }
        }
        let tiles = sums.into_iter().zip(vectors);
        Ok(tiles
            .map(|(sums, vectors)| match sums {
                Some(sums) => Tile::Sums(Rc::new(sums)),
                None => Tile::Vectors(vectors),
            })
            .collect())
    }

    /// Writes the derivatives of each tuple of a box, from a place of a buffer on.
    fn pass(
        &mut self,
        pass: &Pass<'_>,
        ranges: &[Range<usize>],
        to: &[(&Buffer<T>, usize)],
    ) -> Result<(), DeviceError> {
        let gpu = self.gpu;
        let extents = extents(ranges);
        let tuples: usize = extents.iter().product();
        let powers = pass.outputs.iter().map(|output| &*output.powers);
        let task = Task::pass(pass.directions.len(), powers);
        let kernel = self.derivatives.kernel(gpu, &task);
        let mut steps = vec![0; ranges.len()];
        steps[pass.sample] = 1;
        let first = self.samples.start + ranges[pass.sample].start;
        let mut lists = vec![Rows { first, steps }];
        let mut sources = vec![];
        for direction in pass.directions {
            lists.push(self.rows(direction, ranges));
            sources.push(self.source(direction, ranges)?);
        }
        let places = gpu.allocate(lists.len() * tuples)?;
        for (at, rows) in lists.iter().enumerate() {
            tables::places::<T>(gpu, &extents, rows.first, &rows.steps, &places, at * tuples)?;
        }
        let grid = DeviceDerivatives::<T>::grid(gpu, tuples);
        let scratch = DeviceDerivatives::<T>::scratch(gpu, &kernel, grid)?;
        let mut arguments = Arguments::default()
            .buffer(&self.place.theta, gpu)
            .buffer(self.datapoints, gpu)
            .int(tuples);
        arguments = self.place.rest(arguments, gpu, &kernel, scratch.as_ref());
        arguments = arguments.buffer(&places, gpu);
        for source in &sources {
            arguments = arguments.buffer(source.buffer(), gpu).int(self.dimension());
        }
        for &(buffer, from) in to {
            arguments = arguments.part(buffer, from, gpu);
        }
        DeviceDerivatives::<T>::launch(gpu, &kernel, grid, tuples, arguments)
    }
}
