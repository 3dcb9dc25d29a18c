//! Sums over all embeddings of a re-summed diagram.

mod alike;
mod cells;

use num_bigint::BigInt;
use num_rational::BigRational;

use super::ResummedDiagram;
use super::automaton::{BitSet, TermTree, members};
use super::course::{Course, Visits};
use super::powers::Matrix;
use super::rational_algebra::RationalAlgebra;
use alike::Alike;
use cells::Cells;

/// The sum, over the embeddings of a re-summed diagram into a course, of the product of `x_e^(Δt_e - 1)` over the edges e and of 1/B over the noise nodes
/// other than the root. It is a polynomial in the factors x of the edges.
///
/// If the root is a noise node, it is on any of the rows, with weight 1/N. If the schedule shuffles, this is the expectation of the sum.
///
/// ```
/// use diagram_calculus::coefficient::Parameters;
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::resummed::{Course, EmbeddingSum, ResummedDiagram};
/// use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
///
/// // Two noise gradients of one datapoint, in SGD with a million updates: Σ_t (x²)^(T-t-1).
/// let pair = ResummedDiagram::new(Measure::TestLoss, "(01-02)(0-12)".parse()?)?;
/// let one_epoch = Spacetime::sgd(
///     Parameter::Symbol("N".into()),
///     Parameter::Literal(1),
///     Parameter::Literal(1),
///     Shuffle::Never,
/// );
/// let steps = 1_000_000;
/// let course = Course::new(&one_epoch, &Parameters::new(steps, 1, 1)?)?;
/// let sum = EmbeddingSum::<f64>::new(&pair, &course);
/// let x: f64 = 1.0 - 1e-6;
/// let geometric = (1.0 - x.powi(2 * steps as i32)) / (1.0 - x * x);
/// assert!((sum.at(&[x, x]) / geometric - 1.0).abs() < 1e-8);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct EmbeddingSum<R> {
    edges: usize,
    way: Way<R>,
}

/// The way in which a sum is computed.
#[derive(Debug)]
enum Way<R> {
    /// The sum is 0, since there are fewer rows than parts.
    None,
    /// The sum over equivalent updates.
    Alike(Alike<R>),
    /// The sum over all choices of places for the parts.
    Cells(Cells<R>),
}

impl<R: RationalAlgebra> EmbeddingSum<R> {
    /// The sum for a diagram and a course. The work and memory of an evaluation grow as 4 to the power of the number of edges, and with the logarithm of T.
    /// For schedules with the same batches in several epochs, the work also grows as the number of batches to the power of the number of parts of noise
    /// nodes, and for grids, as the number of rows to this power.
    pub fn new(term: &ResummedDiagram, course: &Course) -> Self {
        let tree = TermTree::new(term.diagram());
        let way = match &course.visits {
            _ if course.train() < tree.part_count as u64 => Way::None,
            Visits::Alike {
                train,
                batch,
                epochs,
            } => Way::Alike(Alike::new(&tree, *train, *batch, *epochs)),
            Visits::Repeated {
                train,
                batch,
                epochs,
            } => Way::Cells(Cells::repeated(&tree, *train, *batch, *epochs)),
            Visits::Grid(grid) => Way::Cells(Cells::grid(&tree, grid)),
        };
        EmbeddingSum {
            edges: tree.nodes(),
            way,
        }
    }

    /// The value of the sum at the factors x of the edges, of which the i-th is that of the edge from node i + 1 to its parent.
    ///
    /// # Panics
    /// If the number of factors is not that of the edges.
    pub fn at(&self, factors: &[R]) -> R {
        assert_eq!(factors.len(), self.edges, "one factor for each edge");
        let passing = Passing::new(factors);
        match &self.way {
            Way::None => R::zero(),
            Way::Alike(alike) => alike.at(&passing),
            Way::Cells(cells) => cells.at(&passing),
        }
    }
}

/// The product of the factors of the edges, for each set of edges.
struct Passing<R>(Vec<R>);

impl<R: RationalAlgebra> Passing<R> {
    fn new(factors: &[R]) -> Self {
        let mut products = vec![R::one()];
        for factor in factors {
            let with: Vec<R> = products
                .iter()
                .map(|product| product.clone() * factor.clone())
                .collect();
            products.extend(with);
        }
        Passing(products)
    }

    fn of(&self, edges: BitSet) -> R {
        self.0[edges as usize].clone()
    }
}

/// A summand of an entry of the transition matrix of an update: a weight times the factors of the edges that pass.
#[derive(Clone, Debug)]
struct Link<R> {
    from: usize,
    to: usize,
    weight: R,
    passing: BitSet,
}

/// The transition matrix with these summands.
fn matrix<R: RationalAlgebra>(size: usize, links: &[Link<R>], passing: &Passing<R>) -> Matrix<R> {
    let mut matrix = Matrix::zero(size);
    for link in links {
        matrix.add(
            link.from,
            link.to,
            link.weight.clone() * passing.of(link.passing),
        );
    }
    matrix
}

/// The unit vector with a 1 at the index `at`.
fn unit<R: RationalAlgebra>(size: usize, at: usize) -> Vec<R> {
    let mut vector = vec![R::zero(); size];
    vector[at] = R::one();
    vector
}

/// The falling factorial n (n - 1) … with the given number of factors.
fn falling(n: u64, factors: usize) -> BigRational {
    let product: BigInt = (0..factors as u64)
        .map(|j| BigInt::from(n) - BigInt::from(j))
        .product();
    product.into()
}

/// The power of 1/n with this exponent.
fn power_of_reciprocal(n: u64, exponent: usize) -> BigRational {
    BigRational::from_integer(BigInt::from(n)).pow(-(exponent as i32))
}

/// The number of elements of a set.
fn size_of(set: BitSet) -> usize {
    members(set).count()
}
