//! Memory for lanes, and views of it as lanes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use diagram_algebra::exact::Exact;
use diagram_algebra::lanes::{InstructionSet, Isa, IsaOp, dispatch_to};
use diagram_algebra::scalar::{Element, Lanes, Scalar};
use diagram_algebra::slab::Slab;

/// A slab begins at a multiple of this many bytes.
const ALIGNMENT: usize = 64;

fn counted<T: Element>(length: usize) -> Vec<T> {
    (0..length).map(|i| T::constant(i as f64)).collect()
}

fn check_memory<T: Element>(aligned: bool) {
    for length in [0, 1, 7, 8, 16, 17, 1000] {
        let zeros = Slab::<T>::zeros(length);
        assert_eq!(&zeros[..], vec![T::constant(0.0); length]);
        let numbers = counted::<T>(length);
        let mut slab = Slab::from_numbers(&numbers);
        let copy = slab.clone();
        for number in slab.iter_mut() {
            *number = T::constant(-1.0);
        }
        assert_eq!(&slab[..], vec![T::constant(-1.0); length]);
        assert_eq!(&copy[..], numbers);
        if aligned {
            for slab in [&zeros, &slab, &copy] {
                assert!(slab.as_ptr().addr().is_multiple_of(ALIGNMENT));
            }
        }
    }
}

#[test]
fn slabs_hold_their_numbers_and_are_aligned() {
    check_memory::<f32>(true);
    check_memory::<f64>(true);
    // Rationals lie in no register.
    check_memory::<Exact>(false);
}

/// Views numbers as lanes and writes each lane of each register plus 1.
struct View<'a, T>(&'a mut [T]);

impl<T: Element> IsaOp for View<'_, T> {
    type Output = Vec<T>;
    fn run<I: Isa>(self) -> Vec<T> {
        let read: Vec<T> = <T::Wide<I>>::vectors(self.0)
            .iter()
            .flat_map(|lanes| (0..T::LANES).map(|lane| lanes.lane(lane)))
            .collect();
        for lanes in <T::Wide<I>>::vectors_mut(self.0) {
            *lanes += <T::Wide<I>>::constant(1.0);
        }
        read
    }
}

fn check_views<T: Element>() {
    for set in InstructionSet::on_this_machine() {
        for registers in [0, 1, 5] {
            let numbers = counted::<T>(registers * T::LANES);
            let mut slab = Slab::from_numbers(&numbers);
            assert_eq!(dispatch_to(set, View(&mut slab)), numbers, "{set}");
            let more: Vec<T> = numbers
                .iter()
                .map(|x| x.clone() + T::constant(1.0))
                .collect();
            assert_eq!(&slab[..], more, "{set}");
        }
        // A part that begins where a register does.
        let mut slab = Slab::from_numbers(&counted::<T>(3 * T::LANES));
        let rest = dispatch_to(set, View(&mut slab[T::LANES..]));
        assert_eq!(rest, counted::<T>(3 * T::LANES)[T::LANES..], "{set}");
        assert_eq!(slab[0], T::constant(0.0));
    }
}

#[test]
fn views_are_the_numbers_in_the_order_of_the_lanes() {
    check_views::<f32>();
    check_views::<f64>();
    check_views::<Exact>();
}

/// Only the view that is written.
struct Write<'a, T>(&'a mut [T]);

impl<T: Element> IsaOp for Write<'_, T> {
    type Output = usize;
    fn run<I: Isa>(self) -> usize {
        <T::Wide<I>>::vectors_mut(self.0).len()
    }
}

fn check_refusals<T: Element>() {
    let message = |view: &mut dyn FnMut()| {
        let panic = catch_unwind(AssertUnwindSafe(view)).expect_err("it must panic");
        let message = panic.downcast_ref::<&str>().map(ToString::to_string);
        message.expect("a message without arguments")
    };
    for set in InstructionSet::on_this_machine() {
        let mut slab = Slab::from_numbers(&counted::<T>(3 * T::LANES));
        let misaligned = 1..1 + T::LANES;
        let too_few = 0..T::LANES - 1;
        let too_many = 0..2 * T::LANES + 1;
        for (range, expected) in [
            (misaligned, "the memory of lanes must be aligned"),
            (
                too_few,
                "lanes are as many numbers as a register has, or a multiple",
            ),
            (
                too_many,
                "lanes are as many numbers as a register has, or a multiple",
            ),
        ] {
            let mut read = || drop(dispatch_to(set, View(&mut slab[range.clone()])));
            assert_eq!(message(&mut read), expected, "{set}");
            let mut written = || {
                dispatch_to(set, Write(&mut slab[range.clone()]));
            };
            assert_eq!(message(&mut written), expected, "{set}");
        }
        assert_eq!(&slab[..], counted::<T>(3 * T::LANES), "{set}");
    }
}

#[test]
fn numbers_that_are_no_lanes_are_refused() {
    check_refusals::<f32>();
    check_refusals::<f64>();
}
