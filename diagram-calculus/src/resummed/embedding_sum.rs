//! Sums over all embeddings of one diagram.

mod alike;
mod cells;

use num_bigint::BigInt;
use num_rational::BigRational;

use super::ResummedDiagram;
use super::automaton::{BitSet, TermTree, members};
use super::course::{Course, Visits};
use super::number::Number;
use super::powers::Matrix;
use alike::Alike;
use cells::Cells;

/// The sum over the embeddings of a re-summed diagram of `Π x_e^(Δt_e - 1)` over its edges e and 1/B for each node of noise: a polynomial in the
/// factors x of the edges.
///
/// Where the root is noise, it sits on each row with weight 1/N. Under shuffling it is the expected sum.
///
/// ```
/// use diagram_calculus::coefficient::Parameters;
/// use diagram_calculus::measure::Measure;
/// use diagram_calculus::resummed::{Course, EmbeddingSum, ResummedDiagram};
/// use diagram_calculus::spacetime::{Parameter, Shuffle, Spacetime};
///
/// // Two noisy gradients of one datapoint, in SGD of a million steps: Σ_t (x²)^(T-t-1).
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

#[derive(Debug)]
enum Way<R> {
    /// There are fewer rows than parts.
    None,
    /// All updates alike.
    Alike(Alike<R>),
    /// Cells, one choice of places for the parts after the other.
    Cells(Cells<R>),
}

impl<R: Number> EmbeddingSum<R> {
    /// For one diagram and one course. Work and memory of what follows grow as four to the number of edges, and with the logarithm of T; where the same
    /// batches come again in several epochs, and on a grid, also as the number of batches (rows) to the number of parts of noise.
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

    /// The sum at the factors x of the edges; the i-th belongs to the edge from node i + 1 to its parent.
    ///
    /// # Panics
    /// If there is not one factor for each edge.
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

/// The products of the factors of each set of edges.
struct Passing<R>(Vec<R>);

impl<R: Number> Passing<R> {
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

/// An entry of an update's matrix.
#[derive(Clone, Debug)]
struct Link<R> {
    from: usize,
    to: usize,
    weight: R,
    passing: BitSet,
}

fn matrix<R: Number>(size: usize, links: &[Link<R>], passing: &Passing<R>) -> Matrix<R> {
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

fn unit<R: Number>(size: usize, at: usize) -> Vec<R> {
    let mut vector = vec![R::zero(); size];
    vector[at] = R::one();
    vector
}

/// n (n - 1) … of so many factors.
fn falling(n: u64, factors: usize) -> BigRational {
    let product: BigInt = (0..factors as u64)
        .map(|j| BigInt::from(n) - BigInt::from(j))
        .product();
    product.into()
}

fn power_of_reciprocal(n: u64, exponent: usize) -> BigRational {
    BigRational::from_integer(BigInt::from(n)).pow(-(exponent as i32))
}

fn size_of(set: BitSet) -> usize {
    members(set).count()
}
