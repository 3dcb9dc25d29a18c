//! Memory for activations and adjoints that is reused within a thread, because every run of a network needs tens of kilobytes of it for a short time.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::HashMap;

use crate::scalar::Scalar;

thread_local! {
    static POOL: RefCell<HashMap<TypeId, Vec<Box<dyn Any>>>> = RefCell::new(HashMap::new());
}

/// Calls `f` with `length` scalars of unspecified values.
#[inline(always)]
pub(crate) fn with<A: Scalar, R>(length: usize, f: impl FnOnce(&mut [A]) -> R) -> R {
    let mut buffer = take::<A>();
    let result = f(grown(&mut buffer, length));
    give(buffer);
    result
}

/// The first `length` scalars of a buffer, which is first extended with zeros if it is shorter.
pub(super) fn grown<A: Scalar>(buffer: &mut Vec<A>, length: usize) -> &mut [A] {
    if buffer.len() < length {
        buffer.resize(length, A::constant(0.0));
    }
    &mut buffer[..length]
}

/// Takes a buffer from the pool of this thread, or makes an empty one. Its contents are those of its last use.
pub(super) fn take<A: Scalar>() -> Vec<A> {
    let any = POOL.with_borrow_mut(|pool| pool.get_mut(&TypeId::of::<A>()).and_then(Vec::pop));
    any.and_then(|any| any.downcast::<Vec<A>>().ok())
        .map_or_else(Vec::new, |buffer| *buffer)
}

/// Returns a buffer to the pool of this thread.
pub(super) fn give<A: Scalar>(buffer: Vec<A>) {
    POOL.with_borrow_mut(|pool| {
        pool.entry(TypeId::of::<A>())
            .or_default()
            .push(Box::new(buffer));
    });
}
