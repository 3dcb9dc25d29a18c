//! Every operation of every algebra, and the memory of lanes.

mod precise;
mod scalars;
mod slab;
mod smooth;
