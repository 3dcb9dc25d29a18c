//! Layers as lists of terms, in double precision.

use diagram_algebra::scalar::Scalar;
use diagram_algebra::weights::Weights;
use diagram_kernels::layers::{CoefficientPart, Convolution, Dense, GradientSink, Input, Patches};

use crate::algebras::Kind;

/// A layer of whatever kind.
pub(crate) trait Layer: std::fmt::Debug {
    fn weights(&self) -> usize;
    fn inputs(&self) -> usize;
    fn outputs(&self) -> usize;
    /// Which output has which input times which weight as a term.
    fn terms(&self) -> Vec<Term>;
    /// The position in θ of an output's bias.
    fn bias(&self, output: usize) -> usize;
    /// The fixed factors of weights and of biases: `√(2 / (outputs + weights of an output))`, where a bias is one weight.
    fn scales(&self) -> [f64; 2];
    fn forward<A: Scalar, W: Weights<A>, X: Input<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        x: &[X::Item],
        z: &mut [A],
    );
    fn weight_gradient<A: Scalar, X: Input<A>, S: GradientSink<A>>(
        &self,
        x: &[X::Item],
        dz: &[A],
        gradient: (&mut S, usize),
    );
    fn input_gradient<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        dz: &[A],
        dx: &mut [A],
    );
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub(crate) output: usize,
    pub(crate) input: usize,
    pub(crate) weight: usize,
}

macro_rules! passes {
    () => {
        fn forward<A: Scalar, W: Weights<A>, X: Input<A>, P: CoefficientPart<A>>(
            &self,
            theta: W,
            x: &[X::Item],
            z: &mut [A],
        ) {
            Self::forward::<A, W, X, P>(self, theta, x, z);
        }
        fn weight_gradient<A: Scalar, X: Input<A>, S: GradientSink<A>>(
            &self,
            x: &[X::Item],
            dz: &[A],
            gradient: (&mut S, usize),
        ) {
            Self::weight_gradient::<A, X, S>(self, x, dz, gradient);
        }
        fn input_gradient<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
            &self,
            theta: W,
            dz: &[A],
            dx: &mut [A],
        ) {
            Self::input_gradient::<A, W, P>(self, theta, dz, dx);
        }
    };
}

fn factor(outputs: usize, weights: usize) -> f64 {
    (2.0 / (outputs + weights) as f64).sqrt()
}

impl<const K: usize, const STRIDE: usize> Layer for Convolution<K, STRIDE> {
    fn weights(&self) -> usize {
        (self.inputs * K * K + 1) * self.outputs
    }
    fn inputs(&self) -> usize {
        self.inputs * self.side_in * self.side_in
    }
    fn outputs(&self) -> usize {
        self.outputs * self.side_out * self.side_out
    }
    fn terms(&self) -> Vec<Term> {
        let (side, out) = (self.side_in, self.side_out);
        let mut terms = vec![];
        for o in 0..self.outputs {
            for row in 0..out {
                for column in 0..out {
                    for c in 0..self.inputs {
                        for ky in 0..K {
                            for kx in 0..K {
                                terms.push(Term {
                                    output: (o * out + row) * out + column,
                                    input: (c * side + STRIDE * row + ky) * side
                                        + STRIDE * column
                                        + kx,
                                    weight: ((o * self.inputs + c) * K + ky) * K + kx,
                                });
                            }
                        }
                    }
                }
            }
        }
        terms
    }
    fn bias(&self, output: usize) -> usize {
        self.inputs * self.outputs * K * K + output / (self.side_out * self.side_out)
    }
    fn scales(&self) -> [f64; 2] {
        [self.inputs * K * K, 1].map(|weights| factor(self.outputs, weights))
    }
    passes!();
}

impl Layer for Dense {
    fn weights(&self) -> usize {
        (self.inputs + 1) * self.outputs
    }
    fn inputs(&self) -> usize {
        self.inputs
    }
    fn outputs(&self) -> usize {
        self.outputs
    }
    fn terms(&self) -> Vec<Term> {
        let inputs = self.inputs;
        (0..self.weights() - self.outputs)
            .map(|weight| Term {
                output: weight / inputs,
                input: weight % inputs,
                weight,
            })
            .collect()
    }
    fn bias(&self, output: usize) -> usize {
        self.inputs * self.outputs + output
    }
    fn scales(&self) -> [f64; 2] {
        [self.inputs, 1].map(|weights| factor(self.outputs, weights))
    }
    passes!();
}

impl Layer for Patches {
    fn weights(&self) -> usize {
        Patches::weights(self)
    }
    fn inputs(&self) -> usize {
        let last: usize = [self.groups, self.rows, self.columns]
            .iter()
            .zip(self.input_strides)
            .map(|(count, stride)| (count - 1) * stride)
            .sum();
        // Two numbers at the end that no patch reads.
        last + self.offsets.iter().max().unwrap() + 3
    }
    fn outputs(&self) -> usize {
        self.groups * self.outputs * self.rows * self.columns
    }
    fn terms(&self) -> Vec<Term> {
        let mut terms = vec![];
        for output in 0..self.groups * self.outputs {
            for row in 0..self.rows {
                for column in 0..self.columns {
                    for (entry, offset) in self.offsets.iter().enumerate() {
                        let [groups, rows, columns] = self.input_strides;
                        let first = output / self.outputs * groups + row * rows + column * columns;
                        let [outputs, rows, columns] = self.output_strides;
                        let [weights, entries] = self.weight_strides;
                        terms.push(Term {
                            output: output * outputs + row * rows + column * columns,
                            input: first + offset,
                            weight: output * weights + entry * entries,
                        });
                    }
                }
            }
        }
        terms
    }
    fn bias(&self, output: usize) -> usize {
        let [outputs, rows, _] = self.output_strides;
        let channel = if outputs == 1 {
            output % (rows / self.columns)
        } else {
            output / outputs
        };
        self.groups * self.outputs * self.offsets.len() + channel
    }
    fn scales(&self) -> [f64; 2] {
        self.scales
    }
    fn forward<A: Scalar, W: Weights<A>, X: Input<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        x: &[X::Item],
        z: &mut [A],
    ) {
        Patches::forward::<A, W, P>(self, theta, &lifted::<A, X>(x), z);
    }
    fn weight_gradient<A: Scalar, X: Input<A>, S: GradientSink<A>>(
        &self,
        x: &[X::Item],
        dz: &[A],
        gradient: (&mut S, usize),
    ) {
        Patches::weight_gradient::<A, S>(self, &lifted::<A, X>(x), dz, gradient, None);
    }
    fn input_gradient<A: Scalar, W: Weights<A>, P: CoefficientPart<A>>(
        &self,
        theta: W,
        dz: &[A],
        dx: &mut [A],
    ) {
        Patches::input_gradient::<A, W, P>(self, theta, dz, dx);
    }
}

/// Inputs of any kind as scalars.
fn lifted<A: Scalar, X: Input<A>>(x: &[X::Item]) -> Vec<A> {
    let lift = |x| {
        let mut scalar = A::constant(0.0);
        X::multiplied(&A::constant(1.0), x, &mut scalar);
        scalar
    };
    x.iter().map(lift).collect()
}

/// Sums of products, coefficient by coefficient.
#[derive(Clone, Debug)]
pub(crate) struct Sum {
    pub(crate) value: f64,
    /// The same sum of absolute values.
    pub(crate) size: f64,
    /// How many terms it has that are not 0.
    pub(crate) terms: usize,
}

impl Sum {
    fn add(&mut self, term: f64) {
        self.value += term;
        self.size += term.abs();
        self.terms += usize::from(term != 0.0);
    }
}

/// Which coefficients of two factors go to which coefficient of their product.
pub(crate) struct Products {
    coefficients: usize,
    triples: Vec<[usize; 3]>,
}

impl Products {
    pub(crate) fn of<K: Kind>() -> Self {
        let coefficients = K::Algebra::COEFFICIENTS;
        let pairs = (0..coefficients).flat_map(|i| (0..coefficients).map(move |j| (i, j)));
        Products {
            coefficients,
            triples: pairs
                .filter_map(|(i, j)| K::product(i, j).map(|k| [i, j, k]))
                .collect(),
        }
    }

    /// Adds `factor * a * b` to sums, one for each coefficient. Data have the first coefficient alone.
    fn add(&self, sums: &mut [Sum], factor: f64, a: &[f64], b: &[f64]) {
        for &[i, j, k] in &self.triples {
            if let (Some(a), Some(b)) = (a.get(i), b.get(j)) {
                sums[k].add(factor * a * b);
            }
        }
    }
}

/// A layer as nothing but its terms.
pub(crate) struct Listed {
    terms: Vec<Term>,
    /// The position in θ of each output's bias.
    biases: Vec<usize>,
    /// Numbers of weights and of inputs.
    weights: usize,
    inputs: usize,
    scales: [f64; 2],
}

impl Listed {
    pub(crate) fn new(layer: &impl Layer) -> Self {
        Listed {
            terms: layer.terms(),
            biases: (0..layer.outputs()).map(|o| layer.bias(o)).collect(),
            weights: layer.weights(),
            inputs: layer.inputs(),
            scales: layer.scales(),
        }
    }

    /// Forward and reverse: from coefficients of weights, inputs and adjoints of outputs in a lane to outputs, gradient and adjoints of inputs,
    /// `[number][coefficient]`.
    pub(crate) fn pass(
        &self,
        products: &Products,
        theta: &[Vec<f64>],
        x: &[Vec<f64>],
        dz: &[Vec<f64>],
    ) -> [Vec<Vec<Sum>>; 3] {
        let zero = Sum {
            value: 0.0,
            size: 0.0,
            terms: 0,
        };
        let zeros = |count: usize| vec![vec![zero.clone(); products.coefficients]; count];
        let mut outputs = zeros(self.biases.len());
        let mut gradient = zeros(self.weights);
        let mut inputs = zeros(self.inputs);
        let [weight_scale, bias_scale] = self.scales;
        for t in &self.terms {
            let (w, x, dz) = (&theta[t.weight], &x[t.input], &dz[t.output]);
            products.add(&mut outputs[t.output], weight_scale, w, x);
            products.add(&mut gradient[t.weight], weight_scale, dz, x);
            products.add(&mut inputs[t.input], weight_scale, w, dz);
        }
        for (output, &bias) in self.biases.iter().enumerate() {
            let (b, dz) = (&theta[bias], &dz[output]);
            products.add(&mut outputs[output], bias_scale, b, &[1.0]);
            products.add(&mut gradient[bias], bias_scale, dz, &[1.0]);
        }
        [outputs, gradient, inputs]
    }
}
