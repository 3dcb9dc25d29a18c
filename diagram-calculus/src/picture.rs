//! Pictures of diagrams and spacetimes, and what they mean in symbols and words.
//!
//! - A diagram is drawn as in section 1.2 of Tenka, *A Space-Time Approach to Analyzing SGD*: time runs from left to
//!   right, every node stands right of its children, the root rightmost. [`unicode`], [`svg`], [`tikz`] and [`dot`]
//!   take a [`Diagram`](crate::Diagram) or an [`Outlined`](crate::outline::Outlined) one; a [`Sketch`] carries
//!   names of nodes as well.
//! - A [`Scene`] is a grid of cells with [`Embedding`]s on it, legal or not, as in the paper's Figure 1. [`concrete`]
//!   makes the cells of a schedule.
//! - [`meaning`] writes a value as a tensor expression, and a diagram as a sentence.
//!
//! ```
//! use diagram_calculus::{Diagram, picture};
//!
//! // Two tied nodes carry the same letter.
//! let diagram: Diagram = "(01-02-13)(0-1-23)".parse()?;
//! assert_eq!(
//!     picture::unicode(&diagram),
//!     "\
//! ⓐ─────●──┐
//!          ├──●
//!       ⓐ──┘
//! "
//! );
//! # Ok::<(), diagram_calculus::diagram::NotationError>(())
//! ```

mod concrete;
mod dot;
mod embedding;
mod layout;
pub mod meaning;
mod scene;
mod search;
mod sketch;
mod svg;
mod tikz;
mod unicode;

pub use concrete::{ConcreteError, concrete};
pub use embedding::{Cell, Embedding, Illegal, WrongLength};
pub use scene::{MAX_EMBEDDINGS, Scene, SceneError};
pub use search::{Embeddings, MAX_STEPS, SearchTooLong};
pub use sketch::{NamesError, Sketch};

/// The most rows and the most columns that a spacetime may have to be drawn.
pub const MAX_SIDE: usize = 64;

/// A diagram in monospaced lines: [`Sketch::unicode`].
pub fn unicode(diagram: impl Into<Sketch>) -> String {
    diagram.into().unicode()
}

/// A diagram as a fragment of a web page: [`Sketch::svg`].
pub fn svg(diagram: impl Into<Sketch>) -> String {
    diagram.into().svg()
}

/// A diagram for LaTeX: [`Sketch::tikz`].
pub fn tikz(diagram: impl Into<Sketch>) -> String {
    diagram.into().tikz()
}

/// A diagram for Graphviz: [`Sketch::dot`].
pub fn dot(diagram: impl Into<Sketch>) -> String {
    diagram.into().dot()
}
