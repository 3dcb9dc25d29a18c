//! The sweep over the updates of a run.

use super::super::kernel::{Kernel, Update};
use crate::resummed::RationalAlgebra;

/// What a sweep over updates remembers, and how it goes on. State 0 is the start. States are in an order in which every move goes to a later one.
pub(super) struct Machine<R> {
    /// The number of open edges of each state.
    pub open: Vec<usize>,
    /// For each kind of update, the moves that place nodes.
    pub kinds: Vec<Vec<Move<R>>>,
    /// The kind of each update.
    pub kind_of: Vec<usize>,
    /// What is forgotten at the end of each epoch; the number of updates of an epoch comes first.
    pub forget: Option<(usize, Vec<Forget<R>>)>,
    /// The state in which everything is placed; `None` if it cannot be reached.
    pub end: Option<usize>,
}

/// Some nodes are placed at an update.
#[derive(Clone)]
pub(super) struct Move<R> {
    pub from: usize,
    pub to: usize,
    /// The number of ways to give the nodes slots, with 1/B for each.
    pub factor: R,
    /// The number of the nodes that are children of roots, with a training point and of weight decay.
    pub results: [usize; 2],
    /// The number of edges within the update.
    pub in_step: usize,
    /// For each open edge of the old state, its place among those of the new one; `None` if the edge ends here.
    pub stays: Vec<Option<usize>>,
    /// The new open edges, as places in the new state, and whether the child is of weight decay.
    pub opens: Vec<(usize, bool)>,
}

/// A state is replaced by an earlier one.
pub(super) struct Forget<R> {
    pub from: usize,
    pub to: usize,
    pub factor: R,
}

/// The sum over all ways from the start to the end.
pub(super) fn sweep<R: RationalAlgebra>(machine: &Machine<R>, kernel: &Kernel<R>) -> R {
    let Some(end) = machine.end else {
        return R::zero();
    };
    let channels = kernel.channels;
    let mut amounts: Vec<Vec<R>> = machine
        .open
        .iter()
        .map(|&open| vec![R::zero(); channels.pow(open as u32)])
        .collect();
    amounts[0][0] = R::one();
    let ways: Vec<Vec<Way>> = machine
        .kinds
        .iter()
        .map(|moves| moves.iter().map(|go| Way::new(go, channels)).collect())
        .collect();
    let (mut rest, mut moved) = (vec![], vec![]);
    for (t, update) in kernel.updates.iter().enumerate() {
        let kind = machine.kind_of[t];
        let mut moves = machine.kinds[kind].iter().zip(&ways[kind]).peekable();
        // Later states come first, so that a state is read before anything is added to it.
        for state in (0..amounts.len()).rev() {
            if let Some(carry) = &update.carry {
                let open = machine.open[state];
                carry_on(&mut amounts[state], open, carry, channels, &mut moved);
            }
            while let Some((go, way)) = moves.next_if(|(go, _)| go.to == state) {
                let (before, after) = amounts.split_at_mut(state);
                rest_of(go, way, update, &before[go.from], &mut rest);
                if let Some(carry) = &update.carry {
                    carry_on(&mut rest, way.stay, carry, channels, &mut moved);
                }
                add(go, way, update, &rest, &mut after[0]);
            }
        }
        if let Some((length, forget)) = &machine.forget
            && (t + 1).is_multiple_of(*length)
        {
            for change in forget {
                for at in 0..amounts[change.from].len() {
                    let amount = std::mem::replace(&mut amounts[change.from][at], R::zero());
                    amounts[change.to][at] += amount * change.factor.clone();
                }
            }
        }
    }
    amounts[end][0].clone()
}

/// The places of a move's numbers, which are the same at every update.
struct Way {
    /// For each number of the old state, its place among those of the edges that stay, and the channels of the edges that end.
    ends: Vec<(usize, Vec<usize>)>,
    /// For each number of the edges that stay, its place in the new state.
    places: Vec<usize>,
    /// For each choice of channels of the new edges, its distance in the new state, and the channels.
    starts: Vec<(usize, Vec<usize>)>,
    stay: usize,
}

impl Way {
    fn new<R>(go: &Move<R>, channels: usize) -> Self {
        let staying: Vec<usize> = go.stays.iter().copied().flatten().collect();
        let stay = staying.len();
        let digits = |mut number: usize, count: usize| {
            let mut digits = vec![];
            for _ in 0..count {
                digits.push(number % channels);
                number /= channels;
            }
            digits
        };
        let ends = (0..channels.pow(go.stays.len() as u32))
            .map(|number| {
                let digits = digits(number, go.stays.len());
                let (mut place, mut size, mut ending) = (0, 1, vec![]);
                for (&digit, stays) in digits.iter().zip(&go.stays) {
                    if stays.is_some() {
                        place += digit * size;
                        size *= channels;
                    } else {
                        ending.push(digit);
                    }
                }
                (place, ending)
            })
            .collect();
        let weight = |place: usize| channels.pow(place as u32);
        let places = (0..channels.pow(stay as u32))
            .map(|number| {
                let digits = digits(number, stay);
                let parts = digits.iter().zip(&staying);
                parts.map(|(digit, &place)| digit * weight(place)).sum()
            })
            .collect();
        let starts = (0..channels.pow(go.opens.len() as u32))
            .map(|number| {
                let digits = digits(number, go.opens.len());
                let parts = digits.iter().zip(&go.opens);
                let distance = parts
                    .map(|(digit, &(place, _))| digit * weight(place))
                    .sum();
                (distance, digits)
            })
            .collect();
        Way {
            ends,
            places,
            starts,
            stay,
        }
    }
}

/// What a move leaves of a state: the edges that end are read.
fn rest_of<R: RationalAlgebra>(
    go: &Move<R>,
    way: &Way,
    update: &Update<R>,
    from: &[R],
    rest: &mut Vec<R>,
) {
    let mut factor = go.factor.clone();
    let of_results = [&update.result, &update.result_decay];
    for (weight, &count) in of_results.into_iter().zip(&go.results) {
        for _ in 0..count {
            factor = factor * weight.clone();
        }
    }
    for _ in 0..go.in_step {
        factor = factor * update.in_step.clone();
    }
    rest.clear();
    rest.resize(way.places.len(), R::zero());
    if factor.is_zero() {
        return;
    }
    for (amount, (place, ending)) in from.iter().zip(&way.ends) {
        if amount.is_zero() {
            continue;
        }
        let mut read = amount.clone() * factor.clone();
        for &channel in ending {
            read = read * update.read[channel].clone();
        }
        rest[*place] += read;
    }
}

/// Adds what a move leaves of a state to another one, with the new open edges.
fn add<R: RationalAlgebra>(go: &Move<R>, way: &Way, update: &Update<R>, rest: &[R], to: &mut [R]) {
    for (amount, &place) in rest.iter().zip(&way.places) {
        if amount.is_zero() {
            continue;
        }
        for (distance, starting) in &way.starts {
            let mut written = amount.clone();
            for (&channel, &(_, decay)) in starting.iter().zip(&go.opens) {
                let write = if decay {
                    &update.write_decay
                } else {
                    &update.write
                };
                written = written * write[channel].clone();
            }
            to[place + distance] += written;
        }
    }
}

/// Moves all open edges by F.
fn carry_on<R: RationalAlgebra>(
    amounts: &mut [R],
    open: usize,
    carry: &[R],
    channels: usize,
    moved: &mut Vec<R>,
) {
    let mut stride = 1;
    for _ in 0..open {
        for block in amounts.chunks_exact_mut(stride * channels) {
            for start in 0..stride {
                moved.clear();
                for row in carry.chunks_exact(channels) {
                    let mut sum = R::zero();
                    for (weight, amount) in row.iter().zip(block[start..].iter().step_by(stride)) {
                        sum += weight.clone() * amount.clone();
                    }
                    moved.push(sum);
                }
                for (sum, amount) in moved
                    .drain(..)
                    .zip(block[start..].iter_mut().step_by(stride))
                {
                    *amount = sum;
                }
            }
        }
        stride *= channels;
    }
}
