diagrams::diagrams! {
    network Missing = input(784) -> dense(10) -> tanh;
    network Input = input(784);
    network Twice = input(784) -> dense(10) -> cross_entropy -> mean_squared;
    network Early = input(784) -> dense(10) -> cross_entropy -> dense(10) -> tanh;
    network Inside = input(784) -> residual { dense(784) -> cross_entropy } -> dense(10) -> cross_entropy;
    network Named = input(784) -> dense(10) -> loss: cross_entropy;
    network Single = input(784) -> dense(1) -> cross_entropy;
    network Binary = input(784) -> dense(2) -> binary_logistic;
    network Bare = input(784) -> cross_entropy;
    network Weightless = input(784) -> tanh -> cross_entropy;
}

fn main() {}
