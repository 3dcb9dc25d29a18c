diagrams::diagrams! {
    network Missing = input(1, 28, 28) -> conv(8) -> dense -> cross_entropy;
    network Unnamed = input(1, 28, 28) -> conv(8, 3) -> attention(2) -> dense(10, 3) -> cross_entropy;
    network Named = input(784) -> dense(outputs: 10) -> cross_entropy;
    network Misspelt = input(1, 28, 28) -> conv(8, kernal: 3, padding: 1) -> dense(10, axis: 1) -> cross_entropy;
    network Repeated = input(1, 28, 28) -> conv(8, kernel: 3, kernel: 5) -> dense(10) -> cross_entropy;
    network Empty = input(1, 28, 28) -> conv(8, kernel:, stride: 2) -> dense(10,, bias: false) -> cross_entropy;
    network Separated = input(1, 28, 28) -> conv(8 kernel = 3) -> dense[10] -> cross_entropy;
    network Superfluous = input(784) -> tanh(2) -> dense(10) -> cross_entropy(10);
}

fn main() {}
