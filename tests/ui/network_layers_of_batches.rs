diagrams::diagrams! {
    network Normalized = input(1, 28, 28) -> conv(8, kernel: 3) -> batch_norm -> dense(10) -> cross_entropy;
    network Dropped = input(784) -> dense(32) -> tanh -> dropout(0.5) -> dense(10) -> cross_entropy;
    network Twice = input(784) -> dense(10) -> softmax -> cross_entropy;
}

fn main() {}
