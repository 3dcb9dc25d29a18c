//! Every operation of every algebra, and the memory of lanes.

mod scalars;
mod slab;
