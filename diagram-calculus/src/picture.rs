//! Pictures of diagrams and spacetimes, and descriptions of diagrams in formulas and words.
//!
//! - A diagram is drawn as in section 1.2 of Tenka, *A Space-Time Approach to Analyzing SGD*: time runs from left to right, so that every node is to the
//!   right of its children and the root is rightmost. [`unicode`], [`svg`], [`tikz`] and [`dot`] take a [`Diagram`](crate::Diagram) or an
//!   [`Outlined`](crate::outline::Outlined) one. A [`Sketch`] also has names of nodes.
//! - A [`Scene`] is a grid of cells with [`Embedding`]s on it, legal or illegal, as in Figure 1 of the paper. [`concrete`] gives the cells of a schedule.
//! - [`meaning`] writes a value as a tensor expression, and a diagram as a sentence.
//!
//! ```
//! use diagram_calculus::{Diagram, picture};
//!
//! // Tied nodes have the same letter.
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

/// The largest number of rows and of columns of a spacetime that is drawn.
pub const MAX_SIDE: usize = 64;

/// A diagram as lines of monospaced text: see [`Sketch::unicode`].
pub fn unicode(diagram: impl Into<Sketch>) -> String {
    diagram.into().unicode()
}

/// A diagram as an SVG element: see [`Sketch::svg`].
pub fn svg(diagram: impl Into<Sketch>) -> String {
    diagram.into().svg()
}

/// A diagram as a `TikZ` picture for LaTeX: see [`Sketch::tikz`].
pub fn tikz(diagram: impl Into<Sketch>) -> String {
    diagram.into().tikz()
}

/// A diagram in the DOT language of Graphviz: see [`Sketch::dot`].
pub fn dot(diagram: impl Into<Sketch>) -> String {
    diagram.into().dot()
}
