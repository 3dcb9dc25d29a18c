//! Landscapes with weights, data and directions, and what is computed of them in several tests.

use diagram_algebra::scalar::Element;
use diagram_cuda::DeviceLandscape;
use diagram_kernels::derivatives::{DerivativeOutput, Derivatives, Direction, Pass};
use diagram_kernels::graph::{Expression, Graph};
use diagram_kernels::landscape::Landscape;
use diagram_kernels::landscapes::{lenet, logistic};
use diagram_kernels::network::NetworkLandscape;
use diagram_kernels::networks::{
    Activation, Attention, Convolution, Declaration, Dense, Layer, Loss, Network, Parametrization,
    Shape,
};
use diagram_kernels::samples::Samples;

/// Numbers from a seed, in the way of `SplitMix64`: sums of uniform ones, with mean 0 and variance 1.
pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut uniform = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let normal = |_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    (0..count).map(normal).collect()
}

/// Losses and products with Hessians of all samples.
pub(crate) fn losses_and_products<T: Element + Copy>(derivatives: &dyn Derivatives<T>) -> Vec<f64> {
    let (samples, dimension) = (derivatives.samples(), derivatives.dimension());
    let mut losses = vec![T::constant(0.0); samples];
    derivatives.losses(0..samples, &mut losses).expect("losses");
    let direction: Vec<T> = numbers(dimension, 3).into_iter().map(T::constant).collect();
    let mut rows = vec![T::constant(0.0); samples * dimension];
    let output = DerivativeOutput {
        powers: &[1],
        per_sample: Some(&mut rows),
        sum: None,
    };
    let pass = Pass {
        directions: vec![Direction::Shared(&direction)],
        outputs: vec![output],
    };
    derivatives.pass(0..samples, pass).expect("a pass");
    losses.iter().chain(&rows).map(Element::to_f64).collect()
}

/// A landscape with weights and samples.
pub(crate) struct Problem {
    pub(crate) name: &'static str,
    pub(crate) landscape: DeviceLandscape,
    pub(crate) theta: Vec<f64>,
    pub(crate) samples: Samples<f64>,
}

impl Problem {
    pub(crate) fn dimension(&self) -> usize {
        self.theta.len()
    }

    fn of_graph(name: &'static str, graph: Graph, count: usize) -> Problem {
        let (dimension, width) = (graph.dimension(), graph.input_width());
        Problem {
            name,
            landscape: graph.into(),
            theta: numbers(dimension, 1),
            samples: Samples::new(width, numbers(count * width, 2)).expect("rows"),
        }
    }

    fn of_network(name: &'static str, network: NetworkLandscape, count: usize) -> Problem {
        let (dimension, width) = (network.dimension(), network.input_width());
        let inputs = network.network().input_shape();
        let mut data = numbers(count * width, 2);
        for (at, row) in data.chunks_mut(width).enumerate() {
            let (x, label) = row.split_at_mut(inputs.len());
            if let Shape::Tokens(_) = inputs {
                for (place, token) in x.iter_mut().enumerate() {
                    *token = ((at + 3 * place) % 4) as f64;
                }
            }
            for (class, y) in label.iter_mut().enumerate() {
                *y = f64::from(u8::from(class == at % network.network().label_width()));
            }
        }
        Problem {
            name,
            landscape: network.into(),
            theta: numbers(dimension, 1),
            samples: Samples::new(width, data).expect("rows"),
        }
    }
}

/// A perceptron with one hidden layer, and two weights without effect.
pub(crate) fn perceptron(inputs: usize, hidden: usize) -> Graph {
    let weights = (inputs + 2) * hidden + 2;
    Graph::of(weights, inputs + 1, |w, x| {
        let mut output = Expression::from(0.0);
        for unit in 0..hidden {
            let own = &w[unit * (inputs + 2)..][..inputs + 2];
            let z: Expression =
                (0..inputs).map(|i| own[i] * x[i]).sum::<Expression>() + own[inputs];
            output += own[inputs + 1] * z.tanh();
        }
        (output - x[inputs]).square() * 0.5
    })
    .expect("a graph")
}

/// A loss with every operation and function.
pub(crate) fn everything() -> Graph {
    Graph::piecewise(4, 2, |w, x| {
        let a = (w[0] * x[0] + w[1]).tanh() / (w[2].exp() + 1.5);
        let b = (w[3].square() + 0.5).ln() - (w[1] * x[1]).sin() + w[0].cos();
        let c = (w[2].square() + 1.0).sqrt().powf(1.5) * w[3].erf() - w[0].sigmoid();
        let d = w[1].softplus() + w[3].relu() * w[2].abs() + w[1].log_add_exp(w[2] * x[0]);
        let e = w[0].max(w[3]) + (w[2] - w[0]).relu() + (-w[3]).max(x[1]) * (-w[0]).abs();
        let f = 2.0 / w[0].exp() - x[0].exp() / 3.0 + x[1].max(x[0]) * (1.0 - w[1]);
        a * b + c.square() - d / (e.square() + 2.0) + -f
    })
    .expect("a graph")
}

/// Networks with all layers and losses, in several places.
fn networks() -> [(&'static str, Declaration, Loss); 6] {
    [
        (
            "convolution and penalties",
            Network::input(Shape::image(2, 9, 9))
                .then(Convolution::new(3, 5).stride(2))
                .then(Activation::Tanh)
                .then(Dense::new(3).without_bias())
                .then(Activation::Tanh)
                .then(Dense::new(2))
                .l2(0.25)
                .l2_of(0.5, ["2"]),
            Loss::CrossEntropy,
        ),
        (
            "groups, padding, residual, pool and norm",
            Network::input(Shape::image(2, 4, 6))
                .then(Convolution::new(4, 3).padding(1).groups(2))
                .then(Activation::Gelu)
                .then(Layer::residual([
                    Convolution::new(4, 3).padding(1).without_bias().into(),
                    Activation::Tanh.into(),
                    Convolution::new(4, 1).into(),
                ]))
                .then(Activation::Tanh)
                .then(Layer::average_pool(2))
                .then(Layer::layer_norm())
                .then(Dense::new(2))
                .then(Activation::Sigmoid),
            Loss::MeanSquared,
        ),
        (
            "scale",
            Network::input(Shape::Vector(4))
                .then(Layer::residual([
                    Dense::new(4).into(),
                    Activation::Silu.into(),
                ]))
                .then(Layer::scale())
                .then(Activation::Sine)
                .then(Dense::new(1))
                .parametrization(Parametrization::Standard),
            Loss::BinaryLogistic,
        ),
        (
            "attention",
            Network::input(Shape::sequence(3, 4))
                .then(Layer::residual([
                    Layer::layer_norm(),
                    Attention::new(2).causal().into(),
                ]))
                .then(Dense::new(5))
                .then(Activation::Softplus)
                .then(Layer::average_pool(3))
                .then(Layer::flatten())
                .then(Activation::Tanh),
            Loss::CrossEntropy,
        ),
        (
            "embedding",
            Network::input(Shape::Tokens(3))
                .then(Layer::embedding(4, 3))
                .then(Activation::Tanh)
                .then(Attention::new(1).without_bias())
                .then(Dense::new(2)),
            Loss::Poisson,
        ),
        (
            "strided pixels",
            Network::input(Shape::image(3, 5, 7))
                .then(Convolution::new(4, 1).stride(2))
                .then(Activation::Tanh)
                .then(Convolution::new(2, 3))
                .then(Activation::Tanh)
                .then(Dense::new(3)),
            Loss::CrossEntropy,
        ),
    ]
}

/// Problems that are small enough for an emulated device.
pub(crate) fn all() -> Vec<Problem> {
    let mut problems = vec![
        Problem::of_graph("every function", everything(), 5),
        Problem::of_graph("perceptron", perceptron(3, 4), 70),
        // More operations than straight-line code has.
        Problem::of_graph("large perceptron", perceptron(20, 60), 3),
        Problem::of_network("LeNet", lenet(1, 28), 2),
        Problem::of_network("logistic", logistic(49), 3),
    ];
    for (name, declaration, loss) in networks() {
        let network = declaration.loss(loss).expect("a network");
        problems.push(Problem::of_network(
            name,
            NetworkLandscape::new(&network),
            3,
        ));
    }
    problems
}

/// A small problem with many samples.
pub(crate) fn many(count: usize) -> Problem {
    Problem::of_graph("perceptron", perceptron(3, 4), count)
}

/// A small network.
pub(crate) fn small_network(count: usize) -> Problem {
    let [(name, declaration, loss), ..] = networks();
    let network = declaration.loss(loss).expect("a network");
    Problem::of_network(name, NetworkLandscape::new(&network), count)
}

/// Logistic regression.
pub(crate) fn logistic_regression(count: usize) -> Problem {
    Problem::of_network("logistic", logistic(9), count)
}
